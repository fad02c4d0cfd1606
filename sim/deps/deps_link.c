// SPDX-License-Identifier: MIT
// A load by the real loader that runs nothing: its word is what counts.
#include "deps/deps_parts.h"
#include "kernel/image/kernel_images.h"
#include "world/service.h"

#include <kldr/loader.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DRIVERS     "\\SystemRoot\\System32\\drivers\\"
#define FIRST_BASE  UINT64_C(0xfffff80000000000)
#define MEMORY_MOST ((uint64_t)1 << 30)

struct link {
    const struct ks_deps *deps;
    uint64_t next_base, memory;
    const struct ks_kernel_images *kernel;
    struct kldr_loader *loader;
};

// The image of the tree under way that the drivers folder has under that name. The tree's own root
// comes first.
static const struct ks_deps_image *find(const struct link *link, const char *name)
{
    const struct ks_deps_storage *storage = link->deps->storage;
    const struct ks_deps_image *image = storage->linked;
    if (ks_same_name(image->name, name)) {
        return image;
    }
    image = link->deps->images;
    while (image != NULL && (image->mark != storage->last_mark || image->bytes == NULL ||
                             !ks_same_name(image->name, name))) {
        image = image->next;
    }
    return image;
}

static kldr_status open_image(void *user, const char *path, enum kldr_open_purpose purpose,
                              struct kldr_host_file *out_file)
{
    const char *base = strrchr(path, '\\');
    const struct ks_deps_image *image = find(user, base == NULL ? path : base + 1);
    (void)purpose;
    if (image == NULL || image->bytes == NULL) {
        return KLDR_STATUS_OBJECT_NAME_NOT_FOUND;
    }
    *out_file = (struct kldr_host_file){.bytes = image->bytes, .size = image->size};
    return KLDR_STATUS_SUCCESS;
}

static void close_image(void *user, struct kldr_host_file *file)
{
    (void)user;
    (void)file;
}

static uint64_t take_base(struct link *link, uint64_t size)
{
    uint64_t base = link->next_base;
    link->next_base += (size + UINT64_C(0x1ffff)) & ~UINT64_C(0xffff);
    return base;
}

static kldr_status map_image(void *user, const struct kldr_map_request *request,
                             struct kldr_mapping *out_mapping)
{
    struct link *link = user;
    if (request->size > MEMORY_MOST - link->memory) {
        return KLDR_ERROR_LIMIT;
    }
    uint8_t *memory = calloc(1, request->size);
    if (memory == NULL) {
        return KLDR_ERROR_OUT_OF_MEMORY;
    }
    link->memory += request->size;
    *out_mapping = (struct kldr_mapping){.memory = memory, .size = request->size};
    // A 32-bit image stays where it wants to be: above 4 GiB is no room for it.
    bool narrow = !kldr_image_info(request->image)->pe32_plus;
    out_mapping->base = narrow ? request->preferred_base : take_base(link, request->size);
    return KLDR_STATUS_SUCCESS;
}

static void unmap_image(void *user, const struct kldr_mapping *mapping, uint32_t module_id,
                        const char *module_name)
{
    struct link *link = user;
    (void)module_id;
    (void)module_name;
    link->memory -= mapping->size;
    free(mapping->memory);
}

static kldr_status call_routine(void *user, const struct kldr_routine_call *call)
{
    (void)user;
    (void)call;
    return KLDR_STATUS_SUCCESS;
}

static kldr_status trap_import(void *user, const struct kldr_missing_import *missing,
                               uint64_t *out_address)
{
    (void)user;
    (void)missing;
    *out_address = FIRST_BASE;
    return KLDR_STATUS_SUCCESS;
}

static kldr_status add_module(struct link *link, enum ks_kernel_module module)
{
    const struct ks_kernel_image *image = &link->kernel->modules[module];
    uint32_t id;
    return kldr_loader_add_core(link->loader, ks_kernel_module_path(module), image->image,
                                take_base(link, image->size), &id);
}

static bool add_core(void *user, const char *name, size_t name_length)
{
    const char *known = ks_kernel_module_name(KS_KERNEL_WDFLDR);
    char text[16];
    snprintf(text, sizeof text, "%.*s", name_length < sizeof text ? (int)name_length : 0, name);
    return ks_same_name(text, known) && add_module(user, KS_KERNEL_WDFLDR) == KLDR_STATUS_SUCCESS;
}

static kldr_status add_kernel(struct link *link)
{
    kldr_status status = KLDR_STATUS_SUCCESS;
    for (unsigned i = 0; i < KS_KERNEL_ALWAYS && status == KLDR_STATUS_SUCCESS; i++) {
        status = add_module(link, (enum ks_kernel_module)i);
    }
    return status;
}

static kldr_status load(struct link *link, const struct ks_deps_image *image,
                        const struct kldr_policy *policy, struct kldr_error *error)
{
    struct kldr_loader_options options = {.policy = *policy, .machine = link->kernel->machine};
    struct kldr_host host = {
        .user = link,
        .open_image = open_image,
        .close_image = close_image,
        .map_image = map_image,
        .unmap_image = unmap_image,
        .call_routine = call_routine,
        .trap_import = trap_import,
        .add_core = add_core,
    };
    char path[KLDR_PATH_SIZE];
    uint32_t id;
    kldr_status status = kldr_loader_create(&options, &host, &link->loader, error);
    if (status == KLDR_STATUS_SUCCESS) {
        status = add_kernel(link);
    }
    if (status == KLDR_STATUS_SUCCESS) {
        snprintf(path, sizeof(path), "%s%.260s", DRIVERS, image->name);
        status = kldr_loader_load(link->loader, path, KLDR_LOAD_DRIVER, &id, error);
    }
    kldr_loader_destroy(link->loader);
    return status;
}

kldr_status ks_deps_link(struct ks_deps *deps, const struct ks_deps_image *image,
                         const struct kldr_policy *policy, struct kldr_error *error)
{
    jmp_buf out_of_memory;
    struct ks_kernel_images *kernel = NULL;
    struct link link = {.deps = deps, .next_base = FIRST_BASE};
    kldr_error_clear(error);
    deps->storage->arena.out_of_memory = &out_of_memory;
    if (setjmp(out_of_memory) != 0) {
        return KLDR_ERROR_OUT_OF_MEMORY;
    }
    ks_deps_mark_closure(deps, image);
    deps->storage->linked = image;
    kldr_status status = ks_kernel_images_create(image->machine, NULL, &kernel);
    if (status == KLDR_STATUS_SUCCESS) {
        link.kernel = kernel;
        status = load(&link, image, policy, error);
        ks_kernel_images_destroy(kernel);
    }
    return status;
}
