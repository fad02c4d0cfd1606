// SPDX-License-Identifier: MIT
#include "loader_fixture.h"
#include "test.h"

#include <stdio.h>
#include <string.h>

#define BOTH "F DllInitialize DllUnload"

static int set_up(void **state)
{
    *state = fixture_open(KLDR_PROFILE_24H2);
    return 0;
}

static int tear_down(void **state)
{
    fixture_check(*state);
    fixture_destroy(*state);
    return 0;
}

static void a_module_is_described(void **state)
{
    struct fixture *fixture = *state;
    fixture_image(fixture, "a.sys", "", "B.sys:F");
    fixture_image(fixture, "b.sys", BOTH, "");
    fixture_run(fixture, "load a.sys");
    struct kldr_module_info a = fixture_module(fixture, "a.sys");
    struct kldr_module_info b = fixture_module(fixture, "b.sys");
    assert_string_equal(b.base_name, "B.sys"); // as whoever loaded it spelled it
    assert_string_equal(b.full_name, FIXTURE_DRIVERS "B.sys");
    assert_true(b.dependent && b.initialized && b.has_dllinitialize && b.has_dllunload);
    assert_false(b.core || b.boot_sentinel || b.inactive || b.unload_asked || b.refused ||
                 b.never_counted);
    assert_int_equal(b.load_count, 1);
    assert_int_equal(b.import_count, 0);
    assert_int_equal(b.size, kldr_image_info(b.image)->size_of_image);
    assert_non_null(b.cookie);
    assert_false(a.dependent || a.initialized || a.has_dllinitialize || a.has_dllunload);
    assert_int_equal(a.import_count, 1);
    assert_int_equal(kldr_loader_import(fixture->loader, a.id, 0), b.id);
    assert_true(a.base != b.base && a.id < b.id);
}

static void a_module_that_is_gone_is_unknown(void **state)
{
    struct fixture *fixture = *state;
    struct kldr_module_info info = {.id = 77};
    fixture_image(fixture, "a.sys", "", "");
    fixture_run(fixture, "load a.sys; unload a.sys");
    uint32_t ids[] = {fixture->id, 0, 1000, UINT32_MAX};
    for (size_t i = 0; i < COUNT_OF(ids); i++) {
        assert_false(kldr_loader_module(fixture->loader, ids[i], &info));
        assert_int_equal(kldr_loader_next(fixture->loader, ids[i]), 0);
        assert_int_equal(kldr_loader_import(fixture->loader, ids[i], 0), 0);
        assert_false(kldr_loader_bindings(fixture->loader, ids[i], NULL, NULL));
    }
    assert_int_equal(info.id, 77);
}

static void names_are_found_first_in_list_order_whatever_their_case(void **state)
{
    struct fixture *fixture = *state;
    fixture_image(fixture, "\\F\\b.sys", BOTH, "");
    fixture_image(fixture, "b.sys", BOTH, "");
    fixture_run(fixture, "load \\F\\b.sys");
    uint32_t first = fixture->id;
    fixture_run(fixture, "load b.sys");
    uint32_t second = fixture->id;
    assert_true(first != 0 && second != 0 && first != second);
    assert_int_equal(kldr_loader_find(fixture->loader, "B.SYS"), first);
    assert_int_equal(kldr_loader_find_full(fixture->loader, "\\f\\B.sys"), first);
    assert_int_equal(
        kldr_loader_find_full(fixture->loader, "\\systemroot\\system32\\DRIVERS\\b.sys"), second);
    assert_int_equal(kldr_loader_find(fixture->loader, "b"), 0);
    assert_int_equal(kldr_loader_find(fixture->loader, ""), 0);
    assert_int_equal(kldr_loader_find_full(fixture->loader, "b.sys"), 0);
}

struct listing {
    char text[1024];
    unsigned left; // visits until enough is seen
};

