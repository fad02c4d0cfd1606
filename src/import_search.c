// SPDX-License-Identifier: MIT

#include "import_search.h"

#include "alloc.h"

#include <string.h>

static const char drivers_folder[] = "\\SystemRoot\\System32\\drivers\\"; // C7, R12
static const char subfolder[] = "drivers\\";                              // RD3

// Appends directory + middle + name as one path.
static bool add_place(const struct kl_context *context, struct kl_search *search,
                      const char *directory, size_t directory_length, const char *middle,
                      const char *name, size_t name_length)
{
    size_t middle_length = strlen(middle);
    size_t length = directory_length + middle_length + name_length;
    char *path = kl_alloc_zeroed(context->allocator, length + 1);
    if (path == NULL) {
        return false;
    }
    memcpy(path, directory, directory_length);
    memcpy(path + directory_length, middle, middle_length);
    memcpy(path + directory_length + middle_length, name, name_length);
    search->paths[search->count] = path;
    search->lengths[search->count++] = length;
    return true;
}

bool kl_search_init(const struct kl_context *context, const char *directory,
                    size_t directory_length, const char *name, size_t name_length,
                    struct kl_search *out_search)
{
    int knob = kl_context_knob(context, KLDR_KNOB_SEARCH);
    bool no_directory = directory_length == 0;
    bool own_folder = knob != KLDR_SEARCH_DRIVERS && !no_directory;
    bool drivers = !own_folder || knob == KLDR_SEARCH_IMPORTER_DRIVERS;
    bool below = knob == KLDR_SEARCH_IMPORTER_SUBDIR && own_folder;
    if (own_folder && drivers) {
        // A11: the same folder is not tried twice.
        drivers = !kl_module_list_same_name(directory, directory_length, drivers_folder,
                                            strlen(drivers_folder));
    }
    *out_search = (struct kl_search){0};
    bool done = (!own_folder || add_place(context, out_search, directory, directory_length, "",
                                          name, name_length)) &&
                (!drivers || add_place(context, out_search, drivers_folder, strlen(drivers_folder),
                                       "", name, name_length)) &&
                (!below || add_place(context, out_search, directory, directory_length, subfolder,
                                     name, name_length));
    if (!done) {
        kl_search_fini(context, out_search);
    }
    return done;
}

void kl_search_fini(const struct kl_context *context, struct kl_search *search)
{
    for (unsigned i = 0; i < search->count; i++) {
        kl_alloc_release(context->allocator, search->paths[i]);
    }
    *search = (struct kl_search){0};
}
