// SPDX-License-Identifier: MIT
// The importer.
#include "driver.h"

IMPORT NTSTATUS PortOpen(void);
IMPORT void PortClose(void);
IMPORT long PortSum(long a, long b, long c, long d, long e, long f);
IMPORT extern long PortData;

static void unload(DRIVER_OBJECT *driver)
{
    DbgPrint("mini: unloads %wZ\n", &driver->DriverName);
    PortClose();
}

NTSTATUS DriverEntry(DRIVER_OBJECT *driver, UNICODE_STRING *path)
{
    driver->DriverUnload = unload;
    DbgPrint("mini: %wZ\n", path);
    DbgPrint("mini: %ld %ld\n", PortData, PortSum(1, 2, 3, 4, 5, 6));
    return PortOpen();
}
