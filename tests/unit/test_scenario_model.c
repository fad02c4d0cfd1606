// SPDX-License-Identifier: MIT
// What becomes of a good file.
#include "parse_case.h"

#include "test.h"

#include <string.h>

static struct ks_scenario_file *file;

static const struct ks_scenario *parse(const char *text)
{
    file = parse_case_parse(text);
    return &file->scenarios[0];
}

static int tear_down(void **state)
{
    (void)state;
    ks_scenario_file_destroy(file);
    file = NULL;
    return 0;
}

static void assert_spans(struct ks_place place, const char *text)
{
    assert_int_equal(place.end - place.begin, strlen(text));
    assert_memory_equal(file->text + place.begin, text, strlen(text));
}

static void defaults_are_what_the_format_says(void **state)
{
    const struct ks_scenario *scenario = parse(HEAD "images: { a.sys: {} }\nsteps: []\n");
    const struct ks_image *image = &scenario->images[0];
    (void)state;
    assert_string_equal(scenario->name, "case");
    assert_string_equal(scenario->description, "");
    assert_int_equal(scenario->profile_count, 1);
    assert_int_equal(scenario->profiles[0], KLDR_PROFILE_DOCUMENTED);
    assert_false(scenario->has_profiles);
    assert_int_equal(scenario->machine, KLDR_MACHINE_UNKNOWN);
    assert_string_equal(image->path, "\\SystemRoot\\System32\\drivers\\a.sys");
    assert_string_equal(image->base_name, "a.sys");
    assert_int_equal(image->driver_entry.entry_count, 1);
    assert_int_equal(image->driver_entry.entries[0].status, KLDR_STATUS_SUCCESS);
    assert_int_equal(image->driver_unload.entry_count, 1);
    assert_false(image->has_dllinitialize || image->has_dllunload || image->has_exports);
    assert_ptr_equal(scenario->file, file);
}

static void documents_are_named_after_the_file_and_their_number(void **state)
{
    (void)state;
    parse(HEAD "---\nkldr: 1\nname: own\n---\nkldr: 1\n");
    assert_int_equal(file->scenario_count, 3);
    assert_string_equal(file->scenarios[0].name, "case");
    assert_string_equal(file->scenarios[1].name, "own");
    assert_string_equal(file->scenarios[2].name, "case#3");
    assert_int_equal(file->scenarios[2].index, 2);
}

static void the_top_of_a_scenario_is_kept(void **state)
{
    const struct ks_scenario *scenario =
        parse(HEAD "name: n\ndescription: d\nprofiles: [nt52, 24h2]\nmachine: arm64\n"
                   "policy: { launder: no, load_imported: 0xc000019d }\n"
                   "limits: { depth: 1, modules: 2, steps: 3, seconds: 4, memory: 0x500000000 }\n"
                   "skip: { nt52: why }\nblocked: [x.sys]\n"
                   "services:\n  s: { ImagePath: p, Type: absent, Start: 3, ErrorControl: 1,\n"
                   "       Group: g, Tag: 7, ObjectName: o, Parameters: { a: 1, b: '' } }\n"
                   "  t: { Type: 2 }\n  u: {}\n");
    const struct ks_service *services = scenario->services;
    (void)state;
    assert_int_equal(scenario->profile_count, 2);
    assert_int_equal(scenario->profiles[1], KLDR_PROFILE_24H2);
    assert_true(scenario->has_profiles);
    assert_int_equal(scenario->machine, KLDR_MACHINE_ARM64);
    assert_int_equal(scenario->policy_count, 2);
    assert_string_equal(scenario->policy[0].knob, "launder");
    assert_string_equal(scenario->policy[0].value, "no");
    assert_int_equal(scenario->limits.seconds, 4);
    assert_true(scenario->limits.memory == UINT64_C(0x500000000));
    assert_string_equal(scenario->skip_profile[KLDR_PROFILE_NT52], "why");
    assert_null(scenario->skip_all);
    assert_string_equal(scenario->blocked[0].text, "x.sys");
    assert_int_equal(scenario->service_count, 3);
    assert_true(services[0].type_absent);
    assert_string_equal(services[0].image_path, "p");
    assert_int_equal(services[0].tag, 7);
    assert_int_equal(services[0].parameter_count, 2);
    assert_string_equal(services[0].parameters[1].value, "");
    assert_int_equal(services[1].type, 2);
    assert_int_equal(services[2].type, 1);
}

