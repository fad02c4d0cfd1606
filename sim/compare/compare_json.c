// SPDX-License-Identifier: MIT
// A comparison as one JSON object, a step in a line.

#include "compare/compare.h"

#include "explain/explain.h"
#include "output/json_writer.h"

#include <string.h>

static bool is_map(enum ks_compare_key key)
{
    return key == KS_COMPARE_COUNTS;
}

static void write_items(struct ks_json *json, const struct ks_compare_value *value, bool map)
{
    if (map) {
        ks_json_begin_object(json);
    } else {
        ks_json_begin_array(json);
    }
    for (size_t i = 0; i < value->count; i++) {
        const struct ks_recorded_item *item = &value->items[i];
        if (map) {
            ks_json_key_quoted(json, item->name);
            ks_json_text(json, item->value);
        } else if (item->name != NULL) {
            ks_json_begin_object(json);
            ks_json_key_text(json, "name", item->name);
            ks_json_key_text(json, "value", item->value);
            ks_json_end_object(json);
        } else {
            ks_json_text(json, item->value);
        }
    }
    if (map) {
        ks_json_end_object(json);
    } else {
        ks_json_end_array(json);
    }
}

static bool is_shown(const struct ks_compare *compare, size_t step, enum ks_compare_key key)
{
    for (size_t i = 1; key >= KS_COMPARE_STOP && i < compare->column_count; i++) {
        if (ks_compare_find(compare, step, key, i) != NULL) {
            return true;
        }
    }
    return key < KS_COMPARE_STOP;
}

static void write_cell(struct ks_json *json, const struct ks_compare *compare, size_t index,
                       const struct ks_compare_step *step)
{
    ks_json_begin_object(json);
    ks_json_key(json, "ran");
    ks_json_bool(json, step->ran);
    if (step->has_status) {
        ks_json_key_status(json, step->status);
    }
    if (step->has_win32) {
        ks_json_key_unsigned(json, "win32", step->win32);
    }
    for (int i = KS_COMPARE_CALLS; i < KS_COMPARE_KEY_COUNT; i++) {
        enum ks_compare_key key = (enum ks_compare_key)i;
        if (step->values[key].known && is_shown(compare, index, key)) {
            ks_json_key(json, ks_compare_key_name(key));
            write_items(json, &step->values[key], is_map(key));
        }
    }
    ks_json_end_object(json);
}

static void write_change(struct ks_json *json, const struct ks_compare_change *change)
{
    const struct kldr_knob_info *info = kldr_knob_info(change->knob);
    struct ks_value_info value;
    const char *facts = info->facts;
    char fact[16];
    if (ks_value_find(info->id, info->values[change->to], &value) && value.facts[0] != '\0') {
        facts = value.facts;
    }
    ks_json_begin_object(json);
    ks_json_key_text(json, "knob", info->id);
    ks_json_key_text(json, "from", info->values[change->from]);
    ks_json_key_text(json, "to", info->values[change->to]);
    ks_json_key(json, "facts");
    ks_json_begin_array(json);
    for (const char *rest = facts; ks_explain_next(&rest, fact, sizeof fact);) {
        ks_json_text(json, fact);
    }
    ks_json_end_array(json);
    ks_json_key_text(json, "grade", info->grade);
    ks_json_key(json, "unverified");
    ks_json_bool(json, ks_fact_unverified(facts));
    ks_json_end_object(json);
}

static void write_differences(struct ks_json *json, const struct ks_compare *compare, size_t step)
{
    ks_json_key(json, "differences");
    ks_json_begin_array(json);
    for (size_t i = 0; i < compare->difference_count; i++) {
        const struct ks_compare_difference *difference = &compare->differences[i];
        if (difference->step != step) {
            continue;
        }
        ks_json_begin_object(json);
        ks_json_key_text(json, "key", ks_compare_key_name(difference->key));
        ks_json_key_text(json, "column", compare->columns[difference->column].label);
        ks_json_key(json, "cause");
        ks_json_begin_array(json);
        for (size_t j = 0; j < difference->change_count; j++) {
            write_change(json, &difference->changes[j]);
        }
        ks_json_end_array(json);
        ks_json_end_object(json);
    }
    ks_json_end_array(json);
}

static void write_step(struct ks_json *json, const struct ks_compare *compare, size_t index)
{
    bool whole = index == compare->scenario->step_count;
    ks_json_begin_object(json);
    if (!whole) {
        const struct ks_step *step = &compare->scenario->steps[index];
        const char *target = step->action == KS_ACTION_LOAD ? step->service : step->target;
        ks_json_key_unsigned(json, "step", index + 1);
        ks_json_key_text(json, "action", ks_action_name(step->action));
        if (target != NULL) {
            ks_json_key_text(json, "target", target);
        }
    } else {
        ks_json_key(json, "all_steps");
        ks_json_bool(json, true);
    }
    ks_json_key(json, "columns");
    ks_json_begin_object(json);
    for (size_t i = 0; i < compare->column_count; i++) {
        ks_json_key(json, compare->columns[i].label);
        write_cell(json, compare, index, &compare->columns[i].steps[index]);
    }
    ks_json_end_object(json);
    write_differences(json, compare, index);
    ks_json_end_object(json);
}

static void write_columns(struct ks_json *json, const struct ks_compare *compare)
{
    const struct ks_compare_column *last = &compare->columns[compare->column_count - 1];
    ks_json_key(json, "columns");
    ks_json_begin_array(json);
    for (size_t i = 0; i < compare->column_count; i++) {
        const struct ks_compare_column *column = &compare->columns[i];
        ks_json_begin_object(json);
        ks_json_key_text(json, "name", column->label);
        ks_json_key_text(json, column->recorded ? "system" : "reason", column->reason);
        if (!column->recorded) {
            ks_json_key_text(json, "outcome", ks_outcome_name(column->outcome));
        }
        if (!column->recorded && last->recorded) {
            ks_json_key_unsigned(json, "differences_from_recording", column->differences);
        }
        ks_json_end_object(json);
    }
    ks_json_end_array(json);
}

void ks_compare_write_json(struct ks_text_buffer *buffer, const struct ks_compare *compare)
{
    struct ks_json json;
    size_t rows = compare->scenario->step_count + (compare->whole_run ? 1 : 0);
    ks_json_init(&json, buffer);
    ks_json_begin_object(&json);
    ks_json_key_unsigned(&json, "kldr_compare", 1);
    ks_json_key_text(&json, "scenario", compare->scenario->name);
    write_columns(&json, compare);
    ks_json_key(&json, "steps");
    ks_json_begin_array(&json);
    for (size_t i = 0; i < rows; i++) {
        ks_json_newline(&json);
        write_step(&json, compare, i);
    }
    ks_text_buffer_char(buffer, '\n');
    ks_json_end_array(&json);
    ks_json_key_unsigned(&json, "differences", compare->difference_count);
    ks_json_end_object(&json);
    ks_text_buffer_char(buffer, '\n');
}
