// SPDX-License-Identifier: MIT
// Results made by hand, and a report written into memory.
#ifndef OUTPUT_SAMPLE_H
#define OUTPUT_SAMPLE_H

#include "test.h"

#include "output/report.h"
#include "output/text_buffer.h"

#include <string.h>

// Texts that break careless writers: control characters, bytes that are not UTF-8, and what the
// formats use themselves.
static const char *const hostile[] = {
    "plain",
    "quote \" backslash \\ slash /",
    "line\nend\r\n\ttab",
    "\x01\x02\x1b[31m\x7f",
    "a < b && c > d ]]> 'q'",
    "100% ::error file=x,line=1:: #hash",
    "\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80",
    "\xE2\x80\xA8 \xC2\x85 \xEF\xBF\xBE",
    "\xC3",
    "\xC3(",
    "\xC0\x80 \xE0\x80\xAF \xED\xA0\x80 \xF4\x90\x80\x80",
    "\xFF\xFE",
    "- yaml: [x, {y: 1}]",
    "",
};

struct sample {
    struct ks_scenario_file file;
    struct ks_scenario scenario;
    struct ks_step steps[2];
    struct ks_failure failure;
    struct ks_result result;
};

// A scenario of two steps; the result passed.
static inline void sample_init(struct sample *sample)
{
    memset(sample, 0, sizeof(*sample));
    sample->file.path = "dir/one.kldr.yaml";
    sample->scenario.file = &sample->file;
    sample->scenario.name = "One";
    sample->scenario.description = "";
    sample->scenario.place.line = 3;
    sample->scenario.place.column = 1;
    sample->scenario.steps = sample->steps;
    sample->scenario.step_count = 2;
    sample->steps[0].action = KS_ACTION_LOAD;
    sample->steps[0].target = "a";
    sample->steps[1].action = KS_ACTION_UNLOAD;
    sample->steps[1].target = "a";
    sample->result.scenario = &sample->scenario;
    sample->result.profile = KLDR_PROFILE_NT52;
    kldr_policy_init(&sample->result.policy, KLDR_PROFILE_NT52);
    sample->result.outcome = KS_PASSED;
    sample->result.reason = "";
    sample->result.seed = 7;
}

// Makes it fail in its second step.
static inline void sample_fail(struct sample *sample)
{
    sample->failure.step = &sample->steps[1];
    sample->failure.step_number = 2;
    sample->failure.place.line = 20;
    sample->failure.place.column = 5;
    sample->failure.key = "counts.b.sys";
    sample->failure.wanted = "1";
    sample->failure.got = "2";
    sample->failure.message = "";
    sample->failure.note = "";
    sample->result.outcome = KS_FAILED;
    sample->result.failures = &sample->failure;
    sample->result.failure_count = 1;
}

static inline bool collect(void *user, const char *bytes, size_t size)
{
    ks_text_buffer_bytes(user, bytes, size);
    return true;
}

// The text of a report of one result, or of one bad file when result is NULL. Freed with
// ks_text_buffer_fini.
static inline struct ks_text_buffer report_text(enum ks_format format,
                                                const struct ks_report_options *options,
                                                const struct ks_result *result,
                                                const struct ks_diagnostics *diagnostics,
                                                const char *message)
{
    struct ks_text_buffer text;
    struct ks_totals totals = {0};
    ks_text_buffer_init(&text, NULL);
    struct ks_sink sink = {collect, &text};
    struct ks_report *report = ks_report_begin(format, &sink, options, 1);
    assert_non_null(report);
    if (result != NULL) {
        ks_totals_add(&totals, result);
        ks_report_result(report, result);
    } else {
        ks_totals_add_bad_file(&totals);
        ks_report_bad_file(report, "dir/bad.kldr.yaml", diagnostics, message);
    }
    assert_true(ks_report_end(report, &totals));
    ks_text_buffer_char(&text, '\0');
    assert_false(text.failed);
    return text;
}

static const struct ks_report_options plain_options = {.verbosity = 1, .version = "1.2.3"};

#endif
