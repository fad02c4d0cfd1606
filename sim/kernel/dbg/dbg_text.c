// SPDX-License-Identifier: MIT
#include "kernel/dbg/dbg_text.h"

#include <string.h>

struct writer {
    char *text;
    size_t length, size;
};

// A unit that is half of a pair is told as U+FFFD.
static void put(void *user, uint16_t unit)
{
    struct writer *writer = user;
    char bytes[3];
    size_t count = 0;
    if (unit >= 0xD800 && unit <= 0xDFFF) {
        unit = 0xFFFD;
    }
    if (unit < 0x80) {
        bytes[count++] = (char)unit;
    } else if (unit < 0x800) {
        bytes[count++] = (char)(0xC0 | unit >> 6);
        bytes[count++] = (char)(0x80 | (unit & 0x3F));
    } else {
        bytes[count++] = (char)(0xE0 | unit >> 12);
        bytes[count++] = (char)(0x80 | (unit >> 6 & 0x3F));
        bytes[count++] = (char)(0x80 | (unit & 0x3F));
    }
    if (writer->length + count < writer->size) {
        memcpy(writer->text + writer->length, bytes, count);
        writer->length += count;
    }
}

void ks_dbg_text(const struct ks_format *format, char *text, size_t size)
{
    struct writer writer = {text, 0, size};
    ks_crt_format(format, put, &writer);
    text[writer.length] = '\0';
}
