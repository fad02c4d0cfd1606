// SPDX-License-Identifier: MIT
// Which operations are places of their own, and which one fails.
#include "world/fault_sweep.h"

#include "test.h"

#include <stdio.h>

static struct ks_fault_site pool_at(uint32_t step, uint32_t offset)
{
    struct ks_fault_site site = {.kind = KLDR_FAULT_POOL, .step = step, .offset = offset};
    snprintf(site.module, sizeof site.module, "port.sys");
    return site;
}

static void a_place_of_a_driver_counts_once_in_a_step(void **state)
{
    struct ks_fault_sweep sweep = {0};
    (void)state;
    for (unsigned i = 0; i < 3; i++) {
        const struct ks_fault_site site = pool_at(1, 0x100);
        assert_false(ks_fault_sweep_fails(&sweep, &site));
    }
    const struct ks_fault_site other = pool_at(1, 0x104), later = pool_at(2, 0x100);
    ks_fault_sweep_fails(&sweep, &other);
    ks_fault_sweep_fails(&sweep, &later);
    assert_int_equal(sweep.operations, 5);
    assert_int_equal(sweep.site_count, 3);
    assert_int_equal(sweep.sites[0].number, 1);
    assert_int_equal(sweep.sites[1].number, 4);
    assert_int_equal(sweep.sites[2].number, 5);
    ks_fault_sweep_fini(&sweep);
}

static void each_operation_of_the_loader_counts(void **state)
{
    struct ks_fault_sweep sweep = {0};
    const struct ks_fault_site site = {.kind = KLDR_FAULT_MAP, .step = 1};
    (void)state;
    for (unsigned i = 0; i < 40; i++) {
        ks_fault_sweep_fails(&sweep, &site);
    }
    assert_int_equal(sweep.site_count, 40);
    assert_int_equal(sweep.sites[39].number, 40);
    ks_fault_sweep_fini(&sweep);
}

static void one_operation_fails_and_no_other(void **state)
{
    struct ks_fault_sweep sweep = {.fail = 2};
    const struct ks_fault_site site = {.kind = KLDR_FAULT_READ, .step = 1};
    (void)state;
    assert_false(ks_fault_sweep_fails(&sweep, &site));
    assert_true(ks_fault_sweep_fails(&sweep, &site));
    assert_false(ks_fault_sweep_fails(&sweep, &site));
    assert_int_equal(sweep.site_count, 0);
    ks_fault_sweep_fini(&sweep);
}

static void too_many_places_are_told(void **state)
{
    struct ks_fault_sweep sweep = {0};
    const struct ks_fault_site site = {.kind = KLDR_FAULT_MAP, .step = 1};
    (void)state;
    for (unsigned i = 0; i <= KS_FAULT_SITES_MOST; i++) {
        assert_false(sweep.incomplete);
        ks_fault_sweep_fails(&sweep, &site);
    }
    assert_true(sweep.incomplete);
    assert_int_equal(sweep.site_count, KS_FAULT_SITES_MOST);
    ks_fault_sweep_fini(&sweep);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_place_of_a_driver_counts_once_in_a_step),
        cmocka_unit_test(each_operation_of_the_loader_counts),
        cmocka_unit_test(one_operation_fails_and_no_other),
        cmocka_unit_test(too_many_places_are_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
