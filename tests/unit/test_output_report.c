// SPDX-License-Identifier: MIT
// Sums, and the reports text, tap, junit and github.
#include "output_sample.h"

#include "output/utf8.h"

#include <stdio.h>

// ---- sums ----

static void the_exit_code_that_wins_is_3_2_5_4_1(void **state)
{
    static const int order[] = {3, 2, 5, 4, 1, 0};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(order); i++) {
        for (size_t j = i; j < COUNT_OF(order); j++) {
            assert_int_equal(ks_exit_code_worse(order[i], order[j]), order[i]);
            assert_int_equal(ks_exit_code_worse(order[j], order[i]), order[i]);
        }
    }
}

static void each_outcome_counts_as_what_it_is(void **state)
{
    static const struct {
        enum ks_outcome outcome;
        bool ran_no_code;
        enum ks_verdict verdict;
        int exit_code;
    } cases[] = {
        {KS_PASSED, false, KS_VERDICT_PASSED, 0},   {KS_PASSED, true, KS_VERDICT_SKIPPED, 0},
        {KS_FAILED, false, KS_VERDICT_FAILED, 1},   {KS_FAILED, true, KS_VERDICT_FAILED, 1},
        {KS_SKIPPED, false, KS_VERDICT_SKIPPED, 0}, {KS_UNSUPPORTED, false, KS_VERDICT_FAILED, 2},
        {KS_INVALID, false, KS_VERDICT_FAILED, 2},  {KS_STOPPED, false, KS_VERDICT_FAILED, 4},
        {KS_LIMIT, false, KS_VERDICT_FAILED, 5},    {KS_INTERNAL, false, KS_VERDICT_FAILED, 3},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct ks_totals totals = {0};
        struct ks_result result = {.outcome = cases[i].outcome, .reason = "r"};
        result.ran_no_code = cases[i].ran_no_code;
        ks_totals_add(&totals, &result);
        assert_int_equal(ks_result_verdict(&result), cases[i].verdict);
        assert_int_equal(totals.exit_code, cases[i].exit_code);
        assert_int_equal(totals.passed, cases[i].verdict == KS_VERDICT_PASSED);
        assert_int_equal(totals.failed, cases[i].verdict == KS_VERDICT_FAILED);
        assert_int_equal(totals.skipped, cases[i].verdict == KS_VERDICT_SKIPPED);
    }
}

static void formats_are_found_by_name(void **state)
{
    enum ks_format format;
    (void)state;
    for (unsigned i = 0; i < KS_FORMAT_COUNT; i++) {
        assert_true(ks_format_find(ks_format_name((enum ks_format)i), &format));
        assert_int_equal(format, i);
    }
    assert_false(ks_format_find("xml", &format));
    assert_false(ks_format_find("", &format));
}

// ---- text ----

static void text_says_where_what_and_what_was_wanted(void **state)
{
    struct sample sample;
    (void)state;
    sample_init(&sample);
    sample_fail(&sample);
    sample.failure.note = "U7, reported, unverified";
    struct ks_text_buffer text =
        report_text(KS_FORMAT_TEXT, &plain_options, &sample.result, NULL, NULL);
    assert_string_equal(text.bytes, "failed  dir/one.kldr.yaml:One [nt52]\n"
                                    "  dir/one.kldr.yaml:20:5: step 2, unload a: counts.b.sys\n"
                                    "    wanted  1\n"
                                    "    got     2\n"
                                    "    rule    U7, reported, unverified\n"
                                    "0 passed, 1 failed, 0 skipped\n");
    ks_text_buffer_fini(&text);
}

static void text_shows_the_last_events_before_a_failure(void **state)
{
    struct sample sample;
    struct ks_event_log *log = ks_event_log_create();
    (void)state;
    sample_init(&sample);
    sample_fail(&sample);
    for (unsigned i = 1; i <= 20; i++) {
        struct kldr_event event = {.kind = KLDR_EVENT_IMAGE_NOTIFY, .seq = i, .module = "a.sys"};
        ks_event_log_append(log, &event);
    }
    sample.result.events = log;
    sample.failure.event_count = 12;
    struct ks_text_buffer text =
        report_text(KS_FORMAT_TEXT, &plain_options, &sample.result, NULL, NULL);
    assert_null(strstr(text.bytes, "      6  image.notify"));
    assert_non_null(strstr(text.bytes, "      7  image.notify"));
    assert_non_null(strstr(text.bytes, "      12  image.notify"));
    assert_null(strstr(text.bytes, "      13  image.notify"));
    ks_text_buffer_fini(&text);
    ks_event_log_destroy(log);
}

