// SPDX-License-Identifier: MIT
// Objects of the simulated kernel: how long they live, names, links, handles.
#include "kernel/nt_text.h"
#include "kernel/ob/ob.h"
#include "test.h"

#include <kldr/kldr.h>

#include <string.h>

static int setup(void **state)
{
    struct kldr_world_options options = {.machine = KLDR_MACHINE_X64};
    struct kldr_world *world = NULL;
    kldr_policy_init(&options.policy, KLDR_PROFILE_NT52);
    assert_int_equal(kldr_world_create(&options, &world, NULL), KLDR_STATUS_SUCCESS);
    *state = world;
    return 0;
}

static int teardown(void **state)
{
    kldr_world_destroy(*state);
    return 0;
}

static struct ks_object *make_event(struct kldr_world *world)
{
    struct ks_object *event = ks_ob_create(world, KS_OB_EVENT, 24, 0);
    assert_non_null(event);
    return event;
}

static struct ks_ob_attributes named(const char *name, uint32_t attributes)
{
    return (struct ks_ob_attributes){.lookup = {.name = name, .attributes = attributes},
                                     .named = name[0] != '\0'};
}

static NTSTATUS find(struct kldr_world *world, const char *path, enum ks_ob_type type)
{
    struct ks_object *object = NULL;
    NTSTATUS status = ks_ob_look_up_path(world, path, type, &object);
    if (NT_SUCCESS(status)) {
        ks_ob_dereference(world, object);
    }
    return status;
}

static void an_object_lives_as_long_as_it_is_referenced(void **state)
{
    struct kldr_world *world = *state;
    struct ks_object *event = make_event(world);
    uint64_t body = event->body;
    assert_ptr_equal(ks_ob_find(world, body), event);
    ks_ob_reference(event);
    ks_ob_dereference(world, event);
    assert_ptr_equal(ks_ob_find(world, body), event);
    ks_ob_dereference(world, event);
    assert_null(ks_ob_find(world, body));
}

static void a_name_stands_until_the_last_handle_is_closed(void **state)
{
    struct kldr_world *world = *state;
    struct ks_ob_attributes attributes = named("\\BaseNamedObjects\\Ready", 0);
    uint64_t first = 0, second = 0;
    assert_int_equal(ks_ob_insert(world, make_event(world), &attributes, 0, &first, NULL), 0);
    assert_int_equal(ks_ob_open(world, &attributes, KS_OB_EVENT, 0, 0, &second), 0);
    assert_int_equal(ks_ob_handle_close(world, first), 0);
    assert_int_equal(find(world, "\\BaseNamedObjects\\Ready", KS_OB_EVENT), 0);
    assert_int_equal(ks_ob_handle_close(world, second), 0);
    assert_int_equal(find(world, "\\BaseNamedObjects\\Ready", KS_OB_EVENT),
                     STATUS_OBJECT_NAME_NOT_FOUND);
    assert_int_equal(ks_ob_handle_close(world, second), STATUS_INVALID_HANDLE);
}

static void a_permanent_object_stays_until_it_is_made_temporary(void **state)
{
    struct kldr_world *world = *state;
    struct ks_ob_attributes attributes = named("\\Device\\Here", OBJ_PERMANENT);
    struct ks_object *object = NULL;
    uint64_t handle = 0;
    assert_int_equal(ks_ob_insert(world, make_event(world), &attributes, 0, &handle, &object), 0);
    ks_ob_handle_close(world, handle);
    assert_int_equal(find(world, "\\device\\HERE", KS_OB_ANY), 0);
    ks_ob_make_temporary(world, object);
    assert_int_equal(find(world, "\\Device\\Here", KS_OB_ANY), STATUS_OBJECT_NAME_NOT_FOUND);
    ks_ob_dereference(world, object);
}

