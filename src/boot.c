// SPDX-License-Identifier: MIT
// The OS loader has mapped and bound everything; the kernel copies its list and finds the counts
// afterwards, from what the import cells point to (B2). Cells are looked at, not descriptors,
// except where the policy says so.

#include "boot.h"

#include "boot_count.h"
#include "error_fields.h"
#include "import_snap.h"
#include "lifecycle.h"
#include "placement.h"

#include <string.h>

struct boot {
    struct kl_context *context;
    const struct kldr_boot_entry *entries;
    size_t count;
    uint32_t *ids;
    struct kldr_error *error;
};

// ---- bringing images into memory ----

// B1, B2: in the OS loader's order; LoadCount 1 for ordinary drivers, 0 for dependents.
static kldr_status list_one(struct boot *boot, size_t index)
{
    struct kl_context *context = boot->context;
    const struct kldr_boot_entry *entry = &boot->entries[index];
    struct kl_placement placement = {.path = entry->path,
                                     .path_length = strlen(entry->path),
                                     .error = boot->error,
                                     .by_os_loader = true};
    struct kl_module *module = NULL;
    kldr_status status = kl_placement_run(context, &placement, &module);
    if (status != KLDR_STATUS_SUCCESS) {
        return status;
    }
    module->state = KLDR_MODULE_LOADED;
    module->dependent = entry->dependent;
    module->load_count = entry->dependent ? 0 : 1;
    if (!kl_module_list_append(&context->modules, module)) {
        kl_placement_undo(context, module);
        return KLDR_ERROR_OUT_OF_MEMORY;
    }
    boot->ids[index] = module->id;
    kl_context_emit_mapped(context, module, placement.relocated);
    kl_context_emit_module(context, KLDR_EVENT_IMAGE_LISTED, module, false);
    if (!entry->dependent) {
        kl_context_emit_reference(context, KLDR_EVENT_REF_ADD, module, "I/O manager", 0, "boot",
                                  "B2");
    }
    return KLDR_STATUS_SUCCESS;
}

// ---- binding ----

static kldr_status not_among_themselves(struct boot *boot, const struct kl_module *importer,
                                        const char *module)
{
    if (boot->error != NULL && boot->error->status == KLDR_STATUS_SUCCESS) {
        kldr_error_set(boot->error, KLDR_STATUS_OBJECT_NAME_NOT_FOUND, KLDR_ORIGIN_HOST,
                       KLDR_STAGE_RESOLVE, "the boot list does not resolve among itself: no %.200s",
                       module);
        kl_error_names(boot->error, module, importer->base_name);
    }
    return KLDR_STATUS_OBJECT_NAME_NOT_FOUND;
}

static kldr_status bind_one(struct boot *boot, struct kl_module *importer)
{
    struct kl_context *context = boot->context;
    struct kldr_import_descriptor descriptor;
    for (uint32_t i = 0;; i++) {
        kldr_status status = kldr_image_import(importer->image, i, &descriptor, boot->error);
        if (status == KLDR_ERROR_END ||
            (status == KLDR_STATUS_SUCCESS && descriptor.lookup_table == 0)) {
            kl_module_sort_cells(importer);
            return KLDR_STATUS_SUCCESS;
        }
        if (status != KLDR_STATUS_SUCCESS) {
            return status;
        }
        struct kl_module *module =
            kl_module_list_by_base(&context->modules, descriptor.module, descriptor.module_length);
        struct kl_missing missing;
        uint32_t bound = 0;
        if (module == NULL) {
            return not_among_themselves(boot, importer, descriptor.module);
        }
        if (!kl_id_list_add(context->allocator, &importer->targets, module->id)) {
            return KLDR_ERROR_OUT_OF_MEMORY;
        }
        descriptor.module = module->base_name; // cells may be written over the image's text
        status = kl_snap_descriptor(context, importer, &descriptor, module, &missing, &bound,
                                    boot->error);
        if (status != KLDR_STATUS_SUCCESS) {
            return status;
        }
    }
}

static kldr_status bind_all(struct boot *boot)
{
    kldr_status status = KLDR_STATUS_SUCCESS;
    boot->context->booting = true;
    for (size_t i = 0; i < boot->count && status == KLDR_STATUS_SUCCESS; i++) {
        struct kl_module *module = kl_module_list_by_id(&boot->context->modules, boot->ids[i]);
        status = bind_one(boot, module);
        if (status == KLDR_STATUS_SUCCESS && boot->context->host.image_ready != NULL) {
            boot->context->host.image_ready(boot->context->host.user, module->id);
        }
    }
    boot->context->booting = false;
    return status;
}

// ---- DllInitialize ----

// B5: in list order, before any DriverEntry; what it returns is ignored.
static kldr_status initialize_dependents(struct boot *boot)
{
    kldr_status status = KLDR_STATUS_SUCCESS;
    for (size_t i = 0; i < boot->count && !kl_context_is_stop(status); i++) {
        if (boot->entries[i].dependent) {
            status = kl_lifecycle_call_initialize(boot->context, boot->ids[i]);
        }
    }
    return kl_context_is_stop(status) ? kl_context_stop(boot->context, status)
                                      : KLDR_STATUS_SUCCESS;
}

static void undo_all(struct boot *boot)
{
    for (size_t i = boot->count; i-- > 0;) {
        struct kl_module *module = kl_module_list_by_id(&boot->context->modules, boot->ids[i]);
        if (module != NULL) {
            kl_module_list_remove(&boot->context->modules, module);
            kl_placement_undo(boot->context, module);
        }
        boot->ids[i] = 0;
    }
}

kldr_status kl_boot(struct kl_context *context, const struct kldr_boot_entry *entries, size_t count,
                    uint32_t *out_ids, struct kldr_error *error)
{
    struct boot boot = {context, entries, count, out_ids, error};
    kldr_status status = KLDR_STATUS_SUCCESS;
    kldr_error_clear(error);
    memset(out_ids, 0, count * sizeof *out_ids);
    for (size_t i = 0; i < count && status == KLDR_STATUS_SUCCESS; i++) {
        status = list_one(&boot, i);
    }
    if (status == KLDR_STATUS_SUCCESS) {
        status = bind_all(&boot);
    }
    if (status == KLDR_STATUS_SUCCESS) {
        status = kl_boot_count(context, out_ids, count);
    }
    if (status != KLDR_STATUS_SUCCESS) {
        undo_all(&boot);
        return status;
    }
    return initialize_dependents(&boot);
}
