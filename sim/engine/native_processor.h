// SPDX-License-Identifier: MIT
// The processor that driver code runs on, as far as it is more than the host's: the block that gs
// points to, the computer around it, and which instructions of the host's CPU trap.
#ifndef KS_ENGINE_NATIVE_PROCESSOR_H
#define KS_ENGINE_NATIVE_PROCESSOR_H

#include "machine/computer.h"

#include <kldr/status.h>

#include <signal.h>

struct kldr_module_info;
struct kldr_world;
struct ks_native_trap;

// A native world's, made with its guest memory.
kldr_status ks_native_processor_create(struct kldr_world *world);
void ks_native_processor_destroy(struct kldr_world *world);

// The processor block, KPCR and KPRCB, in guest memory.
uint64_t ks_native_processor_block(const struct kldr_world *world);
// What gs:[188h] holds: a KTHREAD.
void ks_native_processor_set_thread(struct kldr_world *world, uint64_t thread);

// While driver code may run: gs points to the block; RDTSC traps, and CPUID where the CPU can do
// that. Not under valgrind, which executes both itself.
void ks_native_processor_begin(struct kldr_world *world);
void ks_native_processor_end(void);
// In a signal handler: whether it was one of those in code of kldr's process, at ip. Then it has
// been done: registers are those of the signal's context.
bool ks_native_processor_own(void *context);

// A bound image whose pages can still be written: CPUID in it traps from now on. False: no memory.
bool ks_native_trap_cpuid(struct kldr_world *world, const struct kldr_module_info *module);
bool ks_native_is_cpuid(const struct kldr_world *world, const struct ks_native_trap *trap);

// Whether the instruction that trapped has been done in the CPU's place: trap->registers are where
// the driver goes on. Otherwise the trap may have become another one, or the world has stopped.
bool ks_native_emulate(struct kldr_world *world, struct ks_native_trap *trap);

#endif
