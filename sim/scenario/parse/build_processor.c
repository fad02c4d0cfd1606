// SPDX-License-Identifier: MIT
// What a scenario says of the processor. Leaves and registers are numbers, which can be written in
// several ways: one that is there twice is found here.
#include "machine/cpuid.h"
#include "machine/msr.h"
#include "scenario/parse/build.h"

static uint32_t number_of(const struct ks_node *node)
{
    return (uint32_t)ks_build_number(node);
}

// Whether an earlier key of the map is the same number; then this one is reported.
static bool is_twice(struct ks_build *build, const struct ks_node *map, struct ks_node *value)
{
    for (const struct ks_node *one = map->first; one != value; one = one->next) {
        if (!one->key->bad && number_of(one->key) == number_of(value->key)) {
            ks_diagnose(build->parse, KS_DIAGNOSTIC_REFERENCE, value->key, NULL,
                        "the number 0x%X is there already, in line %u",
                        (unsigned)number_of(value->key), (unsigned)one->key->place.line);
            return true;
        }
    }
    return false;
}

static bool is_good(struct ks_build *build, const struct ks_node *map, struct ks_node *value)
{
    return !value->bad && !value->key->bad && !is_twice(build, map, value);
}

// ---- CPUID ----

static bool read_registers(const struct ks_node *list, struct ks_cpuid *value)
{
    uint32_t *const registers[] = {&value->eax, &value->ebx, &value->ecx, &value->edx};
    const struct ks_node *item = list->first;
    for (size_t i = 0; i < sizeof registers / sizeof registers[0]; i++, item = item->next) {
        if (item == NULL || item->bad) {
            return false;
        }
        *registers[i] = number_of(item);
    }
    return true;
}

struct leaves {
    struct ks_cpuid_leaf *items;
    size_t count;
};

static void add_leaf(struct leaves *leaves, const struct ks_cpuid_leaf *plan,
                     const struct ks_node *list)
{
    struct ks_cpuid_leaf *leaf = &leaves->items[leaves->count];
    *leaf = *plan;
    if (read_registers(list, &leaf->value)) {
        leaves->count++;
    }
}

static void add_subleaves(struct ks_build *build, struct leaves *leaves, uint32_t leaf,
                          const struct ks_node *map)
{
    for (struct ks_node *value = map->first; value != NULL; value = value->next) {
        if (is_good(build, map, value)) {
            add_leaf(leaves, &(struct ks_cpuid_leaf){leaf, number_of(value->key), false, {0}},
                     value);
        }
    }
}

static void build_cpuid(struct ks_build *build, struct ks_node *map)
{
    size_t most = 0;
    for (const struct ks_node *value = map->first; value != NULL; value = value->next) {
        most += value->kind == KS_NODE_MAP ? value->count : 1;
    }
    struct leaves leaves = {ks_arena_take(build->arena, most, sizeof *leaves.items), 0};
    for (struct ks_node *value = map->first; value != NULL; value = value->next) {
        if (!is_good(build, map, value)) {
            continue;
        }
        if (value->kind == KS_NODE_MAP) {
            add_subleaves(build, &leaves, number_of(value->key), value);
        } else {
            add_leaf(&leaves, &(struct ks_cpuid_leaf){number_of(value->key), 0, true, {0}}, value);
        }
    }
    build->scenario->processor.leaves = leaves.items;
    build->scenario->processor.leaf_count = leaves.count;
}

// ---- model-specific registers ----

static void build_msrs(struct ks_build *build, struct ks_node *map)
{
    struct ks_scenario_processor *processor = &build->scenario->processor;
    struct ks_msr_value *msrs = ks_arena_take(build->arena, map->count, sizeof *msrs);
    processor->msrs = msrs;
    for (struct ks_node *value = map->first; value != NULL; value = value->next) {
        if (!is_good(build, map, value)) {
            continue;
        }
        uint32_t index = number_of(value->key);
        if (index == KS_MSR_TSC || index == KS_MSR_GS_BASE) {
            ks_diagnose(build->parse, KS_DIAGNOSTIC_REFERENCE, value->key, NULL,
                        "%s cannot be given: it follows %s",
                        index == KS_MSR_TSC ? "the time stamp counter" : "the base of gs",
                        index == KS_MSR_TSC ? "the simulated clock" : "the processor block");
            continue;
        }
        msrs[processor->msr_count++] = (struct ks_msr_value){index, ks_build_number(value)};
    }
}

void ks_build_processor(struct ks_build *build, struct ks_node *map)
{
    build->scenario->processor.place = map->place;
    for (struct ks_node *value = map->first; value != NULL; value = value->next) {
        if (value->bad) {
            continue;
        }
        switch (value->key_index) {
        case KS_PROCESSOR_HYPERVISOR:
            build->scenario->processor.hypervisor = value->text;
            break;
        case KS_PROCESSOR_CPUID:
            build_cpuid(build, value);
            break;
        case KS_PROCESSOR_MSR:
            build_msrs(build, value);
            break;
        }
    }
}
