// SPDX-License-Identifier: MIT
#include "world/disk.h"

#include "loader_fixture.h"
#include "test.h"

#include <stdio.h>
#include <string.h>

struct setting {
    struct fixture *fixture; // for its allocator
    const struct kldr_allocator *allocator;
    struct ks_disk *disk;
    unsigned released; // files whose release was called
};

static struct setting setting;

static int set_up(void **state)
{
    setting = (struct setting){.fixture = fixture_create(KLDR_PROFILE_24H2, KLDR_MACHINE_X64)};
    setting.allocator = &setting.fixture->host.allocator;
    setting.disk = ks_disk_create(setting.allocator);
    assert_non_null(setting.disk);
    *state = &setting;
    return 0;
}

static int tear_down(void **state)
{
    struct setting *used = *state;
    ks_disk_destroy(used->disk);
    fixture_destroy(used->fixture); // nothing is left in its allocator
    return 0;
}

static void count_release(void *user, struct ks_file *file)
{
    (void)file;
    ++*(unsigned *)user;
}

static struct ks_file *make(const char *path)
{
    struct ks_file *file = ks_file_create(setting.allocator, path);
    assert_non_null(file);
    file->release = count_release;
    file->user = &setting.released;
    return file;
}

// Puts a file there and keeps no reference.
static kldr_status put(const char *path)
{
    struct ks_file *file = make(path);
    kldr_status status = ks_disk_add(setting.disk, file);
    ks_file_release(setting.allocator, file);
    return status;
}

static kldr_status find(const char *path)
{
    struct ks_file *file = NULL;
    kldr_status status = ks_disk_find(setting.disk, path, &file);
    assert_int_equal(file != NULL, status == KLDR_STATUS_SUCCESS);
    return status;
}

static void a_file_is_found_by_every_spelling_of_its_path(void **state)
{
    static const char *const spellings[] = {
        "port.sys",
        "PORT.Sys",
        "\\SystemRoot\\System32\\drivers\\port.sys",
        "\\systemroot\\SYSTEM32\\Drivers\\Port.sys",
        "\\??\\C:\\Windows\\System32\\drivers\\port.sys",
        "\\??\\c:\\WINDOWS\\system32\\DRIVERS\\PORT.SYS",
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(spellings); i++) {
        assert_int_equal(put(spellings[i]), KLDR_STATUS_SUCCESS);
        for (size_t j = 0; j < COUNT_OF(spellings); j++) {
            assert_int_equal(find(spellings[j]), KLDR_STATUS_SUCCESS);
            assert_int_equal(put(spellings[j]), KLDR_STATUS_OBJECT_NAME_COLLISION);
        }
        assert_int_equal(ks_disk_remove(setting.disk, spellings[COUNT_OF(spellings) - 1 - i]),
                         KLDR_STATUS_SUCCESS);
    }
    assert_int_equal(find("port.sys"), KLDR_STATUS_OBJECT_NAME_NOT_FOUND);
}

static void texts_that_only_look_alike_are_other_files(void **state)
{
    static const char *const others[] = {"\\SystemRoot2\\System32\\drivers\\port.sys",
                                         "\\SystemRoot\\System32\\port.sys",
                                         "\\port.sys",
                                         "\\??\\C:\\Windows\\System32\\drivers\\port.sys.x",
                                         "\\??\\D:\\Windows\\System32\\drivers\\port.sys",
                                         "por.sys",
                                         "port.sys "};
    (void)state;
    put("port.sys");
    for (size_t i = 0; i < COUNT_OF(others); i++) {
        assert_int_not_equal(find(others[i]), KLDR_STATUS_SUCCESS);
        assert_int_equal(put(others[i]), KLDR_STATUS_SUCCESS);
    }
}

