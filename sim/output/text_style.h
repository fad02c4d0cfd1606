// SPDX-License-Identifier: MIT
// Colours of the text report, as a terminal understands them.
#ifndef KS_OUTPUT_TEXT_STYLE_H
#define KS_OUTPUT_TEXT_STYLE_H

#include "output/text_buffer.h"

enum ks_style {
    KS_STYLE_PLAIN,
    KS_STYLE_GOOD,
    KS_STYLE_BAD,
    KS_STYLE_CAUTION,
    KS_STYLE_STRONG,
    KS_STYLE_FAINT,
};

// Switches to a style; nothing without colour. Every style ends with KS_STYLE_PLAIN.
void ks_text_style(struct ks_text_buffer *buffer, bool color, enum ks_style style);

#endif
