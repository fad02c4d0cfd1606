// SPDX-License-Identifier: MIT
// The export directories of built images, as the image reader finds them.
#include "built_sample.h"
#include "test.h"

#include <stdio.h>
#include <string.h>

static void ordinals_asked_for_are_kept_and_others_get_the_lowest_free(void **state)
{
    static const struct {
        const char *name;
        uint32_t ordinal;
    } expected[] = {{"PortInitialize", 1}, {"DllInitialize", 2}, {"PortOld", 3},
                    {"PortData", 4},       {"Hole", 5},          {"PortNotify", 7}};
    const struct kldr_build_description description = built_port(KLDR_MACHINE_X64);
    struct built_image opened;
    struct kldr_export_info info;
    (void)state;
    built_open(&opened, &description);
    for (size_t i = 0; i < COUNT_OF(expected); i++)
        assert_int_equal(built_find(&opened, expected[i].name).ordinal, expected[i].ordinal);
    assert_true(kldr_image_exports(opened.image, &info));
    assert_string_equal(info.dll_name, "port.sys");
    assert_int_equal(info.ordinal_base, 1);
    assert_int_equal(info.function_count, 9);
    assert_int_equal(info.name_count, 6);
    built_close(&opened);
}

static void the_ordinal_base_moves_all_ordinals(void **state)
{
    const struct kldr_build_export exports[] = {{.name = "B"}, {.name = "A", .ordinal = 100}};
    const struct kldr_build_description description = {
        .name = "b.sys", .exports = exports, .export_count = 2, .ordinal_base = 100};
    struct built_image opened;
    (void)state;
    built_open(&opened, &description);
    assert_int_equal(built_find(&opened, "A").ordinal, 100);
    assert_int_equal(built_find(&opened, "B").ordinal, 101);
    built_close(&opened);
}

static void the_highest_ordinal_is_65535(void **state)
{
    const struct kldr_build_export exports[] = {{.name = "Last", .ordinal = 65535}};
    const struct kldr_build_description description = {
        .name = "b.sys", .exports = exports, .export_count = 1};
    struct built_image opened;
    struct kldr_export found;
    (void)state;
    built_open(&opened, &description);
    assert_int_equal(built_find(&opened, "Last").ordinal, 65535);
    assert_true(kldr_image_export_at(opened.image, 65533, &found));
    assert_int_equal(found.rva, 0);
    built_close(&opened);
}

static void names_are_sorted_bytewise(void **state)
{
    static const char *const sorted[] = {"DllInitialize",  "Hole",       "PortData",
                                         "PortInitialize", "PortNotify", "PortOld"};
    const struct kldr_build_description description = built_port(KLDR_MACHINE_ARM64);
    struct built_image opened;
    struct kldr_export found;
    (void)state;
    built_open(&opened, &description);
    for (uint32_t i = 0; i < COUNT_OF(sorted); i++) {
        assert_true(kldr_image_export_name_at(opened.image, i, &found));
        assert_string_equal(found.name, sorted[i]);
    }
    built_close(&opened);
}

static void many_names_in_no_order_are_all_found(void **state)
{
    enum { COUNT = 1000 };
    static char names[COUNT][8];
    static struct kldr_build_export exports[COUNT];
    const struct kldr_build_description description = {
        .name = "b.sys", .exports = exports, .export_count = COUNT};
    struct built_image opened;
    (void)state;
    for (unsigned i = 0; i < COUNT; i++) {
        snprintf(names[i], sizeof names[i], "F%u", i * 7919u % COUNT);
        exports[i] = (struct kldr_build_export){.name = names[i]};
    }
    built_open(&opened, &description);
    for (unsigned i = 0; i < COUNT; i++)
        assert_int_equal(built_find(&opened, names[i]).ordinal, i + 1);
    built_close(&opened);
}

static void unsorted_names_stay_in_the_order_given(void **state)
{
    struct kldr_build_description description = built_port(KLDR_MACHINE_X64);
    struct built_image opened;
    struct kldr_export found;
    uint32_t entry = 0;
    (void)state;
    description.unsorted_names = true;
    built_open(&opened, &description);
    for (size_t i = 0; i < BUILT_PORT_EXPORTS; i++) {
        if (built_port_exports[i].noname)
            continue;
        assert_true(kldr_image_export_name_at(opened.image, entry++, &found));
        assert_string_equal(found.name, built_port_exports[i].name);
    }
    assert_false(kldr_image_export_name_at(opened.image, entry, &found));
    built_close(&opened);
}

