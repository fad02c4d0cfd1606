// SPDX-License-Identifier: MIT
// The lifecycle as a person would tell it: the events of one result, one line each or fewer,
// indented by what caused them.
#ifndef KS_OUTPUT_TEXT_LIFECYCLE_H
#define KS_OUTPUT_TEXT_LIFECYCLE_H

#include "output/text_buffer.h"

void ks_text_lifecycle(struct ks_text_buffer *buffer, const struct ks_result *result, bool color);

#endif
