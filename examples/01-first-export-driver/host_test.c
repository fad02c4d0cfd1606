// SPDX-License-Identifier: MIT
// The same drivers in a test program: compiled by the host's compiler, run by the host engine.
#include "../host_test.h"

#define DriverEntry port_entry
#include "port.c"
#undef DriverEntry

static const struct kldr_host_export port_exports[] = {KLDR_EXPORT(PortRegister),
                                                       KLDR_EXPORT(PortUnregister)};
static const struct kldr_host_driver port = {
    .name = "port.sys",
    .exports = port_exports,
    .export_count = 2,
    .wdm = {.DllInitialize = (kldr_any_function)DllInitialize,
            .DllUnload = (kldr_any_function)DllUnload}};

static NTSTATUS(NTAPI *imp_PortRegister)(PDRIVER_OBJECT Driver);
static VOID(NTAPI *imp_PortUnregister)(PDRIVER_OBJECT Driver);
#define PortRegister   imp_PortRegister
#define PortUnregister imp_PortUnregister
#define DriverEntry    mini_entry
#include "mini.c"
#undef DriverEntry
#undef PortUnregister
#undef PortRegister

static const struct kldr_host_import mini_imports[] = {KLDR_IMPORT(port.sys, PortRegister),
                                                       KLDR_IMPORT(port.sys, PortUnregister)};
static const struct kldr_host_driver mini = {.name = "mini.sys",
                                             .imports = mini_imports,
                                             .import_count = 2,
                                             .wdm = {.DriverEntry = (kldr_any_function)mini_entry}};

static void the_port_has_a_client_as_long_as_mini_is_loaded(void **state)
{
    const struct kldr_host_driver *drivers[] = {&port, &mini, NULL};
    struct kldr_world *world = host_world(drivers);

    (void)state;
    assert_int_equal(kldr_world_load(world, "mini", NULL), KLDR_STATUS_SUCCESS);
    assert_int_equal(host_count(world, "port.sys"), 1);
    assert_false(IsListEmpty(&clients)); // a variable of port.c
    assert_string_equal(host_printed, "mini: DriverEntry");

    assert_int_equal(kldr_world_unload(world, "mini", NULL), KLDR_STATUS_SUCCESS);
    assert_int_equal(host_count(world, "port.sys"), -1);
    assert_true(IsListEmpty(&clients));
    assert_string_equal(host_printed, "port: DllUnload");
    kldr_world_destroy(world);
}

static void the_port_stays_while_a_client_is_registered(void **state)
{
    const struct kldr_host_driver *drivers[] = {&port, &mini, NULL};
    struct kldr_world *world = host_world(drivers);
    static DRIVER_OBJECT other;

    (void)state;
    assert_int_equal(kldr_world_load(world, "mini", NULL), KLDR_STATUS_SUCCESS);
    assert_int_equal(imp_PortRegister(&other), STATUS_SUCCESS); // and forgets to leave
    assert_int_equal(kldr_world_unload(world, "mini", NULL), KLDR_STATUS_SUCCESS);
    assert_int_not_equal(host_count(world, "port.sys"), -1); // DllUnload refused
    PortUnregister(&other); // port.c's own function, for the pointer belongs to mini.sys
    kldr_world_destroy(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_port_has_a_client_as_long_as_mini_is_loaded),
        cmocka_unit_test(the_port_stays_while_a_client_is_registered),
    };
    return cmocka_run_group_tests_name("01-first-export-driver", tests, NULL, NULL);
}
