// SPDX-License-Identifier: MIT
// Rtl: exceptions that a driver raises. No handler of a driver is searched for yet, so each is one
// that nobody handles.

#include "kernel/nt.h"

#define STOP_SYSTEM_THREAD_EXCEPTION 0x7Eu

static uint64_t raise(const struct ks_kernel_call *call, uint64_t code)
{
    return ks_nt_stop(call, STOP_SYSTEM_THREAD_EXCEPTION, (uint32_t)code, call->caller, 0, 0,
                      "an exception was raised that nobody handles");
}

uint64_t ks_rtl_raise_status(const struct ks_kernel_call *call)
{
    return raise(call, call->arguments[0]);
}

uint64_t ks_rtl_raise_exception(const struct ks_kernel_call *call)
{
    return raise(call, ks_guest_number(call->arguments[0], 4)); // ExceptionCode of the record
}
