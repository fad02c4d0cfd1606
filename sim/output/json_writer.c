// SPDX-License-Identifier: MIT
#include "output/json_writer.h"
#include "output/utf8.h"

#include <string.h>

void ks_json_init(struct ks_json *json, struct ks_text_buffer *buffer)
{
    json->buffer = buffer;
    json->comma = false;
}

// What comes before each value that does not follow a key, and before each key.
static void separate(struct ks_json *json)
{
    if (json->comma) {
        ks_text_buffer_char(json->buffer, ',');
    }
    json->comma = true;
}

static void begin(struct ks_json *json, char bracket)
{
    separate(json);
    ks_text_buffer_char(json->buffer, bracket);
    json->comma = false;
}

static void end(struct ks_json *json, char bracket)
{
    ks_text_buffer_char(json->buffer, bracket);
    json->comma = true;
}

void ks_json_begin_object(struct ks_json *json)
{
    begin(json, '{');
}

void ks_json_end_object(struct ks_json *json)
{
    end(json, '}');
}

void ks_json_begin_array(struct ks_json *json)
{
    begin(json, '[');
}

void ks_json_end_array(struct ks_json *json)
{
    end(json, ']');
}

void ks_json_newline(struct ks_json *json)
{
    if (json->comma) {
        ks_text_buffer_char(json->buffer, ',');
        json->comma = false;
    }
    ks_text_buffer_char(json->buffer, '\n');
}

void ks_json_key(struct ks_json *json, const char *key)
{
    separate(json);
    ks_text_buffer_char(json->buffer, '"');
    ks_text_buffer_text(json->buffer, key);
    ks_text_buffer_bytes(json->buffer, "\":", 2);
    json->comma = false;
}

void ks_json_members(struct ks_json *json, const char *text, size_t size)
{
    separate(json);
    ks_text_buffer_bytes(json->buffer, text, size);
    json->comma = true;
}

// One character that cannot stand as it is.
static void write_escape(struct ks_text_buffer *buffer, uint32_t code)
{
    static const char named[] = "\b\t\n\f\r\"\\";
    static const char letters[] = "btnfr\"\\";
    const char *found = code == 0 || code > 0x7F ? NULL : strchr(named, (int)code);
    if (found != NULL) {
        char escape[2] = {'\\', letters[found - named]};
        ks_text_buffer_bytes(buffer, escape, 2);
        return;
    }
    char escape[6] = "\\u0000";
    for (unsigned i = 0; i < 4; i++) {
        escape[5 - i] = "0123456789abcdef"[code >> (4 * i) & 15];
    }
    ks_text_buffer_bytes(buffer, escape, sizeof(escape));
}

// True for the ASCII characters that need no look at what follows.
static bool is_plain(char character)
{
    return character >= 0x20 && character < 0x7F && character != '"' && character != '\\';
}

void ks_json_quote(struct ks_text_buffer *buffer, const char *text)
{
    const char *text_end = text + strlen(text);
    const char *run = text; // not yet written
    ks_text_buffer_char(buffer, '"');
    while (text < text_end) {
        if (is_plain(*text)) {
            text++;
            continue;
        }
        uint32_t code;
        size_t length = ks_utf8_next(text, text_end, &code);
        bool stays = code >= 0xA0 && code != 0x2028 && code != 0x2029;
        if (!stays) {
            ks_text_buffer_bytes(buffer, run, (size_t)(text - run));
            write_escape(buffer, code == KS_UTF8_INVALID ? 0xFFFD : code);
        }
        text += length;
        run = stays ? run : text;
    }
    ks_text_buffer_bytes(buffer, run, (size_t)(text - run));
    ks_text_buffer_char(buffer, '"');
}

void ks_json_key_quoted(struct ks_json *json, const char *key)
{
    separate(json);
    ks_json_quote(json->buffer, key);
    ks_text_buffer_char(json->buffer, ':');
    json->comma = false;
}

void ks_json_text(struct ks_json *json, const char *text)
{
    separate(json);
    if (text == NULL) {
        ks_text_buffer_text(json->buffer, "null");
    } else {
        ks_json_quote(json->buffer, text);
    }
}

void ks_json_unsigned(struct ks_json *json, uint64_t number)
{
    separate(json);
    ks_text_buffer_unsigned(json->buffer, number);
}

void ks_json_signed(struct ks_json *json, int64_t number)
{
    separate(json);
    ks_text_buffer_signed(json->buffer, number);
}

void ks_json_bool(struct ks_json *json, bool value)
{
    separate(json);
    ks_text_buffer_text(json->buffer, value ? "true" : "false");
}

void ks_json_hex(struct ks_json *json, uint64_t number, unsigned digits)
{
    separate(json);
    ks_text_buffer_char(json->buffer, '"');
    ks_text_buffer_hex(json->buffer, number, digits);
    ks_text_buffer_char(json->buffer, '"');
}

void ks_json_address(struct ks_json *json, uint64_t number)
{
    separate(json);
    ks_text_buffer_char(json->buffer, '"');
    ks_text_buffer_address(json->buffer, number);
    ks_text_buffer_char(json->buffer, '"');
}

void ks_json_key_text(struct ks_json *json, const char *key, const char *text)
{
    ks_json_key(json, key);
    ks_json_text(json, text);
}

void ks_json_key_unsigned(struct ks_json *json, const char *key, uint64_t number)
{
    ks_json_key(json, key);
    ks_json_unsigned(json, number);
}

void ks_json_key_bool(struct ks_json *json, const char *key, bool value)
{
    ks_json_key(json, key);
    ks_json_bool(json, value);
}

void ks_json_key_hex(struct ks_json *json, const char *key, uint64_t number, unsigned digits)
{
    ks_json_key(json, key);
    ks_json_hex(json, number, digits);
}

void ks_json_key_status(struct ks_json *json, kldr_status status)
{
    ks_json_key_hex(json, "status", status, 8);
    const char *name = kldr_status_name(status);
    if (name != NULL) {
        ks_json_key_text(json, "status_name", name);
    }
}
