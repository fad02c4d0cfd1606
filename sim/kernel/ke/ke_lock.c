// SPDX-License-Identifier: MIT
// Ke: IRQL and spin locks on the one processor there is. Taking a lock that is held would spin for
// ever: stop code 0x0F says so instead. Wrong IRQLs are what Driver Verifier reports: 0xC4.

#include "kernel/ke/ke_state.h"

#define STOP_SPIN_LOCK_ALREADY_OWNED 0x0Fu
#define STOP_SPIN_LOCK_NOT_OWNED     0x10u
#define STOP_VERIFIER                0xC4u
#define BAD_RAISE                    0x30u
#define BAD_LOWER                    0x31u
#define RELEASED_AT_BAD_IRQL         0x32u
#define ACQUIRED_BELOW_DISPATCH      0x40u
#define RELEASED_BELOW_DISPATCH      0x41u
#define ACQUIRED_ABOVE_DISPATCH      0x42u

#define ARGUMENT(n) (call->arguments[n])

static bool is_checked(const struct ks_kernel_call *call)
{
    return KS_CHECKED(call->world, LOCK_USE);
}

// ---- IRQL ----

uint64_t ks_ke_get_current_irql(const struct ks_kernel_call *call)
{
    return ks_nt(call->world)->irql;
}

static uint64_t raise_irql(const struct ks_kernel_call *call, uint8_t irql)
{
    struct ks_nt *nt = ks_nt(call->world);
    uint8_t before = nt->irql;
    if ((irql < before || irql > KS_HIGH_LEVEL) && is_checked(call)) {
        return ks_nt_stop(call, STOP_VERIFIER, BAD_RAISE, before, irql, 0,
                          "raised the IRQL to one that is lower, or that does not exist");
    }
    nt->irql = irql;
    return before;
}

static uint64_t lower(const struct ks_kernel_call *call, uint8_t irql)
{
    const struct ks_ke *ke = ks_ke(call->world);
    bool in_dpc = ke->dpc_running != 0 && irql < KS_DISPATCH_LEVEL;
    if ((irql > ke->nt->irql || in_dpc) && is_checked(call)) {
        return ks_nt_stop(call, STOP_VERIFIER, BAD_LOWER, ke->nt->irql, irql, in_dpc,
                          in_dpc ? "lowered the IRQL below DISPATCH_LEVEL inside a DPC routine"
                                 : "lowered the IRQL to one that is higher");
    }
    ke->nt->irql = irql; // what waited for this runs at the gate
    return 0;
}

uint64_t ks_ke_raise_irql(const struct ks_kernel_call *call)
{
    return raise_irql(call, (uint8_t)ARGUMENT(0));
}

// KeRaiseIrql of 32-bit drivers: the old one goes through a pointer.
uint64_t ks_ke_raise_irql_to(const struct ks_kernel_call *call)
{
    uint64_t before = raise_irql(call, (uint8_t)ARGUMENT(0));
    ks_guest_put_number(ARGUMENT(1), 1, before);
    return 0;
}

uint64_t ks_ke_raise_irql_to_dpc_level(const struct ks_kernel_call *call)
{
    return raise_irql(call, KS_DISPATCH_LEVEL);
}

uint64_t ks_ke_lower_irql(const struct ks_kernel_call *call)
{
    return lower(call, (uint8_t)ARGUMENT(0));
}

// ---- spin locks ----

uint64_t ks_ke_initialize_spin_lock(const struct ks_kernel_call *call)
{
    *(KSPIN_LOCK *)ks_guest_pointer(ARGUMENT(0)) = 0;
    return 0;
}

static bool acquire(const struct ks_kernel_call *call, uint64_t address)
{
    KSPIN_LOCK *lock = ks_guest_pointer(address);
    if (*lock != 0) {
        ks_nt_stop(call, STOP_SPIN_LOCK_ALREADY_OWNED, address, 0, 0, 0,
                   "took a spin lock that is held: on this one processor it never gets free");
        return false;
    }
    *lock = 1;
    return true;
}

static bool release(const struct ks_kernel_call *call, uint64_t address)
{
    KSPIN_LOCK *lock = ks_guest_pointer(address);
    if (*lock == 0) {
        ks_nt_stop(call, STOP_SPIN_LOCK_NOT_OWNED, address, 0, 0, 0,
                   "released a spin lock that is not held");
        return false;
    }
    *lock = 0;
    return true;
}

static uint64_t acquire_and_raise(const struct ks_kernel_call *call, uint64_t lock, uint8_t level)
{
    struct ks_nt *nt = ks_nt(call->world);
    uint8_t before = nt->irql;
    if (before > level && is_checked(call)) {
        return ks_nt_stop(call, STOP_VERIFIER, ACQUIRED_ABOVE_DISPATCH, before, lock, 0,
                          "took a spin lock above DISPATCH_LEVEL");
    }
    if (acquire(call, lock)) {
        nt->irql = before > level ? before : level;
    }
    return before;
}

