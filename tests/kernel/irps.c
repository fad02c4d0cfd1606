// SPDX-License-Identifier: MIT
// IRPs down and up a stack of two devices: built, passed on, completed, cancelled.
#include "check.h"

#define CODE(method) CTL_CODE(FILE_DEVICE_UNKNOWN, 0x800, method, FILE_ANY_ACCESS)

static PDEVICE_OBJECT low, high;
static NTSTATUS answer;          // of the lower device
static ULONG_PTR information;    // of it
static PIRP pending;             // that it left pending
static ULONG seen;               // completion routines called
static NTSTATUS seen_status;     // that the last one saw
static BOOLEAN seen_pending;     // and PendingReturned
static IO_STACK_LOCATION at_low; // what the lower device got
static PVOID at_low_buffer;      // SystemBuffer
static PMDL at_low_mdl;          //

static NTSTATUS NTAPI on_upper_completion(PDEVICE_OBJECT device, PIRP irp, PVOID context)
{
    CHECK(device == high && context == &seen);
    seen++;
    seen_status = irp->IoStatus.Status;
    seen_pending = irp->PendingReturned;
    if (irp->PendingReturned) {
        IoMarkIrpPending(irp);
    }
    return STATUS_CONTINUE_COMPLETION;
}

static VOID NTAPI on_cancel(PDEVICE_OBJECT device, PIRP irp)
{
    CHECK(device == low && KeGetCurrentIrql() == DISPATCH_LEVEL);
    IoReleaseCancelSpinLock(irp->CancelIrql);
    pending = NULL;
    irp->IoStatus.Status = STATUS_CANCELLED;
    irp->IoStatus.Information = 0;
    IoCompleteRequest(irp, IO_NO_INCREMENT);
}

static NTSTATUS dispatch_low(PIRP irp)
{
    at_low = *IoGetCurrentIrpStackLocation(irp);
    at_low_buffer = irp->AssociatedIrp.SystemBuffer;
    at_low_mdl = irp->MdlAddress;
    if (answer == STATUS_PENDING) {
        IoMarkIrpPending(irp);
        pending = irp;
        IoSetCancelRoutine(irp, on_cancel);
        return STATUS_PENDING;
    }
    if (at_low_buffer != NULL && information != 0) {
        memset(at_low_buffer, 'r', information);
    }
    irp->IoStatus.Status = answer;
    irp->IoStatus.Information = information;
    IofCompleteRequest(irp, IO_NO_INCREMENT);
    return answer;
}

static NTSTATUS NTAPI dispatch(PDEVICE_OBJECT device, PIRP irp)
{
    if (device == low) {
        return dispatch_low(irp);
    }
    IoCopyCurrentIrpStackLocationToNext(irp);
    IoSetCompletionRoutine(irp, on_upper_completion, &seen, TRUE, TRUE, TRUE);
    return IofCallDriver(low, irp);
}

static void complete_pending(NTSTATUS status)
{
    PIRP irp = pending;
    pending = NULL;
    IoSetCancelRoutine(irp, NULL);
    irp->IoStatus.Status = status;
    irp->IoStatus.Information = information;
    IoCompleteRequest(irp, IO_NO_INCREMENT);
}

static void answers(NTSTATUS status, ULONG_PTR size)
{
    answer = status;
    information = size;
    seen = 0;
}

// ---- IRPs of the driver's own ----

static NTSTATUS NTAPI on_own_completion(PDEVICE_OBJECT device, PIRP irp, PVOID context)
{
    CHECK(device == NULL && context == &answer);
    UNREFERENCED_PARAMETER(irp);
    return STATUS_MORE_PROCESSING_REQUIRED;
}

static NTSTATUS send(PIRP irp, UCHAR major)
{
    IoGetNextIrpStackLocation(irp)->MajorFunction = major;
    IoSetCompletionRoutine(irp, on_own_completion, &answer, TRUE, TRUE, TRUE);
    return IoCallDriver(high, irp);
}

