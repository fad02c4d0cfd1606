// SPDX-License-Identifier: MIT
// First pass of the image builder: takes a description apart, checks it and counts what it needs.
// Nothing is written before all of it is known to be good.
#include "image_builder/build_plan.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const char entry_name[] = "DriverEntry";

kldr_status ks_build_plan_refuse(struct kldr_error *error, const char *symbol, const char *format,
                                 ...)
{
    if (error) {
        char text[KLDR_DETAIL_SIZE];
        va_list arguments;
        va_start(arguments, format);
        vsnprintf(text, sizeof text, format, arguments);
        va_end(arguments);
        kldr_error_clear(error);
        kldr_error_set(error, KLDR_ERROR_BAD_ARGUMENT, KLDR_ORIGIN_HOST, KLDR_STAGE_INPUT, "%s",
                       text);
        if (symbol) {
            snprintf(error->symbol, sizeof error->symbol, "%.*s", (int)sizeof error->symbol - 1,
                     symbol);
        }
    }
    return KLDR_ERROR_BAD_ARGUMENT;
}

bool ks_build_plan_measure(const char *text, const char *what, uint32_t *out_length,
                           struct kldr_error *error)
{
    if (!text || !*text) {
        ks_build_plan_refuse(error, NULL, "%s is empty", what);
        return false;
    }
    const size_t length = strlen(text);
    if (length > KS_BUILD_MAX_NAME) {
        ks_build_plan_refuse(error, text, "%s is longer than %u bytes", what, KS_BUILD_MAX_NAME);
        return false;
    }
    *out_length = (uint32_t)length;
    return true;
}

enum ks_build_kind ks_build_plan_kind(const struct ks_build_plan *plan, uint32_t symbol)
{
    if (symbol >= plan->export_count) {
        return KS_BUILD_CODE;
    }
    const struct kldr_build_export *export = &plan->description->exports[symbol];
    if (export->hole) {
        return KS_BUILD_HOLE;
    }
    if (export->forwarder) {
        return KS_BUILD_FORWARDER;
    }
    return export->data ? KS_BUILD_DATA : KS_BUILD_CODE;
}

// Counts first: everything after this may add and multiply them in 64 bits without a thought.
static kldr_status check_counts(const struct kldr_build_description *description,
                                struct kldr_error *error)
{
    const struct {
        size_t count;
        const void *items;
        const char *what;
    } lists[] = {{description->export_count, description->exports, "exports"},
                 {description->import_count, description->imports, "import descriptors"},
                 {description->routine_count, description->routines, "routines"}};
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
        if (lists[i].count > KS_BUILD_MAX_COUNT) {
            return ks_build_plan_refuse(error, NULL, "more than %u %s", KS_BUILD_MAX_COUNT,
                                        lists[i].what);
        }
        if (lists[i].count > 0 && !lists[i].items) {
            return ks_build_plan_refuse(error, NULL, "the list of %s is missing", lists[i].what);
        }
    }
    return KLDR_STATUS_SUCCESS;
}

static kldr_status set_machine(struct ks_build_plan *plan, struct kldr_error *error)
{
    const struct kldr_build_description *description = plan->description;
    plan->machine =
        description->machine == KLDR_MACHINE_UNKNOWN ? KLDR_MACHINE_X64 : description->machine;
    if (!kldr_machine_name(plan->machine)) {
        return ks_build_plan_refuse(error, NULL, "machine 0x%04x is not one of x64, arm64, x86",
                                    (unsigned)plan->machine);
    }
    plan->wide = plan->machine != KLDR_MACHINE_X86;
    plan->pointer_size = plan->wide ? 8 : 4;
    plan->file_alignment = description->mapped_layout ? 0x1000 : 0x200;
    plan->base = description->base ? description->base
                 : plan->wide      ? UINT64_C(0x140000000)
                                   : UINT64_C(0x10000);
    if (plan->base % 0x10000 != 0) {
        return ks_build_plan_refuse(error, NULL, "the preferred base is not a multiple of 0x10000");
    }
    plan->ordinal_base = description->ordinal_base ? description->ordinal_base : 1;
    if (plan->ordinal_base > 65535) {
        return ks_build_plan_refuse(error, NULL, "the ordinal base is above 65535");
    }
    return KLDR_STATUS_SUCCESS;
}

// Slots the export address table may come to need: up to the highest ordinal asked for, or one for
// each export where none reaches that far.
static kldr_status bound_slots(const struct ks_build_plan *plan, uint32_t *out_bound,
                               struct kldr_error *error)
{
    uint32_t bound = plan->export_count;
    for (uint32_t i = 0; i < plan->export_count; i++) {
        const struct kldr_build_export *export = &plan->description->exports[i];
        if (export->ordinal == 0) {
            continue;
        }
        if (export->ordinal < plan->ordinal_base || export->ordinal > 65535) {
            return ks_build_plan_refuse(error, export->name,
                                        "ordinal %u is not between the base %u and 65535",
                                        (unsigned)export->ordinal, (unsigned)plan->ordinal_base);
        }
        if (export->ordinal - plan->ordinal_base >= bound) {
            bound = export->ordinal - plan->ordinal_base + 1;
        }
    }
    *out_bound = bound;
    return KLDR_STATUS_SUCCESS;
}

