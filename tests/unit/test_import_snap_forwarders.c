// SPDX-License-Identifier: MIT
// Forwarders: where they lead, and where they end.
#include "loader_fixture.h"
#include "test.h"

#include <stdio.h>
#include <string.h>

#define BOTH "F DllInitialize DllUnload"

static int set_up(void **state)
{
    *state = fixture_open(KLDR_PROFILE_24H2);
    return 0;
}

static int tear_down(void **state)
{
    fixture_check(*state);
    fixture_destroy(*state);
    return 0;
}

static void load(struct fixture *fixture, kldr_status status)
{
    assert_int_equal(fixture_run(fixture, "load a.sys"), status);
}

static void a_forwarder_is_followed_to_a_loaded_module_without_counting_it(void **state)
{
    struct fixture *fixture = *state;
    fixture_image(fixture, "a.sys", "", "b.sys:G");
    fixture_image(fixture, "b.sys", "G=C.F", "");
    fixture_image(fixture, "c.sys", BOTH, "");
    fixture_image(fixture, "k.sys", "", "c.sys:F");
    fixture_run(fixture, "load k.sys");
    fixture_forget(fixture);
    load(fixture, KLDR_STATUS_SUCCESS);
    assert_string_equal(fixture_events(fixture, "import.bound ref."),
                        "ref.add a.sys 1 loaded by I/O manager; "
                        "ref.add b.sys 1 loaded by a.sys; "
                        "import.bound a.sys > b.sys!G forwarder -> c.sys; "
                        "ref.skip c.sys 1 forwarder by a.sys");
    assert_string_equal(fixture_cell(fixture, "a.sys", "b.sys", "G"), "c.sys!F");
    assert_string_equal(fixture_imports(fixture, "a.sys"), "b.sys");
}

static void a_forwarder_never_loads_its_target(void **state)
{
    struct fixture *fixture = *state;
    fixture_image(fixture, "a.sys", "", "b.sys:G");
    fixture_image(fixture, "b.sys", "G=c.F", "");
    fixture_image(fixture, "c.sys", BOTH, "");
    load(fixture, KLDR_STATUS_DRIVER_ENTRYPOINT_NOT_FOUND);
    assert_string_equal(fixture_events(fixture, "image.open"),
                        "image.open \\SystemRoot\\System32\\drivers\\a.sys; "
                        "image.open \\SystemRoot\\System32\\drivers\\b.sys");
    // The report names the direct import, not the forwarder's target (S11).
    assert_string_equal(fixture->error.module, "b.sys");
    assert_string_equal(fixture->error.symbol, "G");
}

static void forwarders_to_ordinals_or_without_a_dot_lead_nowhere(void **state)
{
    static const char *const texts[] = {"G=c.#1", "G=c", "G=.F", "G=c.", "G=c.f", "G=c.F.F"};
    struct fixture *fixture = *state;
    fixture_image(fixture, "a.sys", "", "c.sys:F b.sys:G");
    fixture_image(fixture, "c.sys", BOTH, "");
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        fixture_image(fixture, "b.sys", texts[i], "");
        load(fixture, KLDR_STATUS_DRIVER_ENTRYPOINT_NOT_FOUND);
        fixture_remove_file(fixture, "b.sys");
    }
}

static void a_forwarder_to_the_kernel_needs_no_word_about_counts(void **state)
{
    struct fixture *fixture = *state;
    fixture_image(fixture, "a.sys", "", "b.sys:G");
    fixture_image(fixture, "b.sys", "G=NTOSKRNL.KeOne", "");
    load(fixture, KLDR_STATUS_SUCCESS);
    assert_string_equal(fixture_cell(fixture, "a.sys", "b.sys", "G"), "ntoskrnl.exe!KeOne");
    assert_string_equal(fixture_events(fixture, "ref.skip"), "");
}

static void the_first_dot_makes_a_prefix_and_the_first_module_it_fits_is_the_only_one(void **state)
{
    struct fixture *fixture = *state;
    fixture_image(fixture, "foo.x.sys", "Other", "");
    fixture_image(fixture, "foo.sys", "Bar", "");
    fixture_image(fixture, "a.sys", "", "b.sys:G");
    fixture_image(fixture, "b.sys", "G=foo.Bar", "");
    fixture_run(fixture, "load foo.x.sys; load foo.sys");
    load(fixture, KLDR_STATUS_DRIVER_ENTRYPOINT_NOT_FOUND);
    fixture_run(fixture, "unload foo.x.sys");
    load(fixture, KLDR_STATUS_SUCCESS);
    assert_string_equal(fixture_cell(fixture, "a.sys", "b.sys", "G"), "foo.sys!Bar");
}

