// SPDX-License-Identifier: MIT
#include "nearest.h"

#include "test.h"

#include <string.h>

static size_t distance(const char *a, const char *b)
{
    return kl_nearest_distance(a, strlen(a), b, strlen(b), 100);
}

static void the_distance_counts_each_kind_of_edit_once(void **state)
{
    (void)state;
    assert_int_equal(distance("", ""), 0);
    assert_int_equal(distance("load", "load"), 0);
    assert_int_equal(distance("load", "LOAD"), 0);
    assert_int_equal(distance("load", "loads"), 1);
    assert_int_equal(distance("load", "lad"), 1);
    assert_int_equal(distance("load", "lead"), 1);
    assert_int_equal(distance("load", "laod"), 1);
    assert_int_equal(distance("", "abc"), 3);
    assert_int_equal(distance("kitten", "sitting"), 3);
    assert_int_equal(distance("ca", "abc"), 3);
}

static void the_distance_is_the_same_from_either_side(void **state)
{
    static const char *const words[] = {
        "", "a", "unload", "uload_image", "laod", "DllInitialize", "DllUnload"};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(words); i++) {
        for (size_t j = 0; j < COUNT_OF(words); j++)
            assert_int_equal(distance(words[i], words[j]), distance(words[j], words[i]));
    }
}

static void beyond_the_limit_it_is_the_limit_and_one(void **state)
{
    (void)state;
    assert_int_equal(kl_nearest_distance("kitten", 6, "sitting", 7, 3), 3);
    assert_int_equal(kl_nearest_distance("kitten", 6, "sitting", 7, 2), 3);
    assert_int_equal(kl_nearest_distance("abcdef", 6, "ghijkl", 6, 2), 3);
    assert_int_equal(kl_nearest_distance("a", 1, "abcdef", 6, 2), 3);
    // A swap is found although the row between lies beyond the limit.
    assert_int_equal(kl_nearest_distance("ab", 2, "ba", 2, 1), 1);
}

static void names_that_are_too_long_are_never_near(void **state)
{
    char longest[KL_NEAREST_MAX_LENGTH + 2];
    (void)state;
    memset(longest, 'x', sizeof longest);
    assert_int_equal(
        kl_nearest_distance(longest, KL_NEAREST_MAX_LENGTH, longest, KL_NEAREST_MAX_LENGTH, 5), 0);
    assert_int_equal(
        kl_nearest_distance(longest, sizeof longest - 1, longest, sizeof longest - 1, 5), 6);
}

static void sameness_ignores_case_and_what_is_behind_the_length(void **state)
{
    (void)state;
    assert_true(kl_nearest_same("DllUnload", "dllUNLOAD@4", 9));
    assert_false(kl_nearest_same("DllUnload", "DllUnloae", 9));
    assert_true(kl_nearest_same("DllUnload", "DllUnloae", 8));
    assert_false(kl_nearest_same("[", "{", 1));
    assert_true(kl_nearest_same("a", "b", 0));
}

static const char *word_at(void *user, size_t index)
{
    return ((const char *const *)user)[index];
}

static void the_nearest_candidate_wins_and_the_first_of_equals(void **state)
{
    static const char *words[] = {"load_image", NULL, "unload", "upload", "unload_image"};
    (void)state;
    assert_string_equal(kldr_nearest("unlod", COUNT_OF(words), word_at, words), "unload");
    assert_string_equal(kldr_nearest("ubload", COUNT_OF(words), word_at, words), "unload");
    assert_string_equal(kldr_nearest("UPLOAD", COUNT_OF(words), word_at, words), "upload");
    assert_string_equal(kldr_nearest("unload_imgae", COUNT_OF(words), word_at, words),
                        "unload_image");
}

static void nothing_near_is_nothing(void **state)
{
    static const char *words[] = {"unload", "ab"};
    (void)state;
    assert_null(kldr_nearest("driver", COUNT_OF(words), word_at, words));
    assert_null(kldr_nearest("xb", COUNT_OF(words), word_at, words));
    assert_null(kldr_nearest("unload", 0, word_at, words));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_distance_counts_each_kind_of_edit_once),
        cmocka_unit_test(the_distance_is_the_same_from_either_side),
        cmocka_unit_test(beyond_the_limit_it_is_the_limit_and_one),
        cmocka_unit_test(names_that_are_too_long_are_never_near),
        cmocka_unit_test(sameness_ignores_case_and_what_is_behind_the_length),
        cmocka_unit_test(the_nearest_candidate_wins_and_the_first_of_equals),
        cmocka_unit_test(nothing_near_is_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
