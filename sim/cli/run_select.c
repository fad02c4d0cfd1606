// SPDX-License-Identifier: MIT
#include "cli/run_select.h"
#include "cli/glob.h"
#include "cli/options.h"
#include "cli/parallel.h"
#include "cli/suggest.h"
#include "platform.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SUFFIX         ".kldr.yaml"
#define FILE_SIZE_MOST ((size_t)16 << 20)

static char *copy_text(const char *text, size_t length)
{
    char *copy = malloc(length + 1);
    if (copy != NULL) {
        memcpy(copy, text, length);
        copy[length] = '\0';
    }
    return copy;
}

static void set_message(struct ks_run_source *source, const char *format, ...) KS_PRINTF(2, 3);

static void set_message(struct ks_run_source *source, const char *format, ...)
{
    char text[1024];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    source->message = copy_text(text, strlen(text));
    source->out_of_memory = source->message == NULL;
}

// ---- files ----

// path is taken over, also on failure.
static struct ks_run_source *add_source(struct ks_run_selection *selection, char *path)
{
    size_t count = selection->source_count;
    if (path != NULL && (count & (count - 1)) == 0) { // the room doubles at 0, 1, 2, 4, 8, ...
        struct ks_run_source *grown =
            realloc(selection->sources, (count == 0 ? 1 : count * 2) * sizeof(*grown));
        if (grown == NULL) {
            free(path);
            return NULL;
        }
        selection->sources = grown;
    }
    if (path == NULL) {
        return NULL;
    }
    struct ks_run_source *source = &selection->sources[selection->source_count++];
    memset(source, 0, sizeof(*source));
    source->path = path;
    return source;
}

static bool add_folder(struct ks_run_selection *selection, const char *folder)
{
    struct ks_path_list list = {NULL, 0};
    enum ks_io io = ks_platform_list_tree(folder, SUFFIX, &list);
    bool ok = true;
    if (io != KS_IO_OK || list.count == 0) {
        struct ks_run_source *source = add_source(selection, copy_text(folder, strlen(folder)));
        ok = source != NULL;
        if (ok && io == KS_IO_OK) {
            set_message(source, "there is no *" SUFFIX " file below this folder");
        } else if (ok) {
            set_message(source, "the folder cannot be read: %s", ks_platform_io_text(io));
        }
    }
    for (size_t i = 0; i < list.count; i++) {
        ok = ok && add_source(selection, list.paths[i]) != NULL;
        list.paths[i] = ok ? NULL : list.paths[i];
    }
    ks_platform_path_list_fini(&list);
    return ok;
}

// The first ':' whose left side is a file: in C:\x.yaml:Name it is the second one.
static size_t name_position(const char *operand)
{
    for (const char *colon = strchr(operand, ':'); colon != NULL; colon = strchr(colon + 1, ':')) {
        size_t length = (size_t)(colon - operand);
        char *path = copy_text(operand, length);
        bool is_file = path != NULL && ks_platform_path_kind(path) == KS_PATH_FILE;
        free(path);
        if (is_file) {
            return length;
        }
    }
    return 0;
}

static bool add_operand(struct ks_run_selection *selection, const char *operand)
{
    enum ks_path_kind kind = ks_platform_path_kind(operand);
    if (kind == KS_PATH_DIRECTORY) {
        return add_folder(selection, operand);
    }
    size_t length = kind == KS_PATH_FILE ? 0 : name_position(operand);
    bool named = length > 0;
    struct ks_run_source *source =
        add_source(selection, copy_text(operand, named ? length : strlen(operand)));
    if (source != NULL && named) {
        source->only = operand + length + 1;
    }
    return source != NULL;
}

// ---- reading and parsing ----

static void check_name(struct ks_run_source *source)
{
    const struct ks_scenario_file *file = source->parsed.file;
    struct ks_suggestion suggestion;
    ks_suggest_begin(&suggestion, source->only);
    for (size_t i = 0; i < file->scenario_count; i++) {
        if (strcmp(file->scenarios[i].name, source->only) == 0) {
            return;
        }
        ks_suggest_consider(&suggestion, file->scenarios[i].name);
    }
    if (suggestion.best != NULL) {
        set_message(source, "no scenario is named \"%.200s\"; did you mean \"%.200s\"?",
                    source->only, suggestion.best);
    } else {
        set_message(source, "no scenario is named \"%.200s\"; 'kldr run --list' shows the names",
                    source->only);
    }
}

// Runs on any thread; each source is touched by one.
static void read_source(void *user, size_t index)
{
    struct ks_run_source *source = &((struct ks_run_selection *)user)->sources[index];
    uint8_t *bytes;
    size_t size;
    if (source->message != NULL || source->out_of_memory) {
        return;
    }
    enum ks_io io = ks_platform_read_file(source->path, FILE_SIZE_MOST, &bytes, &size);
    if (io != KS_IO_OK) {
        set_message(source, "cannot be opened: %s", ks_platform_io_text(io));
        return;
    }
    kldr_status status =
        ks_scenario_parse(source->path, (const char *)bytes, size, &source->parsed);
    free(bytes);
    source->out_of_memory = status == KLDR_ERROR_OUT_OF_MEMORY;
    if (status == KLDR_STATUS_SUCCESS && source->only != NULL) {
        check_name(source);
    }
}

static bool is_usable(const struct ks_run_source *source)
{
    return source->message == NULL && source->parsed.file != NULL;
}

