// SPDX-License-Identifier: MIT
// What the kernel's variables hold, each as Microsoft's headers declare it.
#include "check.h"

#define VARIABLE DECLSPEC_IMPORT extern

VARIABLE PUCHAR KdComPortInUse;
VARIABLE BOOLEAN KdDebuggerNotPresent;
VARIABLE BOOLEAN KdEnteredDebugger;
VARIABLE PVOID KeLoaderBlock;
VARIABLE CCHAR KeNumberProcessors;
VARIABLE ULONG_PTR KiBugCheckData[5];
VARIABLE ULONG InitSafeBootMode;
VARIABLE USHORT NlsAnsiCodePage;
VARIABLE USHORT NlsOemCodePage;
VARIABLE PUSHORT NlsLeadByteInfo;
VARIABLE PUSHORT NlsOemLeadByteInfo;
VARIABLE BOOLEAN NlsMbCodePageTag;
VARIABLE BOOLEAN NlsMbOemCodePageTag;
VARIABLE CHAR NtBuildLab[];
VARIABLE ULONG NtBuildNumber;
VARIABLE ULONG NtGlobalFlag;
VARIABLE PULONG64 SeExports;

static void check_system(void)
{
    RTL_OSVERSIONINFOW version;
    version.dwOSVersionInfoSize = sizeof version;
    CHECK(NT_SUCCESS(RtlGetVersion(&version)));
    CHECK((NtBuildNumber & 0xFFFF) == version.dwBuildNumber && NtBuildNumber >> 28 == 0xF);
    CHECK(NtBuildLab[0] == '1' && strlen(NtBuildLab) > 20);
    CHECK(KeNumberProcessors == (CCHAR)KeQueryActiveProcessorCountEx(ALL_PROCESSOR_GROUPS));
    CHECK(InitSafeBootMode == 0 && NtGlobalFlag == 0 && KeLoaderBlock == NULL);
    for (ULONG i = 0; i < 5; i++) {
        CHECK(KiBugCheckData[i] == 0);
    }
}

static void check_debugger(void)
{
    CHECK(!KdDebuggerEnabled && KdDebuggerNotPresent && !KdEnteredDebugger);
    CHECK(KdComPortInUse == NULL);
}

static void check_code_pages(void)
{
    CHECK(NlsAnsiCodePage == 1252 && NlsOemCodePage == 437);
    CHECK(!NlsMbCodePageTag && !NlsMbOemCodePageTag);
    for (ULONG i = 0; i < 256; i++) {
        CHECK(NlsLeadByteInfo[i] == 0 && NlsOemLeadByteInfo[i] == 0);
    }
}

static void check_types(void)
{
    HANDLE handle;
    PVOID object;
    CHECK(ZwCreateEvent(&handle, EVENT_ALL_ACCESS, NULL, NotificationEvent, FALSE) ==
          STATUS_SUCCESS);
    CHECK(ObReferenceObjectByHandle(handle, 0, *ExSemaphoreObjectType, KernelMode, &object, NULL) ==
          STATUS_OBJECT_TYPE_MISMATCH);
    CHECK(ObReferenceObjectByHandle(handle, 0, *ExEventObjectType, KernelMode, &object, NULL) ==
          STATUS_SUCCESS);
    ObDereferenceObject(object);
    CHECK(ZwClose(handle) == STATUS_SUCCESS);
    CHECK(ObGetObjectType(KeGetCurrentThread()) == *PsThreadType);
    CHECK(ObGetObjectType(PsInitialSystemProcess) == *PsProcessType);
}

// Some members by their place in SE_EXPORTS.
static void check_security(void)
{
    static const UCHAR system[12] = {1, 1, 0, 0, 0, 0, 0, 5, 18};
    static const UCHAR admins[16] = {1, 2, 0, 0, 0, 0, 0, 5, 32, 0, 0, 0, 0x20, 2};
    static const UCHAR rights[12] = {1, 1, 0, 0, 0, 0, 0, 3, 4};
    CHECK(SeExports[0] == 2 && SeExports[18] == 20 && SeExports[22] == 24);
    CHECK(RtlCompareMemory((PVOID)SeExports[33], system, 12) == 12);
    CHECK(RtlCompareMemory((PVOID)SeExports[34], admins, 16) == 16);
    CHECK(SeExports[57] == 35);
    CHECK(RtlCompareMemory((PVOID)SeExports[64], rights, 12) == 12);
}

static void check(PDRIVER_OBJECT driver, PUNICODE_STRING path)
{
    UNREFERENCED_PARAMETER(driver);
    UNREFERENCED_PARAMETER(path);
    check_system();
    check_debugger();
    check_code_pages();
    check_types();
    check_security();
}
