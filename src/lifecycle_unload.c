// SPDX-License-Identifier: MIT
// Counting down. Two families of kernels differ in when DllUnload is asked and what a refusal
// leaves behind (knob refused), and in whether an image drops its imports after or before its own
// unmap (knob drop_imports). Unloading never allocates, so it never fails.

#include "lifecycle.h"

#include "placement.h"

static bool in_unloaded_ring(const struct kl_context *context)
{
    return kl_context_knob(context, KLDR_KNOB_UNLOADED_RING) == KLDR_KNOB_YES; // U14
}

// The rest of a module whose routines may run no more.
static kldr_status drop_own_imports(struct kl_context *context, struct kl_module *module)
{
    struct kl_id_list imports = module->imports;
    module->imports = (struct kl_id_list){0};
    context->depth++;
    kldr_status status =
        kl_lifecycle_drop_references(context, &imports, module->base_name, module->id);
    context->depth--;
    return status;
}

kldr_status kl_lifecycle_remove(struct kl_context *context, struct kl_module *module)
{
    bool before = kl_context_knob(context, KLDR_KNOB_DROP_IMPORTS) == KLDR_DROP_IMPORTS_BEFORE;
    kldr_status status = KLDR_STATUS_SUCCESS;
    module->state = KLDR_MODULE_UNLOADING;
    if (before) {
        status = drop_own_imports(context, module); // U3
        if (kl_context_is_stop(status)) {
            return status; // still listed: kldr_loader_destroy frees it
        }
    }
    kl_context_emit_module(context, KLDR_EVENT_IMAGE_UNMAPPED, module, in_unloaded_ring(context));
    kl_context_emit_module(context, KLDR_EVENT_IMAGE_UNLISTED, module, false);
    kl_module_list_remove(&context->modules, module);
    kl_placement_unmap(context, module);
    if (!before) {
        status = drop_own_imports(context, module); // U2
    }
    kl_module_destroy(context->allocator, module);
    return status;
}

static bool agrees(const struct kl_context *context, kldr_status status)
{
    return kl_context_knob(context, KLDR_KNOB_UNLOAD_SUCCESS) == KLDR_SUCCESS_EXACT
               ? status == KLDR_STATUS_SUCCESS
               : KLDR_NT_SUCCESS(status);
}

kldr_status kl_lifecycle_ask(struct kl_context *context, struct kl_module *module, bool *out_agreed)
{
    *out_agreed = false;
    if (module->dllunload_rva == 0) {
        return KLDR_STATUS_SUCCESS;
    }
    uint32_t id = module->id;
    struct kldr_routine_call call = {KLDR_ROUTINE_DLLUNLOAD, id, module->dllunload_rva, NULL};
    module->unload_asked = true;
    kldr_status status = kl_context_call(context, &call);
    if (kl_context_is_stop(status)) {
        return status;
    }
    // The routine may have made the module go (a drop inside it reached zero again): nothing is
    // left to decide.
    bool still_there = kl_module_list_by_id(&context->modules, id) != NULL;
    *out_agreed = still_there && agrees(context, status);
    return still_there ? KLDR_STATUS_SUCCESS : KLDR_ERROR_NOT_FOUND;
}

// Tells that a module stays although nobody holds it any more.
static void tell_resident(struct kl_context *context, struct kl_module *module, const char *holder,
                          uint32_t holder_id)
{
    bool asked = module->dllunload_rva != 0;
    bool retry = kl_context_knob(context, KLDR_KNOB_REFUSED) == KLDR_REFUSED_ZERO_RETRY;
    module->refused = true;
    kl_context_emit_reference(context, KLDR_EVENT_IMAGE_RESIDENT, module, holder, holder_id,
                              asked ? "refused" : "no-dllunload",
                              !asked  ? "U10"
                              : retry ? "U5"
                                      : "U7");
}

static void tell_drop(struct kl_context *context, const struct kl_module *module,
                      const char *holder, uint32_t holder_id)
{
    kl_context_emit_reference(context, KLDR_EVENT_REF_DROP, module, holder, holder_id, "import",
                              "U4");
}

// What a module held that went while its own DllUnload ran.
static kldr_status drop_left_behind(struct kl_context *context, struct kl_id_list *ids,
                                    const char *holder, uint32_t holder_id, kldr_status status)
{
    if (kl_context_is_stop(status)) {
        kl_id_list_free(context->allocator, ids);
        return status;
    }
    return kl_lifecycle_drop_references(context, ids, holder, holder_id);
}

