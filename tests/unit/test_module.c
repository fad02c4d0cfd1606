// SPDX-License-Identifier: MIT
#include "module.h"

#include "loader_fixture.h"
#include "test.h"

#include <string.h>

static int set_up(void **state)
{
    *state = fixture_create(KLDR_PROFILE_24H2, KLDR_MACHINE_X64);
    return 0;
}

static int tear_down(void **state)
{
    fixture_destroy(*state);
    return 0;
}

static struct kl_module *create(struct fixture *fixture, const char *full_name)
{
    return kl_module_create(&fixture->host.allocator, full_name, strlen(full_name));
}

static void a_path_is_split_at_its_last_backslash_only_when_it_begins_with_one(void **state)
{
    static const struct {
        const char *path, *base;
        size_t directory;
    } rows[] = {
        {"\\SystemRoot\\System32\\drivers\\b.sys", "b.sys", 29},
        {"\\??\\C:\\x\\my.lib.sys", "my.lib.sys", 9},
        {"\\b.sys", "b.sys", 1},
        {"\\folder\\", "", 8},
        {"b.sys", "b.sys", 0},
        {"C:\\x\\b.sys", "C:\\x\\b.sys", 0},
        {"", "", 0},
    };
    struct fixture *fixture = *state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        assert_string_equal(kl_module_base_of(rows[i].path), rows[i].base);
        struct kl_module *module = create(fixture, rows[i].path);
        assert_string_equal(module->base_name, rows[i].base);
        assert_int_equal(module->base_length, strlen(rows[i].base));
        assert_int_equal(module->full_length, strlen(rows[i].path));
        assert_int_equal(kl_module_directory_length(module), rows[i].directory);
        kl_module_destroy(&fixture->host.allocator, module);
    }
}

static void a_new_module_is_loading_with_count_one_and_holds_nothing(void **state)
{
    struct fixture *fixture = *state;
    char name[] = "\\b.sys and more";
    struct kl_module *module = kl_module_create(&fixture->host.allocator, name, 6);
    memset(name, 'x', sizeof name - 1);
    assert_string_equal(module->full_name, "\\b.sys");
    assert_int_equal(module->load_count, 1);
    assert_int_equal(module->state, KLDR_MODULE_LOADING);
    assert_int_equal(module->id, 0);
    assert_int_equal(module->imports.count + module->targets.count + module->special_count, 0);
    kl_module_destroy(&fixture->host.allocator, module);
    kl_module_destroy(&fixture->host.allocator, NULL);
}

static void a_module_that_cannot_be_made_leaves_nothing(void **state)
{
    struct fixture *fixture = *state;
    for (unsigned number = 1; number <= 2; number++) {
        fixture_fail_allocation(fixture, number);
        assert_null(create(fixture, "\\b.sys"));
        assert_int_equal(fixture->live, 0);
    }
    fixture_fail_allocation(fixture, 3);
    struct kl_module *module = create(fixture, "\\b.sys");
    assert_non_null(module);
    kl_module_destroy(&fixture->host.allocator, module);
}

static void check_routines(struct fixture *fixture, const char *exports, bool initialize,
                           bool unload)
{
    size_t size = 0;
    struct kldr_image *image = NULL;
    fixture_image(fixture, "b.sys", exports, "");
    const uint8_t *bytes = fixture_file_bytes(fixture, "b.sys", &size);
    assert_int_equal(kldr_image_create(&fixture->host.allocator, bytes, size, NULL, &image, NULL),
                     KLDR_STATUS_SUCCESS);
    struct kl_module *module = create(fixture, "\\b.sys");
    kl_module_set_image(module, image);
    assert_ptr_equal(module->image, image);
    assert_int_equal(module->dllinitialize_rva != 0, initialize);
    assert_int_equal(module->dllunload_rva != 0, unload);
    kl_module_destroy(&fixture->host.allocator, module);
    fixture_remove_file(fixture, "b.sys");
}

static void lifecycle_routines_are_found_undecorated_and_not_forwarded(void **state)
{
    check_routines(*state, "DllInitialize DllUnload F", true, true);
    check_routines(*state, "F DllUnload", false, true);
    check_routines(*state, "_DllInitialize@4 _DllUnload@0 ?DllUnload@@YAJXZ", false, false);
    check_routines(*state, "dllinitialize DLLUNLOAD", false, false);
    check_routines(*state, "DllInitialize=c.DllInitialize DllUnload=c.F", false, false);
    check_routines(*state, "", false, false);
}

static void an_image_of_the_kernel_outlives_its_module(void **state)
{
    struct fixture *fixture = *state;
    struct kl_module *module = create(fixture, "\\ntoskrnl.exe");
    module->core = true;
    module->image = fixture->kernel.image;
    kl_module_destroy(&fixture->host.allocator, module);
    assert_non_null(kldr_image_info(fixture->kernel.image));
}

