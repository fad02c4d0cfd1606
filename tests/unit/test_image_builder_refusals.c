// SPDX-License-Identifier: MIT
// Descriptions that cannot become an image are refused with a reason, and nothing is leaked
// whatever allocation fails.
#include <kldr/image_builder.h>

#include "test.h"

#include <stdlib.h>
#include <string.h>

static const struct kldr_built_image untouched = {.size = 4711};

// Builds what must be refused and checks that the complaint contains text.
static void refused(const struct kldr_build_description *description, const char *text)
{
    struct kldr_built_image built = untouched;
    struct kldr_error error;
    assert_int_equal(kldr_image_build(NULL, description, &built, &error), KLDR_ERROR_BAD_ARGUMENT);
    assert_int_equal(built.size, untouched.size);
    assert_null(built.bytes);
    assert_int_equal(error.status, KLDR_ERROR_BAD_ARGUMENT);
    assert_int_equal(error.origin, KLDR_ORIGIN_HOST);
    if (strstr(error.detail, text) == NULL)
        fail_msg("\"%s\" does not contain \"%s\"", error.detail, text);
    // Without an error record the answer is the same.
    assert_int_equal(kldr_image_build(NULL, description, &built, NULL), KLDR_ERROR_BAD_ARGUMENT);
}

static void refused_exports(const struct kldr_build_export *exports, size_t count, uint32_t base,
                            const char *text)
{
    const struct kldr_build_description description = {
        .name = "b.sys", .exports = exports, .export_count = count, .ordinal_base = base};
    refused(&description, text);
}

static void duplicate_names_are_refused(void **state)
{
    static const char *const same_as_export[] = {"A"};
    static const char *const same_as_entry[] = {"DriverEntry"};
    const struct kldr_build_export twice[] = {{.name = "A"}, {.name = "B"}, {.name = "A"}};
    const struct kldr_build_export nameless[] = {{.name = "A"}, {.name = "A", .noname = true}};
    const struct kldr_build_export entry[] = {{.name = "DriverEntry", .data = true}};
    struct kldr_build_description description = {.name = "b.sys",
                                                 .exports = twice,
                                                 .export_count = 1,
                                                 .routines = same_as_export,
                                                 .routine_count = 1};
    (void)state;
    refused_exports(twice, COUNT_OF(twice), 0, "two exports or routines");
    refused_exports(nameless, COUNT_OF(nameless), 0, "two exports or routines");
    refused(&description, "two exports or routines");
    description = (struct kldr_build_description){
        .name = "b.sys", .routines = same_as_entry, .routine_count = 1, .entry_point = true};
    refused(&description, "two exports or routines");
    description = (struct kldr_build_description){
        .name = "b.sys", .exports = entry, .export_count = 1, .entry_point = true};
    refused(&description, "two exports or routines");
}

static void the_complaint_names_image_and_symbol(void **state)
{
    const struct kldr_build_export exports[] = {{.name = "Twice"}, {.name = "Twice"}};
    const struct kldr_build_description description = {
        .name = "b.sys", .exports = exports, .export_count = 2};
    struct kldr_built_image built;
    struct kldr_error error;
    (void)state;
    assert_int_equal(kldr_image_build(NULL, &description, &built, &error), KLDR_ERROR_BAD_ARGUMENT);
    assert_string_equal(error.module, "b.sys");
    assert_string_equal(error.symbol, "Twice");
}

static void names_that_differ_in_case_are_two_names(void **state)
{
    const struct kldr_build_export exports[] = {{.name = "foo"}, {.name = "Foo"}};
    const struct kldr_build_description description = {
        .name = "b.sys", .exports = exports, .export_count = 2};
    struct kldr_built_image built;
    (void)state;
    assert_int_equal(kldr_image_build(NULL, &description, &built, NULL), KLDR_STATUS_SUCCESS);
    kldr_built_image_free(NULL, &built);
}

