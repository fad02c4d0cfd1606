// SPDX-License-Identifier: MIT
// Built images as a whole: headers, checksum, routines, mapping.
#include "built_sample.h"
#include "test.h"

#include <stdlib.h>

static void headers_describe_a_native_image_for_every_machine(void **state)
{
    (void)state;
    for (size_t i = 0; i < BUILT_MACHINES; i++) {
        const struct kldr_build_description description = built_port(built_machines[i]);
        struct built_image opened;
        built_open(&opened, &description);
        const struct kldr_image_info *info = kldr_image_info(opened.image);
        assert_int_equal(info->machine, built_machines[i]);
        assert_int_equal(info->pe32_plus, built_machines[i] != KLDR_MACHINE_X86);
        assert_int_equal(info->image_base,
                         built_machines[i] == KLDR_MACHINE_X86 ? 0x10000 : 0x140000000);
        assert_int_equal(info->subsystem, 1);
        assert_int_equal(info->characteristics & 0x2003, 0x0002);
        assert_true(info->os_major >= 5 && info->image_major >= 5);
        assert_int_equal(info->section_alignment, 0x1000);
        assert_int_equal(info->file_alignment, 0x200);
        assert_int_equal(info->timestamp, 0);
        built_close(&opened);
    }
}

static void the_machine_is_x64_and_the_base_is_as_asked(void **state)
{
    struct kldr_build_description description = built_port(KLDR_MACHINE_UNKNOWN);
    struct built_image opened;
    (void)state;
    description.base = UINT64_C(0xfffff80012340000);
    built_open(&opened, &description);
    assert_int_equal(kldr_image_info(opened.image)->machine, KLDR_MACHINE_X64);
    assert_int_equal(kldr_image_info(opened.image)->image_base, UINT64_C(0xfffff80012340000));
    built_close(&opened);
}

static void equal_descriptions_give_equal_bytes(void **state)
{
    const struct kldr_build_description description = built_port(KLDR_MACHINE_X64);
    struct built_image first, second;
    (void)state;
    built_open(&first, &description);
    built_open(&second, &description);
    assert_int_equal(first.built.size, second.built.size);
    assert_memory_equal(first.built.bytes, second.built.bytes, first.built.size);
    built_close(&first);
    built_close(&second);
}

static void the_checksum_is_valid(void **state)
{
    (void)state;
    for (size_t i = 0; i < BUILT_MACHINES; i++) {
        const struct kldr_build_description description = built_port(built_machines[i]);
        struct built_image opened;
        uint32_t stored, computed;
        built_open(&opened, &description);
        assert_true(kldr_image_checksum(opened.built.bytes, opened.built.size, &stored, &computed));
        assert_int_equal(stored, computed);
        assert_int_not_equal(stored, 0);
        built_close(&opened);
    }
}

static void every_routine_has_an_address_of_its_own(void **state)
{
    static const char *const expected[] = {"PortInitialize", "PortNotify",  "DllInitialize",
                                           "Nameless",       "DriverEntry", "Dispatch"};
    static const char *const extra[] = {"Dispatch"};
    struct kldr_build_description description = built_port(KLDR_MACHINE_X64);
    struct built_image opened;
    (void)state;
    description.routines = extra;
    description.routine_count = 1;
    built_open(&opened, &description);
    assert_int_equal(opened.built.routine_count, COUNT_OF(expected));
    for (size_t i = 0; i < COUNT_OF(expected); i++) {
        const struct kldr_build_routine *routine = &opened.built.routines[i];
        assert_string_equal(routine->name, expected[i]);
        if (i > 0)
            assert_int_equal(routine->rva, opened.built.routines[i - 1].rva + 16);
    }
    assert_int_equal(built_find(&opened, "PortNotify").rva, opened.built.routines[1].rva);
    assert_int_equal(kldr_image_info(opened.image)->entry_rva, opened.built.routines[4].rva);
    built_close(&opened);
}

