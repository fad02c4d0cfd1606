// SPDX-License-Identifier: MIT
// Judging a step: each expectation that is given is compared; a step without `status` must have
// succeeded.

#include "scenario/run/expect_io.h"

#include <stddef.h>
#include <string.h>

// ---- failures ----

void ks_expect_differ(struct ks_judge *judge, const char *key, const char *subkey,
                      struct ks_place place, const char *wanted, const char *got)
{
    struct ks_runner *runner = judge->runner;
    struct ks_failure failure = {.step = judge->step, .place = place};
    failure.key = subkey != NULL ? ks_run_text(runner, "%s.%s", key, subkey) : key;
    failure.wanted = wanted;
    failure.got = got;
    failure.message = "";
    failure.note = ks_expect_note(judge);
    failure.why = ks_expect_why(judge, key, subkey);
    ks_run_add_failure(runner, &failure);
}

void ks_expect_fail(struct ks_judge *judge, const char *key, const char *subkey,
                    struct ks_place place, const char *wanted, const char *got)
{
    ks_expect_differ(judge, key, subkey, place, wanted, got);
    ks_run_add_edit(judge->runner, &(struct ks_accept_edit){judge->step, key, subkey, place, got});
}

void ks_expect_fail_message(struct ks_judge *judge, const char *key, struct ks_place place,
                            const char *message)
{
    struct ks_failure failure = {
        .step = judge->step, .place = place, .key = key, .message = message};
    failure.wanted = failure.got = "";
    failure.note = ks_expect_note(judge);
    ks_run_add_failure(judge->runner, &failure);
}

// ---- lists ----

struct list_rule {
    const char *key;
    enum ks_view view;
    enum ks_compare compare;
    size_t offset; // of the ks_list in struct ks_expect
};

#define LIST(key, view, compare)                                                                   \
    {                                                                                              \
#key, view, compare, offsetof(struct ks_expect, key)                                       \
    }
static const struct list_rule list_rules[] = {
    LIST(calls, KS_VIEW_CALLS, KS_COMPARE_CALL),
    LIST(events, KS_VIEW_EVENTS, KS_COMPARE_EVENT),
    LIST(printed, KS_VIEW_PRINTED, KS_COMPARE_EXACT),
    LIST(modules, KS_VIEW_MODULES, KS_COMPARE_NAME),
    LIST(unloaded, KS_VIEW_UNLOADED, KS_COMPARE_NAME),
    LIST(ring, KS_VIEW_RING, KS_COMPARE_NAME),
    LIST(notified, KS_VIEW_NOTIFIED, KS_COMPARE_NAME),
    LIST(opened, KS_VIEW_OPENED, KS_COMPARE_NAME),
    LIST(log, KS_VIEW_LOG, KS_COMPARE_RECORD),
    LIST(missing, KS_VIEW_MISSING, KS_COMPARE_MISSING),
    LIST(findings, KS_VIEW_FINDINGS, KS_COMPARE_RECORD),
    LIST(port_writes, KS_VIEW_PORT_WRITES, KS_COMPARE_RECORD),
};

static void judge_list(struct ks_judge *judge, const struct list_rule *rule)
{
    const struct ks_list *wanted = (const void *)((const char *)judge->expect + rule->offset);
    if (!wanted->given) {
        return;
    }
    bool plain_events = rule->view == KS_VIEW_EVENTS && wanted->mode == KS_LIST_EXACT;
    struct ks_seen seen = ks_observe(judge->runner, rule->view, judge->outcome);
    judge->runner->result.expectations++;
    if (!ks_match_list(wanted, &seen, rule->compare,
                       plain_events ? KS_LIST_ORDERED : wanted->mode)) {
        ks_expect_fail(judge, rule->key, NULL, wanted->place, ks_flow_list(judge->runner, wanted),
                       ks_flow_seen(judge->runner, &seen));
    }
}

// ---- status ----

