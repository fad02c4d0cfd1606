// SPDX-License-Identifier: MIT
// The journal: keeps the last bytes that were appended. It knows no IRPs; that is the line along
// which the driver is split.
#ifndef JOURNAL_H
#define JOURNAL_H

#include <ntddk.h>

// JOURNAL_SPLIT: the journal is a driver of its own.
#ifndef JOURNALAPI
#ifdef JOURNAL_SPLIT
#define JOURNALAPI DECLSPEC_IMPORT
#else
#define JOURNALAPI
#endif
#endif

typedef struct _JOURNAL *PJOURNAL;

// Size: how many bytes are kept.
JOURNALAPI NTSTATUS NTAPI JournalOpen(ULONG Size, PJOURNAL *Journal);
JOURNALAPI VOID NTAPI JournalClose(PJOURNAL Journal);
JOURNALAPI VOID NTAPI JournalAppend(PJOURNAL Journal, const UCHAR *Bytes, ULONG Length);
// The oldest bytes that are kept, at most Length; answers how many.
JOURNALAPI ULONG NTAPI JournalRead(PJOURNAL Journal, PUCHAR Bytes, ULONG Length);

#endif
