// SPDX-License-Identifier: MIT
// Images of scenarios: exports, imports, data, dispatch.
#include "scenario/format/scalar.h"
#include "scenario/parse/build.h"
#include "scenario/parse/def_export.h"
#include "scenario/parse/names.h"

#include <string.h>

#define DRIVERS_FOLDER "\\SystemRoot\\System32\\drivers\\"

static void build_exports(struct ks_build *build, struct ks_node *list, struct ks_image *image)
{
    struct ks_export *exports = ks_arena_take(build->arena, list->count, sizeof *exports);
    image->has_exports = true;
    image->exports = exports;
    for (struct ks_node *item = list->first; item != NULL; item = item->next) {
        struct ks_def_export parts;
        const char *why;
        size_t at;
        if (item->bad || !ks_def_export_parse(item->text, item->length, &parts, &why, &at)) {
            continue;
        }
        struct ks_export *export = &exports[image->export_count++];
        export->place = item->place;
        export->name = ks_arena_copy(build->arena, item->text + parts.name, parts.name_length);
        export->ordinal = parts.ordinal;
        export->noname = parts.noname;
        export->data = parts.data;
        export->private_ = parts.private_;
        if (parts.forwarder_length > 0) {
            export->forwarder =
                ks_arena_copy(build->arena, item->text + parts.forwarder, parts.forwarder_length);
        }
    }
}

static void build_export_directory(struct ks_node *map, struct ks_image *image)
{
    for (struct ks_node *value = map->first; value != NULL; value = value->next) {
        if (value->bad) {
            continue;
        }
        switch (value->key_index) {
        case KS_EXPORT_DIRECTORY_ORDINAL_BASE:
            image->ordinal_base = (uint32_t)ks_build_number(value);
            break;
        case KS_EXPORT_DIRECTORY_SORTED:
            image->unsorted_names = !ks_build_boolean(value);
            break;
        case KS_EXPORT_DIRECTORY_ABSENT:
            image->no_export_directory = ks_build_boolean(value);
            break;
        }
    }
}

// ---- imports ----

static void build_function_record(struct ks_node *map, struct ks_function *function)
{
    for (struct ks_node *value = map->first; value != NULL; value = value->next) {
        if (value->bad) {
            continue;
        }
        switch (value->key_index) {
        case KS_FUNCTION_NAME:
            function->name = value->text;
            break;
        case KS_FUNCTION_HINT:
            function->has_hint = true;
            function->hint = (uint32_t)ks_build_number(value);
            break;
        case KS_FUNCTION_ORDINAL:
            function->ordinal = (uint32_t)ks_build_number(value);
            break;
        }
    }
}

static void build_functions(struct ks_build *build, struct ks_node *list, struct ks_import *import)
{
    struct ks_function *functions = ks_arena_take(build->arena, list->count, sizeof *functions);
    import->functions = functions;
    for (struct ks_node *item = list->first; item != NULL; item = item->next) {
        if (item->bad) {
            continue;
        }
        struct ks_function *function = &functions[import->function_count++];
        uint64_t ordinal = 0;
        function->place = item->place;
        if (item->kind == KS_NODE_MAP) {
            build_function_record(item, function);
        } else if (item->text[0] == '#' && ks_scalar_number(item->text + 1, &ordinal)) {
            function->ordinal = (uint32_t)ordinal;
        } else {
            function->name = item->text;
        }
    }
}

static void build_import_record(struct ks_build *build, struct ks_node *map,
                                struct ks_import *import)
{
    import->place = map->place;
    for (struct ks_node *value = map->first; value != NULL; value = value->next) {
        if (value->bad) {
            continue;
        }
        switch (value->key_index) {
        case KS_IMPORT_MODULE:
            import->module = value->text;
            break;
        case KS_IMPORT_FUNCTIONS:
            build_functions(build, value, import);
            break;
        case KS_IMPORT_LOOKUP_TABLE:
            import->no_lookup_table = !ks_build_boolean(value);
            break;
        }
    }
}

