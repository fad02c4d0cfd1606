// SPDX-License-Identifier: MIT
// The public side of disk and services.

#include "world/world_steps.h"

#include <string.h>

kldr_status ks_world_add_file(struct kldr_world *world, struct ks_file *file)
{
    kldr_status status = ks_disk_add(world->disk, file);
    ks_file_release(&world->allocator, file);
    return status;
}

static void release_bytes(void *user, struct ks_file *file)
{
    struct kldr_world *world = user;
    world->allocator.release(world->allocator.user, (void *)(uintptr_t)file->bytes);
}

kldr_status kldr_world_add_image(struct kldr_world *world, const char *path, const void *bytes,
                                 size_t size)
{
    struct ks_file *file = ks_file_create(&world->allocator, path);
    uint8_t *copy = world->allocator.allocate(world->allocator.user, size != 0 ? size : 1);
    if (file == NULL || copy == NULL) {
        world->allocator.release(world->allocator.user, copy);
        ks_file_release(&world->allocator, file);
        return KLDR_ERROR_OUT_OF_MEMORY;
    }
    memcpy(copy, bytes, size);
    file->bytes = copy;
    file->size = size;
    file->engine = world->native != NULL ? &ks_engine_native : &ks_engine_none;
    file->release = release_bytes;
    file->user = world;
    return ks_world_add_file(world, file);
}

kldr_status kldr_world_remove_image(struct kldr_world *world, const char *path)
{
    return ks_disk_remove(world->disk, path);
}

kldr_status kldr_world_set_service(struct kldr_world *world, const char *name,
                                   const struct kldr_service_config *config)
{
    return ks_service_set(&world->services, name, config) ? KLDR_STATUS_SUCCESS
                                                          : KLDR_ERROR_OUT_OF_MEMORY;
}
