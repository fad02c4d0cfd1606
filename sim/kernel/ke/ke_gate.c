// SPDX-License-Identifier: MIT
// Ke: where every call of a driver enters the kernel: the IRQL is checked, the function runs, and
// what it made ready runs before the driver goes on.

#include "kernel/ke/ke_state.h"

#include "engine/native.h"
#include "world/world_steps.h"

#include <stdio.h>
#include <string.h>

#define STOP_IRQL_NOT_LESS_OR_EQUAL 0x0Au
#define STOP_IRQL_UNEXPECTED_VALUE  0xC8u
#define EXECUTION                   8u

// What each function number leads to.
struct ks_ke_row {
    const struct ks_kernel_function *function;
    uint8_t highest; // IRQL
};

static const struct {
    const char *name;
    uint8_t highest;
} levels[] = {
#define KS_IRQL(name, level) {#name, KS_##level##_LEVEL},
#include "kernel/ke/irql.inc"
#undef KS_IRQL
};

#define LEVEL_COUNT (sizeof levels / sizeof levels[0])

// Where nothing is documented, or everything is allowed.
static uint8_t highest_of(const char *name)
{
    size_t low = 0, high = LEVEL_COUNT;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(name, levels[middle].name);
        if (order == 0) {
            return levels[middle].highest;
        }
        if (order < 0) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return KS_HIGH_LEVEL;
}

bool ks_ke_gate_init(struct ks_ke *ke)
{
    if (ke->rows != NULL) {
        return true;
    }
    while (ks_function_at(ke->row_count) != NULL) {
        ke->row_count++;
    }
    ke->rows =
        ke->world->allocator.allocate(ke->world->allocator.user, ke->row_count * sizeof *ke->rows);
    for (size_t i = 0; ke->rows != NULL && i < ke->row_count; i++) {
        ke->rows[i].function = ks_function_at(i);
        ke->rows[i].highest = highest_of(ke->rows[i].function->name);
    }
    return ke->rows != NULL;
}

const char *ks_ke_irql_name(unsigned irql)
{
    static const char *const names[] = {"PASSIVE_LEVEL", "APC_LEVEL", "DISPATCH_LEVEL"};
    return irql < 3 ? names[irql] : irql == KS_HIGH_LEVEL ? "HIGH_LEVEL" : "a device's IRQL";
}

static uint64_t stop_at_irql(const struct ks_kernel_call *call, const char *name, unsigned highest)
{
    char text[KLDR_DETAIL_SIZE];
    unsigned irql = ks_nt(call->world)->irql;
    snprintf(text, sizeof text, "called %.200s at %s (%u); it may be called at %s at most", name,
             ks_ke_irql_name(irql), irql, ks_ke_irql_name(highest));
    return ks_nt_stop(call, STOP_IRQL_NOT_LESS_OR_EQUAL, call->caller, irql, EXECUTION,
                      call->caller, text);
}

uint64_t ks_ke_serve(size_t index, const struct ks_kernel_call *call)
{
    struct ks_ke *ke = ks_ke(call->world);
    if (ke == NULL || index >= ke->row_count) {
        return 0;
    }
    const struct ks_ke_row *row = &ke->rows[index];
    ke->serving = row->function;
    if (ke->nt->irql > row->highest) {
        return stop_at_irql(call, row->function->name, row->highest);
    }
    uint64_t result = row->function->run(call);
    if (ke->nt->pending) {
        ks_ke_settle(ke);
    }
    return result;
}

bool ks_ke_irql_at_most(const struct ks_kernel_call *call, uint8_t level)
{
    const struct ks_ke *ke = ks_ke(call->world);
    if (ke != NULL && ke->nt->irql <= level) {
        return true;
    }
    stop_at_irql(call, ke != NULL ? ke->serving->name : "a function", level);
    return false;
}

uint64_t ks_ke_raise(const struct ks_kernel_call *call, uint32_t status)
{
    const uint64_t argument = status;
    const struct ks_kernel_call raised = {call->world, &argument, call->caller};
    return ks_rtl_raise_status(&raised);
}

// ---- IRQL ----

bool ks_ke_irql_is_kept(struct kldr_world *world, uint64_t routine, uint8_t before)
{
    uint8_t irql = ks_ke_irql(world);
    const uint64_t parameters[KLDR_EVENT_PARAMETERS] = {
        (uint64_t)irql << 16 | (uint64_t)before << 8, routine};
    if (irql != before) {
        ks_native_stop(world, routine, STOP_IRQL_UNEXPECTED_VALUE, parameters,
                       "a routine returned at another IRQL than it was called at");
    }
    return irql == before;
}

uint8_t ks_ke_irql(struct kldr_world *world)
{
    const struct ks_nt *nt = ks_nt(world);
    return nt != NULL ? nt->irql : KS_PASSIVE_LEVEL;
}

uint8_t ks_ke_set_irql(struct kldr_world *world, uint8_t irql)
{
    struct ks_ke *ke = ks_ke(world);
    if (ke == NULL) {
        return KS_PASSIVE_LEVEL;
    }
    uint8_t before = ke->nt->irql;
    ke->nt->irql = irql;
    if (irql < before && ke->nt->pending) {
        ks_ke_settle(ke);
    }
    return before;
}
