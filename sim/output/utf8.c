// SPDX-License-Identifier: MIT
#include "output/utf8.h"

// How many bytes follow a first byte, and the least code such a sequence may have.
struct form {
    uint8_t mask, bits;
    size_t more;
    uint32_t least;
};

static const struct form forms[] = {
    {0xE0, 0xC0, 1, 0x80},
    {0xF0, 0xE0, 2, 0x800},
    {0xF8, 0xF0, 3, 0x10000},
};

size_t ks_utf8_next(const char *at, const char *end, uint32_t *out_code)
{
    uint8_t first = (uint8_t)at[0];
    *out_code = KS_UTF8_INVALID;
    if (first < 0x80) {
        *out_code = first;
        return 1;
    }
    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        const struct form *form = &forms[i];
        if ((first & form->mask) != form->bits) {
            continue;
        }
        uint32_t code = first & (uint8_t)~form->mask;
        for (size_t j = 1; j <= form->more; j++) {
            if (at + j >= end || ((uint8_t)at[j] & 0xC0) != 0x80) {
                return 1;
            }
            code = code << 6 | ((uint8_t)at[j] & 0x3F);
        }
        if (code < form->least || code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF)) {
            return 1;
        }
        *out_code = code;
        return form->more + 1;
    }
    return 1;
}
