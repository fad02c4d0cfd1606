// SPDX-License-Identifier: MIT
#include "cli/gdb_script.h"
#include "cli/load_gdb.h"

#include "test.h"

#include <stdlib.h>
#include <string.h>

static void contains(const struct ks_text_buffer *text, const char *wanted)
{
    char *copy = calloc(1, text->size + 1);
    assert_non_null(copy);
    memcpy(copy, text->bytes, text->size);
    if (strstr(copy, wanted) == NULL) {
        print_error("%s\nis not in\n%s\n", wanted, copy);
        fail();
    }
    free(copy);
}

static void strange_names_reach_gdb_and_the_shell_as_they_are(void **state)
{
    static const char *const arguments[] = {"it's.sys", "--policy"};
    static const struct ks_gdb_image image = {"a \"b\" 100%.sys", UINT64_C(0xfffff80000060000),
                                              UINT64_C(0x140000000), 0x2000};
    struct ks_gdb_script script = {"/opt/my kldr", arguments, 2, &image, 1};
    struct ks_text_buffer text;
    (void)state;
    ks_text_buffer_init(&text, NULL);
    ks_gdb_script_write(&text, &script);
    contains(&text, "\nfile \"/opt/my kldr\"\n");
    contains(&text, "\nset args load --timeout 86400 'it'\\''s.sys' '--policy'\n");
    contains(&text, "eval \"add-symbol-file \\\"a \\\\\\\"b\\\\\\\" 100%%.sys\\\" -o 0x%lx\", "
                    "$rdx - 0x140000000\n");
    contains(&text, "eval \"remove-symbol-file -a 0x%lx\", $rdx + 0x2000\n");
    ks_text_buffer_fini(&text);
}

static void an_unknown_program_is_left_to_the_command_line(void **state)
{
    struct ks_gdb_script script = {0};
    struct ks_text_buffer text;
    (void)state;
    ks_text_buffer_init(&text, NULL);
    ks_gdb_script_write(&text, &script);
    contains(&text, "pass\n\nset args load --timeout 86400\n");
    ks_text_buffer_fini(&text);
}

static void the_script_repeats_the_command_line_but_for_itself_and_the_time(void **state)
{
    char *argv[] = {"load",    "--gdb", "x.gdb",     "--policy", "missing_imports=trap",
                    "--gdb=y", "a.sys", "--timeout", "3",        "--timeout=4",
                    "--gdbx",  "--",    "--gdb",     NULL};
    static const char *const wanted[] = {
        "--policy", "missing_imports=trap", "a.sys", "--gdbx", "--", "--gdb"};
    struct ks_load_gdb_arguments arguments;
    (void)state;
    assert_true(ks_load_gdb_arguments_init(&arguments, 13, argv));
    assert_int_equal(arguments.count, sizeof(wanted) / sizeof(wanted[0]));
    for (size_t i = 0; i < arguments.count; i++) {
        assert_string_equal(arguments.items[i], wanted[i]);
    }
    ks_load_gdb_arguments_fini(&arguments);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(strange_names_reach_gdb_and_the_shell_as_they_are),
        cmocka_unit_test(an_unknown_program_is_left_to_the_command_line),
        cmocka_unit_test(the_script_repeats_the_command_line_but_for_itself_and_the_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