static void quiet_text_has_only_failures_and_the_summary(void **state)
{
    struct sample sample;
    struct ks_report_options quiet = plain_options;
    (void)state;
    quiet.verbosity = 0;
    sample_init(&sample);
    struct ks_text_buffer text = report_text(KS_FORMAT_TEXT, &quiet, &sample.result, NULL, NULL);
    assert_string_equal(text.bytes, "1 passed, 0 failed, 0 skipped\n");
    ks_text_buffer_fini(&text);
    sample_fail(&sample);
    text = report_text(KS_FORMAT_TEXT, &quiet, &sample.result, NULL, NULL);
    assert_non_null(strstr(text.bytes, "counts.b.sys"));
    ks_text_buffer_fini(&text);
}

static void bind_only_runs_are_not_shown_as_passed(void **state)
{
    struct sample sample;
    (void)state;
    sample_init(&sample);
    sample.result.ran_no_code = true;
    struct ks_text_buffer text =
        report_text(KS_FORMAT_TEXT, &plain_options, &sample.result, NULL, NULL);
    assert_null(strstr(text.bytes, "passed  "));
    assert_non_null(strstr(text.bytes, "bound   dir/one.kldr.yaml:One [nt52]: bound only"));
    assert_non_null(strstr(text.bytes, "0 passed, 0 failed, 1 skipped\n"));
    ks_text_buffer_fini(&text);
}

static void control_characters_never_reach_a_terminal(void **state)
{
    (void)state;
    for (unsigned format = 0; format < KS_FORMAT_COUNT; format++) {
        struct sample sample;
        sample_init(&sample);
        sample_fail(&sample);
        sample.scenario.name = sample.failure.key = "\x1b[2J\x07 \xC2\x9B";
        sample.failure.wanted = sample.failure.got = "\x1b]0;x\x07";
        struct ks_report_options options = plain_options;
        options.verbosity = 2;
        struct ks_text_buffer text =
            report_text((enum ks_format)format, &options, &sample.result, NULL, NULL);
        if (format != KS_FORMAT_GITHUB) { // its messages are shown by a page, not by a terminal
            assert_null(strchr(text.bytes, '\x1b'));
            assert_null(strchr(text.bytes, '\x07'));
            assert_null(strstr(text.bytes, "\xC2\x9B"));
        }
        ks_text_buffer_fini(&text);
    }
}

static void only_text_is_coloured(void **state)
{
    struct ks_report_options options = plain_options;
    (void)state;
    options.color = true;
    for (unsigned format = 0; format < KS_FORMAT_COUNT; format++) {
        struct sample sample;
        sample_init(&sample);
        sample_fail(&sample);
        struct ks_text_buffer text =
            report_text((enum ks_format)format, &options, &sample.result, NULL, NULL);
        assert_int_equal(strchr(text.bytes, '\x1b') != NULL, format == KS_FORMAT_TEXT);
        ks_text_buffer_fini(&text);
    }
}

// ---- tap ----

static void tap_begins_with_version_and_plan_and_escapes_descriptions(void **state)
{
    struct sample sample;
    (void)state;
    sample_init(&sample);
    sample.scenario.name = "a # b \\ c";
    struct ks_text_buffer text =
        report_text(KS_FORMAT_TAP, &plain_options, &sample.result, NULL, NULL);
    assert_string_equal(text.bytes, "TAP version 14\n1..1\n"
                                    "ok 1 - dir/one.kldr.yaml:a \\# b \\\\ c [nt52]\n");
    ks_text_buffer_fini(&text);
}

static void tap_tells_skips_and_failures(void **state)
{
    struct sample sample;
    (void)state;
    sample_init(&sample);
    sample.result.outcome = KS_SKIPPED;
    sample.result.reason = "no engine";
    struct ks_text_buffer text =
        report_text(KS_FORMAT_TAP, &plain_options, &sample.result, NULL, NULL);
    assert_non_null(strstr(text.bytes, "ok 1 - dir/one.kldr.yaml:One [nt52] # SKIP no engine\n"));
    assert_null(strstr(text.bytes, "not ok"));
    ks_text_buffer_fini(&text);
    sample_fail(&sample);
    sample.result.reason = "";
    text = report_text(KS_FORMAT_TAP, &plain_options, &sample.result, NULL, NULL);
    assert_non_null(strstr(text.bytes, "not ok 1 - dir/one.kldr.yaml:One [nt52]\n"
                                       "  ---\n"
                                       "  outcome: \"failed\"\n"
                                       "  failures:\n"
                                       "    - file: \"dir/one.kldr.yaml\"\n"
                                       "      line: 20\n"
                                       "      column: 5\n"
                                       "      step: 2\n"
                                       "      key: \"counts.b.sys\"\n"
                                       "      wanted: \"1\"\n"
                                       "      got: \"2\"\n"
                                       "  ...\n"));
    ks_text_buffer_fini(&text);
}

