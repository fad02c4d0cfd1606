// SPDX-License-Identifier: MIT
#include "kernel/image/kernel_names.h"

#include "test.h"

#include <string.h>

static void all_lists_are_sorted_bytewise_without_duplicates(void **state)
{
    (void)state;
    for (int m = 0; m < KS_KERNEL_MODULES; m++) {
        const enum ks_kernel_module module = (enum ks_kernel_module)m;
        const size_t count = ks_kernel_name_count(module);
        for (size_t i = 1; i < count; i++) {
            const char *previous = ks_kernel_name_at(module, i - 1, NULL);
            const char *name = ks_kernel_name_at(module, i, NULL);
            if (strcmp(previous, name) >= 0)
                fail_msg("%s comes before %s", previous, name);
        }
    }
}

static void the_lists_are_about_as_long_as_in_windows(void **state)
{
    (void)state;
    assert_in_range(ks_kernel_name_count(KS_KERNEL_NTOSKRNL), 3000, 4000);
    assert_in_range(ks_kernel_name_count(KS_KERNEL_HAL), 100, 400);
}

static void every_name_is_found_where_it_is_listed(void **state)
{
    (void)state;
    for (int m = 0; m < KS_KERNEL_MODULES; m++) {
        const enum ks_kernel_module module = (enum ks_kernel_module)m;
        for (size_t i = 0; i < ks_kernel_name_count(module); i++) {
            size_t index;
            assert_true(ks_kernel_name_index(module, ks_kernel_name_at(module, i, NULL), &index));
            assert_int_equal(index, i);
        }
    }
}

static void modules_are_found_in_any_case_and_names_exactly(void **state)
{
    (void)state;
    assert_true(ks_kernel_name_find("ntoskrnl.exe", "IoCreateDevice"));
    assert_true(ks_kernel_name_find("NTOSKRNL.EXE", "IoCreateDevice"));
    assert_true(ks_kernel_name_find("HAL.dll", "KeStallExecutionProcessor"));
    assert_false(ks_kernel_name_find("ntoskrnl.exe", "iocreatedevice"));
    assert_false(ks_kernel_name_find("ntoskrnl", "IoCreateDevice"));
    assert_false(ks_kernel_name_find("halo.sys", "KeStallExecutionProcessor"));
    assert_false(ks_kernel_name_find("hal.dll", "IoCreateDevice"));
    assert_false(ks_kernel_name_find("ntoskrnl.exe", ""));
    assert_false(ks_kernel_name_find("ntoskrnl.exe", "NoKernelHasThis"));
}

static void old_new_and_c_library_names_are_known(void **state)
{
    static const char *const names[] = {"ExAllocatePoolWithTag",
                                        "ExAllocatePool2",
                                        "ExAllocatePool3",
                                        "ExFreePool2",
                                        "IoSetMasterIrpStatus",
                                        "KeQueryUnbiasedInterruptTimePrecise",
                                        "RtlInitUTF8String",
                                        "PoRegisterPowerSettingCallback",
                                        "MmMapIoSpaceEx",
                                        "PsGetServerSiloActiveConsoleId",
                                        "__C_specific_handler",
                                        "_vsnwprintf",
                                        "memcpy",
                                        "strnlen_s"};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        if (!ks_kernel_name_find("ntoskrnl.exe", names[i]))
            fail_msg("%s is not listed", names[i]);
    }
}

static void names_of_another_system_are_not_listed(void **state)
{
    (void)state;
    for (size_t i = 0; i < ks_kernel_name_count(KS_KERNEL_NTOSKRNL); i++) {
        const char *name = ks_kernel_name_at(KS_KERNEL_NTOSKRNL, i, NULL);
        assert_null(strstr(name, "wine"));
    }
}

static void the_kernel_also_exports_what_the_hal_does(void **state)
{
    (void)state;
    for (size_t i = 0; i < ks_kernel_name_count(KS_KERNEL_HAL); i++) {
        enum ks_kernel_kind in_hal, in_kernel;
        size_t index;
        const char *name = ks_kernel_name_at(KS_KERNEL_HAL, i, &in_hal);
        assert_true(ks_kernel_name_index(KS_KERNEL_NTOSKRNL, name, &index));
        ks_kernel_name_at(KS_KERNEL_NTOSKRNL, index, &in_kernel);
        assert_int_equal(in_hal, in_kernel);
    }
}

static void variables_and_functions_are_told_apart(void **state)
{
    static const struct {
        const char *name;
        enum ks_kernel_kind kind;
    } cases[] = {{"IoFileObjectType", KS_KERNEL_DATA}, {"KeNumberProcessors", KS_KERNEL_DATA},
                 {"SeExports", KS_KERNEL_DATA},        {"NtBuildNumber", KS_KERNEL_DATA},
                 {"DbgPrint", KS_KERNEL_FUNCTION},     {"memset", KS_KERNEL_FUNCTION}};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        size_t index;
        enum ks_kernel_kind kind;
        assert_true(ks_kernel_name_index(KS_KERNEL_NTOSKRNL, cases[i].name, &index));
        ks_kernel_name_at(KS_KERNEL_NTOSKRNL, index, &kind);
        assert_int_equal(kind, cases[i].kind);
    }
}

static void a_slip_finds_the_nearest_name(void **state)
{
    (void)state;
    assert_string_equal(ks_kernel_name_nearest(KS_KERNEL_NTOSKRNL, "IoCreateDevise"),
                        "IoCreateDevice");
    assert_string_equal(ks_kernel_name_nearest(KS_KERNEL_NTOSKRNL, "dbgprint"), "DbgPrint");
    assert_null(ks_kernel_name_nearest(KS_KERNEL_NTOSKRNL, "NothingLikeAnyKernelFunctionAtAll"));
}

static void modules_have_their_file_names(void **state)
{
    enum ks_kernel_module module;
    (void)state;
    assert_string_equal(ks_kernel_module_name(KS_KERNEL_NTOSKRNL), "ntoskrnl.exe");
    assert_string_equal(ks_kernel_module_name(KS_KERNEL_HAL), "hal.dll");
    assert_true(ks_kernel_module_find("Hal.Dll", &module));
    assert_int_equal(module, KS_KERNEL_HAL);
    assert_true(ks_kernel_module_find("ntoskrnl.exe", NULL));
    assert_false(ks_kernel_module_find("hal.dll.sys", &module));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_lists_are_sorted_bytewise_without_duplicates),
        cmocka_unit_test(the_lists_are_about_as_long_as_in_windows),
        cmocka_unit_test(every_name_is_found_where_it_is_listed),
        cmocka_unit_test(modules_are_found_in_any_case_and_names_exactly),
        cmocka_unit_test(old_new_and_c_library_names_are_known),
        cmocka_unit_test(names_of_another_system_are_not_listed),
        cmocka_unit_test(the_kernel_also_exports_what_the_hal_does),
        cmocka_unit_test(variables_and_functions_are_told_apart),
        cmocka_unit_test(a_slip_finds_the_nearest_name),
        cmocka_unit_test(modules_have_their_file_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
