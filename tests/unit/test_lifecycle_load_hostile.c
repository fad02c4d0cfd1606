// SPDX-License-Identifier: MIT
// Images that are damaged, by accident or by intent, as importers and as exporters: a load ends
// with a status, leaves the list consistent and gives everything back.
#include "loader_fixture.h"
#include "pe_sample.h"
#include "test.h"

#include <stdio.h>
#include <string.h>

#define BOTH "F DllInitialize DllUnload"

static struct fixture *open_small(enum kldr_profile profile, enum kldr_machine machine)
{
    struct fixture *fixture = fixture_create(profile, machine);
    fixture->options.limits.size_of_image = 0x100000;
    fixture_start(fixture);
    fixture_image(fixture, "a.sys", "X", "b.sys:F,#2 c.sys:G,F b.sys:G a.sys:X");
    fixture_image(fixture, "b.sys", "G=c.F " BOTH, "c.sys:F");
    fixture_image(fixture, "c.sys", "G " BOTH, "");
    return fixture;
}

// Where the RVA of a file in the fixture lies in its bytes.
static uint8_t *at(struct fixture *fixture, const char *path, uint32_t rva)
{
    size_t size = 0;
    struct kldr_image *image = NULL;
    uint8_t *bytes = fixture_file_bytes(fixture, path, &size);
    assert_int_equal(kldr_image_create(NULL, bytes, size, NULL, &image, NULL), 0);
    const uint8_t *found = kldr_image_at(image, rva, 1);
    assert_non_null(found);
    uint8_t *place = bytes + (found - bytes);
    kldr_image_destroy(image);
    return place;
}

static struct kldr_data_directory directory_of(struct fixture *fixture, const char *path,
                                               enum kldr_directory index)
{
    size_t size = 0;
    struct kldr_image *image = NULL;
    const uint8_t *bytes = fixture_file_bytes(fixture, path, &size);
    assert_int_equal(kldr_image_create(NULL, bytes, size, NULL, &image, NULL), 0);
    struct kldr_data_directory directory = kldr_image_info(image)->directory[index];
    kldr_image_destroy(image);
    return directory;
}

// The stored bytes of the section that holds an RVA.
static uint8_t *section_at(struct fixture *fixture, const char *path, uint32_t rva,
                           size_t *out_size)
{
    size_t size = 0;
    struct kldr_image *image = NULL;
    struct kldr_section section;
    uint8_t *bytes = fixture_file_bytes(fixture, path, &size);
    assert_int_equal(kldr_image_create(NULL, bytes, size, NULL, &image, NULL), 0);
    for (unsigned i = 0;; i++) {
        assert_true(kldr_image_section(image, i, &section));
        if (rva >= section.rva && rva - section.rva < section.virtual_size)
            break;
    }
    kldr_image_destroy(image);
    *out_size = section.raw_size < section.virtual_size ? section.raw_size : section.virtual_size;
    return bytes + section.raw_offset;
}

// ---- damage with a purpose ----

static uint8_t *descriptor_of(struct fixture *fixture, unsigned index)
{
    uint32_t rva = directory_of(fixture, "a.sys", KLDR_DIRECTORY_IMPORT).rva;
    return at(fixture, "a.sys", rva + 20 * index);
}

static void check_refused(struct fixture *fixture)
{
    bool laundered = fixture->options.policy.value[KLDR_KNOB_LAUNDER] == KLDR_KNOB_YES;
    assert_int_equal(fixture_run(fixture, "load a.sys"), laundered
                                                             ? KLDR_STATUS_DRIVER_UNABLE_TO_LOAD
                                                             : KLDR_STATUS_INVALID_IMAGE_FORMAT);
    assert_string_equal(fixture_modules(fixture), "");
    assert_string_equal(fixture->error.module, "a.sys");
    assert_true(strlen(fixture->error.detail) > 0);
    fixture_check(fixture);
}

