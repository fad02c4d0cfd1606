// SPDX-License-Identifier: MIT
#include "cli/image_operands.h"
#include "cli/commands.h"
#include "cli/run_settings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SUFFIX ".sys"

void ks_image_operands_init(struct ks_image_operands *operands, const struct ks_command *command)
{
    memset(operands, 0, sizeof(*operands));
    operands->command = command;
}

void ks_image_operands_fini(struct ks_image_operands *operands)
{
    for (size_t i = 0; i < operands->count; i++) {
        free((char *)(uintptr_t)operands->paths[i]);
    }
    for (size_t i = 0; i < operands->named_count; i++) {
        free((char *)(uintptr_t)operands->named[i]);
    }
    free((void *)operands->paths);
    free((void *)operands->named);
    free(operands->items);
}

static int fail(const struct ks_image_operands *operands, int code, const char *path,
                const char *text)
{
    fprintf(stderr, "kldr %s: %s%s%s\n", operands->command->name, path, path[0] == '\0' ? "" : ": ",
            text);
    return code;
}

static bool grow(struct ks_image_operands *operands)
{
    if (operands->count < operands->capacity) {
        return true;
    }
    size_t wanted = operands->capacity == 0 ? 16 : operands->capacity * 2;
    void *items = realloc(operands->items, wanted * sizeof(*operands->items));
    operands->items = items != NULL ? items : operands->items;
    void *paths = realloc((void *)operands->paths, wanted * sizeof(*operands->paths));
    operands->paths = paths != NULL ? paths : operands->paths;
    if (items == NULL || paths == NULL) {
        return false;
    }
    operands->capacity = wanted;
    return true;
}

static bool add_path(struct ks_image_operands *operands, const char *path, bool member)
{
    char *copy = ks_platform_join("", path);
    if (copy == NULL || !grow(operands)) {
        free(copy);
        return false;
    }
    operands->paths[operands->count] = copy;
    operands->items[operands->count++] = (struct ks_deps_operand){copy, member};
    return true;
}

static bool add_named(struct ks_image_operands *operands, const char *path, const char *name)
{
    char *copy = ks_platform_join(path, name);
    if (copy != NULL && operands->named_count == operands->named_capacity) {
        size_t wanted = operands->named_capacity == 0 ? 16 : operands->named_capacity * 2;
        void *grown = realloc((void *)operands->named, wanted * sizeof(*operands->named));
        if (grown == NULL) {
            free(copy);
            return false;
        }
        operands->named = grown;
        operands->named_capacity = wanted;
    }
    if (copy != NULL) {
        operands->named[operands->named_count++] = copy;
    }
    return copy != NULL;
}

static int add_folder(struct ks_image_operands *operands, const char *folder)
{
    struct ks_path_list list;
    enum ks_io io = ks_platform_list_tree(folder, SUFFIX, &list);
    if (io != KS_IO_OK) {
        return fail(operands, KS_EXIT_USAGE, folder, ks_platform_io_text(io));
    }
    bool added = add_named(operands, folder, "");
    for (size_t i = 0; i < list.count && added; i++) {
        added = add_path(operands, list.paths[i], true);
    }
    bool empty = list.count == 0;
    ks_platform_path_list_fini(&list);
    if (!added) {
        return fail(operands, KS_EXIT_LIMIT, "", "not enough memory");
    }
    return empty ? fail(operands, KS_EXIT_USAGE, folder, "no *" SUFFIX " file is below it")
                 : KS_SETTINGS_OK;
}

int ks_image_operands_add(struct ks_image_operands *operands, const char *value)
{
    if (ks_platform_path_kind(value) == KS_PATH_DIRECTORY) {
        return add_folder(operands, value);
    }
    return add_path(operands, value, false) && add_named(operands, "", value)
               ? KS_SETTINGS_OK
               : fail(operands, KS_EXIT_LIMIT, "", "not enough memory");
}

int ks_image_operands_check(const struct ks_image_operands *operands, const char *wanted)
{
    return operands->count > 0 ? KS_SETTINGS_OK
                               : ks_options_usage_error(operands->command, "%s", wanted);
}
