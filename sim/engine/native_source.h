// SPDX-License-Identifier: MIT
// Function and source line of an address in an image, read from its file and from its PDB when they
// are first asked for.
#ifndef KS_ENGINE_NATIVE_SOURCE_H
#define KS_ENGINE_NATIVE_SOURCE_H

#include "symbols/symbols.h"

#include <kldr/world.h>

// False when nothing is known. A PDB that is there and cannot be used is told once, as a note of
// kind "symbols". The texts are valid until the next question about the image.
bool ks_native_source_at(const struct kldr_world *world, const struct kldr_module_info *module,
                         uint64_t address, struct ks_source *out_source);

#endif
