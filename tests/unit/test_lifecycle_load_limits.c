// SPDX-License-Identifier: MIT
// Loads that are deep, wide or large, and where they are stopped.
#include "loader_fixture.h"
#include "pe_sample.h"
#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BOTH "F DllInitialize DllUnload"

static const enum kldr_machine machines[] = {KLDR_MACHINE_X64, KLDR_MACHINE_X86,
                                             KLDR_MACHINE_ARM64};

// m0.sys -> m1.sys -> ... -> m<length - 1>.sys
static void build_chain(struct fixture *fixture, unsigned length)
{
    char name[16], import[32];
    for (unsigned i = 0; i < length; i++) {
        snprintf(name, sizeof name, "m%u.sys", i);
        snprintf(import, sizeof import, "m%u.sys:F", i + 1);
        fixture_image(fixture, name, BOTH, i + 1 < length ? import : "");
    }
}

static unsigned count_modules(struct fixture *fixture)
{
    unsigned count = 0;
    for (uint32_t id = kldr_loader_first(fixture->loader); id != 0;
         id = kldr_loader_next(fixture->loader, id))
        count++;
    return count - 2; // the core images
}

static void a_chain_of_900_loads_and_goes_again(void **state)
{
    static const enum kldr_profile profiles[] = {KLDR_PROFILE_NT52, KLDR_PROFILE_24H2};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(profiles); i++) {
        struct fixture *fixture = fixture_open(profiles[i]);
        build_chain(fixture, 900);
        assert_int_equal(fixture_run(fixture, "load m0.sys"), KLDR_STATUS_SUCCESS);
        assert_int_equal(count_modules(fixture), 900);
        assert_int_equal(fixture->called, 899);
        fixture_check(fixture);
        assert_int_equal(fixture_run(fixture, "unload m0.sys"), KLDR_STATUS_SUCCESS);
        assert_int_equal(count_modules(fixture), 0);
        assert_int_equal(fixture->called, 2 * 899);
        fixture_destroy(fixture);
    }
}

static void a_deep_failure_unwinds_every_level(void **state)
{
    struct fixture *fixture = fixture_open(KLDR_PROFILE_24H2);
    (void)state;
    build_chain(fixture, 500);
    fixture_remove_file(fixture, "m499.sys");
    assert_int_equal(fixture_run(fixture, "load m0.sys"), KLDR_STATUS_OBJECT_NAME_NOT_FOUND);
    assert_int_equal(count_modules(fixture), 0);
    assert_int_equal(fixture->called, 0);
    assert_string_equal(fixture_events(fixture, "import.missing"),
                        "import.missing m498.sys > m499.sys 0xC0000034");
    fixture_destroy(fixture);
}

static void more_levels_than_allowed_end_the_simulation(void **state)
{
    (void)state;
    for (unsigned length = 6; length <= 8; length++) { // the outermost load is not nested
        struct fixture *fixture = fixture_create(KLDR_PROFILE_24H2, KLDR_MACHINE_X64);
        fixture->options.limits.depth = 6;
        fixture_start(fixture);
        build_chain(fixture, length);
        kldr_status status = fixture_run(fixture, "load m0.sys");
        assert_int_equal(status, length <= 7 ? KLDR_STATUS_SUCCESS : KLDR_ERROR_LIMIT);
        assert_int_equal(fixture->error.status, status);
        assert_int_equal(kldr_loader_stopped(fixture->loader, NULL), length > 7);
        assert_string_equal(fixture->error.module, length > 7 ? "m7.sys" : "");
        assert_string_equal(fixture->error.importer, length > 7 ? "m6.sys" : "");
        fixture_destroy(fixture);
    }
}

static void a_routine_that_never_ends_loading_is_stopped_by_the_depth(void **state)
{
    static const enum kldr_profile profiles[] = {KLDR_PROFILE_NT52, KLDR_PROFILE_REACTOS};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(profiles); i++) {
        struct fixture *fixture = fixture_open(profiles[i]);
        fixture_image(fixture, "a.sys", "", "b.sys:F");
        fixture_image(fixture, "d.sys", "", "b.sys:F");
        fixture_image(fixture, "b.sys", BOTH, "");
        fixture_keeps_doing(fixture, "b.sys!DllUnload", "load d.sys; unload d.sys");
        assert_int_equal(fixture_run(fixture, "load a.sys"), KLDR_STATUS_SUCCESS);
        assert_int_equal(fixture_run(fixture, "unload a.sys"), KLDR_ERROR_LIMIT);
        assert_true(kldr_loader_stopped(fixture->loader, NULL));
        fixture_destroy(fixture);
    }
}

static void more_modules_than_allowed_end_the_simulation(void **state)
{
    struct fixture *fixture = fixture_create(KLDR_PROFILE_24H2, KLDR_MACHINE_X64);
    (void)state;
    fixture->options.limits.modules = 4; // the core images do not count
    fixture_start(fixture);
    build_chain(fixture, 4);
    fixture_image(fixture, "a.sys", "", "");
    assert_int_equal(fixture_run(fixture, "load m0.sys"), KLDR_STATUS_SUCCESS);
    assert_int_equal(fixture_run(fixture, "unload m0.sys; load m0.sys"), KLDR_STATUS_SUCCESS);
    assert_int_equal(fixture_run(fixture, "load a.sys"), KLDR_ERROR_LIMIT);
    assert_string_equal(fixture->error.module, "a.sys");
    assert_non_null(strstr(fixture->error.detail, "6 modules"));
    fixture_destroy(fixture);
}

