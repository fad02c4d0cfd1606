// SPDX-License-Identifier: MIT
// Each rule of lint fires on what breaks it, and on nothing else.
#include "test.h"

#include "cli/lint.h"
#include "explain/explain.h"

#include <kldr/image_builder.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// ---- .def files ----

static void read_def(struct ks_lint *lint, const char *text)
{
    struct ks_def_file file;
    ks_def_file_read(text, strlen(text), &file);
    assert_int_equal(file.error_count, 0);
    assert_false(file.out_of_memory);
    ks_lint_init(lint);
    ks_lint_def(lint, "x.def", &file);
    ks_def_file_fini(&file);
}

// The rules that fire, as "rule@line" separated by blanks.
static void assert_def(const char *text, const char *expected)
{
    struct ks_lint lint;
    char found[512] = "";
    read_def(&lint, text);
    for (size_t i = 0; i < lint.count; i++) {
        char one[64];
        snprintf(one, sizeof(one), "%s%s@%u", i == 0 ? "" : " ",
                 ks_lint_rule_info(lint.findings[i].rule)->id, lint.findings[i].line);
        strcat(found, one);
    }
    assert_string_equal(found, expected);
    ks_lint_fini(&lint);
}

#define BOTH "  DllInitialize PRIVATE\n  DllUnload PRIVATE\n"

static void a_right_def_file_breaks_no_rule(void **state)
{
    (void)state;
    assert_def("LIBRARY port.sys\nEXPORTS\n" BOTH "  F @1\n", "");
    assert_def("; comment\nNAME \"port.sys\" BASE=0x10000\n\nEXPORTS DllInitialize PRIVATE\n"
               "\tDllUnload @2 PRIVATE ; last\n",
               "");
    assert_def("\xEF\xBB\xBFLIBRARY PORT.SYS\r\nEXPORTS\r\n" BOTH, "");
    assert_def("LIBRARY port.sys\nEXPORTS\n" BOTH
               "F = Internal\nG == Other @3\nH = a.B\nI CONSTANT\n\"quoted\" @9 NONAME DATA\n"
               "SECTIONS\n .text EXECUTE\nVERSION 1.0\n",
               "");
}

static void the_library_line_needs_sys(void **state)
{
    (void)state;
    assert_def("LIBRARY port\nEXPORTS\n" BOTH, "library-name@1");
    assert_def("\nLIBRARY port.dll\nEXPORTS\n" BOTH, "library-name@2");
    assert_def("LIBRARY\nEXPORTS\n" BOTH, "library-name@1");
    assert_def("EXPORTS\n" BOTH, "library-name@1");
}

static void routines_are_private_plain_and_here(void **state)
{
    (void)state;
    assert_def("LIBRARY p.sys\nEXPORTS\nDllInitialize\nDllUnload PRIVATE\n", "not-private@3");
    assert_def("LIBRARY p.sys\nEXPORTS\n_DllInitialize@4 PRIVATE\nDllUnload PRIVATE\n",
               "decorated-routine@3");
    assert_def("LIBRARY p.sys\nEXPORTS\n?DllUnload@@YAJXZ\nDllInitialize PRIVATE\n",
               "decorated-routine@3");
    assert_def("LIBRARY p.sys\nEXPORTS\ndllunload\nDllInitialize PRIVATE\n", "decorated-routine@3");
    assert_def("LIBRARY p.sys\nEXPORTS\nDllInitialize = a.B PRIVATE\nDllUnload PRIVATE\n",
               "forwarded-routine@3");
    assert_def("LIBRARY p.sys\nEXPORTS\nDllInitialize = Mine PRIVATE\nDllUnload PRIVATE\n", "");
    assert_def("LIBRARY p.sys\nEXPORTS\nDllInitialize @1 NONAME PRIVATE\nDllUnload PRIVATE\n",
               "unnamed-routine@3");
    assert_def("LIBRARY p.sys\nEXPORTS\nDllInitialize DATA PRIVATE\nDllUnload PRIVATE\n",
               "data-routine@3");
}

static void one_routine_alone_is_told(void **state)
{
    (void)state;
    assert_def("LIBRARY p.sys\nEXPORTS\nDllInitialize PRIVATE\n", "no-dllunload@3");
    assert_def("LIBRARY p.sys\nEXPORTS\nF\nDllUnload PRIVATE\n", "no-dllinitialize@4");
    assert_def("LIBRARY p.sys\nEXPORTS\nF\n", "no-lifecycle-routines@3");
    assert_def("LIBRARY p.sys\n", "");
    assert_def("LIBRARY p.sys\nEXPORTS\nMyDllUnload\nDllUnloadEx\n", "no-lifecycle-routines@3");
}

