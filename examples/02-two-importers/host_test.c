// SPDX-License-Identifier: MIT
// The same drivers in a test program: mini.c is compiled in twice, as it is built twice.
#include "../host_test.h"

#define DriverEntry port_entry
#include "port.c"
#undef DriverEntry

static const struct kldr_host_export port_exports[] = {KLDR_EXPORT(PortEnter),
                                                       KLDR_EXPORT(PortLeave)};
static const struct kldr_host_driver port = {
    .name = "port.sys",
    .exports = port_exports,
    .export_count = 2,
    .wdm = {.DllInitialize = (kldr_any_function)DllInitialize,
            .DllUnload = (kldr_any_function)DllUnload}};

// Each image has import cells of its own, so each has pointers of its own here.
typedef LONG(NTAPI *count_routine)(PCSTR Who);
static count_routine enter1, leave1, enter2, leave2;

#define PortEnter   enter1
#define PortLeave   leave1
#define MINI_NAME   "mini1"
#define DriverEntry mini1_entry
#define unload      mini1_unload
#include "mini.c"

#undef PortEnter
#undef PortLeave
#undef MINI_NAME
#undef DriverEntry
#undef unload
#define PortEnter   enter2
#define PortLeave   leave2
#define MINI_NAME   "mini2"
#define DriverEntry mini2_entry
#define unload      mini2_unload
#include "mini.c"
#undef DriverEntry

static const struct kldr_host_import imports1[] = {{"port.sys", "PortEnter", 0, &enter1, false},
                                                   {"port.sys", "PortLeave", 0, &leave1, false}};
static const struct kldr_host_import imports2[] = {{"port.sys", "PortEnter", 0, &enter2, false},
                                                   {"port.sys", "PortLeave", 0, &leave2, false}};
static const struct kldr_host_driver mini1 = {
    .name = "mini1.sys",
    .imports = imports1,
    .import_count = 2,
    .wdm = {.DriverEntry = (kldr_any_function)mini1_entry}};
static const struct kldr_host_driver mini2 = {
    .name = "mini2.sys",
    .imports = imports2,
    .import_count = 2,
    .wdm = {.DriverEntry = (kldr_any_function)mini2_entry}};

static void the_count_goes_1_2_1_and_the_port_goes_with_the_second(void **state)
{
    const struct kldr_host_driver *drivers[] = {&port, &mini1, &mini2, NULL};
    struct kldr_world *world = host_world(drivers);

    (void)state;
    assert_int_equal(kldr_world_load(world, "mini1", NULL), KLDR_STATUS_SUCCESS);
    assert_int_equal(host_count(world, "port.sys"), 1);
    assert_int_equal(kldr_world_load(world, "mini2", NULL), KLDR_STATUS_SUCCESS);
    assert_int_equal(host_count(world, "port.sys"), 2);
    assert_int_equal(users, 2); // the port's own count
    assert_int_equal(kldr_world_unload(world, "mini1", NULL), KLDR_STATUS_SUCCESS);
    assert_int_equal(host_count(world, "port.sys"), 1);
    assert_int_equal(kldr_world_unload(world, "mini2", NULL), KLDR_STATUS_SUCCESS);
    assert_int_equal(host_count(world, "port.sys"), -1);
    assert_int_equal(users, 0);
    kldr_world_destroy(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_count_goes_1_2_1_and_the_port_goes_with_the_second),
    };
    return cmocka_run_group_tests_name("02-two-importers", tests, NULL, NULL);
}
