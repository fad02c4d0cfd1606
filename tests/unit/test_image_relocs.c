// SPDX-License-Identifier: MIT
#include "image.h"

#include "pe_sample.h"
#include "test.h"

#include <stdlib.h>
#include <string.h>

static const enum kldr_machine machines[] = {KLDR_MACHINE_X64, KLDR_MACHINE_X86,
                                             KLDR_MACHINE_ARM64};

static void every_named_place_moves_and_no_other_byte_does(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(machines); i++) {
        struct pe_sample sample;
        pe_sample_init(&sample, machines[i]);
        struct kldr_image *image = pe_sample_open(&sample, true);
        uint8_t *before = malloc(SAMPLE_IMAGE_SIZE);
        memcpy(before, kldr_image_at(image, 0, SAMPLE_IMAGE_SIZE), SAMPLE_IMAGE_SIZE);
        uint64_t base = machines[i] == KLDR_MACHINE_X86 ? 0x80000000 : UINT64_C(0xfffff80012340000);
        uint32_t width = machines[i] == KLDR_MACHINE_X86 ? 4 : 8;
        uint32_t cookie = SAMPLE_LOAD_CONFIG + (machines[i] == KLDR_MACHINE_X86 ? 60 : 88);

        assert_int_equal(kldr_image_relocate(image, base, NULL), KLDR_STATUS_SUCCESS);
        assert_true(kldr_image_read_cell(image, SAMPLE_POINTER) == base + SAMPLE_TEXT);
        assert_true(kldr_image_read_cell(image, cookie) == base + SAMPLE_COOKIE);
        for (uint32_t rva = 0; rva < SAMPLE_IMAGE_SIZE; rva++) {
            if (rva - SAMPLE_POINTER >= width && rva - cookie >= width)
                assert_int_equal(*kldr_image_at(image, rva, 1), before[rva]);
        }
        free(before);
        pe_sample_close(image);
        pe_sample_fini(&sample);
    }
}

static void moving_back_restores_the_image(void **state)
{
    static const uint64_t bases[] = {0x10000, UINT64_C(0xfffffffffff00000), 0,
                                     UINT64_C(0x140000000)};
    struct pe_sample sample;
    (void)state;
    pe_sample_init(&sample, KLDR_MACHINE_X64);
    struct kldr_image *image = pe_sample_open(&sample, true);
    for (size_t i = 0; i < COUNT_OF(bases); i++) {
        assert_int_equal(kldr_image_relocate(image, bases[i], NULL), KLDR_STATUS_SUCCESS);
        assert_true(kldr_image_read_cell(image, SAMPLE_POINTER) == bases[i] + SAMPLE_TEXT);
    }
    assert_memory_equal(kldr_image_at(image, SAMPLE_DATA, 0x200), sample.bytes + 0xe00, 0x200);
    pe_sample_close(image);
    pe_sample_fini(&sample);
}

// L12
static void a_stripped_image_stays_at_its_base_only(void **state)
{
    struct pe_sample sample;
    struct kldr_error error = {0};
    (void)state;
    pe_sample_init(&sample, KLDR_MACHINE_X64);
    pe_sample_put16(sample.bytes + SAMPLE_FILE_HEADER + 18, 0x0023);
    struct kldr_image *image = pe_sample_open(&sample, true);
    assert_int_equal(kldr_image_relocate(image, sample.base, &error), KLDR_STATUS_SUCCESS);
    assert_int_equal(kldr_image_relocate(image, sample.base + 0x10000, &error),
                     KLDR_STATUS_CONFLICTING_ADDRESSES);
    assert_int_equal(error.status, KLDR_STATUS_CONFLICTING_ADDRESSES);
    assert_int_equal(error.stage, KLDR_STAGE_MAP);
    assert_int_equal(error.origin, KLDR_ORIGIN_KERNEL);
    pe_sample_close(image);
    pe_sample_fini(&sample);
}

static void no_directory_without_the_flag_has_nothing_to_fix(void **state)
{
    struct pe_sample sample;
    (void)state;
    for (unsigned field = 0; field <= 4; field += 4) { // address, then size
        pe_sample_init(&sample, KLDR_MACHINE_X64);
        pe_sample_put32(pe_sample_directory(&sample, KLDR_DIRECTORY_BASERELOC) + field, 0);
        struct kldr_image *image = pe_sample_open(&sample, true);
        assert_int_equal(kldr_image_relocate(image, 0x200000000, NULL), KLDR_STATUS_SUCCESS);
        assert_true(kldr_image_read_cell(image, SAMPLE_POINTER) == sample.base + SAMPLE_TEXT);
        pe_sample_close(image);
        pe_sample_fini(&sample);
    }
}