// The status in words, with what the error record says beside it.
static const char *explain_status(struct ks_judge *judge)
{
    char text[2 * KLDR_DETAIL_SIZE], name[KLDR_STATUS_TEXT_SIZE];
    kldr_status_format(judge->outcome->status, name);
    if (judge->error == NULL || judge->error->status == KLDR_STATUS_SUCCESS) {
        return ks_run_text(judge->runner, "the step ended with %s", name);
    }
    kldr_error_format(judge->error, text, sizeof text);
    return ks_run_text(judge->runner, "the step ended with %s", text); // begins with the status
}

static void judge_status(struct ks_judge *judge)
{
    const struct ks_expect_status *wanted = &judge->expect->status;
    const struct ks_step_outcome *outcome = judge->outcome;
    if (!outcome->has_status || wanted->any || (judge->stopped && !wanted->given)) {
        return;
    }
    judge->runner->result.expectations += wanted->given;
    if (wanted->given ? outcome->status == wanted->value : KLDR_NT_SUCCESS(outcome->status)) {
        return;
    }
    struct ks_failure failure = {
        .step = judge->step, .key = "status", .note = ks_expect_note(judge)};
    failure.place = wanted->given ? wanted->place : judge->step->place;
    failure.wanted =
        wanted->given ? ks_flow_status(judge->runner, wanted->value) : "success (status >= 0)";
    failure.got = ks_flow_status(judge->runner, outcome->status);
    failure.message = explain_status(judge);
    ks_run_add_failure(judge->runner, &failure);
    if (wanted->given) {
        ks_run_add_edit(judge->runner, &(struct ks_accept_edit){judge->step, "status", NULL,
                                                                wanted->place, failure.got});
    }
}

// ---- results of call and lookup ----

static void judge_result(struct ks_judge *judge)
{
    const struct ks_expect_number *wanted = &judge->expect->result;
    struct ks_runner *runner = judge->runner;
    if (!wanted->given) {
        return;
    }
    runner->result.expectations++;
    if (!judge->outcome->has_result || judge->outcome->result != wanted->value) {
        ks_expect_fail(judge, "result", NULL, wanted->place,
                       ks_run_text(runner, "0x%llX", (unsigned long long)wanted->value),
                       ks_run_text(runner, "0x%llX", (unsigned long long)judge->outcome->result));
    }
}

static void judge_lookup(struct ks_judge *judge)
{
    const struct ks_expect *expect = judge->expect;
    const struct ks_step_outcome *outcome = judge->outcome;
    if (expect->has_found) {
        judge->runner->result.expectations++;
        if (!outcome->has_found || outcome->found != expect->found) {
            ks_expect_fail(judge, "found", NULL, expect->found_place,
                           expect->found ? "true" : "false", outcome->found ? "true" : "false");
        }
    }
    if (expect->module.text != NULL) {
        const char *module = outcome->found_module != NULL ? outcome->found_module : "absent";
        judge->runner->result.expectations++;
        if (!ks_same_name(module, expect->module.text)) {
            ks_expect_fail(judge, "module", NULL, expect->module.place, expect->module.text,
                           module);
        }
    }
}

// ---- bugcheck ----

static const char *bugcheck_text(struct ks_runner *runner, const struct kldr_bugcheck *bugcheck)
{
    return ks_run_text(runner, "{code: 0x%X, parameters: [0x%llX, 0x%llX, 0x%llX, 0x%llX]%s%s}",
                       (unsigned)bugcheck->code, (unsigned long long)bugcheck->parameters[0],
                       (unsigned long long)bugcheck->parameters[1],
                       (unsigned long long)bugcheck->parameters[2],
                       (unsigned long long)bugcheck->parameters[3],
                       bugcheck->module[0] != '\0' ? ", module: " : "", bugcheck->module);
}

