// SPDX-License-Identifier: MIT
// Function and source line of an address in an image, read from its file and from its PDB when they
// are first asked for.
#ifndef KS_ENGINE_NATIVE_SOURCE_H
#define KS_ENGINE_NATIVE_SOURCE_H

#include "symbols/symbols.h"

#include <kldr/world.h>

struct ks_instance;

// False when nothing is known. A PDB that is there and cannot be used is told once, as a note of
// kind "symbols". The texts are valid until the next question about the image.
bool ks_native_source_at(const struct kldr_world *world, const struct kldr_module_info *module,
                         uint64_t address, struct ks_source *out_source);

#define KS_NATIVE_PLACE_SIZE 320u

// A place in an image, for people, also in one that is about to be given up: "mini.sys+0x1234
// (start, mini.c:12)". returns: it is where a call returns to, not where a routine begins.
void ks_native_describe(struct ks_instance *instance, const char *name, uint32_t module_id,
                        uint64_t rva, bool returns, char text[KS_NATIVE_PLACE_SIZE]);
// The same of a loaded module.
void ks_native_describe_at(const struct kldr_world *world, const struct kldr_module_info *module,
                           uint64_t address, bool returns, char text[KS_NATIVE_PLACE_SIZE]);

#endif
