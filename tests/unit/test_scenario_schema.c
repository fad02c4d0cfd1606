// SPDX-License-Identifier: MIT
// The JSON Schema and the table that it and the parser are made from.
#include "scenario/format/keys.h"
#include "scenario/format/schema_pattern.h"
#include "scenario/parse.h"

#include "test.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void the_file_in_docs_is_what_the_table_says(void **state)
{
    char *schema = ks_scenario_schema();
    FILE *stored = fopen(KLDR_TEST_SOURCE_DIR "/../docs/kldr-scenario.schema.json", "rb");
    (void)state;
    assert_non_null(schema);
    assert_non_null(stored);
    size_t length = strlen(schema);
    char *text = calloc(1, length + 2);
    assert_non_null(text);
    // Renew it with `scenario_judge --schema`.
    assert_int_equal(fread(text, 1, length + 1, stored), length);
    assert_string_equal(text, schema);
    fclose(stored);
    free(text);
    free(schema);
}

static void every_reference_leads_to_a_definition(void **state)
{
    char *schema = ks_scenario_schema();
    json_t *root = json_loads(schema, 0, NULL);
    const json_t *defs = json_object_get(root, "$defs");
    static const char mark[] = "\"$ref\": \"#/$defs/";
    size_t count = 0;
    (void)state;
    assert_non_null(root);
    for (const char *at = schema; (at = strstr(at, mark)) != NULL; count++) {
        char name[64] = "";
        at += sizeof mark - 1;
        size_t length = strcspn(at, "\"");
        assert_true(length < sizeof name);
        memcpy(name, at, length);
        assert_true(json_object_size(json_object_get(defs, name)) > 0);
    }
    assert_true(count > 50);
    json_decref(root);
    free(schema);
}

// ---- the table ----

#define SHAPES_MAX 400

struct shapes {
    const struct ks_shape *all[SHAPES_MAX];
    size_t count;
};

static void collect(struct shapes *shapes, const struct ks_shape *shape)
{
    for (size_t i = 0; i < shapes->count; i++) {
        if (shapes->all[i] == shape) {
            return;
        }
    }
    assert_true(shapes->count < SHAPES_MAX);
    shapes->all[shapes->count++] = shape;
    if (shape->key != NULL) {
        collect(shapes, shape->key);
    }
    if (shape->item != NULL) {
        collect(shapes, shape->item);
    }
    for (size_t i = 0; i < shape->key_count; i++) {
        collect(shapes, shape->keys[i].shape);
    }
    for (size_t i = 0; shape->choices != NULL && shape->choices[i] != NULL; i++) {
        collect(shapes, shape->choices[i]);
    }
}

static void shapes_of_one_name_are_one_shape(void **state)
{
    struct shapes shapes = {.count = 0};
    (void)state;
    collect(&shapes, &ks_scenario_shape);
    for (size_t i = 0; i < shapes.count; i++) {
        for (size_t k = i + 1; k < shapes.count; k++) {
            const char *left = shapes.all[i]->name;
            const char *right = shapes.all[k]->name;
            assert_true(left == NULL || right == NULL || strcmp(left, right) != 0);
        }
    }
}

static void every_key_is_described_and_every_shape_named_for_messages(void **state)
{
    struct shapes shapes = {.count = 0};
    (void)state;
    collect(&shapes, &ks_scenario_shape);
    for (size_t i = 0; i < shapes.count; i++) {
        const struct ks_shape *shape = shapes.all[i];
        assert_non_null(shape->what);
        assert_true(shape->key_count <= KS_KEYS_MAX);
        for (size_t k = 0; k < shape->key_count; k++) {
            assert_non_null(shape->keys[k].name);
            assert_non_null(shape->keys[k].doc);
            for (size_t earlier = 0; earlier < k; earlier++) {
                assert_string_not_equal(shape->keys[k].name, shape->keys[earlier].name);
            }
        }
    }
}

// The step table's first keys are the actions, by their enumerators.
static void actions_have_the_numbers_of_their_keys(void **state)
{
    const struct ks_shape *step = ks_steps_shape.item;
    (void)state;
    for (int action = KS_ACTION_LOAD; action <= KS_ACTION_CHECK; action++) {
        assert_string_equal(step->keys[action].name, ks_action_name((enum ks_action)action));
        assert_true((step->keys[action].flags & KS_KEY_ONE_OF) != 0);
    }
    assert_null(ks_action_name((enum ks_action)(KS_ACTION_CHECK + 1)));
}

static void patterns_spell_limits_out(void **state)
{
    char text[KS_SCHEMA_PATTERN_SIZE];
    (void)state;
    assert_string_equal(ks_schema_pattern_number(0, 4, text),
                        "(?:0*(?:4|[0-3])|0[xX]0*(?:4|[0-3]))");
    assert_string_equal(
        ks_schema_pattern_number(1, 255, text),
        "(?!(?:0[xX])?0+$)(?:0*(?:255|[0-9]{1,2}|[0-1][0-9]{2}|2[0-4][0-9]{1}|25[0-4])|"
        "0[xX]0*(?:[fF][fF]|[0-9a-fA-F]{1}|[0-9a-eA-E][0-9a-fA-F]{1}|[fF][0-9a-eA-E]))");
    assert_string_equal(ks_schema_pattern_hex(0xC000019D, text), "0[xX]0*[cC]000019[dD]");
    assert_true(strlen(ks_schema_pattern_number(0, UINT64_MAX, text)) < sizeof text - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_file_in_docs_is_what_the_table_says),
        cmocka_unit_test(every_reference_leads_to_a_definition),
        cmocka_unit_test(shapes_of_one_name_are_one_shape),
        cmocka_unit_test(every_key_is_described_and_every_shape_named_for_messages),
        cmocka_unit_test(actions_have_the_numbers_of_their_keys),
        cmocka_unit_test(patterns_spell_limits_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
