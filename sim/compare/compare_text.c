// SPDX-License-Identifier: MIT
// A comparison for people: what all columns show alike is one line; where they differ there is a
// line for each group of columns that agree, marked, with the knob that makes the difference.

#include "compare/compare.h"

#include "explain/explain.h"

#include <string.h>

#define KEY_WIDTH 11

struct writer {
    struct ks_text_buffer *out;
    const struct ks_compare *compare;
};

static void pad(struct writer *writer, const char *text, size_t width)
{
    size_t length = strlen(text);
    ks_text_buffer_visible(writer->out, text);
    ks_text_buffer_repeat(writer->out, ' ', length < width ? width - length : 1);
}

// ---- values ----

static void write_status(struct writer *writer, const struct ks_compare_step *step)
{
    char text[KLDR_STATUS_TEXT_SIZE];
    if (step->has_win32) {
        ks_text_buffer_text(writer->out, "Win32 error ");
        ks_text_buffer_unsigned(writer->out, step->win32);
    } else {
        ks_text_buffer_text(writer->out, kldr_status_format(step->status, text));
    }
}

static void write_value(struct writer *writer, const struct ks_compare_step *step,
                        enum ks_compare_key key)
{
    const struct ks_compare_value *value = &step->values[key];
    if (!step->ran) {
        ks_text_buffer_text(writer->out, "(not run)");
    } else if (!value->known) {
        ks_text_buffer_text(writer->out, "(not told)");
    } else if (key == KS_COMPARE_STATUS) {
        write_status(writer, step);
    } else if (value->count == 0) {
        ks_text_buffer_text(writer->out, "(none)");
    }
    for (size_t i = 0; key != KS_COMPARE_STATUS && i < value->count; i++) {
        ks_text_buffer_text(writer->out, i > 0 ? ", " : "");
        if (value->items[i].name != NULL) {
            ks_text_buffer_visible(writer->out, value->items[i].name);
            ks_text_buffer_char(writer->out, ' ');
        }
        ks_text_buffer_visible(writer->out, value->items[i].value);
    }
    ks_text_buffer_char(writer->out, '\n');
}

// ---- groups of columns that agree ----

static bool same_column(const struct ks_compare *compare, size_t step, enum ks_compare_key key,
                        size_t left, size_t right)
{
    const struct ks_compare_step *a = &compare->columns[left].steps[step];
    const struct ks_compare_step *b = &compare->columns[right].steps[step];
    return a->ran == b->ran && a->values[key].known == b->values[key].known &&
           a->has_win32 == b->has_win32 && ks_compare_same(a, b, key);
}

static bool is_first_of_group(const struct ks_compare *compare, size_t step,
                              enum ks_compare_key key, size_t column)
{
    for (size_t i = 0; i < column; i++) {
        if (same_column(compare, step, key, i, column)) {
            return false;
        }
    }
    return true;
}

static bool all_same(const struct ks_compare *compare, size_t step, enum ks_compare_key key)
{
    for (size_t i = 1; i < compare->column_count; i++) {
        if (ks_compare_find(compare, step, key, i) != NULL) {
            return false;
        }
    }
    return true;
}

// ---- causes ----

static void write_change(struct writer *writer, const struct ks_compare_change *change)
{
    const struct kldr_knob_info *info = kldr_knob_info(change->knob);
    struct ks_value_info value;
    bool known = ks_value_find(info->id, info->values[change->to], &value);
    const char *facts = known && value.facts[0] != '\0' ? value.facts : info->facts;
    ks_text_buffer_text(writer->out, info->id);
    ks_text_buffer_text(writer->out, ": ");
    ks_text_buffer_text(writer->out, info->values[change->to]);
    ks_text_buffer_text(writer->out, ", not ");
    ks_text_buffer_text(writer->out, info->values[change->from]);
    ks_text_buffer_text(writer->out, "  (");
    ks_text_buffer_text(writer->out, facts);
    ks_text_buffer_text(writer->out, ", ");
    ks_text_buffer_text(writer->out, info->grade);
    ks_text_buffer_text(writer->out, ks_fact_unverified(facts) ? ", reported, unverified)" : ")");
}

static bool same_cause(const struct ks_compare_difference *a, const struct ks_compare_difference *b)
{
    bool same = a->change_count == b->change_count;
    for (size_t i = 0; same && i < a->change_count; i++) {
        same = a->changes[i].knob == b->changes[i].knob && a->changes[i].to == b->changes[i].to;
    }
    return same;
}

