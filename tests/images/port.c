// SPDX-License-Identifier: MIT
// The export driver of the sample pair: routines by name and by ordinal, a variable, a forwarder
// (port.def).
#include "driver.h"

long PortData = 42;
static ULONG (*print)(const char *format,
                      ...) = DbgPrint; // needs a relocation or an import cell copy

NTSTATUS DriverEntry(DRIVER_OBJECT *driver, UNICODE_STRING *path)
{
    (void)driver;
    (void)path;
    return STATUS_SUCCESS;
}

NTSTATUS DllInitialize(UNICODE_STRING *path)
{
    (void)path;
    print("port initialized\n");
    return STATUS_SUCCESS;
}

NTSTATUS DllUnload(void)
{
    return STATUS_SUCCESS;
}

NTSTATUS PortRegister(DRIVER_OBJECT *driver)
{
    return driver != 0 ? STATUS_SUCCESS : -1;
}

NTSTATUS PortByOrdinal(void)
{
    return (NTSTATUS)PortData;
}
