// SPDX-License-Identifier: MIT
// Routines that are given code: where it lands, what its references become, what is refused.
#include "built_sample.h"
#include "test.h"

#include <string.h>

static const struct kldr_build_function functions[] = {{.name = "DbgPrintEx"}, {.name = "Second"}};
static const struct kldr_build_import imports[] = {
    {.module = "first.sys", .functions = functions, .function_count = 1},
    {.module = "ntoskrnl.exe", .functions = functions, .function_count = 2},
};
static const struct kldr_build_export exports[] = {{.name = "A"}, {.name = "B"}, {.name = "C"}};

static struct kldr_build_description with_code(const struct kldr_build_code *code, size_t count)
{
    return (struct kldr_build_description){.name = "b.sys",
                                           .exports = exports,
                                           .export_count = COUNT_OF(exports),
                                           .imports = imports,
                                           .import_count = COUNT_OF(imports),
                                           .entry_point = true,
                                           .code = code,
                                           .code_count = count,
                                           .code_data_size = 16};
}

static uint32_t read32(const uint8_t *at)
{
    return at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

// Where a displacement at offset in the routine leads.
static uint32_t reach(const struct built_image *opened, const struct kldr_build_routine *routine,
                      uint32_t offset)
{
    const uint8_t *at = kldr_image_at(opened->image, routine->rva + offset, 4);
    assert_non_null(at);
    return routine->rva + offset + 4 + read32(at);
}

static void code_is_put_at_its_routine_and_references_are_filled_in(void **state)
{
    static const uint8_t bytes[40] = {0x90, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, [39] = 0xc3};
    static const struct kldr_build_fixup fixups[] = {
        {.kind = KLDR_FIXUP_IMPORT, .offset = 1, .import = 1, .function = 1},
        {.kind = KLDR_FIXUP_ROUTINE, .offset = 5, .routine = "C"},
        {.kind = KLDR_FIXUP_DATA, .offset = 9, .data_offset = 8},
    };
    static const struct kldr_build_code code[] = {
        {.routine = "B", .bytes = bytes, .size = 40, .fixups = fixups, .fixup_count = 3}};
    const struct kldr_build_description description = with_code(code, 1);
    struct built_image opened;
    (void)state;
    built_open(&opened, &description);
    const struct kldr_build_routine *routines = opened.built.routines;
    assert_int_equal(routines[1].rva, routines[0].rva + 16);
    assert_int_equal(routines[2].rva, routines[1].rva + 48);
    const struct kldr_image_info *info = kldr_image_info(opened.image);
    const uint32_t cells = info->directory[KLDR_DIRECTORY_IAT].rva;
    const uint32_t cells_size = info->directory[KLDR_DIRECTORY_IAT].size;
    assert_int_equal(reach(&opened, &routines[1], 1), cells + 3 * 8);
    assert_int_equal(reach(&opened, &routines[1], 5), routines[2].rva);
    const uint32_t data = reach(&opened, &routines[1], 9);
    assert_int_equal(data % 8, 0);
    assert_true(data > cells + cells_size && data < info->size_of_image);
    built_close(&opened);
}

static void bad_code_is_refused(void **state)
{
    static const uint8_t bytes[8];
    static const struct kldr_build_fixup no_import = {.kind = KLDR_FIXUP_IMPORT, .import = 2};
    static const struct kldr_build_fixup no_function = {
        .kind = KLDR_FIXUP_IMPORT, .import = 0, .function = 1};
    static const struct kldr_build_fixup no_routine = {.kind = KLDR_FIXUP_ROUTINE, .routine = "Z"};
    static const struct kldr_build_fixup no_data = {.kind = KLDR_FIXUP_DATA, .data_offset = 16};
    static const struct kldr_build_fixup outside = {.kind = KLDR_FIXUP_DATA, .offset = 5};
    static const struct kldr_build_code rows[][2] = {
        {{.routine = "Z", .bytes = bytes, .size = 8}},
        {{.routine = "B", .bytes = bytes, .size = 8}, {.routine = "B", .bytes = bytes, .size = 8}},
        {{.routine = "B", .bytes = bytes, .size = 0}},
        {{.routine = "B", .bytes = bytes, .size = 0x10001}},
        {{.routine = "B", .bytes = bytes, .size = 8, .fixups = &no_import, .fixup_count = 1}},
        {{.routine = "B", .bytes = bytes, .size = 8, .fixups = &no_function, .fixup_count = 1}},
        {{.routine = "B", .bytes = bytes, .size = 8, .fixups = &no_routine, .fixup_count = 1}},
        {{.routine = "B", .bytes = bytes, .size = 8, .fixups = &no_data, .fixup_count = 1}},
        {{.routine = "B", .bytes = bytes, .size = 8, .fixups = &outside, .fixup_count = 1}},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const struct kldr_build_description description =
            with_code(rows[i], rows[i][1].routine != NULL ? 2 : 1);
        struct kldr_built_image built;
        struct kldr_error error;
        assert_int_equal(kldr_image_build(NULL, &description, &built, &error),
                         KLDR_ERROR_BAD_ARGUMENT);
        assert_string_not_equal(error.detail, "");
    }
}

static void only_x64_takes_code(void **state)
{
    static const uint8_t bytes[8];
    static const struct kldr_build_code code = {.routine = "B", .bytes = bytes, .size = 8};
    struct kldr_build_description description = with_code(&code, 1);
    struct kldr_built_image built;
    struct kldr_error error;
    (void)state;
    description.machine = KLDR_MACHINE_ARM64;
    assert_int_equal(kldr_image_build(NULL, &description, &built, &error), KLDR_ERROR_BAD_ARGUMENT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(code_is_put_at_its_routine_and_references_are_filled_in),
        cmocka_unit_test(bad_code_is_refused),
        cmocka_unit_test(only_x64_takes_code),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
