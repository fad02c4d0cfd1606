// SPDX-License-Identifier: MIT
#include "engine/native_source.h"

#include "world/world_steps.h"

#include <stdio.h>
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

static void open_symbols(const struct ks_instance *instance, const char *name, uint32_t module_id)
{
    struct kldr_world *world = instance->world;
    struct ks_file *file = instance->file;
    struct wish wish = {world, file->path};
    const char *base = strrchr(file->path, '\\');
    file->symbols = ks_symbols_open(file->bytes, file->size, base != NULL ? base + 1 : file->path,
                                    world->read_symbols != NULL ? read_symbols : NULL, &wish);
    const char *complaint = file->symbols != NULL ? ks_symbols_complaint(file->symbols) : NULL;
    if (complaint != NULL) {
        ks_world_note(world, "symbols", name, module_id, complaint, NULL);
    }
}

static bool find(const struct ks_instance *instance, const char *name, uint32_t module_id,
                 uint32_t rva, struct ks_source *out_source)
{
    if (instance != NULL && instance->file->symbols == NULL) {
        open_symbols(instance, name, module_id);
    }
    return instance != NULL && instance->file->symbols != NULL &&
           ks_symbols_find(instance->file->symbols, rva, out_source);
}

bool ks_native_source_at(const struct kldr_world *world, const struct kldr_module_info *module,
                         uint64_t address, struct ks_source *out_source)
{
    return find(ks_world_instance(world, module->id), module->base_name, module->id,
                (uint32_t)(address - module->base), out_source);
}

void ks_native_describe(struct ks_instance *instance, const char *name, uint32_t module_id,
                        uint64_t rva, bool returns, char text[KS_NATIVE_PLACE_SIZE])
{
    struct ks_source source;
    int length =
        snprintf(text, KS_NATIVE_PLACE_SIZE, "%.60s+0x%llx", name, (unsigned long long)rva);
    // The byte before it stands for the place: what follows a call may be another line.
    if (find(instance, name, module_id, (uint32_t)rva - (returns ? 1 : 0), &source)) {
        const char *function = source.function != NULL ? source.function : "?";
        length +=
            snprintf(text + length, KS_NATIVE_PLACE_SIZE - (size_t)length, " (%.100s", function);
        if (source.is_nearest) {
            length += snprintf(text + length, KS_NATIVE_PLACE_SIZE - (size_t)length, "+0x%x",
                               (unsigned)source.behind + (returns ? 1 : 0));
        }
        if (source.file != NULL) {
            length += snprintf(text + length, KS_NATIVE_PLACE_SIZE - (size_t)length, ", %.100s:%u",
                               source.file, source.line);
        }
        snprintf(text + length, KS_NATIVE_PLACE_SIZE - (size_t)length, ")");
    }
    for (char *at = text; *at != '\0'; at++) {
        *at = (unsigned char)*at < 0x20 ? '?' : *at; // names that somebody else wrote
    }
}

void ks_native_describe_at(const struct kldr_world *world, const struct kldr_module_info *module,
                           uint64_t address, bool returns, char text[KS_NATIVE_PLACE_SIZE])
{
    ks_native_describe(ks_world_instance(world, module->id), module->base_name, module->id,
                       address - module->base, returns, text);
}
