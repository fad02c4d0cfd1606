// SPDX-License-Identifier: MIT
// What a routine of a driver has to leave as it found it: the IRQL, and how often its thread has
// entered critical and guarded regions (checks irql-return and apc-return).
#ifndef KS_KERNEL_KE_RETURN_H
#define KS_KERNEL_KE_RETURN_H

#include "kernel/nt.h"

enum ks_ke_routine {
    KS_KE_DISPATCH_ROUTINE,   // subject: the device object
    KS_KE_COMPLETION_ROUTINE, // no subject
    KS_KE_DPC_ROUTINE,        // no subject
    KS_KE_WORK_ROUTINE,       // subject: the work item's argument
    KS_KE_OTHER_ROUTINE,      // no subject
};

struct ks_ke_kept {
    uint8_t irql;
    int16_t kernel_apcs, special_apcs;
};

// Before the call.
struct ks_ke_kept ks_ke_keep(struct kldr_world *world);
// After it. False when the system stopped over it. What was not kept, and is not checked, is put
// back.
bool ks_ke_is_kept(struct kldr_world *world, const struct ks_ke_kept *before,
                   enum ks_ke_routine kind, uint64_t routine, uint64_t subject);

#endif
