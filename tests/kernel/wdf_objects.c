// SPDX-License-Identifier: MIT
// The driver framework: the driver object, general objects, contexts, parents, memory, locks,
// strings, collections.
#define CHECK_OWN_ENTRY
#include "check.h"

#include <wdf.h>

typedef struct {
    ULONG number;
    UCHAR rest[100];
} FIRST;
typedef struct {
    ULONG other;
} SECOND;

WDF_DECLARE_CONTEXT_TYPE_WITH_NAME(FIRST, context_of)
WDF_DECLARE_CONTEXT_TYPE(SECOND)

static ULONG order[16], ended;

static VOID NTAPI cleaned(WDFOBJECT object)
{
    order[ended++] = context_of(object)->number;
}

static VOID NTAPI destroyed(WDFOBJECT object)
{
    order[ended++] = 100 + context_of(object)->number;
}

static WDFOBJECT make(WDFOBJECT parent, ULONG number)
{
    WDF_OBJECT_ATTRIBUTES attributes;
    WDFOBJECT object = NULL;
    WDF_OBJECT_ATTRIBUTES_INIT_CONTEXT_TYPE(&attributes, FIRST);
    attributes.EvtCleanupCallback = cleaned;
    attributes.EvtDestroyCallback = destroyed;
    attributes.ParentObject = parent;
    CHECK(WdfObjectCreate(&attributes, &object) == STATUS_SUCCESS && object != NULL);
    CHECK(context_of(object)->number == 0 && context_of(object)->rest[99] == 0);
    context_of(object)->number = number;
    return object;
}

static void check_lives(void)
{
    WDFOBJECT top = make(NULL, 1), middle = make(top, 2), low = make(middle, 3);
    CHECK(low != middle && WdfObjectContextGetObject(context_of(low)) == low);
    WdfObjectReferenceActual(middle, NULL, __LINE__, __FILE__);
    ended = 0;
    WdfObjectDelete(top);
    CHECK(ended == 5 && order[0] == 3 && order[1] == 2 && order[2] == 1);
    CHECK(order[3] == 103 && order[4] == 101);
    CHECK(context_of(middle)->number == 2);
    CHECK(WdfObjectGetTypedContextWorker(middle, &_WDF_FIRST_TYPE_INFO) == context_of(middle));
    WdfObjectDereferenceActual(middle, NULL, __LINE__, __FILE__);
    CHECK(ended == 6 && order[5] == 102);
}

static void check_contexts(void)
{
    WDF_OBJECT_ATTRIBUTES attributes;
    WDFOBJECT object = make(NULL, 1);
    SECOND *second = NULL, *again = NULL;
    CHECK(WdfObjectGet_SECOND(object) == NULL);
    WDF_OBJECT_ATTRIBUTES_INIT_CONTEXT_TYPE(&attributes, SECOND);
    CHECK(WdfObjectAllocateContext(object, &attributes, (PVOID *)&second) == STATUS_SUCCESS);
    CHECK(second != NULL && WdfObjectGet_SECOND(object) == second);
    CHECK(WdfObjectAllocateContext(object, &attributes, (PVOID *)&again) ==
              STATUS_OBJECT_NAME_EXISTS &&
          again == second);
    attributes.ParentObject = object;
    CHECK(WdfObjectAllocateContext(object, &attributes, NULL) ==
          STATUS_WDF_PARENT_ASSIGNMENT_NOT_ALLOWED);
    WDF_OBJECT_ATTRIBUTES_INIT(&attributes);
    CHECK(WdfObjectAllocateContext(object, &attributes, NULL) == STATUS_OBJECT_NAME_INVALID);
    WdfObjectDelete(object);
    attributes.Size = 8;
    CHECK(WdfObjectCreate(&attributes, &object) == STATUS_INFO_LENGTH_MISMATCH && object == NULL);
    WDF_OBJECT_ATTRIBUTES_INIT(&attributes);
    attributes.ExecutionLevel = WdfExecutionLevelInvalid;
    CHECK(WdfObjectCreate(&attributes, &object) == STATUS_WDF_EXECUTION_LEVEL_INVALID);
}

