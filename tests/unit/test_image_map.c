// SPDX-License-Identifier: MIT
#include "image.h"

#include "pe_sample.h"
#include "test.h"

#include <stdlib.h>
#include <string.h>

static bool all_zero(const uint8_t *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        if (bytes[i] != 0)
            return false;
    }
    return true;
}

static void headers_and_sections_are_copied_and_the_rest_is_zero(void **state)
{
    struct pe_sample sample;
    (void)state;
    pe_sample_init(&sample, KLDR_MACHINE_X64);
    struct kldr_image *image = pe_sample_open(&sample, true); // fills the memory with 0xee before
    const uint8_t *memory = kldr_image_at(image, 0, SAMPLE_IMAGE_SIZE);
    assert_non_null(memory);
    assert_memory_equal(memory, sample.bytes, SAMPLE_HEADERS_SIZE);
    assert_true(all_zero(memory + SAMPLE_HEADERS_SIZE, SAMPLE_TEXT - SAMPLE_HEADERS_SIZE));
    assert_memory_equal(memory + SAMPLE_TEXT, sample.bytes + 0x400, 0x200);
    assert_true(all_zero(memory + SAMPLE_TEXT + 0x200, 0xe00));
    assert_memory_equal(memory + SAMPLE_RDATA, sample.bytes + 0x600, 0x800);
    assert_memory_equal(memory + SAMPLE_DATA, sample.bytes + 0xe00, 0x200);
    assert_true(all_zero(memory + SAMPLE_ZERO_FILL, 0xe00));
    assert_memory_equal(memory + SAMPLE_RELOC, sample.bytes + 0x1000, 0x200);
    assert_true(all_zero(memory + SAMPLE_RELOC + 0x200, 0xe00));
    pe_sample_close(image);
    pe_sample_fini(&sample);
}

static void after_mapping_the_file_is_not_needed(void **state)
{
    struct pe_sample sample;
    struct kldr_export found;
    enum kldr_lookup_via via;
    struct kldr_import_descriptor descriptor;
    struct kldr_section section;
    (void)state;
    pe_sample_init(&sample, KLDR_MACHINE_X64);
    struct kldr_image *image = pe_sample_open(&sample, true);
    memset(sample.bytes, 0, sample.size);
    pe_sample_fini(&sample);
    assert_int_equal(kldr_image_find_export(image, "Omega", 5, 0, &found, &via),
                     KLDR_STATUS_SUCCESS);
    assert_int_equal(kldr_image_import(image, 1, &descriptor, NULL), KLDR_STATUS_SUCCESS);
    assert_string_equal(descriptor.module, "port.sys");
    assert_true(kldr_image_section(image, 3, &section));
    assert_string_equal(section.name, ".reloc");
    assert_int_equal(kldr_image_relocate(image, 0x150000000, NULL), KLDR_STATUS_SUCCESS);
    pe_sample_close(image);
}

static void low_alignment_is_mapped_section_by_section(void **state)
{
    struct pe_sample sample;
    (void)state;
    pe_sample_init(&sample, KLDR_MACHINE_X64);
    pe_sample_put32(sample.bytes + SAMPLE_OPTIONAL + 32, 0x200);
    // .text ends at 0x1180; .rdata right behind it.
    pe_sample_put32(pe_sample_section(&sample, 1) + 12, 0x1200);
    for (unsigned i = 0; i < KLDR_DIRECTORY_COUNT; i++)
        pe_sample_put32(pe_sample_directory(&sample, (enum kldr_directory)i), 0);
    struct kldr_image *image = pe_sample_open(&sample, true);
    assert_memory_equal(kldr_image_at(image, 0x1000, 0x200), sample.bytes + 0x400, 0x200);
    assert_memory_equal(kldr_image_at(image, 0x1200, 0x800), sample.bytes + 0x600, 0x800);
    pe_sample_close(image);
    pe_sample_fini(&sample);
}

static void headers_overwritten_by_the_driver_do_not_lead_outside(void **state)
{
    struct pe_sample sample;
    struct kldr_section section;
    uint32_t rows[][2] = {{0xfffff000, 0xffffffff}, {0, 0xffffffff}, {SAMPLE_IMAGE_SIZE + 1, 1}};
    (void)state;
    pe_sample_init(&sample, KLDR_MACHINE_X64);
    struct kldr_image *image = pe_sample_open(&sample, true);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        uint8_t *row = (uint8_t *)(uintptr_t)kldr_image_at(image, sample.section_table, 40);
        pe_sample_put32(row + 12, rows[i][0]);
        pe_sample_put32(row + 8, rows[i][1]);
        assert_true(kldr_image_section(image, 0, &section));
        assert_true(section.rva <= SAMPLE_IMAGE_SIZE);
        assert_true(section.virtual_size <= SAMPLE_IMAGE_SIZE - section.rva);
    }
    pe_sample_close(image);
    pe_sample_fini(&sample);
}

