// SPDX-License-Identifier: MIT
// Names that must exist, and rules between values.
#include "parse_case.h"

#include "test.h"

#define PAIR                                                                                       \
    HEAD                                                                                           \
        "images:\n"                                                                                \
        "  port.sys: { exports: [F, G @7], DllInitialize: STATUS_SUCCESS }\n"                      \
        "  mini.sys: { imports: { port.sys: [F, '#7'], ghost.sys: [X] }, routines: { own: 0 } }\n"
// Steps begin in line 6.
#define STEPS(text)  PAIR "steps:\n" text
#define EXPECT(text) STEPS("  - check:\n    expect: { " text " }\n")

static void refuses(const struct parse_case *cases, size_t count)
{
    parse_case_refuses_all(cases, count, KS_DIAGNOSTIC_REFERENCE);
}

static void names_in_steps_must_exist(void **state)
{
    static const struct parse_case cases[] = {
        {STEPS("  - load: mimi\n"), 6, 11, "steps[0].load", "no service `mimi`", "`mini.sys`"},
        {STEPS("  - load: ghost\n"), 6, 11, "steps[0].load", "no service `ghost`", "services"},
        {STEPS("  - load: { image: poort.sys }\n"), 6, 20, "steps[0].load.image",
         "no module `poort.sys`", "`port.sys`"},
        {STEPS("  - unload: other\n"), 6, 13, "steps[0].unload", "no service `other`", "services"},
        {STEPS("  - load_image: port\n"), 6, 17, "steps[0].load_image", "no module `port`",
         "`port.sys`"},
        {STEPS("  - unload_image: { path: prot.sys }\n"), 6, 27, "steps[0].unload_image.path",
         "no module `prot.sys`", "`port.sys`"},
        {STEPS("  - call: port.sys!Q\n"), 6, 11, "steps[0].call",
         "`port.sys` has no routine or export `Q`", ""},
        {STEPS("  - call: mini.sys!owm\n"), 6, 11, "steps[0].call", "`owm`", "`own`"},
        {STEPS("  - call: mini.sys!DllInitialize\n"), 6, 11, "steps[0].call", "`DllInitialize`",
         ""},
        {STEPS("  - delete: prot.sys\n"), 6, 13, "steps[0].delete", "no image `prot.sys`",
         "`port.sys`"},
        {STEPS("  - delete: ghost.sys\n"), 6, 13, "steps[0].delete", "no image `ghost.sys`", ""},
        {STEPS("  - run_queued: work\n"), 6, 17, "steps[0].run_queued", "no routine queues", ""},
        {STEPS("  - boot: [prot.sys]\n"), 6, 11, "steps[0].boot", "no module `prot.sys`",
         "`port.sys`"},
    };
    (void)state;
    refuses(cases, COUNT_OF(cases));
    parse_case_accepts(STEPS("  - load: mini\n  - load: MINI.SYS\n  - unload: mini.sys\n"
                             "  - load: { service: p, image: '\\x\\port.sys' }\n"
                             "  - unload: P\n  - load_image: '\\SystemRoot\\port.SYS'\n"
                             "  - call: PORT.sys!G\n  - call: port.sys!#7\n"
                             "  - call: ntoskrnl.exe!Anything\n  - lookup: NoSuchName\n"
                             "  - load_image: ghost.sys\n"
                             "  - create: { new.sys: { DllUnload: { queue: q } } }\n"
                             "  - run_queued: q\n  - load: new\n"));
    parse_case_accepts(HEAD "services: { gone: {} }\nsteps:\n  - load: gone\n  - unload: GONE\n");
}

static void a_fault_takes_a_status_where_one_is_given_out(void **state)
{
    static const struct parse_case cases[] = {
        {STEPS("  - check:\n    fail: { pool: { n: 1, status: STATUS_NO_MEMORY } }\n"), 7, 35,
         "steps[0].fail.pool.status", "`pool` takes no status", "the number alone"},
        {STEPS("  - check:\n    fail: { IoAllocateIrp: { n: 1, status: 0xC0000017 } }\n"), 7, 44,
         "steps[0].fail.IoAllocateIrp.status", "`IoAllocateIrp` takes no status",
         "the number alone"},
        {STEPS("  - check:\n    fail: { map: { n: 1, status: STATUS_SUCCESS } }\n"), 7, 34,
         "steps[0].fail.map.status", "nothing fails", ""},
    };
    (void)state;
    refuses(cases, COUNT_OF(cases));
    parse_case_accepts(STEPS(
        "  - check:\n    fail:\n      IoCreateDevice: { n: 2, status: STATUS_NO_MEMORY }\n"
        "      MmProbeAndLockPages: { n: 1, status: STATUS_NO_MEMORY }\n      pool: { n: 2 }\n"));
}

