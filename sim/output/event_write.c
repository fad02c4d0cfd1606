// SPDX-License-Identifier: MIT
// One event as JSON and as a line of text, both from the table of keys.
#include "output/event_keys.h"

#include <kldr/world.h>

#include <stdio.h>
#include <string.h>

static void write_json_parameters(struct ks_json *json, const struct kldr_event *event)
{
    ks_json_begin_array(json);
    for (size_t i = 0; i < KLDR_EVENT_PARAMETERS; i++) {
        ks_json_address(json, event->parameters[i]);
    }
    ks_json_end_array(json);
}

static void write_json_code(struct ks_json *json, uint32_t code)
{
    struct kldr_stop_code_info info;
    ks_json_key_hex(json, "code", code, 8);
    if (kldr_stop_code_find(code, &info)) {
        ks_json_key_text(json, "code_name", info.name);
    }
}

#define LINE_LONGEST 255 // of a stack

// "name=number name=number" as an object.
static void write_json_registers(struct ks_json *json, const char *registers)
{
    ks_json_begin_object(json);
    for (const char *at = registers; *at != '\0';) {
        char name[16], value[32];
        size_t length = strcspn(at, " ");
        size_t name_length = strcspn(at, "=");
        if (name_length < sizeof name && length > name_length &&
            length - name_length <= sizeof value) {
            snprintf(name, name_length + 1, "%s", at);
            snprintf(value, length - name_length, "%s", at + name_length + 1);
            ks_json_key_text(json, name, value);
        }
        at += length + (at[length] != '\0');
    }
    ks_json_end_object(json);
}

static void write_json_lines(struct ks_json *json, const char *lines)
{
    ks_json_begin_array(json);
    for (const char *at = lines; *at != '\0';) {
        char line[LINE_LONGEST + 1];
        size_t length = strcspn(at, "\n");
        snprintf(line, sizeof line, "%.*s", length < sizeof line ? (int)length : LINE_LONGEST, at);
        ks_json_text(json, line);
        at += length + (at[length] != '\0');
    }
    ks_json_end_array(json);
}

static void write_json_key(struct ks_json *json, const struct kldr_event *event,
                           const struct ks_event_key *key)
{
    switch (key->field) {
    case KS_FIELD_STATUS:
        ks_json_key_status(json, event->status);
        return;
    case KS_FIELD_CODE:
        write_json_code(json, (uint32_t)event->value);
        return;
    default:
        ks_json_key(json, key->key);
        break;
    }
    switch (key->field) {
    case KS_FIELD_COUNT:
        if ((event->has & KLDR_EVENT_COUNT_INACTIVE) != 0) {
            ks_json_text(json, "inactive");
        } else {
            ks_json_signed(json, event->count);
        }
        break;
    case KS_FIELD_ORDINAL:
        ks_json_unsigned(json, event->ordinal);
        break;
    case KS_FIELD_SIZE:
        ks_json_unsigned(json, event->size);
        break;
    case KS_FIELD_FLAG:
        ks_json_bool(json, event->flag);
        break;
    case KS_FIELD_NUMBER:
        ks_json_unsigned(json, event->value);
        break;
    case KS_FIELD_RESULT:
        ks_json_address(json, event->value);
        break;
    case KS_FIELD_ADDRESS:
        ks_json_address(json, event->address);
        break;
    case KS_FIELD_OFFSET:
        ks_json_unsigned(json, event->offset);
        break;
    case KS_FIELD_PARAMETERS:
        write_json_parameters(json, event);
        break;
    case KS_FIELD_REGISTERS:
        write_json_registers(json, event->registers);
        break;
    case KS_FIELD_STACK:
        write_json_lines(json, event->stack);
        break;
    default:
        ks_json_text(json, ks_event_text(event, key->field));
        break;
    }
}

void ks_event_write_json(struct ks_json *json, const struct kldr_event *event)
{
    ks_json_begin_object(json);
    ks_json_key_unsigned(json, "seq", event->seq);
    ks_json_key_unsigned(json, "depth", event->depth);
    ks_json_key_unsigned(json, "step", event->step);
    ks_json_key_text(json, "event", kldr_event_name(event->kind));
    for (const struct ks_event_key *key = ks_event_keys(event->kind); key->key != NULL; key++) {
        if (ks_event_has(event, key->field)) {
            write_json_key(json, event, key);
        }
    }
    if (event->fact != NULL) {
        ks_json_key_text(json, "fact", event->fact);
    }
    ks_json_end_object(json);
}

const char *ks_event_argument_tail(const char *argument)
{
    static const char services[] = "\\services\\";
    const size_t length = sizeof(services) - 1;
    for (const char *at = argument; *at != '\0'; at++) {
        size_t i = 0;
        while (i < length && (at[i] == services[i] ||
                              (at[i] >= 'A' && at[i] <= 'Z' && at[i] - 'A' + 'a' == services[i]))) {
            i++;
        }
        if (i == length) {
            return at;
        }
    }
    return NULL;
}

