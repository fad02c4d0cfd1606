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

static void the_directory_is_summed_up(void **state)
{
    struct kldr_export_info info;
    for (int mapped = 0; mapped <= 1; mapped++) {
        struct kldr_image *image = pe_sample_open(*state, mapped != 0);
        assert_true(kldr_image_exports(image, &info));
        assert_false(kldr_image_exports_malformed(image));
        assert_string_equal(info.dll_name, "sample.sys");
        assert_int_equal(info.ordinal_base, SAMPLE_ORDINAL_BASE);
        assert_int_equal(info.function_count, SAMPLE_FUNCTION_COUNT);
        assert_int_equal(info.name_count, SAMPLE_NAME_COUNT);
        pe_sample_close(image);
    }
}

static void an_unreadable_dll_name_reads_as_empty(void **state)
{
    static const uint32_t places[] = {0, SAMPLE_IMAGE_SIZE, UINT32_MAX};
    struct kldr_export_info info;
    for (size_t i = 0; i < COUNT_OF(places); i++) {
        pe_sample_put32(pe_sample_at(*state, SAMPLE_EXPORTS + 12), places[i]);
        struct kldr_image *image = pe_sample_open(*state, true);
        assert_true(kldr_image_exports(image, &info));
        assert_string_equal(info.dll_name, "");
        assert_int_equal(info.name_count, SAMPLE_NAME_COUNT);
        pe_sample_close(image);
    }
}

static void every_slot_is_listed_with_its_first_name(void **state)
{
    static const struct {
        const char *name;
        uint32_t rva;
        const char *forwarder;
    } rows[SAMPLE_FUNCTION_COUNT] = {
        {"Alpha", SAMPLE_TEXT, NULL},
        {"Beta", SAMPLE_TEXT + 0x10, NULL},
        {"Hole", 0, NULL},
        {"Gamma", SAMPLE_FORWARDER, "other.Target"},
        {NULL, SAMPLE_TEXT + 0x20, NULL},
        {"Omega", SAMPLE_TEXT + 0x30, NULL},
    };
    struct kldr_image *image = pe_sample_open(*state, false);
    struct kldr_export slot;
    for (uint32_t i = 0; i < SAMPLE_FUNCTION_COUNT; i++) {
        assert_true(kldr_image_export_at(image, i, &slot));
        assert_int_equal(slot.index, i);
        assert_int_equal(slot.ordinal, SAMPLE_ORDINAL_BASE + i);
        assert_int_equal(slot.rva, rows[i].rva);
        if (rows[i].name == NULL)
            assert_null(slot.name);
        else
            assert_string_equal(slot.name, rows[i].name);
        if (rows[i].forwarder == NULL)
            assert_null(slot.forwarder);
        else
            assert_string_equal(slot.forwarder, rows[i].forwarder);
    }
    assert_false(kldr_image_export_at(image, SAMPLE_FUNCTION_COUNT, &slot));
    pe_sample_close(image);
}

static void every_name_is_listed_in_table_order(void **state)
{
    static const char *const names[SAMPLE_NAME_COUNT] = {"Alpha", "Beta", "Gamma", "Hole", "Omega"};
    struct kldr_export entry;
    pe_sample_put16(pe_sample_at(*state, SAMPLE_ORDINALS + 2 * 3), SAMPLE_FUNCTION_COUNT);
    pe_sample_put32(pe_sample_at(*state, SAMPLE_NAMES + 4 * 1), SAMPLE_IMAGE_SIZE);
    struct kldr_image *image = pe_sample_open(*state, true);
    for (uint32_t i = 0; i < SAMPLE_NAME_COUNT; i++) {
        bool readable = i != 1 && i != 3; // no text, no slot
        assert_int_equal(kldr_image_export_name_at(image, i, &entry), readable);
        if (readable)
            assert_string_equal(entry.name, names[i]);
        else
            assert_null(entry.name);
    }
    assert_false(kldr_image_export_name_at(image, SAMPLE_NAME_COUNT, &entry));
    pe_sample_close(image);
}