static const char *wanted_bugcheck_text(struct ks_runner *runner,
                                        const struct ks_expect_bugcheck *wanted)
{
    struct ks_flow flow;
    if (!wanted->has_parameters && wanted->module == NULL) {
        return ks_run_text(runner, "0x%X", (unsigned)wanted->code);
    }
    ks_flow_init(&flow, runner);
    ks_flow_raw(&flow, ks_run_text(runner, "{code: 0x%X", (unsigned)wanted->code));
    for (size_t i = 0; i < wanted->parameter_count; i++) {
        ks_flow_raw(&flow, i == 0 ? ", parameters: [" : ", ");
        ks_flow_raw(&flow,
                    wanted->any_parameter[i]
                        ? "any"
                        : ks_run_text(runner, "0x%llX", (unsigned long long)wanted->parameters[i]));
    }
    ks_flow_raw(&flow, wanted->parameter_count > 0 ? "]" : "");
    if (wanted->module != NULL) {
        ks_flow_raw(&flow, ks_run_text(runner, ", module: %s", wanted->module));
    }
    ks_flow_raw(&flow, "}");
    return flow.text;
}

static bool is_wanted_bugcheck(const struct ks_expect_bugcheck *wanted,
                               const struct kldr_bugcheck *got)
{
    bool same = wanted->code == got->code &&
                (wanted->module == NULL || ks_same_name(wanted->module, got->module));
    for (size_t i = 0; i < wanted->parameter_count && i < KLDR_EVENT_PARAMETERS; i++) {
        same = same && (wanted->any_parameter[i] || wanted->parameters[i] == got->parameters[i]);
    }
    return same && wanted->parameter_count <= KLDR_EVENT_PARAMETERS;
}

static void judge_bugcheck(struct ks_judge *judge)
{
    const struct ks_expect_bugcheck *wanted = &judge->expect->bugcheck;
    struct ks_runner *runner = judge->runner;
    struct kldr_bugcheck got;
    runner->result.expectations += wanted->given;
    if (!kldr_world_bugcheck(runner->world, &got)) {
        if (wanted->given) {
            ks_expect_fail_message(
                judge, "bugcheck", wanted->place,
                ks_run_text(runner, "expected bugcheck 0x%X, but the system did not stop",
                            (unsigned)wanted->code));
        }
        return;
    }
    runner->judged_bugcheck = runner->judged_bugcheck || wanted->given;
    if (wanted->given && !is_wanted_bugcheck(wanted, &got)) {
        ks_expect_fail(judge, "bugcheck", NULL, wanted->place, wanted_bugcheck_text(runner, wanted),
                       bugcheck_text(runner, &got));
    }
}

// ---- strictness ----

static void judge_unlisted_findings(struct ks_judge *judge)
{
    if (!judge->runner->options->strict || judge->expect->findings.given ||
        judge->runner->world->step_depth > 0) {
        return;
    }
    struct ks_seen seen = ks_observe(judge->runner, KS_VIEW_FINDINGS, judge->outcome);
    if (seen.count > 0) {
        ks_expect_fail(judge, "findings", NULL, judge->step->place, "none (--strict)",
                       ks_flow_seen(judge->runner, &seen));
    }
}

void ks_run_judge(struct ks_runner *runner, const struct ks_step *step,
                  const struct ks_step_outcome *outcome, const struct kldr_error *error)
{
    static const struct ks_expect nothing;
    const struct ks_expect *expect = ks_step_expect(step, runner->result.profile);
    struct ks_judge judge = {runner,  step,  expect != NULL ? expect : &nothing,
                             outcome, error, false};
    judge.stopped = kldr_loader_stopped(runner->world->loader, NULL);
    judge_status(&judge);
    for (size_t i = 0; i < sizeof list_rules / sizeof list_rules[0]; i++) {
        judge_list(&judge, &list_rules[i]);
    }
    ks_expect_maps(&judge);
    ks_expect_io(&judge);
    judge_result(&judge);
    judge_lookup(&judge);
    judge_bugcheck(&judge);
    judge_unlisted_findings(&judge);
}
