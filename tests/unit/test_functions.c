// SPDX-License-Identifier: MIT
// The table of kernel functions against the names that Windows exports.
#include "kernel/functions.h"
#include "kernel/image/kernel_names.h"
#include "test.h"

#include <string.h>

static void every_row_of_the_table_is_found_by_its_name(void **state)
{
    const struct ks_kernel_function *function;
    (void)state;
    assert_non_null(ks_function_at(0));
    for (size_t i = 0; (function = ks_function_at(i)) != NULL; i++) {
        size_t index = 0;
        assert_ptr_equal(ks_function_find(function->name, &index), function);
        assert_int_equal(index, i);
    }
    assert_null(ks_function_find("NoSuchFunction", NULL));
    assert_null(ks_function_find("", NULL));
}

static void windows_exports_every_name_of_it(void **state)
{
    const struct ks_kernel_function *function;
    (void)state;
    for (size_t i = 0; (function = ks_function_at(i)) != NULL; i++) {
        bool exported = ks_kernel_name_find("ntoskrnl.exe", function->name) ||
                        ks_kernel_name_find("hal.dll", function->name) ||
                        ks_kernel_name_find("WDFLDR.SYS", function->name) ||
                        ks_kernel_name_find("Wdf01000.sys", function->name);
        if (exported == (function->status == KS_FUNCTION_HIDDEN)) {
            fail_msg("%s is hidden or exported by a kernel module, not both", function->name);
        }
    }
}

static void variables_are_data_of_the_kernel(void **state)
{
    uint64_t value = 99;
    (void)state;
    assert_true(ks_function_variable(NULL, "KdDebuggerEnabled", &value));
    assert_int_equal(value, 0);
    assert_false(ks_function_variable(NULL, "DbgPrint", &value));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_of_the_table_is_found_by_its_name),
        cmocka_unit_test(windows_exports_every_name_of_it),
        cmocka_unit_test(variables_are_data_of_the_kernel),
    };
    return cmocka_run_group_tests_name("functions", tests, NULL, NULL);
}
