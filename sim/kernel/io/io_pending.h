// SPDX-License-Identifier: MIT
// Whether what dispatch routines return agrees with what they did with the IRP (finding
// pending-mismatch).
#ifndef KS_KERNEL_IO_PENDING_H
#define KS_KERNEL_IO_PENDING_H

#include "kernel/io/io_irp.h"

// One call of a dispatch routine. The IRP may be gone when it is over.
struct ks_io_visit {
    struct ks_io_irp *irp; // NULL: kldr has no record of it, and says nothing
    uint64_t address;
    uint64_t serial;
    uint32_t trip;
    int location;
    uint64_t routine;
};

// A routine is about to be called with an IRP at a location.
struct ks_io_visit ks_io_pending_enter(struct ks_io_irp *irp, int location, uint64_t routine);
// It came back with a status.
void ks_io_pending_leave(struct kldr_world *world, const struct ks_io_visit *visit,
                         NTSTATUS status);
// The IRP goes up past a location, whose number is counted from 1.
void ks_io_pending_pass(struct kldr_world *world, struct ks_io_irp *irp, int number,
                        const IO_STACK_LOCATION *location);

#endif
