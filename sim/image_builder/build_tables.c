// SPDX-License-Identifier: MIT
// Writes export and import tables, code, variables and the relocation block at the planned
// addresses.
#include "image_builder/build_plan.h"

#include <string.h>

// A cell value that no module can ever cover: nothing is mapped in the lowest 64 KiB (B4).
#define FOREIGN_POINTER  0xf00du
#define RELOCATE_HIGHLOW 3u
#define RELOCATE_DIR64   10u

// ---- exports ----

static uint32_t write_text(const struct ks_build_plan *plan, uint8_t *bytes, uint32_t rva,
                           const char *text, size_t length)
{
    memcpy(ks_build_at(plan, bytes, rva), text, length);
    return rva + (uint32_t)length + 1;
}

// Appends an entry to the name table and its text to the strings.
static uint32_t write_name(const struct ks_build_plan *plan, uint8_t *bytes, uint32_t entry,
                           uint32_t symbol, uint32_t text_rva)
{
    const struct ks_build_symbol *named = &plan->symbols[symbol];
    ks_build_put32(ks_build_at(plan, bytes, plan->tables.names) + 4 * (size_t)entry, text_rva);
    ks_build_put16(ks_build_at(plan, bytes, plan->tables.ordinals) + 2 * (size_t)entry,
                   named->slot);
    return write_text(plan, bytes, text_rva, named->text, named->length);
}

static uint32_t write_names(const struct ks_build_plan *plan, uint8_t *bytes, uint32_t text_rva)
{
    const bool as_given = plan->description->unsorted_names;
    const uint32_t candidates = as_given ? plan->export_count : plan->named_count;
    uint32_t entry = 0;
    for (uint32_t i = 0; i < candidates; i++) {
        const uint32_t symbol = as_given ? i : plan->order[i];
        if (symbol < plan->export_count && !plan->description->exports[symbol].noname) {
            text_rva = write_name(plan, bytes, entry++, symbol, text_rva);
        }
    }
    return text_rva;
}

static void write_slots(const struct ks_build_plan *plan, uint8_t *bytes, uint32_t text_rva)
{
    uint8_t *functions = ks_build_at(plan, bytes, plan->tables.functions);
    for (uint32_t slot = 0; slot < plan->slot_count; slot++) {
        uint32_t rva = 0;
        if (plan->slots[slot] != 0) {
            const uint32_t symbol = plan->slots[slot] - 1;
            rva = plan->symbols[symbol].rva;
            if (ks_build_plan_kind(plan, symbol) == KS_BUILD_FORWARDER) {
                const char *target = plan->description->exports[symbol].forwarder;
                rva = text_rva;
                text_rva = write_text(plan, bytes, text_rva, target, strlen(target));
            }
        }
        ks_build_put32(functions + 4 * (size_t)slot, rva);
    }
}

void ks_build_exports_write(const struct ks_build_plan *plan, uint8_t *bytes)
{
    const struct ks_build_tables *tables = &plan->tables;
    if (!plan->export_directory) {
        return;
    }
    uint8_t *at = ks_build_at(plan, bytes, tables->exports) + 12; // flags, time stamp, version: 0
    at = ks_build_put32(at, tables->strings);
    at = ks_build_put32(at, plan->ordinal_base);
    at = ks_build_put32(at, plan->slot_count);
    at = ks_build_put32(at, plan->name_count);
    at = ks_build_put32(at, tables->functions);
    at = ks_build_put32(at, tables->names);
    ks_build_put32(at, tables->ordinals);
    uint32_t text_rva =
        write_text(plan, bytes, tables->strings, plan->description->name, plan->name_length);
    text_rva = write_names(plan, bytes, text_rva);
    write_slots(plan, bytes, text_rva);
}

// ---- imports ----

// Where the next piece of each table goes. lookups is not moved for a descriptor without lookup
// table.
struct import_cursor {
    uint32_t iat, lookups, hints, module_names;
};

