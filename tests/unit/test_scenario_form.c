// SPDX-License-Identifier: MIT
// What the key table says of single values: the schema would say the same.
#include "parse_case.h"

#include "test.h"

#define IMAGE(text)  HEAD "images:\n  a.sys:\n    " text "\n"
#define STEP(text)   HEAD "images: { a.sys: {} }\nsteps:\n  - " text "\n"
#define EXPECT(text) STEP("check:\n    expect: { " text " }")

static void refuses(const struct parse_case *cases, size_t count)
{
    parse_case_refuses_all(cases, count, KS_DIAGNOSTIC_FORM);
}

static void unknown_keys_are_named_with_the_nearest_known_one(void **state)
{
    static const struct parse_case cases[] = {
        {HEAD "imges: {}\n", 2, 1, "imges", "unknown key `imges`", "did you mean `images`?"},
        {IMAGE("dllinitialize: STATUS_SUCCESS"), 4, 5, "images.a.sys.dllinitialize",
         "unknown key `dllinitialize`", "`DllInitialize`"},
        {STEP("laod: a"), 4, 5, "steps[0].laod", "unknown key `laod`", "`load`"},
        {EXPECT("count: {}"), 5, 15, "steps[0].expect.count", "unknown key `count`", "`counts`"},
        {STEP("load: { name: a }"), 4, 13, "steps[0].load.name", "unknown key `name`",
         "known keys: `service`, `image`, `as_spelled`"},
        {EXPECT("log: [{ imag: a.sys }]"), 5, 23, "steps[0].expect.log[0].imag", "unknown key",
         "`image`"},
        {EXPECT("calls: { contain: [] }"), 5, 24, "steps[0].expect.calls.contain", "unknown key",
         "`contains`"},
        {HEAD "policy: { countng: both }\n", 2, 11, "policy.countng", "unknown knob `countng`",
         "`counting`"},
    };
    (void)state;
    refuses(cases, COUNT_OF(cases));
}

static void wrong_types_are_named_with_the_right_one(void **state)
{
    static const struct parse_case cases[] = {
        {HEAD "name: [a]\n", 2, 7, "name", "expected a text, found a list", "'[a]'"},
        {HEAD "description: {a}\n", 2, 14, "description", "expected a text, found a map", "'{a}'"},
        {HEAD "profiles: nt52\n", 2, 11, "profiles", "expected a list of profiles", "brackets"},
        {HEAD "images: []\n", 2, 9, "images", "expected a map of paths to images, found a list",
         ""},
        {IMAGE("exports: { A: 1 }"), 4, 14, "images.a.sys.exports", "expected a list of exports",
         ""},
        {IMAGE("imports: b.sys"), 4, 14, "images.a.sys.imports", "expected a map of modules", ""},
        {IMAGE("DriverUnload: STATUS_SUCCESS"), 4, 19, "images.a.sys.DriverUnload",
         "DriverUnload has no status", ""},
        {STEP("check: { counts: {} }"), 4, 12, "steps[0].check", "expected no value, found a map",
         "`expect`"},
        {STEP("check: now"), 4, 12, "steps[0].check", "expected no value, found `now`", ""},
        {HEAD "steps: [check]\n", 2, 9, "steps[0]", "expected a map with one action", ""},
        {EXPECT("counts: [1]"), 5, 23, "steps[0].expect.counts", "expected a map of modules", ""},
        {EXPECT("modules: a.sys"), 5, 24, "steps[0].expect.modules", "expected a list of modules",
         ""},
        {HEAD "policy: { counting: [both] }\n", 2, 21, "policy.counting",
         "expected a value of the knob, found a list", ""},
    };
    (void)state;
    refuses(cases, COUNT_OF(cases));
}

