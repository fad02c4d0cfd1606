// SPDX-License-Identifier: MIT
// Ke: spin locks on the one processor there is. Taking a lock that is held would spin for ever:
// stop code 0x0F says so instead.

#include "kernel/nt.h"

#define DISPATCH_LEVEL               2u
#define STOP_SPIN_LOCK_ALREADY_OWNED 0x0Fu
#define STOP_SPIN_LOCK_NOT_OWNED     0x10u

uint64_t ks_ke_get_current_irql(const struct ks_kernel_call *call)
{
    return ks_nt(call->world)->irql;
}

uint64_t ks_ke_initialize_spin_lock(const struct ks_kernel_call *call)
{
    ks_guest_put_number(call->arguments[0], 8, 0);
    return 0;
}

static void acquire(const struct ks_kernel_call *call)
{
    uint64_t lock = call->arguments[0];
    if (ks_guest_number(lock, 8) != 0) {
        ks_nt_stop(call, STOP_SPIN_LOCK_ALREADY_OWNED, lock, 0, 0, 0,
                   "took a spin lock that is held: on this one processor it never gets free");
        return;
    }
    ks_guest_put_number(lock, 8, 1);
}

static void release(const struct ks_kernel_call *call)
{
    uint64_t lock = call->arguments[0];
    if (ks_guest_number(lock, 8) == 0) {
        ks_nt_stop(call, STOP_SPIN_LOCK_NOT_OWNED, lock, 0, 0, 0,
                   "released a spin lock that is not held");
        return;
    }
    ks_guest_put_number(lock, 8, 0);
}

uint64_t ks_ke_acquire_spin_lock(const struct ks_kernel_call *call)
{
    uint8_t before = ks_nt(call->world)->irql;
    acquire(call);
    ks_nt(call->world)->irql = DISPATCH_LEVEL;
    return before;
}

uint64_t ks_ke_release_spin_lock(const struct ks_kernel_call *call)
{
    release(call);
    ks_nt(call->world)->irql = (uint8_t)call->arguments[1];
    return 0;
}

uint64_t ks_ke_acquire_spin_lock_at_dpc(const struct ks_kernel_call *call)
{
    acquire(call);
    return 0;
}

uint64_t ks_ke_release_spin_lock_from_dpc(const struct ks_kernel_call *call)
{
    release(call);
    return 0;
}
