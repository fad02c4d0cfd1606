// SPDX-License-Identifier: MIT
// The key table as a JSON Schema (draft 2020-12). It speaks of a document whose scalars are text,
// as the parser sees them, and lets through what a YAML loader with types makes of numbers and
// booleans.
#include "scenario/format/keys.h"
#include "scenario/format/schema_pattern.h"
#include "scenario/format/schema_write.h"
#include "scenario/parse.h"

#include <kldr/policy.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static json_t *schema_of(struct ks_schema *schema, const struct ks_shape *shape);

// ---- lists and maps ----

static void set_limits(struct ks_schema *schema, json_t *body, const struct ks_shape *shape,
                       const char *least, const char *most)
{
    if (shape->min != 0) {
        ks_schema_set(schema, body, least, json_integer((json_int_t)shape->min));
    }
    if (shape->max != 0) {
        ks_schema_set(schema, body, most, json_integer((json_int_t)shape->max));
    }
}

static void list_body(struct ks_schema *schema, json_t *body, const struct ks_shape *shape)
{
    ks_schema_set(schema, body, "type", json_string("array"));
    ks_schema_set(schema, body, "items", schema_of(schema, shape->item));
    set_limits(schema, body, shape, "minItems", "maxItems");
    if (shape->unique) {
        ks_schema_set(schema, body, "uniqueItems", json_true());
    }
}

static void map_body(struct ks_schema *schema, json_t *body, const struct ks_shape *shape)
{
    ks_schema_set(schema, body, "type", json_string("object"));
    ks_schema_set(schema, body, "propertyNames", schema_of(schema, shape->key));
    ks_schema_set(schema, body, "additionalProperties", schema_of(schema, shape->item));
    set_limits(schema, body, shape, "minProperties", "maxProperties");
}

static json_t *knob_values(struct ks_schema *schema, const struct kldr_knob_info *knob)
{
    json_t *choices = ks_schema_array(schema);
    for (size_t i = 0; knob->values[i] != NULL; i++) {
        json_t *choice = ks_schema_object(schema);
        if (strncmp(knob->values[i], "0x", 2) == 0) {
            char pattern[KS_SCHEMA_PATTERN_SIZE];
            ks_schema_set(schema, choice, "type", json_string("string"));
            ks_schema_set_pattern(
                schema, choice,
                ks_schema_pattern_hex(strtoull(knob->values[i], NULL, 16), pattern));
        } else {
            ks_schema_set(schema, choice, "const", json_string(knob->values[i]));
        }
        ks_schema_add(schema, choices, choice);
    }
    json_t *value = ks_schema_object(schema);
    ks_schema_set(schema, value, "description", json_string(knob->meaning));
    ks_schema_set(schema, value, "anyOf", choices);
    return value;
}

static void policy_body(struct ks_schema *schema, json_t *body)
{
    json_t *properties = ks_schema_object(schema);
    for (int i = 0; i < KLDR_KNOB_COUNT; i++) {
        const struct kldr_knob_info *knob = kldr_knob_info((enum kldr_knob)i);
        ks_schema_set(schema, properties, knob->id, knob_values(schema, knob));
    }
    ks_schema_set(schema, body, "type", json_string("object"));
    ks_schema_set(schema, body, "properties", properties);
    ks_schema_set(schema, body, "additionalProperties", json_false());
}

// ---- records ----

// [{"required": [a]}, {"required": [b]}] for the keys of a mask.
static json_t *alternatives(struct ks_schema *schema, const struct ks_shape *shape, uint64_t mask)
{
    json_t *choices = ks_schema_array(schema);
    for (size_t i = 0; i < shape->key_count; i++) {
        if ((mask >> i & 1) != 0) {
            json_t *choice = ks_schema_object(schema);
            json_t *required = ks_schema_array(schema);
            ks_schema_add(schema, required, json_string(shape->keys[i].name));
            ks_schema_set(schema, choice, "required", required);
            ks_schema_add(schema, choices, choice);
        }
    }
    return choices;
}

