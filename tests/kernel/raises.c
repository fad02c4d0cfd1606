// SPDX-License-Identifier: MIT
// Pages that cannot be locked: an exception, which nobody handles here.
#include "check.h"

static void check(PDRIVER_OBJECT driver, PUNICODE_STRING path)
{
    PMDL mdl = IoAllocateMdl(driver, 16, FALSE, FALSE, NULL);
    UNREFERENCED_PARAMETER(path);
    MmProbeAndLockPages(mdl, KernelMode, IoReadAccess);
    MmUnlockPages(mdl);
    IoFreeMdl(mdl);
}
