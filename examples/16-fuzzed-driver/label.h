// SPDX-License-Identifier: MIT
// The control codes of \Device\Label, all METHOD_BUFFERED.
#ifndef LABEL_H
#define LABEL_H

#include <ntddk.h>

// Input: LABEL_HEADER, then records. Either all of them count or none.
#define IOCTL_LABEL_SET CTL_CODE(FILE_DEVICE_UNKNOWN, 0x800, METHOD_BUFFERED, FILE_ANY_ACCESS)
// Output: the text. STATUS_BUFFER_TOO_SMALL when there is no room for it.
#define IOCTL_LABEL_GET   CTL_CODE(FILE_DEVICE_UNKNOWN, 0x801, METHOD_BUFFERED, FILE_ANY_ACCESS)
#define IOCTL_LABEL_CLEAR CTL_CODE(FILE_DEVICE_UNKNOWN, 0x802, METHOD_BUFFERED, FILE_ANY_ACCESS)

#define LABEL_MAGIC 0x6C62614Cu // "Labl"
#define LABEL_SIZE  16u

typedef struct _LABEL_HEADER {
    ULONG Magic;
    ULONG Count; // of records
} LABEL_HEADER, *PLABEL_HEADER;

enum { LABEL_TEXT = 1, LABEL_APPEND = 2, LABEL_REMARK = 3 };

#endif
