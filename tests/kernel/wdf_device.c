// SPDX-License-Identifier: MIT
// The driver framework: control devices, queues and requests. What a read gives is what was written
// last; a control code says what else happens. The driver's name says which queue it has:
// s(equential), p(arallel) or m(anual).
#define CHECK_OWN_ENTRY
#include "check.h"

#include <wdf.h>

#define W(...)                                                                                     \
    (WCHAR[])                                                                                      \
    {                                                                                              \
        __VA_ARGS__, 0                                                                             \
    }
#define KEEP    CTL_CODE(FILE_DEVICE_UNKNOWN, 0x800, METHOD_BUFFERED, FILE_ANY_ACCESS)
#define FREE    CTL_CODE(FILE_DEVICE_UNKNOWN, 0x801, METHOD_BUFFERED, FILE_ANY_ACCESS)
#define SWAP    CTL_CODE(FILE_DEVICE_UNKNOWN, 0x802, METHOD_OUT_DIRECT, FILE_ANY_ACCESS)
#define EARLY   CTL_CODE(FILE_DEVICE_UNKNOWN, 0x805, METHOD_BUFFERED, FILE_ANY_ACCESS)
#define NEITHER CTL_CODE(FILE_DEVICE_UNKNOWN, 0x803, METHOD_NEITHER, FILE_ANY_ACCESS)

static WDFDEVICE device;
static WDFREQUEST kept;
static UCHAR stored[16];
static SIZE_T stored_size;
static ULONG requests, ended;

static VOID NTAPI request_ended(WDFOBJECT request)
{
    UNREFERENCED_PARAMETER(request);
    ended++;
}

static VOID NTAPI on_read(WDFQUEUE queue, WDFREQUEST request, SIZE_T length)
{
    PVOID buffer = NULL;
    SIZE_T size = 0;
    WDF_REQUEST_PARAMETERS parameters;
    requests++;
    WDF_REQUEST_PARAMETERS_INIT(&parameters);
    WdfRequestGetParameters(request, &parameters);
    CHECK(parameters.Type == WdfRequestTypeRead && parameters.Parameters.Read.Length == length);
    CHECK(WdfIoQueueGetDevice(queue) == device && WdfRequestGetIoQueue(request) == queue);
    CHECK(WdfRequestRetrieveInputBuffer(request, 0, &buffer, NULL) ==
          STATUS_INVALID_DEVICE_REQUEST);
    CHECK(WdfRequestRetrieveOutputBuffer(request, length + 1, &buffer, &size) ==
          STATUS_BUFFER_TOO_SMALL);
    CHECK(WdfRequestRetrieveOutputBuffer(request, 1, &buffer, &size) == STATUS_SUCCESS &&
          size == length);
    size = size < stored_size ? size : stored_size;
    RtlCopyMemory(buffer, stored, size);
    WdfRequestCompleteWithInformation(request, STATUS_SUCCESS, size);
}

static VOID NTAPI on_write(WDFQUEUE queue, WDFREQUEST request, SIZE_T length)
{
    PVOID buffer = NULL;
    UNREFERENCED_PARAMETER(queue);
    requests++;
    CHECK(WdfRequestRetrieveInputBuffer(request, length, &buffer, NULL) == STATUS_SUCCESS);
    stored_size = length < sizeof stored ? length : sizeof stored;
    RtlCopyMemory(stored, buffer, stored_size);
    WdfRequestSetInformation(request, stored_size);
    CHECK(WdfRequestGetInformation(request) == stored_size);
    CHECK(WdfRequestWdmGetIrp(request)->IoStatus.Information == stored_size);
    WdfRequestCompleteWithPriorityBoost(request, STATUS_SUCCESS, 0);
}

static VOID swap(WDFREQUEST request)
{
    PUCHAR in = NULL, out = NULL;
    SIZE_T in_size = 0, out_size = 0;
    CHECK(WdfRequestRetrieveInputBuffer(request, 1, (PVOID *)&in, &in_size) == STATUS_SUCCESS);
    CHECK(WdfRequestRetrieveOutputBuffer(request, 1, (PVOID *)&out, &out_size) == STATUS_SUCCESS);
    CHECK(in != out);
    for (SIZE_T i = 0; i < in_size && i < out_size; i++) {
        out[i] = in[in_size - 1 - i];
    }
    WdfRequestCompleteWithInformation(request, STATUS_SUCCESS, in_size);
}

