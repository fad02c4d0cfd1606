// SPDX-License-Identifier: MIT
// The image builder's public functions: plan, allocate once, write, break.
#include "image_builder/build_plan.h"

#include <stdio.h>
#include <string.h>

static const struct kldr_allocator *or_default(const struct kldr_allocator *allocator)
{
    return allocator ? allocator : kldr_allocator_default();
}

// The routines and their names, in one block.
static kldr_status list_routines(const struct ks_build_plan *plan,
                                 const struct kldr_allocator *allocator,
                                 struct kldr_build_routine **out_routines)
{
    *out_routines = NULL;
    if (plan->code_count == 0) {
        return KLDR_STATUS_SUCCESS;
    }
    const size_t table = plan->code_count * sizeof **out_routines;
    char *block = allocator->allocate(allocator->user, table + (size_t)plan->routine_text);
    if (!block) {
        return KLDR_ERROR_OUT_OF_MEMORY;
    }
    struct kldr_build_routine *routine = (struct kldr_build_routine *)(void *)block;
    char *text = block + table;
    *out_routines = routine;
    for (uint32_t i = 0; i < plan->symbol_count; i++) {
        const struct ks_build_symbol *symbol = &plan->symbols[i];
        if (symbol->text && ks_build_plan_kind(plan, i) == KS_BUILD_CODE) {
            *routine++ = (struct kldr_build_routine){.name = text, .rva = symbol->rva};
            memcpy(text, symbol->text, symbol->length + 1);
            text += symbol->length + 1;
        }
    }
    return KLDR_STATUS_SUCCESS;
}

static kldr_status write_image(const struct ks_build_plan *plan,
                               const struct kldr_allocator *allocator,
                               struct kldr_built_image *out_built)
{
    struct kldr_built_image built = {.routine_count = plan->code_count};
    built.bytes = allocator->allocate(allocator->user, plan->file_size);
    if (!built.bytes) {
        return KLDR_ERROR_OUT_OF_MEMORY;
    }
    const kldr_status status = list_routines(plan, allocator, &built.routines);
    if (!KLDR_NT_SUCCESS(status)) {
        allocator->release(allocator->user, built.bytes);
        return status;
    }
    memset(built.bytes, 0, plan->file_size);
    ks_build_headers_write(plan, built.bytes);
    ks_build_imports_write(plan, built.bytes);
    ks_build_exports_write(plan, built.bytes);
    ks_build_sections_write(plan, built.bytes);
    ks_build_code_write(plan, built.bytes);
    built.size = ks_build_broken_apply(plan, built.bytes);
    *out_built = built;
    return KLDR_STATUS_SUCCESS;
}

kldr_status kldr_image_build(const struct kldr_allocator *allocator,
                             const struct kldr_build_description *description,
                             struct kldr_built_image *out_built, struct kldr_error *error)
{
    allocator = or_default(allocator);
    kldr_error_clear(error);
    struct ks_build_plan plan;
    void *scratch = NULL;
    kldr_status status = ks_build_plan_init(&plan, allocator, description, &scratch, error);
    if (KLDR_NT_SUCCESS(status)) {
        status = ks_build_layout_place(&plan, error);
    }
    if (KLDR_NT_SUCCESS(status)) {
        status = write_image(&plan, allocator, out_built);
    }
    if (scratch) {
        allocator->release(allocator->user, scratch);
    }
    if (status == KLDR_ERROR_OUT_OF_MEMORY) {
        kldr_error_set(error, status, KLDR_ORIGIN_HOST, KLDR_STAGE_INPUT,
                       "no memory to build an image");
    }
    if (!KLDR_NT_SUCCESS(status) && error && description->name) {
        snprintf(error->module, sizeof error->module, "%.*s", KLDR_NAME_SIZE - 1,
                 description->name);
    }
    return status;
}

void kldr_built_image_free(const struct kldr_allocator *allocator, struct kldr_built_image *built)
{
    if (!built) {
        return;
    }
    allocator = or_default(allocator);
    allocator->release(allocator->user, built->bytes);
    allocator->release(allocator->user, built->routines);
    *built = (struct kldr_built_image){0};
}