static void an_exported_driver_entry_is_the_entry_point(void **state)
{
    const struct kldr_build_export exports[] = {{.name = "A"}, {.name = "DriverEntry"}};
    struct kldr_build_description description = {
        .name = "b.sys", .exports = exports, .export_count = 2, .entry_point = true};
    struct built_image opened;
    (void)state;
    built_open(&opened, &description);
    assert_int_equal(opened.built.routine_count, 2);
    assert_int_equal(kldr_image_info(opened.image)->entry_rva,
                     built_find(&opened, "DriverEntry").rva);
    built_close(&opened);
    description.entry_point = false;
    built_open(&opened, &description);
    assert_int_equal(kldr_image_info(opened.image)->entry_rva, 0);
    built_close(&opened);
}

static void code_stops_whoever_runs_it(void **state)
{
    static const uint8_t int3[16] = {0xcc, 0xcc, 0xcc, 0xcc, 0xcc, 0xcc, 0xcc, 0xcc,
                                     0xcc, 0xcc, 0xcc, 0xcc, 0xcc, 0xcc, 0xcc, 0xcc};
    static const uint8_t brk[16] = {0x00, 0x00, 0x3e, 0xd4, 0x00, 0x00, 0x3e, 0xd4,
                                    0x00, 0x00, 0x3e, 0xd4, 0x00, 0x00, 0x3e, 0xd4};
    (void)state;
    for (size_t i = 0; i < BUILT_MACHINES; i++) {
        const struct kldr_build_description description = built_port(built_machines[i]);
        struct built_image opened;
        built_open(&opened, &description);
        for (size_t n = 0; n < opened.built.routine_count; n++) {
            const uint8_t *code = kldr_image_at(opened.image, opened.built.routines[n].rva, 16);
            assert_non_null(code);
            assert_memory_equal(code, built_machines[i] == KLDR_MACHINE_ARM64 ? brk : int3, 16);
        }
        built_close(&opened);
    }
}

static void one_pointer_moves_when_the_image_moves(void **state)
{
    (void)state;
    for (size_t m = 0; m < BUILT_MACHINES; m++) {
        const struct kldr_build_description description = built_port(built_machines[m]);
        const uint64_t new_base = UINT64_C(0x7f650000);
        struct built_image opened;
        struct kldr_section data;
        built_open(&opened, &description);
        const struct kldr_image_info *info = kldr_image_info(opened.image);
        assert_true(kldr_image_section(opened.image, 2, &data));
        void *memory = malloc(info->size_of_image);
        kldr_image_map(opened.image, memory);
        assert_int_equal(built_read(&opened, data.rva), info->image_base + data.rva);
        assert_int_equal(kldr_image_relocate(opened.image, new_base, NULL), KLDR_STATUS_SUCCESS);
        assert_int_equal(built_read(&opened, data.rva), new_base + data.rva);
        built_close(&opened);
        free(memory);
    }
}

static void a_mapped_layout_image_is_used_in_place(void **state)
{
    (void)state;
    for (size_t m = 0; m < BUILT_MACHINES; m++) {
        struct kldr_build_description description = built_port(built_machines[m]);
        struct built_image opened;
        description.mapped_layout = true;
        built_open(&opened, &description);
        assert_int_equal(opened.built.size, kldr_image_info(opened.image)->size_of_image);
        assert_int_equal(
            kldr_image_adopt_mapping(opened.image, opened.built.bytes, opened.built.size),
            KLDR_STATUS_SUCCESS);
        assert_int_equal(built_read(&opened, built_find(&opened, "PortData").rva),
                         UINT64_C(0x1122334455667788));
        built_close(&opened);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(headers_describe_a_native_image_for_every_machine),
        cmocka_unit_test(the_machine_is_x64_and_the_base_is_as_asked),
        cmocka_unit_test(equal_descriptions_give_equal_bytes),
        cmocka_unit_test(the_checksum_is_valid),
        cmocka_unit_test(every_routine_has_an_address_of_its_own),
        cmocka_unit_test(an_exported_driver_entry_is_the_entry_point),
        cmocka_unit_test(code_stops_whoever_runs_it),
        cmocka_unit_test(one_pointer_moves_when_the_image_moves),
        cmocka_unit_test(a_mapped_layout_image_is_used_in_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
