// SPDX-License-Identifier: MIT
// Device interfaces, and who wants to hear of them.
#ifndef KS_KERNEL_IO_INTERFACE_H
#define KS_KERNEL_IO_INTERFACE_H

#include "kernel/io/io_pnp.h"

struct ks_io_interface {
    struct ks_io_interface *next;
    char *name; // of the link
    GUID class_guid;
    uint64_t device; // physical device object; 0: it is gone
    uint64_t maker;
    bool enabled;
};

// All in order of registration; NULL before the first, NULL after the last.
struct ks_io_interface *ks_io_interface_next(struct kldr_world *world,
                                             const struct ks_io_interface *interface);
void ks_io_interface_free_all(struct kldr_world *world, struct ks_io_state *state);
// By name of the link, case ignored. NULL: none.
struct ks_io_interface *ks_io_interface_find(struct kldr_world *world, const char *name);
void ks_io_interface_put_guid(const GUID *guid, char text[40]);
// A device goes: its links do, too.
void ks_io_interface_forget(struct kldr_world *world, uint64_t device);

// ---- io_notify.c ----

// Tells who registered for the class that an interface came or went.
void ks_io_notify_interface(struct kldr_world *world, const struct ks_io_interface *interface,
                            bool arrived);
void ks_io_notify_free_all(struct kldr_world *world, struct ks_io_state *state);

#endif
