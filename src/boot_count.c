// SPDX-License-Identifier: MIT

#include "boot_count.h"

#include "bytes.h"

struct counting {
    struct kl_context *context;
    struct kl_module *importer;
    struct kl_id_list found; // what the importer refers to, each once (by descriptors: once each)
    bool foreign;            // a cell points nowhere (B4)
};

static struct kl_module *module_at(const struct kl_context *context, uint64_t address)
{
    struct kl_module *module = context->modules.first;
    while (module != NULL && (address < module->mapping.base ||
                              address - module->mapping.base >= module->mapping.size)) {
        module = module->next;
    }
    return module;
}

static bool has_id(const struct kl_id_list *list, uint32_t id)
{
    for (uint32_t i = 0; i < list->count; i++) {
        if (list->ids[i] == id) {
            return true;
        }
    }
    return false;
}

// One cell of the IAT directory. False when memory is out.
static bool see_cell(struct counting *counting, uint64_t address)
{
    struct kl_context *context = counting->context;
    const struct kl_module *module = address != 0 ? module_at(context, address) : NULL;
    bool self_too = kl_context_knob(context, KLDR_KNOB_BOOT_IMPORTS) == KLDR_BOOT_IMPORTS_IAT_SELF;
    if (module == NULL) {
        counting->foreign = counting->foreign || address != 0;
        return true;
    }
    if (module->core || (module == counting->importer && !self_too) ||
        has_id(&counting->found, module->id)) {
        return true;
    }
    return kl_id_list_add(context->allocator, &counting->found, module->id);
}

// B2: every distinct module that some cell points into. B3: no directory, no imports.
static bool scan_cells(struct counting *counting)
{
    const struct kldr_image_info *info = kldr_image_info(counting->importer->image);
    const struct kldr_data_directory *iat = &info->directory[KLDR_DIRECTORY_IAT];
    uint32_t width = info->pe32_plus ? 8 : 4;
    const uint8_t *cells =
        iat->rva != 0 ? kldr_image_at(counting->importer->image, iat->rva, iat->size) : NULL;
    for (uint32_t offset = 0; cells != NULL && iat->size - offset >= width; offset += width) {
        uint64_t address = width == 8 ? kl_bytes_u64(cells + offset) : kl_bytes_u32(cells + offset);
        if (!see_cell(counting, address)) {
            return false;
        }
    }
    return true;
}

// boot_imports: descriptors. Once per descriptor, self imports skipped (A24).
static bool scan_descriptors(struct counting *counting)
{
    const struct kl_id_list *targets = &counting->importer->targets;
    for (uint32_t i = 0; i < targets->count; i++) {
        const struct kl_module *module =
            kl_module_list_by_id(&counting->context->modules, targets->ids[i]);
        if (module != NULL && !module->core && module != counting->importer &&
            !kl_id_list_add(counting->context->allocator, &counting->found, module->id)) {
            return false;
        }
    }
    return true;
}

// A24: the import list is in descriptor order; what only a forwarder leads to comes after it.
static bool take_in_descriptor_order(struct counting *counting, struct kl_id_list *out_ordered)
{
    const struct kldr_allocator *allocator = counting->context->allocator;
    const struct kl_id_list *sources[] = {&counting->importer->targets, &counting->found};
    for (size_t s = 0; s < 2; s++) {
        for (uint32_t i = 0; i < sources[s]->count; i++) {
            uint32_t id = sources[s]->ids[i];
            if (has_id(&counting->found, id) && !has_id(out_ordered, id) &&
                !kl_id_list_add(allocator, out_ordered, id)) {
                return false;
            }
        }
    }
    return true;
}

// counting: both (C1) holds for boot references as for any other.
static bool is_inactive(const struct kl_context *context, const struct kl_module *module)
{
    return kl_context_knob(context, KLDR_KNOB_COUNTING) == KLDR_COUNTING_BOTH &&
           (module->dllinitialize_rva == 0 || module->dllunload_rva == 0);
}

static bool count_one(struct kl_context *context, struct kl_module *importer, uint32_t id)
{
    struct kl_module *module = kl_module_list_by_id(&context->modules, id);
    if (is_inactive(context, module)) {
        module->inactive = true;
        kl_context_emit_reference(context, KLDR_EVENT_REF_SKIP, module, importer->base_name,
                                  importer->id, "inactive", "C1");
        return true;
    }
    if (!kl_id_list_add(context->allocator, &importer->imports, id)) {
        return false;
    }
    module->load_count++;
    kl_context_emit_reference(context, KLDR_EVENT_REF_ADD, module, importer->base_name,
                              importer->id, "boot", "B2");
    return true;
}

static bool find_references(struct counting *counting)
{
    bool descriptors =
        kl_context_knob(counting->context, KLDR_KNOB_BOOT_IMPORTS) == KLDR_BOOT_IMPORTS_DESCRIPTORS;
    if (descriptors) {
        return scan_descriptors(counting);
    }
    struct kl_id_list ordered = {0};
    bool done = scan_cells(counting) && take_in_descriptor_order(counting, &ordered);
    kl_id_list_free(counting->context->allocator, &counting->found);
    counting->found = ordered;
    return done;
}

// B4: counts unknown, never touched.
static void make_sentinels(struct kl_context *context, const uint32_t *ids, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct kl_module *module = kl_module_list_by_id(&context->modules, ids[i]);
        module->boot_sentinel = true;
        module->inactive = false;
        module->load_count = 1;
        kl_id_list_free(context->allocator, &module->imports);
        kl_context_emit_reference(context, KLDR_EVENT_REF_SKIP, module, "boot", 0, "boot-sentinel",
                                  "B4");
    }
}

kldr_status kl_boot_count(struct kl_context *context, const uint32_t *ids, size_t count)
{
    bool foreign = false;
    for (size_t i = 0; i < count; i++) {
        struct counting counting = {.context = context};
        counting.importer = kl_module_list_by_id(&context->modules, ids[i]);
        bool done = find_references(&counting);
        for (uint32_t j = 0; done && j < counting.found.count; j++) {
            done = count_one(context, counting.importer, counting.found.ids[j]);
        }
        foreign = foreign || counting.foreign;
        kl_id_list_free(context->allocator, &counting.found);
        if (!done) {
            return KLDR_ERROR_OUT_OF_MEMORY;
        }
    }
    if (foreign) {
        make_sentinels(context, ids, count);
    }
    return KLDR_STATUS_SUCCESS;
}
