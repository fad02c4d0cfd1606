// SPDX-License-Identifier: MIT
// Between the simulated kernel and code that the host's compiler made.
#ifndef KS_ENGINE_HOST_KERNEL_H
#define KS_ENGINE_HOST_KERNEL_H

#include <kldr/host_kernel.h>
#include <kldr/world.h>

// Calls code at an address of the host, with up to eight arguments. False: the system stopped while
// it ran, and the rest of it was given up.
bool ks_host_call(struct kldr_world *world, uint64_t function, const uint64_t *arguments,
                  size_t count, uint64_t *out_result);
// Where such code finds a function of the kernel that it gets by address. 0: not among them.
uint64_t ks_host_routine_address(const char *name);
// A driver of the kind was added to a world.
void ks_host_kernel_use(struct kldr_world *world);
// The world ends.
void ks_host_kernel_forget(const struct kldr_world *world);

#endif