static void import_tables_that_lead_outside_the_image_are_refused(void **state)
{
    enum { LOOKUP = 0, NAME = 12, ADDRESS = 16 };
    static const struct {
        unsigned descriptor, field;
        uint32_t value;
    } rows[] = {
        {0, NAME, 0x7fffffff},   {0, NAME, UINT32_MAX},        {1, NAME, 0x00ffffff},
        {0, LOOKUP, 0x7fffffff}, {1, LOOKUP, UINT32_MAX},      {0, ADDRESS, 0x7ffffff8},
        {1, ADDRESS, 0},         {0, ADDRESS, UINT32_MAX},     {2, LOOKUP, 0x00fffff0},
        {0, ADDRESS, 0x10},      {3, ADDRESS, UINT32_MAX - 3},
    };
    static const enum kldr_profile profiles[] = {KLDR_PROFILE_24H2, KLDR_PROFILE_NT52};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows) * COUNT_OF(profiles); i++) {
        size_t row = i / COUNT_OF(profiles);
        struct fixture *fixture = open_small(profiles[i % COUNT_OF(profiles)], KLDR_MACHINE_X64);
        pe_sample_put32(descriptor_of(fixture, rows[row].descriptor) + rows[row].field,
                        rows[row].value);
        check_refused(fixture);
        fixture_destroy(fixture);
    }
}

static void a_thunk_whose_name_is_not_in_the_image_is_refused(void **state)
{
    static const uint64_t values[] = {0x7fffffff, 0x7ffffffffffffff0, 0x00fffff0};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(values); i++) {
        struct fixture *fixture = open_small(KLDR_PROFILE_24H2, KLDR_MACHINE_X64);
        const uint8_t *descriptor = descriptor_of(fixture, 1);
        uint32_t lookup = (uint32_t)(descriptor[0] | descriptor[1] << 8 | descriptor[2] << 16);
        pe_sample_put64(at(fixture, "a.sys", lookup), values[i]);
        check_refused(fixture);
        fixture_destroy(fixture);
    }
}

static void a_descriptor_without_a_name_ends_the_table(void **state)
{
    struct fixture *fixture = open_small(KLDR_PROFILE_24H2, KLDR_MACHINE_X64);
    (void)state;
    pe_sample_put32(descriptor_of(fixture, 1) + 12, 0);
    assert_int_equal(fixture_run(fixture, "load a.sys"), KLDR_STATUS_SUCCESS);
    assert_string_equal(fixture_imports(fixture, "a.sys"), "b.sys");
    fixture_check(fixture);
    fixture_destroy(fixture);
}

static void
cells_over_the_image_s_own_tables_change_what_is_read_later_and_nothing_else(void **state)
{
    (void)state;
    for (unsigned offset = 0; offset < 200; offset += 4) {
        struct fixture *fixture = open_small(KLDR_PROFILE_24H2, KLDR_MACHINE_X64);
        uint32_t rva = directory_of(fixture, "a.sys", KLDR_DIRECTORY_IMPORT).rva;
        pe_sample_put32(descriptor_of(fixture, 0) + 16, rva + offset);
        kldr_status status = fixture_run(fixture, "load a.sys; load c.sys");
        assert_false(KLDR_IS_OWN_STATUS(status));
        fixture_check(fixture);
        fixture_destroy(fixture);
    }
}

static kldr_status trap_without_zeros(void *user, const struct kldr_missing_import *missing,
                                      uint64_t *out_address)
{
    (void)user, (void)missing;
    *out_address = 0x81828384;
    return KLDR_STATUS_SUCCESS;
}

// A cell may lie over the end of a name: of the function's own, or of the descriptor's.
static void a_cell_over_a_name_s_end_does_not_make_it_longer(void **state)
{
    (void)state;
    for (unsigned over_module = 0; over_module < 2; over_module++) {
        struct fixture *fixture = fixture_create(KLDR_PROFILE_24H2, KLDR_MACHINE_X86);
        size_t size = 0;
        struct kldr_image *image = NULL;
        fixture->host.trap_import = trap_without_zeros;
        fixture_knob(fixture, "missing_imports", "trap");
        fixture_start(fixture);
        fixture_image(fixture, "b.sys", BOTH, "");
        fixture_image(fixture, "a.sys", "", over_module ? "gone.sys:X,Y" : "b.sys:X,Y");
        const uint8_t *bytes = fixture_file_bytes(fixture, "a.sys", &size);
        assert_int_equal(kldr_image_create(NULL, bytes, size, NULL, &image, NULL), 0);
        uint32_t end = kldr_image_info(image)->size_of_image;
        kldr_image_destroy(image);
        uint8_t *descriptor = descriptor_of(fixture, 0);
        uint32_t lookup = (uint32_t)(descriptor[0] | descriptor[1] << 8 | descriptor[2] << 16);
        pe_sample_put32(descriptor + 16, end - 8); // two cells at the very end
        // The image ends with zeros: the last four bytes are an empty name.
        if (over_module)
            pe_sample_put32(descriptor + 12, end - 4);
        else
            pe_sample_put32(at(fixture, "a.sys", lookup + 4), end - 6);
        assert_int_equal(fixture_run(fixture, "load a.sys"), KLDR_STATUS_SUCCESS);
        assert_int_equal(strlen(fixture_events(fixture, "import.bound")),
                         over_module ? 2 * strlen("import.bound a.sys > !X trap") + 2
                                     : 2 * strlen("import.bound a.sys > b.sys! trap") + 3);
        fixture_check(fixture);
        fixture_destroy(fixture);
    }
}

