// SPDX-License-Identifier: MIT
#include "machine/computer.h"

#define TSC_PER_UNIT (KS_CPUID_TSC_MHZ / 10u) // of 100 ns

void ks_computer_init(struct ks_computer *computer, const struct kldr_allocator *allocator,
                      uint32_t build)
{
    *computer = (struct ks_computer){.now = 0};
    ks_ports_init(&computer->ports, allocator);
    ks_msr_init(&computer->msr, allocator);
    ks_shared_data_init(computer->shared, build);
}

void ks_computer_fini(struct ks_computer *computer)
{
    ks_ports_fini(&computer->ports);
    ks_msr_fini(&computer->msr);
}

void ks_computer_set_time(struct ks_computer *computer, uint64_t now, uint64_t system_time)
{
    if (now >= computer->now) {
        uint64_t since = now % KS_SHARED_DATA_TICK;
        computer->now = now;
        ks_shared_data_set_time(computer->shared, now - since, system_time - since);
    }
}

uint64_t ks_computer_tsc(struct ks_computer *computer)
{
    return (computer->now + ++computer->tsc_reads) * TSC_PER_UNIT;
}
