// SPDX-License-Identifier: MIT
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

// Loads a.sys, which fails with the status, and compares what it told to be missing. Nothing of the
// looking may be seen in the simulation.
static void check_missing(struct fixture *fixture, kldr_status status, const char *expected)
{
    assert_int_equal(fixture_run(fixture, "load a.sys"), status);
    assert_string_equal(fixture_events(fixture, "import.missing"), expected);
    assert_string_equal(fixture_modules(fixture), "");
    assert_int_equal(fixture->open_files, 0);
}

static void later_descriptors_are_looked_at_without_loading(void **state)
{
    struct fixture *fixture = *state;
    fixture_image(fixture, "a.sys", "", "b.sys:F gone.sys:F c.sys:F,Lost lost.sys:F");
    fixture_image(fixture, "b.sys", BOTH, "");
    fixture_image(fixture, "c.sys", BOTH, "");
    check_missing(fixture, KLDR_STATUS_OBJECT_NAME_NOT_FOUND,
                  "import.missing a.sys > gone.sys 0xC0000034; "
                  "import.missing a.sys > c.sys!Lost 0xC0000263; "
                  "import.missing a.sys > lost.sys 0xC0000034");
    assert_string_equal(fixture_events(fixture, "image.listed call"),
                        "image.listed a.sys; image.listed b.sys; "
                        "call.begin b.sys!DllInitialize "
                        "=\\REGISTRY\\MACHINE\\SYSTEM\\CURRENTCONTROLSET\\SERVICES\\b; "
                        "call.begin b.sys!DllUnload");
}

static void looked_at_images_are_followed_in_turn_each_once(void **state)
{
    struct fixture *fixture = *state;
    fixture_image(fixture, "a.sys", "", "gone.sys:F b.sys:F c.sys:F b.sys:F");
    fixture_image(fixture, "b.sys", BOTH, "d.sys:F,X nowhere.sys:F c.sys:F");
    fixture_image(fixture, "c.sys", BOTH, "d.sys:F nothing.sys:F b.sys:Y");
    fixture_image(fixture, "d.sys", BOTH, "deep.sys:F");
    check_missing(fixture, KLDR_STATUS_OBJECT_NAME_NOT_FOUND,
                  "import.missing a.sys > gone.sys 0xC0000034; "
                  "import.missing d.sys > deep.sys 0xC0000034; "
                  "import.missing b.sys > d.sys!X 0xC0000263; "
                  "import.missing b.sys > nowhere.sys 0xC0000034; "
                  "import.missing c.sys > nothing.sys 0xC0000034; "
                  "import.missing c.sys > b.sys!Y 0xC0000263");
}

static void a_missing_export_lets_the_rest_of_the_image_be_looked_at(void **state)
{
    struct fixture *fixture = *state;
    fixture_image(fixture, "a.sys", "", "b.sys:One,F,#9,Two gone.sys:F");
    fixture_image(fixture, "b.sys", BOTH, "");
    check_missing(fixture, KLDR_STATUS_DRIVER_ENTRYPOINT_NOT_FOUND,
                  "import.missing a.sys > b.sys!One 0xC0000263; "
                  "import.missing a.sys > b.sys#9 0xC0000262; "
                  "import.missing a.sys > b.sys!Two 0xC0000263; "
                  "import.missing a.sys > gone.sys 0xC0000034");
}

static void a_failure_below_is_told_once_and_the_levels_above_looked_at(void **state)
{
    struct fixture *fixture = *state;
    fixture_image(fixture, "a.sys", "", "b.sys:F,Lost gone.sys:F c.sys:F d.sys:G");
    fixture_image(fixture, "b.sys", BOTH, "c.sys:F x.sys:F d.sys:F");
    fixture_image(fixture, "c.sys", BOTH, "d.sys:F,#40");
    fixture_image(fixture, "d.sys", BOTH, "");
    check_missing(fixture, KLDR_STATUS_DRIVER_ORDINAL_NOT_FOUND,
                  "import.missing c.sys > d.sys#40 0xC0000262; "
                  "import.missing b.sys > x.sys 0xC0000034; "
                  "import.missing a.sys > b.sys!Lost 0xC0000263; "
                  "import.missing a.sys > gone.sys 0xC0000034; "
                  "import.missing a.sys > d.sys!G 0xC0000263");
}

