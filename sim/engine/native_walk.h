// SPDX-License-Identifier: MIT
// Walking over the frames of a thread of driver code: through functions of images by their unwind
// data, and through kernel functions that call drivers.
#ifndef KS_ENGINE_NATIVE_WALK_H
#define KS_ENGINE_NATIVE_WALK_H

#include "engine/native_thread.h"
#include "engine/unwind.h"

struct ks_native_walk {
    const struct kldr_world *world;
    struct ks_registers registers;      // in the frame that comes next
    const struct ks_native_frame *call; // into driver code, in which that frame is
};

enum ks_native_step {
    KS_STEP_FRAME, // a function of an image
    KS_STEP_CALL,  // the beginning of walk->call's predecessor: kernel code had called
    KS_STEP_END,   // nothing further, or nothing that makes sense
};

// From a function to its caller, or from a routine that the kernel called to the code that had
// called the kernel. Stack pointers only go up, so that every walk ends.
enum ks_native_step ks_native_step(struct ks_native_walk *walk, unsigned kind,
                                   struct ks_unwind_frame *out_frame);

// Whether driver code returns to the kernel there.
bool ks_native_is_return(const struct kldr_world *world, uint64_t address);
// The image at an address and its function table. False: none.
bool ks_native_image_at(const struct kldr_world *world, uint64_t address,
                        struct ks_unwind_image *out_image);
// Reads guest memory.
struct ks_unwind_memory ks_native_memory(const struct kldr_world *world);
// The registers that the frame below a call keeps.
bool ks_native_load_base(const struct kldr_world *world, uint64_t base, bool trapped,
                         struct ks_registers *out_registers);

#endif
