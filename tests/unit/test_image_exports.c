// SPDX-License-Identifier: MIT
#include "image.h"

#include "pe_sample.h"
#include "test.h"

#include <string.h>

static kldr_status find(const struct kldr_image *image, const char *name, uint32_t hint,
                        struct kldr_export *found, enum kldr_lookup_via *via)
{
    return kldr_image_find_export(image, name, strlen(name), hint, found, via);
}

// S2
static void a_hint_that_is_right_is_used(void **state)
{
    struct kldr_export found;
    enum kldr_lookup_via via;
    struct kldr_image *image = pe_sample_open(*state, true);
    assert_int_equal(find(image, "Beta", 1, &found, &via), KLDR_STATUS_SUCCESS);
    assert_int_equal(via, KLDR_VIA_HINT);
    assert_int_equal(found.rva, SAMPLE_TEXT + 0x10);
    assert_int_equal(found.ordinal, SAMPLE_ORDINAL_BASE + 1);
    assert_string_equal(found.name, "Beta");
    pe_sample_close(image);
}

// S2, S3, T24
static void a_hint_that_is_wrong_falls_back_to_the_search(void **state)
{
    static const char *const names[SAMPLE_NAME_COUNT] = {"Alpha", "Beta", "Gamma", "Hole", "Omega"};
    struct kldr_export found;
    enum kldr_lookup_via via;
    for (int mapped = 0; mapped <= 1; mapped++) {
        struct kldr_image *image = pe_sample_open(*state, mapped != 0);
        for (uint32_t i = 0; i < SAMPLE_NAME_COUNT; i++) {
            uint32_t wrong[] = {(i + 1) % SAMPLE_NAME_COUNT, SAMPLE_NAME_COUNT, 0xffff, UINT32_MAX};
            for (size_t j = 0; j < COUNT_OF(wrong); j++) {
                assert_int_equal(find(image, names[i], wrong[j], &found, &via),
                                 KLDR_STATUS_SUCCESS);
                assert_int_equal(via, KLDR_VIA_SEARCH);
                assert_string_equal(found.name, names[i]);
            }
        }
        pe_sample_close(image);
    }
}

// S3, T26
static void names_are_compared_byte_by_byte_and_completely(void **state)
{
    static const char *const absent[] = {"",     "alpha", "ALPHA", "Alph", "Alphaa",
                                         "Zeta", "A",     "Gamm",  "\xff", "!"};
    struct kldr_export found = {.index = 77};
    enum kldr_lookup_via via;
    struct kldr_image *image = pe_sample_open(*state, true);
    for (size_t i = 0; i < COUNT_OF(absent); i++) {
        for (uint32_t hint = 0; hint <= SAMPLE_NAME_COUNT; hint++)
            assert_int_equal(find(image, absent[i], hint, &found, &via),
                             KLDR_STATUS_DRIVER_ENTRYPOINT_NOT_FOUND);
    }
    assert_int_equal(found.index, 77);
    // The length counts, not a NUL.
    assert_int_equal(kldr_image_find_export(image, "BetaRest", 4, 9, &found, &via),
                     KLDR_STATUS_SUCCESS);
    pe_sample_close(image);
}

// S3, A13: Omega Beta Gamma Hole Alpha; the middle is Gamma, then Omega (before) or Hole (behind).
static void an_unsorted_table_hides_names_unless_the_hint_hits(void **state)
{
    struct kldr_export found;
    enum kldr_lookup_via via;
    pe_sample_swap_names(*state, 0, 4);
    struct kldr_image *image = pe_sample_open(*state, true);
    assert_int_equal(find(image, "Omega", 9, &found, &via),
                     KLDR_STATUS_DRIVER_ENTRYPOINT_NOT_FOUND);
    assert_int_equal(find(image, "Alpha", 9, &found, &via),
                     KLDR_STATUS_DRIVER_ENTRYPOINT_NOT_FOUND);
    assert_int_equal(find(image, "Omega", 0, &found, &via), KLDR_STATUS_SUCCESS);
    assert_int_equal(find(image, "Alpha", 4, &found, &via), KLDR_STATUS_SUCCESS);
    assert_int_equal(find(image, "Gamma", 9, &found, &via), KLDR_STATUS_SUCCESS);
    assert_int_equal(find(image, "Hole", 9, &found, &via), KLDR_STATUS_SUCCESS);
    pe_sample_close(image);
}

