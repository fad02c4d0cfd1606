// SPDX-License-Identifier: MIT
#include "check/findings.h"

#include "loader_fixture.h"
#include "world/address_space.h"

#include "test.h"

#include <string.h>

#define BOTH "F DllInitialize DllUnload"

// The checker in front of the loader of a fixture, whose images are placed by an address space.
struct setting {
    struct fixture *fixture;
    struct ks_findings findings;
    struct ks_address_space addresses;
    kldr_status (*map_image)(void *user, const struct kldr_map_request *request,
                             struct kldr_mapping *out_mapping);
    void (*unmap_image)(void *user, const struct kldr_mapping *mapping, uint32_t module_id,
                        const char *module_name);
};

static struct setting setting;

static kldr_status map_image(void *user, const struct kldr_map_request *request,
                             struct kldr_mapping *out_mapping)
{
    kldr_status status = setting.map_image(user, request, out_mapping);
    return status != KLDR_STATUS_SUCCESS
               ? status
               : ks_address_space_place(&setting.addresses, request->preferred_base, request->size,
                                        &out_mapping->base);
}

static void unmap_image(void *user, const struct kldr_mapping *mapping, uint32_t module_id,
                        const char *module_name)
{
    ks_address_space_vacate(&setting.addresses, mapping->base, module_id, module_name);
    setting.unmap_image(user, mapping, module_id, module_name);
}

static void observe(void *user, const struct kldr_event *event)
{
    ks_findings_observe(user, event);
}

static struct fixture *open_checked(enum kldr_profile profile)
{
    struct fixture *fixture = fixture_create(profile, KLDR_MACHINE_X64);
    const struct kldr_allocator *allocator = kldr_allocator_default();
    setting = (struct setting){.fixture = fixture,
                               .map_image = fixture->host.map_image,
                               .unmap_image = fixture->host.unmap_image};
    ks_address_space_init(&setting.addresses, allocator, KLDR_MACHINE_X64);
    // The core images of the fixture lie at the beginning of the space.
    uint64_t core = 0;
    ks_address_space_place(&setting.addresses, 0, 0x1000000, &core);
    ks_findings_init(&setting.findings, allocator, &setting.addresses);
    fixture->host.map_image = map_image;
    fixture->host.unmap_image = unmap_image;
    fixture->observe = observe;
    fixture->observer = &setting.findings;
    fixture_start(fixture);
    setting.findings.loader = fixture->loader;
    return fixture;
}

static void close_checked(struct fixture *fixture)
{
    fixture_destroy(fixture);
    ks_findings_fini(&setting.findings);
    ks_address_space_fini(&setting.addresses);
}

// Does the commands as one step and compares its findings.
static void check_step(struct fixture *fixture, const char *commands, const char *expected)
{
    fixture_forget(fixture);
    fixture_run(fixture, commands);
    ks_findings_judge_dangling(&setting.findings);
    assert_string_equal(fixture_events(fixture, "finding"), expected);
}

// ---- references without a count ----

static void a_binding_without_a_count_is_found_once_per_pair(void **state)
{
    struct fixture *fixture = open_checked(KLDR_PROFILE_NT52);
    (void)state;
    fixture_image(fixture, "a.sys", "F", "b.sys:F,G a.sys:F halo.sys:F halo.sys:F");
    fixture_image(fixture, "b.sys", "G=c.F " BOTH, "a.sys:F c.sys:F a.sys:F");
    fixture_image(fixture, "c.sys", BOTH, "");
    fixture_image(fixture, "halo.sys", BOTH, "ntoskrnl.exe:KeOne hal.dll:HalOne");
    check_step(fixture, "load a.sys",
               "finding b.sys uncounted-reference -> a.sys; "
               "finding a.sys uncounted-reference -> c.sys; "
               "finding a.sys uncounted-reference -> a.sys; "
               "finding a.sys uncounted-reference -> halo.sys");
    check_step(fixture, "load a.sys", "");
    close_checked(fixture);
}

