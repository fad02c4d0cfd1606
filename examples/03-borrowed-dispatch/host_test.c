// SPDX-License-Identifier: MIT
// The same drivers in a test program, and a request that goes through the borrowed table.
#include "../host_test.h"

#include <string.h>

#define DriverEntry port_entry
#include "port.c"
#undef DriverEntry

static const struct kldr_host_export port_exports[] = {KLDR_EXPORT(PortCreateClose),
                                                       KLDR_EXPORT(PortRead)};
static const struct kldr_host_driver port = {
    .name = "port.sys",
    .exports = port_exports,
    .export_count = 2,
    .wdm = {.DllInitialize = (kldr_any_function)DllInitialize,
            .DllUnload = (kldr_any_function)DllUnload}};

static NTSTATUS(NTAPI *imp_PortCreateClose)(PDEVICE_OBJECT Device, PIRP Irp);
static NTSTATUS(NTAPI *imp_PortRead)(PDEVICE_OBJECT Device, PIRP Irp);
#define PortCreateClose imp_PortCreateClose
#define PortRead        imp_PortRead
#define DriverEntry     mini_entry
#include "mini.c"
#undef DriverEntry

static const struct kldr_host_import mini_imports[] = {KLDR_IMPORT(port.sys, PortCreateClose),
                                                       KLDR_IMPORT(port.sys, PortRead)};
static const struct kldr_host_driver mini = {.name = "mini.sys",
                                             .imports = mini_imports,
                                             .import_count = 2,
                                             .wdm = {.DriverEntry = (kldr_any_function)mini_entry}};

static void a_read_of_mini_is_answered_by_port(void **state)
{
    const struct kldr_host_driver *drivers[] = {&port, &mini, NULL};
    struct kldr_world *world = host_world(drivers);
    char buffer[8] = "-------";
    const struct kldr_request read = {
        .device = "\\Device\\Mini", .output = buffer, .output_size = 4};
    uint64_t information = 0;

    (void)state;
    assert_int_equal(kldr_world_load(world, "mini", NULL), KLDR_STATUS_SUCCESS);
    assert_int_equal(kldr_world_read(world, &read, &information, NULL), KLDR_STATUS_SUCCESS);
    assert_int_equal(information, 4);
    assert_string_equal(buffer, "pppp---");
    assert_string_equal(host_printed, "port: 4 bytes read");

    assert_int_equal(kldr_world_unload(world, "mini", NULL), KLDR_STATUS_SUCCESS);
    assert_int_equal(host_count(world, "port.sys"), -1);
    kldr_world_destroy(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_read_of_mini_is_answered_by_port),
    };
    return cmocka_run_group_tests_name("03-borrowed-dispatch", tests, NULL, NULL);
}
