// SPDX-License-Identifier: MIT

#include "placement.h"

#include "error_fields.h"

// What is made on the way.
struct work {
    struct kl_context *context;
    struct kl_placement *placement;
    struct kldr_host_file file;
    struct kldr_image *image;
    struct kl_module *module;
};

static struct kldr_error *error_of(const struct work *work)
{
    struct kldr_error *error = work->placement->error;
    return error != NULL && error->status == KLDR_STATUS_SUCCESS ? error : NULL;
}

static kldr_status open_file(struct work *work)
{
    struct kl_context *context = work->context;
    struct kl_placement *placement = work->placement;
    enum kldr_open_purpose purpose = placement->by_os_loader ? KLDR_OPEN_LOOK : KLDR_OPEN_LOAD;
    kldr_status status =
        context->host.open_image(context->host.user, placement->path, purpose, &work->file);
    placement->opened = status == KLDR_STATUS_SUCCESS;
    if (!placement->by_os_loader) {
        kl_context_emit_open(context, placement->path, status);
    }
    if (!placement->opened && !placement->quiet_open) {
        enum kldr_origin origin =
            KLDR_IS_OWN_STATUS(status) ? KLDR_ORIGIN_HOST : KLDR_ORIGIN_KERNEL;
        kldr_error_set(error_of(work), status, origin, KLDR_STAGE_OPEN, "no file %.400s",
                       placement->path);
    }
    return status;
}

static void warn_checksum(const struct work *work, uint32_t stored, uint32_t computed)
{
    const char *path = work->placement->path;
    struct kldr_event event = {.kind = KLDR_EVENT_IMAGE_WARNING, .module = kl_module_base_of(path)};
    event.path = path;
    event.reason = "checksum";
    event.text = "the checksum is wrong; loaded all the same (policy checksum: warn)";
    event.fact = "L9";
    event.value = stored;
    event.address = computed;
    event.has = KLDR_EVENT_HAS_VALUE;
    kl_context_emit(work->context, &event);
}

// L9, A20: the checksum is judged before machine and format. Zero is never wrong.
static kldr_status check_checksum(const struct work *work)
{
    int knob = kl_context_knob(work->context, KLDR_KNOB_CHECKSUM);
    uint32_t stored = 0, computed = 0;
    bool nobody_cares = knob == KLDR_CHECKSUM_WARN && !kl_context_listened(work->context);
    if (knob == KLDR_CHECKSUM_IGNORE || nobody_cares ||
        !kldr_image_checksum(work->file.bytes, work->file.size, &stored, &computed) ||
        stored == 0 || stored == computed) {
        return KLDR_STATUS_SUCCESS;
    }
    if (knob == KLDR_CHECKSUM_WARN) {
        warn_checksum(work, stored, computed);
        return KLDR_STATUS_SUCCESS;
    }
    kldr_error_set(error_of(work), KLDR_STATUS_IMAGE_CHECKSUM_MISMATCH, KLDR_ORIGIN_KERNEL,
                   KLDR_STAGE_CHECK, "checksum 0x%08x in the file, 0x%08x computed",
                   (unsigned)stored, (unsigned)computed);
    return KLDR_STATUS_IMAGE_CHECKSUM_MISMATCH;
}

static kldr_status injected(const struct work *work, enum kldr_fault fault, const char *what)
{
    kldr_status status = kl_context_fault(work->context, fault);
    if (status != KLDR_STATUS_SUCCESS) {
        kldr_error_set(error_of(work), status, KLDR_ORIGIN_KERNEL, KLDR_STAGE_MAP,
                       "injected fault: %s", what);
    }
    return status;
}

static kldr_status check_file(struct work *work)
{
    const struct kl_context *context = work->context;
    struct kldr_image_options options = {context->machine, context->limits.size_of_image};
    kldr_status status = injected(work, KLDR_FAULT_READ, "the file cannot be read");
    if (status == KLDR_STATUS_SUCCESS) {
        status = check_checksum(work);
    }
    return status != KLDR_STATUS_SUCCESS
               ? status
               : kldr_image_create(context->allocator, work->file.bytes, work->file.size, &options,
                                   &work->image, error_of(work));
}

static kldr_status make_module(struct work *work)
{
    struct kl_context *context = work->context;
    if (context->modules.count >= context->limits.modules) {
        kldr_error_set(error_of(work), KLDR_ERROR_LIMIT, KLDR_ORIGIN_HOST, KLDR_STAGE_MAP,
                       "more than %u modules at once", (unsigned)context->limits.modules);
        return kl_context_stop(context, KLDR_ERROR_LIMIT);
    }
    work->module =
        kl_module_create(context->allocator, work->placement->path, work->placement->path_length);
    return work->module != NULL ? KLDR_STATUS_SUCCESS : KLDR_ERROR_OUT_OF_MEMORY;
}

// Places, copies and relocates the image (L10 to L12). The file is not needed afterwards (L11).
static kldr_status map_image(struct work *work)
{
    const struct kldr_host *host = &work->context->host;
    const struct kldr_image_info *info = kldr_image_info(work->image);
    struct kldr_map_request request = {work->placement->path, work->image, info->image_base,
                                       info->size_of_image};
    struct kl_module *module = work->module;
    kldr_status status = injected(work, KLDR_FAULT_MAP, "the image cannot be mapped");
    if (status == KLDR_STATUS_SUCCESS) {
        status = host->map_image(host->user, &request, &module->mapping);
    }
    if (status != KLDR_STATUS_SUCCESS) {
        return status;
    }
    kldr_image_map(work->image, module->mapping.memory);
    work->placement->relocated = module->mapping.base != request.preferred_base;
    return kldr_image_relocate(work->image, module->mapping.base, error_of(work));
}

static kldr_status allocate_entry(struct work *work)
{
    return injected(work, KLDR_FAULT_ALLOCATION, "no memory for the entry");
}

kldr_status kl_placement_run(struct kl_context *context, struct kl_placement *placement,
                             struct kl_module **out_module)
{
    static kldr_status (*const steps[])(struct work *) = {open_file, check_file, make_module,
                                                          map_image, allocate_entry};
    struct work work = {.context = context, .placement = placement};
    kldr_status status = KLDR_STATUS_SUCCESS;
    for (size_t i = 0; i < sizeof steps / sizeof steps[0] && status == KLDR_STATUS_SUCCESS; i++) {
        status = steps[i](&work);
    }
    if (placement->opened) {
        context->host.close_image(context->host.user, &work.file);
    }
    if (status == KLDR_STATUS_SUCCESS) {
        kl_module_set_image(work.module, work.image);
        *out_module = work.module;
        return status;
    }
    kldr_image_destroy(work.image);
    if (work.module != NULL) {
        kl_placement_undo(context, work.module);
    }
    return status;
}

void kl_placement_unmap(struct kl_context *context, struct kl_module *module)
{
    context->host.unmap_image(context->host.user, &module->mapping, module->id, module->base_name);
    module->mapping.memory = NULL;
    module->mapping.cookie = NULL; // the host's, and gone now
}

void kl_placement_undo(struct kl_context *context, struct kl_module *module)
{
    if (module->mapping.memory != NULL) {
        kl_placement_unmap(context, module);
    }
    kl_module_destroy(context->allocator, module);
}
