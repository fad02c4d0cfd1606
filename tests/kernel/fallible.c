// SPDX-License-Identifier: MIT
// The first call of each function that can be made to fail, failing. Those that return a status or
// a null pointer do so before they look at their arguments; the rest is refused pool.
#include "check.h"

DECLSPEC_IMPORT PVOID NTAPI ExAllocatePoolWithQuota(POOL_TYPE PoolType, SIZE_T NumberOfBytes);
DECLSPEC_IMPORT PVOID NTAPI ExAllocatePoolWithTagPriority(POOL_TYPE PoolType, SIZE_T NumberOfBytes,
                                                          ULONG Tag, int Priority);
DECLSPEC_IMPORT NTSTATUS NTAPI KeExpandKernelStackAndCallout(VOID(NTAPI *Callout)(PVOID Parameter),
                                                             PVOID Parameter, SIZE_T Size);
DECLSPEC_IMPORT NTSTATUS NTAPI
KeExpandKernelStackAndCalloutEx(VOID(NTAPI *Callout)(PVOID Parameter), PVOID Parameter, SIZE_T Size,
                                BOOLEAN Wait, PVOID Context);
DECLSPEC_IMPORT PVOID NTAPI MmAllocateContiguousMemorySpecifyCache(SIZE_T NumberOfBytes,
                                                                   PHYSICAL_ADDRESS Lowest,
                                                                   PHYSICAL_ADDRESS Highest,
                                                                   PHYSICAL_ADDRESS Boundary,
                                                                   MEMORY_CACHING_TYPE CacheType);
DECLSPEC_IMPORT PVOID NTAPI MmMapIoSpaceEx(PHYSICAL_ADDRESS PhysicalAddress, SIZE_T NumberOfBytes,
                                           ULONG Protect);

#define RESOURCES(call) CHECK((call) == STATUS_INSUFFICIENT_RESOURCES)
#define MEMORY(call)    CHECK((call) == STATUS_NO_MEMORY)
#define NONE(call)      CHECK((call) == NULL)
#define NO_RAISE        ((POOL_TYPE)(NonPagedPool | POOL_QUOTA_FAIL_INSTEAD_OF_RAISE))

static const PHYSICAL_ADDRESS zero, high = {.QuadPart = 0xFFFFFFFF};

static void check_pool(void)
{
    NONE(ExAllocatePool(NonPagedPool, 16));
    NONE(ExAllocatePool2(POOL_FLAG_NON_PAGED, 16, TAG));
    NONE(ExAllocatePool3(POOL_FLAG_NON_PAGED, 16, TAG, NULL, 0));
    NONE(ExAllocatePoolWithQuota(NO_RAISE, 16));
    NONE(ExAllocatePoolWithQuotaTag(NO_RAISE, 16, TAG));
    NONE(ExAllocatePoolWithTag(NonPagedPool, 16, TAG));
    NONE(ExAllocatePoolWithTagPriority(NonPagedPool, 16, TAG, 0));
    NONE(ExAllocateCacheAwareRundownProtection(NonPagedPool, TAG));
    NONE(MmAllocateContiguousMemory(16, high));
    NONE(MmAllocateContiguousMemorySpecifyCache(16, zero, high, zero, MmCached));
    NONE(MmAllocateNonCachedMemory(16));
    NONE(MmGetPhysicalMemoryRanges());
    NONE(MmMapIoSpace(high, 16, MmNonCached));
    NONE(MmMapIoSpaceEx(high, 16, 0x04));
    NONE(MmAllocatePagesForMdl(zero, high, zero, 16));
    NONE(MmAllocatePagesForMdlEx(zero, high, zero, 16, MmCached, 0));
}

static void check_texts(void)
{
    static const GUID guid;
    UNICODE_STRING from, to = {0};
    ANSI_STRING narrow, narrow_to = {0};
    RtlInitUnicodeString(&from, L"Text");
    RtlInitAnsiString(&narrow, "Text");
    MEMORY(RtlAnsiStringToUnicodeString(&to, &narrow, TRUE));
    MEMORY(RtlOemStringToUnicodeString(&to, &narrow, TRUE));
    MEMORY(RtlUnicodeStringToAnsiString(&narrow_to, &from, TRUE));
    MEMORY(RtlUnicodeStringToOemString(&narrow_to, &from, TRUE));
    MEMORY(RtlUpcaseUnicodeStringToAnsiString(&narrow_to, &from, TRUE));
    MEMORY(RtlUpcaseUnicodeStringToOemString(&narrow_to, &from, TRUE));
    MEMORY(RtlUpcaseUnicodeString(&to, &from, TRUE));
    MEMORY(RtlDowncaseUnicodeString(&to, &from, TRUE));
    MEMORY(RtlDuplicateUnicodeString(0, &from, &to));
    MEMORY(RtlStringFromGUID(&guid, &to));
    CHECK(!RtlCreateUnicodeString(&to, L"Text"));
    CHECK(to.Buffer == NULL && narrow_to.Buffer == NULL);
}

