// SPDX-License-Identifier: MIT
// Files that appear whole or not at all, folders in order, threads.
#include "test.h"

#include "platform.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// The folder of this test below the working directory, with a name that is not ASCII.
#define FOLDER "platform-test-\xC3\xA4"

static int make_folder(void **state)
{
    (void)state;
    return ks_platform_make_directory(FOLDER) == KS_IO_OK ? 0 : 1;
}

static void a_file_is_read_as_it_was_written(void **state)
{
    const char bytes[] = "one\r\ntwo\0three\n";
    uint8_t *read;
    size_t size;
    (void)state;
    assert_int_equal(ks_platform_write_file(FOLDER "/a", bytes, sizeof(bytes)), KS_IO_OK);
    assert_int_equal(ks_platform_read_file(FOLDER "/a", 1000, &read, &size), KS_IO_OK);
    assert_int_equal(size, sizeof(bytes));
    assert_memory_equal(read, bytes, sizeof(bytes));
    assert_int_equal(read[size], 0);
    free(read);
}

static void a_large_file_is_read_whole(void **state)
{
    size_t size = 300000, got;
    uint8_t *bytes = malloc(size), *read;
    (void)state;
    for (size_t i = 0; i < size; i++) {
        bytes[i] = (uint8_t)(i * 7);
    }
    assert_int_equal(ks_platform_write_file(FOLDER "/large", bytes, size), KS_IO_OK);
    assert_int_equal(ks_platform_read_file(FOLDER "/large", size, &read, &got), KS_IO_OK);
    assert_int_equal(got, size);
    assert_memory_equal(read, bytes, size);
    free(read);
    free(bytes);
}

static void the_limit_is_kept_to_the_byte(void **state)
{
    uint8_t *read = NULL;
    size_t size;
    (void)state;
    assert_int_equal(ks_platform_write_file(FOLDER "/b", "12345", 5), KS_IO_OK);
    assert_int_equal(ks_platform_read_file(FOLDER "/b", 4, &read, &size), KS_IO_TOO_LARGE);
    assert_null(read);
    assert_int_equal(ks_platform_read_file(FOLDER "/b", 5, &read, &size), KS_IO_OK);
    free(read);
}

static void what_is_not_there_is_told_from_a_folder(void **state)
{
    uint8_t *read;
    size_t size;
    (void)state;
    assert_int_equal(ks_platform_read_file(FOLDER "/none", 10, &read, &size), KS_IO_NOT_FOUND);
    assert_int_equal(ks_platform_read_file(FOLDER, 10, &read, &size), KS_IO_IS_DIRECTORY);
    assert_int_equal(ks_platform_path_kind(FOLDER), KS_PATH_DIRECTORY);
    assert_int_equal(ks_platform_path_kind(FOLDER "/none"), KS_PATH_ABSENT);
    assert_int_equal(ks_platform_write_file(FOLDER, "x", 1), KS_IO_IS_DIRECTORY);
    assert_int_equal(ks_platform_write_file(FOLDER "/none/x", "x", 1), KS_IO_NOT_FOUND);
}

static void a_file_that_is_abandoned_leaves_the_old_one(void **state)
{
    struct ks_file_writer *writer;
    struct ks_path_list before, after;
    uint8_t *read;
    size_t size;
    (void)state;
    assert_int_equal(ks_platform_write_file(FOLDER "/c", "old", 3), KS_IO_OK);
    assert_int_equal(ks_platform_list_tree(FOLDER, "", &before), KS_IO_OK);
    assert_int_equal(ks_platform_writer_open(FOLDER "/c", &writer), KS_IO_OK);
    assert_true(ks_platform_writer_write(writer, "new and longer", 14));
    assert_int_equal(ks_platform_read_file(FOLDER "/c", 100, &read, &size), KS_IO_OK);
    assert_int_equal(size, 3);
    free(read);
    ks_platform_writer_abandon(writer);
    assert_int_equal(ks_platform_read_file(FOLDER "/c", 100, &read, &size), KS_IO_OK);
    assert_memory_equal(read, "old", 4);
    free(read);
    assert_int_equal(ks_platform_list_tree(FOLDER, "", &after), KS_IO_OK);
    assert_int_equal(after.count, before.count); // nothing is left beside it
    ks_platform_path_list_fini(&before);
    ks_platform_path_list_fini(&after);
    ks_platform_writer_abandon(NULL);
}

static void a_file_that_is_committed_replaces_the_old_one(void **state)
{
    struct ks_file_writer *writer;
    uint8_t *read;
    size_t size;
    (void)state;
    assert_int_equal(ks_platform_write_file(FOLDER "/d", "old", 3), KS_IO_OK);
    assert_int_equal(ks_platform_writer_open(FOLDER "/d", &writer), KS_IO_OK);
    ks_platform_writer_write(writer, "ne", 2);
    ks_platform_writer_write(writer, "w", 1);
    assert_int_equal(ks_platform_writer_commit(writer), KS_IO_OK);
    assert_int_equal(ks_platform_read_file(FOLDER "/d", 100, &read, &size), KS_IO_OK);
    assert_memory_equal(read, "new", 4);
    free(read);
}

