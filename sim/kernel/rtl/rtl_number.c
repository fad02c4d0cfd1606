// SPDX-License-Identifier: MIT
// Rtl: numbers and GUIDs as text and back.

#include "kernel/nt.h"

#include <kldr/ddk/ntdef.h>

#include <stdio.h>
#include <string.h>

#define TAG_STRING  0x67727453u // 'Strg'
#define GUID_LENGTH 38u         // {xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx}

static bool is_base(uint32_t base)
{
    return base == 2 || base == 8 || base == 10 || base == 16;
}

// Digits without end, in order. Returns their number; base 0 is 10.
static unsigned write_digits(uint64_t value, uint32_t base, char digits[64])
{
    char reversed[64];
    unsigned count = 0;
    base = base == 0 ? 10 : base;
    do {
        reversed[count++] = "0123456789ABCDEF"[value % base];
        value /= base;
    } while (value != 0);
    for (unsigned i = 0; i < count; i++) {
        digits[i] = reversed[count - 1 - i];
    }
    return count;
}

static uint64_t to_string(uint64_t value, uint32_t base, UNICODE_STRING *string)
{
    char digits[64];
    if (base != 0 && !is_base(base)) {
        return KS_STATUS(STATUS_INVALID_PARAMETER);
    }
    unsigned count = write_digits(value, base, digits);
    if (2 * count > string->MaximumLength) {
        return KS_STATUS(STATUS_BUFFER_OVERFLOW);
    }
    for (unsigned i = 0; i < count; i++) {
        string->Buffer[i] = (WCHAR)digits[i];
    }
    if (2 * count + 2 <= string->MaximumLength) {
        string->Buffer[count] = 0;
    }
    string->Length = (USHORT)(2 * count);
    return KS_STATUS(STATUS_SUCCESS);
}

uint64_t ks_rtl_integer_to_unicode_string(const struct ks_kernel_call *call)
{
    return to_string((uint32_t)call->arguments[0], (uint32_t)call->arguments[1],
                     ks_guest_pointer(call->arguments[2]));
}

uint64_t ks_rtl_int64_to_unicode_string(const struct ks_kernel_call *call)
{
    return to_string(call->arguments[0], (uint32_t)call->arguments[1],
                     ks_guest_pointer(call->arguments[2]));
}

// (value, base, room in characters, buffer): an end is added when there is room for it.
uint64_t ks_rtl_integer_to_char(const struct ks_kernel_call *call)
{
    char digits[64];
    uint32_t base = (uint32_t)call->arguments[1];
    int32_t room = (int32_t)call->arguments[2];
    CHAR *to = ks_guest_pointer(call->arguments[3]);
    if (base != 0 && !is_base(base)) {
        return KS_STATUS(STATUS_INVALID_PARAMETER);
    }
    unsigned count = write_digits((uint32_t)call->arguments[0], base, digits);
    if (room < 0 || count > (unsigned)room) {
        return KS_STATUS(STATUS_BUFFER_OVERFLOW);
    }
    memcpy(to, digits, count);
    if (count < (unsigned)room) {
        to[count] = '\0';
    }
    return KS_STATUS(STATUS_SUCCESS);
}

// ---- numbers from text ----

struct text {
    uint64_t at;
    uint32_t left; // units or bytes
    unsigned size; // of one: 1 or 2
};

static uint16_t look(const struct text *text)
{
    if (text->left == 0) {
        return 0;
    }
    return text->size == 2 ? ks_guest_u16(text->at) : (uint16_t)ks_guest_number(text->at, 1);
}

static void skip(struct text *text)
{
    text->at += text->size;
    text->left--;
}

static uint32_t digit_of(uint16_t unit)
{
    if (unit >= '0' && unit <= '9') {
        return unit - '0';
    }
    uint32_t letter = unit | 0x20u;
    return letter >= 'a' && letter <= 'f' ? letter - 'a' + 10 : 16;
}

// Base 0: what the prefix 0b, 0o or 0x says, else 10.
static uint32_t find_base(struct text *text)
{
    if (look(text) != '0' || text->left < 2) {
        return 10;
    }
    struct text second = *text;
    skip(&second);
    uint32_t base = look(&second) == 'x' ? 16 : look(&second) == 'o' ? 8 : 2;
    if (base == 2 && look(&second) != 'b') {
        return 10;
    }
    skip(text);
    skip(text);
    return base;
}