static void import_names_may_be_anything(void **state)
{
    static const char *const names[] = {"\\",       "..\\b.sys", "\\b.sys",  "b.sys\\",
                                        "\x80\xff", " ",         "%s%n.sys", "a/b.sys"};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        struct fixture *fixture = fixture_open(KLDR_PROFILE_24H2);
        struct kldr_build_import import = {.module = names[i]};
        fixture_built(fixture, "a.sys",
                      (struct kldr_build_description){.imports = &import, .import_count = 1});
        fixture_image(fixture, "b.sys", BOTH, "");
        kldr_status status = fixture_run(fixture, "load a.sys");
        assert_true(status == KLDR_STATUS_OBJECT_NAME_NOT_FOUND ||
                    status == KLDR_STATUS_OBJECT_PATH_NOT_FOUND);
        assert_string_equal(fixture_modules(fixture), "");
        fixture_destroy(fixture);
    }
}

static void a_very_long_import_name_is_told_cut(void **state)
{
    char name[1001];
    struct fixture *fixture = fixture_create(KLDR_PROFILE_24H2, KLDR_MACHINE_X64);
    struct kldr_build_function function = {.name = "F"};
    struct kldr_build_import import = {name, &function, 1, false};
    (void)state;
    memset(name, 'n', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    fixture_knob(fixture, "missing_imports", "trap");
    fixture_start(fixture);
    fixture_built(fixture, "a.sys",
                  (struct kldr_build_description){.imports = &import, .import_count = 1});
    assert_int_equal(fixture_run(fixture, "load a.sys"), KLDR_STATUS_SUCCESS);
    assert_int_equal(strlen(fixture_events(fixture, "import.end")),
                     strlen("import.end a.sys >  stubbed =1") + KLDR_NAME_SIZE - 1);
    fixture_destroy(fixture);
}

static void an_import_of_an_empty_name_is_no_file(void **state)
{
    struct fixture *fixture = open_small(KLDR_PROFILE_24H2, KLDR_MACHINE_X64);
    uint8_t *descriptor = descriptor_of(fixture, 0);
    (void)state;
    uint32_t name = (uint32_t)(descriptor[12] | descriptor[13] << 8 | descriptor[14] << 16);
    *at(fixture, "a.sys", name) = 0;
    assert_int_equal(fixture_run(fixture, "load a.sys"), KLDR_STATUS_OBJECT_NAME_NOT_FOUND);
    assert_string_equal(fixture_modules(fixture), "");
    fixture_destroy(fixture);
}

// ---- damage without one ----

// Loads with one byte of a file changed, whatever comes of it.
static void load_damaged(struct fixture *fixture, uint8_t *byte, uint8_t value)
{
    uint8_t before = *byte;
    *byte = value;
    kldr_status status = fixture_run(fixture, "load a.sys");
    assert_true(!KLDR_IS_OWN_STATUS(status) || status == KLDR_ERROR_LIMIT);
    if (kldr_loader_stopped(fixture->loader, NULL)) {
        fixture_finish(fixture);
        fixture_start(fixture);
    }
    fixture_check(fixture);
    fixture_run(fixture, "unload a.sys");
    fixture_check(fixture);
    *byte = before;
    fixture_forget(fixture);
}

static void damage_range(struct fixture *fixture, uint8_t *first, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        const uint8_t values[] = {0, 0xff, (uint8_t)(first[i] ^ 1), (uint8_t)(first[i] ^ 0x80),
                                  (uint8_t)(first[i] + 4)};
        for (size_t j = 0; j < COUNT_OF(values); j++)
            load_damaged(fixture, &first[i], values[j]);
    }
    // It was all undone: the images are as good as before.
    fixture_finish(fixture);
    fixture_start(fixture);
    assert_int_equal(fixture_run(fixture, "load a.sys"), KLDR_STATUS_SUCCESS);
}

