// SPDX-License-Identifier: MIT
// Uses of freed pool and of what is beyond the end of a block, by the driver and by the kernel with
// what the driver gives it; and uses up to the end.
#include "acts.h"

static volatile UCHAR *block;
static volatile UCHAR seen;

static void take(void)
{
    block = ExAllocatePoolWithTag(NonPagedPool, 32, TAG);
}

static void take_and_free(void)
{
    take();
    ExFreePoolWithTag((PVOID)block, TAG);
}

static void give(void)
{
    ExFreePoolWithTag((PVOID)block, TAG);
}

static NTSTATUS read_8(PDEVICE_OBJECT target, PIRP irp)
{
    UNREFERENCED_PARAMETER(target);
    seen = block[8];
    return complete(irp, STATUS_SUCCESS);
}

static NTSTATUS write_8(PDEVICE_OBJECT target, PIRP irp)
{
    UNREFERENCED_PARAMETER(target);
    block[8] = 1;
    return complete(irp, STATUS_SUCCESS);
}

static NTSTATUS read_32(PDEVICE_OBJECT target, PIRP irp)
{
    UNREFERENCED_PARAMETER(target);
    seen = block[32];
    return complete(irp, STATUS_SUCCESS);
}

// Nor does a handler of the driver's help, nor the IRQL matter.
static NTSTATUS write_32(PDEVICE_OBJECT target, PIRP irp)
{
    KIRQL before;
    UNREFERENCED_PARAMETER(target);
    KeRaiseIrql(DISPATCH_LEVEL, &before);
    block[32] = 1;
    KeLowerIrql(before);
    return complete(irp, STATUS_SUCCESS);
}

static NTSTATUS let_kernel_write(PDEVICE_OBJECT target, PIRP irp)
{
    UNREFERENCED_PARAMETER(target);
    KeInitializeEvent((PKEVENT)(block + 8), NotificationEvent, FALSE);
    return complete(irp, STATUS_SUCCESS);
}

static NTSTATUS let_kernel_write_beyond(PDEVICE_OBJECT target, PIRP irp)
{
    UNREFERENCED_PARAMETER(target);
    KeInitializeEvent((PKEVENT)(block + 32), NotificationEvent, FALSE);
    return complete(irp, STATUS_SUCCESS);
}

static NTSTATUS use_all(PDEVICE_OBJECT target, PIRP irp)
{
    UNREFERENCED_PARAMETER(target);
    for (ULONG size = 1; size < 10000; size += 37) {
        PUCHAR bytes = ExAllocatePoolWithTag(PagedPool, size, TAG);
        RtlFillMemory(bytes, size, 1);
        seen = bytes[size - 1];
        ExFreePoolWithTag(bytes, TAG);
    }
    block[0] = block[31] = 1;
    return complete(irp, STATUS_SUCCESS);
}

static void overrun(void)
{
    PUCHAR bytes = ExAllocatePoolWithTag(PagedPool, 21, TAG);
    bytes[21] = 1; // before the end of the page: seen when it is freed
    ExFreePoolWithTag(bytes, TAG);
}

static void overrun_pages(void)
{
    PUCHAR bytes = ExAllocatePoolWithTag(PagedPool, 5000, TAG);
    if (((ULONG_PTR)bytes & 0xFFF) == 0) {
        bytes[5254] = 1;
    }
    ExFreePoolWithTag(bytes, TAG);
}

static void twice(void)
{
    give();
    give();
}

static const struct act acts[] = {
    {.name = "read", .load = take_and_free, .write = read_8},
    {.name = "write", .load = take_and_free, .write = write_8},
    {.name = "kernel", .load = take_and_free, .write = let_kernel_write},
    {.name = "read-beyond", .load = take, .write = read_32, .unload = give},
    {.name = "write-beyond", .load = take, .write = write_32, .unload = give},
    {.name = "kernel-beyond", .load = take, .write = let_kernel_write_beyond, .unload = give},
    {.name = "overrun", .unload = overrun},
    {.name = "overrun-pages", .unload = overrun_pages},
    {.name = "twice", .load = take, .unload = twice},
    {.name = "all", .load = take, .write = use_all, .unload = give},
};

#include "entry.h"
