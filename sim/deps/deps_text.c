// SPDX-License-Identifier: MIT
// The graph for people: the trees, then what is missing, circles, the kernel's functions, exports
// with their users, and what the loader would say.
#include "deps/deps_text_parts.h"

#include <stdio.h>
#include <string.h>

#define COLUMN     KS_DEPS_TEXT_COLUMN
#define DEPTH_MOST 100u // of the trees that are shown

void ks_deps_text_pad(struct ks_text_buffer *out, size_t used, size_t column)
{
    ks_text_buffer_repeat(out, ' ', used + 2 < column ? column - used : 2);
}

void ks_deps_text_count(struct ks_text_buffer *out, size_t count, const char *noun)
{
    ks_text_buffer_unsigned(out, count);
    ks_text_buffer_char(out, ' ');
    ks_text_buffer_text(out, noun);
    ks_text_buffer_text(out, count == 1 ? "" : "s");
}

// ---- trees ----

static size_t count_answers(const struct ks_deps_import *import, enum ks_deps_answer first,
                            enum ks_deps_answer last)
{
    size_t count = 0;
    for (size_t i = 0; i < import->function_count; i++) {
        count += import->functions[i].answer >= first && import->functions[i].answer <= last;
    }
    return count;
}

static void write_import(struct ks_text_buffer *out, const struct ks_deps_import *import)
{
    size_t missing = count_answers(import, KS_DEPS_NO_EXPORT, KS_DEPS_NO_FORWARD);
    size_t lacking = count_answers(import, KS_DEPS_TRAP, KS_DEPS_NOT_SIMULATED);
    ks_deps_text_count(out, import->function_count, "function");
    if (missing > 0) {
        ks_text_buffer_text(out, ", ");
        ks_text_buffer_unsigned(out, missing);
        ks_text_buffer_text(out, " MISSING");
    }
    if (lacking > 0) {
        ks_text_buffer_text(out, ", ");
        ks_text_buffer_unsigned(out, lacking);
        ks_text_buffer_text(out, " not simulated");
    }
    if (import->target->state == KS_DEPS_ABSENT) {
        ks_text_buffer_text(out, ", NO SUCH FILE");
    } else if (import->target->state != KS_DEPS_READ && import->target->state != KS_DEPS_KERNEL) {
        ks_text_buffer_text(out, ", NOT USABLE");
    } else if (import->wrong_machine) {
        ks_text_buffer_text(out, ", FOR ");
        ks_text_buffer_text(out, kldr_machine_name(import->target->machine));
    }
}

static void write_tree(struct ks_text_buffer *out, const struct ks_deps_image *image,
                       unsigned depth, const struct ks_deps_image **way)
{
    way[depth] = image;
    for (size_t i = 0; i < image->import_count; i++) {
        const struct ks_deps_import *import = &image->imports[i];
        struct ks_deps_image *target = import->target;
        bool circle = false;
        for (unsigned j = 0; j <= depth; j++) {
            circle = circle || way[j] == target;
        }
        ks_text_buffer_repeat(out, ' ', (depth + 1) * (size_t)2);
        ks_text_buffer_visible(out, import->module);
        ks_deps_text_pad(out, (depth + 1) * (size_t)2 + strlen(import->module), COLUMN);
        write_import(out, import);
        bool again = !circle && target->shown && target->import_count > 0;
        bool deeper = !circle && !again && target->import_count > 0;
        ks_text_buffer_text(out, circle ? ", a circle" : again ? ", see above" : "");
        ks_text_buffer_char(out, '\n');
        if (deeper && depth + 2 < DEPTH_MOST) {
            target->shown = true;
            write_tree(out, target, depth + 1, way);
        } else if (deeper) {
            ks_text_buffer_repeat(out, ' ', (depth + 2) * (size_t)2);
            ks_text_buffer_text(out, "...\n");
        }
    }
}

static void write_trees(struct ks_text_buffer *out, const struct ks_deps *deps)
{
    const struct ks_deps_image *way[DEPTH_MOST];
    for (struct ks_deps_image *image = deps->images; image != NULL; image = image->next) {
        if (!image->root || image->state != KS_DEPS_READ) {
            continue;
        }
        ks_text_buffer_visible(out, image->path);
        ks_text_buffer_text(out, image->import_count == 0 ? "  imports nothing" : "");
        ks_text_buffer_char(out, '\n');
        image->shown = true;
        write_tree(out, image, 0, way);
    }
}

// ---- what is missing ----

static void write_way(struct ks_text_buffer *out, const struct ks_deps_image *image, unsigned depth)
{
    if (image->parent != NULL && depth < KS_DEPS_WAY_MOST) {
        write_way(out, image->parent, depth + 1);
    }
    ks_text_buffer_visible(out, image->name);
    ks_text_buffer_text(out, " -> ");
}