// ---- items ----

static bool passes_filters(const struct ks_run_settings *settings,
                           const struct ks_run_source *source, const struct ks_scenario *scenario)
{
    size_t size = strlen(source->path) + strlen(scenario->name) + 2;
    char *both = settings->filter_count == 0 ? NULL : malloc(size);
    bool passes = settings->filter_count == 0;
    const char *base = source->path + ks_platform_folder_length(source->path);
    if (both != NULL) {
        snprintf(both, size, "%s:%s", source->path, scenario->name);
    }
    for (size_t i = 0; i < settings->filter_count && !passes; i++) {
        const char *filter = settings->filters[i];
        passes = ks_glob_match(filter, scenario->name) || ks_glob_match(filter, source->path) ||
                 ks_glob_match(filter, base) || (both != NULL && ks_glob_match(filter, both));
    }
    free(both);
    return passes;
}

static bool is_selected(const struct ks_run_settings *settings, const struct ks_run_source *source,
                        const struct ks_scenario *scenario)
{
    return (source->only == NULL || strcmp(source->only, scenario->name) == 0) &&
           passes_filters(settings, source, scenario);
}

static bool add_item(struct ks_run_selection *selection, const struct ks_run_source *source,
                     const struct ks_scenario *scenario, enum kldr_profile profile)
{
    size_t count = selection->item_count;
    if ((count & (count - 1)) == 0) {
        struct ks_run_item *grown =
            realloc(selection->items, (count == 0 ? 1 : count * 2) * sizeof(*grown));
        if (grown == NULL) {
            return false;
        }
        selection->items = grown;
    }
    selection->items[selection->item_count++] = (struct ks_run_item){source, scenario, profile};
    return true;
}

static bool add_scenario(const struct ks_run_settings *settings, struct ks_run_selection *selection,
                         const struct ks_run_source *source, const struct ks_scenario *scenario)
{
    bool own = settings->profile_count == 0;
    const enum kldr_profile *profiles = own ? scenario->profiles : settings->profiles;
    size_t count = own ? scenario->profile_count : settings->profile_count;
    bool ok = true;
    for (size_t i = 0; i < count && ok; i++) {
        ok = add_item(selection, source, scenario, profiles[i]);
    }
    return ok;
}

static bool add_items(const struct ks_run_settings *settings, struct ks_run_selection *selection)
{
    bool ok = true;
    for (size_t i = 0; i < selection->source_count && ok; i++) {
        const struct ks_run_source *source = &selection->sources[i];
        if (!is_usable(source)) {
            ok = !source->out_of_memory &&
                 add_item(selection, source, NULL, KLDR_PROFILE_DOCUMENTED);
            continue;
        }
        const struct ks_scenario_file *file = source->parsed.file;
        for (size_t j = 0; j < file->scenario_count && ok; j++) {
            if (is_selected(settings, source, &file->scenarios[j])) {
                ok = add_scenario(settings, selection, source, &file->scenarios[j]);
            }
        }
    }
    return ok;
}

bool ks_run_select(const struct ks_run_settings *settings, struct ks_run_selection *out_selection)
{
    memset(out_selection, 0, sizeof(*out_selection));
    for (size_t i = 0; i < settings->operand_count; i++) {
        if (!add_operand(out_selection, settings->operands[i])) {
            return false;
        }
    }
    ks_parallel(settings->jobs, out_selection->source_count, read_source, out_selection);
    return add_items(settings, out_selection);
}

void ks_run_selection_fini(struct ks_run_selection *selection)
{
    for (size_t i = 0; i < selection->source_count; i++) {
        struct ks_run_source *source = &selection->sources[i];
        ks_scenario_file_destroy(source->parsed.file);
        ks_parse_result_fini(&source->parsed);
        free(source->path);
        free(source->message);
    }
    free(selection->sources);
    free(selection->items);
    memset(selection, 0, sizeof(*selection));
}

void ks_run_tell_bad_source(const char *command, const struct ks_run_source *source)
{
    const struct ks_diagnostics *diagnostics = &source->parsed.diagnostics;
    if (source->message != NULL) {
        fprintf(stderr, "kldr %s: %s: %s\n", command, source->path, source->message);
    }
    for (size_t i = 0; i < diagnostics->count; i++) {
        const struct ks_diagnostic *item = &diagnostics->items[i];
        fprintf(stderr, "%s:%u:%u: %s%s%s%s%s\n", source->path, (unsigned)item->place.line,
                (unsigned)item->place.column, item->key_path, item->key_path[0] == '\0' ? "" : ": ",
                item->message, item->advice[0] == '\0' ? "" : "; ", item->advice);
    }
}

// ---- order ----

// SplitMix64 by Sebastiano Vigna, in the public domain.
static uint64_t next_random(uint64_t *state)
{
    uint64_t mixed = *state += UINT64_C(0x9E3779B97F4A7C15);
    mixed = (mixed ^ mixed >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    mixed = (mixed ^ mixed >> 27) * UINT64_C(0x94D049BB133111EB);
    return mixed ^ mixed >> 31;
}

void ks_run_shuffle(struct ks_run_selection *selection, uint64_t seed)
{
    for (size_t i = selection->item_count; i > 1; i--) {
        size_t other = (size_t)(next_random(&seed) % i);
        struct ks_run_item item = selection->items[other];
        selection->items[other] = selection->items[i - 1];
        selection->items[i - 1] = item;
    }
}