static void tap_keeps_hostile_texts_in_their_lines(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(hostile); i++) {
        struct sample sample;
        sample_init(&sample);
        sample_fail(&sample);
        sample.scenario.name = sample.failure.key = sample.failure.message = hostile[i];
        struct ks_text_buffer text =
            report_text(KS_FORMAT_TAP, &plain_options, &sample.result, NULL, NULL);
        for (const char *line = text.bytes; *line != '\0'; line = strchr(line, '\n') + 1) {
            bool known = strncmp(line, "TAP version 14\n", 15) == 0 ||
                         strncmp(line, "1..1\n", 5) == 0 || strncmp(line, "not ok 1 - ", 11) == 0 ||
                         strncmp(line, "  ", 2) == 0;
            assert_true(known);
        }
        ks_text_buffer_fini(&text);
    }
}

// ---- junit ----

// A small strict reader: every tag is closed in order, attributes are quoted, characters are XML's.
static void assert_well_formed(const char *xml)
{
    char stack[16][32];
    size_t depth = 0;
    assert_int_equal(strncmp(xml, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n", 39), 0);
    const char *at = xml + 39, *end = at + strlen(at);
    while (at < end) {
        uint32_t code;
        size_t length = ks_utf8_next(at, end, &code);
        assert_true(code == '\n' || (code >= 0x20 && code != 0xFFFE && code != 0xFFFF));
        if (*at == '&') {
            const char *semicolon = strchr(at, ';');
            assert_non_null(semicolon);
            assert_true(semicolon - at <= 5);
        }
        if (*at != '<') {
            assert_true(*at != '>');
            at += length;
            continue;
        }
        const char *close = strchr(at, '>');
        assert_non_null(close);
        char name[32] = "";
        sscanf(at + 1 + (at[1] == '/'), "%31[a-z]", name);
        if (at[1] == '/') {
            assert_true(depth > 0);
            assert_string_equal(stack[--depth], name);
        } else if (close[-1] != '/') {
            assert_true(depth < COUNT_OF(stack));
            strcpy(stack[depth++], name);
        }
        size_t quotes = 0;
        for (const char *c = at + 1; c < close; c++) {
            quotes += *c == '"';
            assert_true(*c != '<');
        }
        assert_int_equal(quotes % 2, 0);
        at = close + 1;
    }
    assert_int_equal(depth, 0);
}

static void junit_is_well_formed_whatever_the_texts_hold(void **state)
{
    static const enum ks_outcome outcomes[] = {KS_PASSED, KS_SKIPPED, KS_FAILED, KS_STOPPED};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(hostile) * COUNT_OF(outcomes); i++) {
        struct sample sample;
        const char *text = hostile[i / COUNT_OF(outcomes)];
        sample_init(&sample);
        sample_fail(&sample);
        sample.result.outcome = outcomes[i % COUNT_OF(outcomes)];
        sample.scenario.name = sample.file.path = sample.result.reason = text;
        sample.failure.key = sample.failure.wanted = sample.failure.got = text;
        sample.failure.message = sample.failure.note = text;
        struct ks_text_buffer xml =
            report_text(KS_FORMAT_JUNIT, &plain_options, &sample.result, NULL, NULL);
        assert_well_formed(xml.bytes);
        assert_null(strstr(xml.bytes, "time"));
        ks_text_buffer_fini(&xml);
    }
}

static void junit_counts_in_its_suites(void **state)
{
    struct sample sample, other;
    struct ks_text_buffer text;
    struct ks_totals totals = {0};
    (void)state;
    sample_init(&sample);
    sample_init(&other);
    other.file.path = "dir/two.kldr.yaml";
    ks_text_buffer_init(&text, NULL);
    struct ks_sink sink = {collect, &text};
    struct ks_report *report = ks_report_begin(KS_FORMAT_JUNIT, &sink, &plain_options, 5);
    ks_report_result(report, &sample.result);
    sample_fail(&sample);
    ks_report_result(report, &sample.result);
    sample.result.outcome = KS_STOPPED;
    ks_report_result(report, &sample.result);
    ks_report_result(report, &other.result);
    ks_report_bad_file(report, "dir/bad.kldr.yaml", NULL, "cannot be opened");
    assert_true(ks_report_end(report, &totals));
    ks_text_buffer_char(&text, '\0');
    assert_well_formed(text.bytes);
    assert_non_null(strstr(text.bytes, "<testsuite name=\"dir/one.kldr.yaml\" tests=\"3\" "
                                       "failures=\"1\" errors=\"1\" skipped=\"0\">"));
    assert_non_null(strstr(text.bytes, "<testsuite name=\"dir/two.kldr.yaml\" tests=\"1\" "
                                       "failures=\"0\" errors=\"0\" skipped=\"0\">"));
    assert_non_null(strstr(text.bytes, "message=\"cannot be opened\""));
    ks_text_buffer_fini(&text);
}

// ---- github ----

static void github_escapes_messages_and_properties(void **state)
{
    struct sample sample;
    (void)state;
    sample_init(&sample);
    sample_fail(&sample);
    sample.file.path = "a:b,c%.yaml";
    sample.scenario.name = "x:y,z";
    sample.failure.message = "50%\nnext";
    struct ks_text_buffer text =
        report_text(KS_FORMAT_GITHUB, &plain_options, &sample.result, NULL, NULL);
    assert_string_equal(text.bytes,
                        "::error file=a%3Ab%2Cc%25.yaml,line=20,col=5,title=x%3Ay%2Cz [nt52]::"
                        "step 2, unload a: counts.b.sys: 50%25%0Anext%0Awanted: 1%0Agot: 2\n"
                        "0 passed, 1 failed, 0 skipped\n");
    ks_text_buffer_fini(&text);
}

static void github_paths_begin_at_the_top_of_the_repository(void **state)
{
    struct sample sample;
    struct ks_report_options options = plain_options;
    (void)state;
    options.path_prefix = "/build/repo";
    sample_init(&sample);
    sample_fail(&sample);
    sample.file.path = "/build/repo/dir/x.yaml";
    struct ks_text_buffer text =
        report_text(KS_FORMAT_GITHUB, &options, &sample.result, NULL, NULL);
    assert_non_null(strstr(text.bytes, "file=dir/x.yaml,"));
    ks_text_buffer_fini(&text);
    sample.file.path = "/build/repository/x.yaml";
    text = report_text(KS_FORMAT_GITHUB, &options, &sample.result, NULL, NULL);
    assert_non_null(strstr(text.bytes, "file=/build/repository/x.yaml,"));
    ks_text_buffer_fini(&text);
}

// ---- sinks ----

static bool refuse(void *user, const char *bytes, size_t size)
{
    (void)user;
    (void)bytes;
    (void)size;
    return false;
}

static void a_report_that_cannot_be_written_says_so(void **state)
{
    const struct ks_sink sink = {refuse, NULL};
    struct ks_totals totals = {0};
    (void)state;
    for (unsigned format = 0; format < KS_FORMAT_COUNT; format++) {
        struct sample sample;
        sample_init(&sample);
        struct ks_report *report =
            ks_report_begin((enum ks_format)format, &sink, &plain_options, 1);
        ks_report_result(report, &sample.result);
        assert_false(ks_report_end(report, &totals));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_exit_code_that_wins_is_3_2_5_4_1),
        cmocka_unit_test(each_outcome_counts_as_what_it_is),
        cmocka_unit_test(formats_are_found_by_name),
        cmocka_unit_test(text_says_where_what_and_what_was_wanted),
        cmocka_unit_test(text_shows_the_last_events_before_a_failure),
        cmocka_unit_test(quiet_text_has_only_failures_and_the_summary),
        cmocka_unit_test(bind_only_runs_are_not_shown_as_passed),
        cmocka_unit_test(control_characters_never_reach_a_terminal),
        cmocka_unit_test(only_text_is_coloured),
        cmocka_unit_test(tap_begins_with_version_and_plan_and_escapes_descriptions),
        cmocka_unit_test(tap_tells_skips_and_failures),
        cmocka_unit_test(tap_keeps_hostile_texts_in_their_lines),
        cmocka_unit_test(junit_is_well_formed_whatever_the_texts_hold),
        cmocka_unit_test(junit_counts_in_its_suites),
        cmocka_unit_test(github_escapes_messages_and_properties),
        cmocka_unit_test(github_paths_begin_at_the_top_of_the_repository),
        cmocka_unit_test(a_report_that_cannot_be_written_says_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
