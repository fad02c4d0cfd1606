// SPDX-License-Identifier: MIT
#include "output/text_style.h"

void ks_text_style(struct ks_text_buffer *buffer, bool color, enum ks_style style)
{
    static const char *const sequences[] = {
        [KS_STYLE_PLAIN] = "\x1b[0m",  [KS_STYLE_GOOD] = "\x1b[32m",
        [KS_STYLE_BAD] = "\x1b[31m",   [KS_STYLE_CAUTION] = "\x1b[33m",
        [KS_STYLE_STRONG] = "\x1b[1m", [KS_STYLE_FAINT] = "\x1b[2m",
    };
    if (color) {
        ks_text_buffer_text(buffer, sequences[style]);
    }
}
