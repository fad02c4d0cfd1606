// SPDX-License-Identifier: MIT
#include "image.h"

#include "pe_sample.h"
#include "test.h"

#include <stdlib.h>
#include <string.h>

static const enum kldr_machine machines[] = {KLDR_MACHINE_X64, KLDR_MACHINE_X86,
                                             KLDR_MACHINE_ARM64};

static void the_headers_of_each_machine_are_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(machines); i++) {
        struct pe_sample sample;
        pe_sample_init(&sample, machines[i]);
        struct kldr_image *image = pe_sample_open(&sample, false);
        const struct kldr_image_info *info = kldr_image_info(image);
        assert_int_equal(info->machine, machines[i]);
        assert_int_equal(info->pe32_plus, machines[i] != KLDR_MACHINE_X86);
        assert_true(info->image_base == sample.base);
        assert_int_equal(info->section_count, SAMPLE_SECTIONS);
        assert_int_equal(info->timestamp, 0x5f000000);
        assert_int_equal(info->linker_major, 14);
        assert_int_equal(info->linker_minor, 29);
        assert_int_equal(info->entry_rva, SAMPLE_TEXT + 0x40);
        assert_int_equal(info->section_alignment, 0x1000);
        assert_int_equal(info->file_alignment, 0x200);
        assert_int_equal(info->os_major, 10);
        assert_int_equal(info->os_minor, 0);
        assert_int_equal(info->image_major, 6);
        assert_int_equal(info->image_minor, 3);
        assert_int_equal(info->subsystem_major, 6);
        assert_int_equal(info->subsystem_minor, 2);
        assert_int_equal(info->subsystem, 1);
        assert_int_equal(info->dll_characteristics, 0x160);
        assert_int_equal(info->size_of_image, SAMPLE_IMAGE_SIZE);
        assert_int_equal(info->size_of_headers, SAMPLE_HEADERS_SIZE);
        assert_int_equal(info->directory[KLDR_DIRECTORY_EXPORT].rva, SAMPLE_EXPORTS);
        assert_int_equal(info->directory[KLDR_DIRECTORY_EXPORT].size, SAMPLE_EXPORTS_SIZE);
        assert_int_equal(info->directory[KLDR_DIRECTORY_DEBUG].rva, 0);
        pe_sample_close(image);
        pe_sample_fini(&sample);
    }
}

static void only_the_wanted_machine_is_accepted(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(machines); i++) {
        struct pe_sample sample;
        pe_sample_init(&sample, machines[i]);
        for (size_t j = 0; j < COUNT_OF(machines); j++) {
            struct kldr_image_options options = {.machine = machines[j]};
            struct kldr_image *image = NULL;
            struct kldr_error error = {0};
            kldr_status status =
                kldr_image_create(NULL, sample.bytes, sample.size, &options, &image, &error);
            if (i == j) {
                assert_int_equal(status, KLDR_STATUS_SUCCESS);
            } else {
                assert_int_equal(status, KLDR_STATUS_INVALID_IMAGE_PROTECT);
                assert_int_equal(error.status, status);
                assert_int_equal(error.stage, KLDR_STAGE_CHECK);
                assert_non_null(strstr(error.detail, kldr_machine_name(machines[i])));
                assert_non_null(strstr(error.detail, kldr_machine_name(machines[j])));
                assert_null(image);
            }
            kldr_image_destroy(image);
        }
        pe_sample_fini(&sample);
    }
}

static void an_image_above_the_limit_is_the_hosts_refusal_not_the_kernels(void **state)
{
    struct pe_sample sample;
    struct kldr_image_options options = {.max_size_of_image = SAMPLE_IMAGE_SIZE - 1};
    struct kldr_image *image = NULL;
    struct kldr_error error = {0};
    (void)state;
    pe_sample_init(&sample, KLDR_MACHINE_X64);
    assert_int_equal(kldr_image_create(NULL, sample.bytes, sample.size, &options, &image, &error),
                     KLDR_ERROR_LIMIT);
    assert_int_equal(error.origin, KLDR_ORIGIN_HOST);
    options.max_size_of_image = SAMPLE_IMAGE_SIZE;
    assert_int_equal(kldr_image_create(NULL, sample.bytes, sample.size, &options, &image, &error),
                     KLDR_STATUS_SUCCESS);
    kldr_image_destroy(image);
    image = NULL;
    pe_sample_put32(sample.bytes + SAMPLE_OPTIONAL + 56, (UINT32_C(256) << 20) + 1);
    assert_int_equal(kldr_image_create(NULL, sample.bytes, sample.size, NULL, &image, NULL),
                     KLDR_ERROR_LIMIT);
    assert_null(image);
    pe_sample_fini(&sample);
}

static void size_of_image_is_rounded_up_to_the_section_alignment(void **state)
{
    struct pe_sample sample;
    (void)state;
    pe_sample_init(&sample, KLDR_MACHINE_X64);
    pe_sample_put32(sample.bytes + SAMPLE_OPTIONAL + 56, 0x4100);
    struct kldr_image *image = pe_sample_open(&sample, false);
    assert_int_equal(kldr_image_info(image)->size_of_image, 0x5000);
    pe_sample_close(image);
    pe_sample_fini(&sample);
}

