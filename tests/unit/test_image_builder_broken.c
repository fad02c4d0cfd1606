// SPDX-License-Identifier: MIT
// Each kind of damage is found where the behaviour sheet says, by the reader that real files get.
#include <kldr/image_builder.h>

#include "test.h"

#include <stdlib.h>
#include <string.h>

static const enum kldr_machine machines[] = {KLDR_MACHINE_X64, KLDR_MACHINE_ARM64,
                                             KLDR_MACHINE_X86};

static const struct kldr_build_export exports[] = {{.name = "A"}, {.name = "B", .data = true}};
static const struct kldr_build_function functions[] = {{.name = "DbgPrint"}};
static const struct kldr_build_import imports[] = {
    {.module = "ntoskrnl.exe", .functions = functions, .function_count = 1}};

static struct kldr_built_image build(enum kldr_machine machine, unsigned broken)
{
    const struct kldr_build_description description = {.name = "b.sys",
                                                       .machine = machine,
                                                       .exports = exports,
                                                       .export_count = COUNT_OF(exports),
                                                       .imports = imports,
                                                       .import_count = COUNT_OF(imports),
                                                       .entry_point = true,
                                                       .broken = broken};
    struct kldr_built_image built;
    assert_int_equal(kldr_image_build(NULL, &description, &built, NULL), KLDR_STATUS_SUCCESS);
    return built;
}

static kldr_status open_status(const struct kldr_built_image *built)
{
    struct kldr_image *image = NULL;
    // A copy of exactly that size lets a sanitizer see a read past the file.
    void *file = malloc(built->size);
    memcpy(file, built->bytes, built->size);
    const kldr_status status = kldr_image_create(NULL, file, built->size, NULL, &image, NULL);
    kldr_image_destroy(image);
    free(file);
    return status;
}

static struct kldr_image *open_image(const struct kldr_built_image *built)
{
    struct kldr_image *image;
    assert_int_equal(kldr_image_create(NULL, built->bytes, built->size, NULL, &image, NULL),
                     KLDR_STATUS_SUCCESS);
    return image;
}

// What a move of the image answers, and a load at its own base.
static void relocation_statuses(const struct kldr_built_image *built, kldr_status *out_moved,
                                kldr_status *out_at_base)
{
    struct kldr_image *image = open_image(built);
    const struct kldr_image_info *info = kldr_image_info(image);
    void *memory = malloc(info->size_of_image);
    kldr_image_map(image, memory);
    *out_at_base = kldr_image_relocate(image, info->image_base, NULL);
    *out_moved = kldr_image_relocate(image, info->image_base + 0x10000, NULL);
    kldr_image_destroy(image);
    free(memory);
}

static void every_kind_has_a_name_that_finds_it(void **state)
{
    unsigned all = 0;
    unsigned count = 0;
    (void)state;
    for (; kldr_build_broken_name(count) != NULL; count++) {
        const unsigned kind = kldr_build_broken_find(kldr_build_broken_name(count));
        assert_int_not_equal(kind, 0);
        assert_int_equal(all & kind, 0);
        all |= kind;
    }
    assert_int_equal(count, 9);
    assert_int_equal(all, 0x1ff);
    assert_int_equal(kldr_build_broken_find("relocations-stripped"),
                     KLDR_BROKEN_RELOCATIONS_STRIPPED);
    assert_int_equal(kldr_build_broken_find("Checksum"), 0);
    assert_int_equal(kldr_build_broken_find(""), 0);
}