static void an_import_of_nothing_is_not_a_binding(void **state)
{
    struct fixture *fixture = open_checked(KLDR_PROFILE_24H2);
    (void)state;
    fixture_image(fixture, "a.sys", "F", "b.sys:F");
    fixture_image(fixture, "b.sys", BOTH, "a.sys b.sys");
    check_step(fixture, "load a.sys", "");
    close_checked(fixture);
}

static void a_module_that_is_not_counted_is_found_once_per_step(void **state)
{
    struct fixture *fixture = open_checked(KLDR_PROFILE_DOCUMENTED);
    (void)state;
    fixture_image(fixture, "a.sys", "", "b.sys:F b.sys:F c.sys:F");
    fixture_image(fixture, "b.sys", "F DllInitialize", "");
    fixture_image(fixture, "c.sys", BOTH, "b.sys:F");
    check_step(fixture, "load a.sys", "finding b.sys counting-inactive");
    check_step(fixture, "unload a.sys", "");
    check_step(fixture, "load a.sys", "finding b.sys counting-inactive");
    close_checked(fixture);
}

// ---- cells that nobody bound ----

static void descriptors_behind_the_end_of_the_walk_are_found_by_module(void **state)
{
    struct fixture *fixture = open_checked(KLDR_PROFILE_24H2);
    (void)state;
    fixture_image(fixture, "a.sys", "", "b.sys:F c.sys! d.sys:F c.sys:F d.sys");
    fixture_image(fixture, "b.sys", BOTH, "");
    check_step(fixture, "load a.sys",
               "finding a.sys unbound-import -> c.sys; finding a.sys unbound-import -> d.sys");
    fixture_image(fixture, "e.sys", "", "c.sys! gone.sys:F");
    fixture_image(fixture, "g.sys", "", "gone.sys:F c.sys!");
    check_step(fixture, "load g.sys", ""); // it did not load
    close_checked(fixture);
}

// ---- modules that stay, and that go unasked ----

static void a_module_that_stays_is_found_with_the_reason(void **state)
{
    static const enum kldr_profile profiles[] = {KLDR_PROFILE_NT52, KLDR_PROFILE_24H2};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(profiles); i++) {
        struct fixture *fixture = open_checked(profiles[i]);
        fixture_image(fixture, "a.sys", "", "b.sys:F c.sys:F");
        fixture_image(fixture, "b.sys", BOTH, "");
        fixture_image(fixture, "c.sys", "F", "");
        fixture_returns(fixture, "b.sys!DllUnload", KLDR_STATUS_NOT_SUPPORTED);
        check_step(fixture, "load a.sys", "");
        check_step(fixture, "unload a.sys",
                   "finding b.sys resident-refused; finding c.sys resident-no-dllunload");
        close_checked(fixture);
    }
}

static void a_dll_freed_with_its_driver_object_was_not_asked(void **state)
{
    struct fixture *fixture = open_checked(KLDR_PROFILE_24H2);
    (void)state;
    fixture_image(fixture, "a.sys", "", "b.sys:F");
    fixture_image(fixture, "b.sys", BOTH, "");
    fixture_image(fixture, "c.sys", "F", "");
    check_step(fixture, "load b.sys; load a.sys; unload a.sys", "");
    check_step(fixture, "unload b.sys", "finding b.sys freed-without-dllunload");
    check_step(fixture, "load c.sys; unload c.sys", "");
    check_step(fixture, "load a.sys; unload a.sys", ""); // asked
    close_checked(fixture);
}

static void a_failed_load_and_a_failed_dllinitialize_free_without_a_word(void **state)
{
    struct fixture *fixture = open_checked(KLDR_PROFILE_24H2);
    (void)state;
    fixture_image(fixture, "a.sys", BOTH, "b.sys:F");
    fixture_image(fixture, "b.sys", BOTH, "");
    fixture_image(fixture, "d.sys", BOTH, "gone.sys:F");
    fixture_returns(fixture, "b.sys!DllInitialize", KLDR_STATUS_UNSUCCESSFUL);
    check_step(fixture, "load a.sys; load d.sys", "");
    close_checked(fixture);
}

