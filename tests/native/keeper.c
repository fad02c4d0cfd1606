// SPDX-License-Identifier: MIT
// Keeps a pointer and calls it.
#include "driver.h"

void (*KeeperCallback)(void);

NTSTATUS DriverEntry(DRIVER_OBJECT *driver, UNICODE_STRING *path)
{
    (void)driver;
    (void)path;
    return STATUS_SUCCESS;
}

ULONG64 KeeperCall(void)
{
    KeeperCallback();
    return 1;
}
