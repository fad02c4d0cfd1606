// SPDX-License-Identifier: MIT
// "At most max" digit by digit: fewer digits, or a smaller digit at some place behind equal ones.
#include "scenario/format/schema_pattern.h"

#include <stdio.h>
#include <string.h>

#define DIGITS_MAX 24

struct writer {
    char *text;
    size_t length;
};

static void put(struct writer *writer, const char *piece)
{
    int length = snprintf(writer->text + writer->length, KS_SCHEMA_PATTERN_SIZE - writer->length,
                          "%s", piece);
    writer->length += (size_t)length;
}

static size_t digits_of(uint64_t number, unsigned base, unsigned digits[DIGITS_MAX])
{
    unsigned reversed[DIGITS_MAX];
    size_t count = 0;
    do {
        reversed[count++] = (unsigned)(number % base);
        number /= base;
    } while (number != 0);
    for (size_t i = 0; i < count; i++) {
        digits[i] = reversed[count - 1 - i];
    }
    return count;
}

static void put_digit(struct writer *writer, unsigned digit)
{
    char piece[8];
    if (digit < 10) {
        snprintf(piece, sizeof piece, "%u", digit);
    } else {
        snprintf(piece, sizeof piece, "[%c%c]", (char)('a' + digit - 10), (char)('A' + digit - 10));
    }
    put(writer, piece);
}

// The digits below a digit, which is not 0.
static void put_below(struct writer *writer, unsigned digit)
{
    char piece[16];
    if (digit <= 10) {
        snprintf(piece, sizeof piece, "[0-%u]", digit - 1);
    } else {
        snprintf(piece, sizeof piece, "[0-9a-%cA-%c]", (char)('a' + digit - 11),
                 (char)('A' + digit - 11));
    }
    put(writer, piece);
}

static void put_any(struct writer *writer, unsigned base, size_t least, size_t most)
{
    char piece[64];
    const char *any = base == 10 ? "[0-9]" : "[0-9a-fA-F]";
    if (most == 0) {
        return;
    }
    if (least == most) {
        snprintf(piece, sizeof piece, "%s{%zu}", any, most);
    } else {
        snprintf(piece, sizeof piece, "%s{%zu,%zu}", any, least, most);
    }
    put(writer, piece);
}

static void put_at_most(struct writer *writer, uint64_t max, unsigned base)
{
    unsigned digits[DIGITS_MAX];
    size_t count = digits_of(max, base, digits);
    put(writer, "0*(?:");
    for (size_t i = 0; i < count; i++) {
        put_digit(writer, digits[i]);
    }
    if (count > 1) {
        put(writer, "|");
        put_any(writer, base, 1, count - 1);
    }
    for (size_t i = 0; i < count; i++) {
        if (digits[i] == 0) {
            continue;
        }
        put(writer, "|");
        for (size_t k = 0; k < i; k++) {
            put_digit(writer, digits[k]);
        }
        put_below(writer, digits[i]);
        put_any(writer, base, count - 1 - i, count - 1 - i);
    }
    put(writer, ")");
}

char *ks_schema_pattern_number(uint64_t min, uint64_t max, char text[KS_SCHEMA_PATTERN_SIZE])
{
    struct writer writer = {text, 0};
    put(&writer, min == 0 ? "" : "(?!(?:0[xX])?0+$)");
    put(&writer, "(?:");
    put_at_most(&writer, max, 10);
    put(&writer, "|0[xX]");
    put_at_most(&writer, max, 16);
    put(&writer, ")");
    return text;
}

char *ks_schema_pattern_hex(uint64_t number, char text[KS_SCHEMA_PATTERN_SIZE])
{
    struct writer writer = {text, 0};
    unsigned digits[DIGITS_MAX];
    size_t count = digits_of(number, 16, digits);
    put(&writer, "0[xX]0*");
    for (size_t i = 0; i < count; i++) {
        put_digit(&writer, digits[i]);
    }
    return text;
}