static void bad_ordinals_are_refused(void **state)
{
    const struct kldr_build_export twice[] = {{.name = "A", .ordinal = 3},
                                              {.name = "B", .ordinal = 3}};
    const struct kldr_build_export below[] = {{.name = "A", .ordinal = 9}};
    const struct kldr_build_export above[] = {{.name = "A", .ordinal = 65536}};
    const struct kldr_build_export none_left[] = {{.name = "A"}, {.name = "B"}};
    (void)state;
    refused_exports(twice, 2, 0, "two exports have ordinal 3");
    refused_exports(below, 1, 10, "between the base 10 and 65535");
    refused_exports(above, 1, 0, "between the base 1 and 65535");
    refused_exports(none_left, 2, 65535, "no ordinal");
    refused_exports(none_left, 2, 65536, "ordinal base is above 65535");
}

static void empty_and_endless_names_are_refused(void **state)
{
    static char endless[4098];
    static char longest[4097];
    static const char *const no_routine_name[] = {NULL};
    const struct kldr_build_export empty[] = {{.name = ""}};
    const struct kldr_build_export missing[] = {{.noname = true}};
    const struct kldr_build_export too_long[] = {{.name = endless}};
    const struct kldr_build_export to_nowhere[] = {{.name = "A", .forwarder = ""}};
    const struct kldr_build_export fits[] = {{.name = longest}};
    struct kldr_build_description description = {.name = ""};
    struct kldr_built_image built;
    (void)state;
    memset(endless, 'x', sizeof endless - 1);
    memset(longest, 'x', sizeof longest - 1);
    refused_exports(empty, 1, 0, "name of an export is empty");
    refused_exports(missing, 1, 0, "name of an export is empty");
    refused_exports(too_long, 1, 0, "longer than 4096 bytes");
    refused_exports(to_nowhere, 1, 0, "target of a forwarder is empty");
    refused(&description, "name of the image is empty");
    description = (struct kldr_build_description){
        .name = "b.sys", .routines = no_routine_name, .routine_count = 1};
    refused(&description, "name of a routine is empty");
    description =
        (struct kldr_build_description){.name = "b.sys", .exports = fits, .export_count = 1};
    assert_int_equal(kldr_image_build(NULL, &description, &built, NULL), KLDR_STATUS_SUCCESS);
    kldr_built_image_free(NULL, &built);
}

static void refused_import(const struct kldr_build_import *import, const char *text)
{
    const struct kldr_build_description description = {
        .name = "b.sys", .imports = import, .import_count = 1};
    refused(&description, text);
}

static void bad_imports_are_refused(void **state)
{
    const struct kldr_build_function ordinal = {.ordinal = 65536};
    const struct kldr_build_function hint = {.name = "F", .hint = 65536};
    const struct kldr_build_function empty = {.name = ""};
    const struct kldr_build_import imports[] = {
        {.module = ""},
        {.module = "a.sys", .functions = &ordinal, .function_count = 1},
        {.module = "a.sys", .functions = &hint, .function_count = 1},
        {.module = "a.sys", .functions = &empty, .function_count = 1},
        {.module = "a.sys", .function_count = 1},
        {.module = "a.sys", .functions = &hint, .function_count = 65536},
    };
    static const char *const complaints[] = {
        "name of an imported module is empty", "imported ordinal 65536", "hint 65536",
        "name of an import is empty",          "missing or more than",   "missing or more than"};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(imports); i++)
        refused_import(&imports[i], complaints[i]);
}

static void too_many_of_anything_is_refused(void **state)
{
    static const struct kldr_build_export exports[1];
    static const struct kldr_build_import imports[1];
    static const char *const routines[1];
    (void)state;
    const struct kldr_build_description descriptions[] = {
        {.name = "b.sys", .exports = exports, .export_count = 65536},
        {.name = "b.sys", .imports = imports, .import_count = SIZE_MAX},
        {.name = "b.sys", .routines = routines, .routine_count = 65536},
        {.name = "b.sys", .export_count = 1},
    };
    static const char *const complaints[] = {"more than 65535 exports",
                                             "more than 65535 import descriptors",
                                             "more than 65535 routines", "exports is missing"};
    for (size_t i = 0; i < COUNT_OF(descriptions); i++)
        refused(&descriptions[i], complaints[i]);
}

