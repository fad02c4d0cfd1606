// SPDX-License-Identifier: MIT
// The C library: texts that are copied, compared and searched. Letters are those of ASCII, as in
// the kernel's C locale.

#include "kernel/crt/crt_unit.h"

#define NO_LIMIT UINT64_MAX

static uint64_t arg(const struct ks_kernel_call *call, unsigned index)
{
    return call->arguments[index];
}

static uint16_t lower(uint16_t unit)
{
    return unit >= 'A' && unit <= 'Z' ? (uint16_t)(unit + 0x20) : unit;
}

static uint16_t upper(uint16_t unit)
{
    return unit >= 'a' && unit <= 'z' ? (uint16_t)(unit - 0x20) : unit;
}

// ---- copying ----

static void copy_units(uint64_t to, uint64_t from, uint64_t count, unsigned size)
{
    for (uint64_t i = 0; i < count; i++) {
        ks_unit_put(to, i, size, ks_unit_get(from, i, size));
    }
}

static uint64_t copy(const struct ks_kernel_call *call, unsigned size)
{
    copy_units(arg(call, 0), arg(call, 1), ks_unit_length(arg(call, 1), NO_LIMIT, size) + 1, size);
    return arg(call, 0);
}

// Fills up with ends; adds none when the text is as long as the count.
static uint64_t copy_counted(const struct ks_kernel_call *call, unsigned size)
{
    uint64_t length = ks_unit_length(arg(call, 1), arg(call, 2), size);
    copy_units(arg(call, 0), arg(call, 1), length, size);
    for (uint64_t i = length; i < arg(call, 2); i++) {
        ks_unit_put(arg(call, 0), i, size, 0);
    }
    return arg(call, 0);
}

static void append(const struct ks_kernel_call *call, uint64_t most, unsigned size)
{
    uint64_t end = arg(call, 0) + size * ks_unit_length(arg(call, 0), NO_LIMIT, size);
    uint64_t length = ks_unit_length(arg(call, 1), most, size);
    copy_units(end, arg(call, 1), length, size);
    ks_unit_put(end, length, size, 0);
}

static uint64_t cat(const struct ks_kernel_call *call, unsigned size)
{
    append(call, NO_LIMIT, size);
    return arg(call, 0);
}

static uint64_t cat_counted(const struct ks_kernel_call *call, unsigned size)
{
    append(call, arg(call, 2), size);
    return arg(call, 0);
}

// ---- comparing ----

static uint64_t compare(const struct ks_kernel_call *call, uint64_t most, bool fold, unsigned size)
{
    for (uint64_t i = 0; i < most; i++) {
        uint16_t a = ks_unit_get(arg(call, 0), i, size), b = ks_unit_get(arg(call, 1), i, size);
        a = fold ? lower(a) : a;
        b = fold ? lower(b) : b;
        if (a != b) {
            return a < b ? (uint32_t)-1 : 1;
        }
        if (a == 0) {
            break;
        }
    }
    return 0;
}

static uint64_t cmp(const struct ks_kernel_call *call, unsigned size)
{
    return compare(call, NO_LIMIT, false, size);
}

static uint64_t cmp_counted(const struct ks_kernel_call *call, unsigned size)
{
    return compare(call, arg(call, 2), false, size);
}

static uint64_t icmp(const struct ks_kernel_call *call, unsigned size)
{
    return compare(call, NO_LIMIT, true, size);
}

static uint64_t icmp_counted(const struct ks_kernel_call *call, unsigned size)
{
    return compare(call, arg(call, 2), true, size);
}

// ---- searching ----

static uint64_t length(const struct ks_kernel_call *call, unsigned size)
{
    return ks_unit_length(arg(call, 0), NO_LIMIT, size);
}

static uint64_t length_counted(const struct ks_kernel_call *call, unsigned size)
{
    return ks_unit_length(arg(call, 0), arg(call, 1), size);
}

static uint64_t search(const struct ks_kernel_call *call, bool last, unsigned size)
{
    uint16_t wanted = size == 2 ? (uint16_t)arg(call, 1) : (uint8_t)arg(call, 1);
    uint64_t found = 0;
    for (uint64_t i = 0;; i++) {
        uint16_t unit = ks_unit_get(arg(call, 0), i, size);
        if (unit == wanted) {
            found = arg(call, 0) + size * i;
            if (!last) {
                return found;
            }
        }
        if (unit == 0) {
            return found;
        }
    }
}

