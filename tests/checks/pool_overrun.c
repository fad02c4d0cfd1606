// SPDX-License-Identifier: MIT
// Writes behind the end of a block of pool, and up to it.
#include "acts.h"

static PUCHAR block;

static void take(void)
{
    block = ExAllocatePoolWithTag(NonPagedPool, 21, TAG);
}

static void write_to(ULONG end)
{
    for (volatile ULONG i = 0; i < end; i++) {
        block[i] = (UCHAR)i;
    }
}

static void beyond(void)
{
    write_to(22);
    ExFreePoolWithTag(block, TAG);
}

static void beyond_and_left(void)
{
    write_to(22);
}

static void up_to(void)
{
    write_to(21);
    ExFreePoolWithTag(block, TAG);
}

static const struct act acts[] = {
    {.name = "beyond", .load = take, .unload = beyond},
    {.name = "left", .load = take, .unload = beyond_and_left},
    {.name = "upto", .load = take, .unload = up_to},
};

#include "entry.h"
