// SPDX-License-Identifier: MIT
#include "image.h"

#include "pe_sample.h"
#include "test.h"

#include <string.h>

static void the_list_finds_what_the_search_cannot(void **state)
{
    struct kldr_export found;
    pe_sample_swap_names(*state, 0, 4);
    struct kldr_image *image = pe_sample_open(*state, true);
    assert_true(kldr_image_export_listed(image, "Omega", &found));
    assert_string_equal(found.name, "Omega");
    assert_false(kldr_image_export_listed(image, "omega", &found));
    pe_sample_close(image);
}

static void the_nearest_export_sees_through_case_decoration_and_typing(void **state)
{
    static const struct {
        const char *wanted, *nearest;
    } rows[] = {
        {"alpha", "Alpha"}, {"_Alpha@8", "Alpha"}, {"?Alpha@@YAHXZ", "Alpha"}, {"@Beta@4", "Beta"},
        {"Alhpa", "Alpha"}, {"Gama", "Gamma"},     {"Omegas", "Omega"},        {"Unrelated", NULL},
        {"", NULL},         {"_", NULL},
    };
    struct kldr_image *image = pe_sample_open(*state, true);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const char *nearest = kldr_image_nearest_export(image, rows[i].wanted);
        if (rows[i].nearest == NULL)
            assert_null(nearest);
        else
            assert_string_equal(nearest, rows[i].nearest);
    }
    pe_sample_close(image);
}

static void a_decorated_export_is_near_to_the_plain_name(void **state)
{
    memcpy(pe_sample_at(*state, SAMPLE_EXPORT_STRINGS + 0x10), "_Alpha@8", 9);
    struct kldr_image *image = pe_sample_open(*state, true);
    assert_string_equal(kldr_image_nearest_export(image, "Alpha"), "_Alpha@8");
    pe_sample_close(image);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SAMPLE_TEST(the_list_finds_what_the_search_cannot),
        SAMPLE_TEST(the_nearest_export_sees_through_case_decoration_and_typing),
        SAMPLE_TEST(a_decorated_export_is_near_to_the_plain_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