static void a_line_that_cannot_be_read_is_an_error_with_its_place(void **state)
{
    static const struct {
        const char *text;
        unsigned line, column;
    } cases[] = {
        {"LIBRARY p.sys\nhello\n", 2, 1},
        {"LIBRARY p.sys\nEXPORTS\n  F @x\n", 3, 6},
        {"LIBRARY p.sys\nEXPORTS\nF @70000\n", 3, 3},
        {"EXPORTS F @1 WHAT\n", 1, 14},
        {"LIBRARY a.sys\nLIBRARY b.sys\n", 2, 1},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct ks_def_file file;
        ks_def_file_read(cases[i].text, strlen(cases[i].text), &file);
        assert_int_equal(file.error_count, 1);
        assert_int_equal(file.errors[0].line, cases[i].line);
        assert_int_equal(file.errors[0].column, cases[i].column);
        assert_true(file.errors[0].message[0] != '\0');
        ks_def_file_fini(&file);
    }
}

static void bytes_that_are_no_text_are_errors(void **state)
{
    static char long_line[20000];
    struct ks_def_file file;
    (void)state;
    ks_def_file_read("LIBRARY\0x", 9, &file);
    assert_int_equal(file.error_count, 1);
    ks_def_file_fini(&file);
    memset(long_line, 'x', sizeof(long_line));
    ks_def_file_read(long_line, sizeof(long_line), &file);
    assert_int_equal(file.error_count, 1);
    ks_def_file_fini(&file);
    for (size_t i = 1; i < sizeof(long_line); i += 2) {
        long_line[i] = '\n';
    }
    ks_def_file_read(long_line, sizeof(long_line), &file);
    assert_true(file.error_count > 1 && file.error_count < 100);
    ks_def_file_fini(&file);
}

// ---- images ----

#define FUNCTION(text)                                                                             \
    {                                                                                              \
        .name = (text)                                                                             \
    }

static const struct kldr_build_export both_routines[] = {FUNCTION("DllInitialize"),
                                                         FUNCTION("DllUnload"), FUNCTION("F")};

static void assert_image(const struct kldr_build_description *description, const char *file_name,
                         const char *expected)
{
    struct kldr_built_image built;
    struct kldr_error error = {0};
    struct ks_image_file file = {.path = file_name, .base_name = file_name};
    struct ks_lint lint;
    char found[512] = "";
    assert_int_equal(kldr_image_build(NULL, description, &built, &error), KLDR_STATUS_SUCCESS);
    file.bytes = built.bytes;
    file.size = built.size;
    assert_int_equal(kldr_image_create(NULL, built.bytes, built.size, NULL, &file.image, &error),
                     KLDR_STATUS_SUCCESS);
    ks_lint_init(&lint);
    ks_lint_image(&lint, &file);
    for (size_t i = 0; i < lint.count; i++) {
        strcat(found, i == 0 ? "" : " ");
        strcat(found, ks_lint_rule_info(lint.findings[i].rule)->id);
        assert_true(lint.findings[i].message[0] != '\0');
    }
    assert_string_equal(found, expected);
    ks_lint_fini(&lint);
    kldr_image_destroy(file.image);
    kldr_built_image_free(NULL, &built);
}

static struct kldr_build_description good_image(void)
{
    struct kldr_build_description description = {.name = "port.sys", .entry_point = true};
    description.exports = both_routines;
    description.export_count = COUNT_OF(both_routines);
    return description;
}

static void a_right_image_breaks_no_rule(void **state)
{
    struct kldr_build_description description = good_image();
    (void)state;
    assert_image(&description, "port.sys", "");
    assert_image(&description, "PORT.SYS", "");
    description.export_count = 0;
    assert_image(&description, "port.sys", "");
}

static void names_that_importers_get_wrong_are_told(void **state)
{
    struct kldr_build_description description = good_image();
    (void)state;
    assert_image(&description, "other.sys", "library-name");
    description.name = "halo.sys";
    assert_image(&description, "halo.sys", "name-prefix");
    description.name = "hal.dll";
    assert_image(&description, "hal.dll", "");
    description.name = "my.lib.sys";
    assert_image(&description, "my.lib.sys", "dotted-name");
}

