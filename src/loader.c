// SPDX-License-Identifier: MIT
// The public face: arguments are checked here, everything else is done below.

#include <kldr/loader.h>

#include "alloc.h"
#include "boot.h"
#include "lifecycle.h"
#include "loader_object.h"
#include "placement.h"

#include <string.h>

#define DEFAULT_DEPTH         1024u
#define DEFAULT_MODULES       65536u
#define DEFAULT_SIZE_OF_IMAGE (256u << 20)

static uint32_t or_default(uint32_t value, uint32_t fallback)
{
    return value != 0 ? value : fallback;
}

// Nothing can be done any more, or not from where the call comes from. STATUS_SUCCESS: go on.
static kldr_status check_moment(const struct kl_context *context, struct kldr_error *error)
{
    kldr_status status = KLDR_STATUS_SUCCESS;
    kldr_error_clear(error);
    if (context->stopped) {
        status = context->stop_reason;
        kldr_error_set(error, status, KLDR_ORIGIN_HOST, KLDR_STAGE_NONE,
                       "the simulation has ended");
    } else if (context->telling) {
        status = KLDR_ERROR_BUSY;
        kldr_error_set(error, status, KLDR_ORIGIN_HOST, KLDR_STAGE_INPUT,
                       "an event's receiver must not load or unload");
    }
    return status;
}

static kldr_status check_path(const char *path, struct kldr_error *error)
{
    if (path != NULL && *kl_module_base_of(path) != '\0') {
        return KLDR_STATUS_SUCCESS;
    }
    kldr_error_set(error, KLDR_ERROR_BAD_ARGUMENT, KLDR_ORIGIN_HOST, KLDR_STAGE_INPUT,
                   "a path needs a file name after its last backslash");
    return KLDR_ERROR_BAD_ARGUMENT;
}

static bool is_complete(const struct kldr_host *host)
{
    return host->open_image != NULL && host->close_image != NULL && host->map_image != NULL &&
           host->unmap_image != NULL && host->call_routine != NULL;
}

kldr_status kldr_loader_create(const struct kldr_loader_options *options,
                               const struct kldr_host *host, struct kldr_loader **out_loader,
                               struct kldr_error *error)
{
    if (options == NULL || host == NULL || !is_complete(host)) {
        kldr_error_set(error, KLDR_ERROR_BAD_ARGUMENT, KLDR_ORIGIN_HOST, KLDR_STAGE_INPUT,
                       "options, and open, close, map, unmap and call callbacks, are required");
        return KLDR_ERROR_BAD_ARGUMENT;
    }
    struct kldr_allocator allocator = *kl_alloc_pick(&host->allocator);
    struct kldr_loader *loader = kl_alloc_zeroed(&allocator, sizeof *loader);
    if (loader == NULL) {
        kldr_error_set(error, KLDR_ERROR_OUT_OF_MEMORY, KLDR_ORIGIN_HOST, KLDR_STAGE_NONE,
                       "no memory for a loader");
        return KLDR_ERROR_OUT_OF_MEMORY;
    }
    struct kl_context *context = &loader->context;
    loader->allocator = allocator;
    context->host = *host;
    context->allocator = &loader->allocator;
    context->policy = options->policy;
    context->machine =
        options->machine != KLDR_MACHINE_UNKNOWN ? options->machine : KLDR_MACHINE_X64;
    context->limits.depth = or_default(options->limits.depth, DEFAULT_DEPTH);
    context->limits.modules = or_default(options->limits.modules, DEFAULT_MODULES);
    context->limits.size_of_image =
        or_default(options->limits.size_of_image, DEFAULT_SIZE_OF_IMAGE);
    kl_module_list_init(&context->modules, context->allocator);
    *out_loader = loader;
    return KLDR_STATUS_SUCCESS;
}

void kldr_loader_destroy(struct kldr_loader *loader)
{
    if (loader == NULL) {
        return;
    }
    struct kl_context *context = &loader->context;
    kl_context_stop(context, KLDR_ERROR_STOPPED);
    context->host.on_event = NULL;
    for (struct kl_module *module = context->modules.first; module != NULL; module = module->next) {
        if (module->mapping.memory != NULL) {
            kl_placement_unmap(context, module);
        }
    }
    kl_module_list_fini(&context->modules);
    struct kldr_allocator allocator = loader->allocator;
    kl_alloc_release(&allocator, loader);
}

