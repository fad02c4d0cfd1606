// SPDX-License-Identifier: MIT
// Routines of drivers that are told of threads and images. Where none is registered nothing is
// called or taken.
#ifndef KS_KERNEL_PS_NOTIFY_H
#define KS_KERNEL_PS_NOTIFY_H

#include <kldr/loader.h>
#include <kldr/world.h>

// A thread of a driver's was made, or the current thread ends.
void ks_ps_notify_thread(struct kldr_world *world, uint64_t thread_id, bool created);
// An image is bound; none of its code has run (L17).
void ks_ps_notify_image(struct kldr_world *world, const struct kldr_module_info *module);

#endif
