// SPDX-License-Identifier: MIT
#include "image.h"

#include "pe_sample.h"
#include "test.h"

#include <stdlib.h>
#include <string.h>

static const enum kldr_machine machines[] = {KLDR_MACHINE_X64, KLDR_MACHINE_X86,
                                             KLDR_MACHINE_ARM64};

static void assert_thunk(const struct kldr_image *image,
                         const struct kldr_import_descriptor *descriptor, uint32_t index,
                         const char *name, uint32_t hint_or_ordinal)
{
    struct kldr_import_thunk thunk;
    uint32_t width = kldr_image_info(image)->pe32_plus ? 8 : 4;
    assert_int_equal(kldr_image_thunk(image, descriptor, index, &thunk, NULL), KLDR_STATUS_SUCCESS);
    assert_int_equal(thunk.index, index);
    assert_int_equal(thunk.cell_rva, descriptor->address_table + width * index);
    if (name == NULL) {
        assert_null(thunk.name);
        assert_int_equal(thunk.ordinal, hint_or_ordinal);
    } else {
        assert_string_equal(thunk.name, name);
        assert_int_equal(thunk.name_length, strlen(name));
        assert_int_equal(thunk.hint, hint_or_ordinal);
    }
}

static void assert_sample_imports(const struct kldr_image *image)
{
    struct kldr_import_descriptor descriptor;
    struct kldr_import_thunk thunk;
    struct kldr_error error = {0};

    assert_int_equal(kldr_image_import(image, 0, &descriptor, &error), KLDR_STATUS_SUCCESS);
    assert_int_equal(descriptor.index, 0);
    assert_string_equal(descriptor.module, "ntoskrnl.exe");
    assert_int_equal(descriptor.module_length, 12);
    assert_int_equal(descriptor.lookup_table, SAMPLE_LOOKUP_KERNEL);
    assert_int_equal(descriptor.address_table, SAMPLE_CELLS_KERNEL);
    assert_thunk(image, &descriptor, 0, "DbgPrint", 0x123);
    assert_thunk(image, &descriptor, 1, "ExAllocatePool", 0);
    assert_thunk(image, &descriptor, 2, NULL, 77);
    assert_int_equal(kldr_image_thunk(image, &descriptor, 3, &thunk, &error), KLDR_ERROR_END);
    assert_int_equal(kldr_image_import(image, 1, &descriptor, &error), KLDR_STATUS_SUCCESS);
    assert_string_equal(descriptor.module, "port.sys");
    assert_thunk(image, &descriptor, 0, "PortRegister", 0);
    assert_int_equal(kldr_image_thunk(image, &descriptor, 1, &thunk, &error), KLDR_ERROR_END);
    assert_int_equal(kldr_image_import(image, 2, &descriptor, &error), KLDR_ERROR_END);
    assert_int_equal(error.status, KLDR_STATUS_SUCCESS);
}

static void descriptors_and_thunks_are_read_alike_in_both_layouts(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(machines); i++) {
        struct pe_sample sample;
        pe_sample_init(&sample, machines[i]);
        for (int mapped = 0; mapped <= 1; mapped++) {
            struct kldr_image *image = pe_sample_open(&sample, mapped != 0);
            assert_sample_imports(image);
            pe_sample_close(image);
        }
        pe_sample_fini(&sample);
    }
}

// R1
static void no_import_directory_means_no_imports(void **state)
{
    struct kldr_import_descriptor descriptor;
    pe_sample_put32(pe_sample_directory(*state, KLDR_DIRECTORY_IMPORT), 0);
    struct kldr_image *image = pe_sample_open(*state, true);
    assert_int_equal(kldr_image_import(image, 0, &descriptor, NULL), KLDR_ERROR_END);
    pe_sample_close(image);
}

