// SPDX-License-Identifier: MIT
// A small KMDF driver on kldr's own framework: a control device that gives back what was written to
// it. Each open file has its own text, in the context of its file object.
#include <ntddk.h>
#include <wdf.h>

typedef struct {
    WDFMEMORY text; // NULL: nothing was written yet; goes with the file object
} FILE_CONTEXT;
WDF_DECLARE_CONTEXT_TYPE(FILE_CONTEXT)

DRIVER_INITIALIZE DriverEntry;

static VOID NTAPI on_read(WDFQUEUE Queue, WDFREQUEST Request, SIZE_T Length)
{
    FILE_CONTEXT *file = WdfObjectGet_FILE_CONTEXT(WdfRequestGetFileObject(Request));
    PVOID buffer;
    SIZE_T size = 0;
    UNREFERENCED_PARAMETER(Queue);
    NTSTATUS status = WdfRequestRetrieveOutputBuffer(Request, 1, &buffer, NULL);
    if (NT_SUCCESS(status) && file->text != NULL) {
        WdfMemoryGetBuffer(file->text, &size);
        size = size < Length ? size : Length;
        status = WdfMemoryCopyToBuffer(file->text, 0, buffer, size);
    }
    WdfRequestCompleteWithInformation(Request, status, NT_SUCCESS(status) ? size : 0);
}

static VOID NTAPI on_write(WDFQUEUE Queue, WDFREQUEST Request, SIZE_T Length)
{
    WDFFILEOBJECT object = WdfRequestGetFileObject(Request);
    FILE_CONTEXT *file = WdfObjectGet_FILE_CONTEXT(object);
    WDF_OBJECT_ATTRIBUTES attributes;
    WDFMEMORY text;
    PVOID from, to;
    UNREFERENCED_PARAMETER(Queue);
    WDF_OBJECT_ATTRIBUTES_INIT(&attributes);
    attributes.ParentObject = object;
    NTSTATUS status = WdfRequestRetrieveInputBuffer(Request, 1, &from, NULL);
    if (NT_SUCCESS(status)) {
        status = WdfMemoryCreate(&attributes, NonPagedPoolNx, 0x6F686345, Length, &text, &to);
    }
    if (NT_SUCCESS(status)) {
        RtlCopyMemory(to, from, Length);
        if (file->text != NULL) {
            WdfObjectDelete(file->text);
        }
        file->text = text;
    }
    WdfRequestCompleteWithInformation(Request, status, NT_SUCCESS(status) ? Length : 0);
}

static VOID NTAPI on_unload(WDFDRIVER Driver)
{
    UNREFERENCED_PARAMETER(Driver);
    DbgPrint("echo: unloads; device, queue and link go with the driver\n");
}

// The default queue presents one request at a time.
static NTSTATUS make_queue(WDFDEVICE device)
{
    WDF_IO_QUEUE_CONFIG config;
    WDF_IO_QUEUE_CONFIG_INIT_DEFAULT_QUEUE(&config, WdfIoQueueDispatchSequential);
    config.EvtIoRead = on_read;
    config.EvtIoWrite = on_write;
    return WdfIoQueueCreate(device, &config, WDF_NO_OBJECT_ATTRIBUTES, WDF_NO_HANDLE);
}

static NTSTATUS make_device(PWDFDEVICE_INIT init)
{
    UNICODE_STRING name, link;
    WDF_FILEOBJECT_CONFIG files;
    WDF_OBJECT_ATTRIBUTES attributes;
    WDFDEVICE device;
    RtlInitUnicodeString(&name, L"\\Device\\Echo");
    RtlInitUnicodeString(&link, L"\\DosDevices\\Echo");
    WDF_FILEOBJECT_CONFIG_INIT(&files, NULL, NULL, NULL);
    WDF_OBJECT_ATTRIBUTES_INIT_CONTEXT_TYPE(&attributes, FILE_CONTEXT);
    WdfDeviceInitSetFileObjectConfig(init, &files, &attributes);
    NTSTATUS status = WdfDeviceInitAssignName(init, &name);
    if (NT_SUCCESS(status)) {
        status = WdfDeviceCreate(&init, WDF_NO_OBJECT_ATTRIBUTES, &device);
    }
    if (!NT_SUCCESS(status)) {
        WdfDeviceInitFree(init);
        return status;
    }
    status = WdfDeviceCreateSymbolicLink(device, &link);
    if (NT_SUCCESS(status)) {
        status = make_queue(device);
    }
    if (NT_SUCCESS(status)) {
        WdfControlFinishInitializing(device);
    }
    return status; // a failing DriverEntry ends all that the driver object is above
}

NTSTATUS NTAPI DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    UNICODE_STRING everybody;
    WDF_DRIVER_CONFIG config;
    WDFDRIVER driver;
    WDF_DRIVER_CONFIG_INIT(&config, NULL);
    config.DriverInitFlags = WdfDriverInitNonPnpDriver;
    config.EvtDriverUnload = on_unload;
    NTSTATUS status =
        WdfDriverCreate(DriverObject, RegistryPath, WDF_NO_OBJECT_ATTRIBUTES, &config, &driver);
    if (!NT_SUCCESS(status)) {
        return status;
    }
    RtlInitUnicodeString(&everybody, L"D:P(A;;GA;;;WD)");
    PWDFDEVICE_INIT init = WdfControlDeviceInitAllocate(driver, &everybody);
    return init != NULL ? make_device(init) : STATUS_INSUFFICIENT_RESOURCES;
}
