// SPDX-License-Identifier: MIT
// What the image reader finds in built images is what the description said.
#include <kldr/image_builder.h>

#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const enum kldr_machine machines[] = {KLDR_MACHINE_X64, KLDR_MACHINE_ARM64,
                                             KLDR_MACHINE_X86};

// A built image, opened in file layout.
struct opened {
    struct kldr_built_image built;
    struct kldr_image *image;
};

static void open_built(struct opened *opened, const struct kldr_build_description *description)
{
    struct kldr_error error;
    assert_int_equal(kldr_image_build(NULL, description, &opened->built, &error),
                     KLDR_STATUS_SUCCESS);
    assert_int_equal(kldr_image_create(NULL, opened->built.bytes, opened->built.size, NULL,
                                       &opened->image, &error),
                     KLDR_STATUS_SUCCESS);
}

static void close_built(struct opened *opened)
{
    kldr_image_destroy(opened->image);
    kldr_built_image_free(NULL, &opened->built);
}

static struct kldr_export find(const struct opened *opened, const char *name)
{
    struct kldr_export found;
    enum kldr_lookup_via via;
    assert_int_equal(
        kldr_image_find_export(opened->image, name, strlen(name), UINT32_MAX, &found, &via),
        KLDR_STATUS_SUCCESS);
    return found;
}

static uint64_t read_u64(const struct opened *opened, uint32_t rva)
{
    const uint8_t *at = kldr_image_at(opened->image, rva, 8);
    uint64_t value = 0;
    assert_non_null(at);
    for (int i = 7; i >= 0; i--)
        value = value << 8 | at[i];
    return value;
}

static const struct kldr_build_export port_exports[] = {
    {.name = "PortInitialize"},
    {.name = "PortNotify", .ordinal = 7},
    {.name = "PortOld", .forwarder = "helper.NewName"},
    {.name = "PortData", .data = true, .data_value = UINT64_C(0x1122334455667788)},
    {.name = "DllInitialize", .ordinal = 2, .private_ = true},
    {.name = "Nameless", .ordinal = 9, .noname = true},
    {.name = "Hole", .hole = true},
};

static struct kldr_build_description port_description(enum kldr_machine machine)
{
    return (struct kldr_build_description){.name = "port.sys",
                                           .machine = machine,
                                           .exports = port_exports,
                                           .export_count = COUNT_OF(port_exports),
                                           .entry_point = true};
}

static void headers_describe_a_native_image_for_every_machine(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(machines); i++) {
        const struct kldr_build_description description = port_description(machines[i]);
        struct opened opened;
        open_built(&opened, &description);
        const struct kldr_image_info *info = kldr_image_info(opened.image);
        assert_int_equal(info->machine, machines[i]);
        assert_int_equal(info->pe32_plus, machines[i] != KLDR_MACHINE_X86);
        assert_int_equal(info->image_base, machines[i] == KLDR_MACHINE_X86 ? 0x10000 : 0x140000000);
        assert_int_equal(info->subsystem, 1);
        assert_int_equal(info->characteristics & 0x2003, 0x0002);
        assert_true(info->os_major >= 5 && info->image_major >= 5);
        assert_int_equal(info->section_alignment, 0x1000);
        assert_int_equal(info->file_alignment, 0x200);
        assert_int_equal(info->timestamp, 0);
        close_built(&opened);
    }
}

static void the_machine_is_x64_and_the_base_is_as_asked(void **state)
{
    struct kldr_build_description description = port_description(KLDR_MACHINE_UNKNOWN);
    struct opened opened;
    (void)state;
    description.base = UINT64_C(0xfffff80012340000);
    open_built(&opened, &description);
    assert_int_equal(kldr_image_info(opened.image)->machine, KLDR_MACHINE_X64);
    assert_int_equal(kldr_image_info(opened.image)->image_base, UINT64_C(0xfffff80012340000));
    close_built(&opened);
}

