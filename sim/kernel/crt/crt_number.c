// SPDX-License-Identifier: MIT
// The C library: numbers from texts and back, kinds of characters, random numbers, sorting.

#include "kernel/crt/crt_unit.h"
#include "kernel/nt.h"

#define BIT_32 UINT64_C(0x80000000)

static bool is_space(uint16_t unit)
{
    return unit == ' ' || (unit >= '\t' && unit <= '\r');
}

static unsigned digit_of(uint16_t unit)
{
    uint16_t letter = unit | 0x20u;
    return unit >= '0' && unit <= '9'       ? unit - (unsigned)'0'
           : letter >= 'a' && letter <= 'z' ? letter - (unsigned)'a' + 10
                                            : 99;
}

// ---- numbers from texts ----

// A long has 32 bits; what is too large wraps, as atoi is documented to leave it open.
static uint64_t to_long(const struct ks_kernel_call *call, unsigned size)
{
    uint64_t at = 0, text = call->arguments[0];
    while (is_space(ks_unit_get(text, at, size))) {
        at++;
    }
    uint16_t sign = ks_unit_get(text, at, size);
    at += sign == '-' || sign == '+';
    uint32_t value = 0;
    for (unsigned digit; (digit = digit_of(ks_unit_get(text, at, size))) < 10; at++) {
        value = value * 10 + digit;
    }
    return sign == '-' ? (uint32_t)(0u - value) : value;
}
// clang-format off
KS_CRT_PAIR(to_long)
// clang-format on

// (text, end or NULL, base): what does not fit is ULONG_MAX.
uint64_t ks_crt_wcs_to_ulong(const struct ks_kernel_call *call)
{
    uint64_t text = call->arguments[0], at = 0, value = 0;
    uint32_t base = (uint32_t)call->arguments[2];
    while (is_space(ks_unit_get(text, at, 2))) {
        at++;
    }
    uint16_t sign = ks_unit_get(text, at, 2);
    at += sign == '-' || sign == '+';
    bool zero = ks_unit_get(text, at, 2) == '0';
    bool hex = zero && (ks_unit_get(text, at + 1, 2) | 0x20u) == 'x' &&
               digit_of(ks_unit_get(text, at + 2, 2)) < 16;
    base = base != 0 ? base : hex ? 16 : zero ? 8 : 10;
    at += hex && base == 16 ? 2 : 0;
    uint64_t first = at;
    for (unsigned digit; (digit = digit_of(ks_unit_get(text, at, 2))) < base; at++) {
        value = value > UINT32_MAX ? value : value * base + digit;
    }
    if (call->arguments[1] != 0) {
        ks_guest_put_number(call->arguments[1], 8, text + 2 * (at > first ? at : 0));
    }
    return value > UINT32_MAX ? UINT32_MAX : sign == '-' ? (uint32_t)(0 - value) : value;
}

// ---- texts from numbers ----

// (value, buffer, base): a minus sign in base 10 only.
static uint64_t from_long(const struct ks_kernel_call *call, unsigned size)
{
    uint32_t value = (uint32_t)call->arguments[0], base = (uint32_t)call->arguments[2];
    uint64_t buffer = call->arguments[1], at = 0;
    char reversed[32];
    unsigned count = 0;
    if (base < 2 || base > 36) {
        ks_unit_put(buffer, 0, size, 0);
        return buffer;
    }
    if (base == 10 && (value & BIT_32) != 0) {
        ks_unit_put(buffer, at++, size, '-');
        value = 0u - value;
    }
    do {
        reversed[count++] = "0123456789abcdefghijklmnopqrstuvwxyz"[value % base];
        value /= base;
    } while (value != 0);
    while (count > 0) {
        ks_unit_put(buffer, at++, size, (uint16_t)reversed[--count]);
    }
    ks_unit_put(buffer, at, size, 0);
    return buffer;
}
// clang-format off
KS_CRT_PAIR(from_long)
// clang-format on

// ---- characters ----

static uint32_t character(const struct ks_kernel_call *call)
{
    return (uint32_t)call->arguments[0];
}

uint64_t ks_crt_isdigit(const struct ks_kernel_call *call)
{
    return character(call) >= '0' && character(call) <= '9';
}

uint64_t ks_crt_isxdigit(const struct ks_kernel_call *call)
{
    return character(call) < 0x80 && digit_of((uint16_t)character(call)) < 16;
}

uint64_t ks_crt_isspace(const struct ks_kernel_call *call)
{
    return character(call) < 0x80 && is_space((uint16_t)character(call));
}

uint64_t ks_crt_islower(const struct ks_kernel_call *call)
{
    return character(call) >= 'a' && character(call) <= 'z';
}

uint64_t ks_crt_isupper(const struct ks_kernel_call *call)
{
    return character(call) >= 'A' && character(call) <= 'Z';
}

uint64_t ks_crt_isprint(const struct ks_kernel_call *call)
{
    return character(call) >= 0x20 && character(call) < 0x7F;
}

// ---- sorting and searching with a comparison of the driver's ----

struct elements {
    const struct ks_kernel_call *call;
    uint64_t first, size, compare;
    bool stopped;
};

static int32_t order(struct elements *elements, uint64_t a, uint64_t b)
{
    const uint64_t arguments[] = {a, b};
    uint64_t result = 0;
    if (!elements->stopped &&
        !ks_nt_call_open(elements->call->world, elements->compare, arguments, 2, &result)) {
        elements->stopped = true;
    }
    return (int32_t)(uint32_t)result;
}

static void swap(const struct elements *elements, uint64_t a, uint64_t b)
{
    for (uint64_t i = 0; i < elements->size; i++) {
        uint64_t byte = ks_guest_number(a + i, 1);
        ks_guest_put_number(a + i, 1, ks_guest_number(b + i, 1));
        ks_guest_put_number(b + i, 1, byte);
    }
}

static void sift(struct elements *elements, uint64_t root, uint64_t count)
{
    for (uint64_t child; (child = 2 * root + 1) < count && !elements->stopped; root = child) {
        uint64_t at = elements->first + child * elements->size;
        if (child + 1 < count && order(elements, at, at + elements->size) < 0) {
            child++;
            at += elements->size;
        }
        if (order(elements, elements->first + root * elements->size, at) >= 0) {
            return;
        }
        swap(elements, elements->first + root * elements->size, at);
    }
}

// (base, count, size, compare). A heap sort: no comparison can make it slow or lead it astray.
uint64_t ks_crt_qsort(const struct ks_kernel_call *call)
{
    struct elements elements = {call, call->arguments[0], call->arguments[2], call->arguments[3],
                                false};
    uint64_t count = call->arguments[1];
    for (uint64_t i = count / 2; i-- > 0 && !elements.stopped;) {
        sift(&elements, i, count);
    }
    for (uint64_t last = count; last-- > 1 && !elements.stopped;) {
        swap(&elements, elements.first, elements.first + last * elements.size);
        sift(&elements, 0, last);
    }
    return 0;
}

// (key, base, count, size, compare)
uint64_t ks_crt_bsearch(const struct ks_kernel_call *call)
{
    struct elements elements = {call, call->arguments[1], call->arguments[3], call->arguments[4],
                                false};
    uint64_t low = 0, high = call->arguments[2];
    while (low < high && !elements.stopped) {
        uint64_t middle = low + (high - low) / 2, at = elements.first + middle * elements.size;
        int32_t difference = order(&elements, call->arguments[0], at);
        if (difference == 0) {
            return at;
        }
        if (difference < 0) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return 0;
}
