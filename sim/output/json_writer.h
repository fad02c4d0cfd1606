// SPDX-License-Identifier: MIT
// Writes JSON straight into a text buffer. Commas are its business, nesting is the caller's. Keys
// come out in the order they are written, so the same calls always make the same bytes.
#ifndef KS_OUTPUT_JSON_WRITER_H
#define KS_OUTPUT_JSON_WRITER_H

#include "output/text_buffer.h"

struct ks_json {
    struct ks_text_buffer *buffer;
    bool comma; // the next key or element is not the first of its container
};

void ks_json_init(struct ks_json *json, struct ks_text_buffer *buffer);

void ks_json_begin_object(struct ks_json *json);
void ks_json_end_object(struct ks_json *json);
void ks_json_begin_array(struct ks_json *json);
void ks_json_end_array(struct ks_json *json);
// A line end between two elements of a container, for readers that are people.
void ks_json_newline(struct ks_json *json);

// key is plain ASCII without characters that need an escape.
void ks_json_key(struct ks_json *json, const char *key);
// A key that may be any text, for instance a path.
void ks_json_key_quoted(struct ks_json *json, const char *key);

// text may hold any bytes: what is not UTF-8 becomes U+FFFD. NULL is written as null.
void ks_json_text(struct ks_json *json, const char *text);
void ks_json_unsigned(struct ks_json *json, uint64_t number);
void ks_json_signed(struct ks_json *json, int64_t number);
void ks_json_bool(struct ks_json *json, bool value);
// A number that people read in hexadecimal, as text: "0xC0000034".
void ks_json_hex(struct ks_json *json, uint64_t number, unsigned digits);
// An address or other 64-bit value, as text: "0xfffff80000010000".
void ks_json_address(struct ks_json *json, uint64_t number);

// Members that are JSON already, "key": value and so on, into an open object.
void ks_json_members(struct ks_json *json, const char *text, size_t size);

// Key and value in one.
void ks_json_key_text(struct ks_json *json, const char *key, const char *text);
void ks_json_key_unsigned(struct ks_json *json, const char *key, uint64_t number);
void ks_json_key_bool(struct ks_json *json, const char *key, bool value);
void ks_json_key_hex(struct ks_json *json, const char *key, uint64_t number, unsigned digits);
// "status" as number and, when it has one, "status_name".
void ks_json_key_status(struct ks_json *json, kldr_status status);

// Only the quoted string with its escapes; YAML's double-quoted form as well.
void ks_json_quote(struct ks_text_buffer *buffer, const char *text);

#endif
