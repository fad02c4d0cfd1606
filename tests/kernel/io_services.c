// SPDX-License-Identifier: MIT
// Work items, remove locks, forwarding, interfaces, properties, power: with a device of kldr's bus.
// AddDevice runs the checks; io_services.kldr.yaml adds the device.
#include "check.h"

static const GUID class_guid = {0x12345678, 0x9abc, 0xdef0, {1, 2, 3, 4, 5, 6, 7, 8}};
static PDRIVER_OBJECT self;
static PDEVICE_OBJECT physical, own;
static KEVENT done;
static ULONG worked, completed, notified;
static PIRP pending;

// ---- work items ----

static VOID NTAPI work(PDEVICE_OBJECT device, PVOID context)
{
    CHECK(device == own && context == &worked && KeGetCurrentIrql() == PASSIVE_LEVEL);
    worked++;
    KeSetEvent(&done, 0, FALSE);
}

static VOID NTAPI work_ex(PVOID object, PVOID context, PIO_WORKITEM item)
{
    CHECK(object == own && context == &worked && item != NULL);
    worked++;
    IoFreeWorkItem(item);
    KeSetEvent(&done, 0, FALSE);
}

static void check_work(void)
{
    static UCHAR room[256];
    PIO_WORKITEM item = IoAllocateWorkItem(own);
    CHECK(item != NULL && IoSizeofWorkItem() <= sizeof room);
    KeInitializeEvent(&done, SynchronizationEvent, FALSE);
    IoQueueWorkItem(item, work, DelayedWorkQueue, &worked);
    CHECK(worked == 0);
    KeWaitForSingleObject(&done, Executive, KernelMode, FALSE, NULL);
    CHECK(worked == 1);
    IoQueueWorkItemEx(item, work_ex, CriticalWorkQueue, &worked);
    KeWaitForSingleObject(&done, Executive, KernelMode, FALSE, NULL);
    CHECK(worked == 2);
    IoInitializeWorkItem(own, (PIO_WORKITEM)room);
    IoQueueWorkItem((PIO_WORKITEM)room, work, DelayedWorkQueue, &worked);
    KeWaitForSingleObject(&done, Executive, KernelMode, FALSE, NULL);
    CHECK(worked == 3);
    IoUninitializeWorkItem((PIO_WORKITEM)room);
}

// ---- remove locks ----

static IO_REMOVE_LOCK lock;

static VOID NTAPI release_later(PDEVICE_OBJECT device, PVOID context)
{
    UNREFERENCED_PARAMETER(device);
    worked = 77;
    IoReleaseRemoveLock(&lock, context);
}

static void check_remove_lock(void)
{
    PIO_WORKITEM item = IoAllocateWorkItem(own);
    IoInitializeRemoveLockEx(&lock, TAG, 0, 0, sizeof lock);
    CHECK(IoAcquireRemoveLock(&lock, own) == STATUS_SUCCESS);
    CHECK(IoAcquireRemoveLockEx(&lock, self, "", 1, sizeof lock) == STATUS_SUCCESS);
    IoReleaseRemoveLockEx(&lock, self, sizeof lock);
    CHECK(IoAcquireRemoveLock(&lock, item) == STATUS_SUCCESS);
    IoQueueWorkItem(item, release_later, DelayedWorkQueue, item);
    IoReleaseRemoveLockAndWaitEx(&lock, own, sizeof lock);
    CHECK(worked == 77);
    CHECK(IoAcquireRemoveLock(&lock, own) == STATUS_DELETE_PENDING);
    IoFreeWorkItem(item);
}

// ---- forwarding ----

static NTSTATUS NTAPI dispatch(PDEVICE_OBJECT device, PIRP irp)
{
    PFILE_OBJECT file = IoGetCurrentIrpStackLocation(irp)->FileObject;
    CHECK(device == own);
    if (IoGetCurrentIrpStackLocation(irp)->MajorFunction == IRP_MJ_CREATE) {
        CHECK(IoIsOperationSynchronous(irp) && IoGetRequestorProcess(irp) != NULL);
        CHECK(IoGetRelatedDeviceObject(file) == own);
    }
    irp->IoStatus.Status =
        file != NULL && file->FileName.Length != 0 ? STATUS_OBJECT_NAME_NOT_FOUND : STATUS_SUCCESS;
    IoCompleteRequest(irp, IO_NO_INCREMENT);
    return file != NULL && file->FileName.Length != 0 ? STATUS_OBJECT_NAME_NOT_FOUND
                                                      : STATUS_SUCCESS;
}

