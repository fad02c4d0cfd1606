// SPDX-License-Identifier: MIT
// A driver with a security cookie that the loader sets, and with code that is there for DriverEntry
// only and is called again when the driver goes.
#include "driver.h"

#define INIT         __attribute__((section("INIT"), noinline))
#define COOKIE_UNSET 0x00002B992DDFA232ull

NTSTATUS DriverEntry(DRIVER_OBJECT *driver, UNICODE_STRING *path);

volatile ULONG64 __security_cookie = COOKIE_UNSET;
static volatile int counted;

// IMAGE_LOAD_CONFIG_DIRECTORY64; the linker finds it by its name.
const struct {
    ULONG size, before[21];
    volatile ULONG64 *security_cookie;
    ULONG64 after[2];
} _load_config_used = {0x70, {0}, &__security_cookie, {0}};

INIT static int count(void)
{
    return ++counted;
}

static void unload(DRIVER_OBJECT *driver)
{
    (void)driver;
    DbgPrint("%d\n", count());
}

INIT NTSTATUS DriverEntry(DRIVER_OBJECT *driver, UNICODE_STRING *path)
{
    (void)path;
    ULONG64 cookie = __security_cookie;
    driver->DriverUnload = unload;
    return cookie != COOKIE_UNSET && cookie != 0 && cookie >> 48 == 0 && count() == 1
               ? STATUS_SUCCESS
               : STATUS_UNSUCCESSFUL;
}
