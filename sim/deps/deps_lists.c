// SPDX-License-Identifier: MIT
// Exports with those who use them, and what is missing.
#include "deps/deps_parts.h"

#include <string.h>

// ---- exports ----

static bool is_routine(const char *name)
{
    return strcmp(name, "DllInitialize") == 0 || strcmp(name, "DllUnload") == 0;
}

// First the names in the table's order, then the slots that have none. owner[index] is where the
// users of a slot are kept: its first name.
static void list_exports(struct ks_deps_image *image, const struct kldr_export_info *info,
                         size_t *owner)
{
    struct ks_deps_export *entries = image->exports;
    struct kldr_export found;
    for (uint32_t i = 0; i < info->name_count; i++) {
        if (kldr_image_export_name_at(image->image, i, &found) && found.name != NULL &&
            found.index < info->function_count) {
            entries[image->export_count].name = found.name;
            entries[image->export_count].ordinal = found.ordinal;
            entries[image->export_count].forwarder = found.forwarder;
            entries[image->export_count].routine = is_routine(found.name);
            image->export_count++;
            owner[found.index] = owner[found.index] != 0 ? owner[found.index] : image->export_count;
        }
    }
    for (uint32_t i = 0; i < info->function_count; i++) {
        uint32_t index = 0;
        bool there = owner[i] == 0 &&
                     kldr_image_find_ordinal(image->image, info->ordinal_base + i, &found,
                                             &index) == KLDR_STATUS_SUCCESS &&
                     found.rva != 0;
        if (there) {
            entries[image->export_count].ordinal = found.ordinal;
            entries[image->export_count].forwarder = found.forwarder;
            owner[i] = ++image->export_count;
        }
    }
}

static void add_user(struct ks_deps *deps, struct ks_deps_export *entry,
                     const struct ks_deps_image *importer)
{
    struct ks_deps_user **end = &entry->users;
    while (*end != NULL && (*end)->importer != importer) {
        end = &(*end)->next;
    }
    if (*end == NULL) {
        *end = ks_arena_take(&deps->storage->arena, 1, sizeof(**end));
        (*end)->importer = importer;
    }
}

static void add_users(struct ks_deps *deps, const struct ks_deps_image *importer,
                      const struct ks_deps_import *import, const size_t *owner,
                      uint32_t ordinal_base, uint32_t slots)
{
    const struct ks_deps_image *image = import->target;
    for (size_t i = 0; i < import->function_count; i++) {
        const struct ks_deps_function *function = &import->functions[i];
        struct kldr_export found = {.index = function->ordinal - ordinal_base};
        enum kldr_lookup_via via;
        bool known = function->name == NULL ||
                     kldr_image_find_export(image->image, function->name, strlen(function->name),
                                            UINT32_MAX, &found, &via) == KLDR_STATUS_SUCCESS;
        uint32_t index = found.index & 0xffff; // S1
        if (known && index < slots && owner[index] != 0) {
            add_user(deps, &image->exports[owner[index] - 1], importer);
        }
    }
}

static void add_forwarded(struct ks_deps *deps, struct ks_deps_image *image,
                          const struct ks_deps_image *importer, const struct ks_deps_import *import,
                          const size_t *owner)
{
    for (size_t i = 0; i < import->function_count; i++) {
        const struct ks_deps_function *function = &import->functions[i];
        if (function->forwarded_to == image && owner[function->forwarded_index] != 0) {
            add_user(deps, &image->exports[owner[function->forwarded_index] - 1], importer);
        }
    }
}

static void list_users(struct ks_deps *deps, struct ks_deps_image *image)
{
    struct kldr_export_info info;
    if (image->image == NULL || !kldr_image_exports(image->image, &info)) {
        return;
    }
    struct ks_arena *arena = &deps->storage->arena;
    size_t *owner = ks_arena_take(arena, info.function_count, sizeof(*owner));
    image->exports = ks_arena_take(arena, (size_t)info.name_count + info.function_count,
                                   sizeof(*image->exports));
    list_exports(image, &info, owner);
    for (const struct ks_deps_image *at = deps->images; at != NULL; at = at->next) {
        for (size_t i = 0; i < at->import_count; i++) {
            if (at->imports[i].target == image && !at->imports[i].wrong_machine) {
                add_users(deps, at, &at->imports[i], owner, info.ordinal_base, info.function_count);
            }
            add_forwarded(deps, image, at, &at->imports[i], owner);
        }
    }
}

void ks_deps_list_exports(struct ks_deps *deps)
{
    for (struct ks_deps_image *image = deps->images; image != NULL; image = image->next) {
        list_users(deps, image);
    }
}

// ---- what is missing ----

static void add_missing(struct ks_deps *deps, struct ks_deps_missing ***end,
                        const struct ks_deps_image *importer, const struct ks_deps_import *import,
                        const struct ks_deps_function *function)
{
    struct ks_deps_missing *missing = ks_arena_take(&deps->storage->arena, 1, sizeof(*missing));
    missing->importer = importer;
    missing->import = import;
    missing->function = function;
    **end = missing;
    *end = &missing->next;
    *(function == NULL ? &deps->missing_modules : &deps->missing_functions) += 1;
}

void ks_deps_list_missing(struct ks_deps *deps)
{
    struct ks_deps_missing **end = &deps->missing;
    for (const struct ks_deps_image *image = deps->images; image != NULL; image = image->next) {
        for (size_t i = 0; i < image->import_count; i++) {
            const struct ks_deps_import *import = &image->imports[i];
            bool usable = import->target->state == KS_DEPS_KERNEL ||
                          (import->target->state == KS_DEPS_READ && !import->wrong_machine);
            if (!usable) {
                add_missing(deps, &end, image, import, NULL);
            }
            for (size_t j = 0; usable && j < import->function_count; j++) {
                if (import->functions[j].answer >= KS_DEPS_NO_EXPORT) {
                    add_missing(deps, &end, image, import, &import->functions[j]);
                }
            }
        }
    }
}
