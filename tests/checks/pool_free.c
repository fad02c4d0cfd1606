// SPDX-License-Identifier: MIT
// Blocks of pool that are freed wrongly, and blocks that are freed in every right way.
#include "acts.h"

static ULONG no_block;

static PVOID take(void)
{
    return ExAllocatePoolWithTag(NonPagedPool, 24, TAG);
}

static void twice(void)
{
    PVOID block = take();
    ExFreePoolWithTag(block, TAG);
    ExFreePoolWithTag(block, TAG);
}

static void wrong_tag(void)
{
    ExFreePoolWithTag(take(), TAG + 1);
}

static void no_pool(void)
{
    ExFreePoolWithTag(&no_block, TAG);
}

static void right(void)
{
    ExFreePoolWithTag(take(), TAG);
    ExFreePoolWithTag(take(), 0);
    ExFreePool(take());
}

static const struct act acts[] = {
    {.name = "twice", .unload = twice},
    {.name = "wrong", .unload = wrong_tag},
    {.name = "none", .unload = no_pool},
    {.name = "right", .unload = right},
};

#include "entry.h"
