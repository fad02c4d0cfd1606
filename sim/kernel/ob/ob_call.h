// SPDX-License-Identifier: MIT
// For functions of the kernel that take or give objects.
#ifndef KS_KERNEL_OB_CALL_H
#define KS_KERNEL_OB_CALL_H

#include "kernel/nt_text.h"
#include "kernel/ob/ob.h"

// The object that a driver points to. NULL: there is none, and the system has stopped.
struct ks_object *ks_ob_call_object(const struct ks_kernel_call *call, uint64_t body);

// Opens a handle by OBJECT_ATTRIBUTES and puts it where out points; answers the function's result.
uint64_t ks_ob_open_call(const struct ks_kernel_call *call, uint64_t attributes_address,
                         enum ks_ob_type type, uint32_t access, uint64_t out);

// What a function returns for a status.
static inline uint64_t ks_ob_call_answer(NTSTATUS status)
{
    return (uint32_t)status;
}

// Stores a pointer or a handle where a driver wants it.
static inline void ks_ob_call_put(uint64_t address, uint64_t value)
{
    ks_guest_put_number(address, sizeof(PVOID), value);
}

#endif