static VOID NTAPI complete_later(PDEVICE_OBJECT device, PVOID context)
{
    UNREFERENCED_PARAMETER(device);
    UNREFERENCED_PARAMETER(context);
    pending->IoStatus.Status = STATUS_SUCCESS;
    IoCompleteRequest(pending, IO_NO_INCREMENT);
}

static NTSTATUS NTAPI dispatch_pending(PDEVICE_OBJECT device, PIRP irp)
{
    PIO_WORKITEM item = device->DeviceExtension;
    pending = irp;
    IoMarkIrpPending(irp);
    IoQueueWorkItem(item, complete_later, DelayedWorkQueue, NULL);
    return STATUS_PENDING;
}

static NTSTATUS NTAPI on_completion(PDEVICE_OBJECT device, PIRP irp, PVOID context)
{
    UNREFERENCED_PARAMETER(device);
    UNREFERENCED_PARAMETER(irp);
    CHECK(context == &completed);
    completed++;
    return STATUS_MORE_PROCESSING_REQUIRED;
}

static void check_forward(void)
{
    PIRP irp = IoAllocateIrp(2, FALSE), low = IoAllocateIrp(1, FALSE);
    IoSetNextIrpStackLocation(irp);
    IoGetCurrentIrpStackLocation(irp)->MajorFunction = IRP_MJ_FLUSH_BUFFERS;
    CHECK(IoForwardIrpSynchronously(own, irp) && irp->IoStatus.Status == STATUS_SUCCESS);
    CHECK(irp->CurrentLocation == 2 && irp->PendingReturned);
    IoSetNextIrpStackLocation(low);
    CHECK(!IoForwardIrpSynchronously(own, low));
    IoFreeIrp(low);
    IoReuseIrp(irp, STATUS_SUCCESS);
    IoGetNextIrpStackLocation(irp)->MajorFunction = IRP_MJ_CLEANUP;
    CHECK(IoSetCompletionRoutineEx(own, irp, on_completion, &completed, TRUE, TRUE, TRUE) ==
          STATUS_SUCCESS);
    CHECK(IoCallDriver(own, irp) == STATUS_SUCCESS && completed == 1);
    CHECK(!IoIsOperationSynchronous(irp) || irp->Flags != 0);
    CHECK(IoGetRequestorProcess(irp) == NULL);
    IoFreeIrp(irp);
}

// ---- devices by name ----

static void check_pointer(void)
{
    UNICODE_STRING name;
    PFILE_OBJECT file = NULL;
    PDEVICE_OBJECT device = NULL;
    RtlInitUnicodeString(&name, u"\\Device\\Services");
    CHECK(IoGetDeviceObjectPointer(&name, FILE_READ_DATA, &file, &device) == STATUS_SUCCESS);
    CHECK(device == own && file->DeviceObject == own && own->ReferenceCount == 1);
    ObDereferenceObject(file);
    CHECK(own->ReferenceCount == 0);
    RtlInitUnicodeString(&name, u"\\Device\\Services\\inside");
    CHECK(IoGetDeviceObjectPointer(&name, FILE_READ_DATA, &file, &device) ==
          STATUS_OBJECT_NAME_NOT_FOUND);
    RtlInitUnicodeString(&name, u"\\Device\\Nobody");
    CHECK(IoGetDeviceObjectPointer(&name, FILE_READ_DATA, &file, &device) ==
          STATUS_OBJECT_NAME_NOT_FOUND);
    CHECK(own->ReferenceCount == 0);
}

// ---- interfaces ----

static NTSTATUS NTAPI on_interface(PVOID structure, PVOID context)
{
    PDEVICE_INTERFACE_CHANGE_NOTIFICATION change = structure;
    CHECK(context == &notified && change->Version == 1);
    CHECK(memcmp(&change->InterfaceClassGuid, &class_guid, sizeof class_guid) == 0);
    CHECK(change->SymbolicLinkName->Length > 0);
    notified++;
    return STATUS_SUCCESS;
}

