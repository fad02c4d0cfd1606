// SPDX-License-Identifier: MIT
// docs/kldr-deps.schema.json says what this is.
#include "deps/deps_write.h"

static const char *const state_names[] = {
    [KS_DEPS_READ] = "read",           [KS_DEPS_KERNEL] = "kernel",
    [KS_DEPS_ABSENT] = "absent",       [KS_DEPS_UNREADABLE] = "unreadable",
    [KS_DEPS_MALFORMED] = "malformed",
};

static void write_symbol(struct ks_json *json, const char *name, uint32_t ordinal)
{
    if (name != NULL) {
        ks_json_key_text(json, "export", name);
    } else {
        ks_json_key_unsigned(json, "ordinal", ordinal);
    }
}

static void write_function(struct ks_json *json, const struct ks_deps_function *function)
{
    ks_json_begin_object(json);
    write_symbol(json, function->name, function->ordinal);
    ks_json_key_text(json, "answer", ks_deps_answer_name(function->answer));
    if (function->forwarder != NULL) {
        ks_json_key_text(json, "forwarder", function->forwarder);
    }
    if (function->nearest != NULL) {
        ks_json_key_text(json, "nearest", function->nearest);
    }
    ks_json_end_object(json);
}

static void write_imports(struct ks_json *json, const struct ks_deps_image *image)
{
    ks_json_key(json, "imports");
    ks_json_begin_array(json);
    for (size_t i = 0; i < image->import_count; i++) {
        const struct ks_deps_import *import = &image->imports[i];
        ks_json_begin_object(json);
        ks_json_key_text(json, "module", import->module);
        ks_json_key_text(json, "state", state_names[import->target->state]);
        if (import->target->path != NULL) {
            ks_json_key_text(json, "path", import->target->path);
        }
        if (import->wrong_machine) {
            ks_json_key_bool(json, "wrong_machine", true);
        }
        ks_json_key(json, "functions");
        ks_json_begin_array(json);
        for (size_t j = 0; j < import->function_count; j++) {
            write_function(json, &import->functions[j]);
        }
        ks_json_end_array(json);
        ks_json_end_object(json);
    }
    ks_json_end_array(json);
}

static void write_exports(struct ks_json *json, const struct ks_deps_image *image)
{
    ks_json_key(json, "exports");
    ks_json_begin_array(json);
    for (size_t i = 0; i < image->export_count; i++) {
        const struct ks_deps_export *entry = &image->exports[i];
        ks_json_begin_object(json);
        if (entry->name != NULL) {
            ks_json_key_text(json, "export", entry->name);
        }
        ks_json_key_unsigned(json, "ordinal", entry->ordinal);
        if (entry->forwarder != NULL) {
            ks_json_key_text(json, "forwarder", entry->forwarder);
        }
        ks_json_key(json, "used_by");
        ks_json_begin_array(json);
        for (const struct ks_deps_user *user = entry->users; user != NULL; user = user->next) {
            ks_json_text(json, user->importer->name);
        }
        ks_json_end_array(json);
        ks_json_end_object(json);
    }
    ks_json_end_array(json);
}

static void write_image(struct ks_json *json, const struct ks_deps_image *image)
{
    ks_json_begin_object(json);
    ks_json_key_text(json, "name", image->name);
    if (image->path != NULL) {
        ks_json_key_text(json, "path", image->path);
    }
    ks_json_key_text(json, "state", state_names[image->state]);
    if (image->problem != NULL) {
        ks_json_key_text(json, "problem", image->problem);
    }
    if (image->state == KS_DEPS_READ) {
        ks_json_key_text(json, "machine", kldr_machine_name(image->machine));
        ks_json_key_bool(json, "root", image->root);
        if (image->unbound) {
            ks_json_key_bool(json, "unbound", true);
        }
        write_imports(json, image);
        write_exports(json, image);
    }
    ks_json_end_object(json);
}

