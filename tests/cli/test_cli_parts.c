// SPDX-License-Identifier: MIT
// Patterns, threads, and where built images go.
#include "test.h"

#include "cli/build_plan.h"
#include "cli/glob.h"
#include "cli/parallel.h"
#include "platform.h"

#include <stdlib.h>
#include <string.h>

static void patterns_match_as_a_shell_does(void **state)
{
    static const struct {
        const char *pattern, *text;
        bool matches;
    } cases[] = {
        {"*", "", true},
        {"*", "any thing", true},
        {"", "", true},
        {"", "x", false},
        {"a?c", "abc", true},
        {"a?c", "ac", false},
        {"*importer*", "Last importer out", true},
        {"*Importer*", "Last importer out", false},
        {"a*b*c", "a-b-b-c", true},
        {"a*b*c", "a-c-b", false},
        {"[a-c]x", "bx", true},
        {"[a-c]x", "dx", false},
        {"[!a-c]x", "dx", true},
        {"[]]", "]", true},
        {"[a-]", "-", true},
        {"[", "[", true},
        {"\\*", "*", true},
        {"\\*", "x", false},
        {"t*/x", "tests/a/x", true},
        {"**", "x", true},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_int_equal(ks_glob_match(cases[i].pattern, cases[i].text), cases[i].matches);
    }
}

static void a_pattern_of_many_stars_takes_no_time(void **state)
{
    char text[2001];
    (void)state;
    memset(text, 'a', 2000);
    text[2000] = '\0';
    assert_false(ks_glob_match("*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*b", text));
}

struct tally {
    struct ks_mutex *mutex;
    unsigned seen[1000];
};

static void see(void *user, size_t index)
{
    struct tally *tally = user;
    ks_mutex_lock(tally->mutex);
    tally->seen[index]++;
    ks_mutex_unlock(tally->mutex);
}

static void every_item_is_done_once(void **state)
{
    static const unsigned jobs[] = {0, 1, 2, 7};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(jobs); i++) {
        struct tally tally = {.mutex = ks_mutex_create()};
        ks_parallel(jobs[i], COUNT_OF(tally.seen), see, &tally);
        for (size_t j = 0; j < COUNT_OF(tally.seen); j++) {
            assert_int_equal(tally.seen[j], 1);
        }
        ks_mutex_destroy(tally.mutex);
    }
}

static void few_items_get_few_threads(void **state)
{
    (void)state;
    assert_int_equal(ks_parallel_threads(0, 0), 1);
    assert_int_equal(ks_parallel_threads(0, 5), 1);
    assert_int_equal(ks_parallel_threads(8, 3), 3);
    assert_int_equal(ks_parallel_threads(8, 100), 8);
    assert_int_equal(ks_parallel_threads(1000, 100000), 64);
    assert_true(ks_parallel_threads(0, 100000) <= ks_platform_cpu_count());
}

// ---- where built images go ----

#define DRIVERS "\\SystemRoot\\System32\\drivers\\"

static void assert_plan(const struct ks_image *images, size_t count, size_t index,
                        const char *expected)
{
    struct ks_scenario scenario = {.images = images, .image_count = count};
    char *path = ks_build_plan_path(&scenario, &images[index]);
    assert_string_equal(path, expected);
    free(path);
}

static void an_image_alone_under_its_name_lies_at_the_top(void **state)
{
    static const struct ks_image images[] = {
        {.path = DRIVERS "a.sys", .base_name = "a.sys"},
        {.path = "\\??\\C:\\x\\b.sys", .base_name = "b.sys"},
    };
    (void)state;
    assert_plan(images, 2, 0, "a.sys");
    assert_plan(images, 2, 1, "b.sys");
}

static void images_of_one_name_lie_in_folders_of_their_own(void **state)
{
    static const struct ks_image images[] = {
        {.path = DRIVERS "a.sys", .base_name = "a.sys"},
        {.path = "\\??\\C:\\x\\A.sys", .base_name = "A.sys"},
        {.path = "\\Device\\Disk\\a.sys", .base_name = "a.sys"},
    };
    (void)state;
    assert_plan(images, 3, 0, "a.sys");
    assert_plan(images, 3, 1, "C/x/A.sys");
    assert_plan(images, 3, 2, "Device/Disk/a.sys");
}

static void no_name_leads_out_of_the_folder(void **state)
{
    static const struct ks_image images[] = {
        {.path = "\\..\\..\\a.sys", .base_name = "a.sys"},
        {.path = "\\.\\/etc/a.sys", .base_name = "/etc/a.sys"},
        {.path = "\\\\\\x\\..", .base_name = ".."},
        {.path = "\\C:\\..\\A.SYS", .base_name = "A.SYS"},
    };
    (void)state;
    assert_plan(images, 4, 0, "__/__/a.sys");
    assert_plan(images, 4, 1, "_etc_a.sys");
    assert_plan(images, 4, 2, "__");
    assert_plan(images, 4, 3, "C/__/A.SYS");
}

static void parts_are_plain_on_every_system(void **state)
{
    static const struct {
        const char *text, *part;
    } cases[] = {
        {"port.sys", "port.sys"},
        {"", "_"},
        {".", "_"},
        {"..", "__"},
        {"a.", "a_"},
        {"a ", "a_"},
        {"con", "_con"},
        {"NUL.sys", "_NUL.sys"},
        {"com1.sys", "_com1.sys"},
        {"comx.sys", "comx.sys"},
        {"con1", "con1"},
        {"a/b\\c:d*e", "a_b_c_d_e"},
        {"\xC3\xA4.sys", "__.sys"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char part[32];
        ks_build_plan_part(cases[i].text, strlen(cases[i].text), part, sizeof(part));
        assert_string_equal(part, cases[i].part);
    }
    char small[6];
    ks_build_plan_part("abcdefgh", 8, small, sizeof(small));
    assert_string_equal(small, "abcd");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(patterns_match_as_a_shell_does),
        cmocka_unit_test(a_pattern_of_many_stars_takes_no_time),
        cmocka_unit_test(every_item_is_done_once),
        cmocka_unit_test(few_items_get_few_threads),
        cmocka_unit_test(an_image_alone_under_its_name_lies_at_the_top),
        cmocka_unit_test(images_of_one_name_lie_in_folders_of_their_own),
        cmocka_unit_test(no_name_leads_out_of_the_folder),
        cmocka_unit_test(parts_are_plain_on_every_system),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
