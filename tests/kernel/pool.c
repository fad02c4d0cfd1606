// SPDX-License-Identifier: MIT
#include "check.h"

static void check(PDRIVER_OBJECT driver, PUNICODE_STRING path)
{
    PUCHAR zeroed = ExAllocatePool2(POOL_FLAG_NON_PAGED, 5000, TAG);
    PUCHAR small = ExAllocatePoolWithTag(NonPagedPool, 1, TAG);
    UNREFERENCED_PARAMETER(driver);
    UNREFERENCED_PARAMETER(path);
    CHECK(zeroed != NULL && ((ULONG_PTR)zeroed & (PAGE_SIZE - 1)) == 0);
    CHECK(zeroed[0] == 0 && zeroed[4999] == 0);
    CHECK(small != NULL && ((ULONG_PTR)small & 15) == 0);
    CHECK(ExAllocatePool2(POOL_FLAG_NON_PAGED, 0, TAG) == NULL);
    CHECK(ExAllocatePoolWithTag(NonPagedPool, 1ull << 60, TAG) == NULL);
    ExFreePool(small);
    ExFreePoolWithTag(zeroed, TAG);
}