static void empty_values_are_refused_but_for_check_and_shutdown(void **state)
{
    static const struct parse_case cases[] = {
        {HEAD "name:\n", 2, 6, "name", "a value is missing: expected a text", ""},
        {HEAD "name: ''\n", 2, 7, "name", "found an empty text", ""},
        {HEAD "images:\n", 2, 8, "images", "a value is missing", "write {}"},
        {HEAD "images:\n  a.sys:\n", 3, 9, "images.a.sys", "a value is missing", "write {}"},
        {HEAD "steps:\n", 2, 7, "steps", "a value is missing", "write []"},
        {HEAD "profiles: [ , nt52]\n", 2, 13, "", "expected", ""},
        {IMAGE("exports:\n      - #7"), 5, 8, "images.a.sys.exports[0]", "a value is missing",
         "'#7'"},
        {STEP("load:"), 4, 10, "steps[0].load", "a value is missing: expected a service", ""},
        {HEAD "policy: { launder: }\n", 2, 20, "policy.launder", "has no value", "known: no, yes"},
    };
    (void)state;
    refuses(cases, 5);
    refuses(&cases[6], COUNT_OF(cases) - 6);
    parse_case_refuses(&cases[5], KS_DIAGNOSTIC_YAML);
    parse_case_accepts(HEAD "steps:\n  - check:\n  - shutdown:\n");
    parse_case_accepts(EXPECT("printed: ['']"));
}

static void words_are_exact(void **state)
{
    static const struct parse_case cases[] = {
        {"kldr: 2\n", 1, 7, "kldr", "the only format there is, found `2`", "known: 1"},
        {"kldr: 1.0\n", 1, 7, "kldr", "found `1.0`", "known: 1"},
        {HEAD "profiles: [nt51]\n", 2, 12, "profiles[0]", "expected a profile, found `nt51`",
         "`nt52`"},
        {HEAD "profiles: [nt52, nt52]\n", 2, 18, "profiles[1]", "`nt52` is given twice", ""},
        {HEAD "profiles: []\n", 2, 11, "profiles", "found 0 entries", ""},
        {HEAD "machine: X64\n", 2, 10, "machine", "expected a machine, found `X64`", "`x64`"},
        {HEAD "policy: { counting: bth }\n", 2, 21, "policy.counting",
         "the knob `counting` has no value `bth`", "both"},
        {IMAGE("export_directory: { sorted: no }"), 4, 33, "images.a.sys.export_directory.sorted",
         "expected true or false, found `no`", "false, true"},
        {IMAGE("broken: [checksm]"), 4, 14, "images.a.sys.broken[0]", "expected a way to be broken",
         "`checksum`"},
        {IMAGE("dispatch: { IRP_MJ_CRAETE: a.sys!F }"), 4, 17,
         "images.a.sys.dispatch.IRP_MJ_CRAETE", "expected an IRP_MJ_ name", "`IRP_MJ_CREATE`"},
        {EXPECT("state: { a.sys: laoded }"), 5, 31, "steps[0].expect.state.a.sys",
         "expected a state", "`loaded`"},
        {EXPECT("findings: [second-copi]"), 5, 26, "steps[0].expect.findings[0]",
         "expected a kind of finding", "`second-copy`"},
        {EXPECT("events: [image.maped a.sys]"), 5, 24, "steps[0].expect.events[0]",
         "expected an event's name", "`image.mapped`"},
    };
    (void)state;
    refuses(cases, COUNT_OF(cases));
}

