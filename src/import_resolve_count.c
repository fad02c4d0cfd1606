// SPDX-License-Identifier: MIT

#include "import_resolve_count.h"

#include <string.h>

bool kl_count_begins_with(const struct kldr_import_descriptor *descriptor,
                          const char *const *prefixes)
{
    for (; *prefixes != NULL; prefixes++) {
        if (kl_module_list_has_prefix(descriptor->module, descriptor->module_length, *prefixes,
                                      strlen(*prefixes))) {
            return true;
        }
    }
    return false;
}

static bool is_kernel_name(const struct kldr_import_descriptor *descriptor)
{
    return kl_module_list_same_name(descriptor->module, descriptor->module_length, "ntoskrnl.exe",
                                    12) ||
           kl_module_list_same_name(descriptor->module, descriptor->module_length, "hal.dll", 7);
}

// R5 and its knob: does this name, or this entry, hold no count?
static bool is_never_counted(const struct kl_context *context,
                             const struct kldr_import_descriptor *descriptor,
                             const struct kl_module *module)
{
    static const char *const prefixes[] = {"ntoskrnl", "win32k", "hal", NULL};
    switch (kl_context_knob(context, KLDR_KNOB_NEVER_COUNTED)) {
    case KLDR_NEVER_COUNTED_EXACT:
        return is_kernel_name(descriptor);
    case KLDR_NEVER_COUNTED_PREFIX:
        return kl_count_begins_with(descriptor, prefixes);
    case KLDR_NEVER_COUNTED_SENTINEL:
        return module->boot_sentinel;
    default:
        return false;
    }
}

// counting: both (C1): an imported module that lacks one of the two routines is not counted at all
// (A05).
static bool is_inactive(const struct kl_context *context, const struct kl_module *module)
{
    return kl_context_knob(context, KLDR_KNOB_COUNTING) == KLDR_COUNTING_BOTH &&
           !module->boot_sentinel && (module->dllinitialize_rva == 0 || module->dllunload_rva == 0);
}

// flag: something is bound without a count, not merely named.
static kldr_status skip(struct kl_context *context, const struct kl_count_request *request,
                        const char *reason, const char *fact)
{
    const struct kl_module *module = request->module, *importer = request->importer;
    struct kldr_import_thunk first;
    if (!kl_context_listened(context)) {
        return KLDR_STATUS_SUCCESS;
    }
    struct kldr_event event = {.kind = KLDR_EVENT_REF_SKIP, .module_id = module->id};
    event.module = module->base_name;
    event.holder = importer->base_name;
    event.importer_id = importer->id;
    event.reason = reason;
    event.fact = fact;
    event.count = module->load_count;
    event.flag = kldr_image_thunk(importer->image, request->descriptor, 0, &first, NULL) ==
                 KLDR_STATUS_SUCCESS;
    event.has = KLDR_EVENT_HAS_COUNT | KLDR_EVENT_HAS_FLAG |
                (module->inactive ? KLDR_EVENT_COUNT_INACTIVE : 0u);
    kl_context_emit(context, &event);
    return KLDR_STATUS_SUCCESS;
}

kldr_status kl_count_reference(struct kl_context *context, const struct kl_count_request *request)
{
    struct kl_module *module = request->module, *importer = request->importer;
    if (is_never_counted(context, request->descriptor, module)) {
        module->never_counted = !module->core;
        return skip(context, request, module->core ? "kernel" : "never-counted", "R5");
    }
    if (module->state == KLDR_MODULE_LOADING) {
        return skip(context, request, module == importer ? "self" : "cycle", "R9");
    }
    if (is_inactive(context, module)) {
        module->inactive = true;
        return skip(context, request, "inactive", "C1");
    }
    if (request->list_lost) {
        module->orphans++; // R19: counted, and nobody will ever drop it
    } else if (!kl_id_list_add(context->allocator, &importer->imports, module->id)) {
        return KLDR_ERROR_OUT_OF_MEMORY;
    }
    if (!request->fresh) {
        module->load_count++;
        kl_context_emit_reference(context, KLDR_EVENT_REF_ADD, module, importer->base_name,
                                  importer->id, "import", "R8");
    }
    return KLDR_STATUS_SUCCESS;
}