static void equal_descriptions_give_equal_bytes(void **state)
{
    const struct kldr_build_description description = port_description(KLDR_MACHINE_X64);
    struct opened first, second;
    (void)state;
    open_built(&first, &description);
    open_built(&second, &description);
    assert_int_equal(first.built.size, second.built.size);
    assert_memory_equal(first.built.bytes, second.built.bytes, first.built.size);
    close_built(&first);
    close_built(&second);
}

static void the_checksum_is_valid(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(machines); i++) {
        const struct kldr_build_description description = port_description(machines[i]);
        struct opened opened;
        uint32_t stored, computed;
        open_built(&opened, &description);
        assert_true(kldr_image_checksum(opened.built.bytes, opened.built.size, &stored, &computed));
        assert_int_equal(stored, computed);
        assert_int_not_equal(stored, 0);
        close_built(&opened);
    }
}

// ---- exports ----

static void ordinals_asked_for_are_kept_and_others_get_the_lowest_free(void **state)
{
    static const struct {
        const char *name;
        uint32_t ordinal;
    } expected[] = {{"PortInitialize", 1}, {"DllInitialize", 2}, {"PortOld", 3},
                    {"PortData", 4},       {"Hole", 5},          {"PortNotify", 7}};
    const struct kldr_build_description description = port_description(KLDR_MACHINE_X64);
    struct opened opened;
    struct kldr_export_info info;
    (void)state;
    open_built(&opened, &description);
    for (size_t i = 0; i < COUNT_OF(expected); i++)
        assert_int_equal(find(&opened, expected[i].name).ordinal, expected[i].ordinal);
    assert_true(kldr_image_exports(opened.image, &info));
    assert_string_equal(info.dll_name, "port.sys");
    assert_int_equal(info.ordinal_base, 1);
    assert_int_equal(info.function_count, 9);
    assert_int_equal(info.name_count, 6);
    close_built(&opened);
}

static void the_ordinal_base_moves_all_ordinals(void **state)
{
    const struct kldr_build_export exports[] = {{.name = "B"}, {.name = "A", .ordinal = 100}};
    const struct kldr_build_description description = {
        .name = "b.sys", .exports = exports, .export_count = 2, .ordinal_base = 100};
    struct opened opened;
    (void)state;
    open_built(&opened, &description);
    assert_int_equal(find(&opened, "A").ordinal, 100);
    assert_int_equal(find(&opened, "B").ordinal, 101);
    close_built(&opened);
}

static void the_highest_ordinal_is_65535(void **state)
{
    const struct kldr_build_export exports[] = {{.name = "Last", .ordinal = 65535}};
    const struct kldr_build_description description = {
        .name = "b.sys", .exports = exports, .export_count = 1};
    struct opened opened;
    struct kldr_export found;
    (void)state;
    open_built(&opened, &description);
    assert_int_equal(find(&opened, "Last").ordinal, 65535);
    assert_true(kldr_image_export_at(opened.image, 65533, &found));
    assert_int_equal(found.rva, 0);
    close_built(&opened);
}

static void names_are_sorted_bytewise(void **state)
{
    static const char *const sorted[] = {"DllInitialize",  "Hole",       "PortData",
                                         "PortInitialize", "PortNotify", "PortOld"};
    const struct kldr_build_description description = port_description(KLDR_MACHINE_ARM64);
    struct opened opened;
    struct kldr_export found;
    (void)state;
    open_built(&opened, &description);
    for (uint32_t i = 0; i < COUNT_OF(sorted); i++) {
        assert_true(kldr_image_export_name_at(opened.image, i, &found));
        assert_string_equal(found.name, sorted[i]);
    }
    close_built(&opened);
}

static void many_names_in_no_order_are_all_found(void **state)
{
    enum { COUNT = 1000 };
    static char names[COUNT][8];
    static struct kldr_build_export exports[COUNT];
    const struct kldr_build_description description = {
        .name = "b.sys", .exports = exports, .export_count = COUNT};
    struct opened opened;
    (void)state;
    for (unsigned i = 0; i < COUNT; i++) {
        snprintf(names[i], sizeof names[i], "F%u", i * 7919u % COUNT);
        exports[i] = (struct kldr_build_export){.name = names[i]};
    }
    open_built(&opened, &description);
    for (unsigned i = 0; i < COUNT; i++)
        assert_int_equal(find(&opened, names[i]).ordinal, i + 1);
    close_built(&opened);
}