static void write_reason(struct ks_text_buffer *out, const struct ks_deps_missing *missing)
{
    const struct ks_deps_import *import = missing->import;
    const struct ks_deps_function *function = missing->function;
    if (function == NULL && import->wrong_machine) {
        ks_text_buffer_text(out, "is for ");
        ks_text_buffer_text(out, kldr_machine_name(import->target->machine));
        ks_text_buffer_text(out, ", its importer for ");
        ks_text_buffer_text(out, kldr_machine_name(missing->importer->machine));
    } else if (function == NULL && import->target->state == KS_DEPS_ABSENT) {
        ks_text_buffer_text(out, "no such file");
        if (ks_deps_comes_with_windows(import->module)) {
            ks_text_buffer_text(out, "; it comes with Windows: give its folder with --dir");
        }
    } else if (function == NULL) {
        ks_text_buffer_visible(out, import->target->problem);
    } else if (function->answer == KS_DEPS_NO_FORWARD) {
        ks_text_buffer_text(out, "forwarded to ");
        ks_text_buffer_visible(out, function->forwarder);
        ks_text_buffer_text(out, ", which the tree does not have (S8)");
    } else if (import->target->state == KS_DEPS_KERNEL) {
        ks_text_buffer_text(out, "no Windows kernel exports it");
    } else {
        ks_text_buffer_text(out, "not exported");
    }
    if (function != NULL && function->nearest != NULL) {
        ks_text_buffer_text(out, "; did you mean ");
        ks_text_buffer_visible(out, function->nearest);
        ks_text_buffer_char(out, '?');
    }
}

// "port.sys!PortOpen" in its column.
static void write_what(struct ks_text_buffer *out, const struct ks_deps_missing *missing)
{
    const struct ks_deps_function *function = missing->function;
    char number[16] = "";
    size_t used = 2 + strlen(missing->import->module);
    ks_text_buffer_text(out, "  ");
    ks_text_buffer_visible(out, missing->import->module);
    if (function != NULL) {
        snprintf(number, sizeof(number), "#%u", (unsigned)function->ordinal);
        const char *symbol = function->name == NULL ? number : function->name;
        ks_text_buffer_char(out, '!');
        ks_text_buffer_visible(out, symbol);
        used += 1 + strlen(symbol);
    }
    ks_deps_text_pad(out, used, COLUMN);
}

static void write_missing(struct ks_text_buffer *out, const struct ks_deps *deps)
{
    if (deps->missing != NULL) {
        ks_text_buffer_text(out, "\nmissing\n");
    }
    for (const struct ks_deps_missing *missing = deps->missing; missing != NULL;
         missing = missing->next) {
        write_what(out, missing);
        write_reason(out, missing);
        ks_text_buffer_text(out, "\n      ");
        write_way(out, missing->importer, 0);
        ks_text_buffer_visible(out, missing->import->module);
        ks_text_buffer_char(out, '\n');
    }
}

static void write_cycles(struct ks_text_buffer *out, const struct ks_deps *deps)
{
    if (deps->cycles != NULL) {
        ks_text_buffer_text(out, "\ncircles\n");
    }
    for (const struct ks_deps_cycle *cycle = deps->cycles; cycle != NULL; cycle = cycle->next) {
        ks_text_buffer_text(out, "  ");
        for (size_t i = 0; i < cycle->count; i++) {
            ks_text_buffer_visible(out, cycle->images[i]->name);
            ks_text_buffer_text(out, " -> ");
        }
        ks_text_buffer_visible(out, cycle->images[0]->name);
        ks_text_buffer_char(out, '\n');
    }
}

// ---- what the loader says, sums ----

static void write_verdicts(struct ks_text_buffer *out, const struct ks_deps_verdict *verdicts,
                           size_t count, const char *profile)
{
    char text[KLDR_STATUS_TEXT_SIZE];
    if (count > 0) {
        ks_text_buffer_text(out, "\na load would end with, under ");
        ks_text_buffer_text(out, profile);
        ks_text_buffer_char(out, '\n');
    }
    for (size_t i = 0; i < count; i++) {
        ks_text_buffer_text(out, "  ");
        ks_text_buffer_visible(out, verdicts[i].image->path);
        ks_deps_text_pad(out, 2 + strlen(verdicts[i].image->path), COLUMN);
        ks_text_buffer_text(out, kldr_status_format(verdicts[i].status, text));
        ks_text_buffer_char(out, '\n');
    }
}

static void write_summary(struct ks_text_buffer *out, const struct ks_deps *deps)
{
    ks_text_buffer_char(out, '\n');
    ks_deps_text_count(out, ks_deps_count_read(deps), "image");
    ks_text_buffer_text(out, ", ");
    ks_deps_text_count(out, deps->missing_modules, "module");
    ks_text_buffer_text(out, " and ");
    ks_deps_text_count(out, deps->missing_functions, "function");
    ks_text_buffer_text(out, " missing");
    if (deps->unusable > 0) {
        ks_text_buffer_text(out, ", ");
        ks_deps_text_count(out, deps->unusable, "file");
        ks_text_buffer_text(out, " not usable");
    }
    ks_text_buffer_char(out, '\n');
}

void ks_deps_write_text(struct ks_text_buffer *out, const struct ks_deps *deps,
                        const struct ks_deps_verdict *verdicts, size_t count, const char *profile)
{
    write_trees(out, deps);
    write_missing(out, deps);
    write_cycles(out, deps);
    ks_deps_text_kernel(out, deps);
    ks_deps_text_exports(out, deps);
    write_verdicts(out, verdicts, count, profile);
    write_summary(out, deps);
}
