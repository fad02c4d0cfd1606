// SPDX-License-Identifier: MIT
// Writes to freed pool, and uses of pool that are not.
#include "acts.h"

static volatile UCHAR *block;
static volatile UCHAR seen;

static void free_block(void)
{
    block = ExAllocatePoolWithTag(NonPagedPool, 40, TAG);
    ExFreePoolWithTag((PVOID)block, TAG);
}

static NTSTATUS write_freed(PDEVICE_OBJECT target, PIRP irp)
{
    UNREFERENCED_PARAMETER(target);
    block[8] = 1;
    return complete(irp, STATUS_SUCCESS);
}

static NTSTATUS read_freed(PDEVICE_OBJECT target, PIRP irp)
{
    UNREFERENCED_PARAMETER(target);
    seen = block[8];
    return complete(irp, STATUS_SUCCESS);
}

// The blocks of one size come again some day: until they do, and beyond.
static NTSTATUS write_again(PDEVICE_OBJECT target, PIRP irp)
{
    UNREFERENCED_PARAMETER(target);
    for (int i = 0; i < 100; i++) {
        PUCHAR other = ExAllocatePoolWithTag(NonPagedPool, 40, TAG);
        RtlFillMemory(other, 40, i);
        ExFreePoolWithTag(other, TAG);
    }
    return complete(irp, STATUS_SUCCESS);
}

static void write_at_unload(void)
{
    block[39] = 1;
}

static const struct act acts[] = {
    {.name = "written", .load = free_block, .write = write_freed},
    {.name = "late", .load = free_block, .unload = write_at_unload},
    {.name = "read", .load = free_block, .write = read_freed},
    {.name = "again", .load = free_block, .write = write_again},
};

#include "entry.h"
