// SPDX-License-Identifier: MIT
// The same three drivers in a test program of the host: any debugger and sanitizer sees into them.
#include "../host_io_test.h"

#include <string.h>

#define DriverEntry port_entry
#include "port.c"
#undef DriverEntry
static const struct kldr_host_export port_exports[] = {KLDR_EXPORT(PortInitialize)};
static const struct kldr_host_driver ramport = {
    .name = "ramport.sys",
    .exports = port_exports,
    .export_count = 1,
    .wdm = {.DllInitialize = (kldr_any_function)DllInitialize,
            .DllUnload = (kldr_any_function)DllUnload}};

static NTSTATUS(NTAPI *imp_PortInitialize)(PDRIVER_OBJECT, PPORT_MINIPORT);
#define PortInitialize imp_PortInitialize
#define DriverEntry    ramdisk_entry
#define disk_start     ramdisk_start
#define disk_stop      ramdisk_stop
#define disk_read      ramdisk_read
#define disk_write     ramdisk_write
#include "ramdisk.c"
#undef MEDIUM_SIZE
#undef DriverEntry
#undef disk_start
#undef disk_stop
#undef disk_read
#undef disk_write
#define DriverEntry romdisk_entry
#include "romdisk.c"
#undef DriverEntry

static const struct kldr_host_import imports[] = {KLDR_IMPORT(ramport.sys, PortInitialize)};
static const struct kldr_host_driver ramdisk = {
    .name = "ramdisk.sys",
    .imports = imports,
    .import_count = 1,
    .wdm = {.DriverEntry = (kldr_any_function)ramdisk_entry}};
// One pointer for both: it points to the same routine as long as one of them is loaded.
static const struct kldr_host_driver romdisk = {
    .name = "romdisk.sys",
    .imports = imports,
    .import_count = 1,
    .wdm = {.DriverEntry = (kldr_any_function)romdisk_entry}};

static const struct kldr_host_driver *const drivers[] = {&ramport, &ramdisk, &romdisk, NULL};

static void what_is_written_is_read_again(void **state)
{
    struct kldr_world *world = io_world(drivers);
    const char *const services[] = {"ramdisk", NULL};
    char bytes[8] = "written";
    struct kldr_request request = {
        .device = "disk0", .offset = 100, .input = bytes, .input_size = sizeof bytes};
    uint64_t information = 0;

    (void)state;
    assert_int_equal(kldr_world_add_device(world, services, "disk0", NULL), STATUS_SUCCESS);
    assert_int_equal(kldr_world_write(world, &request, &information, NULL), STATUS_SUCCESS);
    assert_int_equal(information, sizeof bytes);
    memset(bytes, 0, sizeof bytes);
    request.output = bytes;
    request.output_size = sizeof bytes;
    assert_int_equal(kldr_world_read(world, &request, &information, NULL), STATUS_SUCCESS);
    assert_string_equal(bytes, "written");
    request.offset = 0x10000;
    assert_int_equal(kldr_world_read(world, &request, NULL, NULL),
                     (kldr_status)STATUS_INVALID_PARAMETER);
    assert_int_equal(kldr_world_remove_device(world, "disk0", NULL), STATUS_SUCCESS);
    assert_int_equal(io_count(world, "ramport.sys"), -1);
    assert_int_equal(io_findings, 0);
    kldr_world_destroy(world);
}

static void the_port_stays_for_the_other_miniport(void **state)
{
    struct kldr_world *world = io_world(drivers);
    const char *const ram[] = {"ramdisk", NULL}, *const rom[] = {"romdisk", NULL};

    (void)state;
    assert_int_equal(kldr_world_add_device(world, ram, "disk0", NULL), STATUS_SUCCESS);
    assert_int_equal(kldr_world_add_device(world, rom, "disk1", NULL), STATUS_SUCCESS);
    assert_int_equal(io_count(world, "ramport.sys"), 2);
    assert_int_equal(kldr_world_remove_device(world, "disk0", NULL), STATUS_SUCCESS);
    assert_int_equal(io_count(world, "ramport.sys"), 1);
    assert_int_equal(kldr_world_remove_device(world, "disk1", NULL), STATUS_SUCCESS);
    assert_int_equal(io_count(world, "ramport.sys"), -1);
    kldr_world_destroy(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_is_read_again),
        cmocka_unit_test(the_port_stays_for_the_other_miniport),
    };
    return cmocka_run_group_tests_name("10-port-miniport", tests, NULL, NULL);
}