static void check_interfaces(void)
{
    UNICODE_STRING link, again, wrong;
    PWSTR list = NULL;
    PVOID entry = NULL, second = NULL, found;
    RtlInitUnicodeString(&wrong, u"\\??\\Nothing");
    CHECK(IoRegisterDeviceInterface(own, &class_guid, NULL, &link) ==
          STATUS_INVALID_DEVICE_REQUEST);
    CHECK(IoRegisterDeviceInterface(physical, &class_guid, NULL, &link) == STATUS_SUCCESS);
    CHECK(IoRegisterDeviceInterface(physical, &class_guid, NULL, &again) == STATUS_SUCCESS);
    CHECK(RtlEqualUnicodeString(&link, &again, FALSE) && link.Buffer != again.Buffer);
    CHECK(IoRegisterPlugPlayNotification(EventCategoryDeviceInterfaceChange, 0, (PVOID)&class_guid,
                                         self, on_interface, &notified, &entry) == STATUS_SUCCESS);
    CHECK(IoRegisterPlugPlayNotification((IO_NOTIFICATION_EVENT_CATEGORY)9, 0, NULL, self,
                                         on_interface, NULL, &second) == STATUS_INVALID_PARAMETER);
    CHECK(IoSetDeviceInterfaceState(&wrong, TRUE) == STATUS_OBJECT_NAME_NOT_FOUND);
    CHECK(IoSetDeviceInterfaceState(&link, FALSE) == STATUS_OBJECT_NAME_NOT_FOUND);
    CHECK(IoSetDeviceInterfaceState(&link, TRUE) == STATUS_SUCCESS && notified == 1);
    CHECK(IoSetDeviceInterfaceState(&link, TRUE) == STATUS_OBJECT_NAME_EXISTS);
    CHECK(ObReferenceObjectByName(&link, OBJ_CASE_INSENSITIVE, NULL, 0, *IoDeviceObjectType,
                                  KernelMode, NULL, &found) == STATUS_SUCCESS);
    CHECK(found == physical);
    ObDereferenceObject(found);
    CHECK(IoGetDeviceInterfaces(&class_guid, NULL, 0, &list) == STATUS_SUCCESS);
    CHECK(memcmp(list, link.Buffer, link.Length) == 0 && list[link.Length / 2 + 1] == 0);
    ExFreePool(list);
    CHECK(IoGetDeviceInterfaces(&class_guid, own, 0, &list) == STATUS_SUCCESS && list[0] == 0);
    ExFreePool(list);
    CHECK(IoRegisterPlugPlayNotification(EventCategoryDeviceInterfaceChange,
                                         PNPNOTIFY_DEVICE_INTERFACE_INCLUDE_EXISTING_INTERFACES,
                                         (PVOID)&class_guid, self, on_interface, &notified,
                                         &second) == STATUS_SUCCESS);
    CHECK(notified == 2);
    CHECK(IoUnregisterPlugPlayNotificationEx(second) == STATUS_SUCCESS);
    CHECK(IoUnregisterPlugPlayNotificationEx(second) == STATUS_INVALID_PARAMETER);
    CHECK(IoSetDeviceInterfaceState(&link, FALSE) == STATUS_SUCCESS && notified == 3);
    CHECK(IoUnregisterPlugPlayNotification(entry) == STATUS_SUCCESS);
    CHECK(IoUnregisterPlugPlayNotification(entry) == STATUS_INVALID_PARAMETER);
    RtlFreeUnicodeString(&link);
    RtlFreeUnicodeString(&again);
}

// ---- the rest ----

static void check_properties(void)
{
    WCHAR text[64];
    ULONG length = 0;
    CHECK(IoGetDeviceProperty(physical, DevicePropertyHardwareID, sizeof text, text, &length) ==
          STATUS_SUCCESS);
    CHECK(memcmp(text, u"TEST\\Services\0", 30) == 0 && length == 30);
    CHECK(IoGetDeviceProperty(physical, DevicePropertyHardwareID, 4, text, &length) ==
              STATUS_BUFFER_TOO_SMALL &&
          length == 30);
    CHECK(IoGetDeviceProperty(physical, DevicePropertyManufacturer, sizeof text, text, &length) ==
          STATUS_OBJECT_NAME_NOT_FOUND);
    CHECK(IoGetDeviceProperty(own, DevicePropertyHardwareID, sizeof text, text, &length) ==
          STATUS_INVALID_DEVICE_REQUEST);
}

static void check_registry(void)
{
    HANDLE key = NULL;
    ULONG number = 7;
    UNICODE_STRING name;
    RtlInitUnicodeString(&name, u"Number");
    CHECK(IoOpenDeviceRegistryKey(physical, PLUGPLAY_REGKEY_DEVICE, KEY_ALL_ACCESS, &key) ==
          STATUS_SUCCESS);
    CHECK(ZwSetValueKey(key, &name, 0, REG_DWORD, &number, sizeof number) == STATUS_SUCCESS);
    ZwClose(key);
    CHECK(IoOpenDeviceRegistryKey(physical, PLUGPLAY_REGKEY_DEVICE, KEY_ALL_ACCESS, &key) ==
          STATUS_SUCCESS);
    CHECK(ZwDeleteValueKey(key, &name) == STATUS_SUCCESS);
    ZwClose(key);
    CHECK(IoOpenDeviceRegistryKey(physical, PLUGPLAY_REGKEY_DRIVER, KEY_ALL_ACCESS, &key) ==
          STATUS_SUCCESS);
    CHECK(ZwDeleteValueKey(key, &name) == STATUS_OBJECT_NAME_NOT_FOUND);
    ZwClose(key);
    CHECK(IoOpenDeviceRegistryKey(own, PLUGPLAY_REGKEY_DEVICE, KEY_ALL_ACCESS, &key) ==
              STATUS_INVALID_DEVICE_REQUEST &&
          key == NULL);
    CHECK(IoOpenDeviceRegistryKey(physical, 3, KEY_ALL_ACCESS, &key) == STATUS_INVALID_PARAMETER);
}

