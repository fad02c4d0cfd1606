// SPDX-License-Identifier: MIT
// Loading one image, step by step. Each step either succeeds or leaves the level to be undone by
// the one place that undoes it. The entry is listed before its imports are resolved (L13); what
// follows the resolution cannot fail.

#include "lifecycle.h"

#include "alloc.h"
#include "error_fields.h"
#include "import_look.h"
#include "log_record.h"

#include <string.h>

// One level of a load.
struct load {
    struct kl_context *context;
    struct kl_session *session;
    const char *path;
    size_t path_length;
    const char *holder; // who will hold the first count
    uint32_t holder_id;
    bool dependent;
    bool outermost;
    // as the level goes on
    struct kldr_host_file file;
    bool opened;
    struct kldr_image *image;
    struct kl_module *module;
    bool listed;
    bool relocated;
    struct kl_resolve_failure failure;
    bool in_resolution;
};

static struct kldr_error *error_of(const struct load *load)
{
    struct kldr_error *error = load->session->error;
    return error != NULL && error->status == KLDR_STATUS_SUCCESS ? error : NULL;
}

static void name_error(const struct load *load, kldr_status status)
{
    struct kldr_error *error = load->session->error;
    if (status != KLDR_STATUS_SUCCESS && error != NULL && error->module[0] == '\0') {
        kl_error_names(error, kl_module_base_of(load->path), load->dependent ? load->holder : NULL);
    }
}

static kldr_status open_file(struct load *load)
{
    struct kl_context *context = load->context;
    kldr_status status =
        context->host.open_image(context->host.user, load->path, KLDR_OPEN_LOAD, &load->file);
    kl_context_emit_open(context, load->path, status);
    load->opened = status == KLDR_STATUS_SUCCESS;
    if (!load->opened && !load->dependent) {
        enum kldr_origin origin =
            KLDR_IS_OWN_STATUS(status) ? KLDR_ORIGIN_HOST : KLDR_ORIGIN_KERNEL;
        kldr_error_set(error_of(load), status, origin, KLDR_STAGE_OPEN, "no file %.400s",
                       load->path);
    }
    return status;
}

static void warn_checksum(const struct load *load, uint32_t stored, uint32_t computed)
{
    if (!kl_context_listened(load->context)) {
        return;
    }
    struct kldr_event event = {.kind = KLDR_EVENT_IMAGE_WARNING,
                               .module = kl_module_base_of(load->path)};
    event.path = load->path;
    event.reason = "checksum";
    event.text = "the checksum is wrong; loaded all the same (policy checksum: warn)";
    event.fact = "L9";
    event.value = stored;
    event.address = computed;
    event.has = KLDR_EVENT_HAS_VALUE;
    kl_context_emit(load->context, &event);
}

// L9, A20: the checksum is judged before machine and format. Zero is never wrong.
static kldr_status check_checksum(const struct load *load)
{
    int knob = kl_context_knob(load->context, KLDR_KNOB_CHECKSUM);
    uint32_t stored = 0, computed = 0;
    bool nobody_cares = knob == KLDR_CHECKSUM_WARN && !kl_context_listened(load->context);
    if (knob == KLDR_CHECKSUM_IGNORE || nobody_cares ||
        !kldr_image_checksum(load->file.bytes, load->file.size, &stored, &computed) ||
        stored == 0 || stored == computed) {
        return KLDR_STATUS_SUCCESS;
    }
    if (knob == KLDR_CHECKSUM_WARN) {
        warn_checksum(load, stored, computed);
        return KLDR_STATUS_SUCCESS;
    }
    kldr_error_set(error_of(load), KLDR_STATUS_IMAGE_CHECKSUM_MISMATCH, KLDR_ORIGIN_KERNEL,
                   KLDR_STAGE_CHECK, "checksum 0x%08x in the file, 0x%08x computed",
                   (unsigned)stored, (unsigned)computed);
    return KLDR_STATUS_IMAGE_CHECKSUM_MISMATCH;
}

static kldr_status check_file(struct load *load)
{
    kldr_status status = check_checksum(load);
    if (status != KLDR_STATUS_SUCCESS) {
        return status;
    }
    struct kldr_image_options options = {load->context->machine,
                                         load->context->limits.size_of_image};
    return kldr_image_create(load->context->allocator, load->file.bytes, load->file.size, &options,
                             &load->image, error_of(load));
}