static uint64_t flagged(const struct ks_shape *shape, uint32_t flag)
{
    uint64_t mask = 0;
    for (size_t i = 0; i < shape->key_count; i++) {
        mask |= (shape->keys[i].flags & flag) != 0 ? UINT64_C(1) << i : 0;
    }
    return mask;
}

// What the presence of one key asks of the others.
static json_t *relation(struct ks_schema *schema, const struct ks_shape *shape,
                        const struct ks_key *key)
{
    json_t *rule = ks_schema_object(schema);
    json_t *forbidden = ks_schema_object(schema);
    for (size_t i = 0; i < shape->key_count; i++) {
        if ((key->excludes >> i & 1) != 0) {
            ks_schema_set(schema, forbidden, shape->keys[i].name, json_false());
        }
    }
    if (key->needs != 0) {
        ks_schema_set(schema, rule, "anyOf", alternatives(schema, shape, key->needs));
    }
    ks_schema_set(schema, rule, "properties", forbidden);
    return rule;
}

static void set_relations(struct ks_schema *schema, json_t *body, const struct ks_shape *shape)
{
    json_t *relations = ks_schema_object(schema);
    for (size_t i = 0; i < shape->key_count; i++) {
        const struct ks_key *key = &shape->keys[i];
        if (key->needs != 0 || key->excludes != 0) {
            ks_schema_set(schema, relations, key->name, relation(schema, shape, key));
        }
    }
    if (json_object_size(relations) > 0) {
        ks_schema_set(schema, body, "dependentSchemas", relations);
    } else {
        json_decref(relations);
    }
}

static void set_presence(struct ks_schema *schema, json_t *body, const struct ks_shape *shape)
{
    json_t *required = ks_schema_array(schema);
    for (size_t i = 0; i < shape->key_count; i++) {
        if ((shape->keys[i].flags & KS_KEY_REQUIRED) != 0) {
            ks_schema_add(schema, required, json_string(shape->keys[i].name));
        }
    }
    ks_schema_set(schema, body, "required", required);
    if (flagged(shape, KS_KEY_ONE_OF) != 0) {
        ks_schema_set(schema, body, "oneOf",
                      alternatives(schema, shape, flagged(shape, KS_KEY_ONE_OF)));
    }
    if (flagged(shape, KS_KEY_SOME_OF) != 0) {
        ks_schema_set(schema, body, "anyOf",
                      alternatives(schema, shape, flagged(shape, KS_KEY_SOME_OF)));
    }
}

static void record_body(struct ks_schema *schema, json_t *body, const struct ks_shape *shape)
{
    json_t *properties = ks_schema_object(schema);
    for (size_t i = 0; i < shape->key_count; i++) {
        json_t *value = schema_of(schema, shape->keys[i].shape);
        ks_schema_set(schema, value, "description", json_string(shape->keys[i].doc));
        ks_schema_set(schema, properties, shape->keys[i].name, value);
    }
    ks_schema_set(schema, body, "type", json_string("object"));
    ks_schema_set(schema, body, "properties", properties);
    ks_schema_set(schema, body, "additionalProperties", json_false());
    set_presence(schema, body, shape);
    set_relations(schema, body, shape);
}

// ---- choices ----

static json_t *choices_from(struct ks_schema *schema, const struct ks_shape *const *choices)
{
    json_t *any = ks_schema_array(schema);
    for (; *choices != NULL; choices++) {
        ks_schema_add(schema, any, schema_of(schema, *choices));
    }
    return any;
}

static json_t *is_selected(struct ks_schema *schema, const char *selector)
{
    json_t *scalar = ks_schema_object(schema);
    json_t *properties = ks_schema_object(schema);
    json_t *required = ks_schema_array(schema);
    json_t *condition = ks_schema_object(schema);
    ks_schema_set(schema, scalar, "type", ks_schema_types(schema, "string", "number", "boolean"));
    ks_schema_set(schema, properties, selector, scalar);
    ks_schema_add(schema, required, json_string(selector));
    ks_schema_set(schema, condition, "type", json_string("object"));
    ks_schema_set(schema, condition, "required", required);
    ks_schema_set(schema, condition, "properties", properties);
    return condition;
}

