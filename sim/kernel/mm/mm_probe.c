// SPDX-License-Identifier: MIT
// Mm: addresses of user code. All below the simulated kernel's memory are; no memory is there
// unless somebody puts it there.

#include "kernel/mm/mm_probe.h"

#include "kernel/rtl/rtl_exception.h"

#include "engine/native.h"
#include "world/world_steps.h"

#define PAGE        UINT64_C(0x1000)
#define BETWEEN     UINT64_C(0x10000) // between the last user address and the kernel's first
#define USER_END    UINT64_C(0x7FFFFFFF0000)
#define RANGE_START UINT64_C(0xFFFF800000000000)
#define LONGEST     UINT64_C(0x7FFFFFFF0000)

// Under engine native, addresses are those of the host's memory.
static uint64_t user_end(const struct kldr_world *world)
{
    return world != NULL && world->native != NULL ? world->native->guest.base - BETWEEN : USER_END;
}

uint64_t ks_mm_address_variable(struct kldr_world *world, const char *name)
{
    if (name[2] == 'U') { // MmUserProbeAddress
        return user_end(world);
    }
    if (name[2] == 'H') { // MmHighestUserAddress
        return user_end(world) - 1;
    }
    return world->native != NULL ? world->native->guest.base : RANGE_START; // MmSystemRangeStart
}

// False when an exception was raised, and came back because the system stopped.
static bool check(const struct ks_kernel_call *call)
{
    uint64_t address = call->arguments[0], length = call->arguments[1];
    uint32_t alignment = (uint32_t)call->arguments[2];
    if (alignment > 1 && (address & (alignment - 1)) != 0) {
        ks_exception_raise_code(call, KS_STATUS_DATATYPE_MISALIGNMENT,
                                "probed an address that is not aligned");
        return false;
    }
    if (length > LONGEST || address + length > user_end(call->world)) {
        ks_exception_raise_code(call, KS_STATUS_ACCESS_VIOLATION,
                                "probed an address of the kernel as one of user code");
        return false;
    }
    return true;
}

uint64_t ks_mm_probe_for_read(const struct ks_kernel_call *call)
{
    if (call->arguments[1] != 0) {
        check(call);
    }
    return 0;
}

// Every page is touched, so that a bad address is found here.
uint64_t ks_mm_probe_for_write(const struct ks_kernel_call *call)
{
    uint64_t address = call->arguments[0], length = call->arguments[1];
    if (length == 0 || !check(call)) {
        return 0;
    }
    for (uint64_t at = address; at < address + length; at = (at & ~(PAGE - 1)) + PAGE) {
        volatile uint8_t *byte = ks_guest_pointer(at);
        *byte = *byte;
    }
    return 0;
}

uint64_t ks_ex_raise_access_violation(const struct ks_kernel_call *call)
{
    ks_exception_raise_code(call, KS_STATUS_ACCESS_VIOLATION, "raised an access violation");
    return 0;
}

uint64_t ks_ex_raise_datatype_misalignment(const struct ks_kernel_call *call)
{
    ks_exception_raise_code(call, KS_STATUS_DATATYPE_MISALIGNMENT, "raised a misalignment");
    return 0;
}