static void names_in_expectations_must_exist(void **state)
{
    static const struct parse_case cases[] = {
        {EXPECT("calls: [prot.sys!F]"), 7, 23, "steps[0].expect.calls[0]", "no module `prot.sys`",
         "`port.sys`"},
        {EXPECT("calls: [port.sys!f]"), 7, 23, "steps[0].expect.calls[0]",
         "no routine or export `f`", "`F`"},
        {EXPECT("calls: [mini.sys!DllUnload]"), 7, 23, "steps[0].expect.calls[0]", "`DllUnload`",
         ""},
        {EXPECT("calls: { contains: [a.sys!F] }"), 7, 35, "steps[0].expect.calls.contains[0]",
         "no module `a.sys`", ""},
        {EXPECT("events: [image.mapped a.sys]"), 7, 24, "steps[0].expect.events[0]",
         "no module `a.sys`", ""},
        {EXPECT("events: [call.begin port.sys!Q]"), 7, 24, "steps[0].expect.events[0]", "`Q`", ""},
        {EXPECT("events: [driver.created x]"), 7, 24, "steps[0].expect.events[0]", "no service `x`",
         "services"},
        {EXPECT("modules: [a.sys]"), 7, 25, "steps[0].expect.modules[0]", "`a.sys`", ""},
        {EXPECT("counts: { a.sys: 1 }"), 7, 25, "steps[0].expect.counts.a.sys", "`a.sys`", ""},
        {EXPECT("counts: { port: 1 }"), 7, 25, "steps[0].expect.counts.port", "`port`",
         "`port.sys`"},
        {EXPECT("imports: { mini.sys: [a.sys] }"), 7, 37, "steps[0].expect.imports.mini.sys[0]",
         "`a.sys`", ""},
        {EXPECT("argument: { mini.sys!DllInitialize: x }"), 7, 27,
         "steps[0].expect.argument.mini.sys!DllInitialize", "`DllInitialize`", ""},
        {EXPECT("bound: { mini.sys!Q: port.sys!F }"), 7, 24, "steps[0].expect.bound.mini.sys!Q",
         "`mini.sys` does not import `Q`", ""},
        {EXPECT("bound: { mini.sys!#8: port.sys!F }"), 7, 24, "steps[0].expect.bound.mini.sys!#8",
         "does not import `#8`", ""},
        {EXPECT("bound: { mini.sys!F: port.sys!Q }"), 7, 36, "steps[0].expect.bound.mini.sys!F",
         "no routine or export `Q`", ""},
        {EXPECT("bound: { mini.sys!F: a.sys+0x1 }"), 7, 36, "steps[0].expect.bound.mini.sys!F",
         "no module `a.sys`", ""},
        {EXPECT("findings: [{ kind: second-copy, target: a.sys }]"), 7, 55,
         "steps[0].expect.findings[0].target", "no module `a.sys`", ""},
        {EXPECT("bugcheck: { code: 0xCE, module: a.sys }"), 7, 25, "steps[0].expect.bugcheck",
         "no module `a.sys`", ""},
    };
    (void)state;
    refuses(cases, COUNT_OF(cases));
}

static void what_may_be_absent_need_not_exist(void **state)
{
    (void)state;
    parse_case_accepts(EXPECT("counts: { a.sys: absent }, state: { a.sys: absent },"
                              " modules: { none_of: [a.sys] }, calls: { none_of: [a.sys!F] },"
                              " missing: [{ importer: a.sys, module: b.sys, export: F }],"
                              " log: [{ image: a.sys, missing_module: b.sys }],"
                              " imports: { mini.sys: { none_of: [a.sys] } },"
                              " bound: { mini.sys!F: ghost.sys!Anything, mini.sys!#007: "
                              "ntoskrnl.exe!X },"
                              " events: [step.end whatever]"));
}

static void kernel_images_have_no_counts(void **state)
{
    static const struct parse_case cases[] = {
        {EXPECT("counts: { ntoskrnl.exe: 1 }"), 7, 25, "steps[0].expect.counts.ntoskrnl.exe",
         "cannot be named in `counts`", ""},
        {EXPECT("state: { HAL.DLL: loaded }"), 7, 24, "steps[0].expect.state.HAL.DLL",
         "cannot be named in `state`", ""},
        {EXPECT("imports: { hal.dll: [] }"), 7, 26, "steps[0].expect.imports.hal.dll",
         "cannot be named in `imports`", ""},
        {EXPECT("imports: { mini.sys: [hal.dll] }"), 7, 37, "steps[0].expect.imports.mini.sys[0]",
         "never show the kernel images", ""},
    };
    (void)state;
    refuses(cases, COUNT_OF(cases));
}

