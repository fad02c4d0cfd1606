// SPDX-License-Identifier: MIT
// A case as a scenario file, with what the model says as expectations.
#include "generate.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char text[1 << 20];
static size_t length;

static void put(const char *format, ...)
{
    va_list arguments;
    int size;

    va_start(arguments, format);
    size = vsnprintf(text + length, sizeof(text) - length, format, arguments);
    va_end(arguments);
    if (size < 0 || (size_t)size >= sizeof(text) - length) {
        fprintf(stderr, "model: the scenario file is too long\n");
        abort();
    }
    length += (size_t)size;
}

static const char *key(const char *path)
{
    static const char drivers[] = "\\SystemRoot\\System32\\drivers\\";

    return strncmp(path, drivers, sizeof(drivers) - 1) == 0 ? path + sizeof(drivers) - 1 : path;
}

static void put_routine(const char *name, const struct model_routine *routine)
{
    unsigned i;

    if (routine->kind == MODEL_ABSENT) {
        return;
    }
    put(", %s: {status: [", name);
    for (i = 0; i < routine->status_count; i++) {
        put("%s0x%08X", i > 0 ? ", " : "", (unsigned)routine->status[i]);
    }
    put("]%s", routine->across_loads ? ", across_loads: true" : "");
    if (routine->kind == MODEL_DECORATED) {
        put(", export_as: '_%s@%d'", name, strcmp(name, "DllUnload") == 0 ? 0 : 4);
    } else if (routine->kind == MODEL_FORWARDED) {
        put(", forward: nowhere.Fn");
    }
    put("}");
}

static void put_import(const struct model_import *import)
{
    unsigned i;

    put("{module: '%s', functions: [", import->module);
    for (i = 0; i < import->function_count; i++) {
        const struct model_function *function = &import->functions[i];

        put("%s", i > 0 ? ", " : "");
        if (function->name[0] == '\0') {
            put("'#%u'", function->ordinal);
        } else if (function->hint >= 0) {
            put("{name: '%s', hint: %d}", function->name, function->hint);
        } else {
            put("'%s'", function->name);
        }
    }
    put("]%s}", import->no_lookup_table ? ", lookup_table: false" : "");
}

static void put_exports(const struct model_image *image)
{
    unsigned i;

    put(", exports: [");
    for (i = 0; i < image->export_count; i++) {
        const struct model_export *e = &image->exports[i];

        put("%s'%s", i > 0 ? ", " : "", e->name);
        if (e->forward[0] != '\0') {
            put(" = %s", e->forward);
        }
        if (e->ordinal != 0) {
            put(" @%u%s", e->ordinal, e->noname ? " NONAME" : "");
        }
        put("'");
    }
    put("]");
}

static void put_image(const struct model_image *image)
{
    static const char *const broken[] = {"",
                                         ", broken: [checksum]",
                                         ", broken: [headers]",
                                         ", broken: [truncated]",
                                         ", broken: [section-out-of-file]",
                                         ", broken: [relocations-malformed]",
                                         ", broken: [relocations-stripped]",
                                         ", machine: arm64",
                                         ", machine: x86"};
    unsigned i;

    put("{imports: [");
    for (i = 0; i < image->import_count; i++) {
        put("%s", i > 0 ? ", " : "");
        put_import(&image->imports[i]);
    }
    put("]%s", broken[image->broken]);
    if (image->export_count > 0) {
        put_exports(image);
    }
    put(", export_directory: {ordinal_base: %u%s%s}", image->ordinal_base,
        image->unsorted ? ", sorted: false" : "", image->no_directory ? ", absent: true" : "");
    put_routine("DllInitialize", &image->initialize);
    put_routine("DllUnload", &image->unload);
    put_routine("DriverEntry", &image->entry);
    put("%s", image->driver_unload ? "" : ", DriverUnload: absent");
    if (image->base != 0) {
        put(", base: 0x%llx", (unsigned long long)image->base);
    }
    put("}");
}

static void put_action(const struct model_case *input, const struct model_step *step)
{
    static const char *const words[] = {"load",   "unload", "load_image", "unload_image",
                                        "delete", "create", "replace"};

    put("  - %s: ", words[step->action]);
    switch (step->action) {
    case MODEL_LOAD:
    case MODEL_UNLOAD:
        put("%s\n", input->services[step->service].name);
        break;
    case MODEL_LOAD_IMAGE:
    case MODEL_UNLOAD_IMAGE:
    case MODEL_DELETE:
        put("'%s'\n", step->path);
        break;
    case MODEL_CREATE:
    case MODEL_REPLACE:
        put("{'%s': ", key(step->path));
        put_image(&input->images[step->image]);
        put("}\n");
        break;
    }
}

static void put_outcome(const struct model_outcome *out)
{
    put("    expect:\n      status: 0x%08X\n", (unsigned)out->status);
    put("      calls: [%s]\n", out->calls.text);
    put("      events: [%s]\n", out->events.text);
    put("      modules: [%s]\n", out->modules.text);
    put("      notified: [%s]\n      opened: [%s]\n", out->notified.text, out->opened.text);
    put("      unloaded: [%s]\n      ring: [%s]\n", out->unloaded.text, out->ring.text);
    put("      log: [%s]\n", out->log.text);
    if (!out->unsure) {
        put("      missing: [%s]\n", out->missing.text);
    }
    put("      findings: [%s]\n", out->findings.text);
    if (out->counts.length > 0) {
        put("      counts: {%s}\n      imports: {%s}\n      state: {%s}\n", out->counts.text,
            out->imports.text, out->state.text);
    }
    if (out->argument.length > 0) {
        put("      argument: {%s}\n", out->argument.text);
    }
    if (out->bound.length > 0) {
        put("      bound: {%s}\n", out->bound.text);
    }
}

const char *generate_text(const struct model_case *input, enum model_bug bug, size_t *out_size)
{
    static struct model_outcome outcome;
    struct model *model = model_create(input, bug);
    unsigned i, images = 0;

    length = 0;
    put("# SPDX-License-Identifier: MIT\nkldr: 1\nprofiles: [%s]\nmachine: x64\n",
        model_profile_name(input->profile));
    put("%s", input->enforce_checksum ? "policy: {checksum: enforce}\n" : "");
    for (i = 0; i < input->image_count; i++) {
        if (input->images[i].on_disk) {
            put("%s  '%s': ", images++ == 0 ? "images:\n" : "", key(input->images[i].path));
            put_image(&input->images[i]);
            put("\n");
        }
    }
    put("services:\n");
    for (i = 0; i < input->service_count; i++) {
        put("  %s: {ImagePath: '%s'}\n", input->services[i].name, input->services[i].path);
    }
    put("steps:\n");
    for (i = 0; i < input->step_count; i++) {
        put_action(input, &input->steps[i]);
        model_step(model, &input->steps[i], &outcome);
        put_outcome(&outcome);
    }
    model_destroy(model);
    *out_size = length;
    return text;
}
