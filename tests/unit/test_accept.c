// SPDX-License-Identifier: MIT
#include "scenario/accept.h"

#include "accept_case.h"
#include "test.h"

#include <string.h>

#define DOCUMENTED KLDR_PROFILE_DOCUMENTED
#define NT52       KLDR_PROFILE_NT52
#define H2         KLDR_PROFILE_24H2

// ---- one profile ----

static void a_value_is_replaced_and_nothing_else(void **state)
{
    static const struct accept_wish wishes[] = {
        {DOCUMENTED, 0, "counts", "p.sys", "1", 0, false},
        {DOCUMENTED, 0, "calls", NULL, "[p.sys!DllInitialize, m.sys!DriverEntry]", 0, false},
        {DOCUMENTED, 1, "status", NULL, "STATUS_SUCCESS", 0, false},
    };
    (void)state;
    accept_case_check(HEAD "steps:\n"
                           "  # first\n"
                           "\n"
                           "  - load: m\n"
                           "    expect:   # said here\n"
                           "      counts: {  p.sys :   2 , m.sys: 1}   # two\n"
                           "      calls:   [ m.sys!DriverEntry ]# not a comment?\n"
                           "  - unload: m   \n"
                           "    expect: { status: 0xC0000034, modules: [] }   # gone\n"
                           "# the end",
                      wishes, COUNT_OF(wishes),
                      HEAD
                      "steps:\n"
                      "  # first\n"
                      "\n"
                      "  - load: m\n"
                      "    expect:   # said here\n"
                      "      counts: {  p.sys :   1 , m.sys: 1}   # two\n"
                      "      calls:   [p.sys!DllInitialize, m.sys!DriverEntry]# not a comment?\n"
                      "  - unload: m   \n"
                      "    expect: { status: STATUS_SUCCESS, modules: [] }   # gone\n"
                      "# the end");
}

static void line_ends_stay_as_they_are(void **state)
{
    static const struct accept_wish wishes[] = {
        {DOCUMENTED, 0, "calls", NULL, "[m.sys!DriverEntry]", 0, false},
        {DOCUMENTED, 0, "modules", NULL, "[m.sys, p.sys]", 0, false},
    };
    (void)state;
    accept_case_check("kldr: 1\r\n"
                      "images: { m.sys: {}, p.sys: {} }\r\n"
                      "steps:\r\n"
                      "  - load: m\r\n"
                      "    expect:\r\n"
                      "      modules: []  # none\r\n"
                      "      calls:\r\n"
                      "        - p.sys!DriverEntry  # one\r\n"
                      "        - m.sys!DriverUnload  # two\r\n"
                      "\r\n"
                      "  - load: m\r\n",
                      wishes, COUNT_OF(wishes),
                      "kldr: 1\r\n"
                      "images: { m.sys: {}, p.sys: {} }\r\n"
                      "steps:\r\n"
                      "  - load: m\r\n"
                      "    expect:\r\n"
                      "      modules: [m.sys, p.sys]  # none\r\n"
                      "      calls:\r\n"
                      "        [m.sys!DriverEntry]  # two\r\n"
                      "\r\n"
                      "  - load: m\r\n");
}

static void a_block_list_becomes_a_flow_list_in_its_place(void **state)
{
    static const struct accept_wish wishes[] = {
        {DOCUMENTED, 0, "calls", NULL, "[m.sys!DriverEntry]", 0, false},
        {DOCUMENTED, 0, "modules", NULL, "[m.sys]", 0, false},
        {DOCUMENTED, 0, "imports", "m.sys", "[p.sys]", 0, false},
    };
    (void)state;
    // The second list stands as far left as its key, where a flow list may not.
    accept_case_check(HEAD "steps:\n"
                           "- load: m\n"
                           "  expect:\n"
                           "    calls:\n"
                           "      - p.sys!DllInitialize\n"
                           "      - m.sys!DriverEntry\n"
                           "    modules:\n"
                           "    # in list order\n"
                           "\n"
                           "    - p.sys\n"
                           "    - m.sys # last\n"
                           "    imports:\n"
                           "      m.sys:\n"
                           "      - p.sys\n"
                           "      - p.sys\n",
                      wishes, COUNT_OF(wishes),
                      HEAD "steps:\n"
                           "- load: m\n"
                           "  expect:\n"
                           "    calls:\n"
                           "      [m.sys!DriverEntry]\n"
                           "    modules:\n"
                           "    # in list order\n"
                           "\n"
                           "      [m.sys] # last\n"
                           "    imports:\n"
                           "      m.sys:\n"
                           "        [p.sys]\n");
}

static void the_line_end_of_a_block_scalar_stays(void **state)
{
    static const struct accept_wish wishes[] = {
        {DOCUMENTED, 0, "printed", NULL, "[two]", 0, false}};
    (void)state;
    accept_case_check(HEAD "steps:\n"
                           "  - load: m\n"
                           "    expect:\n"
                           "      printed:\n"
                           "        - |\n"
                           "          one\n"
                           "      modules: []\n",
                      wishes, COUNT_OF(wishes),
                      HEAD "steps:\n"
                           "  - load: m\n"
                           "    expect:\n"
                           "      printed:\n"
                           "        [two]\n"
                           "      modules: []\n");
}

static void a_wrapped_list_is_replaced_with_its_wrapper(void **state)
{
    static const struct accept_wish wishes[] = {
        {DOCUMENTED, 0, "calls", NULL, "{contains: [m.sys!DriverEntry]}", 0, false},
        {DOCUMENTED, 0, "modules", NULL, "[m.sys]", 0, false},
    };
    (void)state;
    accept_case_check(HEAD "steps:\n"
                           "  - load: m\n"
                           "    expect:\n"
                           "      calls: {contains: [m.sys!DriverUnload]}\n"
                           "      modules:\n"
                           "        ordered:\n"
                           "          - p.sys\n"
                           "          - m.sys\n"
                           "  - check:\n",
                      wishes, COUNT_OF(wishes),
                      HEAD "steps:\n"
                           "  - load: m\n"
                           "    expect:\n"
                           "      calls: {contains: [m.sys!DriverEntry]}\n"
                           "      modules:\n"
                           "        [m.sys]\n"
                           "  - check:\n");
}