// R2: the descriptor is shown, the caller ends the walk there.
static void a_descriptor_without_lookup_table_is_shown_and_has_no_thunks(void **state)
{
    struct kldr_import_descriptor descriptor;
    struct kldr_import_thunk thunk;
    pe_sample_put32(pe_sample_at(*state, SAMPLE_IMPORTS), 0);
    struct kldr_image *image = pe_sample_open(*state, true);
    assert_int_equal(kldr_image_import(image, 0, &descriptor, NULL), KLDR_STATUS_SUCCESS);
    assert_int_equal(descriptor.lookup_table, 0);
    assert_int_equal(kldr_image_thunk(image, &descriptor, 0, &thunk, NULL), KLDR_ERROR_END);
    assert_int_equal(kldr_image_import(image, 1, &descriptor, NULL), KLDR_STATUS_SUCCESS);
    pe_sample_close(image);
}

static void a_descriptor_without_name_ends_the_table_whatever_else_it_says(void **state)
{
    struct kldr_import_descriptor descriptor;
    pe_sample_put32(pe_sample_at(*state, SAMPLE_IMPORTS + 20 + 12), 0);
    struct kldr_image *image = pe_sample_open(*state, true);
    assert_int_equal(kldr_image_import(image, 1, &descriptor, NULL), KLDR_ERROR_END);
    pe_sample_close(image);
}

// R3
static void a_bound_descriptor_keeps_its_stamp_and_its_thunks(void **state)
{
    struct kldr_import_descriptor descriptor;
    pe_sample_put32(pe_sample_at(*state, SAMPLE_IMPORTS + 4), 0xffffffff);
    struct kldr_image *image = pe_sample_open(*state, true);
    assert_int_equal(kldr_image_import(image, 0, &descriptor, NULL), KLDR_STATUS_SUCCESS);
    assert_int_equal(descriptor.timestamp, 0xffffffff);
    assert_thunk(image, &descriptor, 0, "DbgPrint", 0x123);
    pe_sample_close(image);
}

static void the_terminators_may_lie_in_zero_fill_that_the_file_does_not_hold(void **state)
{
    struct kldr_import_descriptor descriptor;
    struct kldr_import_thunk thunk;
    uint32_t table = SAMPLE_ZERO_FILL - 28;
    memcpy(pe_sample_at(*state, table), pe_sample_at(*state, SAMPLE_IMPORTS), 20);
    pe_sample_put32(pe_sample_at(*state, table), SAMPLE_ZERO_FILL - 8);
    pe_sample_put32(pe_sample_at(*state, SAMPLE_ZERO_FILL - 8), SAMPLE_HINT_SECOND);
    pe_sample_put32(pe_sample_directory(*state, KLDR_DIRECTORY_IMPORT), table);
    // The second descriptor begins with the thunk's 8 bytes; its name field is zero fill.
    for (int mapped = 0; mapped <= 1; mapped++) {
        struct kldr_image *image = pe_sample_open(*state, mapped != 0);
        assert_int_equal(kldr_image_import(image, 0, &descriptor, NULL), KLDR_STATUS_SUCCESS);
        assert_thunk(image, &descriptor, 0, "ExAllocatePool", 0);
        assert_int_equal(kldr_image_thunk(image, &descriptor, 1, &thunk, NULL), KLDR_ERROR_END);
        assert_int_equal(kldr_image_import(image, 1, &descriptor, NULL), KLDR_ERROR_END);
        pe_sample_close(image);
    }
}

static void a_table_or_name_outside_the_image_is_malformed_and_located(void **state)
{
    static const struct {
        uint32_t table, name;
    } rows[] = {
        {SAMPLE_IMAGE_SIZE - 19, 0}, {UINT32_MAX - 3, 0}, {SAMPLE_IMAGE_SIZE, 0},
        {0, SAMPLE_IMAGE_SIZE},      {0, UINT32_MAX},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct pe_sample sample;
        struct kldr_import_descriptor descriptor = {.index = 77};
        struct kldr_error error = {0};
        pe_sample_init(&sample, KLDR_MACHINE_X64);
        if (rows[i].table != 0)
            pe_sample_put32(pe_sample_directory(&sample, KLDR_DIRECTORY_IMPORT), rows[i].table);
        else
            pe_sample_put32(pe_sample_at(&sample, SAMPLE_IMPORTS + 12), rows[i].name);
        struct kldr_image *image = pe_sample_open(&sample, true);
        assert_int_equal(kldr_image_import(image, 0, &descriptor, &error),
                         KLDR_STATUS_INVALID_IMAGE_FORMAT);
        assert_int_equal(error.status, KLDR_STATUS_INVALID_IMAGE_FORMAT);
        assert_int_equal(error.stage, KLDR_STAGE_RESOLVE);
        assert_int_equal(error.rva, rows[i].table != 0 ? rows[i].table : rows[i].name);
        assert_int_equal(descriptor.index, 77);
        pe_sample_close(image);
        pe_sample_fini(&sample);
    }
}

