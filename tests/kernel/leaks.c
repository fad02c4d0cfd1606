// SPDX-License-Identifier: MIT
// What a driver leaves behind, or almost: pool of two tags, an event by handle.
#include "check.h"

static void check(PDRIVER_OBJECT driver, PUNICODE_STRING path)
{
    HANDLE key = NULL;
    OBJECT_ATTRIBUTES given;
    UNREFERENCED_PARAMETER(driver);
    InitializeObjectAttributes(&given, path, OBJ_CASE_INSENSITIVE | OBJ_KERNEL_HANDLE, NULL, NULL);
    CHECK(ExAllocatePoolWithTag(NonPagedPool, 100, 'A' | 'b' << 8 | 'c' << 16 | 'd' << 24) != NULL);
    CHECK(ExAllocatePoolWithTag(NonPagedPool, 20, 'A' | 'a' << 8 | 'a' << 16 | 'a' << 24) != NULL);
    CHECK(ExAllocatePoolWithTag(NonPagedPool, 30, 'A' | 'a' << 8 | 'a' << 16 | 'a' << 24) != NULL);
    ExFreePool(ExAllocatePoolWithTag(NonPagedPool, 40, TAG));
    CHECK(ZwOpenKey(&key, KEY_READ, &given) == STATUS_SUCCESS);
}