static void a_missing_file_and_a_missing_folder_are_told_apart(void **state)
{
    static const struct {
        const char *path;
        kldr_status status;
    } rows[] = {
        {"gone.sys", KLDR_STATUS_OBJECT_NAME_NOT_FOUND},
        {"\\SystemRoot\\System32\\gone.sys", KLDR_STATUS_OBJECT_NAME_NOT_FOUND},
        {"\\SystemRoot\\gone.sys", KLDR_STATUS_OBJECT_NAME_NOT_FOUND},
        {"\\??\\C:\\Windows\\gone.sys", KLDR_STATUS_OBJECT_NAME_NOT_FOUND},
        {"\\??\\C:\\gone.sys", KLDR_STATUS_OBJECT_NAME_NOT_FOUND},
        {"\\SystemRoot\\System32\\drivers\\drivers\\gone.sys", KLDR_STATUS_OBJECT_PATH_NOT_FOUND},
        {"\\??\\D:\\gone.sys", KLDR_STATUS_OBJECT_PATH_NOT_FOUND},
        {"\\??\\C:\\x\\y\\gone.sys", KLDR_STATUS_OBJECT_PATH_NOT_FOUND},
        {"", KLDR_STATUS_OBJECT_NAME_NOT_FOUND}, // the drivers folder itself is no file
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        assert_int_equal(find(rows[i].path), rows[i].status);
}

static void a_folder_exists_once_a_file_lay_in_or_below_it(void **state)
{
    (void)state;
    assert_int_equal(put("\\??\\C:\\x\\y\\z\\port.sys"), KLDR_STATUS_SUCCESS);
    assert_int_equal(find("\\??\\C:\\X\\Y\\z\\gone.sys"), KLDR_STATUS_OBJECT_NAME_NOT_FOUND);
    assert_int_equal(find("\\??\\C:\\x\\y\\gone.sys"), KLDR_STATUS_OBJECT_NAME_NOT_FOUND);
    assert_int_equal(find("\\??\\C:\\x\\gone.sys"), KLDR_STATUS_OBJECT_NAME_NOT_FOUND);
    assert_int_equal(find("\\??\\C:\\x\\yy\\gone.sys"), KLDR_STATUS_OBJECT_PATH_NOT_FOUND);
    assert_int_equal(ks_disk_remove(setting.disk, "\\??\\C:\\x\\y\\z\\port.sys"),
                     KLDR_STATUS_SUCCESS);
    assert_int_equal(find("\\??\\C:\\x\\y\\z\\port.sys"), KLDR_STATUS_OBJECT_NAME_NOT_FOUND);
}

static void what_is_not_there_cannot_be_removed(void **state)
{
    (void)state;
    assert_int_equal(ks_disk_remove(setting.disk, "gone.sys"), KLDR_STATUS_OBJECT_NAME_NOT_FOUND);
    assert_int_equal(ks_disk_remove(setting.disk, "\\Nowhere\\gone.sys"),
                     KLDR_STATUS_OBJECT_NAME_NOT_FOUND);
}

static void a_file_lives_as_long_as_somebody_holds_it(void **state)
{
    struct ks_file *file = make("port.sys"), *found = NULL;
    (void)state;
    assert_int_equal(ks_disk_add(setting.disk, file), KLDR_STATUS_SUCCESS);
    ks_file_release(setting.allocator, file);
    assert_int_equal(ks_disk_find(setting.disk, "port.sys", &found), KLDR_STATUS_SUCCESS);
    assert_ptr_equal(found, file);
    ks_file_retain(found);
    assert_int_equal(ks_disk_remove(setting.disk, "port.sys"), KLDR_STATUS_SUCCESS);
    assert_int_equal(setting.released, 0);
    assert_string_equal(found->path, "port.sys");
    ks_file_release(setting.allocator, found);
    assert_int_equal(setting.released, 1);
    ks_file_release(setting.allocator, NULL);
}

static void every_file_is_another_one(void **state)
{
    struct ks_file *first = make("a.sys"), *second = make("b.sys"), *again = make("a.sys");
    (void)state;
    ks_disk_add(setting.disk, first);
    ks_disk_add(setting.disk, second);
    ks_disk_remove(setting.disk, "a.sys");
    ks_disk_add(setting.disk, again);
    assert_true(first->identity != 0 && first->identity != second->identity);
    assert_true(again->identity != first->identity && again->identity != second->identity);
    ks_file_release(setting.allocator, first);
    ks_file_release(setting.allocator, second);
    ks_file_release(setting.allocator, again);
}

static void a_disk_of_thousands_finds_each_and_frees_all(void **state)
{
    char path[64];
    (void)state;
    for (unsigned i = 0; i < 2000; i++) {
        snprintf(path, sizeof path, "\\??\\C:\\F%u\\m%u.sys", i % 37, i);
        assert_int_equal(put(path), KLDR_STATUS_SUCCESS);
    }
    for (unsigned i = 0; i < 2000; i++) {
        snprintf(path, sizeof path, "\\??\\c:\\f%u\\M%u.SYS", i % 37, i);
        assert_int_equal(find(path), KLDR_STATUS_SUCCESS);
    }
    ks_disk_destroy(setting.disk);
    assert_int_equal(setting.released, 2000);
    assert_int_equal(setting.fixture->live, 0);
    ks_disk_destroy(NULL);
    setting.disk = NULL;
}

static void without_memory_no_disk_is_made(void **state)
{
    (void)state;
    for (unsigned number = 1;; number++) {
        unsigned live = setting.fixture->live;
        fixture_fail_allocation(setting.fixture, number);
        struct ks_disk *disk = ks_disk_create(setting.allocator);
        fixture_fail_allocation(setting.fixture, 0);
        ks_disk_destroy(disk);
        assert_int_equal(setting.fixture->live, live);
        if (disk != NULL) {
            assert_true(number > 5);
            return;
        }
    }
}

// Every request for memory fails once; then the same file is added, and all its folders exist.
static void an_add_without_memory_adds_nothing(void **state)
{
    char path[64], below[64];
    (void)state;
    for (unsigned i = 0; i < 40; i++) {
        snprintf(path, sizeof path, "\\??\\C:\\a%u\\b\\c\\port.sys", i);
        kldr_status status = KLDR_ERROR_OUT_OF_MEMORY;
        for (unsigned number = 1; status != KLDR_STATUS_SUCCESS; number++) {
            struct ks_file *file = make(path);
            fixture_fail_allocation(setting.fixture, number);
            status = ks_disk_add(setting.disk, file);
            fixture_fail_allocation(setting.fixture, 0);
            ks_file_release(setting.allocator, file);
            if (status != KLDR_STATUS_SUCCESS) {
                assert_int_equal(status, KLDR_ERROR_OUT_OF_MEMORY);
                assert_int_not_equal(find(path), KLDR_STATUS_SUCCESS);
            }
        }
        assert_int_equal(find(path), KLDR_STATUS_SUCCESS);
        snprintf(below, sizeof below, "\\??\\C:\\a%u\\gone.sys", i);
        assert_int_equal(find(below), KLDR_STATUS_OBJECT_NAME_NOT_FOUND);
    }
}

static void a_question_without_memory_is_no_answer(void **state)
{
    (void)state;
    put("port.sys");
    fixture_fail_allocation(setting.fixture, 1);
    assert_int_equal(find("port.sys"), KLDR_ERROR_OUT_OF_MEMORY);
    fixture_fail_allocation(setting.fixture, 1);
    assert_int_equal(ks_disk_remove(setting.disk, "port.sys"), KLDR_ERROR_OUT_OF_MEMORY);
    fixture_fail_allocation(setting.fixture, 1);
    assert_null(ks_file_create(setting.allocator, "port.sys"));
    assert_int_equal(find("port.sys"), KLDR_STATUS_SUCCESS);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_file_is_found_by_every_spelling_of_its_path),
        TEST(texts_that_only_look_alike_are_other_files),
        TEST(a_missing_file_and_a_missing_folder_are_told_apart),
        TEST(a_folder_exists_once_a_file_lay_in_or_below_it),
        TEST(what_is_not_there_cannot_be_removed),
        TEST(a_file_lives_as_long_as_somebody_holds_it),
        TEST(every_file_is_another_one),
        TEST(a_disk_of_thousands_finds_each_and_frees_all),
        TEST(without_memory_no_disk_is_made),
        TEST(an_add_without_memory_adds_nothing),
        TEST(a_question_without_memory_is_no_answer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
