// SPDX-License-Identifier: MIT
#include <kldr/image.h>

#include "pe_sample.h"
#include "test.h"

#include <string.h>

static const enum kldr_machine machines[] = {KLDR_MACHINE_X64, KLDR_MACHINE_X86,
                                             KLDR_MACHINE_ARM64};

static void cookie_and_guard_fields_are_read_for_each_width(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(machines); i++) {
        struct pe_sample sample;
        struct kldr_load_config config;
        pe_sample_init(&sample, machines[i]);
        struct kldr_image *image = pe_sample_open(&sample, false);
        assert_true(kldr_image_load_config(image, &config));
        assert_int_equal(config.size, machines[i] == KLDR_MACHINE_X86 ? 92 : 148);
        assert_true(config.security_cookie == sample.base + SAMPLE_COOKIE);
        assert_true(config.guard_check == 0);
        assert_true(config.guard_dispatch == 0);
        assert_true(config.guard_table == 0);
        assert_true(config.guard_count == 3);
        assert_int_equal(config.guard_flags, 0x500);
        pe_sample_close(image);
        pe_sample_fini(&sample);
    }
}

static void addresses_are_preferred_ones_wherever_the_image_lies(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(machines); i++) {
        struct pe_sample sample;
        struct kldr_load_config config;
        pe_sample_init(&sample, machines[i]);
        struct kldr_image *image = pe_sample_open(&sample, true);
        assert_int_equal(kldr_image_relocate(image, 0x7fff0000, NULL), KLDR_STATUS_SUCCESS);
        assert_true(kldr_image_load_config(image, &config));
        assert_true(config.security_cookie == sample.base + SAMPLE_COOKIE);
        assert_true(config.guard_check == 0);
        pe_sample_close(image);
        pe_sample_fini(&sample);
    }
}

static void fields_beyond_the_structures_own_size_are_absent(void **state)
{
    struct pe_sample sample;
    struct kldr_load_config config;
    (void)state;
    pe_sample_init(&sample, KLDR_MACHINE_X64);
    pe_sample_put64(pe_sample_at(&sample, SAMPLE_LOAD_CONFIG + 112), 0x1234);
    pe_sample_put32(pe_sample_at(&sample, SAMPLE_LOAD_CONFIG), 112);
    struct kldr_image *image = pe_sample_open(&sample, false);
    assert_true(kldr_image_load_config(image, &config));
    assert_true(config.security_cookie == sample.base + SAMPLE_COOKIE);
    assert_true(config.guard_check == 0);
    assert_int_equal(config.guard_flags, 0);
    pe_sample_close(image);

    pe_sample_put32(pe_sample_at(&sample, SAMPLE_LOAD_CONFIG), 95);
    image = pe_sample_open(&sample, false);
    assert_true(kldr_image_load_config(image, &config));
    assert_true(config.security_cookie == 0);
    pe_sample_close(image);
    pe_sample_fini(&sample);
}

static void a_directory_outside_the_image_is_none(void **state)
{
    static const uint32_t places[] = {0, SAMPLE_IMAGE_SIZE - 3, SAMPLE_IMAGE_SIZE, UINT32_MAX};
    struct kldr_load_config config = {.size = 77};
    struct pe_sample sample;
    (void)state;
    pe_sample_init(&sample, KLDR_MACHINE_X64);
    for (size_t i = 0; i < COUNT_OF(places); i++) {
        pe_sample_put32(pe_sample_directory(&sample, KLDR_DIRECTORY_LOAD_CONFIG), places[i]);
        struct kldr_image *image = pe_sample_open(&sample, true);
        assert_false(kldr_image_load_config(image, &config));
        pe_sample_close(image);
    }
    pe_sample_put32(pe_sample_directory(&sample, KLDR_DIRECTORY_LOAD_CONFIG), SAMPLE_LOAD_CONFIG);
    pe_sample_put32(pe_sample_at(&sample, SAMPLE_LOAD_CONFIG), UINT32_MAX);
    struct kldr_image *image = pe_sample_open(&sample, true);
    assert_false(kldr_image_load_config(image, &config));
    assert_int_equal(config.size, 77);
    pe_sample_close(image);
    pe_sample_fini(&sample);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cookie_and_guard_fields_are_read_for_each_width),
        cmocka_unit_test(addresses_are_preferred_ones_wherever_the_image_lies),
        cmocka_unit_test(fields_beyond_the_structures_own_size_are_absent),
        cmocka_unit_test(a_directory_outside_the_image_is_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
