// SPDX-License-Identifier: MIT
// DllInitialize of a DLL that an import brought in (facts N).

#include "lifecycle.h"

#include "alloc.h"
#include "error_fields.h"

#include <string.h>

// N4: the services key and BaseDllName cut at its first dot.
static char *make_registry_path(const struct kl_context *context, const struct kl_module *module)
{
    static const char upper[] = "\\REGISTRY\\MACHINE\\SYSTEM\\CURRENTCONTROLSET\\SERVICES\\";
    static const char mixed[] = "\\Registry\\Machine\\System\\CurrentControlSet\\Services\\";
    bool is_upper =
        kl_context_knob(context, KLDR_KNOB_REGISTRY_PREFIX) == KLDR_REGISTRY_PREFIX_UPPER;
    size_t prefix_length = sizeof upper - 1;
    const char *dot = strchr(module->base_name, '.');
    size_t length = dot != NULL ? (size_t)(dot - module->base_name) : module->base_length;
    char *path = kl_alloc_zeroed(context->allocator, prefix_length + length + 1);
    if (path != NULL) {
        memcpy(path, is_upper ? upper : mixed, prefix_length);
        memcpy(path + prefix_length, module->base_name, length);
    }
    return path;
}

// C2 against N7. Returns the status the load goes on with: STATUS_SUCCESS, or what the importer's
// load fails with.
static kldr_status judge(const struct kl_context *context, kldr_status status)
{
    if (!KLDR_NT_SUCCESS(status)) {
        return status;
    }
    if (status != KLDR_STATUS_SUCCESS &&
        kl_context_knob(context, KLDR_KNOB_INIT_SUCCESS) == KLDR_SUCCESS_EXACT) {
        return KLDR_STATUS_DRIVER_UNABLE_TO_LOAD; // neither success nor an error (section 11,
                                                  // notes)
    }
    return KLDR_STATUS_SUCCESS;
}

static void explain(struct kl_session *session, const struct kl_module *module,
                    const char *importer, kldr_status status)
{
    if (session->error == NULL || session->error->status != KLDR_STATUS_SUCCESS) {
        return;
    }
    kldr_error_set(session->error, status, KLDR_ORIGIN_DRIVER, KLDR_STAGE_INITIALIZE,
                   "DllInitialize failed");
    kl_error_names(session->error, module->base_name, importer);
}

// N8: the image goes without DllUnload, whatever its count (A30); its imports are dropped. The
// normal unload routine records it in the ring (A18).
static kldr_status throw_out(struct kl_context *context, struct kl_module *module,
                             const char *importer, kldr_status status)
{
    module->load_count = 0;
    module->inactive = false;
    kl_context_emit_reference(context, KLDR_EVENT_REF_DROP, module, importer, 0,
                              "dllinitialize-failed", "N8");
    kldr_status removed = kl_lifecycle_remove(context, module);
    return kl_context_is_stop(removed) ? removed : status;
}

kldr_status kl_lifecycle_call_initialize(struct kl_context *context, uint32_t id)
{
    struct kl_module *module = kl_module_list_by_id(&context->modules, id);
    if (module == NULL || module->dllinitialize_rva == 0) {
        return KLDR_STATUS_SUCCESS; // N3; a routine that ran before may have made it go
    }
    kldr_status status = kl_context_fault(context, KLDR_FAULT_ALLOCATION);
    char *path = status == KLDR_STATUS_SUCCESS ? make_registry_path(context, module) : NULL;
    if (path == NULL) {
        return status != KLDR_STATUS_SUCCESS ? status : KLDR_ERROR_OUT_OF_MEMORY;
    }
    struct kldr_routine_call call = {KLDR_ROUTINE_DLLINITIALIZE, id, module->dllinitialize_rva,
                                     path};
    module->initialized = true;
    status = kl_context_call(context, &call);
    kl_alloc_release(context->allocator, path); // N5
    return status;
}

static kldr_status initialize(struct kl_context *context, struct kl_session *session, uint32_t id,
                              const char *importer)
{
    kldr_status status = judge(context, kl_lifecycle_call_initialize(context, id));
    struct kl_module *module = kl_module_list_by_id(&context->modules, id);
    if (kl_context_is_stop(status)) {
        return status;
    }
    if (status == KLDR_STATUS_SUCCESS || module == NULL) {
        return module != NULL ? status : KLDR_STATUS_OBJECT_NAME_NOT_FOUND;
    }
    explain(session, module, importer, status);
    return throw_out(context, module, importer, status);
}

kldr_status kl_lifecycle_initialize(struct kl_context *context, struct kl_session *session,
                                    uint32_t id, const char *importer)
{
    context->depth++; // told as part of the dependency's load
    kldr_status status = initialize(context, session, id, importer);
    context->depth--;
    return status;
}
