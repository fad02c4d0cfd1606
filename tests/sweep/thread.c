// SPDX-License-Identifier: MIT
// A thread says that it is there, and is waited for. FAULTY: nobody asks whether it was made, and
// the wait has no end.
#include "twin.h"

static KEVENT there;

static VOID NTAPI run(PVOID context)
{
    UNREFERENCED_PARAMETER(context);
    KeSetEvent(&there, IO_NO_INCREMENT, FALSE);
    PsTerminateSystemThread(STATUS_SUCCESS);
}

static VOID NTAPI unload(PDRIVER_OBJECT driver)
{
    UNREFERENCED_PARAMETER(driver);
}

NTSTATUS NTAPI DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    HANDLE thread = NULL;
    UNREFERENCED_PARAMETER(RegistryPath);
    DriverObject->DriverUnload = unload;
    KeInitializeEvent(&there, NotificationEvent, FALSE);
    NTSTATUS status = PsCreateSystemThread(&thread, THREAD_ALL_ACCESS, NULL, NULL, NULL, run, NULL);
    if (!NT_SUCCESS(status) && !FAULTY) {
        return status;
    }
    KeWaitForSingleObject(&there, Executive, KernelMode, FALSE, NULL);
    if (thread != NULL) {
        ZwClose(thread);
    }
    return STATUS_SUCCESS;
}