static void check_thread(void)
{
    CHECK(IoGetTopLevelIrp() == NULL);
    IoSetTopLevelIrp((PIRP)1);
    CHECK(IoGetTopLevelIrp() == (PIRP)1);
    IoSetTopLevelIrp(NULL);
    CHECK(IoGetTopLevelIrp() == NULL);
    CHECK(IoGetConfigurationInformation()->DiskCount == 0);
    IoGetConfigurationInformation()->DiskCount++;
    CHECK(IoGetConfigurationInformation()->DiskCount == 1);
}

static VOID NTAPI on_power(PDEVICE_OBJECT device, UCHAR minor, POWER_STATE state, PVOID context,
                           PIO_STATUS_BLOCK status)
{
    CHECK(device == physical && minor == IRP_MN_SET_POWER && context == &completed);
    CHECK(state.DeviceState == PowerDeviceD3 && status->Status == STATUS_SUCCESS);
    completed = 55;
}

static NTSTATUS NTAPI power(PDEVICE_OBJECT device, PIRP irp)
{
    CHECK(device == own);
    PoStartNextPowerIrp(irp);
    irp->IoStatus.Status = STATUS_SUCCESS;
    IoCompleteRequest(irp, IO_NO_INCREMENT);
    return STATUS_SUCCESS;
}

static void check_power(void)
{
    POWER_STATE state;
    PIRP irp = NULL;
    state.DeviceState = PowerDeviceD3;
    CHECK(PoSetPowerState(own, DevicePowerState, state).DeviceState == PowerDeviceD0);
    CHECK(PoSetPowerState(own, DevicePowerState, state).DeviceState == PowerDeviceD3);
    CHECK(PoRequestPowerIrp(physical, IRP_MN_SET_POWER, state, on_power, &completed, NULL) ==
          STATUS_PENDING);
    CHECK(completed == 55);
    CHECK(PoRequestPowerIrp(physical, 9, state, on_power, &completed, NULL) ==
          STATUS_INVALID_PARAMETER_2);
    irp = IoAllocateIrp(1, FALSE);
    IoGetNextIrpStackLocation(irp)->MajorFunction = IRP_MJ_POWER;
    IoSetCompletionRoutine(irp, on_completion, &completed, TRUE, TRUE, TRUE);
    CHECK(PoCallDriver(own, irp) == STATUS_SUCCESS && completed == 56);
    IoFreeIrp(irp);
}

static NTSTATUS NTAPI add_device(PDRIVER_OBJECT driver, PDEVICE_OBJECT device)
{
    UNICODE_STRING name;
    physical = device;
    RtlInitUnicodeString(&name, u"\\Device\\Services");
    CHECK(IoCreateDevice(driver, 8, &name, FILE_DEVICE_UNKNOWN, 0, FALSE, &own) == STATUS_SUCCESS);
    own->Flags &= ~(ULONG)DO_DEVICE_INITIALIZING;
    CHECK(IoAttachDeviceToDeviceStack(own, physical) == physical);
    check_work();
    check_remove_lock();
    own->DeviceExtension = IoAllocateWorkItem(own);
    check_forward();
    IoFreeWorkItem(own->DeviceExtension);
    check_pointer();
    check_interfaces();
    check_properties();
    check_registry();
    check_thread();
    check_power();
    IoDetachDevice(physical);
    IoDeleteDevice(own);
    return failures == 0 ? STATUS_UNSUCCESSFUL : STATUS_SUCCESS;
}

static void check(PDRIVER_OBJECT driver, PUNICODE_STRING path)
{
    UNREFERENCED_PARAMETER(path);
    self = driver;
    driver->DriverExtension->AddDevice = add_device;
    driver->MajorFunction[IRP_MJ_CREATE] = driver->MajorFunction[IRP_MJ_CLOSE] = dispatch;
    driver->MajorFunction[IRP_MJ_CLEANUP] = dispatch;
    driver->MajorFunction[IRP_MJ_FLUSH_BUFFERS] = dispatch_pending;
    driver->MajorFunction[IRP_MJ_POWER] = power;
}
