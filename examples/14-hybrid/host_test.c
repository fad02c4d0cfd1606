// SPDX-License-Identifier: MIT
// The two orders in a test program of the host.
#include "../host_io_test.h"

#define DriverEntry hybrid_entry
#define unload      hybrid_unload
#include "hybrid.c"
#undef DriverEntry
#undef unload
static const struct kldr_host_export exports[] = {KLDR_EXPORT(HybridIsStarted)};
static const struct kldr_host_driver hybrid = {
    .name = "hybrid.sys",
    .exports = exports,
    .export_count = 1,
    .wdm = {.DriverEntry = (kldr_any_function)hybrid_entry,
            .DllInitialize = (kldr_any_function)DllInitialize,
            .DllUnload = (kldr_any_function)DllUnload}};

static BOOLEAN(NTAPI *imp_HybridIsStarted)(VOID);
#define HybridIsStarted imp_HybridIsStarted
#define DriverEntry     client_entry
#include "client.c"
#undef DriverEntry
#undef HybridIsStarted
static const struct kldr_host_import imports[] = {KLDR_IMPORT(hybrid.sys, HybridIsStarted)};
static const struct kldr_host_driver client = {
    .name = "client.sys",
    .imports = imports,
    .import_count = 1,
    .wdm = {.DriverEntry = (kldr_any_function)client_entry}};

static const struct kldr_host_driver *const drivers[] = {&hybrid, &client, NULL};

static void imported_first_it_cannot_be_started(void **state)
{
    struct kldr_world *world = io_world(drivers);

    (void)state;
    initialized = FALSE;
    assert_int_equal(kldr_world_load(world, "client", NULL), STATUS_SUCCESS);
    assert_true(initialized);
    assert_int_not_equal(kldr_world_load(world, "hybrid", NULL), STATUS_SUCCESS);
    assert_false(HybridIsStarted());
    assert_int_equal(kldr_world_unload(world, "client", NULL), STATUS_SUCCESS);
    assert_int_equal(io_count(world, "hybrid.sys"), -1);
    assert_int_equal(io_findings, 0);
    kldr_world_destroy(world);
}

static void started_first_it_stays_for_its_importer(void **state)
{
    struct kldr_world *world = io_world(drivers);

    (void)state;
    initialized = FALSE;
    assert_int_equal(kldr_world_load(world, "hybrid", NULL), STATUS_SUCCESS);
    assert_int_equal(kldr_world_load(world, "client", NULL), STATUS_SUCCESS);
    assert_true(HybridIsStarted());
    assert_false(initialized);
    assert_int_equal(io_count(world, "hybrid.sys"), 2);
    assert_int_equal(kldr_world_unload(world, "hybrid", NULL), STATUS_SUCCESS);
    assert_false(HybridIsStarted());
    assert_int_equal(io_count(world, "hybrid.sys"), 1);
    assert_int_equal(io_findings, 0);
    assert_int_equal(kldr_world_unload(world, "client", NULL), STATUS_SUCCESS);
    assert_int_equal(io_count(world, "hybrid.sys"), -1);
    assert_int_equal(io_findings, 1); // DllUnload without DllInitialize
    kldr_world_destroy(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(imported_first_it_cannot_be_started),
        cmocka_unit_test(started_first_it_stays_for_its_importer),
    };
    return cmocka_run_group_tests_name("14-hybrid", tests, NULL, NULL);
}
