// SPDX-License-Identifier: MIT
// Entries as JSON objects. Keys are a contract: adding is compatible, renaming is not.
#include "explain/entry.h"
#include "output/json_writer.h"

static void words_array(struct ks_json *json, const char *key, const char *list)
{
    char word[40];
    ks_json_key(json, key);
    ks_json_begin_array(json);
    while (ks_explain_next(&list, word, sizeof word)) {
        ks_json_text(json, word);
    }
    ks_json_end_array(json);
}

static void field(struct ks_json *json, const struct ks_entry_field *field)
{
    switch (field->form) {
    case KS_FIELD_TEXT:
        ks_json_key_text(json, field->key, field->text);
        break;
    case KS_FIELD_LIST:
        words_array(json, field->key, field->text);
        break;
    case KS_FIELD_FLAG:
        ks_json_key_bool(json, field->key, field->number != 0);
        break;
    case KS_FIELD_NUMBER:
        ks_json_key_unsigned(json, field->key, field->number);
        break;
    }
}

static void rows(struct ks_json *json, const struct ks_entry *entry)
{
    ks_json_key(json, entry->rows_key);
    ks_json_begin_array(json);
    for (size_t i = 0; i < entry->row_count; i++) {
        ks_json_begin_object(json);
        ks_json_key_text(json, "id", entry->rows[i].id);
        ks_json_key_text(json, "text", entry->rows[i].text);
        if (entry->rows[i].note[0] != '\0') {
            ks_json_key_text(json, "note", entry->rows[i].note);
        }
        ks_json_end_object(json);
    }
    ks_json_end_array(json);
}

void ks_entry_show_json(struct ks_text_buffer *buffer, const struct ks_entry *entry)
{
    struct ks_json json;
    ks_json_init(&json, buffer);
    ks_json_begin_object(&json);
    ks_json_key_text(&json, "kind", entry->kind);
    ks_json_key_text(&json, "id", entry->id);
    if (entry->title[0] != '\0') {
        ks_json_key_text(&json, "title", entry->title);
    }
    if (entry->text[0] != '\0') {
        ks_json_key_text(&json, "text", entry->text);
    }
    for (size_t i = 0; i < entry->field_count; i++) {
        field(&json, &entry->fields[i]);
    }
    if (entry->rows_key != NULL) {
        rows(&json, entry);
    }
    words_array(&json, "facts", entry->facts);
    ks_json_end_object(&json);
}
