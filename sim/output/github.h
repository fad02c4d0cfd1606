// SPDX-License-Identifier: MIT
// Workflow commands of GitHub Actions.
#ifndef KS_OUTPUT_GITHUB_H
#define KS_OUTPUT_GITHUB_H

#include "output/text_buffer.h"

// Text with the escapes that a message needs, or a property (file=, title=).
void ks_github_escape(struct ks_text_buffer *out, const char *text, bool property);

#endif