static void nothing_is_looked_at_for_nobody(void **state)
{
    struct fixture *fixture = fixture_create(KLDR_PROFILE_24H2, KLDR_MACHINE_X64);
    (void)state;
    fixture->host.on_event = NULL;
    fixture_start(fixture);
    fixture_image(fixture, "a.sys", "", "gone.sys:F b.sys:F");
    fixture_image(fixture, "b.sys", BOTH, "");
    fixture_fail_allocation(fixture, 0);
    assert_int_equal(fixture_run(fixture, "load a.sys"), KLDR_STATUS_OBJECT_NAME_NOT_FOUND);
    unsigned unseen = fixture->asked;
    fixture_remove_file(fixture, "b.sys"); // would have cost requests, had it been read
    fixture->asked = 0;
    assert_int_equal(fixture_run(fixture, "load a.sys"), KLDR_STATUS_OBJECT_NAME_NOT_FOUND);
    assert_int_equal(fixture->asked, unseen);
    fixture_destroy(fixture);
}

// ---- forwarders: what has been looked at would be loaded by then ----

static void a_forwarder_into_an_image_looked_at_before_is_found(void **state)
{
    struct fixture *fixture = *state;
    fixture_image(fixture, "a.sys", "", "gone.sys:F c.sys:F b.sys:G,H");
    fixture_image(fixture, "b.sys", "G=C.F H=c.Lost", "");
    fixture_image(fixture, "c.sys", BOTH, "");
    check_missing(fixture, KLDR_STATUS_OBJECT_NAME_NOT_FOUND,
                  "import.missing a.sys > gone.sys 0xC0000034; "
                  "import.missing a.sys > b.sys!H 0xC0000263");
}

static void a_forwarder_loads_nothing_when_looking_either(void **state)
{
    struct fixture *fixture = *state;
    fixture_image(fixture, "a.sys", "", "gone.sys:F b.sys:G c.sys:F");
    fixture_image(fixture, "b.sys", "G=c.F", "");
    fixture_image(fixture, "c.sys", BOTH, "");
    check_missing(fixture, KLDR_STATUS_OBJECT_NAME_NOT_FOUND,
                  "import.missing a.sys > gone.sys 0xC0000034; "
                  "import.missing a.sys > b.sys!G 0xC0000263");
}

static void a_forwarder_into_what_the_exporter_itself_would_load_is_found(void **state)
{
    struct fixture *fixture = *state;
    fixture_image(fixture, "a.sys", "", "gone.sys:F b.sys:G,Self");
    fixture_image(fixture, "b.sys", "G=c.F Self=b.G", "c.sys:F");
    fixture_image(fixture, "c.sys", BOTH, "");
    check_missing(fixture, KLDR_STATUS_OBJECT_NAME_NOT_FOUND,
                  "import.missing a.sys > gone.sys 0xC0000034");
}

static void what_a_failed_dependency_had_loaded_counts_as_loaded(void **state)
{
    struct fixture *fixture = *state;
    fixture_image(fixture, "a.sys", "", "b.sys:F e.sys:G,H");
    fixture_image(fixture, "b.sys", BOTH, "c.sys:F gone.sys:F");
    fixture_image(fixture, "c.sys", BOTH, "d.sys:F");
    fixture_image(fixture, "d.sys", BOTH, "");
    fixture_image(fixture, "e.sys", "G=c.F H=d.F", "");
    check_missing(fixture, KLDR_STATUS_OBJECT_NAME_NOT_FOUND,
                  "import.missing b.sys > gone.sys 0xC0000034");
}

static void what_was_read_for_its_place_only_is_told_when_its_turn_comes(void **state)
{
    struct fixture *fixture = *state;
    struct kldr_build_import imports[] = {{.module = "c.sys"}};
    struct kldr_build_description broken = {
        .imports = imports, .import_count = 1, .broken = KLDR_BROKEN_RELOCATIONS_STRIPPED};
    fixture_image(fixture, "a.sys", "", "b.sys c.sys:F");
    fixture_built(fixture, "b.sys", broken);
    fixture_image(fixture, "c.sys", BOTH, "gone.sys:F");
    check_missing(fixture, KLDR_STATUS_CONFLICTING_ADDRESSES,
                  "import.missing c.sys > gone.sys 0xC0000034");
}

