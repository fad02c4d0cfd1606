// SPDX-License-Identifier: MIT
// Rtl: exceptions that a driver raises. No handler of a driver is searched for yet, so each is one
// that nobody handles.

#include "kernel/functions.h"

#include "engine/native.h"

#define STOP_SYSTEM_THREAD_EXCEPTION 0x7Eu

static uint64_t raise(const struct ks_kernel_call *call, uint64_t code)
{
    const uint64_t parameters[KLDR_EVENT_PARAMETERS] = {(uint32_t)code, call->caller, 0, 0};
    ks_native_stop(call->world, call->caller, STOP_SYSTEM_THREAD_EXCEPTION, parameters,
                   "an exception was raised that nobody handles");
    return 0;
}

uint64_t ks_rtl_raise_status(const struct ks_kernel_call *call)
{
    return raise(call, call->arguments[0]);
}

uint64_t ks_rtl_raise_exception(const struct ks_kernel_call *call)
{
    return raise(call, ks_guest_number(call->arguments[0], 4)); // ExceptionCode of the record
}