kldr_status kldr_loader_add_core(struct kldr_loader *loader, const char *full_name,
                                 const struct kldr_image *image, uint64_t base, uint32_t *out_id)
{
    struct kl_context *context = &loader->context;
    struct kl_module *module = kl_module_create(context->allocator, full_name, strlen(full_name));
    if (module == NULL) {
        return KLDR_ERROR_OUT_OF_MEMORY;
    }
    module->core = true;
    module->boot_sentinel = true; // U16
    module->state = KLDR_MODULE_LOADED;
    // A core image is never mapped, relocated or bound: it is only read.
    module->image = (struct kldr_image *)(uintptr_t)image;
    module->mapping.base = base;
    module->mapping.size = kldr_image_info(image)->size_of_image;
    if (!kl_module_list_append(&context->modules, module)) {
        kl_module_destroy(context->allocator, module);
        return KLDR_ERROR_OUT_OF_MEMORY;
    }
    context->limits.modules += context->limits.modules < UINT32_MAX; // it does not count
    *out_id = module->id;
    return KLDR_STATUS_SUCCESS;
}

kldr_status kldr_loader_boot(struct kldr_loader *loader, const struct kldr_boot_entry *entries,
                             size_t entry_count, uint32_t *out_ids, struct kldr_error *error)
{
    struct kl_context *context = &loader->context;
    kldr_status status = check_moment(context, error);
    if (status == KLDR_STATUS_SUCCESS && context->modules.last != NULL &&
        !context->modules.last->core) {
        kldr_error_set(error, KLDR_ERROR_BAD_ARGUMENT, KLDR_ORIGIN_HOST, KLDR_STAGE_INPUT,
                       "the boot phase comes before any load");
        status = KLDR_ERROR_BAD_ARGUMENT;
    }
    for (size_t i = 0; i < entry_count && status == KLDR_STATUS_SUCCESS; i++) {
        status = check_path(entries[i].path, error);
    }
    return status == KLDR_STATUS_SUCCESS ? kl_boot(context, entries, entry_count, out_ids, error)
                                         : status;
}

kldr_status kldr_loader_load(struct kldr_loader *loader, const char *path,
                             enum kldr_load_purpose purpose, uint32_t *out_id,
                             struct kldr_error *error)
{
    uint32_t id = 0;
    kldr_status status = check_moment(&loader->context, error);
    if (status == KLDR_STATUS_SUCCESS) {
        status = check_path(path, error);
    }
    if (status == KLDR_STATUS_SUCCESS) {
        status = kl_lifecycle_load(&loader->context, path, purpose, &id, error);
    }
    if (id != 0 && out_id != NULL) {
        *out_id = id;
    }
    return status;
}

kldr_status kldr_loader_unload(struct kldr_loader *loader, uint32_t id,
                               enum kldr_load_purpose purpose)
{
    kldr_status status = check_moment(&loader->context, NULL);
    return status == KLDR_STATUS_SUCCESS ? kl_lifecycle_unload(&loader->context, id, purpose)
                                         : status;
}

bool kldr_loader_stopped(const struct kldr_loader *loader, kldr_status *out_status)
{
    if (loader->context.stopped && out_status != NULL) {
        *out_status = loader->context.stop_reason;
    }
    return loader->context.stopped;
}

void kldr_loader_stop(struct kldr_loader *loader, kldr_status reason)
{
    kl_context_stop(&loader->context, kl_context_is_stop(reason) ? reason : KLDR_ERROR_STOPPED);
}

void kldr_loader_emit(struct kldr_loader *loader, struct kldr_event *event)
{
    kl_context_emit(&loader->context, event);
}

uint32_t kldr_loader_depth(const struct kldr_loader *loader)
{
    return loader->context.depth;
}

const struct kldr_policy *kldr_loader_policy(const struct kldr_loader *loader)
{
    return &loader->context.policy;
}

enum kldr_machine kldr_loader_machine(const struct kldr_loader *loader)
{
    return loader->context.machine;
}