static void the_rule_for_forwarders_is_the_loaders_own(void **state)
{
    static const struct {
        const char *split, *missing;
    } rows[] = {
        // "p.x." is no prefix of a name; "p." is one of p.x.sys, which comes before p.sys.
        {"first", "import.missing a.sys > gone.sys 0xC0000034; "
                  "import.missing a.sys > b.sys!One 0xC0000263; "
                  "import.missing a.sys > b.sys!Two 0xC0000263"},
        {"last", "import.missing a.sys > gone.sys 0xC0000034"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct fixture *fixture = fixture_create(KLDR_PROFILE_24H2, KLDR_MACHINE_X64);
        fixture_knob(fixture, "forwarder_split", rows[i].split);
        fixture_start(fixture);
        fixture_image(fixture, "a.sys", "", "gone.sys:F p.x.sys:F p.sys:G b.sys:One,Two");
        fixture_image(fixture, "p.x.sys", "F", "");
        fixture_image(fixture, "p.sys", "G", "");
        fixture_image(fixture, "b.sys", "One=p.G Two=p.x.F", "");
        check_missing(fixture, KLDR_STATUS_OBJECT_NAME_NOT_FOUND, rows[i].missing);
        fixture_destroy(fixture);
    }
}

static void loaded_modules_come_before_those_looked_at(void **state)
{
    struct fixture *fixture = *state;
    fixture_image(fixture, "c.y.sys", "Other DllInitialize", "");
    fixture_image(fixture, "a.sys", "", "gone.sys:F c.sys:F b.sys:G");
    fixture_image(fixture, "c.sys", BOTH, "");
    fixture_image(fixture, "b.sys", "G=c.F", "");
    assert_int_equal(fixture_run(fixture, "load c.y.sys; load a.sys"),
                     KLDR_STATUS_OBJECT_NAME_NOT_FOUND);
    assert_string_equal(fixture_events(fixture, "import.missing"),
                        "import.missing a.sys > gone.sys 0xC0000034; "
                        "import.missing a.sys > b.sys!G 0xC0000263");
}

static void a_circle_of_forwarders_ends_when_looking(void **state)
{
    struct fixture *fixture = *state;
    fixture_image(fixture, "a.sys", "", "gone.sys:F b.sys:G,NoDot");
    fixture_image(fixture, "b.sys", "G=c.H NoDot=nothing", "c.sys");
    fixture_image(fixture, "c.sys", "H=b.G", "");
    check_missing(fixture, KLDR_STATUS_OBJECT_NAME_NOT_FOUND,
                  "import.missing a.sys > gone.sys 0xC0000034; "
                  "import.missing a.sys > b.sys!G 0xC0000263; "
                  "import.missing a.sys > b.sys!NoDot 0xC0000263");
}

// ---- how far it goes ----

static void a_chain_as_deep_as_loads_may_be_is_looked_at_to_its_end(void **state)
{
    char name[16], import[32];
    struct fixture *fixture = *state;
    for (unsigned i = 0; i < 900; i++) {
        snprintf(name, sizeof name, "m%u.sys", i);
        snprintf(import, sizeof import, "m%u.sys:F", i + 1);
        fixture_image(fixture, name, BOTH, import);
    }
    fixture_image(fixture, "a.sys", "", "gone.sys:F m0.sys:F");
    check_missing(fixture, KLDR_STATUS_OBJECT_NAME_NOT_FOUND,
                  "import.missing a.sys > gone.sys 0xC0000034; "
                  "import.missing m899.sys > m900.sys 0xC0000034");
}

static void an_image_that_is_none_is_not_looked_into(void **state)
{
    struct fixture *fixture = *state;
    fixture_image(fixture, "a.sys", "", "gone.sys:F junk.sys:F empty.sys:F b.sys:G");
    fixture_bytes(fixture, "junk.sys", "not an image", 12);
    fixture_bytes(fixture, "empty.sys", "", 0);
    fixture_image(fixture, "b.sys", "G=junk.F", "");
    check_missing(fixture, KLDR_STATUS_OBJECT_NAME_NOT_FOUND,
                  "import.missing a.sys > gone.sys 0xC0000034; "
                  "import.missing a.sys > b.sys!G 0xC0000263");
}

static void the_places_are_those_of_a_load(void **state)
{
    struct fixture *fixture = *state;
    fixture_image(fixture, "\\F\\a.sys", "", "gone.sys:F b.sys:F c.sys:F");
    fixture_image(fixture, "\\F\\b.sys", BOTH, "d.sys:F");
    fixture_image(fixture, "c.sys", BOTH, "e.sys:F");
    fixture_image(fixture, "d.sys", BOTH, "");
    fixture_image(fixture, "\\F\\e.sys", BOTH, ""); // not where c.sys, a driver, would look
    assert_int_equal(fixture_run(fixture, "load \\F\\a.sys"), KLDR_STATUS_OBJECT_NAME_NOT_FOUND);
    assert_string_equal(fixture_events(fixture, "import.missing"),
                        "import.missing a.sys > gone.sys 0xC0000034; "
                        "import.missing c.sys > e.sys 0xC0000034");
}

static void what_one_importer_lacks_another_may_find_in_its_own_folder(void **state)
{
    struct fixture *fixture = *state;
    fixture_image(fixture, "\\F\\a.sys", "", "gone.sys:F b.sys:F x.sys:F,Lost c.sys:F x.sys:F");
    fixture_image(fixture, "b.sys", BOTH, "x.sys:F");
    fixture_image(fixture, "c.sys", BOTH, "x.sys:F");
    fixture_image(fixture, "\\F\\x.sys", BOTH, "deep.sys:F");
    assert_int_equal(fixture_run(fixture, "load \\F\\a.sys"), KLDR_STATUS_OBJECT_NAME_NOT_FOUND);
    assert_string_equal(fixture_events(fixture, "import.missing"),
                        "import.missing a.sys > gone.sys 0xC0000034; "
                        "import.missing b.sys > x.sys 0xC0000034; "
                        "import.missing x.sys > deep.sys 0xC0000034; "
                        "import.missing a.sys > x.sys!Lost 0xC0000263");
}

static void a_look_ends_where_the_loaders_walk_would(void **state)
{
    struct fixture *fixture = *state;
    fixture_image(fixture, "a.sys", "", "gone.sys:F b.sys:F");
    fixture_image(fixture, "b.sys", BOTH, "lost.sys:F c.sys:F! more.sys:F");
    check_missing(fixture, KLDR_STATUS_OBJECT_NAME_NOT_FOUND,
                  "import.missing a.sys > gone.sys 0xC0000034; "
                  "import.missing b.sys > lost.sys 0xC0000034");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(later_descriptors_are_looked_at_without_loading),
        TEST(looked_at_images_are_followed_in_turn_each_once),
        TEST(a_missing_export_lets_the_rest_of_the_image_be_looked_at),
        TEST(a_failure_below_is_told_once_and_the_levels_above_looked_at),
        TEST(nothing_is_looked_at_for_nobody),
        TEST(a_forwarder_into_an_image_looked_at_before_is_found),
        TEST(a_forwarder_loads_nothing_when_looking_either),
        TEST(a_forwarder_into_what_the_exporter_itself_would_load_is_found),
        TEST(what_a_failed_dependency_had_loaded_counts_as_loaded),
        TEST(what_was_read_for_its_place_only_is_told_when_its_turn_comes),
        TEST(the_rule_for_forwarders_is_the_loaders_own),
        TEST(loaded_modules_come_before_those_looked_at),
        TEST(a_circle_of_forwarders_ends_when_looking),
        TEST(a_chain_as_deep_as_loads_may_be_is_looked_at_to_its_end),
        TEST(an_image_that_is_none_is_not_looked_into),
        TEST(the_places_are_those_of_a_load),
        TEST(what_one_importer_lacks_another_may_find_in_its_own_folder),
        TEST(a_look_ends_where_the_loaders_walk_would),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
