// SPDX-License-Identifier: MIT
// Which knobs make a difference. The first profile is run again with knobs set as the other profile
// has them: one at a time, then two, then all of them less those that are not needed. For a
// recording, whose knobs nobody knows, each value of each knob is tried alone.

#include "compare/compare_parts.h"

#include <string.h>

// A run of the first profile with some knobs changed, kept for the next difference.
struct trial {
    struct trial *next;
    struct ks_compare_change changes[KLDR_KNOB_COUNT];
    size_t count;
    struct ks_compare_column column;
};

// The search for the causes of one column.
struct search {
    struct ks_compare_maker *maker;
    size_t column;
    struct ks_compare_change all[KLDR_KNOB_COUNT * KLDR_KNOB_MAX_VALUES]; // what may be changed
    size_t count;
    struct trial *trials; // of the first profile
    struct trial *back;   // of the other one, with a knob as the first has it
};

static bool same_changes(const struct trial *trial, const struct ks_compare_change *changes,
                         size_t count)
{
    bool same = trial->count == count;
    for (size_t i = 0; same && i < count; i++) {
        same = trial->changes[i].knob == changes[i].knob && trial->changes[i].to == changes[i].to;
    }
    return same;
}

static const struct ks_compare_column *try_changes(struct search *search, struct trial **trials,
                                                   enum kldr_profile profile,
                                                   const struct ks_compare_change *changes,
                                                   size_t count)
{
    struct ks_compare_maker *maker = search->maker;
    for (struct trial *trial = *trials; trial != NULL; trial = trial->next) {
        if (same_changes(trial, changes, count)) {
            return &trial->column;
        }
    }
    struct trial *trial = ks_compare_take(maker, 1, sizeof *trial);
    if (trial == NULL) {
        return NULL;
    }
    memcpy(trial->changes, changes, count * sizeof *changes);
    trial->count = count;
    trial->next = *trials;
    *trials = trial;
    maker->compare.tried++;
    ks_compare_see(maker, profile, changes, count, &trial->column);
    return maker->out_of_memory ? NULL : &trial->column;
}

// True when the first profile with these changes shows what the other column does.
static bool explains(struct search *search, const struct ks_compare_difference *difference,
                     const struct ks_compare_change *changes, size_t count)
{
    const struct ks_compare *compare = &search->maker->compare;
    const struct ks_compare_column *column =
        try_changes(search, &search->trials, compare->columns[0].profile, changes, count);
    const struct ks_compare_step *other = &compare->columns[search->column].steps[difference->step];
    return column != NULL && column->steps[difference->step].ran == other->ran &&
           ks_compare_same(&column->steps[difference->step], other, difference->key);
}

// True when the other profile with the knob as the first has it shows what the first does.
static bool explains_back(struct search *search, const struct ks_compare_difference *difference,
                          const struct ks_compare_change *change)
{
    const struct ks_compare *compare = &search->maker->compare;
    const struct ks_compare_change back = {change->knob, change->to, change->from};
    const struct ks_compare_column *column =
        try_changes(search, &search->back, compare->columns[search->column].profile, &back, 1);
    const struct ks_compare_step *first = &compare->columns[0].steps[difference->step];
    return column != NULL && column->steps[difference->step].ran == first->ran &&
           ks_compare_same(&column->steps[difference->step], first, difference->key);
}

static void set_cause(struct search *search, struct ks_compare_difference *difference,
                      const struct ks_compare_change *changes, size_t count)
{
    struct ks_compare_change *kept = ks_compare_take(search->maker, count, sizeof *kept);
    if (kept != NULL) {
        memcpy(kept, changes, count * sizeof *kept);
        difference->changes = kept;
        difference->change_count = count;
    }
}

