// SPDX-License-Identifier: MIT
// Ex: what must not lie in pool that is freed, for the kernel would go on using it: set timers,
// queued DPCs and work items, resources and lookaside lists.

#include "kernel/ex/ex_pool.h"
#include "kernel/ex/ex_tracked.h"
#include "kernel/ke/ke.h"
#include "world/world_object.h"

#define STOP_VERIFIER       0xC4u
#define HOLDS_LIST          0xCCu
#define HOLDS_RESOURCE      0xD2u
#define STOP_TIMER_OR_DPC   0xC7u
#define HOLDS_TIMER         0u
#define HOLDS_DPC           1u
#define STOP_WORKER_INVALID 0xE4u
#define HOLDS_WORK_ITEM     0u

// What the dispatcher has there.
static bool stop_for_remainder(const struct ks_kernel_call *call, uint64_t first, uint64_t end)
{
    struct ks_ke_remainder left;
    if (!ks_ke_remainder_in(call->world, first, end, &left)) {
        return false;
    }
    if (left.kind == KS_KE_LEFT_WORK) {
        ks_nt_stop(call, STOP_WORKER_INVALID, HOLDS_WORK_ITEM, left.object, first, end,
                   "freed a block of pool with a work item in it that is queued");
    } else if (left.kind == KS_KE_LEFT_DPC) {
        ks_nt_stop(call, STOP_TIMER_OR_DPC, HOLDS_DPC, left.object, first, end,
                   "freed a block of pool with a DPC in it that is queued");
    } else {
        ks_nt_stop(call, STOP_TIMER_OR_DPC, HOLDS_TIMER, left.object, first, end,
                   "freed a block of pool with a timer in it that is set");
    }
    return true;
}

static bool stop_for_tracked(const struct ks_kernel_call *call, const struct ks_pool_block *block)
{
    enum ks_ex_tracked_kind kind;
    uint64_t address;
    if (!ks_ex_tracked_in(call->world, block->address, block->address + block->size, &kind,
                          &address)) {
        return false;
    }
    bool resource = kind == KS_EX_RESOURCE;
    ks_nt_stop(call, STOP_VERIFIER, resource ? HOLDS_RESOURCE : HOLDS_LIST, address, block->address,
               block->size,
               resource ? "freed a block of pool with a resource in it that was not deleted"
                        : "freed a block of pool with a lookaside list in it that was not deleted");
    return true;
}

bool ks_ex_pool_may_go(const struct ks_kernel_call *call, const struct ks_pool_block *block)
{
    uint64_t end = block->address + block->size, address;
    enum ks_ex_tracked_kind kind;
    if (KS_CHECKED(call->world, POOL_CONTENTS) &&
        (stop_for_remainder(call, block->address, end) || stop_for_tracked(call, block))) {
        return false;
    }
    while (ks_ex_tracked_in(call->world, block->address, end, &kind, &address)) {
        ks_ex_untrack(call->world, address);
    }
    return true;
}
