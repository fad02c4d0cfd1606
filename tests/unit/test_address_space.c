// SPDX-License-Identifier: MIT
#include "world/address_space.h"

#include "loader_fixture.h"
#include "test.h"

#include <string.h>

#define KIB64 0x10000u

struct setting {
    struct fixture *fixture; // for its allocator
    struct ks_address_space space;
};

static struct setting setting;

static int set_up(void **state)
{
    setting.fixture = fixture_create(KLDR_PROFILE_24H2, KLDR_MACHINE_X64);
    ks_address_space_init(&setting.space, &setting.fixture->host.allocator, KLDR_MACHINE_X64);
    *state = &setting;
    return 0;
}

static int tear_down(void **state)
{
    struct setting *used = *state;
    ks_address_space_fini(&used->space);
    fixture_destroy(used->fixture); // nothing is left in its allocator
    return 0;
}

static uint64_t place(uint64_t preferred, uint32_t size)
{
    uint64_t base = 0;
    assert_int_equal(ks_address_space_place(&setting.space, preferred, size, &base),
                     KLDR_STATUS_SUCCESS);
    return base;
}

static const char *gone_at(uint64_t address)
{
    const struct ks_range *range = ks_address_space_gone(&setting.space, address);
    return range != NULL ? range->name : NULL;
}

static void images_are_placed_one_after_the_other_with_room_between(void **state)
{
    static const uint32_t sizes[] = {1, 0x5000, KIB64 - 1, KIB64, KIB64 + 1, 0x123456};
    uint64_t end = KS_ADDRESS_BASE;
    (void)state;
    assert_int_equal(place(0, 0x1000), KS_ADDRESS_BASE);
    end += 0x1000;
    for (size_t i = 0; i < COUNT_OF(sizes); i++) {
        uint64_t base = place(0x140000000, sizes[i]); // not in the kernel's half
        assert_int_equal(base % KIB64, 0);
        assert_true(base >= end + KIB64 && base < end + 2 * KIB64);
        end = base + sizes[i];
    }
}

static void a_base_that_is_free_is_granted(void **state)
{
    const uint64_t wanted = KS_ADDRESS_BASE + UINT64_C(0x70000000);
    (void)state;
    assert_int_equal(place(wanted, 0x5000), wanted);
    assert_int_not_equal(place(wanted, 0x5000), wanted);
    assert_int_not_equal(place(wanted + 0x4fff, 1), wanted + 0x4fff);
    assert_int_not_equal(place(wanted - 0xfff, 0x1000), wanted - 0xfff);
    assert_int_equal(place(wanted + 0x5000, 0x1000), wanted + 0x5000);
    assert_int_equal(place(wanted - 0x1000, 0x1000), wanted - 0x1000);
}

static void a_base_that_became_free_is_granted_again(void **state)
{
    const uint64_t wanted = KS_ADDRESS_BASE + UINT64_C(0x70000000);
    (void)state;
    place(wanted, 0x5000);
    ks_address_space_vacate(&setting.space, wanted, 3, "first.sys");
    assert_int_equal(place(wanted, 0x5000), wanted);
}

static void only_who_asks_for_it_gets_a_place_that_was_used(void **state)
{
    (void)state;
    // Somebody asks for the very places that come next, and goes again.
    uint64_t first = place(0, 0x1000), wanted = first + 2 * KIB64;
    assert_int_equal(place(wanted, 3 * KIB64), wanted);
    ks_address_space_vacate(&setting.space, wanted, 2, "gone.sys");
    for (unsigned i = 0; i < 8; i++) {
        uint64_t base = place(0, 0x1000);
        assert_true(base + 0x1000 <= wanted || base >= wanted + 3 * KIB64);
        assert_null(gone_at(base));
    }
    assert_string_equal(gone_at(wanted + 5), "gone.sys");
}

static void images_avoid_those_that_asked_for_their_place(void **state)
{
    (void)state;
    uint64_t first = place(0, 0x1000);
    uint64_t wanted = place(first + 2 * KIB64, 5 * KIB64);
    uint64_t second = place(0, 0x1000), third = place(0, 2 * KIB64);
    assert_true(second + 0x1000 <= wanted || second >= wanted + 5 * KIB64);
    assert_true(third + 2 * KIB64 <= wanted || third >= wanted + 5 * KIB64);
    assert_true(third >= second + 0x1000);
}

