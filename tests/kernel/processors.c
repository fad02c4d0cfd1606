// SPDX-License-Identifier: MIT
// Routines on every processor, and what there is to know of the one process.
#include "check.h"

DECLSPEC_IMPORT VOID NTAPI KeGenericCallDpc(PKDEFERRED_ROUTINE Routine, PVOID Context);
DECLSPEC_IMPORT VOID NTAPI KeSignalCallDpcDone(PVOID SystemArgument1);
DECLSPEC_IMPORT LOGICAL NTAPI KeSignalCallDpcSynchronize(PVOID SystemArgument2);
DECLSPEC_IMPORT ULONG_PTR NTAPI KeIpiGenericCall(ULONG_PTR(NTAPI *Routine)(ULONG_PTR),
                                                 ULONG_PTR Context);
DECLSPEC_IMPORT BOOLEAN NTAPI PsGetVersion(PULONG Major, PULONG Minor, PULONG Build,
                                           PUNICODE_STRING Pack);
DECLSPEC_IMPORT PVOID NTAPI PsGetCurrentThreadTeb(void);
DECLSPEC_IMPORT LONGLONG NTAPI PsGetProcessCreateTimeQuadPart(PEPROCESS Process);
DECLSPEC_IMPORT PCHAR NTAPI PsGetProcessImageFileName(PEPROCESS Process);
DECLSPEC_IMPORT NTSTATUS NTAPI ZwQueryInformationProcess(HANDLE Process, ULONG Class, PVOID Buffer,
                                                         ULONG Length, PULONG ReturnLength);
DECLSPEC_IMPORT SIZE_T CDECL strnlen_s(const char *Text, SIZE_T Most);

// ---- everywhere ----

static ULONG runs, chosen;

static VOID NTAPI on_each(PKDPC dpc, PVOID context, PVOID done, PVOID barrier)
{
    CHECK(dpc->DeferredContext == context && KeGetCurrentIrql() == DISPATCH_LEVEL);
    runs++;
    chosen += KeSignalCallDpcSynchronize(barrier) != 0;
    chosen += KeSignalCallDpcSynchronize(barrier) != 0;
    KeSignalCallDpcDone(done);
}

static VOID NTAPI on_each_lazy(PKDPC dpc, PVOID context, PVOID done, PVOID barrier)
{
    UNREFERENCED_PARAMETER(dpc);
    UNREFERENCED_PARAMETER(context);
    UNREFERENCED_PARAMETER(done);
    UNREFERENCED_PARAMETER(barrier);
}

static ULONG_PTR NTAPI on_interrupt(ULONG_PTR context)
{
    CHECK(KeGetCurrentIrql() == 14);
    runs++;
    return context + 1;
}

static ULONG_PTR NTAPI on_interrupt_rude(ULONG_PTR context)
{
    KIRQL irql;
    KeRaiseIrql(HIGH_LEVEL, &irql);
    return context;
}

static void check_everywhere(void)
{
    ULONG count = KeQueryActiveProcessorCountEx(ALL_PROCESSOR_GROUPS);
    KeGenericCallDpc(on_each, &runs);
    CHECK(runs == count && chosen == 2 && KeGetCurrentIrql() == PASSIVE_LEVEL);
    runs = 0;
    CHECK(KeIpiGenericCall(on_interrupt, 41) == 42 && runs == count);
    CHECK(KeGetCurrentIrql() == PASSIVE_LEVEL);
}

// ---- the process ----

static void check_version(void)
{
    ULONG major = 0, minor = 7, build = 0;
    UNICODE_STRING pack;
    RTL_OSVERSIONINFOW version;
    version.dwOSVersionInfoSize = sizeof version;
    CHECK(NT_SUCCESS(RtlGetVersion(&version)));
    CHECK(!PsGetVersion(&major, &minor, &build, &pack));
    CHECK(major == version.dwMajorVersion && minor == version.dwMinorVersion);
    CHECK(build == version.dwBuildNumber && pack.Length == 0);
    CHECK(!PsGetVersion(NULL, NULL, NULL, NULL));
}

static void check_process(void)
{
    LARGE_INTEGER now;
    PEPROCESS process = PsInitialSystemProcess;
    KeQuerySystemTimePrecise(&now);
    CHECK(PsGetProcessCreateTimeQuadPart(process) > 0 &&
          PsGetProcessCreateTimeQuadPart(process) < now.QuadPart);
    CHECK(PsGetCurrentThreadTeb() == NULL);
    CHECK(strcmp(PsGetProcessImageFileName(process), "System") == 0);
    CHECK(strnlen_s("abc", 2) == 2 && strnlen_s("abc", 9) == 3 && strnlen_s(NULL, 5) == 0);
}

static void check_information(void)
{
    HANDLE handle;
    ULONG64 information[6], port = 5;
    ULONG length = 0, session = 7;
    CHECK(ObOpenObjectByPointer(PsInitialSystemProcess, OBJ_KERNEL_HANDLE, NULL, 0, NULL,
                                KernelMode, &handle) == STATUS_SUCCESS);
    CHECK(ZwQueryInformationProcess(handle, 0, information, sizeof information, &length) ==
          STATUS_SUCCESS);
    CHECK(length == 48 && information[4] == (ULONG64)PsGetCurrentProcessId());
    CHECK((ULONG)information[0] == STATUS_PENDING && information[5] == 0);
    CHECK(ZwQueryInformationProcess((HANDLE)-1, 7, &port, sizeof port, NULL) == STATUS_SUCCESS);
    CHECK(port == 0);
    CHECK(ZwQueryInformationProcess(handle, 24, &session, sizeof session, NULL) == STATUS_SUCCESS &&
          session == 0);
    CHECK(ZwQueryInformationProcess(handle, 0, information, 8, NULL) ==
          STATUS_INFO_LENGTH_MISMATCH);
    CHECK(ZwQueryInformationProcess(handle, 0x7FFF, information, 8, NULL) ==
          STATUS_INVALID_INFO_CLASS);
    CHECK(ZwClose(handle) == STATUS_SUCCESS);
    CHECK(ZwQueryInformationProcess(handle, 0, information, sizeof information, NULL) ==
          STATUS_INVALID_HANDLE);
}

static void check(PDRIVER_OBJECT driver, PUNICODE_STRING path)
{
    UNREFERENCED_PARAMETER(driver);
    WCHAR which = path->Buffer[path->Length / 2 - 1];
    if (which == 'h') {
        KeGenericCallDpc(on_each_lazy, NULL);
    }
    if (which == 'i') {
        KeIpiGenericCall(on_interrupt_rude, 0);
    }
    check_everywhere();
    check_version();
    check_process();
    check_information();
}