static void check_memory(void)
{
    WDF_OBJECT_ATTRIBUTES attributes;
    WDFMEMORY memory = NULL, own = NULL;
    PVOID buffer = NULL;
    SIZE_T size = 0;
    UCHAR bytes[8] = {1, 2, 3, 4, 5, 6, 7, 8}, copy[8] = {0};
    CHECK(WdfMemoryCreate(WDF_NO_OBJECT_ATTRIBUTES, NonPagedPool, TAG, 16, &memory, &buffer) ==
          STATUS_SUCCESS);
    CHECK(WdfMemoryGetBuffer(memory, &size) == buffer && size == 16);
    CHECK(WdfMemoryCopyFromBuffer(memory, 8, bytes, 8) == STATUS_SUCCESS);
    CHECK(WdfMemoryCopyToBuffer(memory, 10, copy, 6) == STATUS_SUCCESS && copy[5] == 8);
    CHECK(WdfMemoryCopyToBuffer(memory, 10, copy, 7) == STATUS_BUFFER_TOO_SMALL);
    CHECK(WdfMemoryCopyFromBuffer(memory, 17, bytes, 1) == STATUS_BUFFER_TOO_SMALL);
    CHECK(WdfMemoryAssignBuffer(memory, bytes, 8) == STATUS_INVALID_DEVICE_REQUEST);
    CHECK(WdfMemoryCreate(WDF_NO_OBJECT_ATTRIBUTES, NonPagedPool, TAG, 0, &own, NULL) ==
          STATUS_INVALID_PARAMETER);
    WDF_OBJECT_ATTRIBUTES_INIT(&attributes);
    attributes.ParentObject = memory;
    CHECK(WdfMemoryCreatePreallocated(&attributes, bytes, 4, &own) == STATUS_SUCCESS);
    CHECK(WdfMemoryGetBuffer(own, NULL) == bytes);
    CHECK(WdfMemoryAssignBuffer(own, copy, 8) == STATUS_SUCCESS);
    CHECK(WdfMemoryAssignBuffer(own, copy, 0) == STATUS_INVALID_PARAMETER);
    CHECK(WdfMemoryCreatePreallocated(&attributes, bytes, 0, &own) == STATUS_INVALID_PARAMETER);
    WdfObjectDelete(memory);
}

static void check_locks(void)
{
    WDF_OBJECT_ATTRIBUTES attributes;
    WDFSPINLOCK spin = NULL;
    WDFWAITLOCK wait = NULL;
    LONGLONG now = 0;
    CHECK(WdfSpinLockCreate(WDF_NO_OBJECT_ATTRIBUTES, &spin) == STATUS_SUCCESS);
    CHECK(WdfWaitLockCreate(WDF_NO_OBJECT_ATTRIBUTES, &wait) == STATUS_SUCCESS);
    WdfSpinLockAcquire(spin);
    CHECK(KeGetCurrentIrql() == DISPATCH_LEVEL);
    WdfSpinLockRelease(spin);
    CHECK(KeGetCurrentIrql() == PASSIVE_LEVEL);
    CHECK(WdfWaitLockAcquire(wait, NULL) == STATUS_SUCCESS && KeAreApcsDisabled());
    WdfWaitLockRelease(wait);
    CHECK(!KeAreApcsDisabled());
    CHECK(WdfWaitLockAcquire(wait, &now) == STATUS_SUCCESS);
    WdfWaitLockRelease(wait);
    WDF_OBJECT_ATTRIBUTES_INIT(&attributes);
    attributes.ExecutionLevel = WdfExecutionLevelPassive;
    CHECK(WdfSpinLockCreate(&attributes, &spin) == STATUS_WDF_EXECUTION_LEVEL_INVALID);
    attributes.Size++;
    CHECK(WdfWaitLockCreate(&attributes, &wait) == STATUS_INFO_LENGTH_MISMATCH);
}

static WDFWAITLOCK shared;
static NTSTATUS seen;

static VOID NTAPI other_thread(PVOID context)
{
    LONGLONG now = 0;
    UNREFERENCED_PARAMETER(context);
    seen = WdfWaitLockAcquire(shared, &now);
    PsTerminateSystemThread(STATUS_SUCCESS);
}

static void check_wait_of_two(void)
{
    HANDLE handle = NULL;
    CHECK(WdfWaitLockCreate(WDF_NO_OBJECT_ATTRIBUTES, &shared) == STATUS_SUCCESS);
    CHECK(WdfWaitLockAcquire(shared, NULL) == STATUS_SUCCESS);
    CHECK(PsCreateSystemThread(&handle, THREAD_ALL_ACCESS, NULL, NULL, NULL, other_thread, NULL) ==
          STATUS_SUCCESS);
    ZwWaitForSingleObject(handle, FALSE, NULL);
    ZwClose(handle);
    CHECK(seen == STATUS_TIMEOUT);
    WdfWaitLockRelease(shared);
}

static void check_strings(void)
{
    static WCHAR text[] = {'a', 'b', 'c', 0};
    UNICODE_STRING given = {6, 6, text}, got;
    WDFSTRING string = NULL, empty = NULL;
    CHECK(WdfStringCreate(&given, WDF_NO_OBJECT_ATTRIBUTES, &string) == STATUS_SUCCESS);
    WdfStringGetUnicodeString(string, &got);
    CHECK(got.Length == 6 && got.Buffer != text && got.Buffer[2] == 'c' && got.Buffer[3] == 0);
    CHECK(WdfStringCreate(NULL, WDF_NO_OBJECT_ATTRIBUTES, &empty) == STATUS_SUCCESS);
    WdfStringGetUnicodeString(empty, &got);
    CHECK(got.Length == 0);
    given.Length = 5;
    CHECK(WdfStringCreate(&given, WDF_NO_OBJECT_ATTRIBUTES, &empty) == STATUS_INVALID_PARAMETER);
    CHECK(WdfDriverRetrieveVersionString(WdfGetDriver(), string) == STATUS_SUCCESS);
    WdfStringGetUnicodeString(string, &got);
    CHECK(got.Length > 80 && got.Buffer[0] == 'K');
}

