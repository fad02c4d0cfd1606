// SPDX-License-Identifier: MIT
// Each kind of routine has stops of its own on Windows, most of them Driver Verifier's.
#include "kernel/ke/ke_return.h"

#include "engine/native.h"
#include "kernel/ke/ke_state.h"

#include <stdio.h>

#define STOP_APC_INDEX_MISMATCH          0x01u
#define STOP_VERIFIER                    0xC4u
#define STOP_TIMER_OR_DPC_INVALID        0xC7u
#define STOP_IRQL_UNEXPECTED_VALUE       0xC8u
#define STOP_VERIFIER_IO                 0xC9u
#define STOP_WORKER_RETURNED_AT_BAD_IRQL 0xE1u

#define DISPATCH_CHANGED_IRQL   0x05u
#define DISPATCH_CHANGED_APCS   0xC5u
#define COMPLETION_CHANGED_IRQL 0xFAu
#define COMPLETION_CHANGED_APCS 0xFBu
#define DPC_CHANGED_APCS        4u
#define WORKER                  1u

static const char *const kinds[] = {
    [KS_KE_DISPATCH_ROUTINE] = "dispatch routine",
    [KS_KE_COMPLETION_ROUTINE] = "completion routine",
    [KS_KE_DPC_ROUTINE] = "DPC routine",
    [KS_KE_WORK_ROUTINE] = "work item's routine",
    [KS_KE_OTHER_ROUTINE] = "routine",
};

struct stop {
    uint32_t code;
    uint64_t parameters[KLDR_EVENT_PARAMETERS];
};

static struct stop stop_for_irql(enum ks_ke_routine kind, uint64_t routine, uint64_t subject,
                                 uint64_t before, uint64_t after)
{
    switch (kind) {
    case KS_KE_DISPATCH_ROUTINE:
        return (struct stop){STOP_VERIFIER_IO, {DISPATCH_CHANGED_IRQL, subject, before, after}};
    case KS_KE_COMPLETION_ROUTINE:
        return (struct stop){STOP_VERIFIER, {COMPLETION_CHANGED_IRQL, routine, before, after}};
    case KS_KE_WORK_ROUTINE:
        return (struct stop){STOP_WORKER_RETURNED_AT_BAD_IRQL, {routine, after, subject, 0}};
    default:
        return (struct stop){STOP_IRQL_UNEXPECTED_VALUE,
                             {after << 16 | before << 8, routine, 0, 0}};
    }
}

static struct stop stop_for_apcs(enum ks_ke_routine kind, uint64_t routine, uint64_t before,
                                 uint64_t after)
{
    switch (kind) {
    case KS_KE_DISPATCH_ROUTINE:
        return (struct stop){STOP_VERIFIER, {DISPATCH_CHANGED_APCS, routine, after, before}};
    case KS_KE_COMPLETION_ROUTINE:
        return (struct stop){STOP_VERIFIER, {COMPLETION_CHANGED_APCS, routine, after, before}};
    case KS_KE_DPC_ROUTINE:
        return (struct stop){STOP_TIMER_OR_DPC_INVALID, {DPC_CHANGED_APCS, routine, before, after}};
    default:
        return (struct stop){STOP_APC_INDEX_MISMATCH, {routine, 0, after, WORKER}};
    }
}

static void tell(struct kldr_world *world, enum ks_ke_routine kind, uint64_t routine,
                 const struct stop *stop, const char *what)
{
    char text[KLDR_DETAIL_SIZE];
    snprintf(text, sizeof text, "a %s returned %s", kinds[kind], what);
    ks_native_stop(world, routine, stop->code, stop->parameters, text);
}

// As in the thread's field CombinedApcDisable.
static uint64_t combined(int16_t kernel_apcs, int16_t special_apcs)
{
    return (uint32_t)(uint16_t)special_apcs << 16 | (uint16_t)kernel_apcs;
}

struct ks_ke_kept ks_ke_keep(struct kldr_world *world)
{
    const struct ks_ke *ke = ks_ke(world);
    return ke != NULL ? (struct ks_ke_kept){ke->nt->irql, ke->current->kernel_apc_disable,
                                            ke->current->special_apc_disable}
                      : (struct ks_ke_kept){0};
}

bool ks_ke_is_kept(struct kldr_world *world, const struct ks_ke_kept *before,
                   enum ks_ke_routine kind, uint64_t routine, uint64_t subject)
{
    struct ks_ke *ke = ks_ke(world);
    if (ke == NULL || ks_ke_stopped(ke)) {
        return false;
    }
    struct ks_ke_thread *thread = ke->current;
    uint64_t apcs = combined(thread->kernel_apc_disable, thread->special_apc_disable);
    uint64_t apcs_before = combined(before->kernel_apcs, before->special_apcs);
    if (ke->nt->irql != before->irql && KS_CHECKED(world, IRQL_RETURN)) {
        const struct stop stop = stop_for_irql(kind, routine, subject, before->irql, ke->nt->irql);
        tell(world, kind, routine, &stop, "at another IRQL than it was called at");
        return false;
    }
    if (apcs != apcs_before && KS_CHECKED(world, APC_RETURN)) {
        const struct stop stop = stop_for_apcs(kind, routine, apcs_before, apcs);
        tell(world, kind, routine, &stop,
             "without having left a critical or guarded region as often as it entered one");
        return false;
    }
    thread->kernel_apc_disable = before->kernel_apcs;
    thread->special_apc_disable = before->special_apcs;
    if (ke->nt->irql != before->irql) {
        ks_ke_set_irql(world, before->irql);
    }
    return true;
}
