// SPDX-License-Identifier: MIT
// The simulated computer below the kernel: what a driver reaches by instructions and not by calls.
// It never changes by itself: the kernel's virtual clock drives it.
#ifndef KS_MACHINE_COMPUTER_H
#define KS_MACHINE_COMPUTER_H

#include "machine/cpuid.h"
#include "machine/msr.h"
#include "machine/ports.h"
#include "machine/shared_data.h"

struct ks_computer {
    struct ks_ports ports;
    struct ks_msr msr;
    struct ks_cpuid_plan cpuid;
    bool interrupts_off; // by cli
    uint64_t now;        // units of 100 ns since the start
    uint64_t tsc_reads;  // each takes 100 ns, so that whoever waits for the counter comes to an end
    uint8_t shared[KS_SHARED_DATA_SIZE];
};

// build: of the simulated Windows.
void ks_computer_init(struct ks_computer *computer, const struct kldr_allocator *allocator,
                      uint32_t build);
void ks_computer_fini(struct ks_computer *computer);

// When every simulated system starts: 2024-01-01 00:00 UTC, in units of 100 ns since 1601.
#define KS_COMPUTER_START UINT64_C(133485408000000000)

// The virtual clock, in units of 100 ns: now since the start, which never goes back, and since
// 1601.
void ks_computer_set_time(struct ks_computer *computer, uint64_t now, uint64_t system_time);
// The next reading of the time stamp counter.
uint64_t ks_computer_tsc(struct ks_computer *computer);

#endif
