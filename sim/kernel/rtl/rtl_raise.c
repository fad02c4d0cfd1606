// SPDX-License-Identifier: MIT
// Rtl, Ex: exceptions that a driver raises.

#include "kernel/rtl/rtl_exception.h"

#include "engine/native.h"
#include "world/world_steps.h"

#define NOBODY "an exception was raised that nobody handles"

void ks_exception_raise_at_caller(const struct ks_kernel_call *call,
                                  const struct ks_exception *exception, const char *text)
{
    struct ks_registers registers;
    if (call->world->native == NULL) { // the host's own code, which has no such exceptions
        const uint64_t parameters[KLDR_EVENT_PARAMETERS] = {exception->code, exception->address};
        ks_native_stop(call->world, call->caller, KS_STOP_SYSTEM_THREAD_EXCEPTION, parameters,
                       text);
        return;
    }
    ks_native_call_site(ks_native_now, &registers);
    ks_exception_raise(call->world, exception, &registers, text);
}

void ks_exception_raise_code(const struct ks_kernel_call *call, uint32_t code, const char *text)
{
    const struct ks_exception exception = {.code = code, .address = call->caller};
    ks_exception_raise_at_caller(call, &exception, text);
}

uint64_t ks_rtl_raise_status(const struct ks_kernel_call *call)
{
    const struct ks_exception exception = {.code = (uint32_t)call->arguments[0],
                                           .flags = KS_EXCEPTION_NONCONTINUABLE,
                                           .address = call->caller};
    ks_exception_raise_at_caller(call, &exception, NOBODY);
    return 0;
}

uint64_t ks_rtl_raise_exception(const struct ks_kernel_call *call)
{
    uint64_t record = call->arguments[0];
    struct ks_exception exception = {.code = (uint32_t)ks_guest_number(record, 4),
                                     .flags = (uint32_t)ks_guest_number(record + 4, 4),
                                     .record = ks_guest_number(record + 8, 8),
                                     .address = call->caller,
                                     .count = (uint32_t)ks_guest_number(record + 0x18, 4)};
    if (exception.count > KS_EXCEPTION_PARAMETERS) {
        exception.count = KS_EXCEPTION_PARAMETERS;
    }
    for (uint32_t i = 0; i < exception.count; i++) {
        exception.parameters[i] = ks_guest_number(record + 0x20 + 8 * (uint64_t)i, 8);
    }
    ks_exception_raise_at_caller(call, &exception, NOBODY);
    return 0;
}
