// SPDX-License-Identifier: MIT
// Code in pool: nonpaged pool is executable, NonPagedPoolNx and paged pool are not. The service's
// name says what the code in pool does in the end.
#include "check.h"

typedef ULONG(NTAPI *ROUTINE)(ULONG argument, PVOID called);

// mov eax, ecx; add eax, 2; ret
static const UCHAR adds[] = {0x89, 0xC8, 0x83, 0xC0, 0x02, 0xC3};
// sub rsp, 28h; call rdx; add eax, 1; add rsp, 28h; ret
static const UCHAR calls[] = {0x48, 0x83, 0xEC, 0x28, 0xFF, 0xD2, 0x83,
                              0xC0, 0x01, 0x48, 0x83, 0xC4, 0x28, 0xC3};
// mov eax, 27h (getpid); syscall; ret
static const UCHAR asks_host[] = {0xB8, 0x27, 0x00, 0x00, 0x00, 0x0F, 0x05, 0xC3};
// mov eax, [0]; ret
static const UCHAR faults[] = {0x8B, 0x04, 0x25, 0x00, 0x00, 0x00, 0x00, 0xC3};

static ULONG NTAPI eight(ULONG argument)
{
    return argument + KeGetCurrentIrql();
}

static ROUTINE put(PVOID block, const UCHAR *code, SIZE_T size)
{
    RtlCopyMemory(block, code, size);
    return (ROUTINE)(ULONG_PTR)block;
}

static void run_in(PVOID block)
{
    CHECK(block != NULL);
    CHECK(put(block, adds, sizeof adds)(5, NULL) == 7);
    CHECK(put(block, calls, sizeof calls)(8, (PVOID)(ULONG_PTR)eight) == 9);
    ExFreePoolWithTag(block, TAG);
}

static void check_parameters(void)
{
    POOL_EXTENDED_PARAMETER parameters[2] = {{.Type = PoolExtendedParameterPriority}, {.Type = 9}};
    PUCHAR block = ExAllocatePool3(POOL_FLAG_NON_PAGED, 40, TAG, parameters, 1);
    CHECK(block != NULL && block[0] == 0 && block[39] == 0);
    ExFreePoolWithTag(block, TAG);
    CHECK(ExAllocatePool3(POOL_FLAG_NON_PAGED, 40, TAG, parameters, 2) == NULL);
    parameters[1].Optional = 1;
    block = ExAllocatePool3(POOL_FLAG_NON_PAGED_EXECUTE, 40, TAG, parameters, 2);
    run_in(block);
    CHECK(ExAllocatePool3(POOL_FLAG_NON_PAGED, 0, TAG, NULL, 0) == NULL);
    CHECK(ExAllocatePool3(0, 8, TAG, NULL, 0) == NULL);
}

static void check(PDRIVER_OBJECT driver, PUNICODE_STRING path)
{
    UNREFERENCED_PARAMETER(driver);
    run_in(ExAllocatePoolWithTag(NonPagedPool, 64, TAG));
    run_in(ExAllocatePoolWithTag(NonPagedPoolCacheAligned, 0x3000, TAG));
    run_in(ExAllocatePool2(POOL_FLAG_NON_PAGED_EXECUTE, 64, TAG));
    check_parameters();
    switch (path->Buffer[path->Length / 2 - 1]) {
    case 'n':
        put(ExAllocatePoolWithTag(NonPagedPoolNx, 64, TAG), adds, sizeof adds)(5, NULL);
        break;
    case 'p':
        put(ExAllocatePool2(POOL_FLAG_PAGED, 64, TAG), adds, sizeof adds)(5, NULL);
        break;
    case 'x':
        put(ExAllocatePool2(POOL_FLAG_NON_PAGED, 64, TAG), adds, sizeof adds)(5, NULL);
        break;
    case 'h':
        put(ExAllocatePoolWithTag(NonPagedPool, 64, TAG), asks_host, sizeof asks_host)(5, NULL);
        break;
    case 'f':
        put(ExAllocatePoolWithTag(NonPagedPool, 64, TAG), faults, sizeof faults)(5, NULL);
        break;
    default:
        break;
    }
}
