// SPDX-License-Identifier: MIT
// A miniclass driver: a thermometer that warms up by half a degree with each sample.
#include "class.h"

DRIVER_INITIALIZE DriverEntry;

static const WCHAR thermo_name[] = {'\\', 'D', 'e', 'v', 'i', 'c', 'e', '\\',
                                    'T',  'h', 'e', 'r', 'm', 'o', 0};
static const WCHAR thermo_link[] = {'\\', '?', '?', '\\', 'T', 'h', 'e', 'r', 'm', 'o', 0};

static ULONG NTAPI thermo_measure(ULONG Sample)
{
    return 200 + 5 * Sample; // tenths of a degree
}

NTSTATUS NTAPI DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    CLASS_REGISTRATION registration = {sizeof registration, thermo_name, thermo_link, 1000,
                                       thermo_measure};

    UNREFERENCED_PARAMETER(RegistryPath);
    return ClassRegister(DriverObject, &registration);
}
