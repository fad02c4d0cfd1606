// SPDX-License-Identifier: MIT
#ifndef DISK_H
#define DISK_H

#include <ntddk.h>

// Uses more than one page of stack.
ULONG DiskChecksum(PCUNICODE_STRING Path);

#endif
