// SPDX-License-Identifier: MIT
// The kernel's printf: %[flags][width][.precision][h l ll w I I32 I64 z]type with the types
// d i u x X o c C s S Z p %. There are no floating-point types in a kernel.

#include "kernel/crt/crt_format.h"

#include "kernel/crt/crt_unit.h"
#include "kernel/rtl/rtl_text.h"

#include <string.h>

#define LONGEST_FORMAT 65536u
#define LAST_NUMBER    UINT64_C(0xFFFF) // what is above may be an address
#define WIDEST         65536u

struct writer {
    void (*put)(void *user, uint16_t unit);
    void *user;
};

struct item {
    bool minus, zero, plus, space, alternate;
    uint32_t width, precision;
    bool has_precision;
    bool wide, narrow; // w l, h
    unsigned bytes;    // of an integer
    uint16_t type;
};

// A format, by numbers of its units.
struct input {
    const struct ks_guest *guest;
    uint64_t format, at, end;
    unsigned size; // of a unit
    const uint64_t *next;
};

static uint16_t look_ahead(const struct input *input, uint64_t distance)
{
    uint64_t at = input->at + distance;
    return at < input->end ? ks_unit_get(input->format, at, input->size) : 0;
}

static uint16_t look(const struct input *input)
{
    return look_ahead(input, 0);
}

static void put_unit(struct writer *writer, uint16_t unit)
{
    writer->put(writer->user, unit);
}

static void put_byte(struct writer *writer, char byte)
{
    put_unit(writer, ks_rtl_to_unicode(KS_CODE_PAGE_ANSI, (uint8_t)byte));
}

static void pad(struct writer *writer, const struct item *item, size_t length, bool left)
{
    for (size_t i = length; item->minus == left && i < item->width; i++) {
        put_byte(writer, ' ');
    }
}

// ---- reading a directive ----

static void read_flags(struct input *input, struct item *item)
{
    for (;; input->at++) {
        switch (look(input)) {
        case '-':
            item->minus = true;
            break;
        case '0':
            item->zero = true;
            break;
        case '+':
            item->plus = true;
            break;
        case ' ':
            item->space = true;
            break;
        case '#':
            item->alternate = true;
            break;
        default:
            return;
        }
    }
}

// Digits, or * for the next argument.
static int32_t read_number(struct input *input)
{
    uint32_t number = 0;
    if (look(input) == '*') {
        input->at++;
        return (int32_t)(uint32_t)*input->next++;
    }
    while (look(input) >= '0' && look(input) <= '9') {
        number = number < WIDEST ? number * 10 + (look(input) - '0') : number;
        input->at++;
    }
    return (int32_t)number;
}

static void read_width(struct input *input, struct item *item)
{
    int32_t width = read_number(input);
    item->minus = item->minus || width < 0;
    item->width = width < 0 ? 0u - (uint32_t)width : (uint32_t)width;
    item->width = item->width < WIDEST ? item->width : WIDEST;
    if (look(input) == '.') {
        input->at++;
        int32_t precision = read_number(input);
        item->has_precision = precision >= 0;
        item->precision = precision < 0 ? 0 : (uint32_t)precision;
        item->precision = item->precision < WIDEST ? item->precision : WIDEST;
    }
}

// I, I32, I64
static void read_pointer_size(struct input *input, struct item *item)
{
    uint16_t first = look(input), second = look_ahead(input, 1);
    item->bytes = 8;
    if ((first == '3' && second == '2') || (first == '6' && second == '4')) {
        item->bytes = first == '3' ? 4 : 8;
        input->at += 2;
    }
}

static void read_size(struct input *input, struct item *item)
{
    for (item->bytes = 4;; input->at++) {
        switch (look(input)) {
        case 'h':
            item->bytes = item->narrow ? 1 : 2;
            item->narrow = true;
            break;
        case 'l': // a long has 32 bits
            item->bytes = item->wide ? 8 : 4;
            item->wide = true;
            break;
        case 'w':
            item->wide = true;
            break;
        case 'z':
        case 't':
        case 'j':
            item->bytes = 8;
            break;
        case 'I':
            input->at++;
            read_pointer_size(input, item);
            return;
        default:
            return;
        }
    }
}

// ---- writing ----

// A string of counted or ended units; limit is in units.
static void put_string(struct writer *writer, const struct item *item, uint64_t at, uint64_t limit,
                       bool wide)
{
    uint64_t most = limit < WIDEST ? limit : WIDEST, length = 0;
    if (item->has_precision && item->precision < most) {
        most = item->precision;
    }
    while (length < most &&
           (limit != UINT64_MAX ||
            (wide ? ks_guest_u16(at + 2 * length) : ks_guest_number(at + length, 1)) != 0)) {
        length++;
    }
    pad(writer, item, (size_t)length, false);
    for (uint64_t i = 0; i < length; i++) {
        if (wide) {
            put_unit(writer, ks_guest_u16(at + 2 * i));
        } else {
            put_byte(writer, (char)ks_guest_number(at + i, 1));
        }
    }
    pad(writer, item, (size_t)length, true);
}

static void put_text(struct writer *writer, const struct item *item, const char *text)
{
    size_t length = strlen(text);
    length = item->has_precision && item->precision < length ? item->precision : length;
    pad(writer, item, length, false);
    for (size_t i = 0; i < length; i++) {
        put_byte(writer, text[i]);
    }
    pad(writer, item, length, true);
}

