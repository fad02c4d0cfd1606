// SPDX-License-Identifier: MIT
// Which names are wanted by how many images, and the sums.
#include "cli/survey.h"
#include "world/service.h"

#include <stdlib.h>
#include <string.h>

// One import of one image; sorted so that equal names stand together.
struct use {
    const char *module;
    const struct ks_deps_function *function; // NULL: the module
    size_t image;
};

struct uses {
    struct use *items;
    size_t count, capacity;
    bool failed;
};

static void add(struct uses *uses, const char *module, const struct ks_deps_function *function,
                size_t image)
{
    if (uses->count == uses->capacity && !uses->failed) {
        size_t wanted = uses->capacity == 0 ? 64 : uses->capacity * 2;
        struct use *grown = realloc(uses->items, wanted * sizeof(*grown));
        uses->failed = grown == NULL;
        uses->items = grown == NULL ? uses->items : grown;
        uses->capacity = grown == NULL ? uses->capacity : wanted;
    }
    if (!uses->failed) {
        uses->items[uses->count++] = (struct use){module, function, image};
    }
}

static int compare_text(const char *left, const char *right)
{
    if (left == NULL || right == NULL) {
        return (left == NULL) - (right == NULL);
    }
    return strcmp(left, right);
}

static int compare_names(const char *left_module, const struct ks_deps_function *left,
                         const char *right_module, const struct ks_deps_function *right)
{
    int order = strcmp(left_module, right_module);
    if (order == 0) {
        order = (left != NULL) - (right != NULL);
    }
    if (order == 0 && left != NULL) {
        order = compare_text(left->name, right->name);
    }
    if (order == 0 && left != NULL && left->name == NULL) {
        order = (left->ordinal > right->ordinal) - (left->ordinal < right->ordinal);
    }
    return order;
}

static int compare_uses(const void *left, const void *right)
{
    const struct use *a = left, *b = right;
    int order = compare_names(a->module, a->function, b->module, b->function);
    return order != 0 ? order : (a->image > b->image) - (a->image < b->image);
}

static int compare_counts(const void *left, const void *right)
{
    const struct ks_survey_name *a = left, *b = right;
    if (a->count != b->count) {
        return a->count < b->count ? 1 : -1;
    }
    return compare_names(a->module, a->function, b->module, b->function);
}

// Equal names become one with the number of its images.
static bool fold(struct uses *uses, struct ks_survey_name **out_names, size_t *out_count)
{
    struct ks_survey_name *names = calloc(uses->count + 1, sizeof(*names));
    size_t count = 0;
    if (names == NULL || uses->failed) {
        free(names);
        return false;
    }
    if (uses->count > 0) {
        qsort(uses->items, uses->count, sizeof(*uses->items), compare_uses);
    }
    for (size_t i = 0; i < uses->count; i++) {
        const struct use *use = &uses->items[i], *before = i > 0 ? use - 1 : NULL;
        bool same = before != NULL && compare_names(before->module, before->function, use->module,
                                                    use->function) == 0;
        if (!same) {
            names[count++] = (struct ks_survey_name){use->module, use->function, 1};
        } else {
            names[count - 1].count += before->image != use->image;
        }
    }
    if (count > 0) {
        qsort(names, count, sizeof(*names), compare_counts);
    }
    *out_names = names;
    *out_count = count;
    return true;
}

static void gather(struct ks_survey *survey, size_t index, struct uses *missing,
                   struct uses *lacking)
{
    struct ks_survey_item *item = &survey->items[index];
    for (size_t i = 0; i < item->image->import_count; i++) {
        const struct ks_deps_import *import = &item->image->imports[i];
        bool absent = import->target->state != KS_DEPS_KERNEL &&
                      (import->target->state != KS_DEPS_READ || import->wrong_machine);
        const char *module = import->target->name;
        if (absent) {
            add(missing, module, NULL, index);
            item->missing++;
        }
        for (size_t j = 0; j < import->function_count && !absent; j++) {
            const struct ks_deps_function *function = &import->functions[j];
            bool missed = function->answer >= KS_DEPS_NO_EXPORT;
            bool lacked =
                function->answer == KS_DEPS_TRAP || function->answer == KS_DEPS_NOT_SIMULATED;
            if (missed || lacked) {
                add(missed ? missing : lacking, module, function, index);
                *(missed ? &item->missing : &item->lacking) += 1;
            }
        }
    }
}

bool ks_survey_rank(struct ks_survey *survey)
{
    struct uses missing = {0}, lacking = {0};
    for (size_t i = 0; i < survey->count; i++) {
        gather(survey, i, &missing, &lacking);
    }
    bool done = fold(&missing, &survey->missing, &survey->missing_count) &&
                fold(&lacking, &survey->lacking, &survey->lacking_count);
    free(missing.items);
    free(lacking.items);
    return done;
}

void ks_survey_sum(const struct ks_survey *survey, struct ks_survey_totals *out_totals)
{
    struct ks_survey_totals totals = {.images = survey->count};
    for (size_t i = 0; i < survey->count; i++) {
        const struct ks_survey_item *item = &survey->items[i];
        const struct ks_survey_run *run = &item->as_driver;
        totals.link += KLDR_NT_SUCCESS(item->link);
        totals.run += run->done;
        totals.entry_ok += run->called && KLDR_NT_SUCCESS(run->status);
        totals.entry_failed += run->called && !KLDR_NT_SUCCESS(run->status);
        totals.stopped += run->done && run->outcome == KS_STOPPED;
        totals.limit += run->done && run->outcome == KS_LIMIT;
        totals.unloaded += run->has_unload && KLDR_NT_SUCCESS(run->unload);
        totals.dll += item->as_dll.done;
        totals.dll_ok += item->as_dll.called && KLDR_NT_SUCCESS(item->as_dll.status);
    }
    *out_totals = totals;
}
