// SPDX-License-Identifier: MIT
// A machine for one instruction: memory of two pages behind which there is nothing, and a kernel
// that only remembers.
#ifndef TEST_EMULATED_H
#define TEST_EMULATED_H

#include "engine/emulate.h"

#define EMULATED_MEMORY UINT64_C(0x700000000000)
#define EMULATED_PAGES  0x2000u
#define EMULATED_CODE   (EMULATED_MEMORY + 0x1000)

struct emulated {
    struct ks_computer computer;
    struct ks_machine machine;
    struct ks_registers registers;
    struct ks_cpu_trap trap;
    char name[KS_EMULATE_NAME_SIZE];
    uint8_t memory[EMULATED_PAGES]; // at EMULATED_MEMORY
    uint8_t irql;
    unsigned looks, halts;
    bool can_halt;
};

// Everything zero but the control words of floating point. Ended by emulated_fini.
void emulated_init(struct emulated *test);
void emulated_fini(struct emulated *test);

// One instruction, at EMULATED_CODE. It trapped with test->trap.
enum ks_emulated emulated_run(struct emulated *test, const uint8_t *bytes, size_t size);

#define EMULATED_RUN(test, ...)                                                                    \
    emulated_run((test), (const uint8_t[]){__VA_ARGS__}, sizeof(const uint8_t[]){__VA_ARGS__})

#endif
