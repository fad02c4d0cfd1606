// SPDX-License-Identifier: MIT
// The export driver: counts its clients and goes with the last one. RETURNS is what its
// DllInitialize answers.
#include "driver.h"

#ifndef RETURNS
#define RETURNS STATUS_SUCCESS
#endif

long PortData = 42;
static int clients;

NTSTATUS DriverEntry(DRIVER_OBJECT *driver, UNICODE_STRING *path)
{
    (void)driver;
    (void)path;
    return STATUS_SUCCESS;
}

NTSTATUS DllInitialize(UNICODE_STRING *path)
{
    DbgPrint("port: %wZ\n", path);
    return RETURNS;
}

NTSTATUS DllUnload(void)
{
    DbgPrint("port: %d clients\n", clients);
    return clients == 0 ? STATUS_SUCCESS : STATUS_UNSUCCESSFUL;
}

NTSTATUS PortOpen(void)
{
    clients++;
    return STATUS_SUCCESS;
}

void PortClose(void)
{
    clients--;
}

// More arguments than there are registers for them.
long PortSum(long a, long b, long c, long d, long e, long f)
{
    return a + 10 * b + 100 * c + 1000 * d + 10000 * e + 100000 * f;
}
