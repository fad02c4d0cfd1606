// SPDX-License-Identifier: MIT
#include "show.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void show_add(struct model_text *text, const char *item)
{
    int length = snprintf(text->text + text->length, MODEL_TEXT - text->length, "%s%s",
                          text->length > 0 ? ", " : "", item);

    if (length < 0 || (size_t)length >= MODEL_TEXT - text->length) {
        fprintf(stderr, "model: a list of an outcome is too long\n");
        abort();
    }
    text->length += (size_t)length;
}

// The base name, or the full path where that could mean two.
static const char *label(const struct model *model, const struct model_instance *instance)
{
    unsigned i, files = 0, loaded = 0;

    for (i = 0; i < model->input->image_count; i++) {
        const char *path = model->input->images[i].path;

        files += model_same(model_base_name(path), instance->name) &&
                 !model_same_file(path, instance->path);
    }
    for (i = 0; i < model->list_count; i++) {
        loaded += model_same(model->list[i]->name, instance->name);
    }
    return files > 0 || loaded > 1 ? instance->path : instance->name;
}

void show_finding(struct model *model, const char *kind, const char *module, const char *target,
                  const char *more)
{
    char key[256];

    snprintf(key, sizeof(key), "{kind: %s, module: '%s'%s%s%s", kind, module,
             target != NULL ? ", target: '" : "", target != NULL ? target : "",
             target != NULL ? "'" : "");
    if (strstr(model->out->findings.text, key) == NULL) {
        SHOW(model->out->findings, "%s%s}", key, more);
    }
}

void show_uncounted(struct model *model, const struct model_instance *importer,
                    const struct model_instance *target, const char *reason)
{
    char more[64];

    snprintf(more, sizeof(more), ", reason: %s", reason);
    if (!target->kernel) {
        show_finding(model, "uncounted-reference", importer->name, target->name, more);
    }
}

void show_cycle(struct model *model, const struct model_instance *importer,
                const struct model_instance *target, const struct model_function *function)
{
    char more[64];

    snprintf(more, sizeof(more), ", export: '%s'", function->name);
    if (function->name[0] == '\0') {
        snprintf(more, sizeof(more), ", export: '#%u'", function->ordinal);
    }
    show_finding(model, "forwarder-cycle", importer->name, target->name, more);
}

void show_missing(struct model *model, const char *importer, const char *module,
                  const struct model_function *function)
{
    char item[256];

    if (function == NULL) {
        snprintf(item, sizeof(item), "{importer: '%s', module: '%s'}", importer, module);
    } else if (function->name[0] != '\0') {
        snprintf(item, sizeof(item), "{importer: '%s', module: '%s', export: '%s'}", importer,
                 module, function->name);
    } else {
        snprintf(item, sizeof(item), "{importer: '%s', module: '%s', ordinal: %u}", importer,
                 module, function->ordinal);
    }
    show_add(&model->out->missing, item);
}

// L19, event_log each.
void show_log(struct model *model, const char *image, const struct model_failure *failure,
              uint32_t status, uint32_t laundered)
{
    char item[320];
    int n = snprintf(item, sizeof(item), "{image: '%s'", image);
    bool names = status == 0xC0000034u || status == 0xC0000262u || status == 0xC0000263u;

    if (names && failure->module[0] != '\0') {
        n +=
            snprintf(item + n, sizeof(item) - (size_t)n, ", missing_module: '%s'", failure->module);
    }
    if (names && failure->procedure[0] != '\0') {
        n += snprintf(item + n, sizeof(item) - (size_t)n, ", missing_procedure: '%s'",
                      failure->procedure);
    }
    if (names && failure->has_value) {
        n += snprintf(item + n, sizeof(item) - (size_t)n, ", value: %u", (unsigned)failure->value);
    } else if (laundered != status) {
        n += snprintf(item + n, sizeof(item) - (size_t)n, ", value: 0x%08X", (unsigned)status);
    }
    SHOW(model->out->log, "%s}", item);
}

static void show_function(const struct model *model, const struct model_cell *cell, char *out)
{
    const char *name = label(model, cell->target);
    struct model_table table;
    unsigned i;

    model_make_table(cell->target->image, &table);
    snprintf(out, MODEL_PATH, "%s!#%u", name, cell->index + cell->target->image->ordinal_base);
    if (!table.function[cell->index].used) { // S5
        snprintf(out, MODEL_PATH, "%s+0x0", name);
    }
    for (i = 0; i < table.name_count; i++) {
        if (table.name[i].index == cell->index) {
            snprintf(out, MODEL_PATH, "%s!%s", name, table.name[i].name);
        }
    }
}

static void show_cells(struct model *model, struct model_instance *importer)
{
    char keys[MODEL_CELLS][MODEL_PATH], target[MODEL_PATH];
    unsigned i, j;

    for (i = 0; i < importer->cell_count; i++) {
        const struct model_cell *cell = &importer->cells[i];

        snprintf(keys[i], MODEL_PATH, "'%s!%s", label(model, importer), cell->function->name);
        if (cell->function->name[0] == '\0') {
            snprintf(keys[i], MODEL_PATH, "'%s!#%u", label(model, importer),
                     cell->function->ordinal);
        }
        for (j = 0; j < i && strcmp(keys[j], keys[i]) != 0; j++) {
        }
        if (j == i && cell->target->listed) { // the first import of that name counts
            show_function(model, cell, target);
            SHOW(model->out->bound, "%s': '%s'", keys[i], target);
        }
        for (j = 0; j < importer->reported_count && importer->reported[j] != cell->target; j++) {
        }
        if (j == importer->reported_count && !cell->target->listed) { // A63: once for each pair
            importer->reported[importer->reported_count++] = cell->target;
            SHOW(model->out->findings, "{kind: %s, module: '%s', target: '%s', export: '%s'}",
                 cell->forwarded ? "dangling-forwarder" : "dangling-import", importer->name,
                 cell->target->name, strrchr(keys[i], '!') + 1);
        }
    }
}

void show_state(struct model *model)
{
    struct model_outcome *out = model->out;
    unsigned i, j;

    for (i = 0; i < model->ring_count; i++) {
        SHOW(out->ring, "'%s'", model->ring[i]);
    }
    for (i = 0; i < model->list_count; i++) {
        struct model_instance *instance = model->list[i];
        struct model_text held = {.length = 0};

        if (instance->kernel) {
            continue;
        }
        for (j = 0; j < instance->held_count; j++) {
            SHOW(held, "'%s'", label(model, instance->held[j]));
        }
        SHOW(out->modules, "'%s'", label(model, instance));
        SHOW(out->imports, "'%s': [%s]", label(model, instance), held.text);
        SHOW(out->state, "'%s': %s", label(model, instance),
             model_is_resident(model, instance) ? "resident" : "loaded");
        if (instance->inactive) {
            SHOW(out->counts, "'%s': inactive", label(model, instance));
        } else {
            SHOW(out->counts, "'%s': %d", label(model, instance), instance->count);
        }
        show_cells(model, instance);
    }
}
