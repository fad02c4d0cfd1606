// SPDX-License-Identifier: MIT
// Sets of names.
#include "scenario/parse/names.h"

#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct fixture {
    struct ks_arena arena;
};

static void *take_or_die(void *user, size_t size)
{
    void *block = malloc(size);
    (void)user;
    if (block == NULL) {
        abort();
    }
    return block;
}

static void *resize_block(void *user, void *block, size_t size)
{
    (void)user;
    return realloc(block, size);
}

static void give_block(void *user, void *block)
{
    (void)user;
    free(block);
}

static int set_up(void **state)
{
    static const struct kldr_allocator allocator = {NULL, take_or_die, resize_block, give_block};
    struct fixture *fixture = calloc(1, sizeof *fixture);
    *state = fixture;
    if (fixture == NULL) {
        return -1;
    }
    ks_arena_init(&fixture->arena, &allocator, NULL);
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    ks_arena_fini(&fixture->arena);
    free(fixture);
    return 0;
}

static void folding_sets_ignore_case_and_exact_ones_do_not(void **state)
{
    struct fixture *fixture = *state;
    struct ks_names folding;
    struct ks_names exact;
    ks_names_init(&folding, &fixture->arena, true);
    ks_names_init(&exact, &fixture->arena, false);
    struct ks_name *port = ks_names_add(&folding, "Port.sys", 8);
    assert_ptr_equal(ks_names_add(&folding, "PORT.SYS", 8), port);
    assert_string_equal(port->text, "Port.sys");
    assert_ptr_equal(ks_names_find(&folding, "port.sys", 8), port);
    assert_null(ks_names_find(&folding, "port.sy", 7));
    struct ks_name *foo = ks_names_add(&exact, "Foo", 3);
    assert_ptr_not_equal(ks_names_add(&exact, "foo", 3), foo);
    assert_null(ks_names_find(&exact, "FOO", 3));
}

static void many_names_are_kept_in_the_order_they_came(void **state)
{
    enum { COUNT = 1000 };
    struct fixture *fixture = *state;
    struct ks_names names;
    ks_names_init(&names, &fixture->arena, true);
    assert_null(ks_names_find(&names, "x", 1));
    for (int i = 0; i < COUNT; i++) {
        char text[16];
        int length = snprintf(text, sizeof text, "n%d", i);
        ks_names_add(&names, ks_arena_copy(&fixture->arena, text, (size_t)length), (size_t)length);
    }
    assert_int_equal(names.count, COUNT);
    int i = 0;
    for (struct ks_name *name = names.first; name != NULL; name = name->next) {
        char text[16];
        snprintf(text, sizeof text, "n%d", i++);
        assert_string_equal(name->text, text);
        assert_ptr_equal(ks_names_find(&names, text, strlen(text)), name);
    }
}

static void the_nearest_name_is_found(void **state)
{
    struct fixture *fixture = *state;
    struct ks_names names;
    ks_names_init(&names, &fixture->arena, false);
    assert_null(ks_names_nearest(&names, "PortInitialize"));
    ks_names_add(&names, "PortNotify", 10);
    ks_names_add(&names, "PortInitialize", 14);
    assert_string_equal(ks_names_nearest(&names, "PortInitialise"), "PortInitialize");
    assert_null(ks_names_nearest(&names, "Something"));
}

static void a_base_name_follows_the_last_backslash(void **state)
{
    (void)state;
    assert_string_equal(ks_names_base("\\??\\C:\\x\\port.sys"), "port.sys");
    assert_string_equal(ks_names_base("port.sys"), "port.sys");
    assert_true(ks_names_same("HAL.dll", "hal.DLL"));
    assert_false(ks_names_same("hal.dll", "hal.dl"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(folding_sets_ignore_case_and_exact_ones_do_not, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(many_names_are_kept_in_the_order_they_came, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(the_nearest_name_is_found, set_up, tear_down),
        cmocka_unit_test(a_base_name_follows_the_last_backslash),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
