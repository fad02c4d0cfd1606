// SPDX-License-Identifier: MIT

#include "compare/compare_parts.h"

#include <stdlib.h>
#include <string.h>

static const char *const key_names[] = {
    [KS_COMPARE_STATUS] = "status",   [KS_COMPARE_CALLS] = "calls",
    [KS_COMPARE_MODULES] = "modules", [KS_COMPARE_COUNTS] = "counts",
    [KS_COMPARE_STOP] = "bugcheck",   [KS_COMPARE_UNLOADED] = "unloaded",
    [KS_COMPARE_LOG] = "log",         [KS_COMPARE_ARGUMENT] = "argument",
    [KS_COMPARE_OPENED] = "opened",   [KS_COMPARE_FINDINGS] = "findings",
};

const char *ks_compare_key_name(enum ks_compare_key key)
{
    return key_names[key];
}

void *ks_compare_take(struct ks_compare_maker *maker, size_t count, size_t size)
{
    void *block = ks_arena_take(&maker->arena, count, size);
    maker->out_of_memory = maker->out_of_memory || block == NULL;
    return block;
}

const char *ks_compare_keep(struct ks_compare_maker *maker, const char *text)
{
    const char *copy = ks_arena_copy(&maker->arena, text, strlen(text));
    maker->out_of_memory = maker->out_of_memory || copy == NULL;
    return copy != NULL ? copy : "";
}

// ---- sameness ----

static bool same_text(const char *left, const char *right, bool fold)
{
    if (left == NULL || right == NULL) {
        return left == right;
    }
    return fold ? ks_same_name(left, right) : strcmp(left, right) == 0;
}

static bool same_items(const struct ks_compare_value *left, const struct ks_compare_value *right,
                       enum ks_compare_key key)
{
    bool fold = key == KS_COMPARE_MODULES || key == KS_COMPARE_COUNTS || key == KS_COMPARE_CALLS ||
                key == KS_COMPARE_UNLOADED;
    bool same = left->count == right->count;
    for (size_t i = 0; same && i < left->count; i++) {
        same = same_text(left->items[i].name, right->items[i].name, fold) &&
               same_text(left->items[i].value, right->items[i].value, fold);
    }
    return same;
}

// Counts speak of the named modules only: a recording may name some of them, in any order.
static bool same_counts(const struct ks_compare_value *left, const struct ks_compare_value *right)
{
    for (size_t i = 0; i < right->count; i++) {
        bool found = false;
        for (size_t j = 0; j < left->count && !found; j++) {
            found = same_text(left->items[j].name, right->items[i].name, true) &&
                    same_text(left->items[j].value, right->items[i].value, true);
        }
        if (!found) {
            return false;
        }
    }
    return true;
}

// Of a status whose Win32 error is not known only success or failure can be compared.
static bool is_win32(kldr_status status, uint32_t win32)
{
    struct kldr_status_info info;
    if (KLDR_NT_SUCCESS(status) || win32 == 0) {
        return KLDR_NT_SUCCESS(status) == (win32 == 0);
    }
    return !kldr_status_find(status, &info) || info.win32 == 0 || info.win32 == win32;
}

static bool same_status(const struct ks_compare_step *left, const struct ks_compare_step *right)
{
    if (left->has_win32 && right->has_status) {
        return is_win32(right->status, left->win32);
    }
    if (right->has_win32 && left->has_status) {
        return is_win32(left->status, right->win32);
    }
    return left->has_status == right->has_status && left->status == right->status;
}

bool ks_compare_same(const struct ks_compare_step *left, const struct ks_compare_step *right,
                     enum ks_compare_key key)
{
    const struct ks_compare_value *a = &left->values[key], *b = &right->values[key];
    if (!a->known || !b->known) {
        return true;
    }
    if (key == KS_COMPARE_STATUS) {
        return same_status(left, right);
    }
    return b->partial ? same_counts(a, b) : same_items(a, b, key);
}

static bool differs(const struct ks_compare *compare, size_t step, enum ks_compare_key key,
                    size_t column)
{
    const struct ks_compare_column *first = &compare->columns[0],
                                   *other = &compare->columns[column];
    const struct ks_compare_step *left = &first->steps[step], *right = &other->steps[step];
    if (other->recorded) {
        return left->ran && right->ran && !ks_compare_same(left, right, key);
    }
    if (left->ran != right->ran) {
        return key == KS_COMPARE_STATUS && step < compare->scenario->step_count;
    }
    return step < compare->scenario->step_count && !ks_compare_same(left, right, key);
}

// ---- differences ----

