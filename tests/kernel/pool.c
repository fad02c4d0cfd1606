// SPDX-License-Identifier: MIT
// Pool: requests that succeed, fail and raise; CASE chooses a misuse by the service's name.
#include "check.h"

DECLSPEC_IMPORT PVOID NTAPI ExAllocatePoolWithQuota(POOL_TYPE PoolType, SIZE_T NumberOfBytes);
DECLSPEC_IMPORT PVOID NTAPI ExAllocatePoolWithTagPriority(POOL_TYPE PoolType, SIZE_T NumberOfBytes,
                                                          ULONG Tag, int Priority);

#define HUGE       (1ull << 60)
#define NO_RAISE   (POOL_TYPE)(NonPagedPool | POOL_QUOTA_FAIL_INSTEAD_OF_RAISE)
#define RAISE_TYPE (POOL_TYPE)(NonPagedPool | POOL_RAISE_IF_ALLOCATION_FAILURE)

static void check_requests(void)
{
    PUCHAR zeroed = ExAllocatePool2(POOL_FLAG_NON_PAGED, 5000, TAG);
    PUCHAR small = ExAllocatePoolWithTag(NonPagedPool, 1, TAG);
    CHECK(zeroed != NULL && ((ULONG_PTR)zeroed & (PAGE_SIZE - 1)) == 0);
    CHECK(zeroed[0] == 0 && zeroed[4999] == 0);
    CHECK(small != NULL && ((ULONG_PTR)small & 15) == 0);
    CHECK(ExAllocatePool2(POOL_FLAG_NON_PAGED, 0, TAG) == NULL);
    CHECK(ExAllocatePool2(POOL_FLAG_NON_PAGED | POOL_FLAG_PAGED, 8, TAG) == NULL);
    CHECK(ExAllocatePool2(POOL_FLAG_NON_PAGED, 8, 0) == NULL);
    CHECK(ExAllocatePoolWithTag(NonPagedPool, HUGE, TAG) == NULL);
    CHECK(ExAllocatePool(NonPagedPool, HUGE) == NULL);
    CHECK(ExAllocatePoolWithTagPriority(NonPagedPool, HUGE, TAG, 0) == NULL);
    ExFreePool(small);
    ExFreePoolWithTag(zeroed, TAG);
    ExFreePool(ExAllocatePool(NonPagedPool, 16));
    ExFreePool(ExAllocatePoolWithTagPriority(NonPagedPool, 16, TAG, 0));
}

static void check_quota(void)
{
    PVOID block = ExAllocatePoolWithQuota(NonPagedPool, 64);
    CHECK(block != NULL);
    ExFreePool(block);
    block = ExAllocatePoolWithQuotaTag(NonPagedPool, 64, TAG);
    CHECK(block != NULL);
    ExFreePoolWithTag(block, TAG);
    CHECK(ExAllocatePoolWithQuota(NO_RAISE, HUGE) == NULL);
    CHECK(ExAllocatePoolWithQuotaTag(NO_RAISE, HUGE, TAG) == NULL);
}

static void misuse(WCHAR which)
{
    PUCHAR block = ExAllocatePoolWithTag(NonPagedPool, 20, TAG);
    switch (which) {
    case 'b': // writes behind the end
        block[20] = 1;
        ExFreePool(block);
        break;
    case 't': // frees twice
        ExFreePool(block);
        ExFreePool(block);
        break;
    case 'w': // with the wrong tag
        ExFreePoolWithTag(block, TAG + 1);
        break;
    case 'r': // raises
        ExAllocatePoolWithTag(RAISE_TYPE, HUGE, TAG);
        break;
    default:
        ExFreePool(block);
    }
}

static void check(PDRIVER_OBJECT driver, PUNICODE_STRING path)
{
    UNREFERENCED_PARAMETER(driver);
    check_requests();
    check_quota();
    misuse(path->Buffer[path->Length / 2 - 1]);
}
