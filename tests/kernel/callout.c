// SPDX-License-Identifier: MIT
// Routines on a larger stack.
#include "check.h"

DECLSPEC_IMPORT NTSTATUS NTAPI KeExpandKernelStackAndCallout(VOID(NTAPI *Callout)(PVOID Parameter),
                                                             PVOID Parameter, SIZE_T Size);
DECLSPEC_IMPORT NTSTATUS NTAPI
KeExpandKernelStackAndCalloutEx(VOID(NTAPI *Callout)(PVOID Parameter), PVOID Parameter, SIZE_T Size,
                                BOOLEAN Wait, PVOID Context);

static VOID NTAPI routine(PVOID parameter)
{
    ++*(int *)parameter;
}

static void check(PDRIVER_OBJECT driver, PUNICODE_STRING path)
{
    int calls = 0;
    UNREFERENCED_PARAMETER(driver);
    UNREFERENCED_PARAMETER(path);
    CHECK(KeExpandKernelStackAndCallout(routine, &calls, 4096) == STATUS_SUCCESS && calls == 1);
    CHECK(KeExpandKernelStackAndCallout(routine, &calls, 1 << 20) == STATUS_INVALID_PARAMETER_3);
    CHECK(KeExpandKernelStackAndCalloutEx(routine, &calls, 4096, TRUE, NULL) == STATUS_SUCCESS);
    CHECK(KeExpandKernelStackAndCalloutEx(routine, &calls, 4096, TRUE, &calls) ==
          STATUS_INVALID_PARAMETER_5);
    CHECK(calls == 2);
}