#define TWO HEAD "images: { '\\??\\C:\\x\\a.sys': {}, '\\??\\C:\\y\\a.sys': {} }\nsteps:\n"

static void an_ambiguous_base_name_asks_for_the_path(void **state)
{
    static const struct parse_case cases[] = {
        {TWO "  - load: a\n", 4, 11, "steps[0].load", "`a.sys` is the base name of 2 images",
         "image: PATH"},
        {TWO "  - check:\n    expect: { counts: { a.sys: 1 } }\n", 5, 25,
         "steps[0].expect.counts.a.sys", "`a.sys` is the base name of 2 images", "full path"},
        {HEAD "images: { a.sys: {}, '\\??\\C:\\Windows\\system32\\Drivers\\A.sys': {} }\n", 2, 22,
         "images.\\??\\C:\\Windows\\system32\\Drivers\\A.sys", "the same file as `a.sys`", ""},
    };
    (void)state;
    refuses(cases, COUNT_OF(cases));
    parse_case_accepts(TWO
                       "  - load: { image: '\\??\\C:\\x\\a.sys' }\n"
                       "    expect: { counts: { '\\??\\C:\\x\\a.sys': 1 }, modules: [a.sys] }\n");
    parse_case_accepts(HEAD "images: { a.sys: {}, '\\x\\a.sys': {} }\nsteps:\n  - load: a\n");
}

#define EXPORTS(text) HEAD "images: { a.sys: { " text " } }\n"

static void export_tables_do_not_contradict_themselves(void **state)
{
    static const struct parse_case cases[] = {
        {EXPORTS("exports: [F, F @2]"), 2, 33, "images.a.sys.exports[1]", "exported twice", ""},
        {EXPORTS("exports: [F @2, G @2]"), 2, 36, "images.a.sys.exports[1]",
         "ordinal 2 is given twice", ""},
        {EXPORTS("exports: [F @2], export_directory: { ordinal_base: 3 }"), 2, 30,
         "images.a.sys.exports[0]", "ordinal 2 is below the ordinal base 3", ""},
        {EXPORTS("exports: [D DATA, E], data: { E: 1 }"), 2, 50, "images.a.sys.data.E",
         "no DATA export of the name `E`", ""},
        {EXPORTS("routines: { DllUnload: 0 }"), 2, 32, "images.a.sys.routines.DllUnload",
         "is a key of the image itself", ""},
        {EXPORTS("exports: [DllUnload @3], DllUnload: absent"), 2, 56, "images.a.sys.DllUnload",
         "`absent` here and listed in `exports`", ""},
        {EXPORTS("exports: [F], DllUnload: { export_as: F }"), 2, 45, "images.a.sys.DllUnload",
         "exported twice", ""},
        {EXPORTS("dispatch: { IRP_MJ_PNP: a.sys!F }"), 2, 44, "images.a.sys.dispatch.IRP_MJ_PNP",
         "no routine or export `F`", ""},
    };
    (void)state;
    refuses(cases, COUNT_OF(cases));
    parse_case_accepts(EXPORTS("exports: [DllUnload @3 PRIVATE, f, F], DllUnload: 0"));
}

static void steps_stand_in_an_order_that_can_be(void **state)
{
    static const struct parse_case cases[] = {
        {STEPS("  - load: mini\n  - boot: [port.sys]\n"), 7, 5, "steps[1].boot",
         "`boot` must be the first step", ""},
        {STEPS("  - boot: [mini.sys]\n"), 6, 11, "steps[0].boot",
         "`mini.sys` imports `port.sys`, which is not in the boot list", ""},
        {STEPS("  - shutdown:\n  - check:\n"), 6, 5, "steps[0].shutdown", "must be the last step",
         ""},
        {STEPS("  - load: mini\n    expect: { bugcheck: 0x7E }\n  - check:\n"), 8, 5,
         "steps[1].check", "no step can follow the bugcheck expected in line 7", ""},
        {STEPS("  - open: mini\n  - close: mini\n  - close: MINI.sys\n"), 8, 5, "steps[2].close",
         "`close` without an `open`", ""},
        {STEPS("  - create: { port.sys: {} }\n"), 6, 13, "steps[0].create",
         "`port.sys` is on the disk already", ""},
        {STEPS("  - delete: port.sys\n  - replace: { PORT.sys: {} }\n"), 7, 14, "steps[1].replace",
         "`PORT.sys` is not on the disk at this step", ""},
        {STEPS("  - load: mini\n    expect: { result: 1 }\n"), 7, 23, "steps[0].expect.result",
         "is an expectation of `call`", ""},
        {STEPS("  - load: mini\n    expect: { found: true }\n"), 7, 22, "steps[0].expect.found",
         "is an expectation of `lookup`", ""},
    };
    (void)state;
    refuses(cases, COUNT_OF(cases));
    parse_case_accepts(STEPS("  - delete: port.sys\n  - create: { port.sys: {} }\n"
                             "  - replace: { port.sys: {} }\n  - open: mini\n  - close: mini\n"
                             "  - shutdown:\n"));
}

