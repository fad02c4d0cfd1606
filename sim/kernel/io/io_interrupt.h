// SPDX-License-Identifier: MIT
// Interrupts of devices.
#ifndef KS_KERNEL_IO_INTERRUPT_H
#define KS_KERNEL_IO_INTERRUPT_H

#include "kernel/io/io_state.h"

// The device interrupts: the routines of a vector are called, one after the other, until one says
// that it was its device. Whether one did.
bool ks_io_interrupt_raise(struct kldr_world *world, uint32_t vector);
void ks_io_interrupt_free_all(struct kldr_world *world, struct ks_io_state *state);

#endif
