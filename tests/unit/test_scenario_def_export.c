// SPDX-License-Identifier: MIT
// Entries of EXPORTS sections.
#include "scenario/parse/def_export.h"

#include "test.h"

#include <string.h>

static void every_part_is_found(void **state)
{
    static const struct {
        const char *text, *name, *forwarder;
        uint32_t ordinal;
        bool noname, data, private_;
    } cases[] = {
        {"Name", "Name", "", 0, false, false, false},
        {"  Name  ", "Name", "", 0, false, false, false},
        {"Name @7", "Name", "", 7, false, false, false},
        {"Name @ 007", "Name", "", 7, false, false, false},
        {"Name @65535 NONAME", "Name", "", 65535, true, false, false},
        {"Name DATA", "Name", "", 0, false, true, false},
        {"Name @7 NONAME DATA PRIVATE", "Name", "", 7, true, true, true},
        {"Name PRIVATE DATA", "Name", "", 0, false, true, true},
        {"Old = helper.NewName", "Old", "helper.NewName", 0, false, false, false},
        {"Old=helper.New.Name @9 PRIVATE", "Old", "helper.New.Name", 9, false, false, true},
        {"Old =C.#3", "Old", "C.#3", 0, false, false, false},
        {"_DllInitialize@4", "_DllInitialize@4", "", 0, false, false, false},
        {"@Fast@8 @1", "@Fast@8", "", 1, false, false, false},
        {"?F@@YAXXZ", "?F@@YAXXZ", "", 0, false, false, false},
        {"DATA", "DATA", "", 0, false, false, false},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct ks_def_export found;
        const char *why = "";
        size_t at = 0;
        const char *text = cases[i].text;
        assert_true(ks_def_export_parse(text, strlen(text), &found, &why, &at));
        assert_int_equal(found.name_length, strlen(cases[i].name));
        assert_memory_equal(text + found.name, cases[i].name, found.name_length);
        assert_int_equal(found.forwarder_length, strlen(cases[i].forwarder));
        assert_memory_equal(text + found.forwarder, cases[i].forwarder, found.forwarder_length);
        assert_int_equal(found.ordinal, cases[i].ordinal);
        assert_int_equal(found.noname, cases[i].noname);
        assert_int_equal(found.data, cases[i].data);
        assert_int_equal(found.private_, cases[i].private_);
    }
}

static void what_is_wrong_is_pointed_at(void **state)
{
    static const struct {
        const char *text;
        size_t at;
        const char *why;
    } cases[] = {
        {"", 0, "a name is missing"},
        {"= a.b", 0, "a name is missing"},
        {"#7", 0, "begins with a name"},
        {"@7", 0, "begins with a name"},
        {"Name @0", 5, "from 1 to 65535"},
        {"Name @65536", 5, "from 1 to 65535"},
        {"Name @99999999999999999999", 5, "from 1 to 65535"},
        {"Name @", 5, "from 1 to 65535"},
        {"Name @x7", 6, "decimal"},
        {"Name @0x7", 7, "decimal"},
        {"Name @7 @8", 8, "before DATA and PRIVATE, and once"},
        {"Name DATA @8", 10, "before DATA and PRIVATE"},
        {"Name NONAME", 5, "NONAME needs an ordinal"},
        {"Name DATA DATA", 10, "expected the end"},
        {"Name data", 5, "expected the end"},
        {"Name @7 = a.b", 8, "right behind the name"},
        {"Name = ab", 7, "module.Function"},
        {"Name = .b", 7, "module.Function"},
        {"Name = a.", 7, "module.Function"},
        {"Name =", 6, "module.Function"},
        {"Name = a.b = c.d", 11, "right behind the name"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct ks_def_export found = {.ordinal = 12345};
        const char *why = "";
        size_t at = 999;
        assert_false(ks_def_export_parse(cases[i].text, strlen(cases[i].text), &found, &why, &at));
        assert_int_equal(at, cases[i].at);
        assert_non_null(strstr(why, cases[i].why));
        assert_int_equal(found.ordinal, 12345);
    }
}

static void a_forwarder_is_a_module_a_dot_and_a_function(void **state)
{
    static const char *const good[] = {"a.b", "my.lib.F", "C.#3"};
    static const char *const bad[] = {"", "a", ".b", "a.", "a b.c", "a=b.c"};
    const char *why;
    size_t at;
    (void)state;
    for (size_t i = 0; i < COUNT_OF(good); i++) {
        assert_true(ks_def_export_check_forwarder(good[i], strlen(good[i]), &why, &at));
    }
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        assert_false(ks_def_export_check_forwarder(bad[i], strlen(bad[i]), &why, &at));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_part_is_found),
        cmocka_unit_test(what_is_wrong_is_pointed_at),
        cmocka_unit_test(a_forwarder_is_a_module_a_dot_and_a_function),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