static void *allocate_scratch(struct ks_build_plan *plan, const struct kldr_allocator *allocator,
                              uint32_t slot_bound)
{
    const size_t symbols = (size_t)plan->export_count + 1 + plan->description->routine_count;
    const size_t symbol_bytes = symbols * sizeof *plan->symbols;
    const size_t order_bytes = symbols * sizeof *plan->order;
    const size_t slot_bytes = slot_bound * sizeof *plan->slots;
    char *scratch = allocator->allocate(allocator->user, symbol_bytes + order_bytes + slot_bytes);
    if (scratch) {
        plan->symbols = (struct ks_build_symbol *)(void *)scratch;
        plan->order = (uint32_t *)(void *)(scratch + symbol_bytes);
        plan->slots = plan->order + symbols;
        memset(plan->slots, 0, slot_bytes);
    }
    return scratch;
}

static kldr_status add_symbol(struct ks_build_plan *plan, const char *name, const char *what,
                              struct kldr_error *error)
{
    struct ks_build_symbol *symbol = &plan->symbols[plan->symbol_count];
    *symbol = (struct ks_build_symbol){.text = name};
    if (!ks_build_plan_measure(name, what, &symbol->length, error)) {
        return KLDR_ERROR_BAD_ARGUMENT;
    }
    plan->symbol_count++;
    return KLDR_STATUS_SUCCESS;
}

static kldr_status add_export(struct ks_build_plan *plan, const struct kldr_build_export *export,
                              struct kldr_error *error)
{
    const uint32_t number = plan->symbol_count;
    if (!export->name && export->noname && export->hole) {
        plan->symbols[plan->symbol_count++] = (struct ks_build_symbol){.text = NULL};
        return KLDR_STATUS_SUCCESS;
    }
    kldr_status status = add_symbol(plan, export->name, "the name of an export", error);
    if (!KLDR_NT_SUCCESS(status)) {
        return status;
    }
    const enum ks_build_kind kind = ks_build_plan_kind(plan, number);
    if (kind == KS_BUILD_FORWARDER) {
        uint32_t length;
        if (!ks_build_plan_measure(export->forwarder, "the target of a forwarder", &length,
                                   error)) {
            return KLDR_ERROR_BAD_ARGUMENT;
        }
        plan->export_text += length + 1;
    }
    plan->data_count += kind == KS_BUILD_DATA;
    if (!export->noname) {
        plan->name_count++;
        plan->export_text += plan->symbols[number].length + 1;
    }
    if (kind == KS_BUILD_CODE && strcmp(export->name, entry_name) == 0) {
        plan->entry = number;
    }
    return KLDR_STATUS_SUCCESS;
}

static kldr_status add_symbols(struct ks_build_plan *plan, struct kldr_error *error)
{
    const struct kldr_build_description *description = plan->description;
    kldr_status status = KLDR_STATUS_SUCCESS;
    plan->entry = KS_BUILD_NO_SYMBOL;
    for (uint32_t i = 0; i < plan->export_count && KLDR_NT_SUCCESS(status); i++) {
        status = add_export(plan, &description->exports[i], error);
    }
    if (!KLDR_NT_SUCCESS(status)) {
        return status;
    }
    if (!description->entry_point) {
        plan->entry = KS_BUILD_NO_SYMBOL;
    } else if (plan->entry == KS_BUILD_NO_SYMBOL) {
        plan->entry = plan->symbol_count;
        status = add_symbol(plan, entry_name, "DriverEntry", error);
    }
    for (size_t i = 0; i < description->routine_count && KLDR_NT_SUCCESS(status); i++) {
        status = add_symbol(plan, description->routines[i], "the name of a routine", error);
    }
    return status;
}

// One name space for exports, DriverEntry and routines: whatever has an address can be told by its
// name.
static kldr_status check_names(struct ks_build_plan *plan, struct kldr_error *error)
{
    for (uint32_t i = 0; i < plan->symbol_count; i++) {
        if (!plan->symbols[i].text) {
            continue;
        }
        plan->order[plan->named_count++] = i;
        if (ks_build_plan_kind(plan, i) == KS_BUILD_CODE) {
            plan->code_count++;
            plan->routine_text += plan->symbols[i].length + 1;
        }
    }
    ks_build_sort_by_name(plan->order, plan->named_count, plan->symbols);
    for (uint32_t i = 1; i < plan->named_count; i++) {
        const char *name = plan->symbols[plan->order[i]].text;
        if (strcmp(plan->symbols[plan->order[i - 1]].text, name) == 0) {
            return ks_build_plan_refuse(error, name, "two exports or routines have this name");
        }
    }
    return KLDR_STATUS_SUCCESS;
}

