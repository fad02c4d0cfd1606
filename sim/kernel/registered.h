// SPDX-License-Identifier: MIT
// Routines that drivers registered to be called later, for whoever checks what a driver that goes
// leaves behind. Each component shows its own, in the order in which they were registered.
#ifndef KS_KERNEL_REGISTERED_H
#define KS_KERNEL_REGISTERED_H

#include "kernel/nt.h"

struct ks_registered {
    const char *kind; // "callback", "notification", "interrupt", ...
    uint64_t routine;
    uint64_t maker;  // code that registered it
    uint64_t object; // body of the object that it is registered with; 0: none
};

typedef void (*ks_registered_see)(void *user, const struct ks_registered *registered);

void ks_ex_callback_see(struct kldr_world *world, ks_registered_see see, void *user);
void ks_io_interrupt_see(struct kldr_world *world, ks_registered_see see, void *user);
void ks_io_notify_see(struct kldr_world *world, ks_registered_see see, void *user);
void ks_ke_bugcheck_see(struct kldr_world *world, ks_registered_see see, void *user);
void ks_io_register_see(struct kldr_world *world, ks_registered_see see, void *user);

#endif
