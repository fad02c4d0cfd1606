// SPDX-License-Identifier: MIT
// Routines that return with a spin lock, so at another IRQL, and routines that release it in time.
#include "returns.h"

static KSPIN_LOCK lock;
static KIRQL before;

static void enter(void)
{
    KeInitializeSpinLock(&lock);
    if (KeGetCurrentIrql() == DISPATCH_LEVEL) {
        KeRaiseIrql(DISPATCH_LEVEL + 1, &before);
    } else {
        KeAcquireSpinLock(&lock, &before);
    }
}

static void leave(void)
{
    if (KeGetCurrentIrql() == DISPATCH_LEVEL) {
        KeReleaseSpinLock(&lock, before);
    } else {
        KeLowerIrql(before);
    }
}