static void release_and_lower(const struct ks_kernel_call *call, uint64_t lock, uint8_t irql)
{
    const struct ks_nt *nt = ks_nt(call->world);
    if (nt->irql < KS_DISPATCH_LEVEL && is_checked(call)) {
        ks_nt_stop(call, STOP_VERIFIER, RELEASED_AT_BAD_IRQL, nt->irql, lock, 0,
                   "released a spin lock below DISPATCH_LEVEL");
    } else if (release(call, lock)) {
        lower(call, irql);
    }
}

uint64_t ks_ke_acquire_spin_lock(const struct ks_kernel_call *call)
{
    return acquire_and_raise(call, ARGUMENT(0), KS_DISPATCH_LEVEL);
}

uint64_t ks_ke_release_spin_lock(const struct ks_kernel_call *call)
{
    release_and_lower(call, ARGUMENT(0), (uint8_t)ARGUMENT(1));
    return 0;
}

static bool is_at_dispatch(const struct ks_kernel_call *call, uint64_t lock, uint32_t kind)
{
    const struct ks_nt *nt = ks_nt(call->world);
    if (nt->irql < KS_DISPATCH_LEVEL && is_checked(call)) {
        ks_nt_stop(call, STOP_VERIFIER, kind, nt->irql, lock, 0,
                   kind == ACQUIRED_BELOW_DISPATCH
                       ? "took a spin lock below DISPATCH_LEVEL without raising the IRQL"
                       : "released a spin lock below DISPATCH_LEVEL");
        return false;
    }
    return true;
}

uint64_t ks_ke_acquire_spin_lock_at_dpc(const struct ks_kernel_call *call)
{
    if (is_at_dispatch(call, ARGUMENT(0), ACQUIRED_BELOW_DISPATCH)) {
        acquire(call, ARGUMENT(0));
    }
    return 0;
}

uint64_t ks_ke_release_spin_lock_from_dpc(const struct ks_kernel_call *call)
{
    if (is_at_dispatch(call, ARGUMENT(0), RELEASED_BELOW_DISPATCH)) {
        release(call, ARGUMENT(0));
    }
    return 0;
}

uint64_t ks_ke_try_to_acquire_spin_lock(const struct ks_kernel_call *call)
{
    KSPIN_LOCK *lock = ks_guest_pointer(ARGUMENT(0));
    if (!is_at_dispatch(call, ARGUMENT(0), ACQUIRED_BELOW_DISPATCH) || *lock != 0) {
        return FALSE;
    }
    *lock = 1;
    return TRUE;
}

uint64_t ks_ke_test_spin_lock(const struct ks_kernel_call *call)
{
    return *(const KSPIN_LOCK *)ks_guest_pointer(ARGUMENT(0)) == 0;
}

// KeAcquireSpinLockForDpc and its counterpart: at DISPATCH_LEVEL as it is, else raising to it.
uint64_t ks_ke_acquire_spin_lock_for_dpc(const struct ks_kernel_call *call)
{
    return acquire_and_raise(call, ARGUMENT(0), KS_DISPATCH_LEVEL);
}

// ---- in-stack queued spin locks: KLOCK_QUEUE_HANDLE remembers lock and IRQL ----

uint64_t ks_ke_acquire_queued_lock(const struct ks_kernel_call *call)
{
    KLOCK_QUEUE_HANDLE *handle = ks_guest_pointer(ARGUMENT(1));
    handle->LockQueue.Next = NULL;
    handle->LockQueue.Lock = ks_guest_pointer(ARGUMENT(0));
    handle->OldIrql = ks_nt(call->world)->irql;
    acquire_and_raise(call, ARGUMENT(0), KS_DISPATCH_LEVEL);
    return 0;
}

uint64_t ks_ke_release_queued_lock(const struct ks_kernel_call *call)
{
    const KLOCK_QUEUE_HANDLE *handle = ks_guest_pointer(ARGUMENT(0));
    release_and_lower(call, (uint64_t)(uintptr_t)handle->LockQueue.Lock, handle->OldIrql);
    return 0;
}

uint64_t ks_ke_acquire_queued_lock_at_dpc(const struct ks_kernel_call *call)
{
    if (is_at_dispatch(call, ARGUMENT(0), ACQUIRED_BELOW_DISPATCH)) {
        ks_ke_acquire_queued_lock(call);
    }
    return 0;
}

uint64_t ks_ke_release_queued_lock_from_dpc(const struct ks_kernel_call *call)
{
    const KLOCK_QUEUE_HANDLE *handle = ks_guest_pointer(ARGUMENT(0));
    uint64_t lock = (uint64_t)(uintptr_t)handle->LockQueue.Lock;
    if (is_at_dispatch(call, lock, RELEASED_BELOW_DISPATCH)) {
        release(call, lock);
    }
    return 0;
}
