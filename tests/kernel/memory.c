// SPDX-License-Identifier: MIT
// Memory functions that the headers have as macros over the C library, but drivers also import.
#include "check.h"

#undef RtlCopyMemory
#undef RtlFillMemory
#undef RtlMoveMemory
#undef RtlZeroMemory
DECLSPEC_IMPORT VOID NTAPI RtlCopyMemory(PVOID to, const VOID *from, SIZE_T size);
DECLSPEC_IMPORT VOID NTAPI RtlFillMemory(PVOID to, SIZE_T size, UCHAR byte);
DECLSPEC_IMPORT VOID NTAPI RtlMoveMemory(PVOID to, const VOID *from, SIZE_T size);
DECLSPEC_IMPORT VOID NTAPI RtlZeroMemory(PVOID to, SIZE_T size);

static void check(PDRIVER_OBJECT driver, PUNICODE_STRING path)
{
    char room[8];
    UNREFERENCED_PARAMETER(driver);
    UNREFERENCED_PARAMETER(path);
    RtlFillMemory(room, sizeof room, 'x');
    CHECK(room[0] == 'x' && room[7] == 'x');
    RtlCopyMemory(room, "abcd", 5);
    CHECK(strcmp(room, "abcd") == 0);
    RtlMoveMemory(room + 1, room, 5);
    CHECK(strcmp(room, "aabcd") == 0);
    RtlZeroMemory(room, 2);
    CHECK(room[0] == 0 && room[1] == 0 && room[2] == 'b');
}