static void write_argument(struct ks_text_buffer *buffer, const char *argument)
{
    const char *tail = ks_event_argument_tail(argument);
    ks_text_buffer_text(buffer, tail != NULL ? "..." : "");
    ks_text_buffer_visible(buffer, tail != NULL ? tail : argument);
}

static void write_line_value(struct ks_text_buffer *buffer, const struct kldr_event *event,
                             enum ks_event_field field)
{
    char status[KLDR_STATUS_TEXT_SIZE];
    switch (field) {
    case KS_FIELD_STATUS:
        ks_text_buffer_text(buffer, kldr_status_format(event->status, status));
        break;
    case KS_FIELD_COUNT:
        if ((event->has & KLDR_EVENT_COUNT_INACTIVE) != 0) {
            ks_text_buffer_text(buffer, "inactive");
        } else {
            ks_text_buffer_signed(buffer, event->count);
        }
        break;
    case KS_FIELD_ORDINAL:
        ks_text_buffer_unsigned(buffer, event->ordinal);
        break;
    case KS_FIELD_SIZE:
        ks_text_buffer_hex(buffer, event->size, 1);
        break;
    case KS_FIELD_FLAG:
        ks_text_buffer_text(buffer, event->flag ? "yes" : "no");
        break;
    case KS_FIELD_NUMBER:
        ks_text_buffer_unsigned(buffer, event->value);
        break;
    case KS_FIELD_RESULT:
        ks_text_buffer_address(buffer, event->value);
        break;
    case KS_FIELD_ADDRESS:
        ks_text_buffer_address(buffer, event->address);
        break;
    case KS_FIELD_OFFSET:
        ks_text_buffer_hex(buffer, event->offset, 1);
        break;
    case KS_FIELD_CODE:
        ks_text_buffer_hex(buffer, event->value, 8);
        break;
    case KS_FIELD_PARAMETERS:
        for (size_t i = 0; i < KLDR_EVENT_PARAMETERS; i++) {
            ks_text_buffer_text(buffer, i == 0 ? "" : ",");
            ks_text_buffer_address(buffer, event->parameters[i]);
        }
        break;
    case KS_FIELD_ARGUMENT:
        write_argument(buffer, event->argument);
        break;
    default:
        ks_text_buffer_visible(buffer, ks_event_text(event, field));
        break;
    }
}

void ks_event_write_line(struct ks_text_buffer *buffer, const struct kldr_event *event)
{
    ks_text_buffer_text(buffer, kldr_event_name(event->kind));
    for (const struct ks_event_key *key = ks_event_keys(event->kind); key->key != NULL; key++) {
        bool many = key->field == KS_FIELD_REGISTERS || key->field == KS_FIELD_STACK;
        if (!many && ks_event_has(event, key->field)) {
            ks_text_buffer_text(buffer, "  ");
            ks_text_buffer_text(buffer, key->key);
            ks_text_buffer_char(buffer, ' ');
            write_line_value(buffer, event, key->field);
        }
    }
    if (event->fact != NULL) {
        ks_text_buffer_text(buffer, "  fact ");
        ks_text_buffer_visible(buffer, event->fact);
    }
}

#define LINE_WIDTH 100 // of registers

static void write_registers(struct ks_text_buffer *buffer, const char *registers,
                            const char *indent)
{
    size_t width = LINE_WIDTH;
    for (const char *at = registers; *at != '\0';) {
        size_t length = strcspn(at, " ");
        if (width + 1 + length > LINE_WIDTH) {
            ks_text_buffer_text(buffer, width == LINE_WIDTH ? "" : "\n");
            ks_text_buffer_text(buffer, indent);
            width = strlen(indent);
        } else {
            ks_text_buffer_char(buffer, ' ');
            width++;
        }
        ks_text_buffer_bytes(buffer, at, length);
        width += length;
        at += length + (at[length] != '\0');
    }
    ks_text_buffer_char(buffer, '\n');
}

void ks_event_write_stack(struct ks_text_buffer *buffer, const struct kldr_event *event,
                          const char *indent)
{
    for (const char *at = event->stack != NULL ? event->stack : ""; *at != '\0';) {
        char line[LINE_LONGEST + 1];
        size_t length = strcspn(at, "\n");
        ks_text_buffer_text(buffer, indent);
        ks_text_buffer_text(buffer, "at ");
        snprintf(line, sizeof line, "%.*s", length < sizeof line ? (int)length : LINE_LONGEST, at);
        ks_text_buffer_visible(buffer, line);
        ks_text_buffer_char(buffer, '\n');
        at += length + (at[length] != '\0');
    }
    if (event->registers != NULL) {
        write_registers(buffer, event->registers, indent);
    }
}