static void an_image_must_have_room_above_its_base(void **state)
{
    struct pe_sample sample;
    struct kldr_image *image = NULL;
    (void)state;
    pe_sample_init(&sample, KLDR_MACHINE_X64);
    pe_sample_put64(sample.bytes + SAMPLE_OPTIONAL + 24, UINT64_C(0xffffffffffff0000));
    pe_sample_put32(sample.bytes + SAMPLE_OPTIONAL + 56, 0x11000);
    assert_int_equal(kldr_image_create(NULL, sample.bytes, sample.size, NULL, &image, NULL),
                     KLDR_STATUS_INVALID_IMAGE_FORMAT);
    pe_sample_fini(&sample);
    pe_sample_init(&sample, KLDR_MACHINE_X86);
    pe_sample_put32(sample.bytes + SAMPLE_OPTIONAL + 28, 0xffff0000);
    pe_sample_put32(sample.bytes + SAMPLE_OPTIONAL + 56, 0x11000);
    assert_int_equal(kldr_image_create(NULL, sample.bytes, sample.size, NULL, &image, NULL),
                     KLDR_STATUS_INVALID_IMAGE_FORMAT);
    pe_sample_put32(sample.bytes + SAMPLE_OPTIONAL + 56, 0x10000);
    assert_int_equal(kldr_image_create(NULL, sample.bytes, sample.size, NULL, &image, NULL),
                     KLDR_STATUS_SUCCESS);
    kldr_image_destroy(image);
    pe_sample_fini(&sample);
}

// What real linkers write and a strict reader might refuse.
static void drop_directories(struct pe_sample *sample)
{
    pe_sample_put32(sample->bytes + SAMPLE_OPTIONAL + 108, 2);
}

static void claim_more_directories(struct pe_sample *sample)
{
    pe_sample_put32(sample->bytes + SAMPLE_OPTIONAL + 108, 0x7fffffff);
}

static void align_low(struct pe_sample *sample)
{
    pe_sample_put32(sample->bytes + SAMPLE_OPTIONAL + 32, 0x80);
    pe_sample_put32(sample->bytes + SAMPLE_OPTIONAL + 36, 0x80);
}

static void remove_entry_point(struct pe_sample *sample)
{
    pe_sample_put32(sample->bytes + SAMPLE_OPTIONAL + 16, 0);
}

static void make_user_mode(struct pe_sample *sample)
{
    pe_sample_put16(sample->bytes + SAMPLE_OPTIONAL + 68, 3);
}

static void leave_a_gap(struct pe_sample *sample)
{
    pe_sample_put32(pe_sample_section(sample, 3) + 12, 0x6000);
    pe_sample_put32(sample->bytes + SAMPLE_OPTIONAL + 56, 0x7000);
    pe_sample_put32(pe_sample_directory(sample, KLDR_DIRECTORY_BASERELOC), 0);
}

static void use_a_long_section_name(struct pe_sample *sample)
{
    memcpy(pe_sample_section(sample, 3), "/42\0\0\0\0", 8);
}

static void store_nothing_of_a_section(struct pe_sample *sample)
{
    pe_sample_put32(pe_sample_section(sample, 0) + 16, 0);
    pe_sample_put32(pe_sample_section(sample, 0) + 20, 0xffffff00);
}

static void append_a_signature(struct pe_sample *sample)
{
    pe_sample_resize(sample, sample->size + 777);
}

static void what_real_linkers_write_is_accepted(void **state)
{
    static void (*const shapes[])(struct pe_sample *) = {
        drop_directories,
        claim_more_directories,
        align_low,
        remove_entry_point,
        make_user_mode,
        leave_a_gap,
        use_a_long_section_name,
        store_nothing_of_a_section,
        append_a_signature,
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(shapes); i++) {
        struct pe_sample sample;
        pe_sample_init(&sample, KLDR_MACHINE_X64);
        shapes[i](&sample);
        struct kldr_image *image = pe_sample_open(&sample, true);
        assert_int_equal(kldr_image_relocate(image, sample.base + 0x10000, NULL),
                         KLDR_STATUS_SUCCESS);
        pe_sample_close(image);
        pe_sample_fini(&sample);
    }
}

static void directories_the_image_does_not_have_are_absent(void **state)
{
    struct pe_sample sample;
    struct kldr_load_config config;
    (void)state;
    pe_sample_init(&sample, KLDR_MACHINE_X64);
    drop_directories(&sample);
    struct kldr_image *image = pe_sample_open(&sample, false);
    assert_int_equal(kldr_image_info(image)->directory[KLDR_DIRECTORY_IMPORT].rva, SAMPLE_IMPORTS);
    assert_int_equal(kldr_image_info(image)->directory[KLDR_DIRECTORY_BASERELOC].rva, 0);
    assert_false(kldr_image_load_config(image, &config));
    pe_sample_close(image);
    pe_sample_fini(&sample);
}

static void the_nt_headers_may_begin_inside_the_dos_header(void **state)
{
    struct pe_sample sample;
    (void)state;
    pe_sample_init(&sample, KLDR_MACHINE_X64);
    // The offset at 0x3c then overlaps BaseOfCode, which nobody reads.
    // version, unused.
    size_t headers = SAMPLE_HEADERS_SIZE - SAMPLE_NT;
    memmove(sample.bytes + 0x10, sample.bytes + SAMPLE_NT, headers);
    pe_sample_put32(sample.bytes + 0x3c, 0x10);
    struct kldr_image *image = pe_sample_open(&sample, true);
    assert_int_equal(kldr_image_info(image)->section_count, SAMPLE_SECTIONS);
    pe_sample_close(image);
    pe_sample_fini(&sample);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_headers_of_each_machine_are_read),
        cmocka_unit_test(only_the_wanted_machine_is_accepted),
        cmocka_unit_test(an_image_above_the_limit_is_the_hosts_refusal_not_the_kernels),
        cmocka_unit_test(size_of_image_is_rounded_up_to_the_section_alignment),
        cmocka_unit_test(an_image_must_have_room_above_its_base),
        cmocka_unit_test(what_real_linkers_write_is_accepted),
        cmocka_unit_test(directories_the_image_does_not_have_are_absent),
        cmocka_unit_test(the_nt_headers_may_begin_inside_the_dos_header),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