static void check_own(void)
{
    PIRP irp = IoAllocateIrp(high->StackSize, FALSE);
    CHECK(irp->Type == IO_TYPE_IRP && irp->StackCount == 2 && irp->CurrentLocation == 3);
    CHECK(irp->Size == IoSizeOfIrp(2) && irp->IoStatus.Status == 0);
    answers(STATUS_SUCCESS, 5);
    CHECK(send(irp, IRP_MJ_FLUSH_BUFFERS) == STATUS_SUCCESS);
    CHECK(seen == 1 && !seen_pending && irp->IoStatus.Information == 5);
    CHECK(at_low.MajorFunction == IRP_MJ_FLUSH_BUFFERS && at_low.DeviceObject == low);
    IoReuseIrp(irp, STATUS_UNSUCCESSFUL);
    CHECK(irp->IoStatus.Status == STATUS_UNSUCCESSFUL && irp->CurrentLocation == 3);
    answers(STATUS_PENDING, 6);
    CHECK(send(irp, IRP_MJ_FLUSH_BUFFERS) == STATUS_PENDING && seen == 0 && pending == irp);
    complete_pending(STATUS_DEVICE_NOT_READY);
    CHECK(seen == 1 && seen_pending && seen_status == STATUS_DEVICE_NOT_READY);
    CHECK(irp->PendingReturned && irp->IoStatus.Information == 6);
    IoFreeIrp(irp);
    irp = IoAllocateIrpEx(high, high->StackSize, FALSE);
    CHECK(irp != NULL && irp->StackCount == 2);
    answers(STATUS_SUCCESS, 0);
    CHECK(send(irp, IRP_MJ_SHUTDOWN) == STATUS_INVALID_DEVICE_REQUEST && seen == 0);
    IoFreeIrp(irp);
    CHECK(IoAllocateIrp(0, FALSE) == NULL && IoAllocateIrpEx(high, -1, FALSE) == NULL);
}

static void check_initialized(void)
{
    UCHAR room[sizeof(IRP) + 2 * sizeof(IO_STACK_LOCATION)];
    PIRP irp = (PIRP)room;
    memset(room, 0xFF, sizeof room);
    IoInitializeIrp(irp, IoSizeOfIrp(2), 2);
    CHECK(irp->Type == IO_TYPE_IRP && irp->CurrentLocation == 3 && irp->MdlAddress == NULL);
    answers(STATUS_SUCCESS, 0);
    CHECK(send(irp, IRP_MJ_FLUSH_BUFFERS) == STATUS_SUCCESS && seen == 1);
}

// ---- cancelling ----

static void check_cancel(void)
{
    PIRP irp = IoAllocateIrp(high->StackSize, FALSE);
    KIRQL irql = 9;
    IoAcquireCancelSpinLock(&irql);
    CHECK(irql == PASSIVE_LEVEL && KeGetCurrentIrql() == DISPATCH_LEVEL);
    IoReleaseCancelSpinLock(irql);
    CHECK(KeGetCurrentIrql() == PASSIVE_LEVEL);
    answers(STATUS_PENDING, 0);
    CHECK(send(irp, IRP_MJ_FLUSH_BUFFERS) == STATUS_PENDING);
    CHECK(IoCancelIrp(irp) && irp->Cancel && irp->CancelRoutine == NULL);
    CHECK(seen == 1 && seen_status == STATUS_CANCELLED && pending == NULL);
    CHECK(KeGetCurrentIrql() == PASSIVE_LEVEL);
    CHECK(!IoCancelIrp(irp));
    IoFreeIrp(irp);
}

// ---- requests that the system builds ----

static void check_control(void)
{
    UCHAR in[] = "input", out[16] = {0};
    IO_STATUS_BLOCK block = {.Information = 99};
    KEVENT event;
    PIRP irp;
    KeInitializeEvent(&event, NotificationEvent, FALSE);
    answers(STATUS_SUCCESS, 4);
    irp = IoBuildDeviceIoControlRequest(CODE(METHOD_BUFFERED), high, in, sizeof in, out, sizeof out,
                                        FALSE, &event, &block);
    CHECK(memcmp(irp->AssociatedIrp.SystemBuffer, "input", 6) == 0 && irp->UserBuffer == out);
    CHECK(IoCallDriver(high, irp) == STATUS_SUCCESS && KeReadStateEvent(&event) == 1);
    CHECK(block.Status == STATUS_SUCCESS && block.Information == 4);
    CHECK(memcmp(out, "rrrr\0", 5) == 0 && at_low.MajorFunction == IRP_MJ_DEVICE_CONTROL);
    CHECK(at_low.Parameters.DeviceIoControl.IoControlCode == CODE(METHOD_BUFFERED));
    CHECK(at_low.Parameters.DeviceIoControl.OutputBufferLength == 16);
    KeClearEvent(&event);
    block.Information = 99;
    answers(STATUS_DEVICE_NOT_READY, 2);
    irp = IoBuildDeviceIoControlRequest(CODE(METHOD_OUT_DIRECT), high, in, sizeof in, out,
                                        sizeof out, TRUE, &event, &block);
    CHECK(IoCallDriver(high, irp) == STATUS_DEVICE_NOT_READY);
    CHECK(KeReadStateEvent(&event) == 0 && block.Information == 99);
    CHECK(at_low.MajorFunction == IRP_MJ_INTERNAL_DEVICE_CONTROL && at_low_mdl != NULL);
    answers(STATUS_PENDING, 0);
    irp = IoBuildDeviceIoControlRequest(CODE(METHOD_NEITHER), high, in, sizeof in, out, sizeof out,
                                        FALSE, &event, &block);
    CHECK(IoCallDriver(high, irp) == STATUS_PENDING);
    CHECK(at_low.Parameters.DeviceIoControl.Type3InputBuffer == in && at_low_buffer == NULL);
    complete_pending(STATUS_DEVICE_NOT_READY);
    CHECK(KeReadStateEvent(&event) == 1 && block.Status == STATUS_DEVICE_NOT_READY);
    irp = IoBuildDeviceIoControlRequest(CODE(METHOD_BUFFERED), high, NULL, 0, out, MAXULONG / 2,
                                        FALSE, &event, &block);
    CHECK(irp == NULL);
}