// One knob. Where several would do, the one that also works in the other direction.
static bool find_single(struct search *search, struct ks_compare_difference *difference)
{
    const struct ks_compare_change *best = NULL;
    bool recorded = search->maker->compare.columns[search->column].recorded;
    for (size_t i = 0; i < search->count; i++) {
        if (!explains(search, difference, &search->all[i], 1)) {
            continue;
        }
        if (recorded || explains_back(search, difference, &search->all[i])) {
            best = &search->all[i];
            break;
        }
        best = best == NULL ? &search->all[i] : best;
    }
    if (best != NULL) {
        set_cause(search, difference, best, 1);
    }
    return best != NULL;
}

static bool find_pair(struct search *search, struct ks_compare_difference *difference)
{
    for (size_t i = 0; i < search->count; i++) {
        for (size_t j = i + 1; j < search->count; j++) {
            const struct ks_compare_change pair[2] = {search->all[i], search->all[j]};
            if (explains(search, difference, pair, 2)) {
                set_cause(search, difference, pair, 2);
                return true;
            }
        }
    }
    return false;
}

// All knobs, less each one that is not needed.
static void find_set(struct search *search, struct ks_compare_difference *difference)
{
    struct ks_compare_change kept[KLDR_KNOB_COUNT];
    size_t count = search->count;
    memcpy(kept, search->all, count * sizeof *kept);
    if (!explains(search, difference, kept, count)) {
        return; // the scenario itself treats the profiles differently
    }
    for (size_t i = count; i-- > 0 && count > 1;) {
        struct ks_compare_change fewer[KLDR_KNOB_COUNT];
        memcpy(fewer, kept, i * sizeof *kept);
        memcpy(fewer + i, kept + i + 1, (count - i - 1) * sizeof *kept);
        if (explains(search, difference, fewer, count - 1)) {
            memcpy(kept, fewer, --count * sizeof *kept);
        }
    }
    set_cause(search, difference, kept, count);
}

// ---- what may be changed ----

static void collect_differing(struct search *search)
{
    const struct kldr_policy *from = &search->maker->compare.columns[0].policy;
    const struct kldr_policy *to = &search->maker->compare.columns[search->column].policy;
    for (int i = 0; i < KLDR_KNOB_COUNT; i++) {
        if (from->value[i] != to->value[i]) {
            search->all[search->count++] =
                (struct ks_compare_change){(enum kldr_knob)i, from->value[i], to->value[i]};
        }
    }
}

static void collect_values(struct search *search)
{
    const struct kldr_policy *from = &search->maker->compare.columns[0].policy;
    for (int i = 0; i < KLDR_KNOB_COUNT; i++) {
        const struct kldr_knob_info *info = kldr_knob_info((enum kldr_knob)i);
        for (uint8_t value = 0; value < KLDR_KNOB_MAX_VALUES && info->values[value] != NULL;
             value++) {
            if (value != from->value[i]) {
                search->all[search->count++] =
                    (struct ks_compare_change){(enum kldr_knob)i, from->value[i], value};
            }
        }
    }
}

static bool ran(const struct ks_compare_column *column)
{
    return column->recorded || (column->outcome != KS_SKIPPED && column->outcome != KS_INVALID &&
                                column->outcome != KS_UNSUPPORTED);
}

static void find_causes_of(struct search *search)
{
    struct ks_compare *compare = &search->maker->compare;
    bool recorded = compare->columns[search->column].recorded;
    for (size_t i = 0; i < compare->difference_count && !search->maker->out_of_memory; i++) {
        struct ks_compare_difference *difference = &compare->differences[i];
        if (difference->column == search->column && search->count > 0 &&
            !find_single(search, difference) && !recorded && !find_pair(search, difference)) {
            find_set(search, difference);
        }
    }
}

void ks_compare_find_causes(struct ks_compare_maker *maker)
{
    const struct ks_compare *compare = &maker->compare;
    for (size_t c = 1; c < compare->column_count && !maker->out_of_memory; c++) {
        struct search search = {.maker = maker, .column = c};
        if (!ran(&compare->columns[0]) || !ran(&compare->columns[c])) {
            continue;
        }
        if (compare->columns[c].recorded) {
            collect_values(&search);
        } else {
            collect_differing(&search);
        }
        find_causes_of(&search);
    }
}