static kldr_status make_module(struct load *load)
{
    struct kl_context *context = load->context;
    if (context->modules.count >= context->limits.modules) {
        kldr_error_set(error_of(load), KLDR_ERROR_LIMIT, KLDR_ORIGIN_HOST, KLDR_STAGE_MAP,
                       "more than %u modules at once", (unsigned)context->limits.modules);
        return kl_context_stop(context, KLDR_ERROR_LIMIT);
    }
    load->module = kl_module_create(context->allocator, load->path, load->path_length);
    return load->module != NULL ? KLDR_STATUS_SUCCESS : KLDR_ERROR_OUT_OF_MEMORY;
}

// Places, copies and relocates the image (L10 to L12). The file is not needed afterwards (L11).
static kldr_status place_image(struct load *load)
{
    const struct kldr_host *host = &load->context->host;
    const struct kldr_image_info *info = kldr_image_info(load->image);
    struct kldr_map_request request = {load->path, load->image, info->image_base,
                                       info->size_of_image};
    uint64_t preferred = info->image_base;
    kldr_status status = make_module(load);
    if (status != KLDR_STATUS_SUCCESS) {
        return status;
    }
    status = host->map_image(host->user, &request, &load->module->mapping);
    if (status != KLDR_STATUS_SUCCESS) {
        return status;
    }
    kldr_image_map(load->image, load->module->mapping.memory);
    load->relocated = load->module->mapping.base != preferred;
    return kldr_image_relocate(load->image, load->module->mapping.base, error_of(load));
}

// L13: LoadCount 1, in progress, at the tail of the list, before imports are resolved.
static kldr_status list_module(struct load *load)
{
    struct kl_context *context = load->context;
    struct kl_module *module = load->module;
    kl_module_set_image(module, load->image);
    load->image = NULL;
    module->dependent = load->dependent;
    if (!kl_module_list_append(&context->modules, module)) {
        return KLDR_ERROR_OUT_OF_MEMORY;
    }
    load->listed = true;
    kl_context_emit_mapped(context, module, load->relocated);
    kl_context_emit_module(context, KLDR_EVENT_IMAGE_LISTED, module, false);
    kl_context_emit_reference(context, KLDR_EVENT_REF_ADD, module, load->holder, load->holder_id,
                              "loaded", "L13");
    return KLDR_STATUS_SUCCESS;
}

static kldr_status resolve(struct load *load)
{
    load->in_resolution = true;
    return kl_resolve_imports(load->context, load->session, &kl_lifecycle_operations, load->module,
                              &load->failure);
}

// L16, L17: from here on nothing can fail.
static kldr_status publish(struct load *load)
{
    struct kl_context *context = load->context;
    load->module->state = KLDR_MODULE_LOADED;
    if (context->host.image_ready != NULL) {
        context->host.image_ready(context->host.user, load->module->id);
    }
    kl_context_emit_module(context, KLDR_EVENT_IMAGE_NOTIFY, load->module, false);
    return KLDR_STATUS_SUCCESS;
}

// L15: unlinked first, then released, without a record in the ring.
static void undo(struct load *load)
{
    struct kl_context *context = load->context;
    struct kl_module *module = load->module;
    if (module == NULL) {
        return;
    }
    if (load->listed) {
        kl_context_emit_module(context, KLDR_EVENT_IMAGE_UNLISTED, module, false);
        kl_module_list_remove(&context->modules, module);
        kl_context_emit_module(context, KLDR_EVENT_IMAGE_UNMAPPED, module, false);
    }
    if (module->mapping.memory != NULL) {
        kl_lifecycle_unmap(context, module);
    }
    kl_module_destroy(context->allocator, module);
    load->module = NULL;
}

static void close_file(struct load *load)
{
    if (load->opened) {
        load->context->host.close_image(load->context->host.user, &load->file);
    }
}

// L18, at each level: a few statuses pass, memory statuses become one, the rest is hidden.
static kldr_status launder(const struct kl_context *context, kldr_status status)
{
    if (kl_context_knob(context, KLDR_KNOB_LAUNDER) == KLDR_KNOB_NO || KLDR_IS_OWN_STATUS(status)) {
        return status;
    }
    switch (status) {
    case KLDR_STATUS_DRIVER_ORDINAL_NOT_FOUND:
    case KLDR_STATUS_DRIVER_ENTRYPOINT_NOT_FOUND:
    case KLDR_STATUS_OBJECT_NAME_NOT_FOUND:
    case KLDR_STATUS_PROCEDURE_NOT_FOUND:
        return status;
    case KLDR_STATUS_INSUFFICIENT_RESOURCES:
    case KLDR_STATUS_WORKING_SET_QUOTA:
    case KLDR_STATUS_NO_MEMORY:
        return KLDR_STATUS_INSUFFICIENT_RESOURCES;
    default:
        return KLDR_STATUS_DRIVER_UNABLE_TO_LOAD;
    }
}