static void characters_of_several_bytes_do_not_shift_places(void **state)
{
    static const struct accept_wish wishes[] = {
        {DOCUMENTED, 0, "counts", "p.sys", "1", 0, false},
        {DOCUMENTED, 0, "calls", NULL, "[m.sys!DriverEntry]", 0, false},
    };
    (void)state;
    accept_case_check(
        HEAD "steps:\n"
             "  - { note: \"\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80\", load: m, expect: { counts: { "
             "p.sys: 3 }, calls: [] } } # \xc3\xa4\n",
        wishes, COUNT_OF(wishes),
        HEAD "steps:\n"
             "  - { note: \"\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80\", load: m, expect: { counts: { "
             "p.sys: 1 }, calls: [m.sys!DriverEntry] } } # \xc3\xa4\n");
}

static void a_byte_order_mark_stays(void **state)
{
    static const struct accept_wish wishes[] = {{DOCUMENTED, 0, "counts", "p.sys", "1", 0, false}};
    (void)state;
    accept_case_check(
        "\xef\xbb\xbf" HEAD "steps: [ { load: m, expect: { counts: { p.sys: 2 } } } ]\n", wishes,
        COUNT_OF(wishes),
        "\xef\xbb\xbf" HEAD "steps: [ { load: m, expect: { counts: { p.sys: 1 } } } ]\n");
}

static void the_right_document_is_changed(void **state)
{
    static const struct accept_wish wishes[] = {{DOCUMENTED, 0, "counts", "p.sys", "1", 1, false}};
    (void)state;
    accept_case_check(
        HEAD "name: one\nsteps: [ { load: m, expect: { counts: { p.sys: 2 } } } ]\n"
             "--- # second\n" HEAD
             "name: two\nsteps: [ { load: m, expect: { counts: { p.sys: 2 } } } ]\n...\n",
        wishes, COUNT_OF(wishes),
        HEAD "name: one\nsteps: [ { load: m, expect: { counts: { p.sys: 2 } } } ]\n"
             "--- # second\n" HEAD
             "name: two\nsteps: [ { load: m, expect: { counts: { p.sys: 1 } } } ]\n...\n");
}

// ---- refusals ----

static void nothing_to_change_is_told(void **state)
{
    struct accept_case fixture;
    (void)state;
    accept_case_init(&fixture, HEAD "steps: [ { load: m } ]\n", NULL, 0);
    assert_int_equal(fixture.status, KLDR_ERROR_NOT_FOUND);
    assert_null(fixture.text);
    accept_case_fini(&fixture);
}

static void a_routine_with_two_outcomes_is_refused(void **state)
{
    static const struct accept_wish wishes[] = {
        {DOCUMENTED, 0, "counts", "p.sys", "1", 0, true},
        {DOCUMENTED, 0, "counts", "p.sys", "2", 0, true},
    };
    (void)state;
    accept_case_check_refused(NESTED("7", ""), wishes, COUNT_OF(wishes), "several times");
}

static void a_text_that_would_not_parse_is_refused(void **state)
{
    static const struct accept_wish wishes[] = {{DOCUMENTED, 0, "calls", NULL, "[", 0, false}};
    struct accept_case fixture;
    (void)state;
    accept_case_init(&fixture, HEAD "steps: [ { load: m, expect: { calls: [] } } ]\n", wishes, 1);
    assert_int_equal(fixture.status, KLDR_ERROR_UNSUPPORTED);
    assert_string_not_equal(fixture.error.detail, "");
    assert_string_equal(fixture.error.file, "t.kldr.yaml");
    assert_null(fixture.text);
    accept_case_fini(&fixture);
}

static void what_is_not_written_cannot_be_replaced(void **state)
{
    struct accept_case fixture;
    (void)state;
    accept_case_init(&fixture, HEAD "steps: [ { load: m, expect: { calls: [] } } ]\n", NULL, 0);
    fixture.edits[0][0] = (struct ks_accept_edit){
        &fixture.parsed.file->scenarios[0].steps[0], "status", NULL, {0}, "0"};
    fixture.results[0].edit_count = 1;
    fixture.status = ks_accept(fixture.parsed.file, fixture.pointers, fixture.count, &fixture.text,
                               &fixture.size, &fixture.error);
    assert_int_equal(fixture.status, KLDR_ERROR_UNSUPPORTED);
    assert_non_null(strstr(fixture.error.detail, "not written"));
    accept_case_fini(&fixture);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_value_is_replaced_and_nothing_else),
        cmocka_unit_test(line_ends_stay_as_they_are),
        cmocka_unit_test(a_block_list_becomes_a_flow_list_in_its_place),
        cmocka_unit_test(the_line_end_of_a_block_scalar_stays),
        cmocka_unit_test(a_wrapped_list_is_replaced_with_its_wrapper),
        cmocka_unit_test(characters_of_several_bytes_do_not_shift_places),
        cmocka_unit_test(a_byte_order_mark_stays),
        cmocka_unit_test(the_right_document_is_changed),
        cmocka_unit_test(nothing_to_change_is_told),
        cmocka_unit_test(a_routine_with_two_outcomes_is_refused),
        cmocka_unit_test(a_text_that_would_not_parse_is_refused),
        cmocka_unit_test(what_is_not_written_cannot_be_replaced),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
