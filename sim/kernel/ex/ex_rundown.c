// SPDX-License-Identifier: MIT
// Ex: rundown protection and push locks: one number each, of the size of a pointer. Of rundown
// protection bit 0 says that it is run down, the rest counts the holders twice. Of a push lock bit
// 0 says that it is held, and the rest, in steps of 16, how many share it.

#include "kernel/ex/ex_wait.h"

#define RUN_DOWN 1u
#define HOLDER   2u
#define HELD     1u
#define SHARER   16u

#define CACHE_LINE 64u // of a processor

#define ARGUMENT(n) (call->arguments[n])

static ULONG_PTR *number_at(const struct ks_kernel_call *call)
{
    return ks_guest_pointer(ARGUMENT(0));
}

// ---- rundown protection ----

uint64_t ks_ex_rundown_initialize(const struct ks_kernel_call *call)
{
    *number_at(call) = 0;
    return 0;
}

static uint64_t acquire(const struct ks_kernel_call *call, uint32_t count)
{
    ULONG_PTR *number = number_at(call);
    if ((*number & RUN_DOWN) != 0) {
        return FALSE;
    }
    *number += (ULONG_PTR)HOLDER * count;
    return TRUE;
}

static uint64_t release(const struct ks_kernel_call *call, uint32_t count)
{
    struct ks_ke *ke = ks_ke(call->world);
    ULONG_PTR *number = number_at(call);
    struct ks_ex_waiter *waiter = ks_ex_first_waiter(ke, ARGUMENT(0), KS_EX_RUNDOWN);
    *number -= (ULONG_PTR)HOLDER * count;
    if (*number == RUN_DOWN && waiter != NULL) {
        ks_ex_let_go(ke, waiter);
    }
    return 0;
}

uint64_t ks_ex_rundown_acquire(const struct ks_kernel_call *call)
{
    return acquire(call, 1);
}

uint64_t ks_ex_rundown_acquire_many(const struct ks_kernel_call *call)
{
    return acquire(call, (uint32_t)ARGUMENT(1));
}

uint64_t ks_ex_rundown_release(const struct ks_kernel_call *call)
{
    return release(call, 1);
}

uint64_t ks_ex_rundown_release_many(const struct ks_kernel_call *call)
{
    return release(call, (uint32_t)ARGUMENT(1));
}

uint64_t ks_ex_rundown_wait(const struct ks_kernel_call *call)
{
    ULONG_PTR *number = number_at(call);
    *number |= RUN_DOWN;
    if (*number != RUN_DOWN) {
        ks_ex_wait(call, ARGUMENT(0), KS_EX_RUNDOWN, "rundown protection", 0);
    }
    return 0;
}

uint64_t ks_ex_rundown_completed(const struct ks_kernel_call *call)
{
    *number_at(call) = RUN_DOWN;
    return 0;
}

// The cache-aware form has a number for each processor: here there is one.
uint64_t ks_ex_rundown_size(const struct ks_kernel_call *call)
{
    (void)call;
    return CACHE_LINE;
}

// ExAllocateCacheAwareRundownProtection(PoolType, PoolTag)
uint64_t ks_ex_rundown_allocate(const struct ks_kernel_call *call)
{
    uint64_t address = ks_ex_take(call, CACHE_LINE, (uint32_t)ARGUMENT(1));
    if (address != 0) {
        *(ULONG_PTR *)ks_guest_pointer(address) = 0;
    }
    return address;
}

// ---- push locks ----

static bool take_exclusive(const struct ks_kernel_call *call)
{
    ULONG_PTR *number = number_at(call);
    bool is_free = *number == 0;
    if (is_free) {
        *number = HELD;
    }
    return is_free;
}

// Sharers stand behind those that wait to have it alone.
static bool take_shared(const struct ks_kernel_call *call)
{
    ULONG_PTR *number = number_at(call);
    const struct ks_ke *ke = ks_ke(call->world);
    if (*number == HELD || ks_ex_first_waiter(ke, ARGUMENT(0), KS_EX_EXCLUSIVE) != NULL) {
        return false;
    }
    *number = (*number | HELD) + SHARER;
    return true;
}

uint64_t ks_ex_push_lock_acquire_exclusive(const struct ks_kernel_call *call)
{
    if (!take_exclusive(call)) {
        ks_ex_wait(call, ARGUMENT(0), KS_EX_EXCLUSIVE, "push lock", 0);
    }
    return 0;
}

uint64_t ks_ex_push_lock_acquire_shared(const struct ks_kernel_call *call)
{
    if (!take_shared(call)) {
        ks_ex_wait(call, ARGUMENT(0), KS_EX_SHARED, "push lock", 0);
    }
    return 0;
}

uint64_t ks_ex_push_lock_try_exclusive(const struct ks_kernel_call *call)
{
    return take_exclusive(call);
}

uint64_t ks_ex_push_lock_try_shared(const struct ks_kernel_call *call)
{
    return take_shared(call);
}

// It is free: the one that waits longest gets it, and with a sharer all that want to share.
static void pass_on(struct ks_ke *ke, uint64_t lock, ULONG_PTR *number)
{
    struct ks_ex_waiter *waiter = ks_ex_first_waiter(ke, lock, KS_EX_SHARED | KS_EX_EXCLUSIVE);
    if (waiter != NULL && waiter->kind == KS_EX_EXCLUSIVE) {
        *number = HELD;
        ks_ex_let_go(ke, waiter);
        return;
    }
    while (waiter != NULL && waiter->kind == KS_EX_SHARED) {
        *number = (*number | HELD) + SHARER;
        ks_ex_let_go(ke, waiter);
        waiter = ks_ex_first_waiter(ke, lock, KS_EX_SHARED | KS_EX_EXCLUSIVE);
    }
}

// For both ways of holding it.
uint64_t ks_ex_push_lock_release(const struct ks_kernel_call *call)
{
    ULONG_PTR *number = number_at(call);
    if ((*number & HELD) == 0) {
        return ks_nt_stop(call, 0xC4, 0xE8, ARGUMENT(0), *number, 0,
                          "released a push lock that is not held");
    }
    *number = *number >= SHARER ? *number - SHARER : 0;
    if (*number <= HELD) {
        *number = 0;
        pass_on(ks_ke(call->world), ARGUMENT(0), number);
    }
    return 0;
}
