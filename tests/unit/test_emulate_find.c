// SPDX-License-Identifier: MIT
// CPUID is found where code leads to it, and nowhere else.
#include "engine/emulate_find.h"
#include "test.h"

#include <string.h>

#define SIZE 0x100u

static uint8_t bytes[SIZE];
static const struct ks_code_range whole[] = {{0, SIZE}};

static void put(uint32_t at, const char *code, size_t size)
{
    memcpy(bytes + at, code, size);
}

#define PUT(at, text) put((at), (text), sizeof(text) - 1)

static void assert_found(const struct ks_code_range *ranges, size_t range_count, uint32_t begin,
                         const uint32_t *wanted, size_t count)
{
    const struct kldr_allocator *allocator = kldr_allocator_default();
    const struct ks_code code = {bytes, ranges, range_count, SIZE};
    struct ks_code_places begins = {0}, found = {0};
    assert_true(ks_code_places_add(allocator, &begins, begin));
    assert_true(ks_code_places_add(allocator, &begins, 0xFFFFFFF0)); // nowhere
    assert_true(ks_emulate_find_cpuid(allocator, &code, &begins, &found));
    assert_int_equal(found.count, count);
    for (size_t i = 0; i < count; i++) {
        bool there = false;
        for (size_t j = 0; j < count; j++) {
            there = there || found.rvas[j] == wanted[i];
        }
        assert_true(there);
    }
    allocator->release(allocator->user, begins.rvas);
    allocator->release(allocator->user, found.rvas);
}

static int set_up(void **state)
{
    (void)state;
    memset(bytes, 0xCC, sizeof bytes);
    return 0;
}

static void it_is_found_through_calls_and_branches(void **state)
{
    static const uint32_t wanted[] = {0x02, 0x24, 0x40, 0x60};
    (void)state;
    PUT(0x00, "\x31\xC0\x0F\xA2"           // xor eax, eax; cpuid
              "\xE8\x1B\x00\x00\x00"       // call 24h
              "\x74\x35"                   // je 40h
              "\xE9\x50\x00\x00\x00");     // jmp 60h
    PUT(0x24, "\x0F\xA2\xC3");             // cpuid; ret
    PUT(0x40, "\x0F\xA2\xEB\xFC");         // cpuid; jmp back to itself
    PUT(0x60, "\x0F\xA2\xFF\x25\0\0\0\0"); // cpuid; jmp [rip]
    PUT(0x68, "\x0F\xA2");                 // nobody leads here
    assert_found(whole, 1, 0, wanted, 4);
}

static void bytes_inside_other_instructions_are_none(void **state)
{
    (void)state;
    PUT(0x00, "\xB8\x0F\xA2\x0F\xA2"         // mov eax, 0A20FA20Fh
              "\x48\x8B\x85\x0F\xA2\x00\x00" // mov rax, [rbp+0A20Fh]
              "\xC3\x0F\xA2");               // ret, and data behind it
    assert_found(whole, 1, 0, NULL, 0);
}

static void it_is_followed_inside_of_code_only(void **state)
{
    static const struct ks_code_range ranges[] = {{0x00, 0x10}, {0x80, 0x10}};
    static const uint32_t wanted[] = {0x80};
    (void)state;
    PUT(0x00, "\xE8\x3B\x00\x00\x00" // call 40h, which is data
              "\xE8\x76\x00\x00\x00" // call 80h
              "\xE8\x00\x00\x00\x7F" // far outside
              "\x0F");               // half of one at the end of the range
    PUT(0x10, "\xA2");
    PUT(0x40, "\x0F\xA2\xC3");
    PUT(0x80, "\x0F\xA2\xC3");
    assert_found(ranges, 2, 0, wanted, 1);
}

static void garbage_ends_a_path_and_loops_end(void **state)
{
    static const uint32_t wanted[] = {0x00};
    (void)state;
    PUT(0x00, "\x0F\xA2\x06\x0F\xA2"); // cpuid; nothing in 64-bit code
    assert_found(whole, 1, 0, wanted, 1);
    PUT(0x10, "\xEB\xFE"); // jmp $
    assert_found(whole, 1, 0x10, NULL, 0);
}

#define EACH(function) cmocka_unit_test_setup(function, set_up)

int main(void)
{
    const struct CMUnitTest tests[] = {
        EACH(it_is_found_through_calls_and_branches),
        EACH(bytes_inside_other_instructions_are_none),
        EACH(it_is_followed_inside_of_code_only),
        EACH(garbage_ends_a_path_and_loops_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