static void check_transfers(void)
{
    UCHAR data[64] = "data";
    LARGE_INTEGER offset = {.QuadPart = 0x123456789};
    IO_STATUS_BLOCK block = {.Information = 99};
    KEVENT event;
    PIRP irp;
    KeInitializeEvent(&event, NotificationEvent, FALSE);
    answers(STATUS_SUCCESS, 3);
    high->Flags |= DO_BUFFERED_IO;
    irp =
        IoBuildSynchronousFsdRequest(IRP_MJ_READ, high, data, sizeof data, &offset, &event, &block);
    CHECK(IoCallDriver(high, irp) == STATUS_SUCCESS && memcmp(data, "rrra", 4) == 0);
    CHECK(at_low.Parameters.Read.Length == 64);
    CHECK(at_low.Parameters.Read.ByteOffset.QuadPart == 0x123456789 && block.Information == 3);
    high->Flags = (high->Flags & ~(ULONG)DO_BUFFERED_IO) | DO_DIRECT_IO;
    irp = IoBuildAsynchronousFsdRequest(IRP_MJ_WRITE, high, data, sizeof data, &offset, NULL);
    CHECK(irp->MdlAddress != NULL && MmGetMdlByteCount(irp->MdlAddress) == 64);
    CHECK((irp->MdlAddress->MdlFlags & MDL_PAGES_LOCKED) != 0);
    CHECK(MmGetSystemAddressForMdlSafe(irp->MdlAddress, NormalPagePriority) == data);
    answers(STATUS_SUCCESS, 0);
    CHECK(IoCallDriver(high, irp) == STATUS_SUCCESS);
    high->Flags &= ~(ULONG)DO_DIRECT_IO;
    irp = IoBuildSynchronousFsdRequest(IRP_MJ_FLUSH_BUFFERS, high, NULL, 0, NULL, &event, &block);
    CHECK(IoCallDriver(high, irp) == STATUS_SUCCESS && at_low_buffer == NULL);
    high->Flags |= DO_BUFFERED_IO;
    CHECK(IoBuildSynchronousFsdRequest(IRP_MJ_READ, high, data, MAXULONG / 2, &offset, &event,
                                       &block) == NULL);
    CHECK(IoBuildAsynchronousFsdRequest(IRP_MJ_READ, high, data, MAXULONG / 2, &offset, &block) ==
          NULL);
    high->Flags &= ~(ULONG)DO_BUFFERED_IO;
}

static void check_associated(void)
{
    IO_STATUS_BLOCK block = {.Information = 99};
    KEVENT event;
    PIRP master, part;
    KeInitializeEvent(&event, NotificationEvent, FALSE);
    answers(STATUS_SUCCESS, 0);
    master =
        IoBuildSynchronousFsdRequest(IRP_MJ_FLUSH_BUFFERS, high, NULL, 0, NULL, &event, &block);
    master->AssociatedIrp.IrpCount = 2;
    CHECK(IoMakeAssociatedIrp(master, 0) == NULL);
    for (int i = 0; i < 2; i++) {
        part = IoMakeAssociatedIrp(master, high->StackSize);
        CHECK((part->Flags & IRP_ASSOCIATED_IRP) != 0 && part->AssociatedIrp.MasterIrp == master);
        IoGetNextIrpStackLocation(part)->MajorFunction = IRP_MJ_FLUSH_BUFFERS;
        CHECK(KeReadStateEvent(&event) == 0);
        CHECK(IoCallDriver(high, part) == STATUS_SUCCESS);
    }
    CHECK(KeReadStateEvent(&event) == 1 && block.Status == STATUS_SUCCESS);
}

