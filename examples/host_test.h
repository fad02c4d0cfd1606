// SPDX-License-Identifier: MIT
// What the host tests of the examples share. Such a test includes the sources of its drivers, gives
// their DriverEntry routines names of their own, and lets the calls of imports go through pointers
// named imp_..., which the host engine fills as it fills the import cells of a real driver.
//
// The engine hands out its own driver object and strings (kldr/host_driver.h); the macros below
// stand between them and routines written for the kernel's headers.
#ifndef EXAMPLES_HOST_TEST_H
#define EXAMPLES_HOST_TEST_H

#include <ntddk.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <kldr/kldr.h>

// From host_kernel.c: allocations that were not freed, requests that were completed.
extern int host_pool_blocks;
extern int host_completed_requests;

// Makes NAME_initialize and NAME_dll_unload of the DllInitialize and DllUnload above.
#define HOST_EXPORT_DRIVER(name)                                                                   \
    static kldr_status name##_initialize(struct kldr_unicode_string *path)                         \
    {                                                                                              \
        UNICODE_STRING text = {path->length, path->maximum_length, (PWSTR)path->buffer};           \
        return (kldr_status)DllInitialize(&text);                                                  \
    }                                                                                              \
    static kldr_status name##_dll_unload(void)                                                     \
    {                                                                                              \
        return (kldr_status)DllUnload();                                                           \
    }

// Makes NAME_start of the routine NAME_entry, and the driver object NAME_object that it fills.
#define HOST_DRIVER(name)                                                                          \
    static DRIVER_OBJECT name##_object;                                                            \
    static void name##_driver_unload(struct kldr_driver_object *driver)                            \
    {                                                                                              \
        (void)driver;                                                                              \
        name##_object.DriverUnload(&name##_object);                                                \
    }                                                                                              \
    static kldr_status name##_start(struct kldr_driver_object *driver,                             \
                                    struct kldr_unicode_string *path)                              \
    {                                                                                              \
        UNICODE_STRING text = {path->length, path->maximum_length, (PWSTR)path->buffer};           \
        driver->DriverUnload = name##_driver_unload;                                               \
        return (kldr_status)name##_entry(&name##_object, &text);                                   \
    }

// A world that behaves as Windows 11 24H2, with these drivers on its disk; NULL ends the list.
static inline struct kldr_world *host_world(const struct kldr_host_driver *const *drivers)
{
    struct kldr_world_options options = {0};
    struct kldr_world *world = NULL;

    kldr_policy_init(&options.policy, KLDR_PROFILE_24H2);
    assert_int_equal(kldr_world_create(&options, &world, NULL), KLDR_STATUS_SUCCESS);
    for (; *drivers != NULL; drivers++) {
        assert_int_equal(kldr_world_add_host_driver(world, (*drivers)->name, *drivers, NULL),
                         KLDR_STATUS_SUCCESS);
    }
    return world;
}

// LoadCount of a module, -1 when it is not loaded.
static inline int host_count(struct kldr_world *world, const char *name)
{
    struct kldr_loader *loader = kldr_world_loader(world);
    struct kldr_module_info module;

    if (!kldr_loader_module(loader, kldr_loader_find(loader, name), &module)) {
        return -1;
    }
    return (int)module.load_count;
}

#endif
