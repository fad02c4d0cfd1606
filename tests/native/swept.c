// SPDX-License-Identifier: MIT
// Drivers for kldr run --fault-sweep. CASE 1 gives everything back when memory runs out, CASE 2
// forgets its first block, CASE 3 does not look at what it got.
#include "driver.h"

#define SWEPT 0x74707753 // 'Swpt'
#define NONE  ((NTSTATUS)0xC000009A)

static char *blocks[2];

static void unload(DRIVER_OBJECT *driver)
{
    (void)driver;
    ExFreePoolWithTag(blocks[0], SWEPT);
    ExFreePoolWithTag(blocks[1], SWEPT);
}

NTSTATUS DriverEntry(DRIVER_OBJECT *driver, UNICODE_STRING *path)
{
    (void)path;
    driver->DriverUnload = unload;
    blocks[0] = ExAllocatePoolWithTag(0, 100, SWEPT);
    if (blocks[0] == 0) {
        return NONE;
    }
    blocks[1] = ExAllocatePoolWithTag(0, 200, SWEPT);
#if CASE == 3
    *(volatile char *)blocks[1] = 1;
#endif
    if (blocks[1] == 0) {
#if CASE == 1
        ExFreePoolWithTag(blocks[0], SWEPT);
#endif
        return NONE;
    }
    return 0;
}
