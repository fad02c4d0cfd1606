// SPDX-License-Identifier: MIT
// Ex: reader/writer spin locks (EX_SPIN_LOCK): the highest bit says that one has it alone, the
// others count who shares it. On the one processor nobody can ever wait for one.

#include "kernel/ke/ke_state.h"

#define STOP_SPIN_LOCK_ALREADY_OWNED 0x0Fu
#define STOP_SPIN_LOCK_NOT_OWNED     0x10u
#define EXCLUSIVE                    0x80000000u

#define ARGUMENT(n) (call->arguments[n])

static bool take(const struct ks_kernel_call *call, bool exclusive)
{
    uint32_t *lock = ks_guest_pointer(ARGUMENT(0));
    if (exclusive ? *lock != 0 : (*lock & EXCLUSIVE) != 0) {
        return false;
    }
    *lock = exclusive ? EXCLUSIVE : *lock + 1;
    return true;
}

static void acquire(const struct ks_kernel_call *call, bool exclusive)
{
    if (!take(call, exclusive)) {
        ks_nt_stop(call, STOP_SPIN_LOCK_ALREADY_OWNED, ARGUMENT(0), 0, 0, 0,
                   "took a spin lock that is held: on this one processor it never gets free");
    }
}

static void release(const struct ks_kernel_call *call, bool exclusive)
{
    uint32_t *lock = ks_guest_pointer(ARGUMENT(0));
    if (exclusive ? *lock != EXCLUSIVE : *lock == 0 || *lock == EXCLUSIVE) {
        ks_nt_stop(call, STOP_SPIN_LOCK_NOT_OWNED, ARGUMENT(0), 0, 0, 0,
                   "released a spin lock that is not held in this way");
        return;
    }
    *lock = exclusive ? 0 : *lock - 1;
}

static uint64_t acquire_and_raise(const struct ks_kernel_call *call, bool exclusive)
{
    struct ks_nt *nt = ks_nt(call->world);
    uint8_t before = nt->irql;
    acquire(call, exclusive);
    nt->irql = before > KS_DISPATCH_LEVEL ? before : KS_DISPATCH_LEVEL;
    return before;
}

static uint64_t release_and_lower(const struct ks_kernel_call *call, bool exclusive)
{
    struct ks_nt *nt = ks_nt(call->world);
    release(call, exclusive);
    nt->irql = (uint8_t)ARGUMENT(1) < nt->irql ? (uint8_t)ARGUMENT(1) : nt->irql;
    return 0;
}

uint64_t ks_ex_spin_lock_acquire_exclusive(const struct ks_kernel_call *call)
{
    return acquire_and_raise(call, true);
}

uint64_t ks_ex_spin_lock_acquire_shared(const struct ks_kernel_call *call)
{
    return acquire_and_raise(call, false);
}

uint64_t ks_ex_spin_lock_release_exclusive(const struct ks_kernel_call *call)
{
    return release_and_lower(call, true);
}

uint64_t ks_ex_spin_lock_release_shared(const struct ks_kernel_call *call)
{
    return release_and_lower(call, false);
}

uint64_t ks_ex_spin_lock_acquire_exclusive_at_dpc(const struct ks_kernel_call *call)
{
    acquire(call, true);
    return 0;
}

uint64_t ks_ex_spin_lock_acquire_shared_at_dpc(const struct ks_kernel_call *call)
{
    acquire(call, false);
    return 0;
}

uint64_t ks_ex_spin_lock_release_exclusive_at_dpc(const struct ks_kernel_call *call)
{
    release(call, true);
    return 0;
}

uint64_t ks_ex_spin_lock_release_shared_at_dpc(const struct ks_kernel_call *call)
{
    release(call, false);
    return 0;
}

uint64_t ks_ex_spin_lock_try_exclusive(const struct ks_kernel_call *call)
{
    return take(call, true);
}

uint64_t ks_ex_spin_lock_try_shared(const struct ks_kernel_call *call)
{
    return take(call, false);
}

// The one that shares it gets it alone, when it is the only one.
uint64_t ks_ex_spin_lock_try_convert(const struct ks_kernel_call *call)
{
    uint32_t *lock = ks_guest_pointer(ARGUMENT(0));
    if (*lock != 1) {
        return FALSE;
    }
    *lock = EXCLUSIVE;
    return TRUE;
}