static void the_last_dot_makes_a_whole_name_with_or_without_extension(void **state)
{
    static const struct {
        const char *forwarder;
        kldr_status status;
    } rows[] = {
        {"G=foo.x.Bar", KLDR_STATUS_SUCCESS},
        {"G=FOO.X.sys.Bar", KLDR_STATUS_SUCCESS},
        {"G=foo.Bar", KLDR_STATUS_DRIVER_ENTRYPOINT_NOT_FOUND},
        {"G=foo.x.sy.Bar", KLDR_STATUS_DRIVER_ENTRYPOINT_NOT_FOUND},
    };
    struct fixture *fixture = fixture_create(KLDR_PROFILE_24H2, KLDR_MACHINE_X64);
    (void)state;
    fixture_knob(fixture, "forwarder_split", "last");
    fixture_start(fixture);
    fixture_image(fixture, "foo.x.sys", "Bar", "");
    fixture_image(fixture, "a.sys", "", "b.sys:G");
    fixture_run(fixture, "load foo.x.sys");
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        fixture_image(fixture, "b.sys", rows[i].forwarder, "");
        load(fixture, rows[i].status);
        fixture_run(fixture, "unload a.sys");
        kldr_loader_unload(fixture->loader, kldr_loader_find(fixture->loader, "b.sys"),
                           KLDR_LOAD_IMAGE); // it has no DllUnload
        fixture_remove_file(fixture, "b.sys");
    }
    fixture_destroy(fixture);
}

// c0.G -> c1.G -> ... -> c<length>.G, a routine.
static void build_forwarder_chain(struct fixture *fixture, unsigned length)
{
    char name[16], export[32];
    fixture_image(fixture, "a.sys", "", "c0.sys:G");
    for (unsigned i = 0; i <= length; i++) {
        snprintf(name, sizeof name, "c%u.sys", i);
        snprintf(export, sizeof export, i < length ? "G=c%u.G" : "G", i + 1);
        fixture_image(fixture, name, export, "");
        char command[32];
        snprintf(command, sizeof command, "load_image %s", name);
        assert_int_equal(fixture_run(fixture, command), KLDR_STATUS_SUCCESS);
    }
}

static void a_chain_of_32_forwarders_is_followed(void **state)
{
    struct fixture *fixture = *state;
    build_forwarder_chain(fixture, 32);
    load(fixture, KLDR_STATUS_SUCCESS);
    assert_string_equal(fixture_cell(fixture, "a.sys", "c0.sys", "G"), "c32.sys!G");
}

static void a_longer_chain_is_taken_for_a_circle(void **state)
{
    struct fixture *fixture = *state;
    build_forwarder_chain(fixture, 33);
    load(fixture, KLDR_STATUS_DRIVER_ENTRYPOINT_NOT_FOUND);
    assert_string_equal(fixture_events(fixture, "import.missing"),
                        "import.missing a.sys > c0.sys!G forwarder-cycle 0xC0000263");
}

static void a_circle_of_forwarders_ends(void **state)
{
    struct fixture *fixture = *state;
    fixture_image(fixture, "a.sys", "", "b.sys:G,Self");
    fixture_image(fixture, "b.sys", "G=c.H Self=b.Self", "c.sys");
    fixture_image(fixture, "c.sys", "H=b.G", "");
    load(fixture, KLDR_STATUS_DRIVER_ENTRYPOINT_NOT_FOUND);
    assert_string_equal(fixture_events(fixture, "import.missing"),
                        "import.missing a.sys > b.sys!G forwarder-cycle 0xC0000263; "
                        "import.missing a.sys > b.sys!Self forwarder-cycle 0xC0000263");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_forwarder_is_followed_to_a_loaded_module_without_counting_it),
        TEST(a_forwarder_never_loads_its_target),
        TEST(forwarders_to_ordinals_or_without_a_dot_lead_nowhere),
        TEST(a_forwarder_to_the_kernel_needs_no_word_about_counts),
        TEST(the_first_dot_makes_a_prefix_and_the_first_module_it_fits_is_the_only_one),
        TEST(the_last_dot_makes_a_whole_name_with_or_without_extension),
        TEST(a_chain_of_32_forwarders_is_followed),
        TEST(a_longer_chain_is_taken_for_a_circle),
        TEST(a_circle_of_forwarders_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