static void unsorted_names_stay_in_the_order_given(void **state)
{
    struct kldr_build_description description = port_description(KLDR_MACHINE_X64);
    struct opened opened;
    struct kldr_export found;
    uint32_t entry = 0;
    (void)state;
    description.unsorted_names = true;
    open_built(&opened, &description);
    for (size_t i = 0; i < COUNT_OF(port_exports); i++) {
        if (port_exports[i].noname)
            continue;
        assert_true(kldr_image_export_name_at(opened.image, entry++, &found));
        assert_string_equal(found.name, port_exports[i].name);
    }
    assert_false(kldr_image_export_name_at(opened.image, entry, &found));
    close_built(&opened);
}

static void a_forwarder_is_text_and_a_routine_is_not(void **state)
{
    const struct kldr_build_description description = port_description(KLDR_MACHINE_X64);
    struct opened opened;
    (void)state;
    open_built(&opened, &description);
    assert_string_equal(find(&opened, "PortOld").forwarder, "helper.NewName");
    assert_null(find(&opened, "PortInitialize").forwarder);
    assert_null(find(&opened, "PortData").forwarder);
    close_built(&opened);
}

static void several_forwarders_keep_their_own_targets(void **state)
{
    const struct kldr_build_export exports[] = {{.name = "Z", .forwarder = "long_module_name.A"},
                                                {.name = "Y", .forwarder = "b.#3"},
                                                {.name = "X", .forwarder = "no dot at all"}};
    const struct kldr_build_description description = {
        .name = "f.sys", .exports = exports, .export_count = COUNT_OF(exports)};
    struct opened opened;
    (void)state;
    open_built(&opened, &description);
    for (size_t i = 0; i < COUNT_OF(exports); i++)
        assert_string_equal(find(&opened, exports[i].name).forwarder, exports[i].forwarder);
    assert_int_equal(opened.built.routine_count, 0);
    close_built(&opened);
}

static void a_variable_holds_its_64_bit_value_in_a_writable_section(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(machines); i++) {
        const struct kldr_build_description description = port_description(machines[i]);
        struct opened opened;
        struct kldr_section section = {.rva = 0};
        open_built(&opened, &description);
        const uint32_t rva = find(&opened, "PortData").rva;
        assert_int_equal(read_u64(&opened, rva), UINT64_C(0x1122334455667788));
        for (unsigned n = 0; kldr_image_section(opened.image, n, &section); n++) {
            if (rva >= section.rva && rva - section.rva < section.virtual_size)
                break;
        }
        assert_string_equal(section.name, ".data");
        assert_int_equal(section.characteristics & 0xe0000000, 0xc0000000);
        close_built(&opened);
    }
}

static void a_hole_has_a_name_and_no_address(void **state)
{
    const struct kldr_build_description description = port_description(KLDR_MACHINE_X64);
    struct opened opened;
    struct kldr_export found;
    (void)state;
    open_built(&opened, &description);
    assert_int_equal(find(&opened, "Hole").rva, 0);
    assert_true(kldr_image_export_at(opened.image, 5, &found)); // no export asked for ordinal 6
    assert_int_equal(found.rva, 0);
    assert_null(found.name);
    close_built(&opened);
}

static void an_export_without_name_is_found_by_ordinal_only(void **state)
{
    const struct kldr_build_description description = port_description(KLDR_MACHINE_X64);
    struct opened opened;
    struct kldr_export found;
    (void)state;
    open_built(&opened, &description);
    assert_false(kldr_image_export_listed(opened.image, "Nameless", &found));
    assert_int_equal(kldr_image_find_ordinal(opened.image, 9, &found, NULL), KLDR_STATUS_SUCCESS);
    assert_int_not_equal(found.rva, 0);
    assert_null(found.name);
    close_built(&opened);
}