static void dllunload_of_what_was_never_initialized_is_found(void **state)
{
    struct fixture *fixture = open_checked(KLDR_PROFILE_24H2);
    (void)state;
    fixture_image(fixture, "a.sys", "", "b.sys:F c.sys:F d.sys:F");
    fixture_image(fixture, "b.sys", BOTH, "");
    fixture_image(fixture, "c.sys", "F DllUnload", "");
    fixture_image(fixture, "d.sys", BOTH, "");
    check_step(fixture, "load b.sys; load c.sys; load a.sys; unload b.sys; unload c.sys", "");
    check_step(fixture, "unload a.sys", "finding b.sys dllunload-without-dllinitialize");
    close_checked(fixture);
}

// ---- what points to nowhere ----

static void a_cell_into_a_module_that_went_is_found_at_the_end_of_the_step(void **state)
{
    struct fixture *fixture = open_checked(KLDR_PROFILE_24H2);
    (void)state;
    fixture_image(fixture, "a.sys", "F G", "b.sys:F");
    fixture_image(fixture, "b.sys", BOTH, "a.sys:F,#2,G");
    fixture_image(fixture, "d.sys", "", "b.sys:F");
    check_step(fixture, "load a.sys; load d.sys", "finding b.sys uncounted-reference -> a.sys");
    check_step(fixture, "unload a.sys", "finding b.sys!F dangling-import -> a.sys");
    check_step(fixture, "unload d.sys", "");
    close_checked(fixture);
}

static void an_ordinal_that_dangles_is_named_by_its_number(void **state)
{
    struct fixture *fixture = open_checked(KLDR_PROFILE_24H2);
    (void)state;
    fixture_image(fixture, "a.sys", "F G", "b.sys:F");
    fixture_image(fixture, "b.sys", BOTH, "a.sys:#2");
    fixture_image(fixture, "d.sys", "", "b.sys:F");
    check_step(fixture, "load a.sys; load d.sys; unload a.sys",
               "finding b.sys uncounted-reference -> a.sys; "
               "finding b.sys!#2 dangling-import -> a.sys");
    close_checked(fixture);
}

static void a_cell_through_a_forwarder_is_found_as_such(void **state)
{
    struct fixture *fixture = open_checked(KLDR_PROFILE_24H2);
    (void)state;
    fixture_image(fixture, "a.sys", "", "b.sys:G,H");
    fixture_image(fixture, "b.sys", "G=c.F H=c.F DllInitialize DllUnload", "");
    fixture_image(fixture, "c.sys", BOTH, "");
    fixture_image(fixture, "k.sys", "", "c.sys:F");
    check_step(fixture, "load k.sys; load a.sys", "finding a.sys uncounted-reference -> c.sys");
    check_step(fixture, "unload k.sys", "finding a.sys!G dangling-forwarder -> c.sys");
    // Another instance of it does not heal the cell, and the pair was told.
    check_step(fixture, "load k.sys; unload k.sys", "");
    close_checked(fixture);
}

static void an_importer_that_goes_in_the_same_step_has_nothing_dangling(void **state)
{
    struct fixture *fixture = open_checked(KLDR_PROFILE_24H2);
    (void)state;
    fixture_image(fixture, "a.sys", "F", "b.sys:F");
    fixture_image(fixture, "b.sys", BOTH, "a.sys:F");
    check_step(fixture, "load a.sys; unload a.sys", "finding b.sys uncounted-reference -> a.sys");
    close_checked(fixture);
}

