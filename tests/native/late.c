// SPDX-License-Identifier: MIT
// A driver that gives another one a pointer to its code and goes, and the other one, which calls
// it.
#include "driver.h"

IMPORT extern void (*KeeperCallback)(void);

static void callback(void)
{
    DbgPrint("late: called\n");
}

static void unload(DRIVER_OBJECT *driver)
{
    (void)driver;
}

NTSTATUS DriverEntry(DRIVER_OBJECT *driver, UNICODE_STRING *path)
{
    (void)path;
    driver->DriverUnload = unload;
    KeeperCallback = callback;
    return STATUS_SUCCESS;
}