static void check_requests(void)
{
    NONE(IoAllocateErrorLogEntry(NULL, 16));
    NONE(IoAllocateIrp(1, FALSE));
    NONE(IoAllocateIrpEx(NULL, 1, FALSE));
    NONE(IoAllocateMdl(NULL, 16, FALSE, FALSE, NULL));
    NONE(IoAllocateWorkItem(NULL));
    NONE(IoBuildAsynchronousFsdRequest(0, NULL, NULL, 0, NULL, NULL));
    NONE(IoBuildDeviceIoControlRequest(0, NULL, NULL, 0, NULL, 0, FALSE, NULL, NULL));
    NONE(IoBuildSynchronousFsdRequest(0, NULL, NULL, 0, NULL, NULL, NULL));
    NONE(IoMakeAssociatedIrp(NULL, 1));
    NONE(MmMapLockedPagesSpecifyCache(NULL, KernelMode, MmCached, NULL, FALSE, 0));
    RESOURCES(IoSetCompletionRoutineEx(NULL, NULL, NULL, NULL, TRUE, TRUE, TRUE));
    RESOURCES(PoRequestPowerIrp(NULL, 0, (POWER_STATE){0}, NULL, NULL, NULL));
}

static void check_devices(PDRIVER_OBJECT driver)
{
    NONE(IoAttachDeviceToDeviceStack(NULL, NULL));
    CHECK(IoAttachDeviceToDeviceStackSafe(NULL, NULL, NULL) == STATUS_NO_SUCH_DEVICE);
    RESOURCES(IoAllocateDriverObjectExtension(driver, driver, 16, NULL));
    RESOURCES(IoConnectInterrupt(NULL, NULL, NULL, NULL, 0, 0, 0, LevelSensitive, FALSE, 0, FALSE));
    RESOURCES(IoCreateDevice(driver, 0, NULL, FILE_DEVICE_UNKNOWN, 0, FALSE, NULL));
    RESOURCES(IoCreateSymbolicLink(NULL, NULL));
    RESOURCES(IoCreateUnprotectedSymbolicLink(NULL, NULL));
    RESOURCES(IoGetDeviceObjectPointer(NULL, 0, NULL, NULL));
    RESOURCES(IoInitializeTimer(NULL, NULL, NULL));
    RESOURCES(IoOpenDeviceRegistryKey(NULL, 0, 0, NULL));
    RESOURCES(
        IoRegisterPlugPlayNotification(EventCategoryReserved, 0, NULL, NULL, NULL, NULL, NULL));
    RESOURCES(IoRegisterShutdownNotification(NULL));
    RESOURCES(IoSetDeviceInterfaceState(NULL, TRUE));
    RESOURCES(IoOpenDeviceInterfaceRegistryKey(NULL, 0, NULL));
    RESOURCES(IoRegisterFsRegistrationChange(NULL, NULL));
    RESOURCES(IoRegisterLastChanceShutdownNotification(NULL));
    RESOURCES(IoReportTargetDeviceChange(NULL, NULL));
    RESOURCES(IoReportTargetDeviceChangeAsynchronous(NULL, NULL, NULL, NULL));
    RESOURCES(IoWMIRegistrationControl(NULL, 0));
    RESOURCES(IoWMIWriteEvent(NULL));
}

static void check_objects(void)
{
    NONE(ExAllocateTimer(NULL, NULL, 0));
    NONE(ExRegisterCallback(NULL, NULL, NULL));
    NONE(IoCreateNotificationEvent(NULL, NULL));
    NONE(IoCreateSynchronizationEvent(NULL, NULL));
    RESOURCES(ExCreateCallback(NULL, NULL, FALSE, FALSE));
    RESOURCES(ObOpenObjectByPointer(NULL, 0, NULL, 0, NULL, KernelMode, NULL));
    RESOURCES(ObOpenObjectByPointerWithTag(NULL, 0, NULL, 0, NULL, KernelMode, TAG, NULL));
    RESOURCES(ZwCreateDirectoryObject(NULL, 0, NULL));
    RESOURCES(ZwCreateEvent(NULL, 0, NULL, NotificationEvent, FALSE));
    RESOURCES(ZwCreateSymbolicLinkObject(NULL, 0, NULL, NULL));
    RESOURCES(ZwOpenDirectoryObject(NULL, 0, NULL));
    RESOURCES(ZwOpenEvent(NULL, 0, NULL));
    RESOURCES(ZwOpenSymbolicLinkObject(NULL, 0, NULL));
}

