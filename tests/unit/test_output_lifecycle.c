// SPDX-License-Identifier: MIT
// The lifecycle in words, from events made by hand.
#include "output_sample.h"

#include "output/text_lifecycle.h"

#define STATUS  KLDR_EVENT_HAS_STATUS
#define COUNT   KLDR_EVENT_HAS_COUNT
#define VALUE   KLDR_EVENT_HAS_VALUE
#define ORDINAL KLDR_EVENT_HAS_ORDINAL

static void assert_told(const struct kldr_event *events, size_t count, const char *expected)
{
    static const struct ks_image images[] = {{.base_name = "port.sys"}, {.base_name = "mini1.sys"}};
    struct sample sample;
    struct ks_event_log *log = ks_event_log_create();
    struct ks_text_buffer text;
    sample_init(&sample);
    sample.scenario.images = images;
    sample.scenario.image_count = COUNT_OF(images);
    for (size_t i = 0; i < count; i++) {
        ks_event_log_append(log, &events[i]);
    }
    sample.result.events = log;
    ks_text_buffer_init(&text, NULL);
    ks_text_lifecycle(&text, &sample.result, false);
    ks_text_buffer_char(&text, '\0');
    assert_string_equal(text.bytes, expected);
    ks_text_buffer_fini(&text);
    ks_event_log_destroy(log);
}

// The example of the program's specification, event by event.
static void a_load_with_one_dependency_is_told_as_specified(void **state)
{
    static const struct kldr_event events[] = {
        {.kind = KLDR_EVENT_STEP_BEGIN, .text = "load", .target = "mini1.sys", .step = 1},
        {.kind = KLDR_EVENT_IMAGE_OPEN,
         .depth = 1,
         .path = "\\SystemRoot\\System32\\drivers\\mini1.sys",
         .has = STATUS},
        {.kind = KLDR_EVENT_IMAGE_MAPPED, .depth = 1, .module = "mini1.sys"},
        {.kind = KLDR_EVENT_IMAGE_LISTED, .depth = 1, .module = "mini1.sys"},
        {.kind = KLDR_EVENT_REF_ADD,
         .depth = 1,
         .module = "mini1.sys",
         .holder = "I/O manager",
         .count = 1,
         .has = COUNT},
        {.kind = KLDR_EVENT_IMPORT_BEGIN,
         .depth = 1,
         .importer = "mini1.sys",
         .module = "port.sys"},
        {.kind = KLDR_EVENT_IMAGE_OPEN,
         .depth = 2,
         .path = "\\SystemRoot\\System32\\drivers\\port.sys",
         .has = STATUS},
        {.kind = KLDR_EVENT_IMAGE_MAPPED, .depth = 2, .module = "port.sys"},
        {.kind = KLDR_EVENT_IMAGE_LISTED, .depth = 2, .module = "port.sys"},
        {.kind = KLDR_EVENT_REF_ADD,
         .depth = 2,
         .module = "port.sys",
         .holder = "mini1.sys",
         .count = 1,
         .has = COUNT},
        {.kind = KLDR_EVENT_IMPORT_BEGIN,
         .depth = 2,
         .importer = "port.sys",
         .module = "ntoskrnl.exe"},
        {.kind = KLDR_EVENT_REF_SKIP,
         .depth = 2,
         .module = "ntoskrnl.exe",
         .holder = "port.sys",
         .reason = "kernel",
         .count = 1,
         .has = COUNT},
        {.kind = KLDR_EVENT_IMPORT_END,
         .depth = 2,
         .importer = "port.sys",
         .module = "ntoskrnl.exe",
         .reason = "already",
         .value = 3,
         .has = VALUE},
        {.kind = KLDR_EVENT_IMAGE_NOTIFY, .depth = 2, .module = "port.sys"},
        {.kind = KLDR_EVENT_CALL_BEGIN,
         .depth = 1,
         .module = "port.sys",
         .symbol = "DllInitialize",
         .argument = "\\REGISTRY\\MACHINE\\SYSTEM\\CURRENTCONTROLSET\\SERVICES\\port"},
        {.kind = KLDR_EVENT_CALL_END,
         .depth = 1,
         .module = "port.sys",
         .symbol = "DllInitialize",
         .has = STATUS},
        {.kind = KLDR_EVENT_IMPORT_END,
         .depth = 1,
         .importer = "mini1.sys",
         .module = "port.sys",
         .reason = "loaded",
         .value = 1,
         .has = VALUE},
        {.kind = KLDR_EVENT_CALL_BEGIN,
         .module = "mini1.sys",
         .symbol = "DriverEntry",
         .argument = "\\REGISTRY\\MACHINE\\SYSTEM\\CURRENTCONTROLSET\\SERVICES\\mini1"},
        {.kind = KLDR_EVENT_CALL_END,
         .module = "mini1.sys",
         .symbol = "DriverEntry",
         .has = STATUS},
        {.kind = KLDR_EVENT_STEP_END, .text = "load", .target = "mini1.sys", .has = STATUS},
    };
    (void)state;
    assert_told(events, COUNT_OF(events),
                "load mini1.sys\n"
                "  image   mini1.sys  mapped, listed                      count 1\n"
                "  import  port.sys   not loaded, found in drivers\\\n"
                "    image   port.sys   mapped, listed                    count 1\n"
                "    import  ntoskrnl.exe  3 functions bound\n"
                "    call    port.sys!DllInitialize(\"...\\SERVICES\\port\") = STATUS_SUCCESS\n"
                "  import  port.sys   1 function bound\n"
                "  call    mini1.sys!DriverEntry = STATUS_SUCCESS\n"
                "loaded mini1.sys = STATUS_SUCCESS\n");
}