static bool list_binding(void *user, const struct kldr_binding *binding)
{
    struct listing *listing = user;
    size_t length = strlen(listing->text);
    char symbol[64];
    if (binding->symbol != NULL)
        snprintf(symbol, sizeof symbol, "%s", binding->symbol);
    else
        snprintf(symbol, sizeof symbol, "#%u", (unsigned)binding->ordinal);
    assert_true(binding->cell_rva != 0);
    assert_true(binding->address != 0); // an unbound cell keeps what the linker put there
    snprintf(listing->text + length, sizeof listing->text - length, "%s%s!%s%s%s%s%s",
             length > 0 ? "; " : "", binding->module, symbol, binding->bound ? "" : " unbound",
             binding->forwarded ? " forwarded" : "", binding->trapped ? " trapped" : "",
             binding->direct_id == 0 ? " nobody" : "");
    return --listing->left > 0;
}

static void bindings_are_visited_in_file_order(void **state)
{
    struct fixture *fixture = fixture_create(KLDR_PROFILE_24H2, KLDR_MACHINE_X64);
    struct listing listing = {.left = 100};
    (void)state;
    fixture_knob(fixture, "missing_imports", "trap");
    fixture_start(fixture);
    fixture_image(fixture, "a.sys", "",
                  "ntoskrnl.exe:KeOne c.sys:F b.sys:G,Lost,#2 gone.sys:X,#7 d.sys:Y!");
    fixture_image(fixture, "b.sys", "G=c.F H", "");
    fixture_image(fixture, "c.sys", BOTH, "");
    assert_int_equal(fixture_run(fixture, "load a.sys"), KLDR_STATUS_SUCCESS);
    assert_true(kldr_loader_bindings(fixture->loader, fixture->id, list_binding, &listing));
    assert_string_equal(listing.text,
                        "ntoskrnl.exe!KeOne; c.sys!F; b.sys!G forwarded; b.sys!Lost trapped; "
                        "b.sys!#2; gone.sys!X trapped nobody; gone.sys!#7 trapped nobody");
    listing = (struct listing){.left = 2};
    assert_true(kldr_loader_bindings(fixture->loader, fixture->id, list_binding, &listing));
    assert_string_equal(listing.text, "ntoskrnl.exe!KeOne; c.sys!F");
    fixture_destroy(fixture);
}

static void cells_behind_the_end_of_the_walk_are_unbound(void **state)
{
    struct fixture *fixture = *state;
    struct listing listing = {.left = 100};
    fixture_image(fixture, "a.sys", "", "b.sys:F c.sys! d.sys:G,H");
    fixture_image(fixture, "b.sys", BOTH, "");
    fixture_run(fixture, "load a.sys");
    assert_true(kldr_loader_bindings(fixture->loader, fixture->id, list_binding, &listing));
    assert_non_null(strstr(listing.text, "b.sys!F; d.sys!G unbound"));
    assert_non_null(strstr(listing.text, "d.sys!H unbound"));
}

static void core_images_have_no_bindings(void **state)
{
    struct fixture *fixture = *state;
    struct listing listing = {.left = 100};
    assert_true(kldr_loader_bindings(fixture->loader, fixture->kernel.id, list_binding, &listing));
    assert_string_equal(listing.text, "");
}

static void the_direct_module_stays_known_after_it_is_gone(void **state)
{
    struct fixture *fixture = *state;
    fixture_image(fixture, "a.sys", "F", "b.sys:F");
    fixture_image(fixture, "b.sys", BOTH, "a.sys:F");
    fixture_image(fixture, "c.sys", "", "b.sys:F");
    fixture_run(fixture, "load a.sys; load c.sys; unload a.sys");
    assert_string_equal(fixture_modules(fixture), "b.sys 1; c.sys 1");
    assert_string_equal(fixture_cell(fixture, "b.sys", "a.sys", "F"), "gone");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_module_is_described),
        TEST(a_module_that_is_gone_is_unknown),
        TEST(names_are_found_first_in_list_order_whatever_their_case),
        TEST(bindings_are_visited_in_file_order),
        TEST(cells_behind_the_end_of_the_walk_are_unbound),
        TEST(core_images_have_no_bindings),
        TEST(the_direct_module_stays_known_after_it_is_gone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