static void an_image_beyond_64_mib_is_refused(void **state)
{
    enum { COUNT = 65535, DESCRIPTORS = 300 };
    const struct kldr_build_function function = {.name = "Function"};
    struct kldr_build_function *functions = calloc(COUNT, sizeof *functions);
    struct kldr_build_import *imports = calloc(DESCRIPTORS, sizeof *imports);
    (void)state;
    for (size_t i = 0; i < COUNT; i++)
        functions[i] = function;
    for (size_t i = 0; i < DESCRIPTORS; i++)
        imports[i] = (struct kldr_build_import){
            .module = "a.sys", .functions = functions, .function_count = COUNT};
    const struct kldr_build_description description = {
        .name = "b.sys", .imports = imports, .import_count = DESCRIPTORS};
    refused(&description, "larger than 64 MiB");
    free(functions);
    free(imports);
}

static void bad_bases_and_machines_are_refused(void **state)
{
    static const struct {
        enum kldr_machine machine;
        uint64_t base;
        const char *text;
    } cases[] = {
        {KLDR_MACHINE_X64, 0x140001000, "multiple of 0x10000"},
        {KLDR_MACHINE_X86, UINT64_C(0x100000000), "leaves no room"},
        {KLDR_MACHINE_X86, UINT64_C(0xffff0000), NULL}, // ends at the very end of memory
        {(enum kldr_machine)0x1c4, 0, "machine 0x01c4"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct kldr_build_description description = {
            .name = "b.sys", .machine = cases[i].machine, .base = cases[i].base};
        struct kldr_built_image built;
        if (cases[i].text != NULL) {
            refused(&description, cases[i].text);
            continue;
        }
        assert_int_equal(kldr_image_build(NULL, &description, &built, NULL), KLDR_STATUS_SUCCESS);
        kldr_built_image_free(NULL, &built);
    }
}

// ---- memory ----

// Fails allocation number fail_at and counts what is alive.
struct meter {
    unsigned made, fail_at, alive;
};

static void *meter_allocate(void *user, size_t size)
{
    struct meter *meter = user;
    if (++meter->made == meter->fail_at)
        return NULL;
    meter->alive++;
    return malloc(size);
}

static void *meter_reallocate(void *user, void *block, size_t size)
{
    (void)user;
    return realloc(block, size);
}

static void meter_release(void *user, void *block)
{
    struct meter *meter = user;
    if (block != NULL)
        meter->alive--;
    free(block);
}

static void each_allocation_may_fail(void **state)
{
    const struct kldr_build_export exports[] = {{.name = "A"}, {.name = "B"}};
    const struct kldr_build_description description = {
        .name = "b.sys", .exports = exports, .export_count = 2, .entry_point = true};
    (void)state;
    for (unsigned fail_at = 1;; fail_at++) {
        struct meter meter = {.fail_at = fail_at};
        const struct kldr_allocator allocator = {&meter, meter_allocate, meter_reallocate,
                                                 meter_release};
        struct kldr_built_image built = untouched;
        struct kldr_error error;
        const kldr_status status = kldr_image_build(&allocator, &description, &built, &error);
        if (status == KLDR_STATUS_SUCCESS) {
            assert_int_equal(fail_at, 4); // scratch, bytes, routines
            kldr_built_image_free(&allocator, &built);
            assert_int_equal(meter.alive, 0);
            return;
        }
        assert_int_equal(status, KLDR_ERROR_OUT_OF_MEMORY);
        assert_int_equal(error.status, KLDR_ERROR_OUT_OF_MEMORY);
        assert_int_equal(built.size, untouched.size);
        assert_int_equal(meter.alive, 0);
    }
}

static void freeing_nothing_is_allowed(void **state)
{
    struct kldr_built_image built = {0};
    (void)state;
    kldr_built_image_free(NULL, &built);
    kldr_built_image_free(NULL, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(duplicate_names_are_refused),
        cmocka_unit_test(the_complaint_names_image_and_symbol),
        cmocka_unit_test(names_that_differ_in_case_are_two_names),
        cmocka_unit_test(bad_ordinals_are_refused),
        cmocka_unit_test(empty_and_endless_names_are_refused),
        cmocka_unit_test(bad_imports_are_refused),
        cmocka_unit_test(too_many_of_anything_is_refused),
        cmocka_unit_test(an_image_beyond_64_mib_is_refused),
        cmocka_unit_test(bad_bases_and_machines_are_refused),
        cmocka_unit_test(each_allocation_may_fail),
        cmocka_unit_test(freeing_nothing_is_allowed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