static void an_import_that_is_loaded_shows_its_new_count(void **state)
{
    static const struct kldr_event events[] = {
        {.kind = KLDR_EVENT_IMPORT_BEGIN, .depth = 1, .importer = "a.sys", .module = "PORT.SYS"},
        {.kind = KLDR_EVENT_REF_ADD,
         .depth = 1,
         .module = "port.sys",
         .holder = "a.sys",
         .count = 2,
         .has = COUNT},
        {.kind = KLDR_EVENT_IMPORT_END,
         .depth = 1,
         .importer = "a.sys",
         .module = "PORT.SYS",
         .reason = "already",
         .value = 2,
         .has = VALUE},
    };
    (void)state;
    assert_told(events, COUNT_OF(events),
                "  import  PORT.SYS   already loaded, 2 functions bound   count 2\n");
}

static void a_count_that_is_not_active_says_so(void **state)
{
    static const struct kldr_event events[] = {
        {.kind = KLDR_EVENT_IMPORT_BEGIN, .depth = 1, .importer = "a.sys", .module = "port.sys"},
        {.kind = KLDR_EVENT_REF_SKIP,
         .depth = 1,
         .module = "port.sys",
         .holder = "a.sys",
         .reason = "inactive",
         .fact = "C1",
         .has = COUNT | KLDR_EVENT_COUNT_INACTIVE},
        {.kind = KLDR_EVENT_IMPORT_END,
         .depth = 1,
         .importer = "a.sys",
         .module = "port.sys",
         .reason = "already",
         .value = 1,
         .has = VALUE},
    };
    (void)state;
    assert_told(events, COUNT_OF(events),
                "  import  port.sys   already loaded, 1 function bound    count inactive\n");
}

static void a_circular_import_names_its_rule_and_grade(void **state)
{
    static const struct kldr_event events[] = {
        {.kind = KLDR_EVENT_IMPORT_BEGIN, .depth = 1, .importer = "b.sys", .module = "a.sys"},
        {.kind = KLDR_EVENT_REF_SKIP,
         .depth = 1,
         .module = "a.sys",
         .holder = "b.sys",
         .reason = "cycle",
         .fact = "R9",
         .count = 1,
         .has = COUNT},
        {.kind = KLDR_EVENT_IMPORT_END,
         .depth = 1,
         .importer = "b.sys",
         .module = "a.sys",
         .reason = "in-progress",
         .value = 1,
         .has = VALUE},
    };
    (void)state;
    assert_told(events, COUNT_OF(events),
                "  import  a.sys      still loading, 1 function bound, not counted  "
                "(R9, reported, unverified)\n");
}