static void check_collections(void)
{
    WDF_OBJECT_ATTRIBUTES attributes;
    WDFCOLLECTION list = NULL;
    WDFOBJECT first = make(NULL, 1), second = make(NULL, 2);
    CHECK(WdfCollectionCreate(WDF_NO_OBJECT_ATTRIBUTES, &list) == STATUS_SUCCESS);
    CHECK(WdfCollectionGetCount(list) == 0 && WdfCollectionGetFirstItem(list) == NULL &&
          WdfCollectionGetLastItem(list) == NULL);
    CHECK(WdfCollectionAdd(list, first) == STATUS_SUCCESS);
    CHECK(WdfCollectionAdd(list, second) == STATUS_SUCCESS);
    CHECK(WdfCollectionAdd(list, first) == STATUS_SUCCESS && WdfCollectionGetCount(list) == 3);
    CHECK(WdfCollectionGetItem(list, 1) == second && WdfCollectionGetItem(list, 3) == NULL);
    WdfCollectionRemove(list, first);
    CHECK(WdfCollectionGetFirstItem(list) == second && WdfCollectionGetLastItem(list) == first);
    WdfCollectionRemoveItem(list, 1);
    ended = 0;
    WdfObjectDelete(second);
    CHECK(ended == 1 && WdfCollectionGetCount(list) == 1);
    WdfObjectDelete(list);
    CHECK(ended == 2 && order[1] == 102);
    WdfObjectDelete(first);
    WDF_OBJECT_ATTRIBUTES_INIT(&attributes);
    attributes.Size = 0;
    CHECK(WdfCollectionCreate(&attributes, &list) == STATUS_INFO_LENGTH_MISMATCH);
}

static void check_driver(PDRIVER_OBJECT driver, PUNICODE_STRING path)
{
    WDF_DRIVER_CONFIG config;
    WDF_DRIVER_VERSION_AVAILABLE_PARAMS asked;
    WDFDRIVER handle = NULL;
    PWSTR text = WdfDriverGetRegistryPath(WdfGetDriver());
    CHECK(WdfDriverWdmGetDriverObject(WdfGetDriver()) == driver);
    CHECK(WdfWdmDriverGetWdfDriverHandle(driver) == WdfGetDriver());
    CHECK(text != path->Buffer && text[path->Length / 2] == 0 &&
          RtlCompareMemory(text, path->Buffer, path->Length) == path->Length);
    WDF_DRIVER_VERSION_AVAILABLE_PARAMS_INIT(&asked, 1, 15);
    CHECK(WdfDriverIsVersionAvailable(WdfGetDriver(), &asked));
    asked.MajorVersion = 2;
    CHECK(!WdfDriverIsVersionAvailable(WdfGetDriver(), &asked));
    WDF_DRIVER_CONFIG_INIT(&config, NULL);
    CHECK(WdfDriverCreate(driver, path, NULL, &config, &handle) == STATUS_DRIVER_INTERNAL_ERROR);
    config.Size = 4;
    CHECK(WdfDriverCreate(driver, path, NULL, &config, &handle) == STATUS_INFO_LENGTH_MISMATCH);
}

static VOID NTAPI unload(WDFDRIVER driver)
{
    CHECK(driver == WdfGetDriver());
}

static NTSTATUS NTAPI add_device(WDFDRIVER driver, PWDFDEVICE_INIT init)
{
    UNREFERENCED_PARAMETER(driver);
    UNREFERENCED_PARAMETER(init);
    return STATUS_NOT_SUPPORTED;
}

DRIVER_INITIALIZE DriverEntry;
NTSTATUS NTAPI DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    WDF_DRIVER_CONFIG config;
    WDFDRIVER driver = NULL;
    WDF_DRIVER_CONFIG_INIT(&config, add_device);
    config.DriverInitFlags = WdfDriverInitNonPnpDriver;
    CHECK(WdfDriverCreate(DriverObject, RegistryPath, NULL, &config, NULL) ==
          STATUS_INVALID_PARAMETER);
    config.EvtDriverDeviceAdd = NULL;
    config.EvtDriverUnload = unload;
    CHECK(WdfDriverCreate(DriverObject, RegistryPath, NULL, &config, &driver) == STATUS_SUCCESS);
    CHECK(driver != NULL && driver == WdfGetDriver() && WdfDriverGlobals->DisplaceDriverUnload);
    CHECK(DriverObject->DriverUnload != NULL && DriverObject->DriverExtension->AddDevice == NULL);
    check_driver(DriverObject, RegistryPath);
    check_lives();
    check_contexts();
    check_memory();
    check_locks();
    check_wait_of_two();
    check_strings();
    check_collections();
    return failures == 0 ? STATUS_SUCCESS : STATUS_UNSUCCESSFUL;
}
