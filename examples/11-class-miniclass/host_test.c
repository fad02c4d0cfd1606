// SPDX-License-Identifier: MIT
// The same two drivers in a test program of the host. Time is simulated there, too.
#include "../host_io_test.h"

#define DriverEntry class_entry
#include "class.c"
#undef DriverEntry
static const struct kldr_host_export class_exports[] = {KLDR_EXPORT(ClassRegister)};
static const struct kldr_host_driver sensclas = {
    .name = "sensclas.sys",
    .exports = class_exports,
    .export_count = 1,
    .wdm = {.DllInitialize = (kldr_any_function)DllInitialize,
            .DllUnload = (kldr_any_function)DllUnload}};

static NTSTATUS(NTAPI *imp_ClassRegister)(PDRIVER_OBJECT, PCLASS_REGISTRATION);
#define ClassRegister imp_ClassRegister
#define DriverEntry   thermo_entry
#include "thermo.c"
#undef DriverEntry
static const struct kldr_host_import imports[] = {KLDR_IMPORT(sensclas.sys, ClassRegister)};
static const struct kldr_host_driver thermo = {
    .name = "thermo.sys",
    .imports = imports,
    .import_count = 1,
    .wdm = {.DriverEntry = (kldr_any_function)thermo_entry}};

static const struct kldr_host_driver *const drivers[] = {&sensclas, &thermo, NULL};

static void a_read_waits_for_the_next_sample(void **state)
{
    struct kldr_world *world = io_world(drivers);
    ULONG value = 0;
    struct kldr_request request = {
        .device = "\\??\\Thermo", .output = &value, .output_size = sizeof value};

    (void)state;
    assert_int_equal(kldr_world_load(world, "thermo", NULL), STATUS_SUCCESS);
    assert_int_equal(kldr_world_read(world, &request, NULL, NULL), STATUS_SUCCESS);
    assert_int_equal(value, 200);
    assert_int_equal(kldr_world_advance(world, 30000000, NULL), STATUS_SUCCESS);
    assert_int_equal(kldr_world_read(world, &request, NULL, NULL), STATUS_SUCCESS);
    assert_int_equal(value, 220);
    assert_int_equal(kldr_world_unload(world, "thermo", NULL), STATUS_SUCCESS);
    assert_int_equal(io_count(world, "sensclas.sys"), -1);
    assert_int_equal(io_findings, 0);
    kldr_world_destroy(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_read_waits_for_the_next_sample),
    };
    return cmocka_run_group_tests_name("11-class-miniclass", tests, NULL, NULL);
}