static void a_bugcheck_ends_only_the_profiles_that_expect_it(void **state)
{
    static const struct parse_case wrong = {
        HEAD "profiles: [nt52, nt62]\nimages: { a.sys: {} }\nsteps:\n  - load: a\n"
             "    expect_by_profile: { nt52: { bugcheck: 0x7E } }\n  - unload: a\n",
        7,
        5,
        "steps[1].unload",
        "(profile nt52)",
        ""};
    (void)state;
    parse_case_refuses(&wrong, KS_DIAGNOSTIC_REFERENCE);
    parse_case_accepts(HEAD "profiles: [nt52, nt62]\nimages: { a.sys: {} }\nsteps:\n  - load: a\n"
                            "    expect_by_profile: { nt52: { bugcheck: 0x7E } }\n  - unload: a\n"
                            "    only: [nt62]\n");
}

static void an_overlay_is_checked_once_for_what_it_takes_over(void **state)
{
    static const struct parse_case once = {
        STEPS("  - check:\n    expect: { counts: { a.sys: 1 } }\n"
              "    expect_by_profile: { nt52: { status: any }, nt62: { status: any } }\n"),
        7,
        25,
        "steps[0].expect.counts.a.sys",
        "`a.sys`",
        ""};
    static const struct parse_case own = {
        STEPS("  - check:\n    expect_by_profile: { nt52: { modules: [a.sys] } }\n"),
        7,
        44,
        "steps[0].expect_by_profile.nt52.modules[0]",
        "`a.sys`",
        ""};
    (void)state;
    parse_case_refuses(&once, KS_DIAGNOSTIC_REFERENCE);
    parse_case_refuses(&own, KS_DIAGNOSTIC_REFERENCE);
}

static void names_of_statuses_and_stop_codes_must_be_known(void **state)
{
    static const struct parse_case cases[] = {
        {EXPECT("status: STATUS_SUCCES"), 7, 23, "steps[0].expect.status",
         "unknown status `STATUS_SUCCES`", "`STATUS_SUCCESS`"},
        {EXPECT("bugcheck: NO_SUCH_THING"), 7, 25, "steps[0].expect.bugcheck",
         "unknown stop code `NO_SUCH_THING`", ""},
        {EXPORTS("DllInitialize: STATUS_UNSUCESSFUL"), 2, 35, "images.a.sys.DllInitialize",
         "unknown status", "`STATUS_UNSUCCESSFUL`"},
    };
    (void)state;
    refuses(cases, COUNT_OF(cases));
}

static void scenarios_of_a_file_have_different_names(void **state)
{
    static const struct parse_case cases[] = {
        {HEAD "name: x\n---\nkldr: 1\nname: x\n", 4, 1, "", "another scenario of the name `x`",
         "name"},
        {HEAD "name: case#2\n---\nkldr: 1\n", 4, 1, "", "another scenario of the name `case#2`",
         "name"},
    };
    (void)state;
    refuses(cases, COUNT_OF(cases));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_in_steps_must_exist),
        cmocka_unit_test(a_fault_takes_a_status_where_one_is_given_out),
        cmocka_unit_test(names_in_expectations_must_exist),
        cmocka_unit_test(what_may_be_absent_need_not_exist),
        cmocka_unit_test(kernel_images_have_no_counts),
        cmocka_unit_test(an_ambiguous_base_name_asks_for_the_path),
        cmocka_unit_test(export_tables_do_not_contradict_themselves),
        cmocka_unit_test(steps_stand_in_an_order_that_can_be),
        cmocka_unit_test(a_bugcheck_ends_only_the_profiles_that_expect_it),
        cmocka_unit_test(an_overlay_is_checked_once_for_what_it_takes_over),
        cmocka_unit_test(names_of_statuses_and_stop_codes_must_be_known),
        cmocka_unit_test(scenarios_of_a_file_have_different_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