static void a_list_of_ids_keeps_order_and_repeats(void **state)
{
    struct fixture *fixture = *state;
    struct kl_id_list list = {0};
    for (uint32_t i = 0; i < 100; i++)
        assert_true(kl_id_list_add(&fixture->host.allocator, &list, i % 3));
    assert_int_equal(list.count, 100);
    for (uint32_t i = 0; i < 100; i++)
        assert_int_equal(list.ids[i], i % 3);
    kl_id_list_free(&fixture->host.allocator, &list);
    assert_int_equal(list.count, 0);
    assert_null(list.ids);
}

static void a_list_that_cannot_grow_is_unchanged(void **state)
{
    struct fixture *fixture = *state;
    struct kl_id_list list = {0};
    uint32_t added = 0;
    for (unsigned failures = 0; failures < 5;) {
        fixture_fail_allocation(fixture, 1);
        if (kl_id_list_add(&fixture->host.allocator, &list, added)) {
            added++;
            continue;
        }
        failures++;
        assert_int_equal(list.count, added);
        fixture_fail_allocation(fixture, 0);
        assert_true(kl_id_list_add(&fixture->host.allocator, &list, added++));
    }
    for (uint32_t i = 0; i < added; i++)
        assert_int_equal(list.ids[i], i);
    kl_id_list_free(&fixture->host.allocator, &list);
}

static void a_reserved_place_needs_no_memory(void **state)
{
    struct fixture *fixture = *state;
    struct kl_id_list list = {0};
    for (uint32_t i = 0; i < 20; i++) {
        assert_true(kl_id_list_reserve(&fixture->host.allocator, &list));
        fixture_fail_allocation(fixture, 1);
        assert_true(kl_id_list_add(&fixture->host.allocator, &list, i));
        fixture_fail_allocation(fixture, 0);
    }
    assert_int_equal(list.count, 20);
    kl_id_list_free(&fixture->host.allocator, &list);
    fixture_fail_allocation(fixture, 1);
    assert_false(kl_id_list_reserve(&fixture->host.allocator, &list));
}

static void special_cells_are_remembered_by_place_and_kind(void **state)
{
    struct fixture *fixture = *state;
    struct kl_module *module = create(fixture, "\\b.sys");
    for (uint32_t i = 1; i <= 20; i++)
        assert_true(kl_module_mark_cell(&fixture->host.allocator, module, i * 8,
                                        i % 2 ? KL_CELL_FORWARDED : KL_CELL_TRAPPED));
    for (uint32_t i = 1; i <= 20; i++) {
        assert_int_equal(kl_module_cell_is(module, i * 8, KL_CELL_FORWARDED), i % 2);
        assert_int_equal(kl_module_cell_is(module, i * 8, KL_CELL_TRAPPED), (i + 1) % 2);
    }
    assert_false(kl_module_cell_is(module, 4, KL_CELL_FORWARDED));
    kl_module_destroy(&fixture->host.allocator, module);
    module = create(fixture, "\\b.sys");
    fixture_fail_allocation(fixture, 1);
    assert_false(kl_module_mark_cell(&fixture->host.allocator, module, 8, KL_CELL_TRAPPED));
    assert_false(kl_module_cell_is(module, 8, KL_CELL_TRAPPED));
    kl_module_destroy(&fixture->host.allocator, module);
}

static void special_cells_are_found_in_whatever_order_they_were_marked(void **state)
{
    struct fixture *fixture = *state;
    const struct kldr_allocator *allocator = &fixture->host.allocator;
    struct kl_module *module = create(fixture, "\\b.sys");
    kl_module_sort_cells(module);
    assert_false(kl_module_cell_is(module, 8, KL_CELL_TRAPPED));
    for (uint32_t i = 0; i < 97; i++) {
        assert_true(kl_module_mark_cell(allocator, module, i * 31 % 97 * 4, KL_CELL_FORWARDED));
        assert_true(kl_module_cell_is(module, i * 31 % 97 * 4, KL_CELL_FORWARDED));
    }
    assert_true(kl_module_mark_cell(allocator, module, 40, KL_CELL_TRAPPED)); // bound twice
    kl_module_sort_cells(module);
    for (uint32_t rva = 0; rva < 97 * 4 + 8; rva++) {
        assert_int_equal(kl_module_cell_is(module, rva, KL_CELL_FORWARDED),
                         rva % 4 == 0 && rva < 97 * 4);
        assert_int_equal(kl_module_cell_is(module, rva, KL_CELL_TRAPPED), rva == 40);
    }
    kl_module_destroy(allocator, module);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_path_is_split_at_its_last_backslash_only_when_it_begins_with_one),
        TEST(a_new_module_is_loading_with_count_one_and_holds_nothing),
        TEST(a_module_that_cannot_be_made_leaves_nothing),
        TEST(lifecycle_routines_are_found_undecorated_and_not_forwarded),
        TEST(an_image_of_the_kernel_outlives_its_module),
        TEST(a_list_of_ids_keeps_order_and_repeats),
        TEST(a_list_that_cannot_grow_is_unchanged),
        TEST(a_reserved_place_needs_no_memory),
        TEST(special_cells_are_remembered_by_place_and_kind),
        TEST(special_cells_are_found_in_whatever_order_they_were_marked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
