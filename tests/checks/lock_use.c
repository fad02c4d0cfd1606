// SPDX-License-Identifier: MIT
// IRQLs and locks that are used wrongly, and rightly to the limit.
#include "acts.h"

static KSPIN_LOCK lock;
static FAST_MUTEX mutex;
static KIRQL before, between;

static void raise_down(void)
{
    KeRaiseIrql(DISPATCH_LEVEL, &before);
    KeRaiseIrql(APC_LEVEL, &between);
    KeLowerIrql(before);
}

static void lower_up(void)
{
    KeLowerIrql(APC_LEVEL);
    KeLowerIrql(PASSIVE_LEVEL);
}

static void take_below(void)
{
    KeInitializeSpinLock(&lock);
    KeAcquireSpinLockAtDpcLevel(&lock);
    KeReleaseSpinLockFromDpcLevel(&lock);
}

static void mutex_above(void)
{
    ExInitializeFastMutex(&mutex);
    KeRaiseIrql(DISPATCH_LEVEL, &before);
    ExAcquireFastMutex(&mutex);
    ExReleaseFastMutex(&mutex);
    KeLowerIrql(before);
}

static void leave_too_often(void)
{
    KeLeaveCriticalRegion();
    KeEnterCriticalRegion();
}

static void right(void)
{
    KeInitializeSpinLock(&lock);
    ExInitializeFastMutex(&mutex);
    KeRaiseIrql(APC_LEVEL, &before);
    ExAcquireFastMutex(&mutex);
    ExReleaseFastMutex(&mutex);
    KeRaiseIrql(APC_LEVEL, &between);
    KeAcquireSpinLock(&lock, &between);
    KeReleaseSpinLockFromDpcLevel(&lock);
    KeAcquireSpinLockAtDpcLevel(&lock);
    KeReleaseSpinLock(&lock, between);
    KeLowerIrql(before);
    KeEnterCriticalRegion();
    KeLeaveCriticalRegion();
}

static const struct act acts[] = {
    {.name = "raise", .unload = raise_down},      {.name = "lower", .unload = lower_up},
    {.name = "below", .unload = take_below},      {.name = "mutex", .unload = mutex_above},
    {.name = "leave", .unload = leave_too_often}, {.name = "right", .unload = right},
};

#include "entry.h"
