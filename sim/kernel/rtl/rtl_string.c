// SPDX-License-Identifier: MIT
// Rtl: counted strings. UNICODE_STRING and ANSI_STRING: length and room in bytes at 0 and 2, buffer
// at 8.

#include "kernel/functions.h"
#include "kernel/rtl/rtl_text.h"

#define STATUS_BUFFER_TOO_SMALL ((kldr_status)0xC0000023u)
#define STATUS_NAME_TOO_LONG    ((kldr_status)0xC0000106u)
#define LONGEST                 0xFFFCu // bytes of a string that leaves room for its end (U+0000)

struct string {
    uint16_t length, room;
    uint64_t buffer;
};

static struct string read_string(uint64_t address)
{
    return (struct string){ks_guest_u16(address), ks_guest_u16(address + 2),
                           ks_guest_number(address + 8, 8)};
}

static void write_string(uint64_t address, struct string string)
{
    ks_guest_put_u16(address, string.length);
    ks_guest_put_u16(address + 2, string.room);
    ks_guest_put_number(address + 8, 8, string.buffer);
}

static uint16_t unit_at(const struct string *string, unsigned index)
{
    return ks_guest_u16(string->buffer + 2 * (uint64_t)index);
}

// Bytes up to the end, at most LONGEST.
static uint16_t measure(uint64_t text)
{
    uint32_t length = 0;
    while (length < LONGEST && ks_guest_u16(text + length) != 0) {
        length += 2;
    }
    return (uint16_t)length;
}

uint64_t ks_rtl_init_unicode_string(const struct ks_kernel_call *call)
{
    struct string string = {.buffer = call->arguments[1]};
    if (string.buffer != 0) {
        string.length = measure(string.buffer);
        string.room = (uint16_t)(string.length + 2);
    }
    write_string(call->arguments[0], string);
    return 0;
}

uint64_t ks_rtl_init_ansi_string(const struct ks_kernel_call *call)
{
    struct string string = {.buffer = call->arguments[1]};
    if (string.buffer != 0) {
        while (string.length < 0xFFFE && ks_guest_number(string.buffer + string.length, 1) != 0) {
            string.length++;
        }
        string.room = (uint16_t)(string.length + 1);
    }
    write_string(call->arguments[0], string);
    return 0;
}

// The same, with a status when there is no room in a counted string.
uint64_t ks_rtl_init_unicode_string_ex(const struct ks_kernel_call *call)
{
    struct string string = {.buffer = call->arguments[1]};
    if (string.buffer != 0) {
        string.length = measure(string.buffer);
        if (ks_guest_u16(string.buffer + string.length) != 0) {
            return STATUS_NAME_TOO_LONG;
        }
        string.room = (uint16_t)(string.length + 2);
    }
    write_string(call->arguments[0], string);
    return KLDR_STATUS_SUCCESS;
}

// Puts units behind what to holds. An end is added when there is room for one.
static void append_units(struct string *to, uint64_t from, uint16_t bytes)
{
    for (uint32_t i = 0; i < bytes; i += 2) {
        ks_guest_put_u16(to->buffer + to->length + i, ks_guest_u16(from + i));
    }
    to->length = (uint16_t)(to->length + bytes);
    if (to->room - to->length >= 2) {
        ks_guest_put_u16(to->buffer + to->length, 0);
    }
}

uint64_t ks_rtl_copy_unicode_string(const struct ks_kernel_call *call)
{
    struct string to = read_string(call->arguments[0]);
    to.length = 0;
    if (call->arguments[1] != 0) {
        struct string from = read_string(call->arguments[1]);
        uint16_t bytes = from.length < to.room ? from.length : to.room;
        append_units(&to, from.buffer, (uint16_t)(bytes & ~1u));
    }
    write_string(call->arguments[0], to);
    return 0;
}

static uint64_t append(uint64_t address, uint64_t from, uint16_t bytes)
{
    struct string to = read_string(address);
    if ((uint32_t)to.length + bytes > to.room) {
        return STATUS_BUFFER_TOO_SMALL;
    }
    append_units(&to, from, bytes);
    write_string(address, to);
    return KLDR_STATUS_SUCCESS;
}

uint64_t ks_rtl_append_unicode(const struct ks_kernel_call *call)
{
    uint64_t from = call->arguments[1];
    return from != 0 ? append(call->arguments[0], from, measure(from)) : KLDR_STATUS_SUCCESS;
}

uint64_t ks_rtl_append_unicode_string(const struct ks_kernel_call *call)
{
    struct string from = read_string(call->arguments[1]);
    return append(call->arguments[0], from.buffer, from.length);
}

static uint16_t fold(uint16_t unit, bool fold_case)
{
    return fold_case ? ks_rtl_upcase(unit) : unit;
}

static int compare(const struct string *a, const struct string *b, bool fold_case)
{
    unsigned units = (a->length < b->length ? a->length : b->length) / 2u;
    for (unsigned i = 0; i < units; i++) {
        int difference = fold(unit_at(a, i), fold_case) - fold(unit_at(b, i), fold_case);
        if (difference != 0) {
            return difference;
        }
    }
    return a->length - b->length;
}

static int compare_arguments(const struct ks_kernel_call *call)
{
    struct string a = read_string(call->arguments[0]), b = read_string(call->arguments[1]);
    return compare(&a, &b, (call->arguments[2] & 0xFF) != 0);
}

uint64_t ks_rtl_compare_unicode_string(const struct ks_kernel_call *call)
{
    return (uint32_t)compare_arguments(call);
}

uint64_t ks_rtl_equal_unicode_string(const struct ks_kernel_call *call)
{
    return compare_arguments(call) == 0;
}
