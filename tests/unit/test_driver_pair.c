// SPDX-License-Identifier: MIT
// A driver pair compiled by the host's compiler: what a test of one's own drivers looks like.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <kldr/kldr.h>

// ---- the port driver (normally a source file of its own) ----

static int clients;
static kldr_status PortInitialize(struct kldr_unicode_string *path)
{
    return path->length > 0 ? KLDR_STATUS_SUCCESS : KLDR_STATUS_UNSUCCESSFUL;
}
static kldr_status PortUnload(void)
{
    return clients == 0 ? KLDR_STATUS_SUCCESS : KLDR_STATUS_UNSUCCESSFUL;
}
static void PortRegister(void)
{
    clients++;
}
static void PortUnregister(void)
{
    clients--;
}

// ---- the miniport ----

static void (*imp_PortRegister)(void), (*imp_PortUnregister)(void);
static void MiniUnload(struct kldr_driver_object *driver)
{
    (void)driver;
    imp_PortUnregister();
}
static kldr_status MiniEntry(struct kldr_driver_object *driver, struct kldr_unicode_string *path)
{
    (void)path;
    driver->DriverUnload = MiniUnload;
    imp_PortRegister();
    return KLDR_STATUS_SUCCESS;
}

// ---- the test ----

static const struct kldr_host_export port_exports[] = {KLDR_EXPORT(PortRegister),
                                                       KLDR_EXPORT(PortUnregister)};
static const struct kldr_host_driver port = {.name = "port.sys",
                                             .exports = port_exports,
                                             .export_count = 2,
                                             .DllInitialize = PortInitialize,
                                             .DllUnload = PortUnload};
static const struct kldr_host_import mini_imports[] = {KLDR_IMPORT(port.sys, PortRegister),
                                                       KLDR_IMPORT(port.sys, PortUnregister)};
static const struct kldr_host_driver mini = {
    .name = "mini.sys", .imports = mini_imports, .import_count = 2, .DriverEntry = MiniEntry};

static void the_port_driver_goes_with_its_last_client(void **state)
{
    struct kldr_world_options options = {0};
    struct kldr_module_info module;
    struct kldr_world *world = NULL;
    (void)state;
    kldr_policy_init(&options.policy, KLDR_PROFILE_NT52);
    assert_int_equal(kldr_world_create(&options, &world, NULL), KLDR_STATUS_SUCCESS);
    assert_int_equal(kldr_world_add_host_driver(world, "port.sys", &port, NULL),
                     KLDR_STATUS_SUCCESS);
    assert_int_equal(kldr_world_add_host_driver(world, "mini.sys", &mini, NULL),
                     KLDR_STATUS_SUCCESS);

    assert_int_equal(kldr_world_load(world, "mini", NULL), KLDR_STATUS_SUCCESS);
    assert_int_equal(clients, 1);
    struct kldr_loader *loader = kldr_world_loader(world);
    assert_true(kldr_loader_module(loader, kldr_loader_find(loader, "port.sys"), &module));
    assert_int_equal(module.load_count, 1);

    assert_int_equal(kldr_world_unload(world, "mini", NULL), KLDR_STATUS_SUCCESS);
    assert_int_equal(clients, 0);
    assert_int_equal(kldr_loader_find(loader, "port.sys"), 0);
    kldr_world_destroy(world);
}

static void calling_a_driver_that_is_gone_is_stop_code_ce(void **state)
{
    struct kldr_world_options options = {0};
    struct kldr_bugcheck bugcheck;
    struct kldr_world *world = NULL;
    (void)state;
    assert_int_equal(kldr_world_create(&options, &world, NULL), KLDR_STATUS_SUCCESS);
    assert_int_equal(kldr_world_add_host_driver(world, "port.sys", &port, NULL),
                     KLDR_STATUS_SUCCESS);
    assert_int_equal(kldr_world_add_host_driver(world, "mini.sys", &mini, NULL),
                     KLDR_STATUS_SUCCESS);
    assert_int_equal(kldr_world_load(world, "mini", NULL), KLDR_STATUS_SUCCESS);
    assert_int_equal(kldr_world_unload(world, "mini", NULL), KLDR_STATUS_SUCCESS);
    assert_false(kldr_world_bugcheck(world, &bugcheck));

    imp_PortRegister(); // a pointer that outlived its driver
    assert_true(kldr_world_bugcheck(world, &bugcheck));
    assert_int_equal(bugcheck.code, 0xCE);
    assert_int_equal(clients, 0);
    kldr_world_destroy(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_port_driver_goes_with_its_last_client),
        cmocka_unit_test(calling_a_driver_that_is_gone_is_stop_code_ce),
    };
    return cmocka_run_group_tests_name("driver_pair", tests, NULL, NULL);
}