static void numbers_have_ranges(void **state)
{
    static const struct parse_case cases[] = {
        {HEAD "limits: { depth: 0 }\n", 2, 18, "limits.depth", "expected a number from 1 on", ""},
        {HEAD "limits: { depth: -1 }\n", 2, 18, "limits.depth", "found `-1`", ""},
        {HEAD "limits: { depth: 1e3 }\n", 2, 18, "limits.depth", "found `1e3`", ""},
        {HEAD "limits: { steps: 0x100000000 }\n", 2, 18, "limits.steps", "found", ""},
        {EXPECT("counts: { a.sys: 65536 }"), 5, 32, "steps[0].expect.counts.a.sys",
         "expected a count from 0 to 65535", ""},
        {IMAGE("imports: { b.sys: [{ ordinal: 65536 }] }"), 4, 35,
         "images.a.sys.imports.b.sys[0].ordinal", "an ordinal from 0 to 65535", ""},
        {IMAGE("imports: { b.sys: ['#65536'] }"), 4, 24, "images.a.sys.imports.b.sys[0]",
         "from 0 to 65535", ""},
        {HEAD "services: { s: { Start: 5 } }\n", 2, 25, "services.s.Start", "from 0 to 4", ""},
        {STEP("{ call: a.sys!DriverEntry, args: [18446744073709551616] }"), 4, 39,
         "steps[0].args[0]", "a number of 64 bits", ""},
        {STEP("{ call: a.sys!DriverEntry, args: [1, 2, 3, 4, 5, 6, 7, 8, 9] }"), 4, 38,
         "steps[0].args", "up to 8 numbers, found 9 entries", ""},
        {STEP("{ load: a, fail: { map: 0 } }"), 4, 29, "steps[0].fail.map", "from 1 on", ""},
    };
    (void)state;
    refuses(cases, COUNT_OF(cases));
}

static void names_have_no_control_characters(void **state)
{
    static const struct parse_case cases[] = {
        {HEAD "name: \"a\\tb\"\n", 2, 7, "name", "found character 0x09 in `a\\x09b`", ""},
        {HEAD "name: |\n  a\n", 2, 7, "name", "found character 0x0A", ""},
        {HEAD "description: \"a\\x1b[31m\"\n", 2, 14, "description", "character 0x1B", ""},
        {HEAD "images: { \"a\\x7f.sys\": {} }\n", 2, 11, "images.a\\x7F.sys", "character 0x7F", ""},
        {HEAD "services: { \"a\\x85\": {} }\n", 2, 13, "services.a\\x85", "control characters", ""},
    };
    (void)state;
    refuses(cases, COUNT_OF(cases));
    parse_case_accepts(HEAD "description: |\n  a\tb\n  c\n");
}

static void forms_of_text_point_to_what_is_wrong(void **state)
{
    static const struct parse_case cases[] = {
        {IMAGE("exports: [Foo @70000]"), 4, 19, "images.a.sys.exports[0]", "from 1 to 65535", ""},
        {IMAGE("exports: ['Foo DATA @7']"), 4, 25, "images.a.sys.exports[0]", "stands before DATA",
         ""},
        {IMAGE("exports: [Foo = Bar]"), 4, 21, "images.a.sys.exports[0]", "module.Function", ""},
        {HEAD "images: { dir\\a.sys: {} }\n", 2, 14, "images.dir\\a.sys", "base name such as", ""},
        {HEAD "images: { C:/a.sys: {} }\n", 2, 12, "images.C:/a.sys", "base name such as", ""},
        {HEAD "images: { '\\x\\': {} }\n", 2, 14, "images.\\x\\", "ends with the name", ""},
        {STEP("call: a.sys"), 4, 11, "steps[0].call", "module!Routine", ""},
        {EXPECT("bound: { a.sys!F: b.sys }"), 5, 33, "steps[0].expect.bound.a.sys!F",
         "module!export or module+0x123", ""},
        {IMAGE("DllUnload: { forward: F }"), 4, 27, "images.a.sys.DllUnload.forward",
         "module.Function", ""},
    };
    (void)state;
    refuses(cases, COUNT_OF(cases));
}

