// SPDX-License-Identifier: MIT
// Reading: from the files that were asked for to all that they import, breadth first.
#include "deps/deps_parts.h"
#include "kernel/image/kernel_names.h"
#include "world/service.h"

#include <stdlib.h>
#include <string.h>

#define IMAGES_MOST    65536u
#define FUNCTIONS_MOST 4194304u
#define FILE_SIZE_MOST ((size_t)256 << 20)

static const char *copy_text(struct ks_deps *deps, const char *text)
{
    return ks_arena_copy(&deps->storage->arena, text, strlen(text));
}

static struct ks_deps_image *add_image(struct ks_deps *deps, const char *name, const char *path,
                                       enum ks_deps_state state)
{
    struct ks_deps_image *image = ks_arena_take(&deps->storage->arena, 1, sizeof(*image));
    image->name = copy_text(deps, name);
    image->path = path == NULL ? NULL : copy_text(deps, path);
    image->state = state;
    *deps->storage->end = image;
    deps->storage->end = &image->next;
    deps->image_count++;
    return image;
}

// ---- files ----

static const char *plain_path(const char *path)
{
    while (path[0] == '.' && path[1] == '/') {
        path += 2;
    }
    return path;
}

static struct ks_deps_image *image_at(const struct ks_deps *deps, const char *path)
{
    struct ks_deps_image *image = deps->images;
    while (image != NULL &&
           (image->path == NULL || strcmp(plain_path(image->path), plain_path(path)) != 0)) {
        image = image->next;
    }
    return image;
}

static void parse_file(struct ks_deps *deps, struct ks_deps_image *image, const uint8_t *bytes)
{
    struct kldr_error error = {0};
    struct kldr_image *object = NULL;
    char text[KLDR_STATUS_TEXT_SIZE];
    kldr_status status = kldr_image_create(&deps->storage->arena.allocator, bytes, image->size,
                                           NULL, &object, &error);
    if (status == KLDR_ERROR_OUT_OF_MEMORY) {
        longjmp(*deps->storage->arena.out_of_memory, 1);
    }
    if (status != KLDR_STATUS_SUCCESS) {
        image->state = KS_DEPS_MALFORMED;
        image->problem = ks_arena_join(&deps->storage->arena, kldr_status_format(status, text),
                                       ks_arena_join(&deps->storage->arena, ": ", error.detail));
        return;
    }
    image->image = object;
    image->machine = kldr_image_info(object)->machine;
}

static struct ks_deps_image *read_file(struct ks_deps *deps, const char *path)
{
    uint8_t *bytes = NULL;
    struct ks_deps_image *image =
        add_image(deps, path + ks_platform_folder_length(path), path, KS_DEPS_READ);
    enum ks_io io = ks_platform_read_file(path, FILE_SIZE_MOST, &bytes, &image->size);
    if (io == KS_IO_NO_MEMORY) {
        longjmp(*deps->storage->arena.out_of_memory, 1);
    }
    if (io != KS_IO_OK) {
        image->state = KS_DEPS_UNREADABLE;
        image->problem = ks_platform_io_text(io);
        return image;
    }
    image->bytes = bytes;
    parse_file(deps, image, bytes);
    return image;
}

// ---- imports ----

// An image without file is the same for all who import it.
static struct ks_deps_image *image_without_file(struct ks_deps *deps, const char *name,
                                                enum ks_deps_state state)
{
    struct ks_deps_image *image = deps->images;
    while (image != NULL && (image->state != state || !ks_same_name(image->name, name))) {
        image = image->next;
    }
    return image != NULL ? image : add_image(deps, name, NULL, state);
}

