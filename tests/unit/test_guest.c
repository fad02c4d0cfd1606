// SPDX-License-Identifier: MIT
// Guest memory: where it lies and how its addresses are shown.

#include "engine/guest.h"

#include "test.h"

#if KS_NATIVE

// Not under valgrind: there the process's own addresses look like no others do.
static void addresses_of_the_process_are_not_shown(void **state)
{
    struct ks_guest guest;
    int local = 0;
    (void)state;
    assert_int_equal(ks_guest_reserve(&guest), KLDR_STATUS_SUCCESS);
    assert_int_equal(ks_guest_show(&guest, guest.base + 0x1234), UINT64_C(0xfffff80000001234));
    assert_int_equal(ks_guest_show(&guest, (uint64_t)(uintptr_t)&local), KS_ADDRESS_HOST);
    assert_int_equal(ks_guest_show(&guest, 42), 42);
    ks_guest_release(&guest);
}

#else

static void without_an_engine_nothing_is_reserved(void **state)
{
    struct ks_guest guest = {0};
    (void)state;
    assert_int_equal(ks_guest_reserve(&guest), KLDR_ERROR_CPU_UNAVAILABLE);
    assert_false(ks_guest_holds(&guest, 0));
}

#endif

int main(void)
{
    const struct CMUnitTest tests[] = {
#if KS_NATIVE
        cmocka_unit_test(addresses_of_the_process_are_not_shown),
#else
        cmocka_unit_test(without_an_engine_nothing_is_reserved),
#endif
    };
    return cmocka_run_group_tests_name("guest", tests, NULL, NULL);
}
