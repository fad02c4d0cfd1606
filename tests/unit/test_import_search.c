// SPDX-License-Identifier: MIT
#include "import_search.h"

#include "loader_fixture.h"
#include "test.h"

#include <stdio.h>
#include <string.h>

#define DRIVERS FIXTURE_DRIVERS

struct setting {
    struct fixture *fixture; // for its allocator
    struct kl_context context;
};

static struct setting setting;

static int set_up(void **state)
{
    setting.fixture = fixture_create(KLDR_PROFILE_24H2, KLDR_MACHINE_X64);
    setting.context = (struct kl_context){.allocator = &setting.fixture->host.allocator};
    *state = &setting;
    return 0;
}

static int tear_down(void **state)
{
    struct setting *used = *state;
    fixture_destroy(used->fixture);
    return 0;
}

// The places for an import of b.sys, joined by blanks.
static void check_places(const char *knob, const char *directory, const char *expected)
{
    char text[512] = "";
    struct kl_search search;
    assert_int_equal(kldr_policy_set(&setting.context.policy, "search", knob, NULL),
                     KLDR_STATUS_SUCCESS);
    assert_true(
        kl_search_init(&setting.context, directory, strlen(directory), "b.sys!", 5, &search));
    for (unsigned i = 0; i < search.count; i++) {
        size_t length = strlen(text);
        assert_int_equal(search.lengths[i], strlen(search.paths[i]));
        snprintf(text + length, sizeof text - length, "%s%s", i > 0 ? " " : "", search.paths[i]);
    }
    assert_string_equal(text, expected);
    kl_search_fini(&setting.context, &search);
    assert_int_equal(search.count, 0);
    assert_int_equal(setting.fixture->live, 0);
}

static void the_documented_place_is_the_drivers_folder_alone(void **state)
{
    (void)state;
    check_places("drivers", "\\F\\", DRIVERS "b.sys");
    check_places("drivers", DRIVERS, DRIVERS "b.sys");
}

static void an_old_kernel_looks_in_the_importers_folder_as_spelled(void **state)
{
    (void)state;
    check_places("importer", "\\??\\C:\\X\\", "\\??\\C:\\X\\b.sys");
    check_places("importer", "\\", "\\b.sys");
}

static void newer_kernels_fall_back_to_the_drivers_folder(void **state)
{
    (void)state;
    check_places("importer+drivers", "\\F\\", "\\F\\b.sys " DRIVERS "b.sys");
}

static void the_same_folder_is_not_tried_twice(void **state)
{
    (void)state;
    check_places("importer+drivers", DRIVERS, DRIVERS "b.sys");
    check_places("importer+drivers", "\\SYSTEMROOT\\system32\\Drivers\\",
                 "\\SYSTEMROOT\\system32\\Drivers\\b.sys");
    // Another spelling of it is another folder: the loader compares texts (L3).
    check_places("importer+drivers", "\\??\\C:\\Windows\\System32\\drivers\\",
                 "\\??\\C:\\Windows\\System32\\drivers\\b.sys " DRIVERS "b.sys");
}

static void reactos_falls_back_to_a_folder_below(void **state)
{
    (void)state;
    check_places("importer+subdir", "\\SystemRoot\\System32\\",
                 "\\SystemRoot\\System32\\b.sys " DRIVERS "b.sys");
}

static void an_importer_without_folder_finds_imports_among_the_drivers_only(void **state)
{
    static const char *const knobs[] = {"drivers", "importer", "importer+drivers",
                                        "importer+subdir"};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(knobs); i++)
        check_places(knobs[i], "", DRIVERS "b.sys");
}

static void without_memory_no_path_is_left_behind(void **state)
{
    struct kl_search search;
    (void)state;
    setting.context.policy.value[KLDR_KNOB_SEARCH] = KLDR_SEARCH_IMPORTER_DRIVERS;
    for (unsigned number = 1; number <= 2; number++) {
        fixture_fail_allocation(setting.fixture, number);
        assert_false(kl_search_init(&setting.context, "\\F\\", 3, "b.sys", 5, &search));
        assert_int_equal(setting.fixture->live, 0);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_documented_place_is_the_drivers_folder_alone),
        TEST(an_old_kernel_looks_in_the_importers_folder_as_spelled),
        TEST(newer_kernels_fall_back_to_the_drivers_folder),
        TEST(the_same_folder_is_not_tried_twice),
        TEST(reactos_falls_back_to_a_folder_below),
        TEST(an_importer_without_folder_finds_imports_among_the_drivers_only),
        TEST(without_memory_no_path_is_left_behind),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
