// SPDX-License-Identifier: MIT
// Ke: the driver stops the system itself.

#include "kernel/functions.h"

#include "engine/native.h"

uint64_t ks_ke_bug_check(const struct ks_kernel_call *call)
{
    static const uint64_t none[KLDR_EVENT_PARAMETERS];
    ks_native_stop(call->world, call->caller, (uint32_t)call->arguments[0], none,
                   "called KeBugCheck");
    return 0;
}

uint64_t ks_ke_bug_check_ex(const struct ks_kernel_call *call)
{
    ks_native_stop(call->world, call->caller, (uint32_t)call->arguments[0], call->arguments + 1,
                   "called KeBugCheckEx");
    return 0;
}
