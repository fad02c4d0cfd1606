// SPDX-License-Identifier: MIT
// Rtl: CONTEXT of x64 Windows.

#include "kernel/rtl/rtl_exception.h"

#include "engine/native.h"

#include <string.h>

#define CONTEXT_FLAGS   0x30u
#define CONTEXT_MXCSR   0x34u
#define CONTEXT_CS      0x38u
#define CONTEXT_SS      0x42u
#define CONTEXT_RFLAGS  0x44u
#define CONTEXT_GENERAL 0x78u // in the order in which instructions number them
#define CONTEXT_RIP     0xF8u
#define CONTEXT_FLOATS  0x100u

#define CONTEXT_ALL 0x10000Fu // control, integer, segments, floating point
#define KERNEL_CS   0x10u
#define KERNEL_SS   0x18u

static void put(uint8_t *bytes, size_t offset, const void *value, size_t size)
{
    memcpy(bytes + offset, value, size);
}

bool ks_context_write(const struct kldr_world *world, uint64_t address,
                      const struct ks_registers *registers)
{
    static const uint32_t flags = CONTEXT_ALL;
    static const uint16_t cs = KERNEL_CS, ss = KERNEL_SS;
    uint8_t bytes[KS_CONTEXT_SIZE] = {0};
    put(bytes, CONTEXT_FLAGS, &flags, sizeof flags);
    put(bytes, CONTEXT_MXCSR, registers->floats + KS_FLOAT_MXCSR, 4);
    put(bytes, CONTEXT_CS, &cs, sizeof cs);
    put(bytes, CONTEXT_SS, &ss, sizeof ss);
    put(bytes, CONTEXT_RFLAGS, &registers->rflags, 4);
    put(bytes, CONTEXT_GENERAL, registers->general, sizeof registers->general);
    put(bytes, CONTEXT_RIP, &registers->rip, sizeof registers->rip);
    put(bytes, CONTEXT_FLOATS, registers->floats, KS_FLOAT_SIZE);
    return ks_native_write(world, address, bytes, sizeof bytes);
}

bool ks_context_read(const struct kldr_world *world, uint64_t address,
                     struct ks_registers *registers)
{
    uint8_t bytes[KS_CONTEXT_SIZE];
    if (!ks_native_read(world, address, bytes, sizeof bytes)) {
        return false;
    }
    registers->rflags = 0;
    memcpy(&registers->rflags, bytes + CONTEXT_RFLAGS, 4);
    memcpy(registers->general, bytes + CONTEXT_GENERAL, sizeof registers->general);
    memcpy(&registers->rip, bytes + CONTEXT_RIP, sizeof registers->rip);
    memcpy(registers->floats, bytes + CONTEXT_FLOATS, KS_FLOAT_SIZE);
    memcpy(registers->floats + KS_FLOAT_MXCSR, bytes + CONTEXT_MXCSR, 4);
    return true;
}