static void a_taken_name_collides_unless_it_may_be_opened(void **state)
{
    struct kldr_world *world = *state;
    struct ks_ob_attributes attributes = named("\\BaseNamedObjects\\One", 0);
    uint64_t handle = 0, other = 0;
    struct ks_object *first = NULL, *second = NULL;
    assert_int_equal(ks_ob_insert(world, make_event(world), &attributes, 0, &handle, &first), 0);
    assert_int_equal(ks_ob_insert(world, make_event(world), &attributes, 0, &other, NULL),
                     STATUS_OBJECT_NAME_COLLISION);
    attributes.lookup.attributes = OBJ_OPENIF;
    assert_int_equal(ks_ob_insert(world, make_event(world), &attributes, 0, &other, &second),
                     STATUS_OBJECT_NAME_EXISTS);
    assert_ptr_equal(first, second);
    struct ks_object *timer = ks_ob_create(world, KS_OB_TIMER, 64, 0);
    assert_int_equal(ks_ob_insert(world, timer, &attributes, 0, &other, NULL),
                     STATUS_OBJECT_TYPE_MISMATCH);
    ks_ob_dereference(world, first);
    ks_ob_dereference(world, second);
}

static void links_are_followed_to_where_the_object_is(void **state)
{
    struct kldr_world *world = *state;
    struct ks_object *link = NULL, *event = make_event(world);
    struct ks_ob_lookup lookup = {.name = "\\Device\\Disk", .attributes = OBJ_PERMANENT};
    assert_int_equal(ks_ob_enter(world, event, &lookup, NULL), 0);
    lookup = (struct ks_ob_lookup){.name = "\\DosDevices\\D:", .type = KS_OB_SYMBOLIC_LINK};
    assert_int_equal(ks_ob_make_link(world, &lookup, "\\Device\\Disk", 0, &link), 0);
    char *path = ks_ob_path(world, link);
    assert_string_equal(path, "\\GLOBAL??\\D:");
    ks_nt_text_free(world, path);
    assert_int_equal(find(world, "\\??\\d:", KS_OB_EVENT), 0);
    assert_int_equal(find(world, "\\??\\d:", KS_OB_SYMBOLIC_LINK), 0);
    assert_int_equal(find(world, "\\??\\GLOBALROOT\\Device\\Disk", KS_OB_EVENT), 0);
    assert_int_equal(find(world, "\\??\\GLOBALROOT", KS_OB_DIRECTORY), 0);
    assert_int_equal(find(world, "\\??\\d:\\file", KS_OB_ANY), STATUS_OBJECT_TYPE_MISMATCH);
    ks_ob_dereference(world, link);
    ks_ob_dereference(world, event);
}

static void links_in_a_circle_lead_nowhere(void **state)
{
    struct kldr_world *world = *state;
    struct ks_object *link = NULL;
    struct ks_ob_lookup lookup = {.name = "\\??\\A", .type = KS_OB_SYMBOLIC_LINK};
    assert_int_equal(ks_ob_make_link(world, &lookup, "\\??\\A", 0, &link), 0);
    assert_int_equal(find(world, "\\??\\A", KS_OB_ANY), STATUS_OBJECT_NAME_NOT_FOUND);
    ks_ob_dereference(world, link);
}

static void names_that_cannot_be_are_told_apart(void **state)
{
    struct kldr_world *world = *state;
    assert_int_equal(find(world, "Device", KS_OB_ANY), STATUS_OBJECT_PATH_SYNTAX_BAD);
    assert_int_equal(find(world, "\\Device\\\\x", KS_OB_ANY), STATUS_OBJECT_NAME_INVALID);
    assert_int_equal(find(world, "\\No\\x", KS_OB_ANY), STATUS_OBJECT_PATH_NOT_FOUND);
    assert_int_equal(find(world, "\\Device", KS_OB_EVENT), STATUS_OBJECT_TYPE_MISMATCH);
    assert_int_equal(find(world, "\\", KS_OB_DIRECTORY), 0);
    struct ks_ob_lookup lookup = {.name = "\\device"}; // the case counts unless it is ignored
    struct ks_object *object = NULL;
    assert_int_equal(ks_ob_look_up(world, &lookup, &object), STATUS_OBJECT_NAME_NOT_FOUND);
}

