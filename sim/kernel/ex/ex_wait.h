// SPDX-License-Identifier: MIT
// Waiting for locks of the executive: resources, push locks, rundown protection. Who waits is kept
// here, in the order of coming, by the lock's address; the lock itself says who holds it.
#ifndef KS_KERNEL_EX_WAIT_H
#define KS_KERNEL_EX_WAIT_H

#include "kernel/ke/ke_state.h"

enum ks_ex_kind {
    KS_EX_SHARED = 1,
    KS_EX_EXCLUSIVE = 2,
    KS_EX_RUNDOWN = 4, // for the last holder to go
};

// One that waits; on its own stack.
struct ks_ex_waiter {
    struct ks_ex_waiter *next;
    uint64_t lock;
    enum ks_ex_kind kind;
    struct ks_ke_thread *thread;
    KEVENT event;
};

// The current thread waits until somebody lets it go, with timeout or NULL. what: the lock's kind
// for people; owner: a thread object that holds it, or 0. Answers as a wait does. The caller of the
// call is where it waits.
uint32_t ks_ex_wait(const struct ks_kernel_call *call, uint64_t lock, enum ks_ex_kind kind,
                    const char *what, uint64_t owner);
// The first of some kinds (bits) that waits for a lock; NULL: nobody.
struct ks_ex_waiter *ks_ex_first_waiter(const struct ks_ke *ke, uint64_t lock, unsigned kinds);
uint32_t ks_ex_count_waiters(const struct ks_ke *ke, uint64_t lock, unsigned kinds);
// It has what it waited for.
void ks_ex_let_go(struct ks_ke *ke, struct ks_ex_waiter *waiter);

#endif
