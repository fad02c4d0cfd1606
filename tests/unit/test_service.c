// SPDX-License-Identifier: MIT
#include "world/service.h"

#include "loader_fixture.h"
#include "test.h"

#include <string.h>

struct setting {
    struct fixture *fixture; // for its allocator
    struct ks_service_list list;
};

static struct setting setting;

static int set_up(void **state)
{
    setting.fixture = fixture_create(KLDR_PROFILE_24H2, KLDR_MACHINE_X64);
    ks_service_list_init(&setting.list, &setting.fixture->host.allocator);
    *state = &setting;
    return 0;
}

static int tear_down(void **state)
{
    struct setting *used = *state;
    ks_service_list_fini(&used->list);
    fixture_destroy(used->fixture); // nothing is left in its allocator
    return 0;
}

static void set(const char *name, struct kldr_service_config config)
{
    assert_true(ks_service_set(&setting.list, name, &config));
}

// The plan's four texts and status.
static void check_plan(const char *name, kldr_status status, const char *image_path,
                       const char *object_name)
{
    struct ks_service_plan plan;
    ks_service_plan_init(&setting.list, name, &plan);
    assert_int_equal(plan.status, status);
    assert_string_equal(plan.image_path, image_path);
    assert_string_equal(plan.object_name, object_name);
    ks_service_plan_fini(&setting.list, &plan);
    assert_null(plan.image_path);
}

static void names_compare_without_case(void **state)
{
    static const struct {
        const char *a, *b;
        bool same;
    } rows[] = {{"Mini", "mINI", true}, {"mini", "mini2", false}, {"mini2", "mini", false},
                {"", "", true},         {"", "m", false},         {"[", "{", false}};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        assert_int_equal(ks_same_name(rows[i].a, rows[i].b), rows[i].same);
}

static void a_key_is_found_by_name_and_replaced_by_a_new_one(void **state)
{
    (void)state;
    set("first", (struct kldr_service_config){.type = 1});
    set("mini", (struct kldr_service_config){.image_path = "\\F\\one.sys", .type = 1});
    set("last", (struct kldr_service_config){.type = 1});
    const struct ks_service_key *key = ks_service_find(&setting.list, "MINI");
    assert_string_equal(key->name, "mini");
    assert_string_equal(key->image_path, "\\F\\one.sys");
    assert_null(key->object_name);
    set("Mini", (struct kldr_service_config){.type = 2, .object_name = "\\Driver\\Other"});
    key = ks_service_find(&setting.list, "mini");
    assert_string_equal(key->name, "Mini");
    assert_null(key->image_path);
    assert_string_equal(key->object_name, "\\Driver\\Other");
    assert_int_equal(key->type, 2);
    assert_non_null(ks_service_find(&setting.list, "first"));
    assert_non_null(ks_service_find(&setting.list, "last"));
    assert_null(ks_service_find(&setting.list, "min"));
    unsigned count = 0;
    for (key = setting.list.first; key != NULL; key = key->next)
        count++;
    assert_int_equal(count, 3);
}

static void the_key_owns_copies_of_its_texts(void **state)
{
    char name[] = "mini", path[] = "\\F\\mini.sys", object[] = "\\Driver\\Mini";
    (void)state;
    set(name, (struct kldr_service_config){.image_path = path, .object_name = object});
    memset(name, 'x', sizeof name - 1);
    memset(path, 'x', sizeof path - 1);
    memset(object, 'x', sizeof object - 1);
    const struct ks_service_key *key = ks_service_find(&setting.list, "mini");
    assert_string_equal(key->image_path, "\\F\\mini.sys");
    assert_string_equal(key->object_name, "\\Driver\\Mini");
}

