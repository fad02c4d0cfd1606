// SPDX-License-Identifier: MIT
// A driver with one fault at most: FAULT says which. Every place of a fault is an "if" on FAULT, so
// the right way stands beside it.
#include <ntddk.h>

#define TAG 0x6B61654C // 'Leak'

// The names are those of the drivers.
enum fault {
    none,
    leaked_pool,
    leaked_link,
    leaked_device,
    leaked_handle,
    leaked_callback,
    leaked_irp,
    leaked_lookaside,
    leaked_resource,
    left_timer,
    left_thread,
    left_work,
    overrun,
    stack_overrun,
    freed_twice,
    used_after_free,
    freed_timer,
    wrong_tag,
    completed_twice,
    never_completed,
    lock_held,
    irql_raised,
    left_region,
    wrong_irql,
};

DRIVER_INITIALIZE DriverEntry;

static UNICODE_STRING device_name = RTL_CONSTANT_STRING(u"\\Device\\Leaky");
static UNICODE_STRING link_name = RTL_CONSTANT_STRING(u"\\??\\Leaky");

static PDEVICE_OBJECT device;
static BOOLEAN linked;
static PVOID notes;
static HANDLE parameters;
static PCALLBACK_OBJECT callback;
static PVOID registration;
static KTIMER timer;
static KDPC dpc;
static KEVENT stop;
static PVOID thread;
static WORK_QUEUE_ITEM item;
static KEVENT item_done;
static KSPIN_LOCK lock;
static ULONG written;
static ULONG updated;
static NPAGED_LOOKASIDE_LIST lookaside;
static ERESOURCE resource;

// ---- what a write does ----