static void a_missing_file_is_told_once_for_each_place(void **state)
{
    static const struct kldr_event events[] = {
        {.kind = KLDR_EVENT_STEP_BEGIN, .text = "load", .target = "a"},
        {.kind = KLDR_EVENT_IMPORT_BEGIN, .depth = 1, .importer = "a.sys", .module = "c.sys"},
        {.kind = KLDR_EVENT_IMAGE_OPEN,
         .depth = 2,
         .path = "\\??\\C:\\x\\c.sys",
         .status = KLDR_STATUS_OBJECT_NAME_NOT_FOUND,
         .has = STATUS},
        {.kind = KLDR_EVENT_IMAGE_OPEN,
         .depth = 2,
         .path = "\\SystemRoot\\System32\\drivers\\c.sys",
         .status = KLDR_STATUS_OBJECT_NAME_NOT_FOUND,
         .has = STATUS},
        {.kind = KLDR_EVENT_IMPORT_MISSING,
         .depth = 1,
         .importer = "a.sys",
         .module = "c.sys",
         .status = KLDR_STATUS_OBJECT_NAME_NOT_FOUND,
         .has = STATUS},
        {.kind = KLDR_EVENT_IMPORT_END,
         .depth = 1,
         .importer = "a.sys",
         .module = "c.sys",
         .reason = "failed",
         .status = KLDR_STATUS_OBJECT_NAME_NOT_FOUND,
         .has = STATUS | VALUE},
        {.kind = KLDR_EVENT_IMPORT_MISSING,
         .depth = 1,
         .importer = "a.sys",
         .module = "d.sys",
         .ordinal = 7,
         .status = KLDR_STATUS_DRIVER_ORDINAL_NOT_FOUND,
         .has = STATUS | ORDINAL},
        {.kind = KLDR_EVENT_STEP_END,
         .text = "load",
         .target = "a",
         .status = KLDR_STATUS_OBJECT_NAME_NOT_FOUND,
         .has = STATUS},
    };
    (void)state;
    assert_told(
        events, COUNT_OF(events),
        "load a\n"
        "  import  c.sys      not loaded, not found in \\??\\C:\\x\\ = "
        "STATUS_OBJECT_NAME_NOT_FOUND (0xC0000034)\n"
        "  import  c.sys      not found in drivers\\ = STATUS_OBJECT_NAME_NOT_FOUND (0xC0000034)\n"
        "  import  c.sys      failed = STATUS_OBJECT_NAME_NOT_FOUND (0xC0000034)\n"
        "  missing d.sys!#7, imported by a.sys = STATUS_DRIVER_ORDINAL_NOT_FOUND (0xC0000262)\n"
        "load a failed = STATUS_OBJECT_NAME_NOT_FOUND (0xC0000034)\n");
}

static void an_unload_tells_counts_and_who_goes(void **state)
{
    static const struct kldr_event events[] = {
        {.kind = KLDR_EVENT_STEP_BEGIN, .text = "unload", .target = "a"},
        {.kind = KLDR_EVENT_CALL_BEGIN, .module = "a.sys", .symbol = "DriverUnload"},
        {.kind = KLDR_EVENT_CALL_END, .module = "a.sys", .symbol = "DriverUnload"},
        {.kind = KLDR_EVENT_IMAGE_UNMAPPED, .depth = 1, .module = "a.sys"},
        {.kind = KLDR_EVENT_IMAGE_UNLISTED, .depth = 1, .module = "a.sys"},
        {.kind = KLDR_EVENT_REF_DROP,
         .depth = 2,
         .module = "port.sys",
         .holder = "a.sys",
         .count = 0,
         .has = COUNT},
        {.kind = KLDR_EVENT_IMAGE_RESIDENT,
         .depth = 2,
         .module = "port.sys",
         .reason = "no-dllunload",
         .count = 0,
         .has = COUNT},
        {.kind = KLDR_EVENT_STEP_END, .text = "unload", .target = "a", .has = STATUS},
    };
    (void)state;
    assert_told(events, COUNT_OF(events),
                "unload a\n"
                "  call    a.sys!DriverUnload\n"
                "  image   a.sys      unmapped, unlisted\n"
                "    release port.sys   by a.sys                          count 0\n"
                "    stays   port.sys   it has no DllUnload               count 0\n"
                "unloaded a = STATUS_SUCCESS\n");
}

