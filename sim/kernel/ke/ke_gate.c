// SPDX-License-Identifier: MIT
// Ke: where every call of a driver enters the kernel: the IRQL is checked, the function runs, and
// what it made ready runs before the driver goes on.

#include "kernel/ke/ke_state.h"

#include "engine/native.h"
#include "kernel/ke/ke_fallible.h"
#include "world/world_steps.h"

#include <stdio.h>
#include <string.h>

#define STOP_IRQL_NOT_LESS_OR_EQUAL 0x0Au
#define EXECUTION                   8u

// What each function number leads to, once it was called.
struct ks_ke_row {
    const struct ks_kernel_function *function; // NULL: not yet
    uint8_t highest;                           // IRQL
    uint32_t operation;                        // ke_fallible.h; 0: it cannot be made to fail
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

static uint32_t operation_of(const char *name)
{
    uint32_t operation = 0;
    return ks_fallible_find(name, &operation) ? operation : 0;
}

bool ks_ke_gate_init(struct ks_ke *ke)
{
    if (ke->rows != NULL) {
        return true;
    }
    while (ks_function_at(ke->row_count) != NULL) {
        ke->row_count++;
    }
    size_t size = ke->row_count * sizeof *ke->rows;
    ke->rows = ke->world->allocator.allocate(ke->world->allocator.user, size);
    if (ke->rows != NULL) {
        memset(ke->rows, 0, size);
    }
    return ke->rows != NULL;
}

static const struct ks_ke_row *row_at(struct ks_ke *ke, size_t index)
{
    struct ks_ke_row *row = &ke->rows[index];
    if (row->function == NULL) {
        row->function = ks_function_at(index);
        row->highest = highest_of(row->function->name);
        row->operation = operation_of(row->function->name);
    }
    return row;
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

// Whether the function is to fail instead of running. Those that want memory are asked when they
// do.
static bool fails(const struct ks_ke_row *row, const struct ks_kernel_call *call,
                  uint64_t *out_result)
{
    const struct ks_fallible *fallible = ks_fallible_at(row->operation);
    if (row->operation == 0 || fallible->kind == KS_FALLIBLE_POOL ||
        !ks_fallible_applies(fallible, call)) {
        return false;
    }
    kldr_status status = ks_world_inject_fault(call->world, row->operation, call->caller);
    if (status == KLDR_STATUS_SUCCESS) {
        return false;
    }
    *out_result = fallible->kind == KS_FALLIBLE_RAISE    ? ks_ke_raise(call, (uint32_t)status)
                  : fallible->kind == KS_FALLIBLE_STATUS ? KS_STATUS(status)
                                                         : 0;
    return true;
}

uint64_t ks_ke_serve(size_t index, const struct ks_kernel_call *call)
{
    struct ks_ke *ke = ks_ke(call->world);
    if (ke == NULL || index >= ke->row_count) {
        return 0;
    }
    const struct ks_ke_row *row = row_at(ke, index), *outer = ke->serving;
    uint64_t result = 0;
    ke->serving = row;
    if (ke->nt->irql > row->highest && KS_CHECKED(ke->world, IRQL_CALL)) {
        return stop_at_irql(call, row->function->name, row->highest);
    }
    if (!fails(row, call, &result)) {
        result = row->function->run(call);
    }
    ke->serving = outer;
    if (ke->nt->pending) {
        ks_ke_settle(ke);
    }
    return result;
}

bool ks_ke_irql_at_most(const struct ks_kernel_call *call, uint8_t level)
{
    const struct ks_ke *ke = ks_ke(call->world);
    if (ke != NULL && (ke->nt->irql <= level || !KS_CHECKED(ke->world, IRQL_CALL))) {
        return true;
    }
    stop_at_irql(call, ke != NULL ? ke->serving->function->name : "a function", level);
    return false;
}

bool ks_ke_refuses_pool(const struct ks_kernel_call *call)
{
    const struct ks_ke *ke = ks_ke(call->world);
    uint32_t operation = ke != NULL && ke->serving != NULL ? ke->serving->operation : 0;
    if (ks_fallible_at(operation)->kind != KS_FALLIBLE_POOL) {
        operation = KLDR_FAULT_POOL;
    }
    return ks_world_inject_fault(call->world, operation, call->caller) != KLDR_STATUS_SUCCESS;
}

uint64_t ks_ke_raise(const struct ks_kernel_call *call, uint32_t status)
{
    const uint64_t argument = status;
    const struct ks_kernel_call raised = {call->world, &argument, call->caller};
    return ks_rtl_raise_status(&raised);
}

// ---- IRQL ----

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
