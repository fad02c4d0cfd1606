// SPDX-License-Identifier: MIT
// Second step of the image builder: where everything lies. Addresses only; the writers follow them.
#include "image_builder/build_plan.h"

#define SECTION_ALIGNMENT    0x1000u
#define HEADERS_SIZE         0x40u // DOS header, right before the PE signature
#define DESCRIPTOR_SIZE      20u
#define EXPORT_HEADER_SIZE   40u
#define RELOCATION_BLOCK     12u // header, one entry, one of padding
#define SECTION_HEADER_SIZE  40u
#define NT_HEADERS_SIZE_PE32 (4u + 20u + 224u)
#define NT_HEADERS_SIZE_PE64 (4u + 20u + 240u)

static uint64_t align_up(uint64_t value, uint32_t alignment)
{
    return (value + alignment - 1) & ~(uint64_t)(alignment - 1);
}

// The import part of .rdata, from offset at; the first address table cell lies on a pointer
// boundary.
static uint64_t place_imports(struct ks_build_plan *plan, uint64_t at)
{
    struct ks_build_tables *tables = &plan->tables;
    const struct kldr_build_description *description = plan->description;
    // A foreign pointer is one more cell after those of the descriptors: no thunk ever overwrites
    // it (B4).
    const uint64_t foreign = (description->broken & KLDR_BROKEN_FOREIGN_IAT_POINTER) ? 1 : 0;
    tables->iat = (uint32_t)at;
    tables->iat_size = (uint32_t)((plan->cell_count + foreign) * plan->pointer_size);
    at += tables->iat_size;
    tables->lookups = (uint32_t)at;
    at += plan->lookup_count * plan->pointer_size;
    if (description->import_count > 0) {
        tables->descriptors = (uint32_t)at;
        tables->descriptors_size = (uint32_t)(description->import_count + 1) * DESCRIPTOR_SIZE;
        at += tables->descriptors_size;
    }
    tables->hints = (uint32_t)at;
    at += plan->hint_text;
    tables->module_names = (uint32_t)at;
    return align_up(at + plan->module_text, 4);
}

static uint64_t place_exports(struct ks_build_plan *plan, uint64_t at)
{
    struct ks_build_tables *tables = &plan->tables;
    if (!plan->export_directory) {
        return at;
    }
    tables->exports = (uint32_t)at;
    tables->functions = tables->exports + EXPORT_HEADER_SIZE;
    tables->names = tables->functions + plan->slot_count * 4;
    tables->ordinals = tables->names + plan->name_count * 4;
    tables->strings = tables->ordinals + plan->name_count * 2;
    at = tables->strings + plan->export_text + plan->name_length + 1;
    tables->exports_size = (uint32_t)at - tables->exports;
    return at;
}

static kldr_status check_size(const struct ks_build_plan *plan, struct kldr_error *error)
{
    const uint64_t cells = plan->cell_count + plan->lookup_count + 2;
    const uint64_t bytes = plan->code_size + plan->description->code_data_size +
                           cells * plan->pointer_size + plan->hint_text + plan->module_text +
                           plan->export_text + plan->description->import_count * DESCRIPTOR_SIZE +
                           (uint64_t)plan->data_count * KS_BUILD_VARIABLE +
                           (uint64_t)plan->slot_count * 4 + (uint64_t)plan->name_count * 6;
    if (bytes > KS_BUILD_MAX_IMAGE) {
        return ks_build_plan_refuse(error, NULL, "the image would be larger than %u MiB",
                                    KS_BUILD_MAX_IMAGE / (1024 * 1024));
    }
    return KLDR_STATUS_SUCCESS;
}

static kldr_status check_base(const struct ks_build_plan *plan, struct kldr_error *error)
{
    const uint64_t highest = plan->wide ? UINT64_MAX : UINT32_MAX;
    if (plan->base > highest || highest - plan->base < plan->size_of_image - 1) {
        return ks_build_plan_refuse(error, NULL, "the preferred base leaves no room for the image");
    }
    return KLDR_STATUS_SUCCESS;
}

static void place_section(struct ks_build_plan *plan, enum ks_build_section_id id, uint64_t size)
{
    struct ks_build_section *section = &plan->sections[id];
    section->rva = plan->size_of_image;
    section->raw_offset = plan->file_size;
    section->size = (uint32_t)size;
    if (size > 0) {
        section->raw_size = (uint32_t)align_up(size, plan->file_alignment);
        plan->size_of_image += (uint32_t)align_up(size, SECTION_ALIGNMENT);
        plan->file_size += section->raw_size;
    }
}

static void place_symbols(struct ks_build_plan *plan)
{
    uint32_t code = plan->sections[KS_BUILD_TEXT].rva;
    uint32_t data = plan->sections[KS_BUILD_DATA_SECTION].rva + KS_BUILD_POINTER_RVA + 8;
    for (uint32_t i = 0; i < plan->symbol_count; i++) {
        switch (ks_build_plan_kind(plan, i)) {
        case KS_BUILD_CODE:
            plan->symbols[i].rva = code;
            code += ks_build_code_size(plan, i);
            break;
        case KS_BUILD_DATA:
            plan->symbols[i].rva = data;
            data += KS_BUILD_VARIABLE;
            break;
        case KS_BUILD_FORWARDER: // the export writer knows where its text goes
        case KS_BUILD_HOLE:
            break;
        }
    }
}

kldr_status ks_build_layout_place(struct ks_build_plan *plan, struct kldr_error *error)
{
    const kldr_status status = check_size(plan, error);
    if (!KLDR_NT_SUCCESS(status)) {
        return status;
    }
    const bool stripped = (plan->description->broken & KLDR_BROKEN_RELOCATIONS_STRIPPED) != 0;
    const uint64_t rdata_rva = SECTION_ALIGNMENT + align_up(plan->code_size, SECTION_ALIGNMENT);
    const uint64_t rdata_end = place_exports(plan, place_imports(plan, rdata_rva));
    const uint64_t variables = 8 + (uint64_t)plan->data_count * KS_BUILD_VARIABLE;
    const uint64_t sizes[KS_BUILD_SECTIONS] = {plan->code_size, rdata_end - rdata_rva,
                                               variables + plan->description->code_data_size,
                                               stripped ? 0 : RELOCATION_BLOCK};
    for (int id = 0; id < KS_BUILD_SECTIONS; id++) {
        plan->section_count += sizes[id] > 0;
    }
    plan->tables.end = (uint32_t)rdata_end;
    plan->size_of_headers = (uint32_t)align_up(
        HEADERS_SIZE + (plan->wide ? NT_HEADERS_SIZE_PE64 : NT_HEADERS_SIZE_PE32) +
            plan->section_count * SECTION_HEADER_SIZE,
        plan->file_alignment);
    plan->size_of_image = SECTION_ALIGNMENT;
    plan->file_size = plan->size_of_headers;
    for (int id = 0; id < KS_BUILD_SECTIONS; id++) {
        place_section(plan, (enum ks_build_section_id)id, sizes[id]);
    }
    plan->code_data_rva = plan->sections[KS_BUILD_DATA_SECTION].rva + (uint32_t)variables;
    place_symbols(plan);
    return check_base(plan, error);
}