// ---- MDLs ----

static void check_mdls(void)
{
    PUCHAR data = ExAllocatePoolWithTag(NonPagedPool, 3 * PAGE_SIZE, TAG);
    PIRP irp = IoAllocateIrp(1, FALSE);
    PMDL mdl = IoAllocateMdl(data + 100, 2 * PAGE_SIZE, FALSE, FALSE, irp);
    PMDL second = IoAllocateMdl(data, 16, TRUE, FALSE, irp);
    CHECK(irp->MdlAddress == mdl && mdl->Next == second && second->Next == NULL);
    CHECK(mdl->ByteCount == 2 * PAGE_SIZE && mdl->ByteOffset == 100 && mdl->StartVa == data);
    CHECK(MmGetMdlVirtualAddress(mdl) == data + 100 && mdl->Size == sizeof(MDL) + 3 * 8);
    mdl->Next = NULL;
    MmBuildMdlForNonPagedPool(mdl);
    CHECK((mdl->MdlFlags & MDL_SOURCE_IS_NONPAGED_POOL) && mdl->MappedSystemVa == data + 100);
    CHECK(MmGetMdlPfnArray(mdl)[1] == MmGetMdlPfnArray(mdl)[0] + 1);
    IoBuildPartialMdl(mdl, second, data + 200, 16);
    CHECK(second->ByteCount == 16 && second->ByteOffset == 200 && (second->MdlFlags & MDL_PARTIAL));
    CHECK(MmGetSystemAddressForMdlSafe(second, NormalPagePriority) == data + 200);
    IoFreeMdl(second);
    IoFreeMdl(mdl);
    mdl = IoAllocateMdl(data, PAGE_SIZE, FALSE, FALSE, NULL);
    MmProbeAndLockPages(mdl, KernelMode, IoModifyAccess);
    CHECK((mdl->MdlFlags & (MDL_PAGES_LOCKED | MDL_WRITE_OPERATION)) ==
          (MDL_PAGES_LOCKED | MDL_WRITE_OPERATION));
    CHECK(MmMapLockedPagesSpecifyCache(mdl, KernelMode, MmCached, NULL, FALSE,
                                       NormalPagePriority) == data);
    CHECK(mdl->MdlFlags & MDL_MAPPED_TO_SYSTEM_VA);
    MmUnmapLockedPages(data, mdl);
    CHECK((mdl->MdlFlags & MDL_MAPPED_TO_SYSTEM_VA) == 0);
    CHECK(MmMapLockedPages(mdl, KernelMode) == data);
    MmUnlockPages(mdl);
    CHECK((mdl->MdlFlags & (MDL_PAGES_LOCKED | MDL_MAPPED_TO_SYSTEM_VA)) == 0);
    IoFreeMdl(mdl);
    IoFreeIrp(irp);
    CHECK(IoAllocateMdl(NULL, MAXULONG, FALSE, FALSE, NULL) != NULL);
    ExFreePoolWithTag(data, TAG);
}

static void check(PDRIVER_OBJECT driver, PUNICODE_STRING path)
{
    UNREFERENCED_PARAMETER(path);
    driver->MajorFunction[IRP_MJ_READ] = driver->MajorFunction[IRP_MJ_WRITE] = dispatch;
    driver->MajorFunction[IRP_MJ_FLUSH_BUFFERS] = dispatch;
    driver->MajorFunction[IRP_MJ_DEVICE_CONTROL] = dispatch;
    driver->MajorFunction[IRP_MJ_INTERNAL_DEVICE_CONTROL] = dispatch;
    CHECK(IoCreateDevice(driver, 0, NULL, FILE_DEVICE_UNKNOWN, 0, FALSE, &low) == 0);
    CHECK(IoCreateDevice(driver, 0, NULL, FILE_DEVICE_UNKNOWN, 0, FALSE, &high) == 0);
    low->Flags &= ~(ULONG)DO_DEVICE_INITIALIZING;
    CHECK(IoAttachDeviceToDeviceStack(high, low) == low);
    check_own();
    check_initialized();
    check_cancel();
    check_control();
    check_transfers();
    check_associated();
    check_mdls();
    IoDetachDevice(low);
    IoDeleteDevice(high);
    IoDeleteDevice(low);
}
