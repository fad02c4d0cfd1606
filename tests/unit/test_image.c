// SPDX-License-Identifier: MIT
#include "image.h"

#include "pe_sample.h"
#include "test.h"

#include <stdlib.h>
#include <string.h>

static const enum kldr_machine machines[] = {KLDR_MACHINE_X64, KLDR_MACHINE_X86,
                                             KLDR_MACHINE_ARM64};

static void machine_names_are_exact_and_found_both_ways(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(machines); i++)
        assert_int_equal(kldr_machine_find(kldr_machine_name(machines[i])), machines[i]);
    assert_null(kldr_machine_name(KLDR_MACHINE_UNKNOWN));
    assert_null(kldr_machine_name((enum kldr_machine)0x1c4));
    assert_int_equal(kldr_machine_find("X64"), KLDR_MACHINE_UNKNOWN);
    assert_int_equal(kldr_machine_find(""), KLDR_MACHINE_UNKNOWN);
}

static void sections_are_listed_in_order_and_end(void **state)
{
    struct pe_sample sample;
    struct kldr_section section;
    (void)state;
    pe_sample_init(&sample, KLDR_MACHINE_X64);
    memcpy(pe_sample_section(&sample, 1), "eightchr", 8);
    struct kldr_image *image = pe_sample_open(&sample, false);
    assert_true(kldr_image_section(image, 1, &section));
    assert_string_equal(section.name, "eightchr");
    assert_true(kldr_image_section(image, 2, &section));
    assert_string_equal(section.name, ".data");
    assert_int_equal(section.rva, SAMPLE_DATA);
    assert_int_equal(section.virtual_size, 0x400);
    assert_int_equal(section.raw_offset, 0xe00);
    assert_int_equal(section.raw_size, 0x200);
    assert_int_equal(section.characteristics, 0xc0000040);
    assert_false(kldr_image_section(image, SAMPLE_SECTIONS, &section));
    assert_string_equal(section.name, ".data");
    pe_sample_close(image);
    pe_sample_fini(&sample);
}

static void a_section_without_virtual_size_is_as_large_as_its_raw_data(void **state)
{
    struct pe_sample sample;
    struct kldr_section section;
    (void)state;
    pe_sample_init(&sample, KLDR_MACHINE_X64);
    pe_sample_put32(pe_sample_section(&sample, 0) + 8, 0);
    struct kldr_image *image = pe_sample_open(&sample, false);
    assert_true(kldr_image_section(image, 0, &section));
    assert_int_equal(section.virtual_size, 0x200);
    pe_sample_close(image);
    pe_sample_fini(&sample);
}

static void raw_data_beyond_the_rounded_virtual_size_is_not_copied(void **state)
{
    struct pe_sample sample;
    struct kldr_section section;
    (void)state;
    pe_sample_init(&sample, KLDR_MACHINE_X64);
    pe_sample_resize(&sample, 0x8000);
    pe_sample_put32(pe_sample_section(&sample, 0) + 16, 0x3000);
    struct kldr_image *image = pe_sample_open(&sample, false);
    assert_true(kldr_image_section(image, 0, &section));
    assert_int_equal(section.raw_size, 0x1000);
    pe_sample_close(image);
    pe_sample_fini(&sample);
}

static void *refuse(void *user, size_t size)
{
    *(size_t *)user = size;
    return NULL;
}

static void the_object_is_the_only_allocation_and_small(void **state)
{
    struct pe_sample sample;
    size_t asked = 0;
    const struct kldr_allocator allocator = {&asked, refuse, NULL, NULL};
    struct kldr_image *image = NULL;
    struct kldr_error error = {0};
    (void)state;
    pe_sample_init(&sample, KLDR_MACHINE_X64);
    assert_int_equal(kldr_image_create(&allocator, sample.bytes, sample.size, NULL, &image, &error),
                     KLDR_ERROR_OUT_OF_MEMORY);
    assert_int_equal(error.origin, KLDR_ORIGIN_HOST);
    assert_true(asked < 400);
    assert_null(image);
    kldr_image_destroy(NULL);
    pe_sample_fini(&sample);
}

static void bytes_are_found_through_the_section_table(void **state)
{
    struct pe_sample sample;
    (void)state;
    pe_sample_init(&sample, KLDR_MACHINE_X64);
    struct kldr_image *image = pe_sample_open(&sample, false);
    assert_ptr_equal(kldr_image_at(image, 0, 2), sample.bytes);
    assert_ptr_equal(kldr_image_at(image, SAMPLE_HEADERS_SIZE - 1, 1),
                     sample.bytes + SAMPLE_HEADERS_SIZE - 1);
    assert_null(kldr_image_at(image, SAMPLE_HEADERS_SIZE - 1, 2));
    assert_null(kldr_image_at(image, SAMPLE_HEADERS_SIZE, 1));
    assert_ptr_equal(kldr_image_at(image, SAMPLE_RDATA, 0x800), sample.bytes + 0x600);
    assert_null(kldr_image_at(image, SAMPLE_RDATA, 0x801));
    assert_ptr_equal(kldr_image_at(image, SAMPLE_DATA + 0x1ff, 1), sample.bytes + 0xfff);
    assert_null(kldr_image_at(image, SAMPLE_ZERO_FILL, 1));
    assert_null(kldr_image_at(image, UINT32_MAX, 1));
    assert_null(kldr_image_at(image, SAMPLE_RDATA, SIZE_MAX));
    pe_sample_close(image);
    pe_sample_fini(&sample);
}