static void a_tree_is_listed_by_suffix_in_order(void **state)
{
    static const char *const names[] = {"/t/z.kldr.yaml", "/t/b/x.kldr.yaml", "/t/a.KLDR.YAML",
                                        "/t/b/no.yaml", "/t/b.kldr.yaml"};
    static const char *const expected[] = {FOLDER "/t/a.KLDR.YAML", FOLDER "/t/b.kldr.yaml",
                                           FOLDER "/t/b/x.kldr.yaml", FOLDER "/t/z.kldr.yaml"};
    struct ks_path_list list;
    (void)state;
    assert_int_equal(ks_platform_make_directory(FOLDER "/t"), KS_IO_OK);
    assert_int_equal(ks_platform_make_directory(FOLDER "/t/b"), KS_IO_OK);
    assert_int_equal(ks_platform_make_directory(FOLDER "/t/b"), KS_IO_OK);
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        char path[200];
        snprintf(path, sizeof(path), "%s%s", FOLDER, names[i]);
        assert_int_equal(ks_platform_write_file(path, "", 0), KS_IO_OK);
    }
    assert_int_equal(ks_platform_list_tree(FOLDER "/t", ".kldr.yaml", &list), KS_IO_OK);
    assert_int_equal(list.count, COUNT_OF(expected));
    for (size_t i = 0; i < list.count; i++) {
        assert_string_equal(list.paths[i], expected[i]);
    }
    ks_platform_path_list_fini(&list);
    assert_int_equal(ks_platform_list_folder(FOLDER "/t", ".kldr.yaml", &list), KS_IO_OK);
    assert_int_equal(list.count, 3); // without b/x.kldr.yaml
    assert_string_equal(list.paths[1], expected[1]);
    assert_string_equal(list.paths[2], expected[3]);
    ks_platform_path_list_fini(&list);
    assert_int_equal(ks_platform_list_tree(FOLDER "/none", "", &list), KS_IO_NOT_FOUND);
    assert_int_equal(ks_platform_list_folder(FOLDER "/none", "", &list), KS_IO_NOT_FOUND);
}

static void a_list_grows_beyond_every_doubling(void **state)
{
    struct ks_path_list list = {NULL, 0};
    (void)state;
    for (unsigned i = 0; i < 1000; i++) {
        char text[16];
        snprintf(text, sizeof(text), "%03u", 999 - i);
        assert_true(ks_platform_path_list_add(&list, ks_platform_join("", text)));
    }
    ks_platform_path_list_sort(&list);
    assert_string_equal(list.paths[0], "000");
    assert_string_equal(list.paths[999], "999");
    ks_platform_path_list_fini(&list);
}

static void paths_are_joined_once(void **state)
{
    static const char *const cases[][3] = {
        {"a", "b", "a/b"}, {"a/", "b", "a/b"}, {"", "b", "b"}, {"a", "/b", "/b"}, {"/", "b", "/b"}};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char *path = ks_platform_join(cases[i][0], cases[i][1]);
        assert_string_equal(path, cases[i][2]);
        free(path);
    }
    assert_int_equal(ks_platform_folder_length("a/b/c"), 4);
    assert_int_equal(ks_platform_folder_length("c"), 0);
}

static void the_clock_never_goes_back(void **state)
{
    uint64_t last = ks_platform_now_ns();
    (void)state;
    for (unsigned i = 0; i < 1000; i++) {
        uint64_t now = ks_platform_now_ns();
        assert_true(now >= last);
        last = now;
    }
    assert_true(ks_platform_cpu_count() >= 1);
}

struct counter {
    struct ks_mutex *mutex;
    struct ks_condition *changed;
    unsigned count, finished;
};

static void count_up(void *user)
{
    struct counter *counter = user;
    for (unsigned i = 0; i < 10000; i++) {
        ks_mutex_lock(counter->mutex);
        counter->count++;
        ks_mutex_unlock(counter->mutex);
    }
    ks_mutex_lock(counter->mutex);
    counter->finished++;
    ks_condition_wake_all(counter->changed);
    ks_mutex_unlock(counter->mutex);
}

static void threads_count_together(void **state)
{
    struct counter counter = {ks_mutex_create(), ks_condition_create(), 0, 0};
    struct ks_thread *threads[4];
    (void)state;
    for (size_t i = 0; i < COUNT_OF(threads); i++) {
        threads[i] = ks_thread_start(count_up, &counter);
        assert_non_null(threads[i]);
    }
    ks_mutex_lock(counter.mutex);
    while (counter.finished < COUNT_OF(threads)) {
        ks_condition_wait(counter.changed, counter.mutex, 1000);
    }
    ks_mutex_unlock(counter.mutex);
    for (size_t i = 0; i < COUNT_OF(threads); i++) {
        ks_thread_join(threads[i]);
    }
    assert_int_equal(counter.count, 40000);
    ks_condition_destroy(counter.changed);
    ks_mutex_destroy(counter.mutex);
}

static void a_wait_that_nobody_ends_ends_by_itself(void **state)
{
    struct ks_mutex *mutex = ks_mutex_create();
    struct ks_condition *condition = ks_condition_create();
    (void)state;
    ks_mutex_lock(mutex);
    while (ks_condition_wait(condition, mutex, 5)) {
    }
    ks_mutex_unlock(mutex);
    ks_condition_destroy(condition);
    ks_mutex_destroy(mutex);
    ks_condition_destroy(NULL);
    ks_mutex_destroy(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_is_read_as_it_was_written),
        cmocka_unit_test(a_large_file_is_read_whole),
        cmocka_unit_test(the_limit_is_kept_to_the_byte),
        cmocka_unit_test(what_is_not_there_is_told_from_a_folder),
        cmocka_unit_test(a_file_that_is_abandoned_leaves_the_old_one),
        cmocka_unit_test(a_file_that_is_committed_replaces_the_old_one),
        cmocka_unit_test(a_tree_is_listed_by_suffix_in_order),
        cmocka_unit_test(a_list_grows_beyond_every_doubling),
        cmocka_unit_test(paths_are_joined_once),
        cmocka_unit_test(the_clock_never_goes_back),
        cmocka_unit_test(threads_count_together),
        cmocka_unit_test(a_wait_that_nobody_ends_ends_by_itself),
    };
    return cmocka_run_group_tests(tests, make_folder, NULL);
}
