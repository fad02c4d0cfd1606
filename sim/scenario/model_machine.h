// SPDX-License-Identifier: MIT
// What a scenario says of the simulated machine, and how far a run may go.
#ifndef KS_SCENARIO_MODEL_MACHINE_H
#define KS_SCENARIO_MODEL_MACHINE_H

#include "machine/cpuid.h"
#include "machine/msr.h"
#include "scenario/model_place.h"

struct ks_scenario_processor {
    const char *hypervisor; // NULL: none
    const struct ks_cpuid_leaf *leaves;
    size_t leaf_count;
    const struct ks_msr_value *msrs;
    size_t msr_count;
    struct ks_place place; // all zero: not given
};

struct ks_limits { // 0: default
    uint32_t depth, modules, steps;
    uint32_t seconds;
    uint64_t memory; // bytes
};

#endif