static uint64_t read_integer(struct text text, uint32_t base, uint64_t out)
{
    bool negative = false;
    if (base != 0 && !is_base(base)) {
        return KS_STATUS(STATUS_INVALID_PARAMETER);
    }
    while (text.left > 0 && look(&text) <= ' ' && look(&text) != 0) {
        skip(&text);
    }
    if (look(&text) == '-' || look(&text) == '+') {
        negative = look(&text) == '-';
        skip(&text);
    }
    base = base == 0 ? find_base(&text) : base;
    uint32_t value = 0;
    while (text.left > 0 && digit_of(look(&text)) < base) {
        value = value * base + digit_of(look(&text));
        skip(&text);
    }
    ks_guest_put_number(out, 4, negative ? 0u - value : value);
    return KS_STATUS(STATUS_SUCCESS);
}

uint64_t ks_rtl_unicode_string_to_integer(const struct ks_kernel_call *call)
{
    const UNICODE_STRING *string = ks_guest_pointer(call->arguments[0]);
    struct text text = {(uint64_t)(uintptr_t)string->Buffer, string->Length / 2u, 2};
    return read_integer(text, (uint32_t)call->arguments[1], call->arguments[2]);
}

uint64_t ks_rtl_char_to_integer(const struct ks_kernel_call *call)
{
    const char *from = ks_guest_pointer(call->arguments[0]);
    struct text text = {call->arguments[0], (uint32_t)strlen(from), 1};
    return read_integer(text, (uint32_t)call->arguments[1], call->arguments[2]);
}

// ---- GUIDs ----

uint64_t ks_rtl_string_from_guid(const struct ks_kernel_call *call)
{
    const GUID g = *(const GUID *)ks_guest_pointer(call->arguments[0]);
    UNICODE_STRING *string = ks_guest_pointer(call->arguments[1]);
    char text[GUID_LENGTH + 1];
    snprintf(text, sizeof text, "{%08lX-%04X-%04X-%02X%02X-%02X%02X%02X%02X%02X%02X}",
             (unsigned long)g.Data1, g.Data2, g.Data3, g.Data4[0], g.Data4[1], g.Data4[2],
             g.Data4[3], g.Data4[4], g.Data4[5], g.Data4[6], g.Data4[7]);
    WCHAR *units = ks_guest_pointer(ks_ex_take(call, 2 * sizeof text, TAG_STRING));
    if (units == NULL) {
        return KS_STATUS(STATUS_NO_MEMORY);
    }
    for (size_t i = 0; i < sizeof text; i++) {
        units[i] = (WCHAR)text[i];
    }
    *string = (UNICODE_STRING){2 * GUID_LENGTH, 2 * (GUID_LENGTH + 1), units};
    return KS_STATUS(STATUS_SUCCESS);
}

uint64_t ks_rtl_guid_from_string(const struct ks_kernel_call *call)
{
    static const char form[] = "{########-####-####-####-############}";
    const UNICODE_STRING *string = ks_guest_pointer(call->arguments[0]);
    uint8_t digits[32];
    unsigned count = 0;
    if (string->Length < 2 * GUID_LENGTH) {
        return KS_STATUS(STATUS_INVALID_PARAMETER);
    }
    for (unsigned i = 0; i < GUID_LENGTH; i++) {
        uint16_t unit = (uint16_t)string->Buffer[i];
        if (form[i] == '#' ? digit_of(unit) > 15 : unit != (uint16_t)form[i]) {
            return KS_STATUS(STATUS_INVALID_PARAMETER);
        }
        if (form[i] == '#') {
            digits[count++] = (uint8_t)digit_of(unit);
        }
    }
    uint8_t bytes[16];
    for (unsigned i = 0; i < 16; i++) {
        bytes[i] = (uint8_t)(digits[2 * i] << 4 | digits[2 * i + 1]);
    }
    GUID g = {0};
    g.Data1 = (ULONG)bytes[0] << 24 | (ULONG)bytes[1] << 16 | (ULONG)bytes[2] << 8 | bytes[3];
    g.Data2 = (USHORT)(bytes[4] << 8 | bytes[5]);
    g.Data3 = (USHORT)(bytes[6] << 8 | bytes[7]);
    memcpy(g.Data4, bytes + 8, sizeof g.Data4);
    *(GUID *)ks_guest_pointer(call->arguments[1]) = g;
    return KS_STATUS(STATUS_SUCCESS);
}