static void count_differences(struct ks_compare *compare)
{
    const struct ks_compare_column *recorded = &compare->columns[compare->column_count - 1];
    for (size_t c = 0; c + 1 < compare->column_count; c++) {
        struct ks_compare_column *column = &compare->columns[c];
        for (size_t s = 0; s <= compare->scenario->step_count; s++) {
            for (int key = 0; key < KS_COMPARE_KEY_COUNT; key++) {
                column->differences += recorded->steps[s].ran && column->steps[s].ran &&
                                       !ks_compare_same(&column->steps[s], &recorded->steps[s],
                                                        (enum ks_compare_key)key);
            }
            column->differences += recorded->steps[s].ran && !column->steps[s].ran;
        }
        compare->agrees =
            compare->agrees || (column->differences == 0 && column->outcome != KS_SKIPPED);
    }
}

static void find_differences(struct ks_compare_maker *maker)
{
    struct ks_compare *compare = &maker->compare;
    size_t steps = compare->scenario->step_count + 1;
    compare->differences = ks_compare_take(
        maker, steps * KS_COMPARE_KEY_COUNT * compare->column_count, sizeof *compare->differences);
    for (size_t s = 0; compare->differences != NULL && s < steps; s++) {
        for (int key = 0; key < KS_COMPARE_KEY_COUNT; key++) {
            for (size_t c = 1; c < compare->column_count; c++) {
                if (differs(compare, s, (enum ks_compare_key)key, c)) {
                    compare->differences[compare->difference_count++] =
                        (struct ks_compare_difference){
                            .step = s, .key = (enum ks_compare_key)key, .column = c};
                }
            }
        }
    }
}

const struct ks_compare_difference *ks_compare_find(const struct ks_compare *compare, size_t step,
                                                    enum ks_compare_key key, size_t column)
{
    for (size_t i = 0; i < compare->difference_count; i++) {
        const struct ks_compare_difference *difference = &compare->differences[i];
        if (difference->step == step && difference->key == key && difference->column == column) {
            return difference;
        }
    }
    return NULL;
}

// ---- the whole ----

static bool prepare(struct ks_compare_maker *maker, const struct ks_run_options *options)
{
    size_t room = options->policy_count + KLDR_KNOB_COUNT;
    maker->runner = ks_runner_create();
    maker->overrides = ks_compare_take(maker, room, sizeof *maker->overrides);
    if (maker->runner == NULL || maker->overrides == NULL) {
        return false;
    }
    if (options->policy_count > 0) {
        memcpy(maker->overrides, options->policy, options->policy_count * sizeof *options->policy);
    }
    return true;
}

static void fill(struct ks_compare_maker *maker, const enum kldr_profile *profiles,
                 size_t profile_count, const struct ks_recording *recorded)
{
    struct ks_compare *compare = &maker->compare;
    compare->column_count = profile_count + (recorded != NULL);
    compare->columns = ks_compare_take(maker, compare->column_count, sizeof *compare->columns);
    for (size_t i = 0; !maker->out_of_memory && i < profile_count; i++) {
        ks_compare_see(maker, profiles[i], NULL, 0, &compare->columns[i]);
    }
    if (!maker->out_of_memory && recorded != NULL) {
        ks_compare_see_recording(maker, recorded, &compare->columns[profile_count]);
    }
    if (!maker->out_of_memory) {
        find_differences(maker);
        ks_compare_find_causes(maker);
    }
    if (!maker->out_of_memory && recorded != NULL) {
        count_differences(compare);
    }
}

kldr_status ks_compare_profiles(const struct ks_scenario *scenario,
                                const struct ks_run_options *options,
                                const enum kldr_profile *profiles, size_t profile_count,
                                const struct ks_recording *recorded,
                                struct ks_compare **out_compare)
{
    struct ks_compare_maker *maker = calloc(1, sizeof *maker);
    if (maker == NULL) {
        return KLDR_ERROR_OUT_OF_MEMORY;
    }
    ks_arena_init(&maker->arena, NULL, NULL);
    maker->compare.scenario = scenario;
    maker->options = options;
    bool ready = prepare(maker, options);
    if (ready) {
        fill(maker, profiles, profile_count, recorded);
    }
    ks_runner_destroy(maker->runner);
    maker->runner = NULL;
    maker->options = NULL;
    if (!ready || maker->out_of_memory) {
        ks_compare_destroy(&maker->compare);
        return KLDR_ERROR_OUT_OF_MEMORY;
    }
    *out_compare = &maker->compare;
    return KLDR_STATUS_SUCCESS;
}

void ks_compare_destroy(struct ks_compare *compare)
{
    if (compare != NULL) {
        struct ks_compare_maker *maker = (struct ks_compare_maker *)(void *)compare;
        ks_arena_fini(&maker->arena);
        free(maker);
    }
}