static void there_is_no_export_directory_without_exports_or_when_unwanted(void **state)
{
    struct kldr_build_description description = port_description(KLDR_MACHINE_X64);
    struct opened opened;
    struct kldr_export_info info;
    (void)state;
    description.no_export_directory = true;
    open_built(&opened, &description);
    assert_false(kldr_image_exports(opened.image, &info));
    assert_int_equal(opened.built.routine_count, 5); // its routines keep their addresses
    close_built(&opened);
    description = (struct kldr_build_description){.name = "empty.sys"};
    open_built(&opened, &description);
    assert_false(kldr_image_exports(opened.image, &info));
    assert_int_equal(kldr_image_info(opened.image)->entry_rva, 0);
    assert_int_equal(opened.built.routine_count, 0);
    assert_null(opened.built.routines);
    close_built(&opened);
}

// ---- routines ----

static void every_routine_has_an_address_of_its_own(void **state)
{
    static const char *const expected[] = {"PortInitialize", "PortNotify",  "DllInitialize",
                                           "Nameless",       "DriverEntry", "Dispatch"};
    static const char *const extra[] = {"Dispatch"};
    struct kldr_build_description description = port_description(KLDR_MACHINE_X64);
    struct opened opened;
    (void)state;
    description.routines = extra;
    description.routine_count = 1;
    open_built(&opened, &description);
    assert_int_equal(opened.built.routine_count, COUNT_OF(expected));
    for (size_t i = 0; i < COUNT_OF(expected); i++) {
        const struct kldr_build_routine *routine = &opened.built.routines[i];
        assert_string_equal(routine->name, expected[i]);
        if (i > 0)
            assert_int_equal(routine->rva, opened.built.routines[i - 1].rva + 16);
    }
    assert_int_equal(find(&opened, "PortNotify").rva, opened.built.routines[1].rva);
    assert_int_equal(kldr_image_info(opened.image)->entry_rva, opened.built.routines[4].rva);
    close_built(&opened);
}

static void an_exported_driver_entry_is_the_entry_point(void **state)
{
    const struct kldr_build_export exports[] = {{.name = "A"}, {.name = "DriverEntry"}};
    struct kldr_build_description description = {
        .name = "b.sys", .exports = exports, .export_count = 2, .entry_point = true};
    struct opened opened;
    (void)state;
    open_built(&opened, &description);
    assert_int_equal(opened.built.routine_count, 2);
    assert_int_equal(kldr_image_info(opened.image)->entry_rva, find(&opened, "DriverEntry").rva);
    close_built(&opened);
    description.entry_point = false;
    open_built(&opened, &description);
    assert_int_equal(kldr_image_info(opened.image)->entry_rva, 0);
    close_built(&opened);
}

static void code_stops_whoever_runs_it(void **state)
{
    static const uint8_t int3[16] = {0xcc, 0xcc, 0xcc, 0xcc, 0xcc, 0xcc, 0xcc, 0xcc,
                                     0xcc, 0xcc, 0xcc, 0xcc, 0xcc, 0xcc, 0xcc, 0xcc};
    static const uint8_t brk[16] = {0x00, 0x00, 0x3e, 0xd4, 0x00, 0x00, 0x3e, 0xd4,
                                    0x00, 0x00, 0x3e, 0xd4, 0x00, 0x00, 0x3e, 0xd4};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(machines); i++) {
        const struct kldr_build_description description = port_description(machines[i]);
        struct opened opened;
        open_built(&opened, &description);
        for (size_t n = 0; n < opened.built.routine_count; n++) {
            const uint8_t *code = kldr_image_at(opened.image, opened.built.routines[n].rva, 16);
            assert_non_null(code);
            assert_memory_equal(code, machines[i] == KLDR_MACHINE_ARM64 ? brk : int3, 16);
        }
        close_built(&opened);
    }
}

// ---- imports ----

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

