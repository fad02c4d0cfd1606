// SPDX-License-Identifier: MIT
// Where driver code is that calls the kernel: its call stack as a number, and function and line.
#ifndef KS_ENGINE_NATIVE_CALLER_H
#define KS_ENGINE_NATIVE_CALLER_H

#include <kldr/image.h>
#include <kldr/loader.h>
#include <kldr/world.h>

#define KS_SOURCE_NAME_SIZE 96u

struct ks_native_source {
    char function[KS_SOURCE_NAME_SIZE]; // debug information, else export or "entry point"; "": none
    char file[KS_SOURCE_NAME_SIZE];     // base name; "": not known
    uint32_t line;                      // 0: not known
};

// What the return addresses on the stack of the kernel call under way come to, as modules and
// offsets; the same call stack has the same number in every run. 0: no code of real images runs.
uint64_t ks_native_chain(const struct kldr_world *world);

// Whose call returns to an address in a module. Names have no control characters.
void ks_native_find_source(const struct kldr_world *world, const struct kldr_module_info *module,
                           uint64_t address, struct ks_native_source *out_source);

#endif
