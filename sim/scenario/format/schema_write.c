// SPDX-License-Identifier: MIT
// Scalars in the JSON Schema, and what jansson needs around it.
#include "scenario/format/schema_write.h"

#include "scenario/format/schema_pattern.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STATUS_NAME "[A-Z][A-Z0-9_]*"

void ks_schema_set(struct ks_schema *schema, json_t *object, const char *key, json_t *value)
{
    schema->failed = json_object_set_new(object, key, value) != 0 || schema->failed;
}

void ks_schema_add(struct ks_schema *schema, json_t *array, json_t *value)
{
    schema->failed = json_array_append_new(array, value) != 0 || schema->failed;
}

json_t *ks_schema_object(struct ks_schema *schema)
{
    json_t *object = json_object();
    schema->failed = object == NULL || schema->failed;
    return object;
}

json_t *ks_schema_array(struct ks_schema *schema)
{
    json_t *array = json_array();
    schema->failed = array == NULL || schema->failed;
    return array;
}

json_t *ks_schema_types(struct ks_schema *schema, const char *first, const char *second,
                        const char *third)
{
    json_t *types = ks_schema_array(schema);
    ks_schema_add(schema, types, json_string(first));
    ks_schema_add(schema, types, json_string(second));
    if (third != NULL) {
        ks_schema_add(schema, types, json_string(third));
    }
    return types;
}

// Some engines let `$` stand before a line break at the end.
void ks_schema_set_pattern(struct ks_schema *schema, json_t *object, const char *pattern)
{
    size_t size = strlen(pattern) + 32;
    char *anchored = malloc(size);
    if (anchored == NULL) {
        schema->failed = true;
        return;
    }
    snprintf(anchored, size, "^(?:%s)$(?!\\n)", pattern);
    ks_schema_set(schema, object, "pattern", json_string(anchored));
    free(anchored);
}

static json_t *words(struct ks_schema *schema, const struct ks_shape *shape)
{
    json_t *values = ks_schema_array(schema);
    const char *word;
    for (size_t i = 0; (word = shape->word_at(i)) != NULL; i++) {
        ks_schema_add(schema, values, json_string(word));
        if (word[0] >= '0' && word[0] <= '9' && word[strspn(word, "0123456789")] == '\0') {
            ks_schema_add(schema, values, json_integer(strtol(word, NULL, 10)));
        }
    }
    if (shape->kind == KS_SHAPE_BOOLEAN) {
        ks_schema_add(schema, values, json_false());
        ks_schema_add(schema, values, json_true());
    }
    return values;
}

// The first word is one of the list; anything may follow behind a blank.
static void set_first_word(struct ks_schema *schema, json_t *body, const struct ks_shape *shape)
{
    size_t size = 64;
    const char *word;
    for (size_t i = 0; (word = shape->word_at(i)) != NULL; i++) {
        size += 2 * strlen(word) + 1;
    }
    char *pattern = malloc(size);
    if (pattern == NULL) {
        schema->failed = true;
        return;
    }
    char *end = pattern + sprintf(pattern, "(?:");
    for (size_t i = 0; (word = shape->word_at(i)) != NULL; i++) {
        *end = '|';
        end += i == 0 ? 0 : 1;
        for (; *word != '\0'; word++) {
            end += sprintf(end, "%s%c", *word == '.' ? "\\" : "", *word);
        }
    }
    strcpy(end, ")(?: [^\\x00-\\x1f\\x7f-\\x9f]+)?");
    ks_schema_set_pattern(schema, body, pattern);
    free(pattern);
}

static void text_body(struct ks_schema *schema, json_t *body, const struct ks_shape *shape)
{
    ks_schema_set(schema, body, "type", ks_schema_types(schema, "string", "number", "boolean"));
    if (shape->word_at != NULL) {
        set_first_word(schema, body, shape);
    } else if (shape->pattern != NULL) {
        ks_schema_set_pattern(schema, body, shape->pattern);
    }
}

static void number_body(struct ks_schema *schema, json_t *body, uint64_t min, uint64_t max,
                        const char *name)
{
    char number[KS_SCHEMA_PATTERN_SIZE];
    char pattern[KS_SCHEMA_PATTERN_SIZE + 32];
    ks_schema_pattern_number(min, max, number);
    snprintf(pattern, sizeof pattern, "%s%s%s", number, name == NULL ? "" : "|",
             name == NULL ? "" : name);
    ks_schema_set(schema, body, "type", ks_schema_types(schema, "integer", "string", NULL));
    ks_schema_set(schema, body, "minimum", json_integer((json_int_t)min));
    if (max <= INT64_MAX) {
        ks_schema_set(schema, body, "maximum", json_integer((json_int_t)max));
    }
    ks_schema_set_pattern(schema, body, pattern);
}

void ks_schema_scalar(struct ks_schema *schema, json_t *body, const struct ks_shape *shape)
{
    json_t *nothing;
    switch (shape->kind) {
    case KS_SHAPE_TEXT:
        text_body(schema, body, shape);
        break;
    case KS_SHAPE_NUMBER:
        number_body(schema, body, shape->min, shape->max, NULL);
        break;
    case KS_SHAPE_STATUS:
    case KS_SHAPE_STOP:
        number_body(schema, body, 0, UINT32_MAX, STATUS_NAME);
        break;
    case KS_SHAPE_NOTHING:
        nothing = ks_schema_array(schema);
        ks_schema_add(schema, nothing, json_string(""));
        ks_schema_add(schema, nothing, json_null());
        ks_schema_set(schema, body, "enum", nothing);
        break;
    default:
        ks_schema_set(schema, body, "enum", words(schema, shape));
        break;
    }
}
