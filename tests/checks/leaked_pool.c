// SPDX-License-Identifier: MIT
// Pool that is left behind, or freed at the last moment, or freed by somebody else.
#include "acts.h"

static PVOID blocks[3];

static void take(void)
{
    blocks[0] = ExAllocatePoolWithTag(NonPagedPool, 40, TAG);
    blocks[1] = ExAllocatePoolWithTag(NonPagedPool, 30, TAG);
    blocks[2] = ExAllocatePoolWithTag(NonPagedPool, 20, 'O' | 'n' << 8 | 'e' << 16 | '.' << 24);
}

static void give_one(void)
{
    ExFreePoolWithTag(blocks[0], TAG);
}

static void give_all(void)
{
    for (int i = 0; i < 3; i++) {
        ExFreePool(blocks[i]);
    }
}

// The last thing that the routine does, which compilers make a jump of.
static void lose(void)
{
    ExAllocatePoolWithTag(NonPagedPool, 8, TAG);
}

static const struct act acts[] = {
    {.name = "left", .load = take, .unload = give_one},
    {.name = "freed", .load = take, .unload = give_all},
    {.name = "lost", .unload = lose},
};

#include "entry.h"
