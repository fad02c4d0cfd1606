// SPDX-License-Identifier: MIT
#include "module_list.h"

#include "loader_fixture.h"
#include "test.h"

#include <stdio.h>
#include <string.h>

struct setting {
    struct fixture *fixture; // for its allocator
    const struct kldr_allocator *allocator;
    struct kl_module_list list;
};

static struct setting setting;

static int set_up(void **state)
{
    setting.fixture = fixture_create(KLDR_PROFILE_24H2, KLDR_MACHINE_X64);
    setting.allocator = &setting.fixture->host.allocator;
    kl_module_list_init(&setting.list, setting.allocator);
    *state = &setting;
    return 0;
}

static int tear_down(void **state)
{
    struct setting *used = *state;
    kl_module_list_fini(&used->list);
    fixture_destroy(used->fixture);
    return 0;
}

static struct kl_module *make(const char *full_name)
{
    return kl_module_create(setting.allocator, full_name, strlen(full_name));
}

static struct kl_module *append(const char *full_name)
{
    struct kl_module *module = make(full_name);
    assert_true(kl_module_list_append(&setting.list, module));
    return module;
}

static void drop(struct kl_module *module)
{
    kl_module_list_remove(&setting.list, module);
    kl_module_destroy(setting.allocator, module);
}

static struct kl_module *by_base(const char *name)
{
    return kl_module_list_by_base(&setting.list, name, strlen(name));
}

static struct kl_module *by_full(const char *name)
{
    return kl_module_list_by_full(&setting.list, name, strlen(name));
}

// Base names in list order, walked forwards; the backward walk must agree.
static void check_order(const char *expected)
{
    char text[256] = "";
    uint32_t count = 0;
    struct kl_module *last = NULL;
    for (struct kl_module *module = setting.list.first; module != NULL; module = module->next) {
        size_t length = strlen(text);
        snprintf(text + length, sizeof text - length, "%s%s", count++ ? " " : "",
                 module->base_name);
        assert_ptr_equal(module->previous, last);
        last = module;
    }
    assert_ptr_equal(setting.list.last, last);
    assert_int_equal(setting.list.count, count);
    assert_string_equal(text, expected);
}

static void modules_stand_in_the_order_they_were_appended(void **state)
{
    (void)state;
    struct kl_module *a = append("\\F\\a.sys"), *b = append("\\F\\b.sys"),
                     *c = append("\\F\\c.sys");
    check_order("a.sys b.sys c.sys");
    drop(b);
    check_order("a.sys c.sys");
    drop(a);
    check_order("c.sys");
    append("\\F\\b.sys");
    check_order("c.sys b.sys");
    drop(c);
    check_order("b.sys");
}

static void an_id_is_never_given_twice(void **state)
{
    (void)state;
    struct kl_module *a = append("\\a.sys"), *b = append("\\b.sys");
    assert_int_equal(a->id, 1);
    assert_int_equal(b->id, 2);
    assert_ptr_equal(kl_module_list_by_id(&setting.list, 2), b);
    drop(b);
    assert_null(kl_module_list_by_id(&setting.list, 2));
    assert_int_equal(append("\\b.sys")->id, 3);
    assert_null(kl_module_list_by_id(&setting.list, 2));
    assert_null(kl_module_list_by_id(&setting.list, 0));
    assert_null(kl_module_list_by_id(&setting.list, 4));
    assert_null(kl_module_list_by_id(&setting.list, UINT32_MAX));
}

static void names_are_found_whatever_their_case(void **state)
{
    (void)state;
    struct kl_module *a = append("\\SystemRoot\\Drivers\\Port.SYS");
    assert_ptr_equal(by_base("port.sys"), a);
    assert_ptr_equal(by_base("PORT.sys"), a);
    assert_null(by_base("port"));
    assert_null(by_base("port.sy"));
    assert_null(by_base(""));
    assert_ptr_equal(by_full("\\systemroot\\DRIVERS\\port.sys"), a);
    assert_null(by_full("port.sys"));
    assert_null(by_full("\\??\\C:\\Windows\\Drivers\\port.sys"));
}

