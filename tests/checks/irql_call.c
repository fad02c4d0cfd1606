// SPDX-License-Identifier: MIT
// A function that is called above its highest IRQL, and at it.
#include "acts.h"

static void call_at(KIRQL level)
{
    KIRQL before;
    KeRaiseIrql(level, &before);
    KeEnterCriticalRegion();
    KeLeaveCriticalRegion();
    KeLowerIrql(before);
}

static void above(void)
{
    call_at(DISPATCH_LEVEL);
}

static void at(void)
{
    call_at(APC_LEVEL);
}

static const struct act acts[] = {
    {.name = "above", .unload = above},
    {.name = "at", .unload = at},
};

#include "entry.h"
