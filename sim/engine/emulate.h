// SPDX-License-Identifier: MIT
// Instructions that only a kernel may use, and reads of the page that the kernel shares with
// everybody: what real code does without calling. The host's CPU refuses them; this does what a
// simulated computer would have done.
//
// It knows nothing of signals and of where the registers came from, and calls back for everything
// that lies outside them and the computer.
#ifndef KS_ENGINE_EMULATE_H
#define KS_ENGINE_EMULATE_H

#include "engine/registers.h"
#include "machine/computer.h"

// Vectors of the CPU's exceptions and of interrupts by instruction.
#define KS_TRAP_DIVIDE     0u
#define KS_TRAP_BREAKPOINT 3u
#define KS_TRAP_OPCODE     6u
#define KS_TRAP_PROTECTION 13u
#define KS_TRAP_PAGE_FAULT 14u
#define KS_TRAP_FAST_FAIL  0x29u
#define KS_TRAP_ASSERTION  0x2Cu
#define KS_TRAP_DEBUG      0x2Du

struct ks_cpu_trap {
    unsigned vector;
    uint64_t address; // of a page fault: what was touched
    bool write;       // of a page fault
};

// What driver code runs on.
struct ks_machine {
    struct ks_computer *computer;
    void *user; // passed back
    // Copies from and to the driver's memory. False: its own access would fault.
    bool (*read)(void *user, uint64_t address, void *bytes, size_t size);
    bool (*write)(void *user, uint64_t address, const void *bytes, size_t size);
    uint8_t (*irql)(void *user);
    void (*set_irql)(void *user, uint8_t irql); // 0 to 15
    // The driver is about to look at a clock.
    void (*look_at_clock)(void *user);
    // Waits for the next interrupt. False: kldr has none to give.
    bool (*halt)(void *user);
};

enum ks_emulated {
    KS_EMULATED_DONE,     // registers and machine have changed; rip is where the driver goes on
    KS_EMULATED_NOT_MINE, // an ordinary trap of an ordinary instruction; nothing has changed
    KS_EMULATED_TRAP,     // the simulated computer answers with a trap, at the same rip
    KS_EMULATED_LACKING,  // something that kldr does not simulate
    KS_EMULATED_LIMIT,    // more than kldr keeps of it
};

#define KS_EMULATE_NAME_SIZE 32

// The host's CPU trapped at registers->rip. After KS_EMULATED_TRAP *trap is the simulated
// computer's. out_name has room for KS_EMULATE_NAME_SIZE bytes and gets the instruction's name
// after KS_EMULATED_LACKING.
enum ks_emulated ks_emulate(struct ks_machine *machine, struct ks_registers *registers,
                            struct ks_cpu_trap *trap, char *out_name);

// CPUID: the four registers, not rip.
void ks_emulate_cpuid(const struct ks_cpuid_plan *plan, struct ks_registers *registers);

// Whether the instruction has to be looked at to tell what the trap is. Most traps are ordinary.
bool ks_emulate_concerns(const struct ks_cpu_trap *trap);

// True when this program has the decoder.
bool ks_emulate_is_linked(void);

// Without the decoder: leave, which does not come back, is called when an instruction has to be
// looked at. Somebody else then does all of it again, with a decoder.
void ks_emulate_leave_with(void (*leave)(void));

// False: there is neither a decoder nor somebody else, so that everything is KS_EMULATED_NOT_MINE.
bool ks_emulate_available(void);

#endif
