// SPDX-License-Identifier: MIT
#include "output/text_buffer.h"

#include "engine/guest.h"
#include "output/utf8.h"

#include <stdlib.h>
#include <string.h>

#define FLUSH_SIZE ((size_t)32 << 10)

void ks_text_buffer_init(struct ks_text_buffer *buffer, const struct ks_sink *sink)
{
    memset(buffer, 0, sizeof(*buffer));
    buffer->sink = sink;
}

void ks_text_buffer_fini(struct ks_text_buffer *buffer)
{
    free(buffer->bytes);
    memset(buffer, 0, sizeof(*buffer));
}

bool ks_text_buffer_flush(struct ks_text_buffer *buffer)
{
    if (buffer->sink != NULL && buffer->size > 0) {
        if (!buffer->failed &&
            !buffer->sink->write(buffer->sink->user, buffer->bytes, buffer->size)) {
            buffer->failed = true;
        }
        buffer->size = 0;
    }
    return !buffer->failed;
}

// Makes room for size more bytes. False when there is none.
static bool make_room(struct ks_text_buffer *buffer, size_t size)
{
    if (buffer->sink != NULL && buffer->size >= FLUSH_SIZE) {
        ks_text_buffer_flush(buffer);
    }
    if (size <= buffer->capacity - buffer->size) {
        return true;
    }
    size_t wanted = buffer->capacity < 1024 ? 1024 : buffer->capacity * 2;
    while (wanted - buffer->size < size && wanted < SIZE_MAX / 4) {
        wanted *= 2;
    }
    char *grown = wanted - buffer->size < size ? NULL : realloc(buffer->bytes, wanted);
    if (grown == NULL) {
        buffer->failed = true;
        return false;
    }
    buffer->bytes = grown;
    buffer->capacity = wanted;
    return true;
}

void ks_text_buffer_bytes(struct ks_text_buffer *buffer, const char *bytes, size_t size)
{
    if (size > 0 && make_room(buffer, size)) {
        memcpy(buffer->bytes + buffer->size, bytes, size);
        buffer->size += size;
    }
}

void ks_text_buffer_text(struct ks_text_buffer *buffer, const char *text)
{
    ks_text_buffer_bytes(buffer, text, strlen(text));
}

void ks_text_buffer_char(struct ks_text_buffer *buffer, char character)
{
    ks_text_buffer_bytes(buffer, &character, 1);
}

void ks_text_buffer_repeat(struct ks_text_buffer *buffer, char character, size_t count)
{
    if (count > 0 && make_room(buffer, count)) {
        memset(buffer->bytes + buffer->size, character, count);
        buffer->size += count;
    }
}

void ks_text_buffer_unsigned(struct ks_text_buffer *buffer, uint64_t number)
{
    char digits[20];
    size_t at = sizeof(digits);
    do {
        digits[--at] = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    ks_text_buffer_bytes(buffer, digits + at, sizeof(digits) - at);
}

void ks_text_buffer_signed(struct ks_text_buffer *buffer, int64_t number)
{
    if (number < 0) {
        ks_text_buffer_char(buffer, '-');
    }
    ks_text_buffer_unsigned(buffer, number < 0 ? 0 - (uint64_t)number : (uint64_t)number);
}

static void write_hex(struct ks_text_buffer *buffer, uint64_t number, unsigned digits,
                      const char *letters)
{
    char text[16];
    size_t at = sizeof(text);
    while (at > 0 && (number > 0 || sizeof(text) - at < digits)) {
        text[--at] = letters[number & 15];
        number >>= 4;
    }
    ks_text_buffer_bytes(buffer, "0x", 2);
    ks_text_buffer_bytes(buffer, text + at, sizeof(text) - at);
}

void ks_text_buffer_hex(struct ks_text_buffer *buffer, uint64_t number, unsigned digits)
{
    write_hex(buffer, number, digits, "0123456789ABCDEF");
}

void ks_text_buffer_address(struct ks_text_buffer *buffer, uint64_t number)
{
    if (number == KS_ADDRESS_HOST) {
        ks_text_buffer_bytes(buffer, "<host>", 6);
        return;
    }
    write_hex(buffer, number, 1, "0123456789abcdef");
}

void ks_text_buffer_visible(struct ks_text_buffer *buffer, const char *text)
{
    const char *end = text + strlen(text);
    while (text < end) {
        uint32_t code;
        size_t length = ks_utf8_next(text, end, &code);
        if (code >= 0x20 && code != 0x7F && !(code >= 0x80 && code < 0xA0)) {
            ks_text_buffer_bytes(buffer, text, length);
        } else {
            for (size_t i = 0; i < length; i++) {
                uint8_t byte = (uint8_t)text[i];
                char escape[4] = {'\\', 'x', "0123456789abcdef"[byte >> 4],
                                  "0123456789abcdef"[byte & 15]};
                ks_text_buffer_bytes(buffer, escape, sizeof(escape));
            }
        }
        text += length;
    }
}