static void damage_of_the_file_is_found_when_it_is_opened(void **state)
{
    static const struct {
        unsigned broken;
        kldr_status status;
    } kinds[] = {
        {KLDR_BROKEN_HEADERS, KLDR_STATUS_IMAGE_CHECKSUM_MISMATCH},
        {KLDR_BROKEN_TRUNCATED, KLDR_STATUS_INVALID_IMAGE_FORMAT},
        {KLDR_BROKEN_TRUNCATED | KLDR_BROKEN_RELOCATIONS_STRIPPED,
         KLDR_STATUS_INVALID_IMAGE_FORMAT},
        {KLDR_BROKEN_SECTION_OUT_OF_FILE, KLDR_STATUS_INVALID_IMAGE_FORMAT},
    };
    (void)state;
    for (size_t m = 0; m < COUNT_OF(machines); m++) {
        for (size_t i = 0; i < COUNT_OF(kinds); i++) {
            struct kldr_built_image built = build(machines[m], kinds[i].broken);
            assert_int_equal(open_status(&built), kinds[i].status);
            kldr_built_image_free(NULL, &built);
        }
    }
}

static void a_wrong_checksum_is_the_only_thing_wrong(void **state)
{
    (void)state;
    for (size_t m = 0; m < COUNT_OF(machines); m++) {
        struct kldr_built_image built = build(machines[m], KLDR_BROKEN_CHECKSUM);
        uint32_t stored, computed;
        assert_int_equal(open_status(&built), KLDR_STATUS_SUCCESS);
        assert_true(kldr_image_checksum(built.bytes, built.size, &stored, &computed));
        assert_int_not_equal(stored, computed);
        assert_int_not_equal(stored, 0);
        kldr_built_image_free(NULL, &built);
    }
}

static void other_damage_leaves_the_checksum_right(void **state)
{
    (void)state;
    for (unsigned kind = KLDR_BROKEN_TRUNCATED; kind <= KLDR_BROKEN_NO_ENTRY_POINT; kind <<= 1) {
        struct kldr_built_image built = build(KLDR_MACHINE_X64, kind);
        uint32_t stored, computed;
        assert_true(kldr_image_checksum(built.bytes, built.size, &stored, &computed));
        assert_int_equal(stored, computed);
        kldr_built_image_free(NULL, &built);
    }
}

static void stripped_relocations_matter_only_when_the_image_moves(void **state)
{
    (void)state;
    for (size_t m = 0; m < COUNT_OF(machines); m++) {
        struct kldr_built_image built = build(machines[m], KLDR_BROKEN_RELOCATIONS_STRIPPED);
        kldr_status moved, at_base;
        relocation_statuses(&built, &moved, &at_base);
        assert_int_equal(moved, KLDR_STATUS_CONFLICTING_ADDRESSES);
        assert_int_equal(at_base, KLDR_STATUS_SUCCESS);
        kldr_built_image_free(NULL, &built);
    }
}

static void malformed_relocations_are_found_when_the_image_moves(void **state)
{
    (void)state;
    for (size_t m = 0; m < COUNT_OF(machines); m++) {
        struct kldr_built_image built = build(machines[m], KLDR_BROKEN_RELOCATIONS_MALFORMED);
        kldr_status moved, at_base;
        relocation_statuses(&built, &moved, &at_base);
        assert_int_equal(moved, KLDR_STATUS_INVALID_IMAGE_FORMAT);
        kldr_built_image_free(NULL, &built);
    }
}

static void without_iat_directory_the_imports_are_still_there(void **state)
{
    struct kldr_built_image built = build(KLDR_MACHINE_X64, KLDR_BROKEN_NO_IAT_DIRECTORY);
    struct kldr_image *image = open_image(&built);
    struct kldr_import_descriptor descriptor;
    struct kldr_import_thunk thunk;
    (void)state;
    assert_int_equal(kldr_image_info(image)->directory[KLDR_DIRECTORY_IAT].rva, 0);
    assert_int_equal(kldr_image_import(image, 0, &descriptor, NULL), KLDR_STATUS_SUCCESS);
    assert_int_equal(kldr_image_thunk(image, &descriptor, 0, &thunk, NULL), KLDR_STATUS_SUCCESS);
    assert_string_equal(thunk.name, "DbgPrint");
    kldr_image_destroy(image);
    kldr_built_image_free(NULL, &built);
}