static void check_threads_and_callbacks(void)
{
    MEMORY(KeExpandKernelStackAndCallout(NULL, NULL, 0));
    MEMORY(KeExpandKernelStackAndCalloutEx(NULL, NULL, 0, FALSE, NULL));
    RESOURCES(IoCreateSystemThread(NULL, NULL, 0, NULL, NULL, NULL, NULL, NULL));
    RESOURCES(PsCreateSystemThread(NULL, 0, NULL, NULL, NULL, NULL, NULL));
    RESOURCES(PsSetCreateThreadNotifyRoutine(NULL));
    RESOURCES(PsSetLoadImageNotifyRoutine(NULL));
    RESOURCES(CmRegisterCallback(NULL, NULL, NULL));
    RESOURCES(CmRegisterCallbackEx(NULL, NULL, NULL, NULL, NULL, NULL));
    NONE(KeRegisterProcessorChangeCallback(NULL, NULL, 0));
    RESOURCES(PoRegisterPowerSettingCallback(NULL, NULL, NULL, NULL, NULL));
}

static void check_registry(void)
{
    RESOURCES(RtlCreateRegistryKey(0, NULL));
    RESOURCES(RtlQueryRegistryValues(0, NULL, NULL, NULL, NULL));
    RESOURCES(RtlWriteRegistryValue(0, NULL, NULL, 0, NULL, 0));
    RESOURCES(ZwCreateKey(NULL, 0, NULL, 0, NULL, 0, NULL));
    RESOURCES(ZwEnumerateKey(NULL, 0, KeyBasicInformation, NULL, 0, NULL));
    RESOURCES(ZwEnumerateValueKey(NULL, 0, KeyValueBasicInformation, NULL, 0, NULL));
    RESOURCES(ZwOpenKey(NULL, 0, NULL));
    RESOURCES(ZwOpenKeyEx(NULL, 0, NULL, 0));
    RESOURCES(ZwQueryKey(NULL, KeyBasicInformation, NULL, 0, NULL));
    RESOURCES(ZwQueryValueKey(NULL, NULL, KeyValueBasicInformation, NULL, 0, NULL));
    RESOURCES(ZwSetValueKey(NULL, NULL, 0, 0, NULL, 0));
}

static void check_files(void)
{
    RESOURCES(
        IoCreateFile(NULL, 0, NULL, NULL, NULL, 0, 0, 0, 0, NULL, 0, CreateFileTypeNone, NULL, 0));
    RESOURCES(IoCreateFileEx(NULL, 0, NULL, NULL, NULL, 0, 0, 0, 0, NULL, 0, CreateFileTypeNone,
                             NULL, 0, NULL));
    RESOURCES(ZwCreateFile(NULL, 0, NULL, NULL, NULL, 0, 0, 0, 0, NULL, 0));
    RESOURCES(ZwDeleteFile(NULL));
    RESOURCES(ZwDeviceIoControlFile(NULL, NULL, NULL, NULL, NULL, 0, NULL, 0, NULL, 0));
    RESOURCES(ZwFlushBuffersFile(NULL, NULL));
    RESOURCES(ZwFsControlFile(NULL, NULL, NULL, NULL, NULL, 0, NULL, 0, NULL, 0));
    RESOURCES(ZwOpenFile(NULL, 0, NULL, NULL, 0, 0));
    RESOURCES(ZwQueryDirectoryFile(NULL, NULL, NULL, NULL, NULL, NULL, 0, 0, FALSE, NULL, FALSE));
    RESOURCES(ZwQueryFullAttributesFile(NULL, NULL));
    RESOURCES(ZwQueryInformationFile(NULL, NULL, NULL, 0, 0));
    RESOURCES(ZwQueryVolumeInformationFile(NULL, NULL, NULL, 0, 0));
    RESOURCES(ZwReadFile(NULL, NULL, NULL, NULL, NULL, NULL, 0, NULL, NULL));
    RESOURCES(ZwSetInformationFile(NULL, NULL, NULL, 0, 0));
    RESOURCES(ZwWriteFile(NULL, NULL, NULL, NULL, NULL, NULL, 0, NULL, NULL));
    RESOURCES(ZwCreateSection(NULL, 0, NULL, NULL, 0, 0, NULL));
    RESOURCES(ZwMapViewOfSection(NULL, NULL, NULL, 0, 0, NULL, NULL, ViewShare, 0, 0));
    RESOURCES(ZwOpenSection(NULL, 0, NULL));
}

static void check(PDRIVER_OBJECT driver, PUNICODE_STRING path)
{
    UNREFERENCED_PARAMETER(path);
    check_pool();
    check_texts();
    check_requests();
    check_devices(driver);
    check_objects();
    check_threads_and_callbacks();
    check_registry();
    check_files();
}
