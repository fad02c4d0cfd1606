// SPDX-License-Identifier: MIT
// The state of the processor at one instruction of real x64 code: what the native engine takes out
// of an interrupted driver and puts back, and what the emulator of instructions changes.
//
// Code in assembly reads and writes it too: the numbers below say where the parts lie, and are
// asserted.
#ifndef KS_ENGINE_REGISTERS_H
#define KS_ENGINE_REGISTERS_H

#include <assert.h>
#include <stdalign.h>
#include <stddef.h>
#include <stdint.h>

// As instructions number them.
enum ks_register {
    KS_RAX,
    KS_RCX,
    KS_RDX,
    KS_RBX,
    KS_RSP,
    KS_RBP,
    KS_RSI,
    KS_RDI,
    KS_R8,
    KS_R9,
    KS_R10,
    KS_R11,
    KS_R12,
    KS_R13,
    KS_R14,
    KS_R15,
    KS_REGISTER_COUNT
};

#define KS_FLAG_CARRY     UINT64_C(0x1)
#define KS_FLAG_PARITY    UINT64_C(0x4)
#define KS_FLAG_ADJUST    UINT64_C(0x10)
#define KS_FLAG_ZERO      UINT64_C(0x40)
#define KS_FLAG_SIGN      UINT64_C(0x80)
#define KS_FLAG_TRAP      UINT64_C(0x100)
#define KS_FLAG_INTERRUPT UINT64_C(0x200)
#define KS_FLAG_DIRECTION UINT64_C(0x400)
#define KS_FLAG_OVERFLOW  UINT64_C(0x800)

#define KS_REGISTERS_RIP    128
#define KS_REGISTERS_RFLAGS 136
#define KS_REGISTERS_FLOAT  160
#define KS_FLOAT_SIZE       512
#define KS_FLOAT_MXCSR      24
#define KS_FLOAT_XMM        160 // sixteen of 16 bytes

struct ks_registers {
    uint64_t general[KS_REGISTER_COUNT];
    uint64_t rip;
    uint64_t rflags;
    uint64_t gs_base;                          // of the processor block
    alignas(16) uint8_t floats[KS_FLOAT_SIZE]; // as FXSAVE64 writes it: x87, MXCSR, XMM
};

static_assert(offsetof(struct ks_registers, rip) == KS_REGISTERS_RIP, "layout");
static_assert(offsetof(struct ks_registers, rflags) == KS_REGISTERS_RFLAGS, "layout");
static_assert(offsetof(struct ks_registers, floats) == KS_REGISTERS_FLOAT, "layout");

#endif