static uint64_t chr(const struct ks_kernel_call *call, unsigned size)
{
    return search(call, false, size);
}

static uint64_t rchr(const struct ks_kernel_call *call, unsigned size)
{
    return search(call, true, size);
}

static uint64_t part(const struct ks_kernel_call *call, unsigned size)
{
    uint64_t text = arg(call, 0), wanted = arg(call, 1);
    for (;; text += size) {
        uint64_t i = 0;
        while (ks_unit_get(wanted, i, size) != 0 &&
               ks_unit_get(wanted, i, size) == ks_unit_get(text, i, size)) {
            i++;
        }
        if (ks_unit_get(wanted, i, size) == 0) {
            return text;
        }
        if (ks_unit_get(text, 0, size) == 0) {
            return 0;
        }
    }
}

// How many units from the beginning are, or are not, of a set.
static uint64_t span_of(const struct ks_kernel_call *call, bool of, unsigned size)
{
    uint64_t count = 0;
    for (uint16_t unit; (unit = ks_unit_get(arg(call, 0), count, size)) != 0; count++) {
        uint64_t i = 0;
        while (ks_unit_get(arg(call, 1), i, size) != 0 &&
               ks_unit_get(arg(call, 1), i, size) != unit) {
            i++;
        }
        if ((ks_unit_get(arg(call, 1), i, size) == unit) != of) {
            break;
        }
    }
    return count;
}

static uint64_t spn(const struct ks_kernel_call *call, unsigned size)
{
    return span_of(call, true, size);
}

// ---- changing ----

static uint64_t lwr(const struct ks_kernel_call *call, unsigned size)
{
    for (uint64_t i = 0; ks_unit_get(arg(call, 0), i, size) != 0; i++) {
        ks_unit_put(arg(call, 0), i, size, lower(ks_unit_get(arg(call, 0), i, size)));
    }
    return arg(call, 0);
}

static uint64_t upr(const struct ks_kernel_call *call, unsigned size)
{
    for (uint64_t i = 0; ks_unit_get(arg(call, 0), i, size) != 0; i++) {
        ks_unit_put(arg(call, 0), i, size, upper(ks_unit_get(arg(call, 0), i, size)));
    }
    return arg(call, 0);
}

static uint64_t rev(const struct ks_kernel_call *call, unsigned size)
{
    uint64_t count = ks_unit_length(arg(call, 0), NO_LIMIT, size);
    for (uint64_t i = 0; i < count / 2; i++) {
        uint16_t unit = ks_unit_get(arg(call, 0), i, size);
        ks_unit_put(arg(call, 0), i, size, ks_unit_get(arg(call, 0), count - 1 - i, size));
        ks_unit_put(arg(call, 0), count - 1 - i, size, unit);
    }
    return arg(call, 0);
}

// clang-format off
KS_CRT_PAIR(copy)
KS_CRT_PAIR(copy_counted)
KS_CRT_PAIR(cat)
KS_CRT_PAIR(cat_counted)
KS_CRT_PAIR(cmp)
KS_CRT_PAIR(cmp_counted)
KS_CRT_PAIR(icmp)
KS_CRT_PAIR(icmp_counted)
KS_CRT_PAIR(length)
KS_CRT_PAIR(length_counted)
KS_CRT_PAIR(chr)
KS_CRT_PAIR(rchr)
KS_CRT_PAIR(part)
KS_CRT_PAIR(spn)
KS_CRT_PAIR(lwr)
KS_CRT_PAIR(upr)
KS_CRT_PAIR(rev)
// clang-format on

uint64_t ks_crt_wcs_cspn(const struct ks_kernel_call *call)
{
    return span_of(call, false, 2);
}

uint64_t ks_crt_tolower(const struct ks_kernel_call *call)
{
    return (uint32_t)arg(call, 0) < 0x80 ? lower((uint16_t)arg(call, 0)) : (uint32_t)arg(call, 0);
}

uint64_t ks_crt_toupper(const struct ks_kernel_call *call)
{
    return (uint32_t)arg(call, 0) < 0x80 ? upper((uint16_t)arg(call, 0)) : (uint32_t)arg(call, 0);
}

// The same, and 0 for no text at all.
uint64_t ks_crt_strnlen_s(const struct ks_kernel_call *call)
{
    return arg(call, 0) != 0 ? length_counted(call, 1) : 0;
}
