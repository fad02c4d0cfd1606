// SPDX-License-Identifier: MIT
// The importer of the sample pair.
#include "driver.h"

IMPORT NTSTATUS PortRegister(DRIVER_OBJECT *driver);
IMPORT NTSTATUS PortByOrdinal(void);
IMPORT ULONG PortPrint(const char *format, ...);
IMPORT extern long PortData;

NTSTATUS DriverEntry(DRIVER_OBJECT *driver, UNICODE_STRING *path)
{
    (void)path;
    PortPrint("mini %d\n", (int)PortData);
    return PortRegister(driver) + PortByOrdinal();
}