static kldr_status fail(struct load *load, kldr_status status)
{
    bool after_open = load->opened;
    kldr_image_destroy(load->image);
    undo(load);
    name_error(load, status);
    if (!after_open) {
        return status; // L8: unchanged, no record
    }
    struct kl_log_level level = {load->path, status, load->in_resolution, &load->failure,
                                 load->outermost};
    kl_log_record_failure(load->context, load->session, &level);
    return launder(load->context, status);
}

static kldr_status run_steps(struct load *load)
{
    static kldr_status (*const steps[])(struct load *) = {check_file, place_image, list_module};
    kldr_status status = open_file(load);
    for (size_t i = 0; i < sizeof steps / sizeof steps[0] && status == KLDR_STATUS_SUCCESS; i++) {
        status = steps[i](load);
    }
    close_file(load);
    if (status == KLDR_STATUS_SUCCESS) {
        status = resolve(load);
    }
    return status == KLDR_STATUS_SUCCESS ? publish(load) : status;
}

static kldr_status run_level(struct load *load)
{
    struct kl_context *context = load->context;
    if (context->depth >= context->limits.depth) {
        kldr_error_set(error_of(load), KLDR_ERROR_LIMIT, KLDR_ORIGIN_HOST, KLDR_STAGE_OPEN,
                       "more than %u nested loads", (unsigned)context->limits.depth);
        return kl_context_stop(context, KLDR_ERROR_LIMIT);
    }
    uint32_t deeper = load->outermost ? 0 : 1;
    context->depth += deeper;
    kldr_status status = run_steps(load);
    if (kl_context_is_stop(status)) {
        // The world has ended: what is listed stays for kldr_loader_destroy, the rest is freed
        // silently.
        kl_context_stop(context, status);
        kldr_image_destroy(load->image);
        if (!load->listed) {
            undo(load);
        }
    } else if (status != KLDR_STATUS_SUCCESS) {
        status = fail(load, status);
    }
    context->depth -= deeper;
    return status;
}

static void load_dependency(struct kl_context *context, struct kl_session *session,
                            const struct kl_module *importer, const char *path, size_t path_length,
                            struct kl_dependency *out_dependency)
{
    struct load load = {
        .context = context, .session = session, .path = path, .path_length = path_length};
    load.holder = importer->base_name;
    load.holder_id = importer->id;
    load.dependent = true;
    *out_dependency = (struct kl_dependency){0};
    out_dependency->status = run_level(&load);
    out_dependency->opened = load.opened;
    if (out_dependency->status == KLDR_STATUS_SUCCESS) {
        out_dependency->id = load.module->id;
    }
}

const struct kl_resolve_operations kl_lifecycle_operations = {
    .load = load_dependency,
    .initialize = kl_lifecycle_initialize,
    .drop = kl_lifecycle_drop_references,
};

// L4, L5: the existing entry is returned, its count unchanged.
static kldr_status answer_already_loaded(struct kl_context *context, const struct kl_module *module)
{
    bool as_dll = module->dependent &&
                  kl_context_knob(context, KLDR_KNOB_LOAD_IMPORTED) == KLDR_LOAD_IMPORTED_AS_DLL;
    kldr_status status =
        as_dll ? KLDR_STATUS_IMAGE_ALREADY_LOADED_AS_DLL : KLDR_STATUS_IMAGE_ALREADY_LOADED;
    if (kl_context_listened(context)) {
        struct kldr_event event = {.kind = KLDR_EVENT_IMAGE_ALREADY_LOADED,
                                   .module_id = module->id};
        event.module = module->base_name;
        event.path = module->full_name;
        event.status = status;
        event.fact = "L4";
        event.has = KLDR_EVENT_HAS_STATUS;
        kl_context_emit(context, &event);
    }
    return status;
}

kldr_status kl_lifecycle_load(struct kl_context *context, const char *path,
                              enum kldr_load_purpose purpose, uint32_t *out_id,
                              struct kldr_error *error)
{
    size_t length = strlen(path);
    kldr_error_clear(error);
    const struct kl_module *loaded = kl_module_list_by_full(&context->modules, path, length);
    if (loaded != NULL) {
        *out_id = loaded->id;
        return answer_already_loaded(context, loaded);
    }
    struct kl_session session = {.error = error};
    struct load load = {
        .context = context, .session = &session, .path = path, .path_length = length};
    load.holder = purpose == KLDR_LOAD_DRIVER ? "I/O manager" : "load_image";
    load.outermost = true;
    kldr_status status = run_level(&load);
    kl_look_destroy(context, session.look);
    if (status == KLDR_STATUS_SUCCESS) {
        *out_id = load.module->id;
    } else if (error != NULL) {
        error->status = status;
    }
    return status;
}