// The foreign pointer is a cell that no thunk fills: binding everything does not overwrite it (B4).
static void a_foreign_pointer_is_a_cell_of_its_own(void **state)
{
    (void)state;
    for (size_t m = 0; m < COUNT_OF(machines); m++) {
        struct kldr_built_image built = build(machines[m], KLDR_BROKEN_FOREIGN_IAT_POINTER);
        struct kldr_image *image = open_image(&built);
        const struct kldr_image_info *info = kldr_image_info(image);
        const struct kldr_data_directory iat = info->directory[KLDR_DIRECTORY_IAT];
        const uint32_t width = info->pe32_plus ? 8 : 4;
        void *memory = malloc(info->size_of_image);
        kldr_image_map(image, memory);
        assert_int_equal(iat.size, 3 * width); // DbgPrint, the terminator, the foreign cell
        assert_int_equal(kldr_image_read_cell(image, iat.rva + width), 0);
        const uint64_t foreign = kldr_image_read_cell(image, iat.rva + 2 * width);
        assert_true(foreign != 0 && foreign < 0x10000);
        kldr_image_destroy(image);
        free(memory);
        kldr_built_image_free(NULL, &built);
    }
}

static void a_foreign_pointer_needs_no_imports(void **state)
{
    const struct kldr_build_description description = {.name = "b.sys",
                                                       .broken = KLDR_BROKEN_FOREIGN_IAT_POINTER};
    struct kldr_built_image built;
    (void)state;
    assert_int_equal(kldr_image_build(NULL, &description, &built, NULL), KLDR_STATUS_SUCCESS);
    struct kldr_image *image = open_image(&built);
    assert_int_equal(kldr_image_info(image)->directory[KLDR_DIRECTORY_IAT].size, 8);
    assert_int_equal(kldr_image_info(image)->directory[KLDR_DIRECTORY_IMPORT].rva, 0);
    kldr_image_destroy(image);
    kldr_built_image_free(NULL, &built);
}

static void no_entry_point_leaves_driver_entry_its_address(void **state)
{
    struct kldr_built_image built = build(KLDR_MACHINE_X64, KLDR_BROKEN_NO_ENTRY_POINT);
    struct kldr_image *image = open_image(&built);
    (void)state;
    assert_int_equal(kldr_image_info(image)->entry_rva, 0);
    assert_int_equal(built.routine_count, 2);
    assert_string_equal(built.routines[1].name, "DriverEntry");
    kldr_image_destroy(image);
    kldr_built_image_free(NULL, &built);
}

static void all_damage_at_once_is_refused_cleanly(void **state)
{
    (void)state;
    for (size_t m = 0; m < COUNT_OF(machines); m++) {
        for (unsigned broken = 0; broken <= 0x1ff; broken++) {
            struct kldr_built_image built = build(machines[m], broken);
            const unsigned fatal =
                KLDR_BROKEN_HEADERS | KLDR_BROKEN_TRUNCATED | KLDR_BROKEN_SECTION_OUT_OF_FILE;
            assert_int_equal(open_status(&built) == KLDR_STATUS_SUCCESS, (broken & fatal) == 0);
            kldr_built_image_free(NULL, &built);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_has_a_name_that_finds_it),
        cmocka_unit_test(damage_of_the_file_is_found_when_it_is_opened),
        cmocka_unit_test(a_wrong_checksum_is_the_only_thing_wrong),
        cmocka_unit_test(other_damage_leaves_the_checksum_right),
        cmocka_unit_test(stripped_relocations_matter_only_when_the_image_moves),
        cmocka_unit_test(malformed_relocations_are_found_when_the_image_moves),
        cmocka_unit_test(without_iat_directory_the_imports_are_still_there),
        cmocka_unit_test(a_foreign_pointer_is_a_cell_of_its_own),
        cmocka_unit_test(a_foreign_pointer_needs_no_imports),
        cmocka_unit_test(no_entry_point_leaves_driver_entry_its_address),
        cmocka_unit_test(all_damage_at_once_is_refused_cleanly),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
