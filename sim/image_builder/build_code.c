// SPDX-License-Identifier: MIT
// Routines with code of their own. Code is put where its routine's RVA is and its references are
// filled in as displacements, so it needs no base relocations.
#include "image_builder/build_plan.h"

#include <string.h>

#define CODE_MOST      0x10000u // bytes of one routine
#define CODE_DATA_MOST 0x100000u

static struct ks_build_symbol *find_symbol(const struct ks_build_plan *plan, const char *name)
{
    uint32_t low = 0, high = plan->named_count;
    while (name && low < high) {
        const uint32_t middle = low + (high - low) / 2;
        const uint32_t number = plan->order[middle];
        const int order = strcmp(name, plan->symbols[number].text);
        if (order == 0) {
            return ks_build_plan_kind(plan, number) == KS_BUILD_CODE ? &plan->symbols[number]
                                                                     : NULL;
        }
        if (order < 0) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return NULL;
}

static kldr_status check_fixup(const struct ks_build_plan *plan, const struct kldr_build_code *code,
                               const struct kldr_build_fixup *fixup, struct kldr_error *error)
{
    const struct kldr_build_description *description = plan->description;
    bool good = false;
    switch (fixup->kind) {
    case KLDR_FIXUP_IMPORT:
        good = fixup->import < description->import_count &&
               fixup->function < description->imports[fixup->import].function_count;
        break;
    case KLDR_FIXUP_ROUTINE:
        good = find_symbol(plan, fixup->routine) != NULL;
        break;
    case KLDR_FIXUP_DATA:
        good = fixup->data_offset < description->code_data_size;
        break;
    }
    if (!good || code->size < 4 || fixup->offset > code->size - 4) {
        return ks_build_plan_refuse(error, code->routine,
                                    "the code refers to something that the image does not have");
    }
    return KLDR_STATUS_SUCCESS;
}

static kldr_status take_code(struct ks_build_plan *plan, const struct kldr_build_code *code,
                             struct kldr_error *error)
{
    struct ks_build_symbol *symbol = find_symbol(plan, code->routine);
    if (!symbol || symbol->code) {
        return ks_build_plan_refuse(error, code->routine,
                                    symbol ? "this routine has code twice"
                                           : "there is code for a routine that does not exist");
    }
    if (!code->bytes || code->size == 0 || code->size > CODE_MOST) {
        return ks_build_plan_refuse(error, code->routine, "the code is empty or larger than %u",
                                    CODE_MOST);
    }
    kldr_status status = KLDR_STATUS_SUCCESS;
    for (size_t i = 0; i < code->fixup_count && KLDR_NT_SUCCESS(status); i++) {
        status = check_fixup(plan, code, &code->fixups[i], error);
    }
    symbol->code = code;
    return status;
}

kldr_status ks_build_code_take(struct ks_build_plan *plan, struct kldr_error *error)
{
    const struct kldr_build_description *description = plan->description;
    kldr_status status = KLDR_STATUS_SUCCESS;
    if (description->code_count > 0 && plan->machine != KLDR_MACHINE_X64) {
        return ks_build_plan_refuse(error, NULL, "only x64 images can be given code");
    }
    if (description->code_data_size > CODE_DATA_MOST) {
        return ks_build_plan_refuse(error, NULL, "the data of the code is larger than %u",
                                    CODE_DATA_MOST);
    }
    for (size_t i = 0; i < description->code_count && KLDR_NT_SUCCESS(status); i++) {
        status = take_code(plan, &description->code[i], error);
    }
    plan->code_size = 0;
    for (uint32_t i = 0; i < plan->symbol_count; i++) {
        plan->code_size += ks_build_code_size(plan, i);
    }
    return status;
}

uint32_t ks_build_code_size(const struct ks_build_plan *plan, uint32_t symbol)
{
    if (ks_build_plan_kind(plan, symbol) != KS_BUILD_CODE) {
        return 0;
    }
    const struct kldr_build_code *code = plan->symbols[symbol].code;
    return code ? (code->size + KS_BUILD_ROUTINE - 1) / KS_BUILD_ROUTINE * KS_BUILD_ROUTINE
                : KS_BUILD_ROUTINE;
}

static uint32_t cell_rva(const struct ks_build_plan *plan, uint32_t import, uint32_t function)
{
    uint32_t rva = plan->tables.iat;
    for (uint32_t i = 0; i < import; i++) {
        rva += (uint32_t)(plan->description->imports[i].function_count + 1) * plan->pointer_size;
    }
    return rva + function * plan->pointer_size;
}

static uint32_t target_rva(const struct ks_build_plan *plan, const struct kldr_build_fixup *fixup)
{
    switch (fixup->kind) {
    case KLDR_FIXUP_IMPORT:
        return cell_rva(plan, fixup->import, fixup->function);
    case KLDR_FIXUP_ROUTINE:
        return find_symbol(plan, fixup->routine)->rva;
    case KLDR_FIXUP_DATA:
        break;
    }
    return plan->code_data_rva + fixup->data_offset;
}

void ks_build_code_write(const struct ks_build_plan *plan, uint8_t *bytes)
{
    const struct ks_build_section *text = &plan->sections[KS_BUILD_TEXT];
    for (uint32_t i = 0; i < plan->symbol_count; i++) {
        const struct ks_build_symbol *symbol = &plan->symbols[i];
        if (!symbol->code) {
            continue;
        }
        uint8_t *at = bytes + text->raw_offset + (symbol->rva - text->rva);
        memcpy(at, symbol->code->bytes, symbol->code->size);
        for (size_t j = 0; j < symbol->code->fixup_count; j++) {
            const struct kldr_build_fixup *fixup = &symbol->code->fixups[j];
            ks_build_put32(at + fixup->offset,
                           target_rva(plan, fixup) - (symbol->rva + fixup->offset + 4));
        }
    }
}