static void write_changes(struct writer *writer, const struct ks_compare_difference *difference)
{
    bool recorded = writer->compare->columns[difference->column].recorded;
    if (difference->change_count == 0) {
        ks_text_buffer_text(writer->out,
                            recorded ? "no single knob of the first profile explains it"
                                     : "the scenario itself (only, skip) or the end of a run; no "
                                       "knob explains it");
    }
    for (size_t i = 0; i < difference->change_count; i++) {
        ks_text_buffer_text(writer->out, i > 0 ? " and " : recorded ? "would agree with " : "");
        write_change(writer, &difference->changes[i]);
    }
}

static void write_cause(struct writer *writer, size_t step, enum ks_compare_key key, size_t column)
{
    const struct ks_compare *compare = writer->compare;
    const struct ks_compare_difference *own = ks_compare_find(compare, step, key, column);
    if (own == NULL) {
        return;
    }
    // A cause that was named for an earlier column of this line stands for both.
    for (size_t i = 1; i < column; i++) {
        const struct ks_compare_difference *other = ks_compare_find(compare, step, key, i);
        if (other != NULL && same_cause(own, other) && same_column(compare, step, key, i, column)) {
            return;
        }
    }
    ks_text_buffer_repeat(writer->out, ' ', 4 + KEY_WIDTH);
    ks_text_buffer_text(writer->out, "because, for ");
    ks_text_buffer_text(writer->out, compare->columns[column].label);
    for (size_t i = column + 1; i < compare->column_count; i++) {
        const struct ks_compare_difference *other = ks_compare_find(compare, step, key, i);
        if (other != NULL && same_cause(own, other) && same_column(compare, step, key, i, column)) {
            ks_text_buffer_text(writer->out, ", ");
            ks_text_buffer_text(writer->out, compare->columns[i].label);
        }
    }
    ks_text_buffer_text(writer->out, ": ");
    write_changes(writer, own);
    ks_text_buffer_char(writer->out, '\n');
}

// ---- lines ----

// The names of the columns that agree with one, which is the first of them. Returns their length;
// out NULL: only that.
static size_t write_labels(struct ks_text_buffer *out, const struct ks_compare *compare,
                           size_t step, enum ks_compare_key key, size_t column)
{
    size_t length = 0;
    for (size_t i = column; i < compare->column_count; i++) {
        if (i != column && !same_column(compare, step, key, column, i)) {
            continue;
        }
        length += strlen(compare->columns[i].label) + (i > column ? 2 : 0);
        if (out != NULL) {
            ks_text_buffer_text(out, i > column ? ", " : "");
            ks_text_buffer_text(out, compare->columns[i].label);
        }
    }
    return length;
}

static void write_different(struct writer *writer, size_t step, enum ks_compare_key key)
{
    const struct ks_compare *compare = writer->compare;
    size_t width = 0;
    bool first = true;
    for (size_t i = 0; i < compare->column_count; i++) {
        size_t length = write_labels(NULL, compare, step, key, i);
        width = length > width && is_first_of_group(compare, step, key, i) ? length : width;
    }
    for (size_t i = 0; i < compare->column_count; i++) {
        if (!is_first_of_group(compare, step, key, i)) {
            continue;
        }
        ks_text_buffer_text(writer->out, first ? "  * " : "    ");
        pad(writer, first ? ks_compare_key_name(key) : "", KEY_WIDTH);
        size_t length = write_labels(writer->out, compare, step, key, i);
        ks_text_buffer_repeat(writer->out, ' ', width + 2 - length);
        write_value(writer, &compare->columns[i].steps[step], key);
        first = false;
    }
    for (size_t i = 1; i < compare->column_count; i++) {
        write_cause(writer, step, key, i);
    }
}

static void write_key(struct writer *writer, size_t step, enum ks_compare_key key)
{
    const struct ks_compare_step *first = &writer->compare->columns[0].steps[step];
    if (!all_same(writer->compare, step, key)) {
        write_different(writer, step, key);
    } else if (first->ran && first->values[key].known && key < KS_COMPARE_STOP) {
        ks_text_buffer_text(writer->out, "    ");
        pad(writer, ks_compare_key_name(key), KEY_WIDTH);
        write_value(writer, first, key);
    }
}