static void choice_body(struct ks_schema *schema, json_t *body, const struct ks_shape *shape)
{
    if (shape->selector == NULL) {
        ks_schema_set(schema, body, "anyOf", choices_from(schema, shape->choices));
        return;
    }
    json_t *others = ks_schema_object(schema);
    ks_schema_set(schema, others, "anyOf", choices_from(schema, shape->choices + 1));
    ks_schema_set(schema, body, "if", is_selected(schema, shape->selector));
    ks_schema_set(schema, body, "then", schema_of(schema, shape->choices[0]));
    ks_schema_set(schema, body, "else", others);
}

static void fill_body(struct ks_schema *schema, json_t *body, const struct ks_shape *shape)
{
    switch (shape->kind) {
    case KS_SHAPE_LIST:
        list_body(schema, body, shape);
        break;
    case KS_SHAPE_MAP:
        map_body(schema, body, shape);
        break;
    case KS_SHAPE_RECORD:
        record_body(schema, body, shape);
        break;
    case KS_SHAPE_POLICY:
        policy_body(schema, body);
        break;
    case KS_SHAPE_CHOICE:
        choice_body(schema, body, shape);
        break;
    default:
        ks_schema_scalar(schema, body, shape);
        break;
    }
}

// A shape with a name is written once, under $defs; an empty entry there keeps recursion from going
// on for ever.
static json_t *schema_of(struct ks_schema *schema, const struct ks_shape *shape)
{
    json_t *body = ks_schema_object(schema);
    if (shape->name == NULL) {
        fill_body(schema, body, shape);
        return body;
    }
    char pointer[64];
    snprintf(pointer, sizeof pointer, "#/$defs/%s", shape->name);
    ks_schema_set(schema, body, "$ref", json_string(pointer));
    if (json_object_get(schema->defs, shape->name) == NULL && !schema->failed) {
        json_t *definition = ks_schema_object(schema);
        ks_schema_set(schema, schema->defs, shape->name, definition);
        if (shape->doc != NULL) {
            ks_schema_set(schema, definition, "description", json_string(shape->doc));
        }
        fill_body(schema, definition, shape);
    }
    return body;
}

static json_t *make_schema(struct ks_schema *schema)
{
    json_t *root = ks_schema_object(schema);
    ks_schema_set(schema, root, "$schema",
                  json_string("https://json-schema.org/draft/2020-12/schema"));
    ks_schema_set(schema, root, "title", json_string("kldr scenario, format 1"));
    ks_schema_set(
        schema, root, "$comment",
        json_string("Made from the key table of kldr's parser. It judges one document as it is "
                    "loaded by a YAML loader that keeps scalars as text (an empty value is an "
                    "empty text); a loader that makes numbers and booleans of them will do as "
                    "well, but then texts such as no or 1e3 are no longer what the file says. Not "
                    "expressed: duplicate keys, anchors, tags and the like; unknown status and "
                    "stop code names; names that do not exist; rules between values."));
    ks_schema_set(schema, root, "$ref", json_string("#/$defs/scenario"));
    json_t *reference = schema_of(schema, &ks_scenario_shape);
    json_decref(reference);
    ks_schema_set(schema, root, "$defs", json_incref(schema->defs));
    return root;
}

char *ks_scenario_schema(void)
{
    struct ks_schema schema = {.defs = json_object()};
    schema.failed = schema.defs == NULL;
    json_t *root = make_schema(&schema);
    char *text = schema.failed ? NULL : json_dumps(root, JSON_INDENT(2) | JSON_PRESERVE_ORDER);
    json_decref(root);
    json_decref(schema.defs);
    size_t length = text == NULL ? 0 : strlen(text);
    char *file = text == NULL ? NULL : malloc(length + 2);
    if (file != NULL) {
        memcpy(file, text, length);
        memcpy(file + length, "\n", 2);
    }
    free(text);
    return file;
}