static bool build_import_entry(struct ks_build *build, struct ks_node *value,
                               struct ks_import *import)
{
    if (value->bad || value->key->bad || value->kind != KS_NODE_LIST) {
        return false;
    }
    import->place = value->key->place;
    import->module = value->key->text;
    build_functions(build, value, import);
    return true;
}

// The long form has its keys numbered by the validator, names of modules have no number.
static bool is_import_record(const struct ks_node *map)
{
    const struct ks_node *child = map->first;
    while (child != NULL && child->key_index < 0) {
        child = child->next;
    }
    return child != NULL;
}

static bool build_import_item(struct ks_build *build, struct ks_node *item,
                              struct ks_import *import)
{
    if (item->bad || item->kind != KS_NODE_MAP || item->first == NULL) {
        return false;
    }
    if (!is_import_record(item)) {
        return build_import_entry(build, item->first, import);
    }
    build_import_record(build, item, import);
    return import->module != NULL;
}

static void build_imports(struct ks_build *build, struct ks_node *node, struct ks_image *image)
{
    struct ks_import *imports = ks_arena_take(build->arena, node->count + 1, sizeof *imports);
    image->imports = imports;
    if (node->kind == KS_NODE_MAP && is_import_record(node)) {
        image->import_count = build_import_item(build, node, imports) ? 1 : 0;
        return;
    }
    for (struct ks_node *item = node->first; item != NULL; item = item->next) {
        struct ks_import *import = &imports[image->import_count];
        bool good = node->kind == KS_NODE_MAP ? build_import_entry(build, item, import)
                                              : build_import_item(build, item, import);
        image->import_count += good ? 1 : 0;
    }
}

// ---- maps by name ----

static void build_routines(struct ks_build *build, struct ks_node *map, struct ks_image *image)
{
    struct ks_named_routine *routines = ks_arena_take(build->arena, map->count, sizeof *routines);
    image->routines = routines;
    for (struct ks_node *value = map->first; value != NULL; value = value->next) {
        if (!value->bad && !value->key->bad) {
            struct ks_named_routine *routine = &routines[image->routine_count++];
            routine->name = value->key->text;
            routine->place = value->key->place;
            ks_build_routine(build, value, &routine->routine);
        }
    }
}

static void build_dispatch(struct ks_build *build, struct ks_node *map, struct ks_image *image)
{
    struct ks_dispatch *entries = ks_arena_take(build->arena, map->count, sizeof *entries);
    image->dispatch = entries;
    for (struct ks_node *value = map->first; value != NULL; value = value->next) {
        if (value->bad || value->key->bad) {
            continue;
        }
        size_t module = ks_scalar_module_length(value->text);
        entries[image->dispatch_count++] = (struct ks_dispatch){
            .place = value->place,
            .major = ks_irp_words_major(value->key->text),
            .module = ks_arena_copy(build->arena, value->text, module),
            .routine = value->text + module + 1,
        };
    }
}

static void build_data(struct ks_build *build, struct ks_node *map, struct ks_image *image)
{
    struct ks_data_value *values = ks_arena_take(build->arena, map->count, sizeof *values);
    image->data = values;
    for (struct ks_node *value = map->first; value != NULL; value = value->next) {
        if (!value->bad && !value->key->bad) {
            values[image->data_count++] =
                (struct ks_data_value){value->key->text, value->key->place, ks_build_number(value)};
        }
    }
}

// A word or a list of words.
static void for_words(struct ks_node *node, struct ks_image *image,
                      void (*apply)(struct ks_image *image, const char *word))
{
    if (node->kind == KS_NODE_SCALAR) {
        apply(image, node->text);
        return;
    }
    for (struct ks_node *item = node->first; item != NULL; item = item->next) {
        if (!item->bad) {
            apply(image, item->text);
        }
    }
}

