// SPDX-License-Identifier: MIT
// The simulated kernel for drivers that the host's compiler made (struct kldr_host_wdm).
//
// The library kldr::ddk has a function for each that drivers call; these two are what it is made
// of. A call belongs to the world whose driver runs on this thread, or else to the one that got a
// driver of that kind last.
#ifndef KLDR_HOST_KERNEL_H
#define KLDR_HOST_KERNEL_H

#include <stdint.h>

// The number of a kernel function, the same in every world. 0: kldr does not simulate it.
uint32_t kldr_host_kernel_find(const char *name);

// Calls it with arguments as numbers of 64 bits: pointers and integers, as many as it takes. Does
// not return when the simulated system stops, unless no driver is being called. number 0 stops the
// system: kldr lacks the function.
uint64_t kldr_host_kernel_call(uint32_t number, const uint64_t *arguments);

#endif
