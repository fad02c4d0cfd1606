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

// ---- those without a component of their own (registered.c) ----

enum ks_registered_kind {
    KS_REGISTERED_DEBUG_PRINT,
    KS_REGISTERED_FILE_SYSTEM,
    KS_REGISTERED_FILE_SYSTEM_CHANGE,
    KS_REGISTERED_POWER_SETTING,
    KS_REGISTERED_PROCESSOR,
    KS_REGISTERED_REGISTRY,
    KS_REGISTERED_WMI,
};

struct ks_registration {
    struct ks_registration *next;
    enum ks_registered_kind kind;
    uint64_t routine, context, maker;
    uint64_t handle; // a number that the driver gives back
    char *text;      // the kind's own; freed with it
    bool gone;       // is freed when nobody goes through the list any more
};

// A new one, the last of the list. NULL: no memory, or the driver has too many.
struct ks_registration *ks_registered_add(const struct ks_kernel_call *call,
                                          enum ks_registered_kind kind, uint64_t routine,
                                          uint64_t context);
struct ks_registration *ks_registered_find(const struct kldr_world *world,
                                           enum ks_registered_kind kind, uint64_t handle);
void ks_registered_drop(struct kldr_world *world, struct ks_registration *registration);
// Of one kind, in order; NULL before the first, and NULL past the last.
struct ks_registration *ks_registered_next(const struct kldr_world *world,
                                           enum ks_registered_kind kind,
                                           const struct ks_registration *after);
// Between the two none is freed: routines may be called, which may drop themselves and others.
void ks_registered_hold(struct kldr_world *world);
void ks_registered_release(struct kldr_world *world);

// ---- showing ----

typedef void (*ks_registered_see)(void *user, const struct ks_registered *registered);

// Resources and lookaside lists, which have no routine.
void ks_ex_tracked_see(struct kldr_world *world, ks_registered_see see, void *user);
// Work items of IoAllocateWorkItem and IoInitializeWorkItem, by who made them.
void ks_io_work_see(struct kldr_world *world, ks_registered_see see, void *user);
void ks_ex_callback_see(struct kldr_world *world, ks_registered_see see, void *user);
void ks_io_interrupt_see(struct kldr_world *world, ks_registered_see see, void *user);
void ks_io_notify_see(struct kldr_world *world, ks_registered_see see, void *user);
void ks_registered_list_see(struct kldr_world *world, ks_registered_see see, void *user);
void ks_ke_bugcheck_see(struct kldr_world *world, ks_registered_see see, void *user);
void ks_mm_view_see(struct kldr_world *world, ks_registered_see see, void *user);
void ks_ps_notify_see(struct kldr_world *world, ks_registered_see see, void *user);
void ks_io_register_see(struct kldr_world *world, ks_registered_see see, void *user);

#endif