static void a_forwarder_is_text_and_a_routine_is_not(void **state)
{
    const struct kldr_build_description description = built_port(KLDR_MACHINE_X64);
    struct built_image opened;
    (void)state;
    built_open(&opened, &description);
    assert_string_equal(built_find(&opened, "PortOld").forwarder, "helper.NewName");
    assert_null(built_find(&opened, "PortInitialize").forwarder);
    assert_null(built_find(&opened, "PortData").forwarder);
    built_close(&opened);
}

static void several_forwarders_keep_their_own_targets(void **state)
{
    const struct kldr_build_export exports[] = {{.name = "Z", .forwarder = "long_module_name.A"},
                                                {.name = "Y", .forwarder = "b.#3"},
                                                {.name = "X", .forwarder = "no dot at all"}};
    const struct kldr_build_description description = {
        .name = "f.sys", .exports = exports, .export_count = COUNT_OF(exports)};
    struct built_image opened;
    (void)state;
    built_open(&opened, &description);
    for (size_t i = 0; i < COUNT_OF(exports); i++)
        assert_string_equal(built_find(&opened, exports[i].name).forwarder, exports[i].forwarder);
    assert_int_equal(opened.built.routine_count, 0);
    built_close(&opened);
}

static void a_variable_holds_its_64_bit_value_in_a_writable_section(void **state)
{
    (void)state;
    for (size_t i = 0; i < BUILT_MACHINES; i++) {
        const struct kldr_build_description description = built_port(built_machines[i]);
        struct built_image opened;
        struct kldr_section section = {.rva = 0};
        built_open(&opened, &description);
        const uint32_t rva = built_find(&opened, "PortData").rva;
        assert_int_equal(built_read(&opened, rva), UINT64_C(0x1122334455667788));
        for (unsigned n = 0; kldr_image_section(opened.image, n, &section); n++) {
            if (rva >= section.rva && rva - section.rva < section.virtual_size)
                break;
        }
        assert_string_equal(section.name, ".data");
        assert_int_equal(section.characteristics & 0xe0000000, 0xc0000000);
        built_close(&opened);
    }
}

static void a_hole_has_a_name_and_no_address(void **state)
{
    const struct kldr_build_description description = built_port(KLDR_MACHINE_X64);
    struct built_image opened;
    struct kldr_export found;
    (void)state;
    built_open(&opened, &description);
    assert_int_equal(built_find(&opened, "Hole").rva, 0);
    assert_true(kldr_image_export_at(opened.image, 5, &found)); // no export asked for ordinal 6
    assert_int_equal(found.rva, 0);
    assert_null(found.name);
    built_close(&opened);
}

static void an_export_without_name_is_found_by_ordinal_only(void **state)
{
    const struct kldr_build_description description = built_port(KLDR_MACHINE_X64);
    struct built_image opened;
    struct kldr_export found;
    (void)state;
    built_open(&opened, &description);
    assert_false(kldr_image_export_listed(opened.image, "Nameless", &found));
    assert_int_equal(kldr_image_find_ordinal(opened.image, 9, &found, NULL), KLDR_STATUS_SUCCESS);
    assert_int_not_equal(found.rva, 0);
    assert_null(found.name);
    built_close(&opened);
}

static void there_is_no_export_directory_without_exports_or_when_unwanted(void **state)
{
    struct kldr_build_description description = built_port(KLDR_MACHINE_X64);
    struct built_image opened;
    struct kldr_export_info info;
    (void)state;
    description.no_export_directory = true;
    built_open(&opened, &description);
    assert_false(kldr_image_exports(opened.image, &info));
    assert_int_equal(opened.built.routine_count, 5); // its routines keep their addresses
    built_close(&opened);
    description = (struct kldr_build_description){.name = "empty.sys"};
    built_open(&opened, &description);
    assert_false(kldr_image_exports(opened.image, &info));
    assert_int_equal(kldr_image_info(opened.image)->entry_rva, 0);
    assert_int_equal(opened.built.routine_count, 0);
    assert_null(opened.built.routines);
    built_close(&opened);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ordinals_asked_for_are_kept_and_others_get_the_lowest_free),
        cmocka_unit_test(the_ordinal_base_moves_all_ordinals),
        cmocka_unit_test(the_highest_ordinal_is_65535),
        cmocka_unit_test(names_are_sorted_bytewise),
        cmocka_unit_test(many_names_in_no_order_are_all_found),
        cmocka_unit_test(unsorted_names_stay_in_the_order_given),
        cmocka_unit_test(a_forwarder_is_text_and_a_routine_is_not),
        cmocka_unit_test(several_forwarders_keep_their_own_targets),
        cmocka_unit_test(a_variable_holds_its_64_bit_value_in_a_writable_section),
        cmocka_unit_test(a_hole_has_a_name_and_no_address),
        cmocka_unit_test(an_export_without_name_is_found_by_ordinal_only),
        cmocka_unit_test(there_is_no_export_directory_without_exports_or_when_unwanted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
