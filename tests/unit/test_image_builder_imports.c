// SPDX-License-Identifier: MIT
// The import directories of built images, as the image reader finds them.
#include "built_sample.h"
#include "test.h"

static const struct kldr_build_function kernel_functions[] = {
    {.name = "IoCreateDevice", .hint = 3}, {.ordinal = 7}, {.name = "DbgPrint", .hint = 65535}};
static const struct kldr_build_function old_functions[] = {{.name = "Old"}};
static const struct kldr_build_import imports[] = {
    {.module = "ntoskrnl.exe", .functions = kernel_functions, .function_count = 3},
    {.module = "Old.SYS", .functions = old_functions, .function_count = 1, .no_lookup_table = true},
    {.module = "empty.sys"},
    {.module = "ntoskrnl.exe", .functions = kernel_functions, .function_count = 1},
};

static struct kldr_build_description importer(enum kldr_machine machine)
{
    return (struct kldr_build_description){.name = "mini.sys",
                                           .machine = machine,
                                           .imports = imports,
                                           .import_count = COUNT_OF(imports),
                                           .entry_point = true};
}

static void check_thunks(const struct built_image *opened,
                         const struct kldr_import_descriptor *descriptor,
                         const struct kldr_build_import *import, uint32_t *cell)
{
    const uint32_t width = kldr_image_info(opened->image)->pe32_plus ? 8 : 4;
    struct kldr_import_thunk thunk;
    assert_int_equal(descriptor->address_table, *cell);
    for (uint32_t i = 0; i < import->function_count; i++) {
        const struct kldr_build_function *function = &import->functions[i];
        assert_int_equal(kldr_image_thunk(opened->image, descriptor, i, &thunk, NULL),
                         KLDR_STATUS_SUCCESS);
        assert_int_equal(thunk.cell_rva, *cell + i * width);
        if (function->name != NULL) {
            assert_string_equal(thunk.name, function->name);
            assert_int_equal(thunk.hint, function->hint);
        } else {
            assert_null(thunk.name);
            assert_int_equal(thunk.ordinal, function->ordinal);
        }
    }
    assert_int_equal(
        kldr_image_thunk(opened->image, descriptor, (uint32_t)import->function_count, &thunk, NULL),
        KLDR_ERROR_END);
}

static void imports_keep_order_repeats_hints_and_ordinals(void **state)
{
    (void)state;
    for (size_t m = 0; m < BUILT_MACHINES; m++) {
        const struct kldr_build_description description = importer(built_machines[m]);
        struct built_image opened;
        struct kldr_import_descriptor descriptor;
        built_open(&opened, &description);
        const struct kldr_image_info *info = kldr_image_info(opened.image);
        uint32_t cell = info->directory[KLDR_DIRECTORY_IAT].rva;
        for (uint32_t i = 0; i < COUNT_OF(imports); i++) {
            assert_int_equal(kldr_image_import(opened.image, i, &descriptor, NULL),
                             KLDR_STATUS_SUCCESS);
            assert_string_equal(descriptor.module, imports[i].module);
            assert_int_equal(descriptor.lookup_table == 0, imports[i].no_lookup_table);
            if (!imports[i].no_lookup_table)
                check_thunks(&opened, &descriptor, &imports[i], &cell);
            cell += (uint32_t)(imports[i].function_count + 1) * (info->pe32_plus ? 8 : 4);
        }
        assert_int_equal(kldr_image_import(opened.image, COUNT_OF(imports), &descriptor, NULL),
                         KLDR_ERROR_END);
        built_close(&opened);
    }
}

static void the_iat_directory_covers_all_cells_and_nothing_else(void **state)
{
    (void)state;
    for (size_t m = 0; m < BUILT_MACHINES; m++) {
        const struct kldr_build_description description = importer(built_machines[m]);
        struct built_image opened;
        built_open(&opened, &description);
        const struct kldr_image_info *info = kldr_image_info(opened.image);
        // 5 functions and one terminator for each of the 4 descriptors
        assert_int_equal(info->directory[KLDR_DIRECTORY_IAT].size, 9u * (info->pe32_plus ? 8 : 4));
        built_close(&opened);
    }
}

static void without_imports_there_is_no_import_directory(void **state)
{
    const struct kldr_build_description description = built_port(KLDR_MACHINE_X64);
    struct built_image opened;
    (void)state;
    built_open(&opened, &description);
    const struct kldr_image_info *info = kldr_image_info(opened.image);
    assert_int_equal(info->directory[KLDR_DIRECTORY_IMPORT].rva, 0);
    assert_int_equal(info->directory[KLDR_DIRECTORY_IAT].rva, 0);
    built_close(&opened);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(imports_keep_order_repeats_hints_and_ordinals),
        cmocka_unit_test(the_iat_directory_covers_all_cells_and_nothing_else),
        cmocka_unit_test(without_imports_there_is_no_import_directory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
