// SPDX-License-Identifier: MIT
// Loading one image, step by step. Each step either succeeds or leaves the level to be undone by
// the one place that undoes it. The entry is listed before its imports are resolved (L13); what
// follows the resolution cannot fail.

#include "lifecycle.h"

#include "error_fields.h"
#include "import_look.h"
#include "log_record.h"
#include "placement.h"

#include <string.h>

// One level of a load.
struct load {
    struct kl_context *context;
    struct kl_session *session;
    struct kl_placement placement;
    const char *holder; // who will hold the first count
    uint32_t holder_id;
    bool dependent;
    bool outermost;
    // as the level goes on
    struct kl_module *module;
    bool listed;
    bool in_resolution;
};

// Says in which image a failure was found, unless that is known.
static void name_error(const struct load *load)
{
    struct kldr_error *error = load->session->error;
    if (error != NULL && error->module[0] == '\0') {
        kl_error_names(error, kl_module_base_of(load->placement.path),
                       load->dependent ? load->holder : NULL);
    }
}

// L13: LoadCount 1, in progress, at the tail of the list, before imports are resolved.
static kldr_status list_module(struct load *load)
{
    struct kl_context *context = load->context;
    struct kl_module *module = load->module;
    module->dependent = load->dependent;
    if (!kl_module_list_append(&context->modules, module)) {
        return KLDR_ERROR_OUT_OF_MEMORY;
    }
    load->listed = true;
    kl_context_emit_mapped(context, module, load->placement.relocated);
    kl_context_emit_module(context, KLDR_EVENT_IMAGE_LISTED, module, false);
    kl_context_emit_reference(context, KLDR_EVENT_REF_ADD, module, load->holder, load->holder_id,
                              "loaded", "L13");
    return KLDR_STATUS_SUCCESS;
}

static kldr_status resolve(struct load *load)
{
    load->in_resolution = true;
    return kl_resolve_imports(load->context, load->session, &kl_lifecycle_operations, load->module);
}

// L16, L17: from here on nothing can fail, but the system can end.
static kldr_status publish(struct load *load)
{
    struct kl_context *context = load->context;
    load->module->state = KLDR_MODULE_LOADED;
    if (context->host.image_ready != NULL) {
        context->host.image_ready(context->host.user, load->module->id);
    }
    if (context->stopped) {
        return KLDR_ERROR_STOPPED; // the host ended it
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
    kl_placement_undo(context, module);
    load->module = NULL;
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
    undo(load);
    name_error(load);
    if (!load->placement.opened) {
        return status; // L8: unchanged, no record
    }
    struct kl_log_level level = {load->placement.path, status, load->in_resolution,
                                 load->outermost};
    kl_log_record_failure(load->context, load->session, &level);
    return launder(load->context, status);
}

static kldr_status place(struct load *load)
{
    return kl_placement_run(load->context, &load->placement, &load->module);
}

static kldr_status run_steps(struct load *load)
{
    static kldr_status (*const steps[])(struct load *) = {place, list_module, resolve, publish};
    kldr_status status = KLDR_STATUS_SUCCESS;
    for (size_t i = 0; i < sizeof steps / sizeof steps[0] && status == KLDR_STATUS_SUCCESS; i++) {
        status = steps[i](load);
    }
    return status;
}

static kldr_status run_level(struct load *load)
{
    struct kl_context *context = load->context;
    if (context->depth >= context->limits.depth) {
        kldr_error_set(load->session->error, KLDR_ERROR_LIMIT, KLDR_ORIGIN_HOST, KLDR_STAGE_OPEN,
                       "more than %u nested loads", (unsigned)context->limits.depth);
        name_error(load);
        return kl_context_stop(context, KLDR_ERROR_LIMIT);
    }
    uint32_t deeper = load->outermost ? 0 : 1;
    context->depth += deeper;
    kldr_status status = run_steps(load);
    if (kl_context_is_stop(status)) {
        // The world has ended: what is listed stays for kldr_loader_destroy, the rest is freed
        // silently.
        kl_context_stop(context, status);
        if (load->session->error != NULL && load->session->error->status != KLDR_STATUS_SUCCESS) {
            name_error(load);
        }
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
    struct load load = {.context = context, .session = session};
    load.placement = (struct kl_placement){
        .path = path, .path_length = path_length, .error = session->error, .quiet_open = true};
    load.holder = importer->base_name;
    load.holder_id = importer->id;
    load.dependent = true;
    *out_dependency = (struct kl_dependency){0};
    out_dependency->status = run_level(&load);
    out_dependency->opened = load.placement.opened;
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
    struct load load = {.context = context, .session = &session};
    load.placement = (struct kl_placement){.path = path, .path_length = length, .error = error};
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