static void assert_first_thunk_fails(struct pe_sample *sample)
{
    struct kldr_import_descriptor descriptor;
    struct kldr_import_thunk thunk = {.index = 77};
    struct kldr_error error = {0};
    struct kldr_image *image = pe_sample_open(sample, true);
    assert_int_equal(kldr_image_import(image, 0, &descriptor, &error), KLDR_STATUS_SUCCESS);
    assert_int_equal(kldr_image_thunk(image, &descriptor, 0, &thunk, &error),
                     KLDR_STATUS_INVALID_IMAGE_FORMAT);
    assert_int_equal(error.status, KLDR_STATUS_INVALID_IMAGE_FORMAT);
    assert_string_not_equal(error.detail, "");
    assert_int_equal(thunk.index, 77);
    pe_sample_close(image);
}

static void a_thunk_whose_table_cell_or_name_is_outside_is_malformed(void **state)
{
    static const struct {
        uint32_t place;
        uint64_t value;
        unsigned width;
    } rows[] = {
        {SAMPLE_IMPORTS, SAMPLE_IMAGE_SIZE - 7, 4}, // lookup table
        {SAMPLE_IMPORTS, UINT32_MAX, 4},
        {SAMPLE_IMPORTS + 16, 0, 4},                       // address table: none
        {SAMPLE_IMPORTS + 16, SAMPLE_HEADERS_SIZE - 1, 4}, // in the headers
        {SAMPLE_IMPORTS + 16, SAMPLE_IMAGE_SIZE - 7, 4},
        {SAMPLE_IMPORTS + 16, UINT32_MAX - 7, 4},
        {SAMPLE_LOOKUP_KERNEL, SAMPLE_IMAGE_SIZE - 1, 8}, // hint and name
        {SAMPLE_LOOKUP_KERNEL, SAMPLE_IMAGE_SIZE - 2, 8}, // a hint and no name
        {SAMPLE_LOOKUP_KERNEL, UINT32_MAX, 8},
        {SAMPLE_LOOKUP_KERNEL, UINT64_C(0x100000000), 8}, // bits that must be zero
        {SAMPLE_LOOKUP_KERNEL, UINT64_C(0x7fffffffffffffff), 8},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct pe_sample sample;
        pe_sample_init(&sample, KLDR_MACHINE_X64);
        if (rows[i].width == 4)
            pe_sample_put32(pe_sample_at(&sample, rows[i].place), (uint32_t)rows[i].value);
        else
            pe_sample_put64(pe_sample_at(&sample, rows[i].place), rows[i].value);
        assert_first_thunk_fails(&sample);
        pe_sample_fini(&sample);
    }
}

static void an_ordinal_thunk_has_16_bits(void **state)
{
    struct kldr_import_descriptor descriptor;
    pe_sample_put64(pe_sample_at(*state, SAMPLE_LOOKUP_KERNEL), UINT64_C(0x8000000000012345));
    struct kldr_image *image = pe_sample_open(*state, true);
    assert_int_equal(kldr_image_import(image, 0, &descriptor, NULL), KLDR_STATUS_SUCCESS);
    assert_thunk(image, &descriptor, 0, NULL, 0x2345);
    pe_sample_close(image);
}