static void what_is_bound_to_a_trap_does_not_dangle(void **state)
{
    struct fixture *fixture = open_checked(KLDR_PROFILE_24H2);
    (void)state;
    fixture_finish(fixture);
    fixture_knob(fixture, "missing_imports", "trap");
    fixture_start(fixture);
    setting.findings.loader = fixture->loader;
    fixture_image(fixture, "a.sys", "", "gone.sys:F");
    fixture_image(fixture, "x.sys", "", "");
    check_step(fixture, "load a.sys; load x.sys; unload x.sys", "");
    close_checked(fixture);
}

static void a_circle_of_forwarders_is_found_once_per_importer(void **state)
{
    struct fixture *fixture = open_checked(KLDR_PROFILE_NT52);
    (void)state;
    fixture_image(fixture, "a.sys", "", "b.sys:G,H");
    fixture_image(fixture, "c.sys", "", "b.sys:#2,G");
    fixture_image(fixture, "b.sys", "G=b.H H=b.G DllInitialize DllUnload", "");
    check_step(fixture, "load a.sys", "finding a.sys!G forwarder-cycle -> b.sys");
    check_step(fixture, "load c.sys", "finding c.sys!#2 forwarder-cycle -> b.sys");
    close_checked(fixture);
}

// ---- the parts ----

static void a_finding_of_the_callers_carries_its_fields(void **state)
{
    struct fixture *fixture = open_checked(KLDR_PROFILE_24H2);
    (void)state;
    ks_findings_report(&setting.findings, "second-copy", "\\??\\C:\\b.sys", 0, "b.sys", "detail",
                       "H6");
    assert_string_equal(fixture_events(fixture, "finding"),
                        "finding \\??\\C:\\b.sys second-copy -> b.sys");
    close_checked(fixture);
}

static void sets_of_ids_grow_and_shrink(void **state)
{
    struct fixture *fixture = fixture_create(KLDR_PROFILE_24H2, KLDR_MACHINE_X64);
    const struct kldr_allocator *allocator = &fixture->host.allocator;
    struct ks_id_set set = {0};
    (void)state;
    for (uint32_t id = 1; id <= 50; id++)
        assert_true(ks_id_set_add(allocator, &set, id));
    for (uint32_t id = 2; id <= 50; id += 2)
        ks_id_set_remove(&set, id);
    ks_id_set_remove(&set, 99);
    for (uint32_t id = 1; id <= 51; id++)
        assert_int_equal(ks_id_set_has(&set, id), id % 2 == 1 && id < 51);
    ks_id_set_fini(allocator, &set);
    fixture_fail_allocation(fixture, 1);
    assert_false(ks_id_set_add(allocator, &set, 1));
    assert_false(ks_id_set_has(&set, 1));
    fixture_destroy(fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_binding_without_a_count_is_found_once_per_pair),
        cmocka_unit_test(an_import_of_nothing_is_not_a_binding),
        cmocka_unit_test(a_module_that_is_not_counted_is_found_once_per_step),
        cmocka_unit_test(descriptors_behind_the_end_of_the_walk_are_found_by_module),
        cmocka_unit_test(a_module_that_stays_is_found_with_the_reason),
        cmocka_unit_test(a_dll_freed_with_its_driver_object_was_not_asked),
        cmocka_unit_test(a_failed_load_and_a_failed_dllinitialize_free_without_a_word),
        cmocka_unit_test(dllunload_of_what_was_never_initialized_is_found),
        cmocka_unit_test(a_cell_into_a_module_that_went_is_found_at_the_end_of_the_step),
        cmocka_unit_test(an_ordinal_that_dangles_is_named_by_its_number),
        cmocka_unit_test(a_cell_through_a_forwarder_is_found_as_such),
        cmocka_unit_test(an_importer_that_goes_in_the_same_step_has_nothing_dangling),
        cmocka_unit_test(what_is_bound_to_a_trap_does_not_dangle),
        cmocka_unit_test(a_circle_of_forwarders_is_found_once_per_importer),
        cmocka_unit_test(a_finding_of_the_callers_carries_its_fields),
        cmocka_unit_test(sets_of_ids_grow_and_shrink),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