static void an_address_of_an_image_that_went_names_it(void **state)
{
    (void)state;
    uint64_t base = place(0, 0x3000);
    assert_null(gone_at(base));
    ks_address_space_vacate(&setting.space, base, 7, "b.sys");
    assert_string_equal(gone_at(base), "b.sys");
    assert_string_equal(gone_at(base + 0x2fff), "b.sys");
    assert_null(gone_at(base + 0x3000));
    assert_null(gone_at(base - 1));
    assert_int_equal(ks_address_space_gone(&setting.space, base)->module_id, 7);
}

static void the_latest_of_several_that_were_there_is_named(void **state)
{
    const uint64_t wanted = KS_ADDRESS_BASE + UINT64_C(0x70000000);
    (void)state;
    place(wanted, 0x3000);
    ks_address_space_vacate(&setting.space, wanted, 1, "old.sys");
    place(wanted, 0x1000);
    ks_address_space_vacate(&setting.space, wanted, 2, "new.sys");
    assert_string_equal(gone_at(wanted), "new.sys");
    assert_string_equal(gone_at(wanted + 0x1000), "old.sys");
}

static void an_image_that_never_became_a_module_is_forgotten(void **state)
{
    (void)state;
    uint64_t base = place(0, 0x3000);
    ks_address_space_vacate(&setting.space, base, 0, NULL);
    assert_null(gone_at(base));
    ks_address_space_vacate(&setting.space, base + 1, 0, "nobody.sys"); // no range begins there
    assert_null(gone_at(base));
}

static void a_32_bit_system_has_the_upper_half_of_its_space(void **state)
{
    struct ks_address_space space;
    uint64_t base = 0;
    (void)state;
    ks_address_space_init(&space, &setting.fixture->host.allocator, KLDR_MACHINE_X86);
    assert_int_equal(ks_address_space_place(&space, 0x10000, 0x1000, &base), KLDR_STATUS_SUCCESS);
    assert_int_equal(base, KS_ADDRESS_BASE_X86);
    assert_int_equal(ks_address_space_place(&space, 0x90000000, 0x1000, &base),
                     KLDR_STATUS_SUCCESS);
    assert_int_equal(base, 0x90000000);
    assert_int_equal(ks_address_space_place(&space, 0xfffff000, 0x2000, &base),
                     KLDR_STATUS_SUCCESS);
    assert_true(base < 0xffff0000);
    ks_address_space_fini(&space);
}

static void a_space_that_is_used_up_says_so(void **state)
{
    struct ks_address_space space;
    uint64_t base = 5, end = 0;
    unsigned placed = 0;
    (void)state;
    ks_address_space_init(&space, &setting.fixture->host.allocator, KLDR_MACHINE_X86);
    while (ks_address_space_place(&space, 0, 0x10000000, &base) == KLDR_STATUS_SUCCESS) {
        assert_true(base >= end && base + 0x10000000 <= UINT32_MAX);
        end = base + 0x10000000;
        placed++;
    }
    assert_int_equal(placed, 7);
    uint64_t before = base;
    assert_int_equal(ks_address_space_place(&space, 0, 0x10000000, &base), KLDR_ERROR_LIMIT);
    assert_int_equal(base, before);
    assert_int_equal(ks_address_space_place(&space, 0, 0x1000, &base), KLDR_STATUS_SUCCESS);
    ks_address_space_fini(&space);
}

static void without_memory_nothing_is_placed_or_named(void **state)
{
    uint64_t base = 5;
    (void)state;
    fixture_fail_allocation(setting.fixture, 1);
    assert_int_equal(ks_address_space_place(&setting.space, 0, 0x1000, &base),
                     KLDR_ERROR_OUT_OF_MEMORY);
    assert_int_equal(base, 5);
    base = place(0, 0x1000);
    fixture_fail_allocation(setting.fixture, 1);
    ks_address_space_vacate(&setting.space, base, 1, "b.sys");
    assert_null(gone_at(base));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(images_are_placed_one_after_the_other_with_room_between),
        TEST(a_base_that_is_free_is_granted),
        TEST(a_base_that_became_free_is_granted_again),
        TEST(only_who_asks_for_it_gets_a_place_that_was_used),
        TEST(images_avoid_those_that_asked_for_their_place),
        TEST(an_address_of_an_image_that_went_names_it),
        TEST(the_latest_of_several_that_were_there_is_named),
        TEST(an_image_that_never_became_a_module_is_forgotten),
        TEST(a_32_bit_system_has_the_upper_half_of_its_space),
        TEST(a_space_that_is_used_up_says_so),
        TEST(without_memory_nothing_is_placed_or_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