static void apply_broken(struct ks_image *image, const char *word)
{
    image->broken |= kldr_build_broken_find(word);
}

static void apply_flag(struct ks_image *image, const char *word)
{
    image->flag_dependent = image->flag_dependent || strcmp(word, "dependent") == 0;
    image->flag_pnp = image->flag_pnp || strcmp(word, "pnp") == 0;
}

static void build_image_key(struct ks_build *build, struct ks_node *value, struct ks_image *image)
{
    switch (value->key_index) {
    case KS_IMAGE_FILE:
        image->real = true;
        image->file = (struct ks_text){value->text, value->place};
        break;
    case KS_IMAGE_EXPORTS:
        build_exports(build, value, image);
        break;
    case KS_IMAGE_EXPORT_DIRECTORY:
        build_export_directory(value, image);
        break;
    case KS_IMAGE_IMPORTS:
        build_imports(build, value, image);
        break;
    case KS_IMAGE_DRIVER_ENTRY:
        ks_build_routine(build, value, &image->driver_entry);
        break;
    case KS_IMAGE_DRIVER_UNLOAD:
        ks_build_routine(build, value, &image->driver_unload);
        break;
    case KS_IMAGE_DLLINITIALIZE:
        ks_build_routine(build, value, &image->dllinitialize);
        image->has_dllinitialize = !image->dllinitialize.absent;
        break;
    case KS_IMAGE_DLLUNLOAD:
        ks_build_routine(build, value, &image->dllunload);
        image->has_dllunload = !image->dllunload.absent;
        break;
    case KS_IMAGE_ADD_DEVICE:
        ks_build_routine(build, value, &image->add_device);
        break;
    case KS_IMAGE_DEVICES:
        ks_build_devices(build, value, image);
        break;
    case KS_IMAGE_ROUTINES:
        build_routines(build, value, image);
        break;
    case KS_IMAGE_DISPATCH:
        build_dispatch(build, value, image);
        break;
    case KS_IMAGE_MACHINE:
        image->machine = kldr_machine_find(value->text);
        break;
    case KS_IMAGE_BASE:
        image->base = ks_build_number(value);
        break;
    case KS_IMAGE_BROKEN:
        for_words(value, image, apply_broken);
        break;
    case KS_IMAGE_FLAGS:
        for_words(value, image, apply_flag);
        break;
    case KS_IMAGE_DATA:
        build_data(build, value, image);
        break;
    }
}

static const char *full_path(struct ks_build *build, const char *key)
{
    return key[0] == '\\' ? key : ks_arena_join(build->arena, DRIVERS_FOLDER, key);
}

static void list_image(struct ks_build *build, struct ks_image *image, bool on_disk)
{
    struct ks_built_image *built = ks_arena_take(build->arena, 1, sizeof *built);
    *built = (struct ks_built_image){.image = image, .on_disk = on_disk};
    *build->last_image = built;
    build->last_image = &built->next;
}

void ks_build_image(struct ks_build *build, struct ks_node *value, bool on_disk,
                    struct ks_image *out_image)
{
    static const struct ks_routine_entry succeeds;
    out_image->key = value->key->text;
    out_image->place = value->key->place;
    out_image->path = full_path(build, out_image->key);
    out_image->base_name = ks_names_base(out_image->path);
    out_image->driver_entry.entries = out_image->driver_unload.entries = &succeeds;
    out_image->driver_entry.entry_count = out_image->driver_unload.entry_count = 1;
    out_image->add_device.absent = true;
    list_image(build, out_image, on_disk);
    for (struct ks_node *child = value->first; child != NULL; child = child->next) {
        if (!child->bad) {
            build_image_key(build, child, out_image);
        }
    }
    if (out_image->flag_pnp && out_image->add_device.place.line == 0) {
        out_image->add_device = (struct ks_routine){.entries = &succeeds, .entry_count = 1};
    }
    out_image->flag_pnp = !out_image->add_device.absent;
}
