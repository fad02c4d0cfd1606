// SPDX-License-Identifier: MIT
// Which keys each kind of event has in a trace, and where their values stand in struct kldr_event.
// One table: the JSON writer, the text trace and (by a test) the JSON Schema follow it.
#ifndef KS_OUTPUT_EVENT_KEYS_H
#define KS_OUTPUT_EVENT_KEYS_H

#include "output/json_writer.h"

enum ks_event_field {
    KS_FIELD_MODULE,
    KS_FIELD_IMPORTER,
    KS_FIELD_HOLDER,
    KS_FIELD_PATH,
    KS_FIELD_SYMBOL,
    KS_FIELD_TARGET,
    KS_FIELD_REASON,
    KS_FIELD_ARGUMENT,
    KS_FIELD_SERVICE,
    KS_FIELD_MISSING_MODULE,
    KS_FIELD_TEXT,
    KS_FIELD_DETAIL, // of findings other than those of the next one
    KS_FIELD_WHY,    // detail of an uncounted reference, called reason in scenarios
    KS_FIELD_TAG,    // of what an image left behind: pool tag or kind of object
    KS_FIELD_FACT,
    KS_FIELD_STATUS,     // two keys: the number as text, the name when there is one
    KS_FIELD_COUNT,      // a number, or "inactive"
    KS_FIELD_ORDINAL,    // a number
    KS_FIELD_SIZE,       // a number
    KS_FIELD_FLAG,       // true or false
    KS_FIELD_NUMBER,     // value as a number
    KS_FIELD_RESULT,     // value in hexadecimal, as text
    KS_FIELD_ADDRESS,    // in hexadecimal, as text
    KS_FIELD_OFFSET,     // a number
    KS_FIELD_CODE,       // value as a stop code: two keys, number as text and name
    KS_FIELD_PARAMETERS, // four numbers in hexadecimal, as text
    KS_FIELD_REGISTERS,  // an object of numbers in hexadecimal, as text
    KS_FIELD_STACK,      // a list of texts
};

struct ks_event_key {
    const char *key;
    enum ks_event_field field;
    bool always; // every event of the kind has it
};

// The kind's own keys in the order of the trace; the list ends with a key that is NULL. `fact` may
// follow on any event.
const struct ks_event_key *ks_event_keys(enum kldr_event_kind kind);

// False when the event does not set the field.
bool ks_event_has(const struct kldr_event *event, enum ks_event_field field);
// The value of a field that is a text; NULL for others.
const char *ks_event_text(const struct kldr_event *event, enum ks_event_field field);

// The part of a registry path that is not always the same, "\SERVICES\port"; NULL for other texts.
const char *ks_event_argument_tail(const char *argument);

// The event as a JSON object: seq, depth, step, event, its own keys, fact.
void ks_event_write_json(struct ks_json *json, const struct kldr_event *event);
// The event as one line for people, without its end: name and own keys as "key value". Registers
// and stack are left out.
void ks_event_write_line(struct ks_text_buffer *buffer, const struct kldr_event *event);
// Registers and stack, each of their lines behind indent; nothing when the event has none.
void ks_event_write_stack(struct ks_text_buffer *buffer, const struct kldr_event *event,
                          const char *indent);

#endif
