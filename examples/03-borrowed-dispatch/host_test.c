// SPDX-License-Identifier: MIT
// The same drivers in a test program, and a request that goes through the borrowed table.
#include "../host_test.h"

#include <string.h>

#define DriverEntry port_entry
#include "port.c"
#undef DriverEntry
HOST_EXPORT_DRIVER(port)

static const struct kldr_host_export port_exports[] = {KLDR_EXPORT(PortCreateClose),
                                                       KLDR_EXPORT(PortRead)};
static const struct kldr_host_driver port = {.name = "port.sys",
                                             .exports = port_exports,
                                             .export_count = 2,
                                             .DllInitialize = port_initialize,
                                             .DllUnload = port_dll_unload};

static NTSTATUS(NTAPI *imp_PortCreateClose)(PDEVICE_OBJECT Device, PIRP Irp);
static NTSTATUS(NTAPI *imp_PortRead)(PDEVICE_OBJECT Device, PIRP Irp);
#define PortCreateClose imp_PortCreateClose
#define PortRead        imp_PortRead
#define DriverEntry     mini_entry
#include "mini.c"
#undef DriverEntry
HOST_DRIVER(mini)

static const struct kldr_host_import mini_imports[] = {KLDR_IMPORT(port.sys, PortCreateClose),
                                                       KLDR_IMPORT(port.sys, PortRead)};
static const struct kldr_host_driver mini = {
    .name = "mini.sys", .imports = mini_imports, .import_count = 2, .DriverEntry = mini_start};

static void a_read_of_mini_is_answered_by_port(void **state)
{
    const struct kldr_host_driver *drivers[] = {&port, &mini, NULL};
    struct kldr_world *world = host_world(drivers);
    IO_STACK_LOCATION location = {.MajorFunction = IRP_MJ_READ, .Parameters.Read.Length = 4};
    char buffer[8] = "-------";
    IRP irp = {.AssociatedIrp.SystemBuffer = buffer};

    (void)state;
    irp.Tail.Overlay.CurrentStackLocation = &location;
    assert_int_equal(kldr_world_load(world, "mini", NULL), KLDR_STATUS_SUCCESS);
    assert_int_equal(mini_object.MajorFunction[IRP_MJ_READ](mini_object.DeviceObject, &irp),
                     STATUS_SUCCESS);
    assert_int_equal(irp.IoStatus.Information, 4);
    assert_string_equal(buffer, "pppp---");
    assert_int_equal(host_completed_requests, 1);

    assert_int_equal(kldr_world_unload(world, "mini", NULL), KLDR_STATUS_SUCCESS);
    assert_int_equal(host_count(world, "port.sys"), -1);
    assert_null(mini_object.DeviceObject);
    kldr_world_destroy(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_read_of_mini_is_answered_by_port),
    };
    return cmocka_run_group_tests_name("03-borrowed-dispatch", tests, NULL, NULL);
}