static VOID NTAPI on_control(WDFQUEUE queue, WDFREQUEST request, SIZE_T out_length,
                             SIZE_T in_length, ULONG code)
{
    PVOID buffer;
    UNREFERENCED_PARAMETER(queue);
    UNREFERENCED_PARAMETER(out_length);
    UNREFERENCED_PARAMETER(in_length);
    requests++;
    if (code == KEEP) {
        kept = request;
    } else if (code == SWAP) {
        swap(request);
    } else if (code == NEITHER) {
        CHECK(WdfRequestGetRequestorMode(request) == UserMode);
        WdfRequestComplete(request, WdfRequestRetrieveInputBuffer(request, 0, &buffer, NULL));
    } else {
        WdfRequestComplete(request, code == FREE ? STATUS_SUCCESS : STATUS_NOT_SUPPORTED);
        if (code == FREE && kept != NULL) {
            request = kept;
            kept = NULL;
            WdfRequestComplete(request, STATUS_SUCCESS);
        }
    }
}

// Before the queue: one code is answered here.
static VOID NTAPI in_caller(WDFDEVICE opened, WDFREQUEST request)
{
    WDF_REQUEST_PARAMETERS parameters;
    WDF_REQUEST_PARAMETERS_INIT(&parameters);
    WdfRequestGetParameters(request, &parameters);
    CHECK(opened == device && WdfRequestGetIoQueue(request) == NULL);
    if (parameters.Type == WdfRequestTypeDeviceControl &&
        parameters.Parameters.DeviceIoControl.IoControlCode == EARLY) {
        WdfRequestComplete(request, STATUS_ALERTED);
        return;
    }
    CHECK(WdfDeviceEnqueueRequest(opened, request) == STATUS_SUCCESS);
    if (kept == request) {
        CHECK(WdfDeviceEnqueueRequest(opened, request) == STATUS_INVALID_DEVICE_REQUEST);
    }
}

static VOID NTAPI on_create(WDFDEVICE opened, WDFREQUEST request, WDFFILEOBJECT file)
{
    CHECK(opened == device && WdfFileObjectGetDevice(file) == device);
    CHECK(WdfRequestGetFileObject(request) == file && WdfRequestGetIoQueue(request) == NULL);
    CHECK(WdfFileObjectWdmGetFileObject(file) != NULL);
    DbgPrint("create\n");
    WdfRequestComplete(request, STATUS_SUCCESS);
}

// Lets go of what waits: of a manual queue all, of another what is kept.
static VOID NTAPI on_cleanup(WDFFILEOBJECT file)
{
    WDFREQUEST request = NULL;
    WDFQUEUE queue = WdfDeviceGetDefaultQueue(device);
    CHECK(WdfFileObjectGetDevice(file) == device);
    DbgPrint("cleanup\n");
    while (WdfDriverGlobals->DriverName[0] == 'm' &&
           WdfIoQueueRetrieveNextRequest(queue, &request) == STATUS_SUCCESS) {
        requests++;
        WdfRequestComplete(request, STATUS_SUCCESS);
    }
    if (kept != NULL) {
        request = kept;
        kept = NULL;
        WdfRequestComplete(request, STATUS_SUCCESS);
    }
}

static VOID NTAPI on_close(WDFFILEOBJECT file)
{
    UNREFERENCED_PARAMETER(file);
    DbgPrint("close\n");
}

static VOID NTAPI unload(WDFDRIVER driver)
{
    WDFREQUEST request = NULL;
    WDFQUEUE queue = WdfDeviceGetDefaultQueue(device);
    CHECK(driver == WdfDeviceGetDriver(device));
    if (WdfDriverGlobals->DriverName[0] == 'p') {
        CHECK(WdfIoQueueRetrieveNextRequest(queue, &request) == STATUS_INVALID_DEVICE_STATE);
    } else {
        CHECK(WdfIoQueueRetrieveNextRequest(queue, &request) == STATUS_NO_MORE_ENTRIES);
    }
    DbgPrint("%lu requests, %lu ended, %d wrong\n", requests, ended, failures);
}

static void check_queue_config(void)
{
    WDF_IO_QUEUE_CONFIG config;
    WDFQUEUE queue = NULL;
    WDF_IO_QUEUE_CONFIG_INIT_DEFAULT_QUEUE(&config, WdfIoQueueDispatchSequential);
    CHECK(WdfIoQueueCreate(device, &config, NULL, &queue) == STATUS_WDF_NO_CALLBACK);
    config.EvtIoRead = on_read;
    config.DispatchType = WdfIoQueueDispatchManual;
    CHECK(WdfIoQueueCreate(device, &config, NULL, &queue) == STATUS_INVALID_PARAMETER);
    config.Size = 8;
    CHECK(WdfIoQueueCreate(device, &config, NULL, &queue) == STATUS_INFO_LENGTH_MISMATCH);
}

