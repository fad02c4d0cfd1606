// SPDX-License-Identifier: MIT
// FsRtl: names of files with wild cards, as file systems and filters compare them.
//
// The expression is an automaton whose state is the set of places in it that the name read so far
// can lead to; so the time is the product of both lengths at most, whatever the expression.

#include "kernel/functions.h"
#include "kernel/rtl/rtl_text.h"

#include <kldr/ddk/ntddk.h>

#include <string.h>

#define UNITS 0x8000u // more than a counted string has

struct places {
    uint8_t bits[UNITS / 8 + 1];
};

struct match {
    const UNICODE_STRING *expression;
    unsigned end; // place behind the expression
    uint64_t upcase;
    bool fold;
};

static uint16_t unit_of(const UNICODE_STRING *text, unsigned index)
{
    return ks_guest_u16((uint64_t)(uintptr_t)text->Buffer + 2 * (uint64_t)index);
}

static bool is_wild(uint16_t unit)
{
    return unit == '*' || unit == '?' || unit == DOS_STAR || unit == DOS_QM || unit == DOS_DOT;
}

// FsRtlDoesNameContainWildCards(Name)
uint64_t ks_fsrtl_name_has_wild_cards(const struct ks_kernel_call *call)
{
    const UNICODE_STRING name = *(const UNICODE_STRING *)ks_guest_pointer(call->arguments[0]);
    for (unsigned i = 0; i < name.Length / 2u; i++) {
        if (is_wild(unit_of(&name, i))) {
            return TRUE;
        }
    }
    return FALSE;
}

static bool has(const struct places *places, unsigned at)
{
    return (places->bits[at / 8] >> at % 8 & 1) != 0;
}

static void add(struct places *places, unsigned at)
{
    places->bits[at / 8] |= (uint8_t)(1u << at % 8);
}

// What may stand for nothing leads on to the next place. next: the name's next unit; 0: its end.
static void skip_empty(const struct match *match, struct places *places, uint16_t next)
{
    for (unsigned at = 0; at < match->end; at++) {
        uint16_t unit = has(places, at) ? unit_of(match->expression, at) : 0;
        if (unit == '*' || unit == DOS_STAR || (unit == DOS_DOT && next == 0) ||
            (unit == DOS_QM && (next == 0 || next == '.'))) {
            add(places, at + 1);
        }
    }
}

// One unit of the name. last_dot: it is the last dot of it, which DOS_STAR does not go over.
static void read_unit(const struct match *match, const struct places *from, uint16_t unit,
                      bool last_dot, struct places *to)
{
    memset(to->bits, 0, match->end / 8 + 1);
    for (unsigned at = 0; at < match->end; at++) {
        uint16_t wanted = has(from, at) ? unit_of(match->expression, at) : 0;
        if (wanted == '*' || (wanted == DOS_STAR && !last_dot)) {
            add(to, at);
        } else if (wanted != 0 &&
                   (wanted == unit || wanted == '?' || (wanted == DOS_QM && unit != '.') ||
                    (wanted == DOS_DOT && unit == '.'))) {
            add(to, at + 1);
        }
    }
}

static uint16_t folded(const struct match *match, uint16_t unit)
{
    if (!match->fold) {
        return unit;
    }
    return match->upcase != 0 ? ks_guest_u16(match->upcase + 2 * (uint64_t)unit)
                              : ks_rtl_upcase(unit);
}

static unsigned last_dot_of(const UNICODE_STRING *name)
{
    unsigned at = name->Length / 2u;
    while (at > 0 && unit_of(name, at - 1) != '.') {
        at--;
    }
    return at; // behind it; 0: there is none
}

static bool matches(const struct match *match, const UNICODE_STRING *name)
{
    struct places sets[2];
    unsigned length = name->Length / 2u, last_dot = last_dot_of(name);
    memset(sets[0].bits, 0, match->end / 8 + 1);
    add(&sets[0], 0);
    for (unsigned i = 0; i < length; i++) {
        uint16_t unit = folded(match, unit_of(name, i));
        skip_empty(match, &sets[i % 2], unit);
        read_unit(match, &sets[i % 2], unit, i + 1 == last_dot, &sets[(i + 1) % 2]);
    }
    skip_empty(match, &sets[length % 2], 0);
    return has(&sets[length % 2], match->end);
}

// FsRtlIsNameInExpression(Expression, Name, IgnoreCase, UpcaseTable): when case is to be ignored
// the expression is in upper case already.
uint64_t ks_fsrtl_name_is_in_expression(const struct ks_kernel_call *call)
{
    const uint64_t *a = call->arguments;
    const UNICODE_STRING expression = *(const UNICODE_STRING *)ks_guest_pointer(a[0]);
    const UNICODE_STRING name = *(const UNICODE_STRING *)ks_guest_pointer(a[1]);
    const struct match match = {&expression, expression.Length / 2u, a[3], (a[2] & 0xFF) != 0};
    if (expression.Length < 2 || name.Length < 2) {
        return expression.Length < 2 && name.Length < 2;
    }
    return matches(&match, &name);
}