static struct ks_deps_image *find_target(struct ks_deps *deps, const struct ks_deps_image *importer,
                                         const char *name)
{
    enum ks_kernel_module kernel = KS_KERNEL_MODULES;
    const char *path = NULL;
    ks_kernel_module_find(name, &kernel);
    if (kernel < KS_KERNEL_ALWAYS) {
        return image_without_file(deps, ks_kernel_module_name(kernel), KS_DEPS_KERNEL);
    }
    if (ks_same_name(name, importer->name)) {
        return (struct ks_deps_image *)(uintptr_t)importer;
    }
    switch (ks_host_folders_find(deps->storage->request->folders, importer->path, name, &path)) {
    case KS_IO_OK:
        break;
    case KS_IO_NO_MEMORY:
        longjmp(*deps->storage->arena.out_of_memory, 1);
    default:
        return kernel == KS_KERNEL_WDFLDR // kldr's own, where nobody gives one
                   ? image_without_file(deps, ks_kernel_module_name(kernel), KS_DEPS_KERNEL)
                   : image_without_file(deps, name, KS_DEPS_ABSENT);
    }
    struct ks_deps_image *image = image_at(deps, path);
    return image != NULL ? image : read_file(deps, path);
}

static size_t count_functions(const struct ks_deps_image *image,
                              const struct kldr_import_descriptor *descriptor)
{
    struct kldr_import_thunk thunk;
    size_t count = 0;
    while (kldr_image_thunk(image->image, descriptor, (uint32_t)count, &thunk, NULL) ==
           KLDR_STATUS_SUCCESS) {
        count++;
    }
    return count;
}

static bool read_functions(struct ks_deps *deps, const struct ks_deps_image *image,
                           const struct kldr_import_descriptor *descriptor,
                           struct ks_deps_import *import)
{
    struct ks_arena *arena = &deps->storage->arena;
    size_t count = count_functions(image, descriptor);
    deps->storage->functions += count;
    if (deps->storage->functions > FUNCTIONS_MOST) {
        return false;
    }
    import->functions = ks_arena_take(arena, count, sizeof(*import->functions));
    import->function_count = count;
    for (size_t i = 0; i < count; i++) {
        struct kldr_import_thunk thunk = {0};
        kldr_image_thunk(image->image, descriptor, (uint32_t)i, &thunk, NULL);
        import->functions[i].name = thunk.name; // lives as long as the file's bytes
        import->functions[i].ordinal = thunk.ordinal;
    }
    return true;
}

static size_t count_imports(struct ks_deps_image *image)
{
    struct kldr_import_descriptor descriptor;
    size_t count = 0;
    while (kldr_image_import(image->image, (uint32_t)count, &descriptor, NULL) ==
           KLDR_STATUS_SUCCESS) {
        if (descriptor.lookup_table == 0) {
            image->unbound = true;
            break;
        }
        count++;
    }
    return count;
}

static bool read_imports(struct ks_deps *deps, struct ks_deps_image *image)
{
    image->import_count = count_imports(image);
    image->imports =
        ks_arena_take(&deps->storage->arena, image->import_count, sizeof(*image->imports));
    for (size_t i = 0; i < image->import_count; i++) {
        struct ks_deps_import *import = &image->imports[i];
        struct kldr_import_descriptor descriptor = {0};
        kldr_image_import(image->image, (uint32_t)i, &descriptor, NULL);
        import->module = descriptor.module;
        if (!read_functions(deps, image, &descriptor, import)) {
            return false;
        }
        import->target = find_target(deps, image, descriptor.module);
        import->target->imported = true;
        import->wrong_machine =
            import->target->state == KS_DEPS_READ && import->target->machine != image->machine;
        if (deps->image_count > IMAGES_MOST) {
            return false;
        }
    }
    return true;
}

bool ks_deps_read_all(struct ks_deps *deps)
{
    const struct ks_deps_request *request = deps->storage->request;
    for (size_t i = 0; i < request->operand_count; i++) {
        const struct ks_deps_operand *operand = &request->operands[i];
        struct ks_deps_image *image = image_at(deps, operand->path);
        image = image != NULL ? image : read_file(deps, operand->path);
        image->root = image->root || !operand->member;
        deps->unusable += !image->asked && image->state != KS_DEPS_READ;
        image->asked = true;
    }
    for (struct ks_deps_image *image = deps->images; image != NULL; image = image->next) {
        if (image->state == KS_DEPS_READ && !read_imports(deps, image)) {
            return false;
        }
    }
    return deps->image_count <= IMAGES_MOST;
}