static void the_first_of_equal_names_in_list_order_wins(void **state)
{
    (void)state;
    struct kl_module *first = append("\\F\\b.sys"), *second = append("\\G\\B.SYS");
    struct kl_module *third = append("\\H\\b.sys"), *twin = append("\\f\\B.sys");
    assert_ptr_equal(by_base("b.sys"), first);
    assert_ptr_equal(by_full("\\F\\b.sys"), first);
    drop(third);
    drop(first);
    assert_ptr_equal(by_base("b.sys"), second);
    assert_ptr_equal(by_full("\\F\\b.sys"), twin);
    drop(second);
    assert_ptr_equal(by_base("b.sys"), twin);
    drop(twin);
    assert_null(by_base("b.sys"));
    assert_null(by_full("\\F\\b.sys"));
}

static void a_list_of_thousands_finds_each(void **state)
{
    char name[64];
    (void)state;
    for (unsigned i = 0; i < 3000; i++) {
        snprintf(name, sizeof name, "\\F%u\\m%u.sys", i % 7, i);
        append(name);
    }
    for (unsigned i = 0; i < 3000; i += 2) {
        snprintf(name, sizeof name, "M%u.sys", i);
        drop(by_base(name));
    }
    for (unsigned i = 0; i < 3000; i++) {
        snprintf(name, sizeof name, "m%u.SYS", i);
        struct kl_module *module = by_base(name);
        assert_int_equal(module != NULL, i % 2);
        snprintf(name, sizeof name, "\\f%u\\m%u.sys", i % 7, i);
        assert_ptr_equal(by_full(name), module);
    }
    assert_int_equal(setting.list.count, 1500);
}

// Every request for memory of every append fails once; nothing may have changed then.
static void an_append_without_memory_changes_nothing(void **state)
{
    char name[64];
    unsigned failures = 0;
    (void)state;
    for (unsigned i = 0; i < 300; i++) {
        snprintf(name, sizeof name, "\\F%u\\m%u.sys", i, i / 2);
        struct kl_module *module = make(name);
        const struct kl_module *same_base = by_base(module->base_name);
        for (unsigned number = 1;; number++) {
            fixture_fail_allocation(setting.fixture, number);
            bool appended = kl_module_list_append(&setting.list, module);
            fixture_fail_allocation(setting.fixture, 0);
            if (appended)
                break;
            failures++;
            assert_null(by_full(name));
            assert_ptr_equal(by_base(module->base_name), same_base);
            assert_int_equal(setting.list.count, i);
        }
        assert_int_equal(module->id, i + 1);
        assert_ptr_equal(by_full(name), module);
    }
    assert_true(failures > 300);
    for (unsigned i = 0; i < 300; i++) {
        snprintf(name, sizeof name, "\\f%u\\M%u.sys", i, i / 2);
        assert_int_equal(by_full(name)->id, i + 1);
    }
}

static void ending_the_list_destroys_what_is_on_it(void **state)
{
    (void)state;
    append("\\a.sys");
    append("\\b.sys");
    kl_module_list_fini(&setting.list);
    assert_int_equal(setting.fixture->live, 0);
    check_order("");
}

static void names_compare_with_ascii_letters_folded(void **state)
{
    static const struct {
        const char *a, *b;
        bool same, prefix; // b is a prefix of a
    } rows[] = {
        {"b.sys", "B.SYS", true, true},
        {"b.sys", "b.sy", false, true},
        {"b.sy", "b.sys", false, false},
        {"", "", true, true},
        {"[", "{", false, false},
        {"@", "`", false, false},
        {"\xC3\x84", "\xC3\xA4", false, false},
        {"halo.sys", "HAL", false, true},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        size_t a = strlen(rows[i].a), b = strlen(rows[i].b);
        assert_int_equal(kl_module_list_same_name(rows[i].a, a, rows[i].b, b), rows[i].same);
        assert_int_equal(kl_module_list_has_prefix(rows[i].a, a, rows[i].b, b), rows[i].prefix);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(modules_stand_in_the_order_they_were_appended),
        TEST(an_id_is_never_given_twice),
        TEST(names_are_found_whatever_their_case),
        TEST(the_first_of_equal_names_in_list_order_wins),
        TEST(a_list_of_thousands_finds_each),
        TEST(an_append_without_memory_changes_nothing),
        TEST(ending_the_list_destroys_what_is_on_it),
        TEST(names_compare_with_ascii_letters_folded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
