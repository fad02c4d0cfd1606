// SPDX-License-Identifier: MIT
// Lists of checks, and the page that shows the table.
#include <kldr/check.h>

#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PAGE KLDR_TEST_SOURCE_DIR "/../docs/checks.md"

static struct kldr_checks parsed(const char *list)
{
    struct kldr_checks checks = {0};
    struct kldr_error error;
    assert_int_equal(kldr_checks_parse(list, &checks, &error), KLDR_STATUS_SUCCESS);
    return checks;
}

static unsigned count(struct kldr_checks checks)
{
    unsigned count = 0;
    for (unsigned i = 0; i < KLDR_CHECK_COUNT; i++) {
        count += kldr_checks_has(&checks, (enum kldr_check)i);
    }
    return count;
}

static void names_are_found_and_lead_back(void **state)
{
    enum kldr_check found = KLDR_CHECK_COUNT;
    (void)state;
    for (unsigned i = 0; i < KLDR_CHECK_COUNT; i++) {
        assert_true(kldr_check_find(kldr_check_info((enum kldr_check)i)->name, &found));
        assert_int_equal(found, i);
    }
    assert_false(kldr_check_find("leaked", &found));
    assert_null(kldr_check_info(KLDR_CHECK_COUNT));
}

static void nothing_given_is_the_default(void **state)
{
    const struct kldr_checks checks = {0};
    (void)state;
    for (unsigned i = 0; i < KLDR_CHECK_COUNT; i++) {
        assert_int_equal(kldr_checks_has(&checks, (enum kldr_check)i),
                         kldr_check_info((enum kldr_check)i)->by_default);
    }
}

static void a_list_is_read_from_left_to_right(void **state)
{
    struct kldr_checks checks = parsed("-pool-free");
    (void)state;
    assert_false(kldr_checks_has(&checks, KLDR_CHECK_POOL_FREE));
    assert_true(kldr_checks_has(&checks, KLDR_CHECK_LEAKED_POOL));
    assert_int_equal(count(parsed("all")), KLDR_CHECK_COUNT);
    assert_int_equal(count(parsed("none")), 0);
    assert_int_equal(count(parsed("none,pool-free,irql-call")), 2);
    assert_int_equal(count(parsed("all,-pool-free")), KLDR_CHECK_COUNT - 1);
    assert_int_equal(count(parsed("pool-free,none")), 0);
    assert_int_equal(count(parsed("none,pool-free,-pool-free")), 0);
    assert_int_equal(count(parsed("none,-pool-free,pool-free")), 1);
}

static void a_bad_word_changes_nothing_and_names_a_near_one(void **state)
{
    static const char *const bad[] = {
        "",          ",",           "pool-free,",
        "pool_free", "-all",        "pool-free ",
        "-",         "--pool-free", "0123456789012345678901234567890123456789"};
    struct kldr_checks checks = parsed("none,pool-free");
    struct kldr_error error;
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_int_equal(kldr_checks_parse(bad[i], &checks, &error), KLDR_ERROR_BAD_ARGUMENT);
        assert_int_equal(count(checks), 1);
    }
    kldr_checks_parse("all,-pol-free", &checks, &error);
    assert_string_equal(error.detail, "there is no check '-pol-free'");
    assert_string_equal(error.advice, "did you mean pool-free?");
    kldr_checks_parse("zzzzzzzz", &checks, &error);
    assert_string_equal(error.advice, "'kldr explain checks' lists them");
}

static void the_page_has_a_row_for_each_check(void **state)
{
    enum { SIZE = 1 << 16 };
    FILE *file = fopen(PAGE, "rb");
    char *page = calloc(1, SIZE);
    (void)state;
    assert_non_null(file);
    assert_non_null(page);
    assert_true(fread(page, 1, SIZE - 1, file) > 0);
    fclose(file);
    for (unsigned i = 0; i < KLDR_CHECK_COUNT; i++) {
        const struct kldr_check_info *info = kldr_check_info((enum kldr_check)i);
        char row[2048], source[64];
        snprintf(source, sizeof source, "%s", info->name);
        for (char *at = source; (at = strchr(at, '-')) != NULL;) {
            *at = '_';
        }
        snprintf(row, sizeof row, "\n| [`%s`](../tests/checks/%s.c)%s | %s | %s | %s | %s |\n",
                 info->name, source, info->by_default ? "" : " (off by default)", info->finds,
                 info->tells, info->when, info->windows);
        if (strstr(page, row) == NULL) {
            print_error("docs/checks.md lacks this row:%s", row);
        }
        assert_non_null(strstr(page, row));
    }
    free(page);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_found_and_lead_back),
        cmocka_unit_test(nothing_given_is_the_default),
        cmocka_unit_test(a_list_is_read_from_left_to_right),
        cmocka_unit_test(a_bad_word_changes_nothing_and_names_a_near_one),
        cmocka_unit_test(the_page_has_a_row_for_each_check),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