static void no_walk_is_longer_than_the_limits(void **state)
{
    struct kldr_import_descriptor descriptor;
    struct kldr_import_thunk thunk;
    struct kldr_error error = {0};
    struct kldr_image *image = pe_sample_open(*state, true);
    assert_int_equal(kldr_image_import(image, 4096, &descriptor, &error), KLDR_ERROR_LIMIT);
    assert_int_equal(error.origin, KLDR_ORIGIN_HOST);
    assert_int_equal(kldr_image_import(image, 0, &descriptor, &error), KLDR_STATUS_SUCCESS);
    assert_int_equal(kldr_image_thunk(image, &descriptor, 65536, &thunk, &error), KLDR_ERROR_LIMIT);
    assert_non_null(strstr(error.detail, "ntoskrnl.exe"));
    pe_sample_close(image);
}

static void cells_are_as_wide_as_the_images_pointers(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(machines); i++) {
        struct pe_sample sample;
        pe_sample_init(&sample, machines[i]);
        uint32_t width = machines[i] == KLDR_MACHINE_X86 ? 4 : 8;
        struct kldr_image *image = pe_sample_open(&sample, true);
        uint64_t next = kldr_image_read_cell(image, SAMPLE_CELLS_KERNEL + width);
        kldr_image_write_cell(image, SAMPLE_CELLS_KERNEL, UINT64_C(0xfffff80012345678));
        assert_true(kldr_image_read_cell(image, SAMPLE_CELLS_KERNEL) ==
                    (width == 8 ? UINT64_C(0xfffff80012345678) : 0x12345678));
        assert_true(kldr_image_read_cell(image, SAMPLE_CELLS_KERNEL + width) == next);
        pe_sample_close(image);
        pe_sample_fini(&sample);
    }
}

static void cells_outside_the_image_or_in_a_file_are_left_alone(void **state)
{
    struct pe_sample *sample = *state;
    uint8_t *copy = malloc(sample->size);
    memcpy(copy, sample->bytes, sample->size);
    struct kldr_image *image = pe_sample_open(sample, false);
    kldr_image_write_cell(image, SAMPLE_CELLS_KERNEL, 1);
    assert_memory_equal(sample->bytes, copy, sample->size);
    assert_true(kldr_image_read_cell(image, SAMPLE_CELLS_KERNEL) == 0);
    pe_sample_close(image);
    free(copy);

    image = pe_sample_open(sample, true);
    static const uint32_t outside[] = {SAMPLE_IMAGE_SIZE - 7, SAMPLE_IMAGE_SIZE, UINT32_MAX};
    for (size_t i = 0; i < COUNT_OF(outside); i++) {
        kldr_image_write_cell(image, outside[i], UINT64_MAX);
        assert_true(kldr_image_read_cell(image, outside[i]) == 0);
    }
    kldr_image_write_cell(image, SAMPLE_IMAGE_SIZE - 8, 42);
    assert_true(kldr_image_read_cell(image, SAMPLE_IMAGE_SIZE - 8) == 42);
    pe_sample_close(image);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SAMPLE_TEST(descriptors_and_thunks_are_read_alike_in_both_layouts),
        SAMPLE_TEST(no_import_directory_means_no_imports),
        SAMPLE_TEST(a_descriptor_without_lookup_table_is_shown_and_has_no_thunks),
        SAMPLE_TEST(a_descriptor_without_name_ends_the_table_whatever_else_it_says),
        SAMPLE_TEST(a_bound_descriptor_keeps_its_stamp_and_its_thunks),
        SAMPLE_TEST(the_terminators_may_lie_in_zero_fill_that_the_file_does_not_hold),
        SAMPLE_TEST(a_table_or_name_outside_the_image_is_malformed_and_located),
        SAMPLE_TEST(a_thunk_whose_table_cell_or_name_is_outside_is_malformed),
        SAMPLE_TEST(an_ordinal_thunk_has_16_bits),
        SAMPLE_TEST(no_walk_is_longer_than_the_limits),
        SAMPLE_TEST(cells_are_as_wide_as_the_images_pointers),
        SAMPLE_TEST(cells_outside_the_image_or_in_a_file_are_left_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