static const enum kldr_machine machines[] = {KLDR_MACHINE_X64, KLDR_MACHINE_X86,
                                             KLDR_MACHINE_ARM64};

static void every_byte_of_an_import_table_may_be_wrong(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(machines); i++) {
        struct fixture *fixture = open_small(KLDR_PROFILE_24H2, machines[i]);
        size_t size = 0;
        struct kldr_data_directory table = directory_of(fixture, "a.sys", KLDR_DIRECTORY_IMPORT);
        uint8_t *bytes = section_at(fixture, "a.sys", table.rva, &size);
        damage_range(fixture, bytes, size);
        fixture_destroy(fixture);
    }
}

static void every_byte_of_an_export_table_may_be_wrong(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(machines); i++) {
        struct fixture *fixture = open_small(KLDR_PROFILE_NT52, machines[i]);
        size_t size = 0;
        struct kldr_data_directory table = directory_of(fixture, "b.sys", KLDR_DIRECTORY_EXPORT);
        uint8_t *bytes = section_at(fixture, "b.sys", table.rva, &size);
        damage_range(fixture, bytes, size);
        fixture_destroy(fixture);
    }
}

static void every_byte_of_the_headers_may_be_wrong(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(machines); i++) {
        size_t size = 0;
        struct fixture *fixture = open_small(KLDR_PROFILE_REACTOS, machines[i]);
        uint8_t *bytes = fixture_file_bytes(fixture, "b.sys", &size);
        damage_range(fixture, bytes, 0x300);
        fixture_destroy(fixture);
    }
}

static void a_file_may_end_anywhere(void **state)
{
    size_t size = 0;
    struct fixture *fixture = open_small(KLDR_PROFILE_24H2, KLDR_MACHINE_X64);
    uint8_t copy[0x8000];
    (void)state;
    const uint8_t *bytes = fixture_file_bytes(fixture, "b.sys", &size);
    assert_true(size <= sizeof copy);
    memcpy(copy, bytes, size);
    for (size_t length = 0; length < size; length += length < 0x400 ? 1 : 37) {
        fixture_remove_file(fixture, "b.sys");
        fixture_bytes(fixture, "b.sys", copy, length);
        assert_false(KLDR_NT_SUCCESS(fixture_run(fixture, "load a.sys")));
        assert_string_equal(fixture_modules(fixture), "");
    }
    fixture_check(fixture);
    fixture_destroy(fixture);
}

// The hand-made sample, which shares no code with the builder, in front of a loader.
static void the_sample_image_loads_beside_built_ones(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(machines); i++) {
        struct pe_sample sample;
        struct fixture *fixture = fixture_create(KLDR_PROFILE_24H2, machines[i]);
        fixture_knob(fixture, "missing_imports", "trap");
        fixture_start(fixture);
        pe_sample_init(&sample, machines[i]);
        fixture_bytes(fixture, "sample.sys", sample.bytes, sample.size);
        fixture_image(fixture, "user.sys", "", "sample.sys:Alpha,Omega,#9");
        assert_int_equal(fixture_run(fixture, "load user.sys"), KLDR_STATUS_SUCCESS);
        assert_string_equal(fixture_cell(fixture, "user.sys", "sample.sys", "Alpha"),
                            "sample.sys!Alpha");
        fixture_check(fixture);
        pe_sample_fini(&sample);
        fixture_destroy(fixture);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(import_tables_that_lead_outside_the_image_are_refused),
        cmocka_unit_test(a_thunk_whose_name_is_not_in_the_image_is_refused),
        cmocka_unit_test(a_descriptor_without_a_name_ends_the_table),
        cmocka_unit_test(
            cells_over_the_image_s_own_tables_change_what_is_read_later_and_nothing_else),
        cmocka_unit_test(a_cell_over_a_name_s_end_does_not_make_it_longer),
        cmocka_unit_test(import_names_may_be_anything),
        cmocka_unit_test(a_very_long_import_name_is_told_cut),
        cmocka_unit_test(an_import_of_an_empty_name_is_no_file),
        cmocka_unit_test(every_byte_of_an_import_table_may_be_wrong),
        cmocka_unit_test(every_byte_of_an_export_table_may_be_wrong),
        cmocka_unit_test(every_byte_of_the_headers_may_be_wrong),
        cmocka_unit_test(a_file_may_end_anywhere),
        cmocka_unit_test(the_sample_image_loads_beside_built_ones),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
