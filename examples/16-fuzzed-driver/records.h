// SPDX-License-Identifier: MIT
// records.sys: walks through records, each of which is a byte of type, a byte of length, and that
// many bytes.
#ifndef RECORDS_H
#define RECORDS_H

#include <ntddk.h>

#ifndef RECORDSAPI
#define RECORDSAPI DECLSPEC_IMPORT
#endif

typedef struct _RECORDS {
    const UCHAR *Next;
    ULONG Left;
} RECORDS, *PRECORDS;

typedef struct _RECORD {
    UCHAR Type;
    UCHAR Length;
    const UCHAR *Bytes;
} RECORD, *PRECORD;

// STATUS_NO_MORE_ENTRIES at the end; STATUS_INVALID_PARAMETER when a record ends behind it.
RECORDSAPI NTSTATUS NTAPI RecordNext(PRECORDS Records, PRECORD Record);

#endif
