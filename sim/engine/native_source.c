// SPDX-License-Identifier: MIT
#include "engine/native_source.h"

#include "world/world_steps.h"

#include <string.h>

struct wish {
    struct kldr_world *world;
    const char *path; // of the image
};

static bool read_symbols(void *user, const char *name, unsigned number, uint8_t **out_bytes,
                         size_t *out_size)
{
    const struct wish *wish = user;
    return wish->world->read_symbols(wish->world, wish->path, name, number, out_bytes, out_size);
}

static void open_symbols(const struct ks_instance *instance, const struct kldr_module_info *module)
{
    struct kldr_world *world = instance->world;
    struct ks_file *file = instance->file;
    struct wish wish = {world, file->path};
    const char *base = strrchr(file->path, '\\');
    file->symbols = ks_symbols_open(file->bytes, file->size, base != NULL ? base + 1 : file->path,
                                    world->read_symbols != NULL ? read_symbols : NULL, &wish);
    const char *complaint = file->symbols != NULL ? ks_symbols_complaint(file->symbols) : NULL;
    if (complaint != NULL) {
        ks_world_note(world, "symbols", module->base_name, module->id, complaint, NULL);
    }
}

bool ks_native_source_at(const struct kldr_world *world, const struct kldr_module_info *module,
                         uint64_t address, struct ks_source *out_source)
{
    const struct ks_instance *instance = ks_world_instance(world, module->id);
    if (instance != NULL && instance->file->symbols == NULL) {
        open_symbols(instance, module);
    }
    return instance != NULL && instance->file->symbols != NULL &&
           ks_symbols_find(instance->file->symbols, (uint32_t)(address - module->base), out_source);
}
