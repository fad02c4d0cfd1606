// SPDX-License-Identifier: MIT
// Exceptions that leave a kernel function which had called the driver. A service named dpc, thread,
// work or closed does what ends the system.
#include "check.h"

#include <ntddk.h>

#include "../native/try_frames.h"

NTSYSAPI void CDECL qsort(void *first, size_t count, size_t size,
                          int(CDECL *compare)(const void *, const void *));

#define RAISED ((NTSTATUS)0xE0001234)

static PDEVICE_OBJECT device;
static EXCEPTION_RECORD seen;

static int handle(EXCEPTION_POINTERS *pointers, void *argument)
{
    UNREFERENCED_PARAMETER(argument);
    seen = *pointers->ExceptionRecord;
    return EXCEPTION_EXECUTE_HANDLER;
}

static NTSTATUS NTAPI dispatch(PDEVICE_OBJECT Device, PIRP Irp)
{
    CHECK(Device == device && Irp->Type == IO_TYPE_IRP);
    ExRaiseStatus(RAISED);
}

static ULONG64 send(void *irp)
{
    return (ULONG64)IofCallDriver(device, irp);
}

static int CDECL compare(const void *a, const void *b)
{
    CHECK(a != b);
    ExRaiseStatus(RAISED);
}

static ULONG64 sort(void *numbers)
{
    qsort(numbers, 3, sizeof(int), compare);
    return 0;
}

// ---- what ends the system ----

static VOID NTAPI deferred(PKDPC Dpc, PVOID Context, PVOID Argument1, PVOID Argument2)
{
    EXCEPTION_RECORD record = {.ExceptionCode = RAISED, .NumberParameters = 2};
    UNREFERENCED_PARAMETER(Dpc);
    UNREFERENCED_PARAMETER(Context);
    UNREFERENCED_PARAMETER(Argument1);
    UNREFERENCED_PARAMETER(Argument2);
    record.ExceptionInformation[0] = 11;
    record.ExceptionInformation[1] = 22;
    RtlRaiseException(&record);
}

static ULONG64 run_dpc(void *dpc)
{
    KeInitializeDpc(dpc, deferred, NULL);
    KeInsertQueueDpc(dpc, NULL, NULL);
    return 0;
}

static VOID NTAPI run_thread(PVOID Context)
{
    UNREFERENCED_PARAMETER(Context);
    ExRaiseStatus(RAISED);
}

static ULONG64 start_thread(void *argument)
{
    HANDLE handle = NULL;
    LARGE_INTEGER second = {.QuadPart = -10000000};
    UNREFERENCED_PARAMETER(argument);
    PsCreateSystemThread(&handle, 0, NULL, NULL, NULL, run_thread, NULL);
    KeDelayExecutionThread(KernelMode, FALSE, &second);
    return 0;
}

static PVOID NTAPI allocate(struct _RTL_GENERIC_TABLE *table, ULONG size)
{
    UNREFERENCED_PARAMETER(table);
    UNREFERENCED_PARAMETER(size);
    ExRaiseStatus(RAISED);
}

static VOID NTAPI release(struct _RTL_GENERIC_TABLE *table, PVOID memory)
{
    UNREFERENCED_PARAMETER(table);
    UNREFERENCED_PARAMETER(memory);
}

static RTL_GENERIC_COMPARE_RESULTS NTAPI order(struct _RTL_GENERIC_TABLE *table, PVOID a, PVOID b)
{
    UNREFERENCED_PARAMETER(table);
    return a == b ? GenericEqual : GenericLessThan;
}

static ULONG64 insert(void *argument)
{
    static RTL_GENERIC_TABLE table;
    int number = 1;
    UNREFERENCED_PARAMETER(argument);
    RtlInitializeGenericTable(&table, order, allocate, release, NULL);
    RtlInsertElementGenericTable(&table, &number, sizeof number, NULL);
    return 0;
}

static void end(WCHAR what)
{
    static KDPC dpc;
    switch (what) {
    case 'd':
        try_except(run_dpc, &dpc, handle);
        break;
    case 't':
        try_except(start_thread, NULL, handle);
        break;
    case 'n':
        try_except(insert, NULL, handle);
        break;
    default:
        return;
    }
    CHECK(!"the system goes on");
}

static void check(PDRIVER_OBJECT driver, PUNICODE_STRING path)
{
    int numbers[3] = {3, 1, 2};
    UNREFERENCED_PARAMETER(path);
    end(driver->DriverName.Buffer[8]); // \Driver\x
    driver->MajorFunction[IRP_MJ_READ] = dispatch;
    CHECK(IoCreateDevice(driver, 0, NULL, FILE_DEVICE_UNKNOWN, 0, FALSE, &device) == 0);
    PIRP irp = IoAllocateIrp(1, FALSE);
    CHECK(irp != NULL);
    IoGetNextIrpStackLocation(irp)->MajorFunction = IRP_MJ_READ;
    CHECK(try_except(send, irp, handle) == (ULONG)RAISED && seen.ExceptionCode == RAISED);
    CHECK((ULONG_PTR)seen.ExceptionAddress > (ULONG_PTR)driver->DriverStart);
    IoFreeIrp(irp);
    CHECK(try_except(sort, numbers, handle) == (ULONG)RAISED);
    IoDeleteDevice(device);
}
