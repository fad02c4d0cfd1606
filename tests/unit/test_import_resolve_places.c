// SPDX-License-Identifier: MIT
// Where the loader looks for the file of a dependency, and what it makes of not finding it there.
#include "loader_fixture.h"
#include "test.h"

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

static void run(struct fixture *fixture, const char *commands)
{
    assert_int_equal(fixture_run(fixture, commands), KLDR_STATUS_SUCCESS);
}

static void a_second_place_is_tried_only_when_the_file_was_not_there(void **state)
{
    struct fixture *fixture = *state;
    fixture_image(fixture, "\\F\\a.sys", "", "b.sys:F");
    fixture_image(fixture, "b.sys", BOTH, "");
    run(fixture, "load \\F\\a.sys");
    assert_string_equal(fixture_events(fixture, "image.open"),
                        "image.open \\F\\a.sys; image.open \\F\\b.sys 0xC0000034; "
                        "image.open \\SystemRoot\\System32\\drivers\\b.sys");
    assert_string_equal(fixture_events(fixture, "import.missing"), "");
}

static void a_failure_below_does_not_start_the_second_search(void **state)
{
    struct fixture *fixture = *state;
    fixture_image(fixture, "\\F\\a.sys", "", "b.sys:F");
    fixture_image(fixture, "\\F\\b.sys", BOTH, "gone.sys:F");
    fixture_image(fixture, "b.sys", BOTH, "");
    assert_int_equal(fixture_run(fixture, "load \\F\\a.sys"), KLDR_STATUS_OBJECT_NAME_NOT_FOUND);
    fixture_remove_file(fixture, "\\F\\b.sys");
    fixture_image(fixture, "\\F\\b.sys", BOTH, "");
    fixture_returns(fixture, "b.sys!DllInitialize", KLDR_STATUS_OBJECT_NAME_NOT_FOUND);
    assert_int_equal(fixture_run(fixture, "load \\F\\a.sys"), KLDR_STATUS_OBJECT_NAME_NOT_FOUND);
    assert_null(strstr(fixture_events(fixture, "image.open"), "drivers\\b.sys"));
}

static void a_missing_folder_does_not_start_the_second_search(void **state)
{
    struct fixture *fixture = *state;
    fixture_image(fixture, "\\F\\a.sys", "", "sub\\b.sys:F");
    assert_int_equal(fixture_run(fixture, "load \\F\\a.sys"), KLDR_STATUS_OBJECT_PATH_NOT_FOUND);
    assert_string_equal(fixture_events(fixture, "image.open"),
                        "image.open \\F\\a.sys; image.open \\F\\sub\\b.sys 0xC000003A");
}

static void when_every_place_fails_the_status_of_the_first_goes_up(void **state)
{
    struct fixture *fixture = fixture_open(KLDR_PROFILE_REACTOS);
    (void)state;
    fixture_image(fixture, "\\F\\a.sys", "", "b.sys:F");
    assert_int_equal(fixture_run(fixture, "load \\F\\a.sys"), KLDR_STATUS_OBJECT_NAME_NOT_FOUND);
    assert_string_equal(fixture_events(fixture, "image.open"),
                        "image.open \\F\\a.sys; image.open \\F\\b.sys 0xC0000034; "
                        "image.open \\F\\drivers\\b.sys 0xC000003A");
    assert_non_null(strstr(fixture->error.detail, "\\F\\b.sys"));
    fixture_destroy(fixture);
}

static void an_importer_without_folder_looks_among_the_drivers(void **state)
{
    struct fixture *fixture = *state;
    fixture_image(fixture, "=a.sys", "", "b.sys:F");
    fixture_image(fixture, "b.sys", BOTH, "");
    run(fixture, "load =a.sys");
    assert_string_equal(fixture_events(fixture, "image.open"),
                        "image.open a.sys; image.open \\SystemRoot\\System32\\drivers\\b.sys");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_second_place_is_tried_only_when_the_file_was_not_there),
        TEST(a_failure_below_does_not_start_the_second_search),
        TEST(a_missing_folder_does_not_start_the_second_search),
        TEST(when_every_place_fails_the_status_of_the_first_goes_up),
        TEST(an_importer_without_folder_looks_among_the_drivers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
