// SPDX-License-Identifier: MIT
// I/O request packets: what kldr knows of each, and their way down and up a stack.
#ifndef KS_KERNEL_IO_IRP_H
#define KS_KERNEL_IO_IRP_H

#include "kernel/io/io_driver.h"

// Known of an IRP that IoAllocateIrp or kldr itself made. One that a driver made of its own memory
// (IoInitializeIrp) has no record.
struct ks_io_irp {
    uint64_t address;
    uint64_t maker; // code on whose behalf it was made; 0: kldr's own
    int locations;  // of its stack
    bool threaded;  // belongs to its thread: the system frees it when it is completed
    bool sent;      // was passed to a driver, and is not completed to its end
    bool arrived;   // at its maker's completion routine, which kept it
    bool ended;     // completed to its end: see done
    // Of io_pending.c: which IRP it is, how often it was sent anew, and of locations, as bits.
    uint64_t serial;
    uint32_t trip;
    uint64_t passed, marked, promised;
    // Called when it is completed to its end, in place of what is usual; it frees the IRP, at once
    // or later.
    void (*done)(struct kldr_world *world, struct ks_io_irp *irp);
    void *user;
    struct ks_io_irp *bucket;          // next of the same hash
    struct ks_io_irp *next, *previous; // of all, in order of creation
};

// The caller of a driver: code at an address, or kldr itself (0), for stops.
struct ks_io_actor {
    struct kldr_world *world;
    uint64_t address;
};

static inline struct ks_kernel_call ks_io_actor_call(const struct ks_io_actor *actor)
{
    return (struct ks_kernel_call){.world = actor->world, .caller = actor->address};
}

// ---- io_irp.c ----

// NULL: no memory.
struct ks_io_irp *ks_io_irp_make(struct kldr_world *world, int stack_size, uint64_t maker);
void ks_io_irp_free(struct kldr_world *world, struct ks_io_irp *irp);
// NULL: kldr did not make it, or it is gone.
struct ks_io_irp *ks_io_irp_find(struct kldr_world *world, uint64_t address);
// All in order of creation; NULL before the first, NULL after the last.
struct ks_io_irp *ks_io_irp_next(struct kldr_world *world, const struct ks_io_irp *irp);

// ---- io_call.c ----

// As IofCallDriver. False: the system stopped.
bool ks_io_call(const struct ks_io_actor *actor, uint64_t device, uint64_t irp,
                NTSTATUS *out_status);

// ---- io_complete.c ----

// As IofCompleteRequest.
void ks_io_complete(const struct ks_io_actor *actor, uint64_t irp);
// Brings the output of one that is completed to its end to who asked, and frees it and its buffers.
void ks_io_complete_deliver(struct kldr_world *world, uint64_t irp);

// ---- io_cancel.c ----

// As IoCancelIrp: whether there was a cancel routine, which was called.
bool ks_io_cancel(const struct ks_kernel_call *call, uint64_t irp);

#endif