// A copy of the data, as a driver would make that works on them later.
static NTSTATUS copy(const UCHAR *Data, ULONG Length)
{
    PUCHAR block = ExAllocatePoolWithTag(NonPagedPool, Length, TAG);

    if (block == NULL) {
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    RtlCopyMemory(block, Data, Length);
    if (FAULT == overrun) {
        block[Length] = 0; // a zero behind a text, for which there is no room
    }
    ExFreePoolWithTag(block, FAULT == wrong_tag ? TAG + 1 : TAG);
    if (FAULT == freed_twice) {
        ExFreePoolWithTag(block, TAG);
    }
    if (FAULT == used_after_free) {
        *(volatile UCHAR *)block = 0;
    }
    return STATUS_SUCCESS;
}

// The first bytes, as a text of 8 characters at most.
static void show(const UCHAR *Data, ULONG Length)
{
    volatile CHAR text[9];
    ULONG most = FAULT == stack_overrun ? Length : 8;
    ULONG i;

    for (i = 0; i < Length && i < most; i++) {
        text[i] = (CHAR)Data[i];
    }
    if (i < sizeof text) {
        text[i] = 0;
        DbgPrint("leaky: %s\n", text);
    }
}

// Memory of a size that is needed often.
static void use_scratch(void)
{
    PVOID scratch = ExAllocateFromNPagedLookasideList(&lookaside);

    if (scratch != NULL) {
        ExFreeToNPagedLookasideList(&lookaside, scratch);
    }
}

// Waits a little, with a timer of its own.
static void pause(void)
{
    LARGE_INTEGER due = {.QuadPart = -10000};
    PKTIMER own = ExAllocatePoolWithTag(NonPagedPool, sizeof *own, TAG);

    if (own != NULL) {
        KeInitializeTimer(own);
        KeSetTimer(own, due, NULL);
        if (FAULT != freed_timer) {
            KeWaitForSingleObject(own, Executive, KernelMode, FALSE, NULL);
        }
        ExFreePoolWithTag(own, TAG);
    }
}

// What the lock of a resource protects.
static void update(ULONG Length)
{
    KeEnterCriticalRegion();
    ExAcquireResourceExclusiveLite(&resource, TRUE);
    updated += Length;
    ExReleaseResourceLite(&resource);
    if (FAULT != left_region) {
        KeLeaveCriticalRegion();
    }
}

static void flush(void)
{
    PIRP irp = IoAllocateIrp(1, FALSE);

    if (irp != NULL && FAULT != leaked_irp) {
        IoFreeIrp(irp);
    }
}

static void count(ULONG Length)
{
    KIRQL irql;

    KeAcquireSpinLock(&lock, &irql);
    written += Length;
    if (FAULT == wrong_irql) {
        KeWaitForSingleObject(&stop, Executive, KernelMode, FALSE, NULL);
    }
    if (FAULT == lock_held && Length > 8) {
        return; // an early return that forgets the lock
    }
    KeReleaseSpinLock(&lock, irql);
    if (FAULT == irql_raised) {
        KeRaiseIrql(APC_LEVEL, &irql);
    }
}

static NTSTATUS complete(PIRP Irp, NTSTATUS Status, ULONG_PTR Information)
{
    Irp->IoStatus.Status = Status;
    Irp->IoStatus.Information = Information;
    IoCompleteRequest(Irp, IO_NO_INCREMENT);
    return Status;
}

static NTSTATUS NTAPI write(PDEVICE_OBJECT Device, PIRP Irp)
{
    ULONG length = IoGetCurrentIrpStackLocation(Irp)->Parameters.Write.Length;
    NTSTATUS status = copy(Irp->AssociatedIrp.SystemBuffer, length);

    UNREFERENCED_PARAMETER(Device);
    if (NT_SUCCESS(status)) {
        show(Irp->AssociatedIrp.SystemBuffer, length);
        use_scratch();
        pause();
        update(length);
        flush();
        count(length);
    }
    if (FAULT == never_completed) {
        IoMarkIrpPending(Irp);
        return STATUS_PENDING; // and nobody has kept the IRP
    }
    if (FAULT == completed_twice) {
        complete(Irp, status, length);
    }
    return complete(Irp, status, length);
}

static NTSTATUS NTAPI open_close(PDEVICE_OBJECT Device, PIRP Irp)
{
    UNREFERENCED_PARAMETER(Device);
    return complete(Irp, STATUS_SUCCESS, 0);
}

// ---- what goes on in the background ----

static VOID NTAPI on_timer(PKDPC Dpc, PVOID Context, PVOID Argument1, PVOID Argument2)
{
    UNREFERENCED_PARAMETER(Dpc);
    UNREFERENCED_PARAMETER(Context);
    UNREFERENCED_PARAMETER(Argument1);
    UNREFERENCED_PARAMETER(Argument2);
}

static VOID NTAPI on_callback(PVOID Context, PVOID Argument1, PVOID Argument2)
{
    UNREFERENCED_PARAMETER(Context);
    UNREFERENCED_PARAMETER(Argument1);
    UNREFERENCED_PARAMETER(Argument2);
}

static VOID NTAPI on_item(PVOID Context)
{
    UNREFERENCED_PARAMETER(Context);
    KeSetEvent(&item_done, IO_NO_INCREMENT, FALSE);
}

static VOID NTAPI run_thread(PVOID Context)
{
    UNREFERENCED_PARAMETER(Context);
    KeWaitForSingleObject(&stop, Executive, KernelMode, FALSE, NULL);
    PsTerminateSystemThread(STATUS_SUCCESS);
}

static NTSTATUS start_thread(void)
{
    HANDLE handle;
    NTSTATUS status =
        PsCreateSystemThread(&handle, THREAD_ALL_ACCESS, NULL, NULL, NULL, run_thread, NULL);

    if (NT_SUCCESS(status)) {
        status = ObReferenceObjectByHandle(handle, SYNCHRONIZE, *PsThreadType, KernelMode, &thread,
                                           NULL);
        ZwClose(handle);
    }
    return status;
}

static NTSTATUS start_callback(void)
{
    OBJECT_ATTRIBUTES attributes;

    InitializeObjectAttributes(&attributes, NULL, 0, NULL, NULL);
    NTSTATUS status = ExCreateCallback(&callback, &attributes, TRUE, TRUE);
    if (NT_SUCCESS(status)) {
        registration = ExRegisterCallback(callback, on_callback, NULL);
        status = registration != NULL ? STATUS_SUCCESS : STATUS_INSUFFICIENT_RESOURCES;
    }
    return status;
}

static void start_timer(void)
{
    LARGE_INTEGER due = {.QuadPart = -600000000}; // in a minute

    KeInitializeTimer(&timer);
    KeInitializeDpc(&dpc, on_timer, NULL);
    KeSetTimer(&timer, due, &dpc);
}

// ---- the end ----

static void stop_background(void)
{
    if (FAULT != left_timer) {
        KeCancelTimer(&timer);
        KeFlushQueuedDpcs();
    }
    if (thread != NULL && FAULT != left_thread) {
        KeSetEvent(&stop, IO_NO_INCREMENT, FALSE);
        KeWaitForSingleObject(thread, Executive, KernelMode, FALSE, NULL);
        ObDereferenceObject(thread);
    }
    if (registration != NULL && FAULT != leaked_callback) {
        ExUnregisterCallback(registration);
    }
    if (callback != NULL) {
        ObDereferenceObject(callback);
    }
}

static void finish_work(void)
{
    ExInitializeWorkItem(&item, on_item, NULL);
    ExQueueWorkItem(&item, DelayedWorkQueue);
    if (FAULT != left_work) {
        KeWaitForSingleObject(&item_done, Executive, KernelMode, FALSE, NULL);
    }
}

static VOID NTAPI unload(PDRIVER_OBJECT DriverObject)
{
    UNREFERENCED_PARAMETER(DriverObject);
    stop_background();
    if (parameters != NULL && FAULT != leaked_handle) {
        ZwClose(parameters);
    }
    if (notes != NULL && FAULT != leaked_pool) {
        ExFreePoolWithTag(notes, TAG);
    }
    if (FAULT != leaked_lookaside) {
        ExDeleteNPagedLookasideList(&lookaside);
    }
    if (FAULT != leaked_resource) {
        ExDeleteResourceLite(&resource);
    }
    if (linked && FAULT != leaked_link) {
        IoDeleteSymbolicLink(&link_name);
    }
    if (device != NULL && FAULT != leaked_device) {
        IoDeleteDevice(device);
    }
    finish_work();
}

// ---- the beginning ----

static NTSTATUS start_device(PDRIVER_OBJECT DriverObject)
{
    NTSTATUS status =
        IoCreateDevice(DriverObject, 0, &device_name, FILE_DEVICE_UNKNOWN, 0, FALSE, &device);

    if (NT_SUCCESS(status)) {
        device->Flags |= DO_BUFFERED_IO;
        status = IoCreateSymbolicLink(&link_name, &device_name);
        linked = (BOOLEAN)NT_SUCCESS(status);
    }
    return status;
}

static NTSTATUS start(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    OBJECT_ATTRIBUTES attributes;
    NTSTATUS status = start_device(DriverObject);

    InitializeObjectAttributes(&attributes, RegistryPath, OBJ_CASE_INSENSITIVE | OBJ_KERNEL_HANDLE,
                               NULL, NULL);
    if (NT_SUCCESS(status)) {
        status = ZwOpenKey(&parameters, KEY_READ, &attributes);
    }
    if (NT_SUCCESS(status)) {
        notes = ExAllocatePoolWithTag(NonPagedPool, 64, TAG);
        status = notes != NULL ? STATUS_SUCCESS : STATUS_INSUFFICIENT_RESOURCES;
    }
    if (NT_SUCCESS(status)) {
        status = start_callback();
    }
    return NT_SUCCESS(status) ? start_thread() : status;
}

NTSTATUS NTAPI DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    KeInitializeSpinLock(&lock);
    ExInitializeResourceLite(&resource);
    ExInitializeNPagedLookasideList(&lookaside, NULL, NULL, 0, 32, TAG, 0);
    KeInitializeEvent(&stop, NotificationEvent, FALSE);
    KeInitializeEvent(&item_done, NotificationEvent, FALSE);
    start_timer();
    DriverObject->MajorFunction[IRP_MJ_CREATE] = open_close;
    DriverObject->MajorFunction[IRP_MJ_CLEANUP] = open_close;
    DriverObject->MajorFunction[IRP_MJ_CLOSE] = open_close;
    DriverObject->MajorFunction[IRP_MJ_WRITE] = write;
    DriverObject->DriverUnload = unload;
    NTSTATUS status = start(DriverObject, RegistryPath);
    if (!NT_SUCCESS(status)) {
        unload(DriverObject);
    }
    return status;
}
