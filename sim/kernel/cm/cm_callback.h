// SPDX-License-Identifier: MIT
// Routines of drivers around operations on the registry: one is told of an operation before it is
// done, and may refuse it or do it itself, and afterwards, and may change the answer.
#ifndef KS_KERNEL_CM_CALLBACK_H
#define KS_KERNEL_CM_CALLBACK_H

#include "kernel/registered.h"

#include <kldr/ddk/ntdef.h>

#define KS_CM_CALLBACKS 100u // at once

// One operation, as those see it that are told.
struct ks_cm_told {
    uint64_t information; // REG_..._INFORMATION, in memory of drivers
    uint32_t context_at;  // of CallContext in it
    uint32_t before, after;
    // Those that let it pass, in the order in which they were told, each with its CallContext.
    struct ks_registration *called[KS_CM_CALLBACKS];
    uint64_t contexts[KS_CM_CALLBACKS];
    unsigned count;
    bool bypassed; // one did it in the registry's place
};

bool ks_cm_callback_any(const struct kldr_world *world);
// False: the operation is not to be done, and *out_status is its answer, or the system stopped.
// Either way ks_cm_callback_after must follow.
bool ks_cm_callback_before(struct kldr_world *world, struct ks_cm_told *told, NTSTATUS *out_status);
// object: the body of the operation's key, 0 when it failed. Answers the status for the caller.
NTSTATUS ks_cm_callback_after(struct kldr_world *world, struct ks_cm_told *told, uint64_t object,
                              NTSTATUS status);

#endif
