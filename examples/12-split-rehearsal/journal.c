// SPDX-License-Identifier: MIT
// The half that becomes an export driver. Alone it needs what an export driver needs, at the end of
// the file; as a part of the whole driver it does without.
#include "journal.h"

#define TAG 0x6E72754A // 'Jurn'

struct _JOURNAL {
    KSPIN_LOCK Lock;
    ULONG Size;
    ULONG First; // of the bytes that are kept
    ULONG Used;
    UCHAR Bytes[1];
};

NTSTATUS NTAPI JournalOpen(ULONG Size, PJOURNAL *Journal)
{
    PJOURNAL journal = ExAllocatePoolWithTag(NonPagedPool, sizeof *journal + Size, TAG);

    if (journal == NULL) {
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    RtlZeroMemory(journal, sizeof *journal);
    KeInitializeSpinLock(&journal->Lock);
    journal->Size = Size;
    *Journal = journal;
    return STATUS_SUCCESS;
}

VOID NTAPI JournalClose(PJOURNAL Journal)
{
    ExFreePoolWithTag(Journal, TAG);
}

VOID NTAPI JournalAppend(PJOURNAL Journal, const UCHAR *Bytes, ULONG Length)
{
    KIRQL irql;

    KeAcquireSpinLock(&Journal->Lock, &irql);
    for (ULONG i = 0; i < Length; i++) {
        Journal->Bytes[(Journal->First + Journal->Used) % Journal->Size] = Bytes[i];
        if (Journal->Used < Journal->Size) {
            Journal->Used++;
        } else {
            Journal->First = (Journal->First + 1) % Journal->Size;
        }
    }
    KeReleaseSpinLock(&Journal->Lock, irql);
}

ULONG NTAPI JournalRead(PJOURNAL Journal, PUCHAR Bytes, ULONG Length)
{
    ULONG count = 0;
    KIRQL irql;

    KeAcquireSpinLock(&Journal->Lock, &irql);
    while (count < Length && Journal->Used > 0) {
        Bytes[count++] = Journal->Bytes[Journal->First];
        Journal->First = (Journal->First + 1) % Journal->Size;
        Journal->Used--;
    }
    KeReleaseSpinLock(&Journal->Lock, irql);
    return count;
}

#ifdef JOURNAL_SPLIT

DRIVER_INITIALIZE DriverEntry;

NTSTATUS NTAPI DllInitialize(PUNICODE_STRING RegistryPath)
{
    UNREFERENCED_PARAMETER(RegistryPath);
    return STATUS_SUCCESS;
}

NTSTATUS NTAPI DllUnload(VOID)
{
    return STATUS_SUCCESS;
}

NTSTATUS NTAPI DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    UNREFERENCED_PARAMETER(DriverObject);
    UNREFERENCED_PARAMETER(RegistryPath);
    return STATUS_SUCCESS;
}

#endif
