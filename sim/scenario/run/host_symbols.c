// SPDX-License-Identifier: MIT

#include "scenario/run/host_symbols.h"

#include "platform.h"
#include "scenario/walk.h"
#include "world/service.h"

#include <stdlib.h>
#include <string.h>

#define PDB_LIMIT (64u << 20)

struct search {
    const struct ks_scenario *scenario;
    const struct ks_run_options *options;
    const struct ks_symbols_wish *wish;
    unsigned passed; // files of that name so far
    bool found;
    struct ks_host_file file;
};

// The wish may have been made up by code of a driver.
static bool is_pdb_name(const char *name)
{
    size_t length = strlen(name);
    return length > 4 && ks_same_name(name + length - 4, ".pdb") && strpbrk(name, "/\\:") == NULL;
}

// Takes the path over. What cannot be read is passed over.
static void look_at(struct search *search, char *path)
{
    if (path == NULL || search->found || ks_platform_path_kind(path) != KS_PATH_FILE) {
        free(path);
        return;
    }
    search->found =
        search->passed == search->wish->number &&
        ks_platform_read_file(path, PDB_LIMIT, &search->file.bytes, &search->file.size) == KS_IO_OK;
    search->passed++;
    free(path);
}

static void look_beside(struct search *search, const struct ks_image *image)
{
    char *path = NULL;
    if (image->real && strcmp(image->key, search->wish->path) == 0) {
        path = ks_host_file_path(search->scenario, &image->file, search->options, NULL);
    }
    if (path != NULL) {
        path[ks_platform_folder_length(path)] = '\0';
        look_at(search, ks_platform_join(path, search->wish->name));
    }
    free(path);
}

static bool visit_image(void *user, const struct ks_image *image)
{
    look_beside(user, image);
    return true;
}

static bool visit_step(void *user, const struct ks_step *step)
{
    if (step->disk_image != NULL) {
        look_beside(user, step->disk_image);
    }
    return true;
}

bool ks_host_symbols_find(const struct ks_scenario *scenario, const struct ks_run_options *options,
                          const struct ks_symbols_wish *wish, struct ks_host_file *out_file)
{
    struct search search = {.scenario = scenario, .options = options, .wish = wish};
    const struct ks_walk walk = {visit_image, visit_step, &search};
    if (!is_pdb_name(wish->name)) {
        return false;
    }
    ks_walk_scenario(scenario, &walk);
    for (size_t i = 0; i < options->directory_count; i++) {
        look_at(&search, ks_platform_join(options->directories[i], wish->name));
    }
    *out_file = search.file;
    return search.found;
}
