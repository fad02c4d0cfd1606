// SPDX-License-Identifier: MIT
// A driver that imports a kernel function which Windows has and kldr does not simulate.
#include "driver.h"

IMPORT NTSTATUS ExRegisterAttributeInformationCallback(void *callback);

NTSTATUS DriverEntry(DRIVER_OBJECT *driver, UNICODE_STRING *path)
{
    (void)driver;
    return ExRegisterAttributeInformationCallback(path);
}