static void routines_that_are_not_found_are_told(void **state)
{
    static const struct kldr_build_export decorated[] = {FUNCTION("_DllInitialize@4"),
                                                         FUNCTION("DllUnload")};
    static const struct kldr_build_export forwarded[] = {
        {.name = "DllInitialize", .forwarder = "x.F"}, FUNCTION("DllUnload")};
    static const struct kldr_build_export unsorted[] = {FUNCTION("Z"), FUNCTION("DllUnload"),
                                                        FUNCTION("DllInitialize"), FUNCTION("A")};
    static const struct kldr_build_export alone[] = {FUNCTION("DllInitialize")};
    static const struct kldr_build_export other[] = {FUNCTION("DllUnload")};
    static const struct kldr_build_export neither[] = {FUNCTION("F")};
    static const struct {
        const struct kldr_build_export *exports;
        size_t count;
        const char *expected;
    } cases[] = {
        {decorated, COUNT_OF(decorated), "decorated-routine"},
        {forwarded, COUNT_OF(forwarded), "forwarded-routine"},
        {unsorted, COUNT_OF(unsorted), "unsorted-names unsorted-names"},
        {alone, COUNT_OF(alone), "no-dllunload"},
        {other, COUNT_OF(other), "no-dllinitialize"},
        {neither, COUNT_OF(neither), "no-lifecycle-routines"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct kldr_build_description description = good_image();
        description.exports = cases[i].exports;
        description.export_count = cases[i].count;
        description.unsorted_names = cases[i].exports == unsorted;
        assert_image(&description, "port.sys", cases[i].expected);
    }
}

static void imports_that_do_not_work_are_told(void **state)
{
    static const struct kldr_build_function functions[] = {FUNCTION("F")};
    struct kldr_build_import import = {"KERNEL32.dll", functions, 1, false};
    struct kldr_build_description description = good_image();
    (void)state;
    description.imports = &import;
    description.import_count = 1;
    assert_image(&description, "port.sys", "user-mode-import");
    import.module = "Port.sys";
    assert_image(&description, "port.sys", "self-import");
    import.module = "other.sys";
    assert_image(&description, "port.sys", "");
    description.broken = KLDR_BROKEN_NO_IAT_DIRECTORY;
    assert_image(&description, "port.sys", "no-iat-directory");
    description.broken = 0;
    import.no_lookup_table = true;
    assert_image(&description, "port.sys", "no-lookup-table");
}

static void a_broken_image_is_told(void **state)
{
    static const struct {
        unsigned broken;
        const char *expected;
    } cases[] = {
        {KLDR_BROKEN_CHECKSUM, "bad-checksum"},
        {KLDR_BROKEN_RELOCATIONS_STRIPPED, "no-relocations"},
        {KLDR_BROKEN_RELOCATIONS_MALFORMED, "bad-relocations"},
        {KLDR_BROKEN_NO_ENTRY_POINT, "no-entry-point"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct kldr_build_description description = good_image();
        description.broken = cases[i].broken;
        assert_image(&description, "port.sys", cases[i].expected);
    }
}

// ---- rules ----

static void every_rule_rests_on_facts_that_are_known(void **state)
{
    (void)state;
    for (unsigned i = 0; i < KS_LINT_RULE_COUNT; i++) {
        const struct ks_lint_rule_info *rule = ks_lint_rule_info((enum ks_lint_rule)i);
        const char *facts = rule->facts;
        enum ks_lint_rule found;
        struct ks_fact fact;
        char id[16];
        size_t count = 0;
        while (ks_explain_next(&facts, id, sizeof(id))) {
            assert_true(ks_explain_fact(id, &fact));
            count++;
        }
        assert_true(count > 0);
        assert_true(ks_lint_rule_find(rule->id, &found));
        assert_int_equal(found, i);
    }
}

static void a_rule_that_is_ignored_does_not_fire(void **state)
{
    struct ks_lint lint;
    (void)state;
    ks_lint_init(&lint);
    lint.ignored[KS_LINT_NOT_PRIVATE] = true;
    ks_lint_add(&lint, KS_LINT_NOT_PRIVATE, "x", 1, "%s", "message");
    assert_int_equal(lint.count, 0);
    ks_lint_add(&lint, KS_LINT_LIBRARY_NAME, "x", 1, "%s", "message");
    assert_int_equal(lint.count, 1);
    ks_lint_fini(&lint);
}

static void variants_of_a_routine_are_told_from_other_names(void **state)
{
    static const struct {
        const char *text;
        bool variant;
    } cases[] = {
        {"DllUnload", false},          {"_DllUnload@0", true}, {"_DllUnload", true},
        {"DllUnload@0", true},         {"@DllUnload@0", true}, {"dllunload", true},
        {"?DllUnload@@YAJXZ", true},   {"DllUnloadEx", false}, {"MyDllUnload", false},
        {"DllUnload2", false},         {"DllUnloa", false},    {"", false},
        {"?DllUnloadX@@YAJXZ", false},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_int_equal(ks_image_routine_is_variant(cases[i].text, "DllUnload"), cases[i].variant);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_right_def_file_breaks_no_rule),
        cmocka_unit_test(the_library_line_needs_sys),
        cmocka_unit_test(routines_are_private_plain_and_here),
        cmocka_unit_test(one_routine_alone_is_told),
        cmocka_unit_test(a_line_that_cannot_be_read_is_an_error_with_its_place),
        cmocka_unit_test(bytes_that_are_no_text_are_errors),
        cmocka_unit_test(a_right_image_breaks_no_rule),
        cmocka_unit_test(names_that_importers_get_wrong_are_told),
        cmocka_unit_test(routines_that_are_not_found_are_told),
        cmocka_unit_test(imports_that_do_not_work_are_told),
        cmocka_unit_test(a_broken_image_is_told),
        cmocka_unit_test(every_rule_rests_on_facts_that_are_known),
        cmocka_unit_test(a_rule_that_is_ignored_does_not_fire),
        cmocka_unit_test(variants_of_a_routine_are_told_from_other_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
