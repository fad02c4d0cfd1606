// SPDX-License-Identifier: MIT
// Text under construction. With a sink it passes on what it has whenever it is full; without one it
// grows. An error (memory, sink) is remembered: callers write on and ask once, at the end.
#ifndef KS_OUTPUT_TEXT_BUFFER_H
#define KS_OUTPUT_TEXT_BUFFER_H

#include "output/report.h"

struct ks_text_buffer {
    const struct ks_sink *sink; // NULL: grows
    char *bytes;                // not terminated
    size_t size, capacity;
    bool failed;
};

void ks_text_buffer_init(struct ks_text_buffer *buffer, const struct ks_sink *sink);
void ks_text_buffer_fini(struct ks_text_buffer *buffer);

void ks_text_buffer_bytes(struct ks_text_buffer *buffer, const char *bytes, size_t size);
void ks_text_buffer_text(struct ks_text_buffer *buffer, const char *text);
void ks_text_buffer_char(struct ks_text_buffer *buffer, char character);
void ks_text_buffer_repeat(struct ks_text_buffer *buffer, char character, size_t count);
void ks_text_buffer_unsigned(struct ks_text_buffer *buffer, uint64_t number);
void ks_text_buffer_signed(struct ks_text_buffer *buffer, int64_t number);
// "0x" and at least digits capital hexadecimal digits.
void ks_text_buffer_hex(struct ks_text_buffer *buffer, uint64_t number, unsigned digits);

// An address or other 64-bit value: "0xfffff80000010000".
void ks_text_buffer_address(struct ks_text_buffer *buffer, uint64_t number);

// Text for people: control characters and bytes that are not UTF-8 become visible as \xNN.
void ks_text_buffer_visible(struct ks_text_buffer *buffer, const char *text);

// Passes on what is there. False when anything was lost since init.
bool ks_text_buffer_flush(struct ks_text_buffer *buffer);

#endif