static void images_keep_their_tables(void **state)
{
    const struct ks_scenario *scenario = parse(
        HEAD "images:\n  a.sys:\n"
             "    exports: [F @7 NONAME, G = x.Y PRIVATE, D DATA]\n"
             "    export_directory: { ordinal_base: 3, sorted: false, absent: true }\n"
             "    imports:\n      - b.sys: [F, '#9', { name: G, hint: 4 }, { ordinal: 0x10 }]\n"
             "      - { module: c.sys, functions: [], lookup_table: false }\n      - b.sys: []\n"
             "    machine: x86\n    base: 0x10000\n    broken: [checksum, headers]\n"
             "    flags: [pnp]\n    data: { D: 0x123456789a }\n"
             "    dispatch: { IRP_MJ_PNP: a.sys!DriverEntry }\n"
             "  '\\x\\R.sys': { file: '${A}/r.sys' }\n");
    const struct ks_image *image = &scenario->images[0];
    (void)state;
    assert_int_equal(image->export_count, 3);
    assert_string_equal(image->exports[0].name, "F");
    assert_int_equal(image->exports[0].ordinal, 7);
    assert_true(image->exports[0].noname);
    assert_string_equal(image->exports[1].forwarder, "x.Y");
    assert_true(image->exports[1].private_ && image->exports[2].data);
    assert_spans(image->exports[1].place, "G = x.Y PRIVATE");
    assert_int_equal(image->ordinal_base, 3);
    assert_true(image->unsorted_names && image->no_export_directory);
    assert_int_equal(image->import_count, 3);
    assert_int_equal(image->imports[0].function_count, 4);
    assert_int_equal(image->imports[0].functions[1].ordinal, 9);
    assert_null(image->imports[0].functions[1].name);
    assert_true(image->imports[0].functions[2].has_hint);
    assert_int_equal(image->imports[0].functions[2].hint, 4);
    assert_int_equal(image->imports[0].functions[3].ordinal, 16);
    assert_string_equal(image->imports[1].module, "c.sys");
    assert_true(image->imports[1].no_lookup_table);
    assert_string_equal(image->imports[2].module, "b.sys");
    assert_int_equal(image->machine, KLDR_MACHINE_X86);
    assert_int_equal(image->base, 0x10000);
    assert_int_equal(image->broken, KLDR_BROKEN_CHECKSUM | KLDR_BROKEN_HEADERS);
    assert_true(image->flag_pnp && !image->flag_dependent);
    assert_true(image->data[0].value == UINT64_C(0x123456789a));
    assert_int_equal(image->dispatch[0].major, 27);
    assert_string_equal(image->dispatch[0].routine, "DriverEntry");
    assert_true(scenario->images[1].real);
    assert_string_equal(scenario->images[1].file.text, "${A}/r.sys");
    assert_string_equal(scenario->images[1].base_name, "R.sys");
}

static void imports_may_be_a_map_or_one_descriptor(void **state)
{
    const struct ks_scenario *scenario =
        parse(HEAD "images:\n  a.sys: { imports: { x.sys: [F], module: [G] } }\n"
                   "  b.sys: { imports: { module: y.sys, functions: [F] } }\n");
    (void)state;
    assert_int_equal(scenario->images[0].import_count, 2);
    assert_string_equal(scenario->images[0].imports[1].module, "module");
    assert_int_equal(scenario->images[1].import_count, 1);
    assert_string_equal(scenario->images[1].imports[0].module, "y.sys");
}

static void routines_are_entries_for_calls(void **state)
{
    const struct ks_scenario *scenario =
        parse(HEAD "images:\n  a.sys:\n    DriverEntry: STATUS_PENDING\n    DriverUnload: absent\n"
                   "    DllInitialize: { raise: 0xC0000005, export_as: X, keep_argument: true }\n"
                   "    DllUnload: { status: [0xC0000001, 0], across_loads: true, queue: q }\n"
                   "    routines:\n      R: [1, { returns: 2 }, { do: [{ check: }] }]\n"
                   "      S: { returns: [7, 8], across_loads: false }\n");
    const struct ks_image *image = &scenario->images[0];
    const struct ks_routine *list = &image->routines[0].routine;
    const struct ks_routine *map = &image->routines[1].routine;
    (void)state;
    assert_int_equal(image->driver_entry.entries[0].status, KLDR_STATUS_PENDING);
    assert_true(image->driver_unload.absent);
    assert_true(image->has_dllinitialize && image->has_dllunload);
    assert_true(image->dllinitialize.entries[0].has_raise);
    assert_int_equal(image->dllinitialize.entries[0].raise_code, 0xC0000005);
    assert_true(image->dllinitialize.entries[0].keep_argument);
    assert_string_equal(image->dllinitialize.export_as, "X");
    assert_int_equal(image->dllunload.entry_count, 2);
    assert_int_equal(image->dllunload.entries[0].status, KLDR_STATUS_UNSUCCESSFUL);
    assert_int_equal(image->dllunload.entries[1].status, KLDR_STATUS_SUCCESS);
    assert_string_equal(image->dllunload.entries[1].queue, "q");
    assert_true(image->dllunload.across_loads);
    assert_int_equal(list->entry_count, 3);
    assert_int_equal(list->entries[0].status, 1);
    assert_true(list->entries[1].has_returns && list->entries[1].returns == 2);
    assert_int_equal(list->entries[2].step_count, 1);
    assert_int_equal(list->entries[2].steps[0].action, KS_ACTION_CHECK);
    assert_int_equal(map->entry_count, 2);
    assert_true(map->entries[1].has_returns && map->entries[1].returns == 8);
    assert_false(map->across_loads);
}

