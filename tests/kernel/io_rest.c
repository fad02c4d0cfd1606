// SPDX-License-Identifier: MIT
// What is left of the I/O manager: WMI, verifying media, priorities, reports of changes, queues
// that refuse, file systems that come and go, shutdown, the system's token.
#include "check.h"

DECLSPEC_IMPORT PEPROCESS NTAPI IoGetCurrentProcess(void);

static PDEVICE_OBJECT physical, own, file_system;
static PDRIVER_OBJECT self;
static int heard, came, went;

static NTSTATUS NTAPI dispatch(PDEVICE_OBJECT device, PIRP irp)
{
    PIO_STACK_LOCATION location = IoGetCurrentIrpStackLocation(irp);
    NTSTATUS status = STATUS_SUCCESS;
    UNREFERENCED_PARAMETER(device);
    if (location->MajorFunction == IRP_MJ_SYSTEM_CONTROL) {
        CHECK(location->MinorFunction == IRP_MN_REGINFO_EX);
        CHECK(location->Parameters.WMI.ProviderId == (ULONG_PTR)own);
        DbgPrint("registration of %u bytes, path %u\n", location->Parameters.WMI.BufferSize,
                 (ULONG)(ULONG_PTR)location->Parameters.WMI.DataPath);
        if (location->Parameters.WMI.BufferSize < 2000) {
            *(PULONG)location->Parameters.WMI.Buffer = 2000;
            status = STATUS_BUFFER_TOO_SMALL;
        }
    }
    if (location->MajorFunction == IRP_MJ_SHUTDOWN) {
        DbgPrint("shutdown of the %s\n", device == own ? "first" : "second");
    }
    if (location->MajorFunction == IRP_MJ_PNP || location->MajorFunction == IRP_MJ_POWER) {
        IoSkipCurrentIrpStackLocation(irp);
        return IoCallDriver(physical, irp);
    }
    irp->IoStatus.Status = status;
    irp->IoStatus.Information = 0;
    IoCompleteRequest(irp, IO_NO_INCREMENT);
    return status;
}

// ---- WMI ----

static void check_wmi(void)
{
    PWNODE_HEADER event = ExAllocatePoolWithTag(NonPagedPool, sizeof *event, TAG);
    CHECK(IoWMIRegistrationControl(own, WMIREG_ACTION_DEREGISTER) == STATUS_INVALID_PARAMETER);
    CHECK(IoWMIRegistrationControl(own, 99) == STATUS_INVALID_PARAMETER);
    CHECK(IoWMIDeviceObjectToProviderId(own) == 0);
    CHECK(IoWMIRegistrationControl(own, WMIREG_ACTION_REGISTER) == STATUS_SUCCESS);
    CHECK(IoWMIDeviceObjectToProviderId(own) != 0);
    RtlZeroMemory(event, sizeof *event);
    event->BufferSize = sizeof *event;
    CHECK(IoWMIWriteEvent(event) == STATUS_INVALID_PARAMETER);
    event->Flags = WNODE_FLAG_EVENT_ITEM;
    CHECK(IoWMIWriteEvent(event) == STATUS_SUCCESS); // which frees it
}

// ---- threads and requests ----

static void check_hints(void)
{
    PIRP irp = IoAllocateIrp(1, FALSE);
    PETHREAD thread = (PETHREAD)KeGetCurrentThread();
    CHECK(IoGetDeviceToVerify(thread) == NULL);
    irp->Tail.Overlay.Thread = thread;
    IoSetHardErrorOrVerifyDevice(irp, own);
    CHECK(IoGetDeviceToVerify(thread) == own);
    IoSetDeviceToVerify(thread, NULL);
    CHECK(IoGetDeviceToVerify(thread) == NULL);
    CHECK(IoGetIoPriorityHint(irp) == IoPriorityNormal);
    CHECK(IoSetIoPriorityHint(irp, IoPriorityLow) == STATUS_SUCCESS);
    CHECK(IoGetIoPriorityHint(irp) == IoPriorityLow);
    CHECK(IoSetIoPriorityHint(irp, MaxIoPriorityTypes) == STATUS_INVALID_PARAMETER);
    CHECK(IoGetPagingIoPriority(irp) == IoPagingPriorityInvalid);
    irp->Flags |= IRP_PAGING_IO;
    CHECK(IoGetPagingIoPriority(irp) == IoPagingPriorityNormal);
    IoFreeIrp(irp);
}

static int nesting, deepest, started;

static VOID NTAPI start_io(PDEVICE_OBJECT device, PIRP irp)
{
    UNREFERENCED_PARAMETER(irp);
    nesting++;
    started++;
    deepest = nesting > deepest ? nesting : deepest;
    IoStartNextPacket(device, FALSE);
    nesting--;
}