static void a_plan_fills_in_what_the_key_leaves_out(void **state)
{
    (void)state;
    set("plain", (struct kldr_service_config){.type = 1});
    set("fs", (struct kldr_service_config){.type = 2});
    set("full", (struct kldr_service_config){.image_path = "\\??\\C:\\x\\full.sys", .type = 1});
    set("relative", (struct kldr_service_config){.image_path = "System32\\x.sys", .type = 1});
    set("named", (struct kldr_service_config){.type = 1, .object_name = "\\Driver\\Own"});
    check_plan("plain", 0, "\\SystemRoot\\System32\\Drivers\\plain.SYS", "\\Driver\\plain");
    check_plan("fs", 0, "\\SystemRoot\\System32\\Drivers\\fs.SYS", "\\FileSystem\\fs");
    check_plan("full", 0, "\\??\\C:\\x\\full.sys", "\\Driver\\full");
    check_plan("relative", 0, "\\SystemRoot\\System32\\x.sys", "\\Driver\\relative");
    check_plan("named", 0, "\\SystemRoot\\System32\\Drivers\\named.SYS", "\\Driver\\Own");
    check_plan("unknown", 0, "\\SystemRoot\\System32\\Drivers\\unknown.SYS", "\\Driver\\unknown");
}

static void a_missing_type_matters_only_without_an_object_name(void **state)
{
    (void)state;
    set("bad", (struct kldr_service_config){.type_absent = true});
    set("good", (struct kldr_service_config){.type_absent = true, .object_name = "\\Driver\\G"});
    check_plan("bad", KLDR_STATUS_ILL_FORMED_SERVICE_ENTRY,
               "\\SystemRoot\\System32\\Drivers\\bad.SYS", "\\Driver\\bad");
    check_plan("good", KLDR_STATUS_SUCCESS, "\\SystemRoot\\System32\\Drivers\\good.SYS",
               "\\Driver\\G");
}

static void a_plan_names_the_key_and_the_plain_file(void **state)
{
    struct ks_service_plan plan;
    (void)state;
    ks_service_plan_init(&setting.list, "Mini", &plan);
    assert_string_equal(plan.plain_name, "Mini.SYS");
    assert_string_equal(plan.registry_path,
                        "\\REGISTRY\\MACHINE\\SYSTEM\\CURRENTCONTROLSET\\SERVICES\\Mini");
    ks_service_plan_fini(&setting.list, &plan);
}

static void a_key_without_memory_leaves_the_old_one(void **state)
{
    struct kldr_service_config config = {"\\F\\new.sys", 2, false, "\\Driver\\New"};
    (void)state;
    set("mini", (struct kldr_service_config){.image_path = "\\F\\old.sys"});
    for (unsigned number = 1; number <= 4; number++) {
        unsigned live = setting.fixture->live;
        fixture_fail_allocation(setting.fixture, number);
        assert_false(ks_service_set(&setting.list, "mini", &config));
        assert_int_equal(setting.fixture->live, live);
        assert_string_equal(ks_service_find(&setting.list, "mini")->image_path, "\\F\\old.sys");
    }
    fixture_fail_allocation(setting.fixture, 5);
    assert_true(ks_service_set(&setting.list, "mini", &config));
}

static void a_plan_without_memory_says_so_and_can_be_freed(void **state)
{
    (void)state;
    set("mini", (struct kldr_service_config){.image_path = "\\F\\x.sys", .object_name = "\\D\\X"});
    for (unsigned number = 1; number <= 4; number++) {
        struct ks_service_plan plan;
        unsigned live = setting.fixture->live;
        fixture_fail_allocation(setting.fixture, number);
        ks_service_plan_init(&setting.list, "mini", &plan);
        assert_int_equal(plan.status, KLDR_ERROR_OUT_OF_MEMORY);
        ks_service_plan_fini(&setting.list, &plan);
        assert_int_equal(setting.fixture->live, live);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(names_compare_without_case),
        TEST(a_key_is_found_by_name_and_replaced_by_a_new_one),
        TEST(the_key_owns_copies_of_its_texts),
        TEST(a_plan_fills_in_what_the_key_leaves_out),
        TEST(a_missing_type_matters_only_without_an_object_name),
        TEST(a_plan_names_the_key_and_the_plain_file),
        TEST(a_key_without_memory_leaves_the_old_one),
        TEST(a_plan_without_memory_says_so_and_can_be_freed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
