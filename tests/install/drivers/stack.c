// SPDX-License-Identifier: MIT
#include "disk.h"

ULONG DiskChecksum(PCUNICODE_STRING Path)
{
    volatile UCHAR block[0x3000];
    ULONG sum = 0;

    for (ULONG i = 0; i < sizeof(block); i++) {
        block[i] = (UCHAR)(i + Path->Length);
    }
    for (ULONG i = 0; i < sizeof(block); i++) {
        sum += block[i];
    }
    return sum;
}
