// SPDX-License-Identifier: MIT
// The pointer slots of host-compiled drivers, and what stands in a slot that must not be called.
#ifndef KS_ENGINE_HOST_SLOTS_H
#define KS_ENGINE_HOST_SLOTS_H

#include "engine/engine.h"

#include <kldr/image_builder.h>

#include <setjmp.h>

// A host driver as a file's description. Owned by the file.
struct ks_host_image {
    const struct kldr_host_driver *driver;
    struct kldr_built_image built;
};

// A call into host-compiled code that is under way on this thread. A stop function called inside it
// comes back here, so that the driver's code does not go on in a world that has ended.
struct ks_host_frame {
    struct ks_host_frame *outer;
    struct kldr_world *world;
    uint64_t base; // of the image whose code runs; 0: unknown
    jmp_buf back;
};
void ks_host_frame_push(struct ks_host_frame *frame, struct kldr_world *world);
void ks_host_frame_pop(struct ks_host_frame *frame);
// The innermost call; NULL: none.
struct ks_host_frame *ks_host_frame_innermost(void);
// Another stack is in use from now on: its innermost call instead of this one's, which is returned.
struct ks_host_frame *ks_host_frame_exchange(struct ks_host_frame *frame);

// Writes the slots of a bound image.
void ks_host_bind_slots(struct ks_instance *instance, uint32_t module_id);

// An image goes: its own slots, and those of others that point into it, stop whoever calls them
// (0xCE).
void ks_host_release_slots(struct ks_instance *instance);

// The world ends: no stop function of this thread may touch it any more.
void ks_host_forget_world(const struct kldr_world *world);

#endif
