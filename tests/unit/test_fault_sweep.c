// SPDX-License-Identifier: MIT
// Which operations are places of their own, and which one fails; which functions can be made to.
#include "world/fault_sweep.h"

#include "test.h"

#include <stdio.h>

static uint32_t number_of(const char *name)
{
    uint32_t number = 0;
    assert_true(ks_fallible_find(name, &number));
    return number;
}

// As the world does it.
static bool fails(struct ks_fault_sweep *sweep, struct ks_fault_site site)
{
    bool failed = ks_fault_sweep_fails(sweep, &site);
    if (!failed && sweep->fail == 0) {
        ks_fault_sweep_keep(sweep, &site);
    }
    return failed;
}

static struct ks_fault_site request(const char *function, uint32_t step, uint64_t stack)
{
    struct ks_fault_site site = {.operation = number_of(function), .step = step, .stack = stack};
    snprintf(site.module, sizeof site.module, "port.sys");
    return site;
}

static void a_call_stack_counts_once(void **state)
{
    struct ks_fault_sweep sweep = {0};
    (void)state;
    for (unsigned i = 0; i < 3; i++) {
        assert_false(fails(&sweep, request("IoCreateDevice", 1, 0x100)));
    }
    fails(&sweep, request("IoCreateDevice", 1, 0x104));
    fails(&sweep, request("IoCreateDevice", 2, 0x100));
    fails(&sweep, request("IoAllocateIrp", 2, 0x100));
    assert_int_equal(sweep.operations, 6);
    assert_int_equal(sweep.site_count, 3);
    assert_int_equal(sweep.sites[0].number, 1);
    assert_int_equal(sweep.sites[1].number, 4);
    assert_int_equal(sweep.sites[2].number, 6);
    ks_fault_sweep_fini(&sweep);
}

static void all_of_them_count_when_asked_for(void **state)
{
    struct ks_fault_sweep sweep = {.all = true};
    (void)state;
    for (unsigned i = 0; i < 3; i++) {
        fails(&sweep, request("IoCreateDevice", 1, 0x100));
    }
    assert_int_equal(sweep.site_count, 3);
    ks_fault_sweep_fini(&sweep);
}

static void operations_are_counted_for_each_step_and_kind(void **state)
{
    static const struct {
        const char *function;
        uint32_t step, in_step;
    } cases[] = {{"IoCreateDevice", 1, 1},
                 {"IoCreateDevice", 1, 2},
                 {"IoAllocateIrp", 1, 1},
                 {"IoCreateDevice", 2, 1}};
    struct ks_fault_sweep sweep = {.all = true};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        fails(&sweep, request(cases[i].function, cases[i].step, i));
        assert_int_equal(sweep.sites[i].in_step, cases[i].in_step);
    }
    ks_fault_sweep_fini(&sweep);
}

static void each_operation_of_the_loader_counts(void **state)
{
    struct ks_fault_sweep sweep = {0};
    const struct ks_fault_site site = {.operation = KLDR_FAULT_MAP, .step = 1};
    (void)state;
    for (unsigned i = 0; i < 40; i++) {
        fails(&sweep, site);
    }
    assert_int_equal(sweep.site_count, 40);
    assert_int_equal(sweep.sites[39].number, 40);
    ks_fault_sweep_fini(&sweep);
}

static void one_operation_fails_and_no_other(void **state)
{
    struct ks_fault_sweep sweep = {.fail = 2};
    const struct ks_fault_site site = {.operation = KLDR_FAULT_READ, .step = 1};
    (void)state;
    assert_false(fails(&sweep, site));
    assert_true(fails(&sweep, site));
    assert_false(fails(&sweep, site));
    assert_int_equal(sweep.site_count, 0);
    ks_fault_sweep_fini(&sweep);
}

static void too_many_places_are_told(void **state)
{
    struct ks_fault_sweep sweep = {0};
    const struct ks_fault_site site = {.operation = KLDR_FAULT_MAP, .step = 1};
    (void)state;
    for (unsigned i = 0; i <= KS_FAULT_SITES_MOST; i++) {
        assert_false(sweep.incomplete);
        fails(&sweep, site);
    }
    assert_true(sweep.incomplete);
    assert_int_equal(sweep.site_count, KS_FAULT_SITES_MOST);
    ks_fault_sweep_fini(&sweep);
}

// ---- the table of what can fail ----

static void each_fallible_function_is_simulated(void **state)
{
    uint32_t number = KLDR_FAULT_POOL + 1;
    (void)state;
    for (; ks_fallible_at(number) != NULL; number++) {
        const char *name = ks_fallible_at(number)->name;
        const struct ks_kernel_function *function = ks_function_find(name, NULL);
        if (function == NULL || function->run == NULL) {
            fail_msg("%s is in fallible.inc, and is no function", name);
        }
        assert_int_equal(number_of(name), number);
    }
    assert_true(number > 60);
    assert_null(ks_fallible_name_at(number));
    assert_false(ks_fallible_find("IoDeleteDevice", &number));
}

static void arguments_decide_whether_a_call_can_fail(void **state)
{
    const struct ks_fallible *map = ks_fallible_at(number_of("MmMapLockedPagesSpecifyCache"));
    const struct ks_fallible *set = ks_fallible_at(number_of("IoSetDeviceInterfaceState"));
    uint64_t arguments[6] = {0, 0, 1};
    const struct ks_kernel_call call = {NULL, arguments, 0};
    (void)state;
    assert_true(ks_fallible_applies(map, &call));
    arguments[4] = 1; // BugCheckOnFailure
    assert_false(ks_fallible_applies(map, &call));
    assert_false(ks_fallible_applies(set, &call));
    arguments[1] = 1; // Enable
    assert_true(ks_fallible_applies(set, &call));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_call_stack_counts_once),
        cmocka_unit_test(all_of_them_count_when_asked_for),
        cmocka_unit_test(operations_are_counted_for_each_step_and_kind),
        cmocka_unit_test(each_operation_of_the_loader_counts),
        cmocka_unit_test(one_operation_fails_and_no_other),
        cmocka_unit_test(too_many_places_are_told),
        cmocka_unit_test(each_fallible_function_is_simulated),
        cmocka_unit_test(arguments_decide_whether_a_call_can_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