// refused: zero-retry (U5). The count goes down first; the entry's own imports are set aside while
// it is asked.
static kldr_status drop_zero_retry(struct kl_context *context, struct kl_module *module,
                                   const char *holder, uint32_t holder_id)
{
    if (module->load_count > 0) {
        module->load_count--;
    }
    tell_drop(context, module, holder, holder_id);
    if (module->load_count > 0 || module->state == KLDR_MODULE_UNLOADING) {
        return KLDR_STATUS_SUCCESS;
    }
    struct kl_id_list aside = module->imports;
    module->imports = (struct kl_id_list){0};
    bool agreed = false;
    uint32_t id = module->id;
    kldr_status status = kl_lifecycle_ask(context, module, &agreed);
    module = kl_module_list_by_id(&context->modules, id);
    if (module == NULL) {
        return drop_left_behind(context, &aside, holder, holder_id, status);
    }
    module->imports = aside;
    if (status != KLDR_STATUS_SUCCESS) {
        return status;
    }
    if (agreed) {
        return kl_lifecycle_remove(context, module);
    }
    tell_resident(context, module, holder, holder_id);
    return KLDR_STATUS_SUCCESS;
}

// refused: one-final (U7). Asked only when the count is exactly 1, before it goes down; a refusal
// leaves it at 1, and a later import then makes it 2: never asked again (U8).
static kldr_status drop_one_final(struct kl_context *context, struct kl_module *module,
                                  const char *holder, uint32_t holder_id)
{
    if (module->load_count != 1 || module->state == KLDR_MODULE_UNLOADING) {
        module->load_count -= module->load_count > 0;
        tell_drop(context, module, holder, holder_id);
        if (module->load_count == 1 && module->refused && module->dllunload_rva == 0) {
            tell_resident(context, module, holder,
                          holder_id); // pinned: its last importer goes again
        }
        return KLDR_STATUS_SUCCESS;
    }
    bool agreed = false;
    uint32_t id = module->id;
    kldr_status status = kl_lifecycle_ask(context, module, &agreed);
    if (status != KLDR_STATUS_SUCCESS) {
        return status == KLDR_ERROR_NOT_FOUND ? KLDR_STATUS_SUCCESS : status;
    }
    module = kl_module_list_by_id(&context->modules, id);
    if (!agreed) {
        tell_resident(context, module, holder, holder_id);
        return KLDR_STATUS_SUCCESS;
    }
    module->load_count -= module->load_count > 0;
    tell_drop(context, module, holder, holder_id);
    return kl_lifecycle_remove(context, module);
}

static kldr_status drop_one(struct kl_context *context, uint32_t id, const char *holder,
                            uint32_t holder_id)
{
    struct kl_module *module = kl_module_list_by_id(&context->modules, id);
    if (module == NULL) {
        return KLDR_STATUS_SUCCESS; // it went although it was imported meanwhile (A30)
    }
    if (module->boot_sentinel) {
        kl_context_emit_reference(context, KLDR_EVENT_REF_SKIP, module, holder, holder_id,
                                  "boot-sentinel", "U4");
        return KLDR_STATUS_SUCCESS;
    }
    return kl_context_knob(context, KLDR_KNOB_REFUSED) == KLDR_REFUSED_ZERO_RETRY
               ? drop_zero_retry(context, module, holder, holder_id)
               : drop_one_final(context, module, holder, holder_id);
}

kldr_status kl_lifecycle_drop_references(struct kl_context *context, struct kl_id_list *ids,
                                         const char *holder, uint32_t holder_id)
{
    kldr_status status = KLDR_STATUS_SUCCESS;
    if (context->depth >= context->limits.depth) {
        status = kl_context_stop(context, KLDR_ERROR_LIMIT);
    }
    for (uint32_t i = 0; i < ids->count && !kl_context_is_stop(status); i++) {
        status = drop_one(context, ids->ids[i], holder, holder_id);
    }
    kl_id_list_free(context->allocator, ids);
    return status;
}

kldr_status kl_lifecycle_unload(struct kl_context *context, uint32_t id,
                                enum kldr_load_purpose purpose)
{
    struct kl_module *module = kl_module_list_by_id(&context->modules, id);
    const char *holder = purpose == KLDR_LOAD_DRIVER ? "I/O manager" : "load_image";
    if (module == NULL) {
        return KLDR_ERROR_NOT_FOUND;
    }
    if (module->state == KLDR_MODULE_LOADING) {
        return KLDR_ERROR_BUSY; // nobody has got this reference yet
    }
    if (module->boot_sentinel) {
        kl_context_emit_reference(context, KLDR_EVENT_REF_SKIP, module, holder, 0, "boot-sentinel",
                                  "U1");
        return KLDR_STATUS_SUCCESS;
    }
    if (module->load_count > 0) {
        module->load_count--;
    }
    kl_context_emit_reference(context, KLDR_EVENT_REF_DROP, module, holder, 0, "unload", "U1");
    // An inactive module stays until shutdown, whoever leaves (A05).
    if (module->load_count > 0 || module->inactive || module->state == KLDR_MODULE_UNLOADING) {
        return KLDR_STATUS_SUCCESS;
    }
    return kl_lifecycle_remove(context, module);
}
