// SPDX-License-Identifier: MIT
// Dbg, Kd: which messages are printed, breakpoints, the debugger that is not there.

#include "kernel/dbg/dbg_filter.h"
#include "kernel/rtl/rtl_exception.h"

#include <kldr/ddk/wdm.h>

#define COMPONENTS 200u // that have a filter of their own
#define LEVELS     32u

struct filters {
    uint32_t off[COMPONENTS]; // levels that were switched off
};

static struct filters *filters_of(struct kldr_world *world)
{
    return ks_nt_state(world, KS_NT_DBG, sizeof(struct filters), NULL);
}

// The bit of a level: small numbers are bits, others masks of them.
static uint32_t mask_of(uint32_t level)
{
    return level < LEVELS ? UINT32_C(1) << level : level;
}

bool ks_dbg_prints(struct kldr_world *world, uint32_t component, uint32_t level)
{
    const struct filters *filters = filters_of(world);
    return filters == NULL || component >= COMPONENTS ||
           (filters->off[component] & mask_of(level)) != mask_of(level);
}

// (component, level, state)
uint64_t ks_dbg_set_filter(const struct ks_kernel_call *call)
{
    struct filters *filters = filters_of(call->world);
    uint32_t component = (uint32_t)call->arguments[0], mask = mask_of((uint32_t)call->arguments[1]);
    if (component >= COMPONENTS) {
        return KS_STATUS(STATUS_INVALID_PARAMETER_1);
    }
    if (filters == NULL) {
        return KS_STATUS(STATUS_NO_MEMORY);
    }
    if ((uint8_t)call->arguments[2] != 0) {
        filters->off[component] &= ~mask;
    } else {
        filters->off[component] |= mask;
    }
    return KS_STATUS(STATUS_SUCCESS);
}

uint64_t ks_dbg_query_filter(const struct ks_kernel_call *call)
{
    uint32_t component = (uint32_t)call->arguments[0];
    if (component >= COMPONENTS) {
        return KS_STATUS(STATUS_INVALID_PARAMETER_1);
    }
    return ks_dbg_prints(call->world, component, (uint32_t)call->arguments[1]);
}

uint64_t ks_dbg_break_point(const struct ks_kernel_call *call)
{
    ks_exception_raise_code(call, 0x80000003u, "a breakpoint (DbgBreakPoint), and no debugger");
    return 0;
}

// (expression, file, line, message)
uint64_t ks_rtl_assert(const struct ks_kernel_call *call)
{
    ks_exception_raise_code(call, 0x80000003u, "an assertion failed (RtlAssert), and no debugger");
    return 0;
}

uint64_t ks_kd_no_debugger(const struct ks_kernel_call *call)
{
    (void)call;
    return KS_STATUS(STATUS_DEBUGGER_INACTIVE);
}

// TRUE: there is none.
uint64_t ks_kd_refresh_not_present(const struct ks_kernel_call *call)
{
    uint64_t absent = 1;
    ks_function_variable(call->world, "KdDebuggerNotPresent", &absent);
    return absent & 1;
}