// A13: with an even count the lower middle is looked at first. Beta Alpha Gamma Hole: Alpha first.
static void the_middle_of_an_even_count_is_rounded_down(void **state)
{
    struct kldr_export found;
    enum kldr_lookup_via via;
    pe_sample_put32(pe_sample_at(*state, SAMPLE_EXPORTS + 24), 4);
    pe_sample_swap_names(*state, 0, 1);
    struct kldr_image *image = pe_sample_open(*state, true);
    assert_int_equal(find(image, "Alpha", 9, &found, &via), KLDR_STATUS_SUCCESS);
    assert_int_equal(find(image, "Beta", 9, &found, &via), KLDR_STATUS_DRIVER_ENTRYPOINT_NOT_FOUND);
    pe_sample_close(image);
}

// S4
static void an_index_outside_the_function_table_is_a_missing_ordinal(void **state)
{
    struct kldr_export found;
    enum kldr_lookup_via via;
    pe_sample_put16(pe_sample_at(*state, SAMPLE_ORDINALS + 2), SAMPLE_FUNCTION_COUNT);
    struct kldr_image *image = pe_sample_open(*state, true);
    assert_int_equal(find(image, "Beta", 1, &found, &via), KLDR_STATUS_DRIVER_ORDINAL_NOT_FOUND);
    assert_int_equal(find(image, "Beta", 9, &found, &via), KLDR_STATUS_DRIVER_ORDINAL_NOT_FOUND);
    pe_sample_close(image);
}

// S1, T22, T23
static void ordinals_are_counted_from_the_base_in_16_bits(void **state)
{
    static const struct {
        uint32_t ordinal;
        kldr_status status;
        uint32_t index;
    } rows[] = {
        {5, KLDR_STATUS_SUCCESS, 0},
        {9, KLDR_STATUS_SUCCESS, 4},
        {10, KLDR_STATUS_SUCCESS, 5},
        {11, KLDR_STATUS_DRIVER_ORDINAL_NOT_FOUND, 6},
        {4, KLDR_STATUS_DRIVER_ORDINAL_NOT_FOUND, 0xffff},
        {0, KLDR_STATUS_DRIVER_ORDINAL_NOT_FOUND, 0xfffb},
        {0xffff, KLDR_STATUS_DRIVER_ORDINAL_NOT_FOUND, 0xfffa},
        {0x10005, KLDR_STATUS_SUCCESS, 0},
    };
    struct kldr_image *image = pe_sample_open(*state, true);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct kldr_export found = {.index = 77};
        uint32_t index = 88;
        assert_int_equal(kldr_image_find_ordinal(image, rows[i].ordinal, &found, &index),
                         rows[i].status);
        assert_int_equal(index, rows[i].index);
        assert_int_equal(found.index, rows[i].status == KLDR_STATUS_SUCCESS ? rows[i].index : 77);
        assert_int_equal(kldr_image_find_ordinal(image, rows[i].ordinal, &found, NULL),
                         rows[i].status);
    }
    pe_sample_close(image);
}

// S5
static void a_hole_is_found_with_a_zero_rva(void **state)
{
    struct kldr_export found;
    enum kldr_lookup_via via;
    struct kldr_image *image = pe_sample_open(*state, true);
    assert_int_equal(find(image, "Hole", 3, &found, &via), KLDR_STATUS_SUCCESS);
    assert_int_equal(found.rva, 0);
    assert_null(found.forwarder);
    pe_sample_close(image);
}