static void an_image_larger_than_allowed_ends_the_simulation(void **state)
{
    struct fixture *fixture = fixture_create(KLDR_PROFILE_24H2, KLDR_MACHINE_X64);
    (void)state;
    fixture->options.limits.size_of_image = 0x2000;
    fixture_start(fixture);
    fixture_image(fixture, "a.sys", BOTH, "");
    assert_int_equal(fixture_run(fixture, "load a.sys"), KLDR_ERROR_LIMIT);
    assert_int_equal(fixture->mapped, 0);
    fixture_destroy(fixture);
}

static void a_wide_load_counts_each_once(void **state)
{
    (void)state;
    for (size_t machine = 0; machine < COUNT_OF(machines); machine++) {
        struct fixture *fixture = fixture_create(KLDR_PROFILE_24H2, machines[machine]);
        struct kldr_build_function function = {.name = "F"};
        struct kldr_build_import *imports = calloc(300, sizeof *imports);
        char names[300][16];
        fixture_start(fixture);
        for (unsigned i = 0; i < 300; i++) {
            snprintf(names[i], sizeof names[i], "w%u.sys", i);
            fixture_image(fixture, names[i], BOTH, i % 10 == 9 ? "w0.sys:F w1.sys:F" : "");
            imports[i] = (struct kldr_build_import){names[i], &function, 1, false};
        }
        fixture_built(fixture, "a.sys",
                      (struct kldr_build_description){.imports = imports, .import_count = 300});
        assert_int_equal(fixture_run(fixture, "load a.sys"), KLDR_STATUS_SUCCESS);
        assert_int_equal(fixture_module(fixture, "w0.sys").load_count, 31);
        assert_int_equal(fixture_module(fixture, "w299.sys").load_count, 1);
        fixture_check(fixture);
        assert_int_equal(fixture_run(fixture, "unload a.sys"), KLDR_STATUS_SUCCESS);
        assert_int_equal(count_modules(fixture), 0);
        free(imports);
        fixture_destroy(fixture);
    }
}

// Descriptors that share one lookup table: 4,000 of them name 1,000 functions each.
static void build_amplifier(struct fixture *fixture, uint32_t descriptors, uint32_t functions)
{
    struct kldr_build_function *list = calloc(functions, sizeof *list);
    struct kldr_build_import *imports = calloc(descriptors, sizeof *imports);
    size_t size = 0;
    assert_true(list != NULL && imports != NULL);
    for (uint32_t i = 0; i < functions; i++)
        list[i].ordinal = 1;
    for (uint32_t i = 0; i < descriptors; i++)
        imports[i] = (struct kldr_build_import){"b.sys", list, i == 0 ? functions : 0, false};
    fixture_built(fixture, "a.sys",
                  (struct kldr_build_description){.imports = imports, .import_count = descriptors});
    uint8_t *bytes = fixture_file_bytes(fixture, "a.sys", &size);
    struct kldr_image *image = NULL;
    struct kldr_import_descriptor first;
    assert_int_equal(kldr_image_create(NULL, bytes, size, NULL, &image, NULL), 0);
    assert_int_equal(kldr_image_import(image, 0, &first, NULL), 0);
    uint32_t rva = kldr_image_info(image)->directory[KLDR_DIRECTORY_IMPORT].rva;
    uint8_t *table = bytes + (kldr_image_at(image, rva, 20) - bytes);
    for (uint32_t i = 0; i < descriptors; i++) {
        pe_sample_put32(table + 20 * i, first.lookup_table);
        pe_sample_put32(table + 20 * i + 16, first.address_table);
    }
    kldr_image_destroy(image);
    free(list);
    free(imports);
}

static void more_functions_than_anybody_imports_end_the_simulation(void **state)
{
    struct fixture *fixture = fixture_create(KLDR_PROFILE_24H2, KLDR_MACHINE_X64);
    (void)state;
    fixture->host.on_event = NULL; // a quarter of a million lines are of no use
    fixture_start(fixture);
    fixture_image(fixture, "b.sys", BOTH, "");
    build_amplifier(fixture, 4000, 1000);
    assert_int_equal(fixture_run(fixture, "load a.sys"), KLDR_ERROR_LIMIT);
    assert_int_equal(fixture->error.stage, KLDR_STAGE_RESOLVE);
    assert_string_equal(fixture->error.module, "a.sys");
    assert_int_equal(fixture_module(fixture, "b.sys").load_count, 263);
    fixture_destroy(fixture);
}

static void count_missing(void *user, const struct kldr_event *event)
{
    *(unsigned *)user += event->kind == KLDR_EVENT_IMPORT_MISSING;
}

static void looking_for_what_is_missing_ends_somewhere(void **state)
{
    struct fixture *fixture = fixture_open(KLDR_PROFILE_24H2);
    unsigned missing = 0;
    (void)state;
    fixture->observe = count_missing;
    fixture->observer = &missing;
    fixture_image(fixture, "b.sys", "", "");
    build_amplifier(fixture, 4000, 1000);
    assert_int_equal(fixture_run(fixture, "load a.sys"), KLDR_STATUS_DRIVER_ENTRYPOINT_NOT_FOUND);
    assert_true(missing > 200000 && missing < 300000);
    fixture_destroy(fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_chain_of_900_loads_and_goes_again),
        cmocka_unit_test(a_deep_failure_unwinds_every_level),
        cmocka_unit_test(more_levels_than_allowed_end_the_simulation),
        cmocka_unit_test(a_routine_that_never_ends_loading_is_stopped_by_the_depth),
        cmocka_unit_test(more_modules_than_allowed_end_the_simulation),
        cmocka_unit_test(an_image_larger_than_allowed_ends_the_simulation),
        cmocka_unit_test(a_wide_load_counts_each_once),
        cmocka_unit_test(more_functions_than_anybody_imports_end_the_simulation),
        cmocka_unit_test(looking_for_what_is_missing_ends_somewhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