static void what_happens_inside_a_routine_is_indented_below_it(void **state)
{
    static const struct kldr_event events[] = {
        {.kind = KLDR_EVENT_CALL_BEGIN, .module = "a.sys", .symbol = "DriverEntry"},
        {.kind = KLDR_EVENT_DEBUG_PRINT, .module = "a.sys", .text = "hello\n"},
        {.kind = KLDR_EVENT_CALL_END, .module = "a.sys", .symbol = "DriverEntry", .has = STATUS},
    };
    (void)state;
    assert_told(events, COUNT_OF(events),
                "call    a.sys!DriverEntry\n"
                "  print   a.sys      hello\\x0a\n"
                "return  a.sys!DriverEntry = STATUS_SUCCESS\n");
}

static void a_step_without_events_takes_one_line(void **state)
{
    static const struct kldr_event events[] = {
        {.kind = KLDR_EVENT_STEP_BEGIN, .text = "delete", .target = "a.sys"},
        {.kind = KLDR_EVENT_STEP_END, .text = "delete", .target = "a.sys", .has = STATUS},
        {.kind = KLDR_EVENT_STEP_BEGIN, .text = "check"},
        {.kind = KLDR_EVENT_STEP_END, .text = "check"},
    };
    (void)state;
    assert_told(events, COUNT_OF(events), "delete a.sys = STATUS_SUCCESS\ncheck\n");
}

static void a_bugcheck_names_code_parameters_and_place(void **state)
{
    static const struct kldr_event events[] = {
        {.kind = KLDR_EVENT_BUGCHECK,
         .value = 0x7E,
         .parameters = {0xC0000005, 1, 2, 3},
         .module = "a.sys",
         .offset = 0x1010,
         .has = VALUE | KLDR_EVENT_HAS_OFFSET},
    };
    (void)state;
    assert_told(events, COUNT_OF(events),
                "bugcheck 0x0000007E SYSTEM_THREAD_EXCEPTION_NOT_HANDLED (0xc0000005, 0x1, 0x2, "
                "0x3) in a.sys+0x1010\n");
}

// An event of any kind, even with nothing set, is told or passed over, but never followed into
// nothing.
static void events_with_missing_fields_do_no_harm(void **state)
{
    (void)state;
    for (unsigned kind = 0; kind < KLDR_EVENT_KIND_COUNT; kind++) {
        struct sample sample;
        struct ks_event_log *log = ks_event_log_create();
        struct ks_text_buffer text;
        struct kldr_event event = {.kind = (enum kldr_event_kind)kind};
        event.path = "x"; // the only text that every event of its kinds has for certain
        event.text = "x";
        sample_init(&sample);
        ks_event_log_append(log, &event);
        sample.result.events = log;
        ks_text_buffer_init(&text, NULL);
        ks_text_lifecycle(&text, &sample.result, true);
        assert_false(text.failed);
        ks_text_buffer_fini(&text);
        ks_event_log_destroy(log);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_load_with_one_dependency_is_told_as_specified),
        cmocka_unit_test(an_import_that_is_loaded_shows_its_new_count),
        cmocka_unit_test(a_count_that_is_not_active_says_so),
        cmocka_unit_test(a_circular_import_names_its_rule_and_grade),
        cmocka_unit_test(a_missing_file_is_told_once_for_each_place),
        cmocka_unit_test(an_unload_tells_counts_and_who_goes),
        cmocka_unit_test(what_happens_inside_a_routine_is_indented_below_it),
        cmocka_unit_test(a_step_without_events_takes_one_line),
        cmocka_unit_test(a_bugcheck_names_code_parameters_and_place),
        cmocka_unit_test(events_with_missing_fields_do_no_harm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