// From a root to the importer.
static void write_way(struct ks_json *json, const struct ks_deps_image *image, unsigned depth)
{
    if (image->parent != NULL && depth < KS_DEPS_WAY_MOST) {
        write_way(json, image->parent, depth + 1);
    }
    ks_json_text(json, image->name);
}

const char *ks_deps_missing_reason(const struct ks_deps_missing *missing)
{
    if (missing->function != NULL) {
        return ks_deps_answer_name(missing->function->answer);
    }
    if (missing->import->wrong_machine) {
        return "wrong-machine";
    }
    return missing->import->target->state == KS_DEPS_ABSENT ? "no-file" : "unusable";
}

size_t ks_deps_count_read(const struct ks_deps *deps)
{
    size_t count = 0;
    for (const struct ks_deps_image *image = deps->images; image != NULL; image = image->next) {
        count += image->state == KS_DEPS_READ;
    }
    return count;
}

static void write_missing(struct ks_json *json, const struct ks_deps_missing *missing)
{
    const struct ks_deps_function *function = missing->function;
    ks_json_begin_object(json);
    ks_json_key_text(json, "module", missing->import->module);
    if (function != NULL) {
        write_symbol(json, function->name, function->ordinal);
    }
    ks_json_key_text(json, "reason", ks_deps_missing_reason(missing));
    if (function != NULL && function->nearest != NULL) {
        ks_json_key_text(json, "nearest", function->nearest);
    }
    if (function != NULL && function->forwarder != NULL) {
        ks_json_key_text(json, "forwarder", function->forwarder);
    }
    ks_json_key(json, "way");
    ks_json_begin_array(json);
    write_way(json, missing->importer, 0);
    ks_json_end_array(json);
    ks_json_end_object(json);
}

static void write_cycle(struct ks_json *json, const struct ks_deps_cycle *cycle)
{
    ks_json_begin_array(json);
    for (size_t i = 0; i < cycle->count; i++) {
        ks_json_text(json, cycle->images[i]->name);
    }
    ks_json_text(json, cycle->images[0]->name);
    ks_json_end_array(json);
}

static void write_loads(struct ks_json *json, const struct ks_deps_verdict *verdicts, size_t count)
{
    ks_json_key(json, "loads");
    ks_json_begin_array(json);
    for (size_t i = 0; i < count; i++) {
        ks_json_begin_object(json);
        ks_json_key_text(json, "image", verdicts[i].image->path);
        ks_json_key_status(json, verdicts[i].status);
        ks_json_end_object(json);
    }
    ks_json_end_array(json);
}

static void write_summary(struct ks_json *json, const struct ks_deps *deps)
{
    ks_json_key(json, "summary");
    ks_json_begin_object(json);
    ks_json_key_unsigned(json, "images", ks_deps_count_read(deps));
    ks_json_key_unsigned(json, "unusable", deps->unusable);
    ks_json_key_unsigned(json, "missing_modules", deps->missing_modules);
    ks_json_key_unsigned(json, "missing_functions", deps->missing_functions);
    ks_json_end_object(json);
}

void ks_deps_write_json(struct ks_json *json, const struct ks_deps *deps,
                        const struct ks_deps_verdict *verdicts, size_t count)
{
    ks_json_key(json, "images");
    ks_json_begin_array(json);
    for (const struct ks_deps_image *image = deps->images; image != NULL; image = image->next) {
        ks_json_newline(json);
        write_image(json, image);
    }
    ks_json_end_array(json);
    ks_json_newline(json);
    ks_json_key(json, "missing");
    ks_json_begin_array(json);
    for (const struct ks_deps_missing *missing = deps->missing; missing != NULL;
         missing = missing->next) {
        ks_json_newline(json);
        write_missing(json, missing);
    }
    ks_json_end_array(json);
    ks_json_newline(json);
    ks_json_key(json, "cycles");
    ks_json_begin_array(json);
    for (const struct ks_deps_cycle *cycle = deps->cycles; cycle != NULL; cycle = cycle->next) {
        write_cycle(json, cycle);
    }
    ks_json_end_array(json);
    ks_json_newline(json);
    write_loads(json, verdicts, count);
    write_summary(json, deps);
}
