// SPDX-License-Identifier: MIT
// Which files of the host a wish for a PDB gets. Code of a driver may have made it up.
#include "run_case.h"
#include "test.h"

#include "platform.h"
#include "scenario/run/host_symbols.h"
#include "worker/wish.h"

#include <stdlib.h>
#include <string.h>

#define FOLDER "test_host_symbols_files"
#define TEXT                                                                                       \
    "kldr: 1\nname: one\n"                                                                         \
    "images: { a.sys: { file: '" FOLDER "/a.sys' }, '\\??\\C:\\b.sys': { file: '" FOLDER           \
    "/b/b.sys' }, c.sys: { exports: [C] } }\n"                                                     \
    "steps:\n  - load: a\n  - create: { d.sys: { file: '" FOLDER "/b/d.sys' } }\n"

static const char *const directories[] = {FOLDER "/dir", FOLDER "/none"};

static int make_files(void **state)
{
    static const char *const folders[] = {FOLDER, FOLDER "/b", FOLDER "/dir"};
    static const char *const files[] = {FOLDER "/a.pdb",     FOLDER "/b/b.pdb",
                                        FOLDER "/b/d.pdb",   FOLDER "/dir/a.pdb",
                                        FOLDER "/dir/c.pdb", FOLDER "/secret.txt"};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(folders); i++) {
        if (ks_platform_make_directory(folders[i]) != KS_IO_OK) {
            return 1;
        }
    }
    for (size_t i = 0; i < COUNT_OF(files); i++) {
        if (ks_platform_write_file(files[i], files[i], strlen(files[i])) != KS_IO_OK) {
            return 1;
        }
    }
    return 0;
}

// The path of the file that is found, as that is what each holds; "" when there is none.
static const char *find(const char *path, const char *name, unsigned number)
{
    static char found[200];
    struct run_case test;
    struct ks_host_file file;
    const struct ks_symbols_wish wish = {path, name, number};
    run_case_init(&test, TEXT);
    struct ks_run_options options = run_case_options(&test, KLDR_PROFILE_DOCUMENTED);
    options.directories = directories;
    options.directory_count = COUNT_OF(directories);
    found[0] = '\0';
    if (ks_host_symbols_find(test.scenario, &options, &wish, &file)) {
        assert_true(file.size < sizeof found);
        memcpy(found, file.bytes, file.size);
        found[file.size] = '\0';
        free(file.bytes);
    }
    run_case_fini(&test);
    return found;
}

static void the_image_s_folder_comes_before_those_of_dir(void **state)
{
    (void)state;
    assert_string_equal(find("a.sys", "a.pdb", 0), FOLDER "/a.pdb");
    assert_string_equal(find("a.sys", "a.pdb", 1), FOLDER "/dir/a.pdb");
    assert_string_equal(find("a.sys", "a.pdb", 2), "");
    assert_string_equal(find("\\??\\C:\\b.sys", "b.pdb", 0), FOLDER "/b/b.pdb");
    assert_string_equal(find("d.sys", "d.pdb", 0), FOLDER "/b/d.pdb");
}

static void an_image_without_a_file_has_the_folders_of_dir(void **state)
{
    (void)state;
    assert_string_equal(find("c.sys", "c.pdb", 0), FOLDER "/dir/c.pdb");
    assert_string_equal(find("not-there.sys", "a.pdb", 0), FOLDER "/dir/a.pdb");
    assert_string_equal(find("c.sys", "b.pdb", 0), "");
}

static void nothing_but_a_pdb_s_name_is_a_wish(void **state)
{
    static const char *const names[] = {
        "secret.txt", "../" FOLDER "/a.pdb", "b/b.pdb", "b\\b.pdb", "C:a.pdb", ".pdb",
        "",           "/etc/passwd",         "a.pdb/"};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        assert_string_equal(find("a.sys", names[i], 0), "");
    }
}

static void a_wish_travels_and_is_refused_when_cut_short(void **state)
{
    const struct ks_symbols_wish wish = {"\\SystemRoot\\a.sys", "a.pdb", 7};
    struct ks_wire_writer writer = {0};
    struct ks_symbols_wish read;
    (void)state;
    ks_worker_wish_write(&writer, &wish);
    assert_true(ks_worker_wish_read(writer.bytes, writer.size, &read));
    assert_string_equal(read.path, wish.path);
    assert_string_equal(read.name, wish.name);
    assert_int_equal(read.number, 7);
    for (size_t size = 0; size < writer.size; size++) {
        assert_false(ks_worker_wish_read(writer.bytes, size, &read));
    }
    ks_wire_writer_fini(&writer);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_image_s_folder_comes_before_those_of_dir),
        cmocka_unit_test(an_image_without_a_file_has_the_folders_of_dir),
        cmocka_unit_test(nothing_but_a_pdb_s_name_is_a_wish),
        cmocka_unit_test(a_wish_travels_and_is_refused_when_cut_short),
    };
    return cmocka_run_group_tests(tests, make_files, NULL);
}
