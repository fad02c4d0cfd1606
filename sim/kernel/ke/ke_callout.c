// SPDX-License-Identifier: MIT
// Ke: routines that are called on a larger stack. The stack of a simulated thread has one size;
// what asks for more than Windows grants is refused, and the routine runs on the stack there is.

#include "kernel/nt.h"

#include <kldr/ddk/ntdef.h>

#define LARGEST_EXPANSION 0x11000u // MAXIMUM_EXPANSION_SIZE of x64, rounded up

static uint64_t call_out(const struct ks_kernel_call *call, uint64_t size)
{
    const uint64_t arguments[] = {call->arguments[1]};
    if (size > LARGEST_EXPANSION) {
        return KS_STATUS(STATUS_INVALID_PARAMETER_3);
    }
    ks_nt_call_open(call->world, call->arguments[0], arguments, 1, NULL);
    return KS_STATUS(STATUS_SUCCESS);
}

// (routine, parameter, size)
uint64_t ks_ke_expand_stack(const struct ks_kernel_call *call)
{
    return call_out(call, call->arguments[2]);
}

// (routine, parameter, size, wait, context): context is reserved.
uint64_t ks_ke_expand_stack_ex(const struct ks_kernel_call *call)
{
    return call->arguments[4] != 0 ? KS_STATUS(STATUS_INVALID_PARAMETER_5)
                                   : call_out(call, call->arguments[2]);
}