static void put_counted(struct writer *writer, const struct item *item, uint64_t string)
{
    uint64_t buffer = string != 0 ? ks_guest_number(string + 8, 8) : 0;
    if (buffer == 0) {
        put_text(writer, item, "(null)");
        return;
    }
    uint64_t length = ks_guest_u16(string);
    put_string(writer, item, buffer, item->wide ? length / 2 : length, item->wide);
}

static void put_number(struct writer *writer, const struct item *item, const char *sign,
                       uint64_t number, unsigned base, const char *digits)
{
    char reversed[32];
    size_t count = 0, sign_length = strlen(sign);
    for (; number != 0; number /= base) {
        reversed[count++] = digits[number % base];
    }
    size_t least = item->has_precision ? item->precision : 1;
    if (item->zero && !item->minus && !item->has_precision && item->width > sign_length) {
        least = item->width - sign_length;
    }
    size_t zeros = least > count ? least - count : 0;
    size_t length = sign_length + zeros + count;
    pad(writer, item, length, false);
    for (size_t i = 0; i < sign_length; i++) {
        put_byte(writer, sign[i]);
    }
    for (size_t i = 0; i < zeros; i++) {
        put_byte(writer, '0');
    }
    while (count > 0) {
        put_byte(writer, reversed[--count]);
    }
    pad(writer, item, length, true);
}

static uint64_t cut(uint64_t value, unsigned bytes)
{
    return bytes >= 8 ? value : value & ((UINT64_C(1) << (8 * bytes)) - 1);
}

static void put_signed(struct writer *writer, const struct item *item, uint64_t value)
{
    uint64_t sign_bit = UINT64_C(1) << (8 * item->bytes - 1);
    value = cut(value, item->bytes);
    bool negative = (value & sign_bit) != 0;
    uint64_t size = negative ? cut(0 - value, item->bytes) : value;
    put_number(writer, item,
               negative      ? "-"
               : item->plus  ? "+"
               : item->space ? " "
                             : "",
               size, 10, "0123456789");
}

static void put_pointer(struct writer *writer, struct item *item, uint64_t value,
                        const struct ks_guest *guest)
{
    uint64_t shown = guest != NULL         ? ks_guest_show(guest, value)
                     : value > LAST_NUMBER ? KS_ADDRESS_HOST
                                           : value;
    if (shown == KS_ADDRESS_HOST) {
        put_text(writer, item, "<host>");
        return;
    }
    item->has_precision = true;
    item->precision = 16;
    put_number(writer, item, "", shown, 16, "0123456789ABCDEF");
}

static void put_character(struct writer *writer, const struct item *item, uint64_t value, bool wide)
{
    pad(writer, item, 1, false);
    if (wide) {
        put_unit(writer, (uint16_t)value);
    } else {
        put_byte(writer, (char)value);
    }
    pad(writer, item, 1, true);
}

static void put_item(struct writer *writer, struct item *item, struct input *input)
{
    bool other = item->type == 'S' || item->type == 'C'; // the other width than s and c
    bool wide = !item->narrow && (item->wide || other == (input->size == 1));
    uint64_t value = *input->next++;
    switch (item->type) {
    case 'd':
    case 'i':
        put_signed(writer, item, value);
        break;
    case 'u':
        put_number(writer, item, "", cut(value, item->bytes), 10, "0123456789");
        break;
    case 'o':
        put_number(writer, item, "", cut(value, item->bytes), 8, "01234567");
        break;
    case 'x':
    case 'X':
        value = cut(value, item->bytes);
        put_number(writer, item,
                   !item->alternate || value == 0 ? ""
                   : item->type == 'x'            ? "0x"
                                                  : "0X",
                   value, 16, item->type == 'x' ? "0123456789abcdef" : "0123456789ABCDEF");
        break;
    case 'p':
        put_pointer(writer, item, value, input->guest);
        break;
    case 'c':
    case 'C':
        put_character(writer, item, value, wide);
        break;
    case 'Z':
        put_counted(writer, item, value);
        break;
    default: // s, S
        if (value == 0) {
            put_text(writer, item, "(null)");
        } else {
            put_string(writer, item, value, UINT64_MAX, wide);
        }
    }
}

static void put_directive(struct writer *writer, struct input *input)
{
    struct item item = {0};
    uint64_t start = input->at; // behind the percent sign
    read_flags(input, &item);
    read_width(input, &item);
    read_size(input, &item);
    item.type = look(input);
    if (item.type != 0 && item.type < 0x80 && strchr("diuoxXpcCsSZ", item.type) != NULL) {
        input->at++;
        put_item(writer, &item, input);
    } else if (item.type == '%') {
        input->at++;
        put_byte(writer, '%');
    } else {
        input->at = start; // nothing that the kernel knows: as it is written
        put_byte(writer, '%');
    }
}

void ks_crt_format(const struct ks_format *format, void (*put)(void *user, uint16_t unit),
                   void *user)
{
    unsigned size = format->wide ? 2 : 1;
    struct input input = {format->guest, format->text, 0, 0, size, format->arguments};
    struct writer writer = {put, user};
    input.end = ks_unit_length(format->text, LONGEST_FORMAT, size);
    while (input.at < input.end) {
        uint16_t unit = look(&input);
        input.at++;
        if (unit == '%') {
            put_directive(&writer, &input);
        } else if (format->wide) {
            put_unit(&writer, unit);
        } else {
            put_byte(&writer, (char)unit);
        }
    }
}