static void check_start_io(BOOLEAN deferred, int depth)
{
    PIRP irps[3];
    KIRQL irql;
    started = deepest = 0;
    self->DriverStartIo = start_io;
    IoSetStartIoAttributes(own, deferred, FALSE);
    KeRaiseIrql(DISPATCH_LEVEL, &irql);
    own->DeviceQueue.Busy = TRUE; // as if one were under way
    for (int i = 0; i < 3; i++) {
        irps[i] = IoAllocateIrp(1, FALSE);
        IoStartPacket(own, irps[i], NULL, NULL);
    }
    IoStartNextPacket(own, FALSE);
    KeLowerIrql(irql);
    CHECK(started == 3 && deepest == depth && nesting == 0 && !own->DeviceQueue.Busy);
    for (int i = 0; i < 3; i++) {
        IoFreeIrp(irps[i]);
    }
}

// ---- a queue that refuses ----

static IO_CSQ csq;
static LIST_ENTRY queue;
static KSPIN_LOCK lock;

static NTSTATUS NTAPI insert(PIO_CSQ target, PIRP irp, PVOID context)
{
    UNREFERENCED_PARAMETER(target);
    if (context != &queue) {
        return STATUS_DEVICE_BUSY;
    }
    InsertTailList(&queue, &irp->Tail.Overlay.ListEntry);
    return STATUS_SUCCESS;
}

static VOID NTAPI take_out(PIO_CSQ target, PIRP irp)
{
    UNREFERENCED_PARAMETER(target);
    RemoveEntryList(&irp->Tail.Overlay.ListEntry);
}

static PIRP NTAPI peek(PIO_CSQ target, PIRP irp, PVOID context)
{
    UNREFERENCED_PARAMETER(target);
    UNREFERENCED_PARAMETER(context);
    PLIST_ENTRY next = irp != NULL ? irp->Tail.Overlay.ListEntry.Flink : queue.Flink;
    return next != &queue ? CONTAINING_RECORD(next, IRP, Tail.Overlay.ListEntry) : NULL;
}

static VOID NTAPI acquire(PIO_CSQ target, PKIRQL irql)
{
    UNREFERENCED_PARAMETER(target);
    KeAcquireSpinLock(&lock, irql);
}

static VOID NTAPI release(PIO_CSQ target, KIRQL irql)
{
    UNREFERENCED_PARAMETER(target);
    KeReleaseSpinLock(&lock, irql);
}

static VOID NTAPI canceled(PIO_CSQ target, PIRP irp)
{
    UNREFERENCED_PARAMETER(target);
    UNREFERENCED_PARAMETER(irp);
}

static void check_queue(void)
{
    PIRP irp = IoAllocateIrp(1, FALSE);
    InitializeListHead(&queue);
    KeInitializeSpinLock(&lock);
    CHECK(IoCsqInitializeEx(&csq, insert, take_out, peek, acquire, release, canceled) ==
          STATUS_SUCCESS);
    IoSetNextIrpStackLocation(irp);
    CHECK(IoCsqInsertIrpEx(&csq, irp, NULL, NULL) == STATUS_DEVICE_BUSY);
    CHECK(IsListEmpty(&queue) && irp->CancelRoutine == NULL);
    CHECK((IoGetCurrentIrpStackLocation(irp)->Control & SL_PENDING_RETURNED) == 0);
    CHECK(IoCsqInsertIrpEx(&csq, irp, NULL, &queue) == STATUS_SUCCESS);
    CHECK(irp->CancelRoutine != NULL && IoCsqRemoveNextIrp(&csq, NULL) == irp);
    IoFreeIrp(irp);
}

// ---- reports of changes ----

static const GUID change_guid = {0x11111111, 1, 2, {3}};
static const GUID removal_guid = {0xCB3A4007, 0x46F0, 0x11D0, {0xB0}};
static PFILE_OBJECT file;

static NTSTATUS NTAPI on_change(PVOID structure, PVOID context)
{
    PTARGET_DEVICE_CUSTOM_NOTIFICATION change = structure;
    CHECK(context == &heard && change->FileObject == file && change->CustomDataBuffer[0] == 9);
    CHECK(change->Event.Data1 == change_guid.Data1);
    heard++;
    return STATUS_SUCCESS;
}

static VOID NTAPI on_told(PVOID context)
{
    CHECK(context == &heard);
    DbgPrint("told %d\n", heard);
}

static void check_reports(void)
{
    UNICODE_STRING name;
    PVOID entry;
    PDEVICE_OBJECT top;
    TARGET_DEVICE_CUSTOM_NOTIFICATION change = {.Version = 1, .Size = sizeof change};
    RtlInitUnicodeString(&name, L"\\Device\\Rest");
    CHECK(IoGetDeviceObjectPointer(&name, FILE_READ_DATA, &file, &top) == STATUS_SUCCESS);
    CHECK(IoRegisterPlugPlayNotification(EventCategoryTargetDeviceChange, 0, file, self, on_change,
                                         &heard, &entry) == STATUS_SUCCESS);
    change.Event = change_guid;
    change.CustomDataBuffer[0] = 9;
    CHECK(IoReportTargetDeviceChange(physical, &change) == STATUS_SUCCESS && heard == 1);
    CHECK(IoReportTargetDeviceChangeAsynchronous(physical, &change, on_told, &heard) ==
          STATUS_PENDING);
    LARGE_INTEGER wait = {.QuadPart = -10000};
    KeDelayExecutionThread(KernelMode, FALSE, &wait); // and the worker runs
    CHECK(heard == 2);
    change.Event = removal_guid;
    CHECK(IoReportTargetDeviceChange(physical, &change) == STATUS_INVALID_DEVICE_REQUEST);
    CHECK(IoReportTargetDeviceChangeAsynchronous(physical, &change, NULL, NULL) ==
          STATUS_INVALID_DEVICE_REQUEST);
    CHECK(IoUnregisterPlugPlayNotification(entry) == STATUS_SUCCESS);
    ObDereferenceObject(file);
}