static void a_place_that_cannot_hold_the_image_is_the_callers_mistake(void **state)
{
    struct pe_sample sample;
    struct kldr_error error = {0};
    (void)state;
    pe_sample_init(&sample, KLDR_MACHINE_X86);
    struct kldr_image *image = pe_sample_open(&sample, true);
    assert_int_equal(kldr_image_relocate(image, UINT64_C(0x100000000), &error),
                     KLDR_ERROR_BAD_ARGUMENT);
    assert_int_equal(kldr_image_relocate(image, 0xffffc000, &error), KLDR_ERROR_BAD_ARGUMENT);
    assert_int_equal(error.origin, KLDR_ORIGIN_HOST);
    assert_int_equal(kldr_image_relocate(image, 0xffffb000, &error), KLDR_STATUS_SUCCESS);
    pe_sample_close(image);
    image = pe_sample_open(&sample, false); // not mapped
    assert_int_equal(kldr_image_relocate(image, 0x20000, &error), KLDR_ERROR_BAD_ARGUMENT);
    pe_sample_close(image);
    pe_sample_fini(&sample);
}

static void put_block(struct pe_sample *sample, uint32_t page, uint32_t size, uint16_t entry)
{
    uint8_t *block = pe_sample_at(sample, SAMPLE_RELOC);
    pe_sample_put32(block, page);
    pe_sample_put32(block + 4, size);
    pe_sample_put16(block + 8, entry);
}

static void malformed_relocations_are_refused_when_they_are_needed(void **state)
{
    static const struct {
        uint32_t page, size;
        uint16_t entry;
    } rows[] = {
        {SAMPLE_DATA, 7, 0xa000},  // shorter than its own header
        {SAMPLE_DATA, 0, 0xa000},  // a page, but no size
        {SAMPLE_DATA, 11, 0xa000}, // half an entry
        {SAMPLE_DATA, 26, 0xa000}, // longer than the directory
        {SAMPLE_DATA, UINT32_MAX - 1, 0xa000},
        {SAMPLE_DATA, 12, 0x1000}, // types that no kernel image has
        {SAMPLE_DATA, 12, 0x2000},
        {SAMPLE_DATA, 12, 0x4000},
        {SAMPLE_DATA, 12, 0x5000},
        {SAMPLE_DATA, 12, 0x9000},
        {SAMPLE_DATA, 12, 0xb000},
        {SAMPLE_DATA, 12, 0xf000},
        {SAMPLE_RELOC, 12, 0xaff9}, // the last 7 bytes of the image
        {SAMPLE_RELOC, 12, 0x3ffd},
        {SAMPLE_IMAGE_SIZE, 12, 0xa000},
        {UINT32_MAX, 12, 0xafff},
        {UINT32_MAX - 0xfff, 12, 0x3000},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct pe_sample sample;
        struct kldr_error error = {0};
        pe_sample_init(&sample, KLDR_MACHINE_X64);
        put_block(&sample, rows[i].page, rows[i].size, rows[i].entry);
        struct kldr_image *image = pe_sample_open(&sample, true);
        assert_int_equal(kldr_image_relocate(image, sample.base, &error), KLDR_STATUS_SUCCESS);
        assert_int_equal(kldr_image_relocate(image, sample.base + 0x10000, &error),
                         KLDR_STATUS_INVALID_IMAGE_FORMAT);
        assert_int_equal(error.status, KLDR_STATUS_INVALID_IMAGE_FORMAT);
        assert_int_equal(error.rva, SAMPLE_RELOC);
        pe_sample_close(image);
        pe_sample_fini(&sample);
    }
}

static void a_directory_outside_the_image_is_malformed(void **state)
{
    static const uint32_t rows[][2] = {
        {SAMPLE_IMAGE_SIZE - 8, 9}, {UINT32_MAX, 1}, {SAMPLE_RELOC, UINT32_MAX}};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct pe_sample sample;
        struct kldr_reloc_summary summary;
        pe_sample_init(&sample, KLDR_MACHINE_X64);
        pe_sample_put32(pe_sample_directory(&sample, KLDR_DIRECTORY_BASERELOC), rows[i][0]);
        pe_sample_put32(pe_sample_directory(&sample, KLDR_DIRECTORY_BASERELOC) + 4, rows[i][1]);
        struct kldr_image *image = pe_sample_open(&sample, true);
        assert_int_equal(kldr_image_relocate(image, 0x200000000, NULL),
                         KLDR_STATUS_INVALID_IMAGE_FORMAT);
        kldr_image_reloc_summary(image, &summary);
        assert_true(summary.malformed);
        pe_sample_close(image);
        pe_sample_fini(&sample);
    }
}