// S6
static void only_an_address_strictly_inside_the_directory_is_a_forwarder(void **state)
{
    static const struct {
        uint32_t rva;
        bool forwarder;
    } rows[] = {
        {SAMPLE_EXPORTS - 1, false},
        {SAMPLE_EXPORTS, false},
        {SAMPLE_EXPORTS + 1, true},
        {SAMPLE_EXPORTS + SAMPLE_EXPORTS_SIZE - 1, true},
        {SAMPLE_EXPORTS + SAMPLE_EXPORTS_SIZE, false},
        {UINT32_MAX, false},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct kldr_export found;
        pe_sample_put32(pe_sample_at(*state, SAMPLE_FUNCTIONS), rows[i].rva);
        struct kldr_image *image = pe_sample_open(*state, true);
        assert_int_equal(kldr_image_find_ordinal(image, SAMPLE_ORDINAL_BASE, &found, NULL),
                         KLDR_STATUS_SUCCESS);
        assert_int_equal(found.forwarder != NULL, rows[i].forwarder);
        pe_sample_close(image);
    }
}

static void a_forwarder_that_cannot_be_read_forwards_to_nowhere(void **state)
{
    struct kldr_export found;
    // The directory claims to reach beyond the image, and the forwarder lies there.
    pe_sample_put32(pe_sample_directory(*state, KLDR_DIRECTORY_EXPORT) + 4, UINT32_MAX);
    pe_sample_put32(pe_sample_at(*state, SAMPLE_FUNCTIONS), SAMPLE_IMAGE_SIZE + 8);
    struct kldr_image *image = pe_sample_open(*state, true);
    assert_int_equal(kldr_image_find_ordinal(image, SAMPLE_ORDINAL_BASE, &found, NULL),
                     KLDR_STATUS_SUCCESS);
    assert_string_equal(found.forwarder, "");
    pe_sample_close(image);
}

static void names_outside_the_directorys_section_are_found_too(void **state)
{
    struct kldr_export found;
    enum kldr_lookup_via via;
    memcpy(pe_sample_at(*state, SAMPLE_DATA + 0x180), "Omega", 6);
    pe_sample_put32(pe_sample_at(*state, SAMPLE_NAMES + 4 * 4), SAMPLE_DATA + 0x180);
    for (int mapped = 0; mapped <= 1; mapped++) {
        struct kldr_image *image = pe_sample_open(*state, mapped != 0);
        assert_int_equal(find(image, "Omega", 0, &found, &via), KLDR_STATUS_SUCCESS);
        assert_string_equal(found.name, "Omega");
        pe_sample_close(image);
    }
}

static void unreadable_names_are_passed_over(void **state)
{
    struct kldr_export found;
    enum kldr_lookup_via via;
    pe_sample_put32(pe_sample_at(*state, SAMPLE_NAMES), UINT32_MAX);
    struct kldr_image *image = pe_sample_open(*state, true);
    assert_int_equal(find(image, "Alpha", 0, &found, &via),
                     KLDR_STATUS_DRIVER_ENTRYPOINT_NOT_FOUND);
    assert_int_equal(find(image, "Beta", 0, &found, &via), KLDR_STATUS_SUCCESS);
    pe_sample_close(image);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SAMPLE_TEST(a_hint_that_is_right_is_used),
        SAMPLE_TEST(a_hint_that_is_wrong_falls_back_to_the_search),
        SAMPLE_TEST(names_are_compared_byte_by_byte_and_completely),
        SAMPLE_TEST(an_unsorted_table_hides_names_unless_the_hint_hits),
        SAMPLE_TEST(the_middle_of_an_even_count_is_rounded_down),
        SAMPLE_TEST(an_index_outside_the_function_table_is_a_missing_ordinal),
        SAMPLE_TEST(ordinals_are_counted_from_the_base_in_16_bits),
        SAMPLE_TEST(a_hole_is_found_with_a_zero_rva),
        SAMPLE_TEST(only_an_address_strictly_inside_the_directory_is_a_forwarder),
        SAMPLE_TEST(a_forwarder_that_cannot_be_read_forwards_to_nowhere),
        SAMPLE_TEST(names_outside_the_directorys_section_are_found_too),
        SAMPLE_TEST(unreadable_names_are_passed_over),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
