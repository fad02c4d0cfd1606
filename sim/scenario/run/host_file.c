// SPDX-License-Identifier: MIT

#include "scenario/run/host_file.h"

#include "platform.h"
#include "world/service.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FILE_LIMIT     (256u << 20)
#define EXPANDED_LIMIT 4096u

// ---- variables ----

struct expansion {
    char text[EXPANDED_LIMIT];
    size_t length;
    bool too_long;
};

static void add(struct expansion *expansion, const char *text, size_t length)
{
    if (length >= EXPANDED_LIMIT - expansion->length) {
        expansion->too_long = true;
        return;
    }
    memcpy(expansion->text + expansion->length, text, length);
    expansion->length += length;
}

static bool add_variable(struct expansion *expansion, const char *name,
                         const struct ks_run_options *options)
{
    for (size_t i = 0; i < options->variable_count; i++) {
        if (strcmp(options->variables[i].name, name) == 0) {
            add(expansion, options->variables[i].value, strlen(options->variables[i].value));
            return true;
        }
    }
    char *value = ks_platform_environment(name);
    if (value != NULL) {
        add(expansion, value, strlen(value));
    }
    free(value);
    return value != NULL;
}

// At a '$': the length of "${NAME}" or "$(NAME)" with NAME in name, or 0.
static size_t variable_at(const char *text, char name[KLDR_NAME_SIZE])
{
    char close = text[1] == '{' ? '}' : text[1] == '(' ? ')' : '\0';
    const char *end = close != '\0' ? strchr(text + 2, close) : NULL;
    if (end == NULL || end == text + 2 || end - text - 2 >= KLDR_NAME_SIZE) {
        return 0;
    }
    size_t length = (size_t)(end - text - 2);
    memcpy(name, text + 2, length);
    name[length] = '\0';
    return length + 3;
}

char *ks_host_file_expand(const char *text, const struct ks_run_options *options,
                          struct kldr_error *error)
{
    struct expansion expansion = {.length = 0};
    char name[KLDR_NAME_SIZE];
    while (*text != '\0' && !expansion.too_long) {
        size_t length = *text == '$' ? variable_at(text, name) : 0;
        if (length == 0) {
            add(&expansion, text++, 1);
        } else if (!add_variable(&expansion, name, options)) {
            kldr_error_set(error, KLDR_ERROR_HOST_FILE, KLDR_ORIGIN_HOST, KLDR_STAGE_INPUT,
                           "the variable %.200s is not defined", name);
            kldr_error_advise(error, "give --define %.200s=VALUE or set it in the environment",
                              name);
            return NULL;
        } else {
            text += length;
        }
    }
    if (expansion.too_long) {
        kldr_error_set(error, KLDR_ERROR_HOST_FILE, KLDR_ORIGIN_HOST, KLDR_STAGE_INPUT,
                       "the path is longer than %u bytes", EXPANDED_LIMIT);
        return NULL;
    }
    char *copy = calloc(1, expansion.length + 1);
    return copy != NULL ? memcpy(copy, expansion.text, expansion.length) : NULL;
}

// ---- files that a scenario names ----

static char *beside_scenario(const struct ks_scenario *scenario, const char *path)
{
    const char *file = scenario->file->path;
    char folder[KLDR_PATH_SIZE * 2];
    size_t length = ks_platform_folder_length(file);
    if (ks_platform_is_absolute(path) || length == 0 || length >= sizeof folder) {
        return ks_platform_join("", path);
    }
    memcpy(folder, file, length);
    folder[length] = '\0';
    return ks_platform_join(folder, path);
}

static kldr_status read_path(const char *path, struct ks_host_file *out_file,
                             struct kldr_error *error)
{
    enum ks_io io = ks_platform_read_file(path, FILE_LIMIT, &out_file->bytes, &out_file->size);
    if (io == KS_IO_OK) {
        return KLDR_STATUS_SUCCESS;
    }
    kldr_error_set(error, KLDR_ERROR_HOST_FILE, KLDR_ORIGIN_HOST, KLDR_STAGE_INPUT, "%.400s: %s",
                   path, ks_platform_io_text(io));
    return KLDR_ERROR_HOST_FILE;
}

char *ks_host_file_path(const struct ks_scenario *scenario, const struct ks_text *file,
                        const struct ks_run_options *options, struct kldr_error *error)
{
    char *expanded = ks_host_file_expand(file->text, options, error);
    char *path = expanded != NULL ? beside_scenario(scenario, expanded) : NULL;
    free(expanded);
    return path;
}

kldr_status ks_host_file_read_text(const struct ks_scenario *scenario, const struct ks_text *file,
                                   const struct ks_run_options *options,
                                   struct ks_host_file *out_file, struct kldr_error *error)
{
    kldr_error_clear(error);
    char *path = ks_host_file_path(scenario, file, options, error);
    kldr_status status = path != NULL ? read_path(path, out_file, error) : KLDR_ERROR_HOST_FILE;
    if (status != KLDR_STATUS_SUCCESS && error != NULL) {
        snprintf(error->file, sizeof error->file, "%s", scenario->file->path);
        error->line = file->place.line;
        error->column = file->place.column;
    }
    free(path);
    return status;
}

kldr_status ks_host_file_read(const struct ks_scenario *scenario, const struct ks_image *image,
                              const struct ks_run_options *options, struct ks_host_file *out_file,
                              struct kldr_error *error)
{
    const struct ks_run_keeper *keeper = options->keeper;
    kldr_error_clear(error);
    return keeper != NULL
               ? keeper->read_image(keeper->user, scenario, image, out_file, error)
               : ks_host_file_read_text(scenario, &image->file, options, out_file, error);
}

// ---- host folders ----

static bool read_from_folder(const char *folder, const char *name, struct ks_host_file *out_file)
{
    struct ks_path_list list;
    bool found = false;
    if (ks_platform_list_folder(folder, name, &list) != KS_IO_OK) {
        return false;
    }
    for (size_t i = 0; i < list.count && !found; i++) {
        size_t length = ks_platform_folder_length(list.paths[i]);
        found = ks_same_name(list.paths[i] + length, name) &&
                ks_platform_read_file(list.paths[i], FILE_LIMIT, &out_file->bytes,
                                      &out_file->size) == KS_IO_OK;
    }
    ks_platform_path_list_fini(&list);
    return found;
}

bool ks_host_file_in_folders(const char *path, const struct ks_run_options *options,
                             struct ks_host_file *out_file)
{
    static const char drivers[] = "\\SystemRoot\\System32\\drivers\\";
    char folder[sizeof drivers];
    const char *base = strrchr(path, '\\');
    snprintf(folder, sizeof folder, "%s", path);
    if (base == NULL || (size_t)(base + 1 - path) != sizeof drivers - 1 ||
        !ks_same_name(folder, drivers)) {
        return false;
    }
    if (options->keeper != NULL && options->keeper->find_file != NULL) {
        return options->keeper->find_file(options->keeper->user, path, out_file);
    }
    for (size_t i = 0; i < options->directory_count; i++) {
        if (read_from_folder(options->directories[i], base + 1, out_file)) {
            return true;
        }
    }
    return false;
}