static void zeros_behind_the_blocks_are_padding_anything_else_is_not(void **state)
{
    static const struct {
        uint32_t directory_size;
        uint32_t at; // offset of a stray byte, 0: none
        kldr_status status;
    } rows[] = {
        {25, 0, KLDR_STATUS_SUCCESS},
        {31, 0, KLDR_STATUS_SUCCESS},
        {0x200, 0, KLDR_STATUS_SUCCESS},
        {25, 24, KLDR_STATUS_INVALID_IMAGE_FORMAT},
        {31, 30, KLDR_STATUS_INVALID_IMAGE_FORMAT},
        {0x200, 28, KLDR_STATUS_INVALID_IMAGE_FORMAT},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct pe_sample sample;
        pe_sample_init(&sample, KLDR_MACHINE_X64);
        pe_sample_put32(pe_sample_directory(&sample, KLDR_DIRECTORY_BASERELOC) + 4,
                        rows[i].directory_size);
        if (rows[i].at != 0)
            *pe_sample_at(&sample, SAMPLE_RELOC + rows[i].at) = 1;
        struct kldr_image *image = pe_sample_open(&sample, true);
        assert_int_equal(kldr_image_relocate(image, 0x200000000, NULL), rows[i].status);
        pe_sample_close(image);
        pe_sample_fini(&sample);
    }
}

static void the_summary_counts_every_entry_by_type(void **state)
{
    struct kldr_reloc_summary summary;
    (void)state;
    for (size_t i = 0; i < COUNT_OF(machines); i++) {
        struct pe_sample sample;
        pe_sample_init(&sample, machines[i]);
        struct kldr_image *image = pe_sample_open(&sample, false);
        kldr_image_reloc_summary(image, &summary);
        assert_true(summary.present);
        assert_false(summary.stripped);
        assert_false(summary.malformed);
        assert_int_equal(summary.blocks, 2);
        assert_int_equal(summary.absolute, 2);
        assert_int_equal(summary.highlow, machines[i] == KLDR_MACHINE_X86 ? 2 : 0);
        assert_int_equal(summary.dir64, machines[i] == KLDR_MACHINE_X86 ? 0 : 2);
        assert_int_equal(summary.other, 0);
        pe_sample_close(image);
        pe_sample_fini(&sample);
    }
}

static void the_summary_tells_absent_stripped_and_malformed_apart(void **state)
{
    struct kldr_reloc_summary summary;
    struct pe_sample sample;
    (void)state;
    pe_sample_init(&sample, KLDR_MACHINE_X64);
    put_block(&sample, SAMPLE_DATA, 12, 0x5000);
    struct kldr_image *image = pe_sample_open(&sample, false);
    kldr_image_reloc_summary(image, &summary);
    assert_true(summary.malformed);
    assert_int_equal(summary.other, 1);
    pe_sample_close(image);

    put_block(&sample, SAMPLE_DATA, 1, 0);
    image = pe_sample_open(&sample, false);
    kldr_image_reloc_summary(image, &summary);
    assert_true(summary.malformed);
    assert_int_equal(summary.blocks, 0);
    pe_sample_close(image);

    pe_sample_put32(pe_sample_directory(&sample, KLDR_DIRECTORY_BASERELOC), 0);
    pe_sample_put16(sample.bytes + SAMPLE_FILE_HEADER + 18, 0x0023);
    image = pe_sample_open(&sample, false);
    kldr_image_reloc_summary(image, &summary);
    assert_false(summary.present);
    assert_true(summary.stripped);
    assert_false(summary.malformed);
    pe_sample_close(image);
    pe_sample_fini(&sample);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_named_place_moves_and_no_other_byte_does),
        cmocka_unit_test(moving_back_restores_the_image),
        cmocka_unit_test(a_stripped_image_stays_at_its_base_only),
        cmocka_unit_test(no_directory_without_the_flag_has_nothing_to_fix),
        cmocka_unit_test(a_place_that_cannot_hold_the_image_is_the_callers_mistake),
        cmocka_unit_test(malformed_relocations_are_refused_when_they_are_needed),
        cmocka_unit_test(a_directory_outside_the_image_is_malformed),
        cmocka_unit_test(zeros_behind_the_blocks_are_padding_anything_else_is_not),
        cmocka_unit_test(the_summary_counts_every_entry_by_type),
        cmocka_unit_test(the_summary_tells_absent_stripped_and_malformed_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