static void loads_know_their_service_and_image(void **state)
{
    const struct ks_scenario *scenario =
        parse(HEAD "images: { a.sys: {}, '\\x\\B.sys': {} }\nservices: { Decl: {} }\nsteps:\n"
                   "  - load: A\n  - load: b.SYS\n  - load: DECL\n"
                   "  - load: { service: s, image: a.sys }\n  - load: S\n"
                   "  - load: { image: 'dir\\a.sys' }\n"
                   "  - load: { image: a.sys, as_spelled: true }\n  - unload: decl\n"
                   "  - unload: B.sys\n");
    static const struct {
        const char *service, *image;
    } expected[] = {
        {"A", "\\SystemRoot\\System32\\drivers\\a.sys"},
        {"b", "\\x\\B.sys"},
        {"Decl", NULL},
        {"s", "\\SystemRoot\\System32\\drivers\\a.sys"},
        {"s", "\\SystemRoot\\System32\\drivers\\a.sys"},
        {"a", "\\SystemRoot\\dir\\a.sys"},
        {"a", "a.sys"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(expected); i++) {
        assert_string_equal(scenario->steps[i].service, expected[i].service);
        if (expected[i].image == NULL) {
            assert_null(scenario->steps[i].image);
        } else {
            assert_string_equal(scenario->steps[i].image, expected[i].image);
        }
    }
    assert_true(scenario->steps[6].as_spelled);
    assert_string_equal(scenario->steps[7].target, "Decl");
    assert_string_equal(scenario->steps[8].target, "B");
}

static void steps_keep_what_belongs_to_their_action(void **state)
{
    const struct ks_scenario *scenario =
        parse(HEAD "images: { a.sys: { flags: dependent } }\nsteps:\n"
                   "  - boot: [a.sys]\n    note: n\n    only: [nt52, 24h2]\n"
                   "  - call: a.sys!DriverEntry\n    args: [1, 0x20]\n"
                   "  - load_image: { image: a.sys, as_spelled: true }\n"
                   "  - unload_image: a.sys\n    as_spelled: true\n"
                   "  - start_device: a\n    status: STATUS_UNSUCCESSFUL\n"
                   "    fail: { map: 2, IoCreateDevice: { n: 3, status: STATUS_NO_MEMORY } }\n"
                   "  - create: { b.sys: { exports: [F] } }\n");
    const struct ks_step *steps = scenario->steps;
    (void)state;
    assert_int_equal(scenario->step_count, 6);
    assert_int_equal(steps[0].action, KS_ACTION_BOOT);
    assert_string_equal(steps[0].modules[0], "a.sys");
    assert_string_equal(steps[0].note, "n");
    assert_int_equal(steps[0].only_count, 2);
    assert_string_equal(steps[1].call_module, "a.sys");
    assert_string_equal(steps[1].call_routine, "DriverEntry");
    assert_int_equal(steps[1].arguments[1], 0x20);
    assert_true(steps[2].as_spelled && steps[3].as_spelled);
    assert_string_equal(steps[2].target, "a.sys");
    assert_true(steps[4].has_status);
    assert_int_equal(steps[4].fault_count, 2);
    assert_int_equal(steps[4].faults[0].operation, KLDR_FAULT_MAP);
    assert_int_equal(steps[4].faults[1].n, 3);
    assert_int_equal(steps[4].faults[1].status, KLDR_STATUS_NO_MEMORY);
    assert_string_equal(steps[5].target, "b.sys");
    assert_int_equal(steps[5].disk_image->export_count, 1);
}

static void expectations_keep_values_and_places(void **state)
{
    const struct ks_scenario *scenario = parse(
        HEAD "images: { a.sys: { imports: { b.sys: [F] } } }\nsteps:\n  - load: a\n    expect:\n"
             "      status: any\n      calls: { contains: [a.sys!DriverEntry] }\n"
             "      events: [step.end]\n      counts: { a.sys: 0x10, b.sys: inactive }\n"
             "      imports: { a.sys: [b.sys, b.sys], b.sys: { ordered: [] } }\n"
             "      log:\n        - { value: STATUS_PENDING }\n        - { image: x }\n"
             "      bugcheck: { code: 0x7E, parameters: [1, 2], module: a.sys }\n"
             "      bound: { a.sys!F: b.sys+0x10 }\n      modules:\n        - a.sys\n\n");
    const struct ks_expect *expect = &scenario->steps[0].expect;
    (void)state;
    assert_true(expect->given && expect->status.given && expect->status.any);
    assert_spans(expect->status.place, "any");
    assert_int_equal(expect->calls.mode, KS_LIST_CONTAINS);
    assert_spans(expect->calls.place, "{ contains: [a.sys!DriverEntry] }");
    assert_spans(expect->calls.items[0].place, "a.sys!DriverEntry");
    assert_int_equal(expect->events.mode, KS_LIST_ORDERED);
    assert_true(expect->counts.pairs[0].is_number);
    assert_int_equal(expect->counts.pairs[0].number, 16);
    assert_spans(expect->counts.pairs[0].place, "0x10");
    assert_spans(expect->counts.pairs[0].name_place, "a.sys");
    assert_string_equal(expect->counts.pairs[1].text, "inactive");
    assert_true(expect->imports.pairs[0].is_list);
    assert_int_equal(expect->imports.pairs[0].list_count, 2);
    assert_int_equal(expect->imports.pairs[1].list_mode, KS_LIST_ORDERED);
    assert_int_equal(expect->log.item_count, 2);
    assert_true(expect->log.items[0].fields[0].is_number);
    assert_int_equal(expect->log.items[0].fields[0].number, KLDR_STATUS_PENDING);
    assert_int_equal(expect->bugcheck.code, 0x7E);
    assert_int_equal(expect->bugcheck.parameter_count, 2);
    assert_string_equal(expect->bugcheck.module, "a.sys");
    assert_string_equal(expect->bound.pairs[0].text, "b.sys+0x10");
    assert_int_equal(expect->modules.mode, KS_LIST_EXACT);
    // A block ends with its last child, not with the blank lines behind it.
    assert_spans(expect->modules.place, "- a.sys");
    assert_false(expect->printed.given);
}

static void an_overlay_replaces_whole_keys_and_keeps_the_others(void **state)
{
    const struct ks_scenario *scenario =
        parse(HEAD "images: { a.sys: {}, b.sys: {} }\nsteps:\n  - load: a\n"
                   "    expect_by_profile:\n      nt52: { counts: { a.sys: 2 } }\n"
                   "    expect: { status: 0, counts: { a.sys: 1, b.sys: 1 } }\n");
    const struct ks_step *step = &scenario->steps[0];
    const struct ks_expect *nt52 = ks_step_expect(step, KLDR_PROFILE_NT52);
    (void)state;
    assert_ptr_equal(ks_step_expect(step, KLDR_PROFILE_NT62), &step->expect);
    assert_false(step->by_profile[KLDR_PROFILE_NT62].given);
    assert_true(nt52->status.given);
    assert_int_equal(nt52->counts.pair_count, 1);
    assert_int_equal(nt52->counts.pairs[0].number, 2);
    assert_spans(nt52->place, "{ counts: { a.sys: 2 } }");
    assert_spans(step->by_profile_place, "nt52: { counts: { a.sys: 2 } }");
    assert_int_equal(step->expect.counts.pair_count, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(defaults_are_what_the_format_says, tear_down),
        cmocka_unit_test_teardown(documents_are_named_after_the_file_and_their_number, tear_down),
        cmocka_unit_test_teardown(the_top_of_a_scenario_is_kept, tear_down),
        cmocka_unit_test_teardown(images_keep_their_tables, tear_down),
        cmocka_unit_test_teardown(imports_may_be_a_map_or_one_descriptor, tear_down),
        cmocka_unit_test_teardown(routines_are_entries_for_calls, tear_down),
        cmocka_unit_test_teardown(loads_know_their_service_and_image, tear_down),
        cmocka_unit_test_teardown(steps_keep_what_belongs_to_their_action, tear_down),
        cmocka_unit_test_teardown(expectations_keep_values_and_places, tear_down),
        cmocka_unit_test_teardown(an_overlay_replaces_whole_keys_and_keeps_the_others, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