static void reading_gives_the_same_bytes_in_both_layouts(void **state)
{
    struct pe_sample sample;
    (void)state;
    pe_sample_init(&sample, KLDR_MACHINE_X64);
    memset(pe_sample_at(&sample, SAMPLE_ZERO_FILL - 4), 0x77, 4);
    struct kldr_image *file = pe_sample_open(&sample, false);
    struct kldr_image *mapped = pe_sample_open(&sample, true);
    for (uint32_t rva = 0; rva <= SAMPLE_IMAGE_SIZE - 8; rva++) {
        uint8_t bytes[8];
        assert_true(kl_image_read(file, rva, bytes, 8));
        assert_memory_equal(bytes, kldr_image_at(mapped, rva, 8), 8);
        assert_true(kl_image_read(mapped, rva, bytes, 8));
        assert_memory_equal(bytes, kldr_image_at(mapped, rva, 8), 8);
    }
    pe_sample_close(mapped);
    pe_sample_close(file);
    pe_sample_fini(&sample);
}

static void nothing_outside_the_image_is_read(void **state)
{
    struct pe_sample sample;
    uint8_t bytes[8] = {1};
    (void)state;
    pe_sample_init(&sample, KLDR_MACHINE_X64);
    for (int mapped = 0; mapped <= 1; mapped++) {
        struct kldr_image *image = pe_sample_open(&sample, mapped != 0);
        assert_false(kl_image_read(image, SAMPLE_IMAGE_SIZE - 7, bytes, 8));
        assert_false(kl_image_read(image, UINT32_MAX, bytes, 8));
        assert_false(kl_image_read(image, UINT64_MAX - 2, bytes, 8));
        assert_int_equal(bytes[0], 1);
        pe_sample_close(image);
    }
    pe_sample_fini(&sample);
}

static void a_string_must_end_where_it_is_stored(void **state)
{
    struct pe_sample sample;
    size_t length = 0;
    (void)state;
    pe_sample_init(&sample, KLDR_MACHINE_X64);
    memset(pe_sample_at(&sample, SAMPLE_RDATA + 0x7f8), 'x', 8);
    struct kldr_image *image = pe_sample_open(&sample, false);
    assert_string_equal(kldr_image_string(image, SAMPLE_EXPORT_STRINGS, &length), "sample.sys");
    assert_int_equal(length, 10);
    assert_null(kldr_image_string(image, SAMPLE_RDATA + 0x7f8, &length));
    assert_int_equal(length, 10);
    assert_null(kldr_image_string(image, SAMPLE_IMAGE_SIZE, NULL));
    pe_sample_close(image);
    image = pe_sample_open(&sample, true);
    assert_string_equal(kldr_image_string(image, SAMPLE_RDATA + 0x7f8, NULL), "xxxxxxxx");
    pe_sample_close(image);
    pe_sample_fini(&sample);
}

static void a_name_has_4096_bytes_at_most(void **state)
{
    struct pe_sample sample;
    size_t length = 0;
    (void)state;
    pe_sample_init(&sample, KLDR_MACHINE_X64);
    pe_sample_resize(&sample, 0x4000);
    uint8_t *row = pe_sample_section(&sample, 3);
    pe_sample_put32(row + 8, 0x2000);
    pe_sample_put32(row + 16, 0x2000);
    pe_sample_put32(row + 20, 0x2000);
    pe_sample_put32(sample.bytes + SAMPLE_OPTIONAL + 56, 0x6000);
    memset(sample.bytes + 0x2000, 'n', 4097);
    struct kldr_image *image = pe_sample_open(&sample, true);
    assert_null(kl_image_name(image, SAMPLE_RELOC, &length));
    assert_non_null(kl_image_name(image, SAMPLE_RELOC + 1, &length));
    assert_int_equal(length, 4096);
    assert_non_null(kldr_image_string(image, SAMPLE_RELOC, &length));
    assert_int_equal(length, 4097);
    pe_sample_close(image);
    pe_sample_fini(&sample);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(machine_names_are_exact_and_found_both_ways),
        cmocka_unit_test(sections_are_listed_in_order_and_end),
        cmocka_unit_test(a_section_without_virtual_size_is_as_large_as_its_raw_data),
        cmocka_unit_test(raw_data_beyond_the_rounded_virtual_size_is_not_copied),
        cmocka_unit_test(the_object_is_the_only_allocation_and_small),
        cmocka_unit_test(bytes_are_found_through_the_section_table),
        cmocka_unit_test(reading_gives_the_same_bytes_in_both_layouts),
        cmocka_unit_test(nothing_outside_the_image_is_read),
        cmocka_unit_test(a_string_must_end_where_it_is_stored),
        cmocka_unit_test(a_name_has_4096_bytes_at_most),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