// Makes the file lie as it would be mapped, which a linker does when both alignments are equal.
static void lay_out_as_mapped(struct pe_sample *sample)
{
    struct kldr_image *image = pe_sample_open(sample, true);
    pe_sample_resize(sample, SAMPLE_IMAGE_SIZE);
    memcpy(sample->bytes, kldr_image_at(image, 0, SAMPLE_IMAGE_SIZE), SAMPLE_IMAGE_SIZE);
    pe_sample_close(image);
    for (unsigned i = 0; i < SAMPLE_SECTIONS; i++) {
        pe_sample_put32(pe_sample_section(sample, i) + 16, 0x1000);
        pe_sample_put32(pe_sample_section(sample, i) + 20, 0x1000 * (i + 1));
    }
}

static void an_image_that_lies_as_mapped_is_adopted_without_a_copy(void **state)
{
    struct pe_sample sample;
    struct kldr_export found;
    enum kldr_lookup_via via;
    struct kldr_import_descriptor descriptor;
    struct kldr_import_thunk thunk;
    (void)state;
    pe_sample_init(&sample, KLDR_MACHINE_X64);
    lay_out_as_mapped(&sample);
    struct kldr_image *image = pe_sample_open(&sample, false);
    assert_int_equal(kldr_image_adopt_mapping(image, sample.bytes, sample.size),
                     KLDR_STATUS_SUCCESS);
    assert_ptr_equal(kldr_image_at(image, 0, SAMPLE_IMAGE_SIZE), sample.bytes);
    assert_int_equal(kldr_image_find_export(image, "Beta", 4, 9, &found, &via),
                     KLDR_STATUS_SUCCESS);
    assert_int_equal(found.rva, SAMPLE_TEXT + 0x10);

    // Its bytes are somebody else's: they are never written.
    assert_int_equal(kldr_image_relocate(image, sample.base + 0x10000, NULL),
                     KLDR_ERROR_BAD_ARGUMENT);
    assert_int_equal(kldr_image_relocate(image, sample.base, NULL), KLDR_STATUS_SUCCESS);
    assert_int_equal(kldr_image_import(image, 0, &descriptor, NULL), KLDR_STATUS_SUCCESS);
    assert_int_equal(kldr_image_thunk(image, &descriptor, 0, &thunk, NULL), KLDR_STATUS_SUCCESS);
    uint64_t before = kldr_image_read_cell(image, thunk.cell_rva);
    kldr_image_write_cell(image, thunk.cell_rva, before + 1);
    assert_true(kldr_image_read_cell(image, thunk.cell_rva) == before);
    kldr_image_destroy(image);
    pe_sample_fini(&sample);
}

static void what_does_not_lie_as_mapped_is_not_adopted(void **state)
{
    struct pe_sample sample;
    (void)state;
    pe_sample_init(&sample, KLDR_MACHINE_X64);
    struct kldr_image *image = pe_sample_open(&sample, false);
    assert_int_equal(kldr_image_adopt_mapping(image, sample.bytes, SAMPLE_IMAGE_SIZE),
                     KLDR_ERROR_BAD_ARGUMENT);
    assert_ptr_equal(kldr_image_at(image, SAMPLE_RDATA, 1), sample.bytes + 0x600);
    kldr_image_destroy(image);

    lay_out_as_mapped(&sample);
    image = pe_sample_open(&sample, false);
    assert_int_equal(kldr_image_adopt_mapping(image, sample.bytes, sample.size - 1),
                     KLDR_ERROR_BAD_ARGUMENT);
    assert_int_equal(kldr_image_adopt_mapping(image, sample.bytes, sample.size),
                     KLDR_STATUS_SUCCESS);
    assert_int_equal(kldr_image_adopt_mapping(image, sample.bytes, sample.size),
                     KLDR_ERROR_BAD_ARGUMENT);
    kldr_image_destroy(image);

    pe_sample_put32(pe_sample_section(&sample, 2) + 16, 0x200); // less raw data than .data needs
    image = pe_sample_open(&sample, false);
    assert_int_equal(kldr_image_adopt_mapping(image, sample.bytes, sample.size),
                     KLDR_ERROR_BAD_ARGUMENT);
    kldr_image_destroy(image);
    pe_sample_fini(&sample);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(headers_and_sections_are_copied_and_the_rest_is_zero),
        cmocka_unit_test(after_mapping_the_file_is_not_needed),
        cmocka_unit_test(low_alignment_is_mapped_section_by_section),
        cmocka_unit_test(headers_overwritten_by_the_driver_do_not_lead_outside),
        cmocka_unit_test(an_image_that_lies_as_mapped_is_adopted_without_a_copy),
        cmocka_unit_test(what_does_not_lie_as_mapped_is_not_adopted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
