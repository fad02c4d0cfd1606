// SPDX-License-Identifier: MIT
// Rules within one image: export names and ordinals (A13), data and routines, dispatch.
#include "scenario/parse/cross_rules.h"

#include <stdlib.h>
#include <string.h>

// ---- export names ----

static void add_export(struct ks_cast *cast, struct ks_names *names, const char *name,
                       struct ks_place place)
{
    struct ks_name *entry = ks_names_add(names, name, strlen(name));
    if (entry->value != NULL) {
        ks_diagnose_place(cast->parse, KS_DIAGNOSTIC_REFERENCE, place, NULL,
                          "the name %s is exported twice",
                          ks_diagnose_shown(cast->parse, name, strlen(name)));
    }
    entry->value = names;
}

// An entry of `exports` named DllInitialize or DllUnload gives the routine its ordinal (A53).
static void add_dll_routine(struct ks_cast *cast, struct ks_names *names,
                            const struct ks_routine *routine, bool given, const char *name)
{
    bool listed = ks_names_find(names, name, strlen(name)) != NULL;
    if (routine->absent && listed) {
        ks_diagnose_place(cast->parse, KS_DIAGNOSTIC_REFERENCE, routine->place, NULL,
                          "%s is `absent` here and listed in `exports`", name);
    } else if (given && routine->export_as != NULL) {
        add_export(cast, names, routine->export_as, routine->place);
    } else if (given && !listed) {
        add_export(cast, names, name, routine->place);
    }
}

static void check_export_names(struct ks_cast *cast, const struct ks_image *image)
{
    struct ks_names names;
    ks_names_init(&names, cast->parse->arena, false);
    for (size_t i = 0; i < image->export_count; i++) {
        add_export(cast, &names, image->exports[i].name, image->exports[i].place);
    }
    add_dll_routine(cast, &names, &image->dllinitialize, image->has_dllinitialize, "DllInitialize");
    add_dll_routine(cast, &names, &image->dllunload, image->has_dllunload, "DllUnload");
}

// ---- ordinals ----

static int compare_ordinals(const void *left, const void *right)
{
    const struct ks_export *a = *(const struct ks_export *const *)left;
    const struct ks_export *b = *(const struct ks_export *const *)right;
    if (a->ordinal != b->ordinal) {
        return a->ordinal < b->ordinal ? -1 : 1;
    }
    return a < b ? -1 : a > b;
}

static void check_ordinals(struct ks_cast *cast, const struct ks_image *image)
{
    uint32_t base = image->ordinal_base == 0 ? 1 : image->ordinal_base;
    const struct ks_export **sorted =
        ks_arena_take(cast->parse->arena, image->export_count, sizeof *sorted);
    size_t count = 0;
    for (size_t i = 0; i < image->export_count; i++) {
        const struct ks_export *export = &image->exports[i];
        if (export->ordinal != 0) {
            sorted[count++] = export;
        }
        if (export->ordinal != 0 && export->ordinal < base) {
            ks_diagnose_place(cast->parse, KS_DIAGNOSTIC_REFERENCE, export->place, NULL,
                              "ordinal %u is below the ordinal base %u", (unsigned)export->ordinal,
                              (unsigned)base);
        }
    }
    if (count > 1) {
        qsort(sorted, count, sizeof *sorted, compare_ordinals);
    }
    for (size_t i = 1; i < count; i++) {
        if (sorted[i]->ordinal == sorted[i - 1]->ordinal) {
            ks_diagnose_place(cast->parse, KS_DIAGNOSTIC_REFERENCE, sorted[i]->place, NULL,
                              "ordinal %u is given twice", (unsigned)sorted[i]->ordinal);
        }
    }
}

// ---- data and routines ----

static void check_data(struct ks_cast *cast, const struct ks_image *image)
{
    struct ks_names names;
    ks_names_init(&names, cast->parse->arena, false);
    for (size_t i = 0; i < image->export_count && image->data_count > 0; i++) {
        if (image->exports[i].data) {
            ks_names_add(&names, image->exports[i].name, strlen(image->exports[i].name));
        }
    }
    for (size_t i = 0; i < image->data_count && !cast->parse->truncated; i++) {
        const char *name = image->data[i].name;
        if (ks_names_find(&names, name, strlen(name)) == NULL) {
            ks_diagnose_place(cast->parse, KS_DIAGNOSTIC_REFERENCE, image->data[i].place,
                              ks_diagnose_near(cast->parse, ks_names_nearest(&names, name)),
                              "no DATA export of the name %s in `exports`",
                              ks_diagnose_shown(cast->parse, name, strlen(name)));
        }
    }
}

static void check_routines(struct ks_cast *cast, const struct ks_image *image)
{
    static const char *const own_keys[] = {"DriverEntry", "DriverUnload", "DllInitialize",
                                           "DllUnload", "AddDevice"};
    for (size_t i = 0; i < image->routine_count; i++) {
        for (size_t k = 0; k < sizeof own_keys / sizeof own_keys[0]; k++) {
            if (strcmp(image->routines[i].name, own_keys[k]) == 0) {
                ks_diagnose_place(cast->parse, KS_DIAGNOSTIC_REFERENCE, image->routines[i].place,
                                  NULL, "%s is a key of the image itself, not of `routines`",
                                  own_keys[k]);
            }
        }
    }
}

static void check_dispatch(struct ks_cast *cast, const struct ks_image *image)
{
    for (size_t i = 0; i < image->dispatch_count && !cast->parse->names_unsure; i++) {
        const struct ks_dispatch *entry = &image->dispatch[i];
        ks_cross_routine(cast, entry->module, entry->routine, entry->place);
    }
}

// Two keys may share a base name, not a file.
static void check_same_file(struct ks_cast *cast, const struct ks_image *image)
{
    const char *path = ks_cast_full_path(cast, image->path);
    const struct ks_image *first = ks_names_find(&cast->paths, path, strlen(path))->value;
    if (first != image) {
        ks_diagnose_place(cast->parse, KS_DIAGNOSTIC_REFERENCE, image->place, NULL,
                          "this is the same file as %s in line %u",
                          ks_diagnose_shown(cast->parse, first->key, strlen(first->key)),
                          (unsigned)first->place.line);
    }
}

void ks_cross_images(struct ks_cast *cast, struct ks_build *build)
{
    for (struct ks_built_image *built = build->images; built != NULL && !cast->parse->truncated;
         built = built->next) {
        check_export_names(cast, built->image);
        check_ordinals(cast, built->image);
        check_data(cast, built->image);
        check_routines(cast, built->image);
        check_dispatch(cast, built->image);
        ks_cross_io_routines(cast, built->image);
        if (built->on_disk) {
            check_same_file(cast, built->image);
        }
    }
}