static void check_thunks(const struct opened *opened,
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
    for (size_t m = 0; m < COUNT_OF(machines); m++) {
        const struct kldr_build_description description = importer(machines[m]);
        struct opened opened;
        struct kldr_import_descriptor descriptor;
        open_built(&opened, &description);
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
        close_built(&opened);
    }
}

static void the_iat_directory_covers_all_cells_and_nothing_else(void **state)
{
    (void)state;
    for (size_t m = 0; m < COUNT_OF(machines); m++) {
        const struct kldr_build_description description = importer(machines[m]);
        struct opened opened;
        open_built(&opened, &description);
        const struct kldr_image_info *info = kldr_image_info(opened.image);
        // 5 functions and one terminator for each of the 4 descriptors
        assert_int_equal(info->directory[KLDR_DIRECTORY_IAT].size, 9u * (info->pe32_plus ? 8 : 4));
        close_built(&opened);
    }
}

static void without_imports_there_is_no_import_directory(void **state)
{
    const struct kldr_build_description description = port_description(KLDR_MACHINE_X64);
    struct opened opened;
    (void)state;
    open_built(&opened, &description);
    const struct kldr_image_info *info = kldr_image_info(opened.image);
    assert_int_equal(info->directory[KLDR_DIRECTORY_IMPORT].rva, 0);
    assert_int_equal(info->directory[KLDR_DIRECTORY_IAT].rva, 0);
    close_built(&opened);
}

// ---- mapping ----

static void one_pointer_moves_when_the_image_moves(void **state)
{
    (void)state;
    for (size_t m = 0; m < COUNT_OF(machines); m++) {
        const struct kldr_build_description description = port_description(machines[m]);
        const uint64_t new_base = UINT64_C(0x7f650000);
        struct opened opened;
        struct kldr_section data;
        open_built(&opened, &description);
        const struct kldr_image_info *info = kldr_image_info(opened.image);
        assert_true(kldr_image_section(opened.image, 2, &data));
        void *memory = malloc(info->size_of_image);
        kldr_image_map(opened.image, memory);
        assert_int_equal(read_u64(&opened, data.rva), info->image_base + data.rva);
        assert_int_equal(kldr_image_relocate(opened.image, new_base, NULL), KLDR_STATUS_SUCCESS);
        assert_int_equal(read_u64(&opened, data.rva), new_base + data.rva);
        close_built(&opened);
        free(memory);
    }
}

static void a_mapped_layout_image_is_used_in_place(void **state)
{
    (void)state;
    for (size_t m = 0; m < COUNT_OF(machines); m++) {
        struct kldr_build_description description = port_description(machines[m]);
        struct opened opened;
        description.mapped_layout = true;
        open_built(&opened, &description);
        assert_int_equal(opened.built.size, kldr_image_info(opened.image)->size_of_image);
        assert_int_equal(
            kldr_image_adopt_mapping(opened.image, opened.built.bytes, opened.built.size),
            KLDR_STATUS_SUCCESS);
        assert_int_equal(read_u64(&opened, find(&opened, "PortData").rva),
                         UINT64_C(0x1122334455667788));
        close_built(&opened);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(headers_describe_a_native_image_for_every_machine),
        cmocka_unit_test(the_machine_is_x64_and_the_base_is_as_asked),
        cmocka_unit_test(equal_descriptions_give_equal_bytes),
        cmocka_unit_test(the_checksum_is_valid),
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
        cmocka_unit_test(every_routine_has_an_address_of_its_own),
        cmocka_unit_test(an_exported_driver_entry_is_the_entry_point),
        cmocka_unit_test(code_stops_whoever_runs_it),
        cmocka_unit_test(imports_keep_order_repeats_hints_and_ordinals),
        cmocka_unit_test(the_iat_directory_covers_all_cells_and_nothing_else),
        cmocka_unit_test(without_imports_there_is_no_import_directory),
        cmocka_unit_test(one_pointer_moves_when_the_image_moves),
        cmocka_unit_test(a_mapped_layout_image_is_used_in_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
