// SPDX-License-Identifier: MIT
// Standard output as a sink.
#ifndef KS_CLI_STDOUT_SINK_H
#define KS_CLI_STDOUT_SINK_H

#include "output/text_buffer.h"

extern const struct ks_sink ks_stdout_sink;

// Passes on what is left and frees the buffer. False after a message when something could not be
// written.
bool ks_stdout_end(struct ks_text_buffer *buffer, const char *command);

#endif