// ---- file systems ----

static VOID NTAPI on_file_system(PDEVICE_OBJECT device, BOOLEAN active)
{
    CHECK(device == file_system);
    came += active;
    went += !active;
}

static void check_file_systems(void)
{
    CHECK(IoCreateDevice(self, 0, NULL, FILE_DEVICE_DISK_FILE_SYSTEM, 0, FALSE, &file_system) ==
          STATUS_SUCCESS);
    CHECK(IoRegisterFsRegistrationChange(self, on_file_system) == STATUS_SUCCESS && came == 0);
    IoRegisterFileSystem(file_system);
    CHECK(came == 1 && went == 0);
    CHECK(IoRegisterFsRegistrationChange(self, on_file_system) == STATUS_DEVICE_ALREADY_ATTACHED);
    IoUnregisterFileSystem(file_system);
    CHECK(went == 1);
    IoUnregisterFsRegistrationChange(self, on_file_system);
    IoRegisterFileSystem(file_system);
    CHECK(came == 1);
    CHECK(IoRegisterFsRegistrationChange(self, on_file_system) == STATUS_SUCCESS && came == 2);
    IoUnregisterFsRegistrationChange(self, on_file_system);
    IoUnregisterFileSystem(file_system);
    IoDeleteDevice(file_system);
}

// ---- the token ----

static void check_token(void)
{
    PACCESS_TOKEN token = PsReferencePrimaryToken(IoGetCurrentProcess());
    CHECK(token != NULL && SeTokenIsAdmin(token));
    CHECK(PsReferencePrimaryToken(IoGetCurrentProcess()) == token);
    PsDereferencePrimaryToken(token);
    PsDereferencePrimaryToken(token);
}

// ---- the interface's key ----

static void check_key(void)
{
    UNICODE_STRING link, name;
    HANDLE key = NULL;
    static const GUID class_guid = {0x22222222, 1, 2, {3}};
    CHECK(IoRegisterDeviceInterface(physical, &class_guid, NULL, &link) == STATUS_SUCCESS);
    CHECK(IoOpenDeviceInterfaceRegistryKey(&link, KEY_ALL_ACCESS, &key) == STATUS_SUCCESS);
    ULONG value = 5;
    RtlInitUnicodeString(&name, L"Depth");
    CHECK(ZwSetValueKey(key, &name, 0, REG_DWORD, &value, sizeof value) == STATUS_SUCCESS);
    ZwClose(key);
    RtlFreeUnicodeString(&link);
    RtlInitUnicodeString(&link, L"\\??\\nothing");
    CHECK(IoOpenDeviceInterfaceRegistryKey(&link, KEY_ALL_ACCESS, &key) ==
          STATUS_OBJECT_NAME_NOT_FOUND);
}

static NTSTATUS NTAPI add_device(PDRIVER_OBJECT driver, PDEVICE_OBJECT device)
{
    UNICODE_STRING name;
    physical = device;
    UNREFERENCED_PARAMETER(driver);
    RtlInitUnicodeString(&name, L"\\Device\\Rest");
    CHECK(IoCreateDevice(self, 8, &name, FILE_DEVICE_UNKNOWN, 0, FALSE, &own) == STATUS_SUCCESS);
    own->Flags &= ~(ULONG)DO_DEVICE_INITIALIZING;
    CHECK(IoAttachDeviceToDeviceStack(own, physical) == physical);
    check_wmi();
    check_hints();
    check_start_io(FALSE, 3);
    check_start_io(TRUE, 1);
    check_queue();
    check_reports();
    check_file_systems();
    check_token();
    check_key();
    return failures == 0 ? STATUS_SUCCESS : STATUS_UNSUCCESSFUL;
}

static void check(PDRIVER_OBJECT driver, PUNICODE_STRING path)
{
    PDEVICE_OBJECT second;
    UNREFERENCED_PARAMETER(path);
    self = driver;
    driver->DriverExtension->AddDevice = add_device;
    for (int i = 0; i <= IRP_MJ_MAXIMUM_FUNCTION; i++) {
        driver->MajorFunction[i] = dispatch;
    }
    CHECK(IoCreateDevice(driver, 0, NULL, FILE_DEVICE_UNKNOWN, 0, FALSE, &second) ==
          STATUS_SUCCESS);
    CHECK(IoRegisterLastChanceShutdownNotification(second) == STATUS_SUCCESS);
    CHECK(IoRegisterShutdownNotification(second) == STATUS_SUCCESS); // once is enough
}