static void keys_that_belong_together_or_apart_are_told(void **state)
{
    static const struct parse_case cases[] = {
        {"name: x\n", 1, 1, "", "the key `kldr` is missing", ""},
        {IMAGE("file: a.sys\n    exports: []"), 4, 11, "images.a.sys.file",
         "`file` cannot be given beside `exports`", ""},
        {IMAGE("imports: { b.sys: [{ hint: 3 }] }"), 4, 24, "images.a.sys.imports.b.sys[0]",
         "one of these keys is missing: `name`, `ordinal`", ""},
        {IMAGE("imports: { b.sys: [{ name: F, ordinal: 3 }] }"), 4, 24,
         "images.a.sys.imports.b.sys[0]", "only one of these can be given: `name`, `ordinal`", ""},
        {IMAGE("imports: [{ b.sys: [F], c.sys: [F] }]"), 4, 15, "images.a.sys.imports[0]",
         "a map of one module to its functions, found 2 entries", ""},
        {STEP("{ load: a, unload: a }"), 4, 5, "steps[0]",
         "only one of these can be given: `load`, `unload`", ""},
        {STEP("{ note: x }"), 4, 5, "steps[0]", "one of these keys is missing: `load`", ""},
        {STEP("{ load: a, args: [1] }"), 4, 22, "steps[0].args", "`args` goes with `call` only",
         ""},
        {STEP("{ load: a, status: 1 }"), 4, 24, "steps[0].status", "`start_device` only", ""},
        {STEP("{ load: a, as_spelled: true }"), 4, 28, "steps[0].as_spelled",
         "goes with `load_image`, `unload_image` only", ""},
        {STEP("load: { service: a, as_spelled: true }"), 4, 37, "steps[0].load.as_spelled",
         "`as_spelled` goes with `image` only", ""},
        {STEP("load: {}"), 4, 11, "steps[0].load", "at least one of these keys is missing", ""},
        {EXPECT("calls: { contains: [], none_of: [] }"), 5, 22, "steps[0].expect.calls",
         "only one of these can be given: `contains`, `none_of`", ""},
        {EXPECT("findings: [{ module: a.sys }]"), 5, 26, "steps[0].expect.findings[0]",
         "the key `kind` is missing", ""},
        {IMAGE("DllUnload: { status: 0, returns: 1 }"), 4, 38, "images.a.sys.DllUnload.returns",
         "`returns` cannot be given beside `status`", ""},
    };
    (void)state;
    refuses(cases, COUNT_OF(cases));
}

static void a_scalar_means_what_it_says_as_text(void **state)
{
    (void)state;
    parse_case_accepts(HEAD "images: { no: { exports: [on, 1e3, null, ~, 0x10, true, 2001-01-01] },"
                            " 1e3: {}, 12: {} }\n"
                            "steps:\n  - load: no\n  - load: 1e3\n  - load: 12\n"
                            "    expect: { modules: [no, 1e3, 12] }\n");
}

static void all_mistakes_of_a_file_are_reported(void **state)
{
    static const char text[] = HEAD "nam: x\nprofiles: [nt51]\nimages: { a.sys: { base: x } }\n"
                                    "steps:\n  - load: a\n    expect: { counts: { b.sys: 1 } }\n"
                                    "---\nkldr: 1\nimages: { a.sys: {} }\nsteps:\n  - load: a\n"
                                    "    expect: { statu: 0, counts: { b.sys: 1 } }\n";
    static const unsigned lines[] = {2, 3, 4, 13, 13};
    struct ks_parse_result result;
    (void)state;
    assert_int_equal(ks_scenario_parse("x", text, sizeof text - 1, &result), KLDR_ERROR_SCENARIO);
    assert_int_equal(result.diagnostics.count, COUNT_OF(lines));
    for (size_t i = 0; i < COUNT_OF(lines); i++) {
        assert_int_equal(result.diagnostics.items[i].place.line, lines[i]);
    }
    // Names are looked up where nothing is wrong with what defines them, as in the second scenario.
    assert_int_equal(result.diagnostics.items[4].kind, KS_DIAGNOSTIC_REFERENCE);
    ks_parse_result_fini(&result);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(unknown_keys_are_named_with_the_nearest_known_one),
        cmocka_unit_test(wrong_types_are_named_with_the_right_one),
        cmocka_unit_test(empty_values_are_refused_but_for_check_and_shutdown),
        cmocka_unit_test(words_are_exact),
        cmocka_unit_test(numbers_have_ranges),
        cmocka_unit_test(names_have_no_control_characters),
        cmocka_unit_test(forms_of_text_point_to_what_is_wrong),
        cmocka_unit_test(keys_that_belong_together_or_apart_are_told),
        cmocka_unit_test(a_scalar_means_what_it_says_as_text),
        cmocka_unit_test(all_mistakes_of_a_file_are_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
