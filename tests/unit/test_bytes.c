// SPDX-License-Identifier: MIT
#include "bytes.h"

#include "test.h"

#include <stdlib.h>
#include <string.h>

static void numbers_are_little_endian_on_every_host(void **state)
{
    const uint8_t bytes[] = {0xff, 0x01, 0x02, 0x03, 0x04, 0x85, 0x86, 0x87, 0x88};
    (void)state;
    assert_int_equal(kl_bytes_u16(bytes + 1), 0x0201);
    assert_int_equal(kl_bytes_u32(bytes + 1), 0x04030201);
    assert_true(kl_bytes_u64(bytes + 1) == UINT64_C(0x8887868504030201));
}

static void what_is_put_is_read_back_and_nothing_else_is_touched(void **state)
{
    uint8_t bytes[10];
    (void)state;
    memset(bytes, 0xaa, sizeof bytes);
    kl_bytes_put_u16(bytes + 1, 0x1234);
    assert_int_equal(kl_bytes_u16(bytes + 1), 0x1234);
    assert_int_equal(bytes[3], 0xaa);
    kl_bytes_put_u32(bytes + 1, 0x89abcdef);
    assert_int_equal(kl_bytes_u32(bytes + 1), 0x89abcdef);
    assert_int_equal(bytes[5], 0xaa);
    kl_bytes_put_u64(bytes + 1, UINT64_C(0xfedcba9876543210));
    assert_true(kl_bytes_u64(bytes + 1) == UINT64_C(0xfedcba9876543210));
    assert_int_equal(bytes[0], 0xaa);
    assert_int_equal(bytes[9], 0xaa);
}

static void a_range_fits_only_when_no_sum_has_to_wrap(void **state)
{
    static const struct {
        uint64_t size, offset, length;
        bool fits;
    } rows[] = {
        {10, 0, 10, true},
        {10, 10, 0, true},
        {10, 0, 11, false},
        {10, 11, 0, false},
        {10, 4, 6, true},
        {10, 4, 7, false},
        {10, UINT64_MAX, 2, false},
        {10, 2, UINT64_MAX, false},
        {0, 0, 0, true},
        {UINT64_MAX, 1, UINT64_MAX - 1, true},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        assert_int_equal(kl_bytes_fits(rows[i].size, rows[i].offset, rows[i].length), rows[i].fits);
}

static void only_powers_of_two_are_alignments(void **state)
{
    (void)state;
    assert_false(kl_bytes_is_power_of_two(0));
    assert_true(kl_bytes_is_power_of_two(1));
    assert_false(kl_bytes_is_power_of_two(3));
    assert_true(kl_bytes_is_power_of_two(0x1000));
    assert_true(kl_bytes_is_power_of_two(0x80000000));
    assert_false(kl_bytes_is_power_of_two(0xffffffff));
}

static void aligning_up_the_largest_rva_does_not_wrap(void **state)
{
    (void)state;
    assert_true(kl_bytes_align_up(0, 0x1000) == 0);
    assert_true(kl_bytes_align_up(1, 0x1000) == 0x1000);
    assert_true(kl_bytes_align_up(0x1000, 0x1000) == 0x1000);
    assert_true(kl_bytes_align_up(0xffffffff, 0x1000) == UINT64_C(0x100000000));
}

static void a_string_ends_within_its_room_or_not_at_all(void **state)
{
    const uint8_t text[] = {'a', 'b', 0, 'c'};
    size_t length = 99;
    (void)state;
    assert_false(kl_bytes_string_length(text, 2, &length));
    assert_int_equal(length, 99);
    assert_true(kl_bytes_string_length(text, 3, &length));
    assert_int_equal(length, 2);
    assert_false(kl_bytes_string_length(text, 0, &length));
}

static int sign(int value)
{
    return (value > 0) - (value < 0);
}

static void comparing_orders_as_strcmp_does(void **state)
{
    static const char *const names[] = {"", "A", "AA", "AB", "Ab", "a", "\x80", "A\xff"};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        for (size_t j = 0; j < COUNT_OF(names); j++) {
            int order = kl_bytes_compare_string(names[i], strlen(names[i]),
                                                (const uint8_t *)names[j], strlen(names[j]) + 1);
            assert_int_equal(sign(order), sign(strcmp(names[i], names[j])));
        }
    }
}

static void a_text_without_end_never_equals(void **state)
{
    const uint8_t text[] = {'a', 'b', 'c'};
    (void)state;
    assert_int_not_equal(kl_bytes_compare_string("abc", 3, text, 3), 0);
    assert_int_not_equal(kl_bytes_compare_string("ab", 2, text, 3), 0);
    assert_int_not_equal(kl_bytes_compare_string("abcd", 4, text, 3), 0);
    assert_int_not_equal(kl_bytes_compare_string("", 0, text, 0), 0);
}

// The definition, word by word.
static uint16_t plain_sum16(const uint8_t *bytes, size_t size)
{
    uint32_t sum = 0;
    for (size_t i = 0; i < size; i++) {
        sum += (uint32_t)bytes[i] << (i % 2 == 0 ? 0 : 8);
        sum = (sum & 0xffff) + (sum >> 16);
    }
    return (uint16_t)sum;
}

static void the_fast_sum_equals_the_definition_at_every_length(void **state)
{
    uint8_t bytes[100];
    uint32_t random = 1;
    (void)state;
    for (size_t i = 0; i < sizeof bytes; i++) {
        random = random * 1103515245u + 12345u;
        bytes[i] = (uint8_t)(random >> 16);
    }
    for (size_t size = 0; size <= sizeof bytes; size++)
        assert_int_equal(kl_bytes_sum16(bytes, size), plain_sum16(bytes, size));
    memset(bytes, 0xff, sizeof bytes);
    for (size_t size = 0; size <= sizeof bytes; size++)
        assert_int_equal(kl_bytes_sum16(bytes, size), plain_sum16(bytes, size));
    memset(bytes, 0, sizeof bytes);
    assert_int_equal(kl_bytes_sum16(bytes, sizeof bytes), 0);
}

static void a_long_sum_does_not_lose_its_carries(void **state)
{
    size_t size = (size_t)3 << 16;
    uint8_t *bytes = malloc(size + 5);
    (void)state;
    memset(bytes, 0xfe, size + 5);
    for (size_t extra = 0; extra <= 5; extra++)
        assert_int_equal(kl_bytes_sum16(bytes, size + extra), plain_sum16(bytes, size + extra));
    free(bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_little_endian_on_every_host),
        cmocka_unit_test(what_is_put_is_read_back_and_nothing_else_is_touched),
        cmocka_unit_test(a_range_fits_only_when_no_sum_has_to_wrap),
        cmocka_unit_test(only_powers_of_two_are_alignments),
        cmocka_unit_test(aligning_up_the_largest_rva_does_not_wrap),
        cmocka_unit_test(a_string_ends_within_its_room_or_not_at_all),
        cmocka_unit_test(comparing_orders_as_strcmp_does),
        cmocka_unit_test(a_text_without_end_never_equals),
        cmocka_unit_test(the_fast_sum_equals_the_definition_at_every_length),
        cmocka_unit_test(a_long_sum_does_not_lose_its_carries),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