static kldr_status assign_ordinals(struct ks_build_plan *plan, struct kldr_error *error)
{
    const struct kldr_build_export *exports = plan->description->exports;
    for (uint32_t i = 0; i < plan->export_count; i++) {
        if (exports[i].ordinal == 0) {
            continue;
        }
        const uint32_t slot = exports[i].ordinal - plan->ordinal_base;
        if (plan->slots[slot] != 0) {
            return ks_build_plan_refuse(error, exports[i].name, "two exports have ordinal %u",
                                        (unsigned)exports[i].ordinal);
        }
        plan->slots[slot] = i + 1;
        plan->symbols[i].slot = slot;
        plan->slot_count = slot >= plan->slot_count ? slot + 1 : plan->slot_count;
    }
    uint32_t slot = 0;
    for (uint32_t i = 0; i < plan->export_count; i++) {
        if (exports[i].ordinal != 0) {
            continue;
        }
        while (plan->slots[slot] != 0) {
            slot++;
        }
        if (plan->ordinal_base + slot > 65535) {
            return ks_build_plan_refuse(error, exports[i].name,
                                        "no ordinal below 65536 is left for this export");
        }
        plan->slots[slot] = i + 1;
        plan->symbols[i].slot = slot;
        plan->slot_count = slot >= plan->slot_count ? slot + 1 : plan->slot_count;
    }
    return KLDR_STATUS_SUCCESS;
}

static kldr_status measure_function(struct ks_build_plan *plan,
                                    const struct kldr_build_function *function,
                                    struct kldr_error *error)
{
    if (!function->name) {
        return function->ordinal <= 65535
                   ? KLDR_STATUS_SUCCESS
                   : ks_build_plan_refuse(error, NULL, "imported ordinal %u is above 65535",
                                          (unsigned)function->ordinal);
    }
    if (function->hint > 65535) {
        return ks_build_plan_refuse(error, function->name, "hint %u is above 65535",
                                    (unsigned)function->hint);
    }
    uint32_t length;
    if (!ks_build_plan_measure(function->name, "the name of an import", &length, error)) {
        return KLDR_ERROR_BAD_ARGUMENT;
    }
    plan->hint_text += (2 + length + 1 + 1) & ~UINT32_C(1);
    return KLDR_STATUS_SUCCESS;
}

static kldr_status measure_import(struct ks_build_plan *plan,
                                  const struct kldr_build_import *import, struct kldr_error *error)
{
    uint32_t length;
    if (!ks_build_plan_measure(import->module, "the name of an imported module", &length, error)) {
        return KLDR_ERROR_BAD_ARGUMENT;
    }
    if (import->function_count > KS_BUILD_MAX_COUNT ||
        (import->function_count > 0 && !import->functions)) {
        return ks_build_plan_refuse(
            error, NULL, "the functions imported from %.200s are missing or more than %u",
            import->module, KS_BUILD_MAX_COUNT);
    }
    plan->module_text += length + 1;
    plan->cell_count += import->function_count + 1;
    plan->lookup_count += import->no_lookup_table ? 0 : import->function_count + 1;
    kldr_status status = KLDR_STATUS_SUCCESS;
    for (size_t i = 0; i < import->function_count && KLDR_NT_SUCCESS(status); i++) {
        status = measure_function(plan, &import->functions[i], error);
    }
    return status;
}

static kldr_status take_apart(struct ks_build_plan *plan, struct kldr_error *error)
{
    kldr_status status = add_symbols(plan, error);
    if (KLDR_NT_SUCCESS(status)) {
        status = check_names(plan, error);
    }
    if (KLDR_NT_SUCCESS(status)) {
        status = assign_ordinals(plan, error);
    }
    for (size_t i = 0; i < plan->description->import_count && KLDR_NT_SUCCESS(status); i++) {
        status = measure_import(plan, &plan->description->imports[i], error);
    }
    return KLDR_NT_SUCCESS(status) ? ks_build_code_take(plan, error) : status;
}

kldr_status ks_build_plan_init(struct ks_build_plan *plan, const struct kldr_allocator *allocator,
                               const struct kldr_build_description *description, void **out_scratch,
                               struct kldr_error *error)
{
    kldr_status status = check_counts(description, error);
    if (!KLDR_NT_SUCCESS(status)) {
        return status;
    }
    *plan = (struct ks_build_plan){.description = description,
                                   .export_count = (uint32_t)description->export_count};
    plan->export_directory = plan->export_count > 0 && !description->no_export_directory;
    uint32_t slot_bound = 0;
    status = set_machine(plan, error);
    if (KLDR_NT_SUCCESS(status)) {
        status = bound_slots(plan, &slot_bound, error);
    }
    if (KLDR_NT_SUCCESS(status) &&
        !ks_build_plan_measure(description->name, "the name of the image", &plan->name_length,
                               error)) {
        status = KLDR_ERROR_BAD_ARGUMENT;
    }
    if (!KLDR_NT_SUCCESS(status)) {
        return status;
    }
    void *scratch = allocate_scratch(plan, allocator, slot_bound);
    if (!scratch) {
        return KLDR_ERROR_OUT_OF_MEMORY;
    }
    status = take_apart(plan, error);
    if (!KLDR_NT_SUCCESS(status)) {
        allocator->release(allocator->user, scratch);
        return status;
    }
    *out_scratch = scratch;
    return KLDR_STATUS_SUCCESS;
}