static void assert_exports_nothing(struct kldr_image *image)
{
    struct kldr_export found;
    enum kldr_lookup_via via;
    assert_int_equal(find(image, "Alpha", 0, &found, &via),
                     KLDR_STATUS_DRIVER_ENTRYPOINT_NOT_FOUND);
    assert_false(kldr_image_export_at(image, 0, &found));
    assert_false(kldr_image_export_name_at(image, 0, &found));
    assert_false(kldr_image_export_listed(image, "Alpha", &found));
    assert_null(kldr_image_nearest_export(image, "Alpha"));
}

static void without_export_directory_nothing_is_found(void **state)
{
    struct kldr_export_info info;
    struct kldr_export found;
    uint32_t index = 88;
    pe_sample_put32(pe_sample_directory(*state, KLDR_DIRECTORY_EXPORT), 0);
    struct kldr_image *image = pe_sample_open(*state, true);
    assert_false(kldr_image_exports(image, &info));
    assert_false(kldr_image_exports_malformed(image));
    assert_exports_nothing(image);
    assert_int_equal(kldr_image_find_ordinal(image, 5, &found, &index),
                     KLDR_STATUS_DRIVER_ENTRYPOINT_NOT_FOUND);
    assert_int_equal(index, 88);
    pe_sample_close(image);
}

static void a_directory_that_does_not_fit_reads_as_empty_and_malformed(void **state)
{
    static const struct {
        uint32_t field; // of the export directory; 0: the directory's own place
        uint32_t value;
    } rows[] = {
        {0, SAMPLE_IMAGE_SIZE - 39},
        {0, UINT32_MAX},
        {20, 65537},
        {20, UINT32_MAX},
        {24, 65537},
        {24, UINT32_MAX},
        {28, SAMPLE_IMAGE_SIZE - 20},
        {28, UINT32_MAX - 3},
        {32, SAMPLE_IMAGE_SIZE - 16},
        {32, UINT32_MAX},
        {36, SAMPLE_IMAGE_SIZE - 8},
        {36, UINT32_MAX},
    };
    struct kldr_export_info info;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct pe_sample damaged;
        pe_sample_init(&damaged, KLDR_MACHINE_X64);
        uint8_t *place = rows[i].field == 0
                             ? pe_sample_directory(&damaged, KLDR_DIRECTORY_EXPORT)
                             : pe_sample_at(&damaged, SAMPLE_EXPORTS + rows[i].field);
        pe_sample_put32(place, rows[i].value);
        struct kldr_image *image = pe_sample_open(&damaged, true);
        assert_true(kldr_image_exports(image, &info));
        assert_true(kldr_image_exports_malformed(image));
        assert_int_equal(info.function_count, 0);
        assert_int_equal(info.name_count, 0);
        assert_exports_nothing(image);
        pe_sample_close(image);
        pe_sample_fini(&damaged);
    }
    (void)state;
}

static void empty_tables_may_lie_anywhere(void **state)
{
    struct kldr_export_info info;
    pe_sample_put32(pe_sample_at(*state, SAMPLE_EXPORTS + 24), 0);
    pe_sample_put32(pe_sample_at(*state, SAMPLE_EXPORTS + 32), 0);
    pe_sample_put32(pe_sample_at(*state, SAMPLE_EXPORTS + 36), UINT32_MAX);
    struct kldr_image *image = pe_sample_open(*state, true);
    assert_true(kldr_image_exports(image, &info));
    assert_false(kldr_image_exports_malformed(image));
    assert_int_equal(info.function_count, SAMPLE_FUNCTION_COUNT);
    assert_int_equal(info.name_count, 0);
    pe_sample_close(image);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SAMPLE_TEST(the_directory_is_summed_up),
        SAMPLE_TEST(an_unreadable_dll_name_reads_as_empty),
        SAMPLE_TEST(every_slot_is_listed_with_its_first_name),
        SAMPLE_TEST(every_name_is_listed_in_table_order),
        SAMPLE_TEST(without_export_directory_nothing_is_found),
        SAMPLE_TEST(a_directory_that_does_not_fit_reads_as_empty_and_malformed),
        SAMPLE_TEST(empty_tables_may_lie_anywhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
