// SPDX-License-Identifier: MIT
// CPUID in the code of images: made to trap, where it can be found. It is replaced by UD2, which
// has two bytes as well.

#include "engine/emulate_find.h"
#include "engine/native.h"
#include "engine/native_watch.h"
#include "kernel/functions.h"
#include "world/world_steps.h"

#include <string.h>

#define SCN_EXECUTE   0x20000000u
#define SECTIONS_MOST 96
#define FUNCTION_SIZE 12u // RUNTIME_FUNCTION, which begins with the function's RVA

static const uint8_t cpuid[2] = {0x0F, 0xA2}, ud2[2] = {0x0F, 0x0B};

// ---- where code lies and begins ----

static size_t find_ranges(const struct kldr_module_info *module,
                          struct ks_code_range ranges[SECTIONS_MOST])
{
    struct kldr_section section;
    size_t count = 0;
    for (unsigned i = 0; count < SECTIONS_MOST && kldr_image_section(module->image, i, &section);
         i++) {
        if ((section.characteristics & SCN_EXECUTE) != 0 && section.rva < module->size &&
            section.virtual_size <= module->size - section.rva) {
            ranges[count++] = (struct ks_code_range){section.rva, section.virtual_size};
        }
    }
    return count;
}

// Most images have none of it, and need no search.
static bool has_bytes(const struct ks_code *code)
{
    for (size_t i = 0; i < code->range_count; i++) {
        const uint8_t *at = code->bytes + code->ranges[i].first;
        const uint8_t *end = at + code->ranges[i].size - 1;
        while (at < end && (at = memchr(at, cpuid[0], (size_t)(end - at))) != NULL) {
            if (at[1] == cpuid[1]) {
                return true;
            }
            at++;
        }
    }
    return false;
}

static bool find_begins(const struct kldr_allocator *allocator,
                        const struct kldr_module_info *module, struct ks_code_places *begins)
{
    const struct kldr_image_info *info = kldr_image_info(module->image);
    const struct kldr_data_directory *table = &info->directory[KLDR_DIRECTORY_EXCEPTION];
    struct kldr_export export;
    bool enough = ks_code_places_add(allocator, begins, info->entry_rva);
    for (uint32_t i = 0; enough && kldr_image_export_name_at(module->image, i, &export); i++) {
        if (export.name != NULL && export.forwarder == NULL) {
            enough = ks_code_places_add(allocator, begins, export.rva);
        }
    }
    if (table->rva >= module->size || table->size > module->size - table->rva) {
        return enough;
    }
    for (uint32_t at = 0; enough && table->size - at >= FUNCTION_SIZE; at += FUNCTION_SIZE) {
        uint64_t begin = ks_guest_number(module->base + table->rva + at, 4);
        enough = ks_code_places_add(allocator, begins, (uint32_t)begin);
    }
    return enough;
}

// ---- what is made of it ----

static bool replace(struct kldr_world *world, const struct kldr_module_info *module,
                    const struct ks_code_places *found)
{
    struct ks_native *native = world->native;
    const struct kldr_allocator *allocator = &world->allocator;
    size_t count = native->cpuid_count + found->count;
    uint64_t *grown = allocator->reallocate(allocator->user, native->cpuids, count * sizeof *grown);
    if (grown == NULL) {
        return false;
    }
    native->cpuids = grown;
    for (size_t i = 0; i < found->count; i++) {
        uint64_t address = module->base + found->rvas[i];
        memcpy(ks_guest_pointer(address), ud2, sizeof ud2);
        native->cpuids[native->cpuid_count++] = address;
    }
    return true;
}

bool ks_native_trap_cpuid(struct kldr_world *world, const struct kldr_module_info *module)
{
    const struct kldr_allocator *allocator = &world->allocator;
    struct ks_code_range ranges[SECTIONS_MOST];
    struct ks_code code = {ks_guest_pointer(module->base), ranges, find_ranges(module, ranges),
                           module->size};
    struct ks_code_places begins = {0}, found = {0};
    if (!has_bytes(&code)) {
        return true;
    }
    bool enough = find_begins(allocator, module, &begins) &&
                  ks_emulate_find_cpuid(allocator, &code, &begins, &found) &&
                  (found.count == 0 || replace(world, module, &found));
    allocator->release(allocator->user, begins.rvas);
    allocator->release(allocator->user, found.rvas);
    return enough;
}

bool ks_native_is_cpuid(const struct kldr_world *world, const struct ks_native_trap *trap)
{
    const struct ks_native *native = world->native;
    for (size_t i = 0; trap->vector == KS_VECTOR_OPCODE && i < native->cpuid_count; i++) {
        if (native->cpuids[i] == trap->registers.rip) {
            return true;
        }
    }
    return false;
}
