// SPDX-License-Identifier: MIT
#include "engine/native_caller.h"

#include "engine/native.h"
#include "engine/native_source.h"
#include "engine/native_walk.h"
#include "world/world_steps.h"

#include <stdio.h>
#include <string.h>

#define FRAMES_MOST 256u // further ones do not tell call stacks apart

// FNV-1a
#define HASH_FIRST UINT64_C(0xCBF29CE484222325)
#define HASH_PRIME UINT64_C(0x100000001B3)

#if KS_NATIVE

static uint64_t add_bytes(uint64_t hash, const void *bytes, size_t size)
{
    const uint8_t *at = bytes;
    for (size_t i = 0; i < size; i++) {
        hash = (hash ^ at[i]) * HASH_PRIME;
    }
    return hash;
}

static uint64_t add_number(uint64_t hash, uint64_t number)
{
    uint8_t bytes[8];
    for (size_t i = 0; i < sizeof bytes; i++) {
        bytes[i] = (uint8_t)(number >> (8 * i));
    }
    return add_bytes(hash, bytes, sizeof bytes);
}

static uint64_t add_place(uint64_t hash, const struct kldr_world *world, uint64_t address)
{
    struct kldr_module_info module;
    if (!ks_native_module_at(world, address, &module)) {
        return add_number(hash, 0);
    }
    hash = add_bytes(hash, module.base_name, strlen(module.base_name));
    return add_number(hash, address - module.base);
}

uint64_t ks_native_chain(const struct kldr_world *world)
{
    const struct ks_native_thread *thread = ks_native_now;
    struct ks_native_walk walk = {.world = world};
    struct ks_unwind_frame frame;
    uint64_t hash = HASH_FIRST;
    if (world->native == NULL || thread == NULL || thread->innermost == NULL) {
        return 0;
    }
    walk.call = thread->innermost;
    ks_native_call_site(thread, &walk.registers);
    for (unsigned i = 0; i < FRAMES_MOST; i++) {
        const struct ks_native_frame *call = walk.call;
        if (!ks_native_is_return(world, walk.registers.rip)) {
            hash = add_place(hash, world, walk.registers.rip);
        }
        enum ks_native_step step = ks_native_step(&walk, 0, &frame);
        if (step == KS_STEP_END) {
            break;
        }
        if (step == KS_STEP_CALL) {
            hash = add_number(hash, call->called ? call->number : 0);
        }
    }
    return hash != 0 ? hash : 1;
}

#else

uint64_t ks_native_chain(const struct kldr_world *world)
{
    (void)world;
    return 0;
}

#endif

// ---- function and line ----

// Names come from the driver's file.
static void copy_name(char to[KS_SOURCE_NAME_SIZE], const char *name)
{
    size_t i = 0;
    for (; name != NULL && name[i] != '\0' && i + 1 < KS_SOURCE_NAME_SIZE; i++) {
        to[i] = name[i];
        if ((unsigned char)name[i] < 0x20 || (unsigned char)name[i] >= 0x7F) {
            to[i] = '?';
        }
    }
    to[i] = '\0';
}

// The function that holds an RVA by the function table, when an export or the entry point is it.
static const char *exported_at(const struct kldr_world *world,
                               const struct kldr_module_info *module, uint64_t address)
{
    const struct ks_unwind_memory memory = ks_native_memory(world);
    struct ks_unwind_image image;
    struct ks_unwind_function function;
    struct kldr_export found;
    if (!ks_native_image_at(world, address, &image) ||
        !ks_unwind_find(&memory, &image, address, &function)) {
        return NULL;
    }
    for (uint32_t i = 0; kldr_image_export_name_at(module->image, i, &found); i++) {
        if (found.name != NULL && found.forwarder == NULL && found.rva == function.begin) {
            return found.name;
        }
    }
    return kldr_image_info(module->image)->entry_rva == function.begin ? "entry point" : NULL;
}

void ks_native_find_source(const struct kldr_world *world, const struct kldr_module_info *module,
                           uint64_t address, struct ks_native_source *out_source)
{
    struct ks_source source;
    memset(out_source, 0, sizeof *out_source);
    if (world->native == NULL) {
        return;
    }
    // The byte before lies in the line of the call.
    if (ks_native_source_at(world, module, address - 1, &source) && !source.is_nearest) {
        copy_name(out_source->function, source.function);
        copy_name(out_source->file, source.file);
        out_source->line = source.file != NULL ? source.line : 0;
        return;
    }
    copy_name(out_source->function, exported_at(world, module, address));
}