static void write_step_title(struct writer *writer, size_t index)
{
    const struct ks_step *step = &writer->compare->scenario->steps[index];
    const char *target = step->action == KS_ACTION_LOAD ? step->service : step->target;
    ks_text_buffer_text(writer->out, "step ");
    ks_text_buffer_unsigned(writer->out, index + 1);
    ks_text_buffer_text(writer->out, "  ");
    ks_text_buffer_text(writer->out, ks_action_name(step->action));
    if (target != NULL) {
        ks_text_buffer_char(writer->out, ' ');
        ks_text_buffer_visible(writer->out, target);
    }
    ks_text_buffer_char(writer->out, '\n');
}

static void write_whole(struct writer *writer)
{
    const struct ks_compare *compare = writer->compare;
    if (compare->whole_run) {
        ks_text_buffer_text(writer->out, "\nall steps\n");
        write_key(writer, compare->scenario->step_count, KS_COMPARE_CALLS);
    }
}

// ---- head and end ----

static void write_head(struct writer *writer)
{
    const struct ks_compare *compare = writer->compare;
    ks_text_buffer_visible(writer->out, compare->scenario->name);
    ks_text_buffer_text(writer->out, ": ");
    for (size_t i = 0; i < compare->column_count; i++) {
        ks_text_buffer_text(writer->out, i > 0 ? ", " : "");
        ks_text_buffer_text(writer->out, compare->columns[i].label);
        if (compare->columns[i].recorded && compare->columns[i].reason[0] != '\0') {
            ks_text_buffer_text(writer->out, " on ");
            ks_text_buffer_visible(writer->out, compare->columns[i].reason);
        }
    }
    ks_text_buffer_char(writer->out, '\n');
    for (size_t i = 0; i < compare->column_count; i++) {
        const struct ks_compare_column *column = &compare->columns[i];
        if (column->outcome != KS_PASSED) {
            ks_text_buffer_text(writer->out, column->label);
            ks_text_buffer_text(writer->out, ": ");
            ks_text_buffer_text(writer->out, ks_outcome_name(column->outcome));
            ks_text_buffer_text(writer->out, ": ");
            ks_text_buffer_visible(writer->out, column->reason);
            ks_text_buffer_char(writer->out, '\n');
        }
    }
}

static void write_number(struct writer *writer, unsigned number, const char *noun)
{
    ks_text_buffer_unsigned(writer->out, number);
    ks_text_buffer_char(writer->out, ' ');
    ks_text_buffer_text(writer->out, noun);
    ks_text_buffer_text(writer->out, number == 1 ? "" : "s");
}

static void write_end(struct writer *writer)
{
    const struct ks_compare *compare = writer->compare;
    const struct ks_compare_column *last = &compare->columns[compare->column_count - 1];
    ks_text_buffer_char(writer->out, '\n');
    if (compare->difference_count == 0) {
        ks_text_buffer_text(writer->out, "no difference\n");
    } else {
        write_number(writer, (unsigned)compare->difference_count, "difference");
        ks_text_buffer_text(writer->out, " from ");
        ks_text_buffer_text(writer->out, compare->columns[0].label);
        ks_text_buffer_char(writer->out, '\n');
    }
    for (size_t i = 0; last->recorded && i + 1 < compare->column_count; i++) {
        ks_text_buffer_text(writer->out, compare->columns[i].label);
        if (compare->columns[i].differences == 0) {
            ks_text_buffer_text(writer->out, " agrees with the recording\n");
        } else {
            ks_text_buffer_text(writer->out, " differs from the recording in ");
            write_number(writer, compare->columns[i].differences, "value");
            ks_text_buffer_char(writer->out, '\n');
        }
    }
}

void ks_compare_write_text(struct ks_text_buffer *buffer, const struct ks_compare *compare)
{
    struct writer writer = {.out = buffer, .compare = compare};
    write_head(&writer);
    for (size_t s = 0; s < compare->scenario->step_count; s++) {
        ks_text_buffer_char(buffer, '\n');
        write_step_title(&writer, s);
        for (int key = 0; key < KS_COMPARE_KEY_COUNT; key++) {
            write_key(&writer, s, (enum ks_compare_key)key);
        }
    }
    write_whole(&writer);
    write_end(&writer);
}
