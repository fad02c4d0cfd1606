// SPDX-License-Identifier: MIT
// The image loader alone, as SystemLoadGdiDriverInformation uses it: no driver object, no
// DriverEntry (M3).

#include "kernel/io/io.h"

#include "world/world_steps.h"

#include <stdio.h>

// A base name means the drivers folder.
static const char *full_path(const char *path, char buffer[KLDR_PATH_SIZE])
{
    if (path[0] == '\\') {
        return path;
    }
    snprintf(buffer, KLDR_PATH_SIZE, "\\SystemRoot\\System32\\drivers\\%s", path);
    return buffer;
}

kldr_status ks_io_load_image(struct kldr_world *world, const char *path_as_spelled,
                             struct kldr_error *error)
{
    uint32_t id = 0;
    kldr_status status =
        kldr_loader_load(world->loader, path_as_spelled, KLDR_LOAD_IMAGE, &id, error);
    if (status == KLDR_STATUS_SUCCESS &&
        !ks_id_set_add(&world->allocator, &world->load_images, id)) {
        kldr_loader_unload(world->loader, id, KLDR_LOAD_IMAGE);
        status = KLDR_ERROR_OUT_OF_MEMORY;
    }
    return status;
}

kldr_status ks_io_unload_image(struct kldr_world *world, const char *path_as_spelled,
                               struct kldr_error *error)
{
    uint32_t id = kldr_loader_find_full(world->loader, path_as_spelled);
    kldr_error_clear(error);
    if (!ks_id_set_has(&world->load_images, id)) {
        kldr_error_set(error, KLDR_STATUS_OBJECT_NAME_NOT_FOUND, KLDR_ORIGIN_KERNEL,
                       KLDR_STAGE_UNLOAD, "no load_image reference on %.400s (A35)",
                       path_as_spelled);
        return KLDR_STATUS_OBJECT_NAME_NOT_FOUND;
    }
    ks_id_set_remove(&world->load_images, id);
    return kldr_loader_unload(world->loader, id, KLDR_LOAD_IMAGE);
}

kldr_status kldr_world_load_image(struct kldr_world *world, const char *path,
                                  struct kldr_error *error)
{
    char buffer[KLDR_PATH_SIZE];
    return ks_io_load_image(world, full_path(path, buffer), error);
}

kldr_status kldr_world_unload_image(struct kldr_world *world, const char *path,
                                    struct kldr_error *error)
{
    char buffer[KLDR_PATH_SIZE];
    return ks_io_unload_image(world, full_path(path, buffer), error);
}
