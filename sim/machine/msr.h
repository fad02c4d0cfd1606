// SPDX-License-Identifier: MIT
// Model-specific, control and debug registers of the simulated processor.
#ifndef KS_MACHINE_MSR_H
#define KS_MACHINE_MSR_H

#include <kldr/alloc.h>

#include <stdbool.h>
#include <stdint.h>

enum ks_msr_answer {
    KS_MSR_DONE,
    KS_MSR_PROTECTION, // general protection, as the processor answers
    KS_MSR_LACKING,    // processors do it, kldr does not simulate it
};

struct ks_msr_value {
    uint32_t index;
    uint64_t value;
};

// What code may change. The rest is constant.
struct ks_msr {
    const struct kldr_allocator *allocator;
    struct ks_msr_value *given; // by ks_msr_give: before all others
    size_t given_count;
    uint64_t microcode, tsc_aux, kernel_gs_base;
    uint64_t cr2, cr4;
    uint64_t dr[8];
};

#define KS_MSR_TSC     0x10u
#define KS_MSR_GS_BASE 0xC0000101u

void ks_msr_init(struct ks_msr *msr, const struct kldr_allocator *allocator);
void ks_msr_fini(struct ks_msr *msr);

// Registers that hold these values from now on, whatever a processor without a plan has there, and
// then what is written to them. Neither KS_MSR_TSC nor KS_MSR_GS_BASE. False: no memory.
bool ks_msr_give(struct ks_msr *msr, const struct ks_msr_value *values, size_t count);

// KS_MSR_TSC and KS_MSR_GS_BASE are the caller's.
enum ks_msr_answer ks_msr_read(const struct ks_msr *msr, uint32_t index, uint64_t *out_value);
enum ks_msr_answer ks_msr_write(struct ks_msr *msr, uint32_t index, uint64_t value);

// CR0, CR2, CR3, CR4; CR8 is the caller's.
enum ks_msr_answer ks_msr_read_control(const struct ks_msr *msr, unsigned index,
                                       uint64_t *out_value);
enum ks_msr_answer ks_msr_write_control(struct ks_msr *msr, unsigned index, uint64_t value);

// DR0 to DR7. A breakpoint that is switched on is lacking.
uint64_t ks_msr_read_debug(const struct ks_msr *msr, unsigned index);
enum ks_msr_answer ks_msr_write_debug(struct ks_msr *msr, unsigned index, uint64_t value);

#endif
