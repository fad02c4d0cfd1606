// SPDX-License-Identifier: MIT
#include <kldr/image.h>

#include "pe_sample.h"
#include "test.h"

#include <string.h>

// The definition, byte by byte: words of the file without the field, end-around carry, plus the
// length.
static uint32_t plain_checksum(const uint8_t *bytes, size_t size, size_t field)
{
    uint32_t sum = 0;
    for (size_t i = 0; i < size; i++) {
        uint32_t byte = i >= field && i < field + 4 ? 0 : bytes[i];
        sum += byte << (i % 2 == 0 ? 0 : 8);
        sum = (sum & 0xffff) + (sum >> 16);
    }
    return sum + (uint32_t)size;
}

static void fill(struct pe_sample *sample, size_t from)
{
    uint32_t random = 7;
    for (size_t i = from; i < sample->size; i++) {
        random = random * 1103515245u + 12345u;
        sample->bytes[i] = (uint8_t)(random >> 16);
    }
}

static void the_checksum_equals_the_definition_at_every_length(void **state)
{
    struct pe_sample sample;
    (void)state;
    pe_sample_init(&sample, KLDR_MACHINE_X64);
    fill(&sample, SAMPLE_HEADERS_SIZE);
    size_t field = SAMPLE_OPTIONAL + 64;
    pe_sample_put32(sample.bytes + field, 0xdeadbeef);
    for (size_t size = field + 4; size <= field + 40; size++) {
        uint32_t stored = 0, computed = 0;
        pe_sample_resize(&sample, size);
        assert_true(kldr_image_checksum(sample.bytes, sample.size, &stored, &computed));
        assert_int_equal(stored, 0xdeadbeef);
        assert_int_equal(computed, plain_checksum(sample.bytes, size, field));
    }
    pe_sample_fini(&sample);
}

static void a_field_at_an_odd_offset_is_left_out_as_well(void **state)
{
    struct pe_sample sample;
    uint32_t stored, computed;
    (void)state;
    pe_sample_init(&sample, KLDR_MACHINE_X64);
    fill(&sample, SAMPLE_HEADERS_SIZE);
    memcpy(sample.bytes + 0x401, "PE\0\0", 4);
    pe_sample_put32(sample.bytes + 0x3c, 0x401);
    size_t field = 0x401 + 24 + 64;
    assert_true(kldr_image_checksum(sample.bytes, sample.size, &stored, &computed));
    assert_int_equal(computed, plain_checksum(sample.bytes, sample.size, field));
    pe_sample_put32(sample.bytes + field, 0x12345678);
    uint32_t again;
    assert_true(kldr_image_checksum(sample.bytes, sample.size, &stored, &again));
    assert_int_equal(stored, 0x12345678);
    assert_int_equal(again, computed);
    pe_sample_fini(&sample);
}

static void a_file_of_ones_folds_its_carries(void **state)
{
    struct pe_sample sample;
    uint32_t stored, computed;
    (void)state;
    pe_sample_init(&sample, KLDR_MACHINE_X64);
    memset(sample.bytes + SAMPLE_HEADERS_SIZE, 0xff, sample.size - SAMPLE_HEADERS_SIZE);
    assert_true(kldr_image_checksum(sample.bytes, sample.size, &stored, &computed));
    assert_int_equal(computed, plain_checksum(sample.bytes, sample.size, SAMPLE_OPTIONAL + 64));
    pe_sample_fini(&sample);
}

static void without_a_place_for_it_there_is_no_checksum(void **state)
{
    struct pe_sample sample;
    uint32_t stored = 1, computed = 2;
    (void)state;
    pe_sample_init(&sample, KLDR_MACHINE_X64);
    assert_false(kldr_image_checksum(sample.bytes, SAMPLE_OPTIONAL + 67, &stored, &computed));
    assert_false(kldr_image_checksum(sample.bytes, 0, &stored, &computed));
    pe_sample_put32(sample.bytes + 0x3c, 0xfffffff0);
    assert_false(kldr_image_checksum(sample.bytes, sample.size, &stored, &computed));
    assert_int_equal(stored, 1);
    assert_int_equal(computed, 2);
    pe_sample_fini(&sample);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_checksum_equals_the_definition_at_every_length),
        cmocka_unit_test(a_field_at_an_odd_offset_is_left_out_as_well),
        cmocka_unit_test(a_file_of_ones_folds_its_carries),
        cmocka_unit_test(without_a_place_for_it_there_is_no_checksum),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