static void a_handle_is_checked_for_type_mode_and_rights(void **state)
{
    struct kldr_world *world = *state;
    struct ks_ob_attributes none = named("", OBJ_KERNEL_HANDLE);
    struct ks_object *object = NULL;
    uint64_t kernel = 0, user = 0;
    assert_int_equal(ks_ob_insert(world, make_event(world), &none, 1, &kernel, NULL), 0);
    none.lookup.attributes = 0;
    assert_int_equal(ks_ob_insert(world, make_event(world), &none, 1, &user, NULL), 0);
    assert_true(kernel > UINT64_C(0xFFFFFFFF80000000) && user < 0x100 && user % 4 == 0);
    assert_int_equal(ks_ob_handle_reference(world, kernel, KS_OB_EVENT, 2, false, &object), 0);
    ks_ob_dereference(world, object);
    assert_int_equal(ks_ob_handle_reference(world, kernel, KS_OB_TIMER, 1, false, &object),
                     STATUS_OBJECT_TYPE_MISMATCH);
    assert_int_equal(ks_ob_handle_reference(world, kernel, KS_OB_EVENT, 1, true, &object),
                     STATUS_INVALID_HANDLE);
    assert_int_equal(ks_ob_handle_reference(world, user, KS_OB_EVENT, 2, true, &object),
                     STATUS_ACCESS_DENIED);
    assert_int_equal(ks_ob_handle_reference(world, user + 4000, KS_OB_ANY, 0, false, &object),
                     STATUS_INVALID_HANDLE);
}

static void many_objects_are_all_found(void **state)
{
    enum { COUNT = 1000 };
    struct kldr_world *world = *state;
    uint64_t bodies[COUNT];
    for (int i = 0; i < COUNT; i++) {
        bodies[i] = make_event(world)->body;
    }
    for (int i = 0; i < COUNT; i++) {
        ks_ob_dereference(world, ks_ob_find(world, bodies[i]));
    }
    assert_null(ks_ob_find(world, bodies[0]));
}

static void texts_of_drivers_survive_the_way_there_and_back(void **state)
{
    struct kldr_world *world = *state;
    const char *texts[] = {
        "",          "plain", "w\xC3\xAF", "\xE2\x82\xAC", "\xF0\x9F\x98\x80", "\xED\xA0\x80x",
        "a\xC0\x80z"};
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        uint64_t string = ks_nt_text_make_string(world, texts[i], 1);
        char *back = ks_nt_text_of_string(world, string);
        assert_string_equal(back, texts[i]);
        ks_nt_text_free(world, back);
        ks_nt_give(world, string);
    }
    assert_true(ks_nt_text_same("\xC3\xA4"
                                "B",
                                "\xC3\x84"
                                "b",
                                true));
    assert_false(ks_nt_text_same("ab", "abc", true));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(an_object_lives_as_long_as_it_is_referenced, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_name_stands_until_the_last_handle_is_closed, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_permanent_object_stays_until_it_is_made_temporary, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_taken_name_collides_unless_it_may_be_opened, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(links_are_followed_to_where_the_object_is, setup, teardown),
        cmocka_unit_test_setup_teardown(links_in_a_circle_lead_nowhere, setup, teardown),
        cmocka_unit_test_setup_teardown(names_that_cannot_be_are_told_apart, setup, teardown),
        cmocka_unit_test_setup_teardown(a_handle_is_checked_for_type_mode_and_rights, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(many_objects_are_all_found, setup, teardown),
        cmocka_unit_test_setup_teardown(texts_of_drivers_survive_the_way_there_and_back, setup,
                                        teardown),
    };
    return cmocka_run_group_tests_name("ob", tests, NULL, NULL);
}