static void make_queue(void)
{
    WDF_IO_QUEUE_CONFIG config;
    CHAR kind = WdfDriverGlobals->DriverName[0];
    CHECK(WdfDeviceGetDefaultQueue(device) == NULL);
    check_queue_config();
    WDF_IO_QUEUE_CONFIG_INIT_DEFAULT_QUEUE(&config, kind == 'p'   ? WdfIoQueueDispatchParallel
                                                    : kind == 'm' ? WdfIoQueueDispatchManual
                                                                  : WdfIoQueueDispatchSequential);
    if (kind != 'm') {
        config.EvtIoRead = on_read;
        config.EvtIoWrite = on_write;
        config.EvtIoDeviceControl = on_control;
    }
    CHECK(WdfIoQueueCreate(device, &config, NULL, NULL) == STATUS_SUCCESS);
    CHECK(WdfDeviceGetDefaultQueue(device) != NULL);
    CHECK(WdfIoQueueCreate(device, &config, NULL, NULL) == STATUS_UNSUCCESSFUL);
}

static PWDFDEVICE_INIT make_init(void)
{
    UNICODE_STRING sddl, name;
    WDF_FILEOBJECT_CONFIG files;
    WDF_OBJECT_ATTRIBUTES attributes;
    PWDFDEVICE_INIT init;
    RtlInitUnicodeString(&sddl, W('D', ':', 'P'));
    RtlInitUnicodeString(&name, W('\\', 'D', 'e', 'v', 'i', 'c', 'e', '\\', 'E', 'c', 'h', 'o'));
    WdfDeviceInitFree(WdfControlDeviceInitAllocate(WdfGetDriver(), &sddl));
    init = WdfControlDeviceInitAllocate(WdfGetDriver(), &sddl);
    CHECK(init != NULL && WdfDeviceInitAssignName(init, &name) == STATUS_SUCCESS);
    WdfDeviceInitSetDeviceType(init, FILE_DEVICE_NULL);
    WdfDeviceInitSetCharacteristics(init, FILE_REMOVABLE_MEDIA, TRUE);
    WdfDeviceInitSetExclusive(init, FALSE);
    WdfDeviceInitSetIoType(init, WdfDeviceIoDirect);
    if (WdfDriverGlobals->DriverName[0] == 'p') {
        WdfDeviceInitSetIoInCallerContextCallback(init, in_caller);
    }
    WDF_FILEOBJECT_CONFIG_INIT(&files, on_create, on_close, on_cleanup);
    WdfDeviceInitSetFileObjectConfig(init, &files, WDF_NO_OBJECT_ATTRIBUTES);
    WDF_OBJECT_ATTRIBUTES_INIT(&attributes);
    attributes.EvtCleanupCallback = request_ended;
    WdfDeviceInitSetRequestAttributes(init, &attributes);
    return init;
}

DRIVER_INITIALIZE DriverEntry;
NTSTATUS NTAPI DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    UNICODE_STRING link;
    WDF_DRIVER_CONFIG config;
    PDEVICE_OBJECT wdm;
    PWDFDEVICE_INIT init, second;
    WDFDEVICE other = NULL;
    WDF_DRIVER_CONFIG_INIT(&config, NULL);
    config.DriverInitFlags = WdfDriverInitNonPnpDriver;
    config.EvtDriverUnload = unload;
    CHECK(WdfDriverCreate(DriverObject, RegistryPath, NULL, &config, NULL) == STATUS_SUCCESS);
    init = make_init();
    CHECK(WdfDeviceCreate(&init, WDF_NO_OBJECT_ATTRIBUTES, &device) == STATUS_SUCCESS);
    CHECK(init == NULL && device != NULL);
    second = make_init(); // of the same name
    CHECK(WdfDeviceCreate(&second, NULL, &other) == STATUS_OBJECT_NAME_COLLISION && other == NULL);
    WdfDeviceInitFree(second);
    wdm = WdfDeviceWdmGetDeviceObject(device);
    CHECK(wdm->DeviceType == FILE_DEVICE_NULL && (wdm->Flags & DO_DIRECT_IO) != 0);
    CHECK((wdm->Characteristics & FILE_REMOVABLE_MEDIA) != 0);
    CHECK(WdfWdmDeviceGetWdfDeviceHandle(wdm) == device);
    RtlInitUnicodeString(&link, W('\\', '?', '?', '\\', 'E', 'c', 'h', 'o'));
    CHECK(WdfDeviceCreateSymbolicLink(device, &link) == STATUS_SUCCESS);
    CHECK(WdfDeviceCreateSymbolicLink(device, &link) == STATUS_OBJECT_NAME_COLLISION);
    make_queue();
    WdfControlFinishInitializing(device);
    CHECK((wdm->Flags & DO_DEVICE_INITIALIZING) == 0);
    return failures == 0 ? STATUS_SUCCESS : STATUS_UNSUCCESSFUL;
}