// Writes the hint and name of one import, or its ordinal, and returns the thunk value.
static uint64_t write_thunk(const struct ks_build_plan *plan, uint8_t *bytes,
                            struct import_cursor *cursor,
                            const struct kldr_build_function *function)
{
    if (!function->name) {
        return (plan->wide ? UINT64_C(1) << 63 : UINT64_C(1) << 31) | function->ordinal;
    }
    const uint32_t rva = cursor->hints;
    const size_t length = strlen(function->name);
    uint8_t *at = ks_build_put16(ks_build_at(plan, bytes, rva), function->hint);
    memcpy(at, function->name, length);
    cursor->hints += (uint32_t)((2 + length + 1 + 1) & ~(size_t)1);
    return rva;
}

static void write_thunks(const struct ks_build_plan *plan, uint8_t *bytes,
                         struct import_cursor *cursor, const struct kldr_build_import *import)
{
    uint8_t *cell = ks_build_at(plan, bytes, cursor->iat);
    uint8_t *lookup = import->no_lookup_table ? NULL : ks_build_at(plan, bytes, cursor->lookups);
    for (size_t i = 0; i < import->function_count; i++) {
        const uint64_t thunk = write_thunk(plan, bytes, cursor, &import->functions[i]);
        cell = ks_build_put_pointer(plan, cell, thunk);
        if (lookup) {
            lookup = ks_build_put_pointer(plan, lookup, thunk);
        }
    }
    const uint32_t size = (uint32_t)(import->function_count + 1) * plan->pointer_size;
    cursor->iat += size;
    cursor->lookups += lookup ? size : 0;
}

void ks_build_imports_write(const struct ks_build_plan *plan, uint8_t *bytes)
{
    const struct ks_build_tables *tables = &plan->tables;
    struct import_cursor cursor = {tables->iat, tables->lookups, tables->hints,
                                   tables->module_names};
    for (size_t i = 0; i < plan->description->import_count; i++) {
        const struct kldr_build_import *import = &plan->description->imports[i];
        uint8_t *at = ks_build_at(plan, bytes, tables->descriptors) + 20 * i;
        at = ks_build_put32(at, import->no_lookup_table ? 0 : cursor.lookups);
        at = ks_build_put64(at, 0); // not bound, no forwarders bound
        at = ks_build_put32(at, cursor.module_names);
        ks_build_put32(at, cursor.iat);
        cursor.module_names =
            write_text(plan, bytes, cursor.module_names, import->module, strlen(import->module));
        write_thunks(plan, bytes, &cursor, import);
    }
    if (plan->description->broken & KLDR_BROKEN_FOREIGN_IAT_POINTER) {
        ks_build_put_pointer(plan, ks_build_at(plan, bytes, cursor.iat), FOREIGN_POINTER);
    }
}

// ---- the rest ----

// An instruction that stops, over and over: int3, or brk on arm64.
static void fill_code(const struct ks_build_plan *plan, uint8_t *at, uint32_t size)
{
    if (plan->machine != KLDR_MACHINE_ARM64) {
        memset(at, 0xcc, size);
        return;
    }
    for (uint32_t i = 0; i < size; i += 4) {
        ks_build_put32(at + i, 0xd43e0000);
    }
}

void ks_build_sections_write(const struct ks_build_plan *plan, uint8_t *bytes)
{
    const struct ks_build_section *sections = plan->sections;
    const struct ks_build_section *data = &sections[KS_BUILD_DATA_SECTION];
    const uint32_t pointer_rva = data->rva + KS_BUILD_POINTER_RVA;
    fill_code(plan, bytes + sections[KS_BUILD_TEXT].raw_offset, sections[KS_BUILD_TEXT].size);
    ks_build_put_pointer(plan, bytes + data->raw_offset + KS_BUILD_POINTER_RVA,
                         plan->base + pointer_rva);
    for (uint32_t i = 0; i < plan->export_count; i++) {
        if (ks_build_plan_kind(plan, i) == KS_BUILD_DATA) {
            ks_build_put64(bytes + data->raw_offset + (plan->symbols[i].rva - data->rva),
                           plan->description->exports[i].data_value);
        }
    }
    if (sections[KS_BUILD_RELOC].size > 0) {
        uint8_t *at = ks_build_put32(bytes + sections[KS_BUILD_RELOC].raw_offset,
                                     pointer_rva & ~UINT32_C(0xfff));
        at = ks_build_put32(at, sections[KS_BUILD_RELOC].size);
        ks_build_put16(at, (plan->wide ? RELOCATE_DIR64 : RELOCATE_HIGHLOW) << 12 |
                               (pointer_rva & 0xfff));
    }
}
