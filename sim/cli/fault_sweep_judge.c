// SPDX-License-Identifier: MIT
// What a fault may do and what not. Steps that fail, and all that follows from it, are normal.
#include "cli/fault_sweep.h"
#include "output/text_buffer.h"
#include "world/service.h"

#include <string.h>

#define OWN_CODES 0xE0000000u // kldr's own stops begin here

// Beginnings of the findings that no failed operation excuses.
static const char *const grave[] = {"dangling-",        "kept-argument",  "leaked-",
                                    "pending-mismatch", "unbound-import", "work-after-unload"};

static bool is_grave(const struct kldr_event *event)
{
    bool found = false;
    for (size_t i = 0; event->reason != NULL && i < sizeof grave / sizeof grave[0]; i++) {
        found = found || strncmp(event->reason, grave[i], strlen(grave[i])) == 0;
    }
    return event->kind == KLDR_EVENT_FINDING && found;
}

static bool same_text(const char *left, const char *right)
{
    return left == NULL || right == NULL ? left == right : strcmp(left, right) == 0;
}

static bool same_finding(const struct kldr_event *left, const struct kldr_event *right)
{
    return is_grave(right) && same_text(left->reason, right->reason) &&
           same_text(left->module, right->module) && same_text(left->target, right->target) &&
           same_text(left->symbol, right->symbol) && same_text(left->argument, right->argument);
}

static size_t event_count(const struct ks_result *result)
{
    return result->events == NULL ? 0 : ks_event_log_count(result->events);
}

// How much of a finding there is: blocks or objects that are left, else times it was reported.
static uint64_t weigh(const struct ks_result *result, const struct kldr_event *finding)
{
    uint64_t weight = 0;
    for (size_t i = 0; i < event_count(result); i++) {
        const struct kldr_event *event = ks_event_log_at(result->events, i);
        if (same_finding(finding, event)) {
            weight += event->count > 1 ? (uint64_t)event->count : 1;
        }
    }
    return weight;
}

static bool is_first(const struct ks_result *result, size_t index)
{
    const struct kldr_event *event = ks_event_log_at(result->events, index);
    for (size_t i = 0; i < index; i++) {
        if (same_finding(event, ks_event_log_at(result->events, i))) {
            return false;
        }
    }
    return true;
}

static void write_field(struct ks_text_buffer *out, const char *before, const char *text)
{
    if (text != NULL) {
        ks_text_buffer_text(out, before);
        ks_text_buffer_visible(out, text);
    }
}

static void begin_line(struct ks_text_buffer *out, const char *text)
{
    ks_text_buffer_text(out, "  ");
    ks_text_buffer_text(out, text);
}

// A reference that holds no count is what is wrong then, and no fault makes one.
static bool is_uncounted(const struct ks_result *result, const struct kldr_event *finding)
{
    bool found = false;
    for (size_t i = 0; i < event_count(result) && !found; i++) {
        const struct kldr_event *event = ks_event_log_at(result->events, i);
        found =
            event->kind == KLDR_EVENT_FINDING && same_text(event->reason, "uncounted-reference") &&
            same_text(event->module, finding->module) && same_text(event->target, finding->target);
    }
    return found;
}

static void judge_findings(const struct ks_result *baseline, const struct ks_result *faulted,
                           struct ks_text_buffer *out)
{
    for (size_t i = 0; i < event_count(faulted); i++) {
        const struct kldr_event *event = ks_event_log_at(faulted->events, i);
        if (!is_grave(event) || !is_first(faulted, i) || is_uncounted(faulted, event) ||
            is_uncounted(baseline, event)) {
            continue;
        }
        uint64_t now = weigh(faulted, event), before = weigh(baseline, event);
        if (now > before) {
            begin_line(out, "finding  ");
            ks_text_buffer_visible(out, event->reason);
            write_field(out, "  ", event->module);
            write_field(out, "  to ", event->target);
            write_field(out, "  ", event->symbol);
            write_field(out, "  ", event->argument);
            ks_text_buffer_text(out, "  ");
            ks_text_buffer_unsigned(out, now);
            ks_text_buffer_text(out, ", without the fault ");
            ks_text_buffer_unsigned(out, before);
            ks_text_buffer_char(out, '\n');
        }
    }
}

// ---- the end of the run ----

static bool same_stop(const struct ks_result *left, const struct ks_result *right)
{
    return left->has_bugcheck && left->bugcheck.code == right->bugcheck.code &&
           strcmp(left->bugcheck.module, right->bugcheck.module) == 0;
}

static void judge_end(const struct ks_result *baseline, const struct ks_result *faulted,
                      struct ks_text_buffer *out)
{
    const struct kldr_bugcheck *stop = &faulted->bugcheck;
    if (faulted->has_bugcheck && !same_stop(baseline, faulted)) {
        begin_line(out, stop->code >= OWN_CODES ? "stop     kldr's own " : "stop     ");
        ks_text_buffer_hex(out, stop->code, 1);
        if (stop->module[0] != '\0') {
            write_field(out, " in ", stop->module);
            ks_text_buffer_text(out, "+");
            ks_text_buffer_hex(out, stop->offset, 1);
        }
        ks_text_buffer_char(out, '\n');
    }
    bool bad = faulted->outcome == KS_STOPPED || faulted->outcome == KS_LIMIT ||
               faulted->outcome == KS_INTERNAL;
    if (!faulted->has_bugcheck && bad) {
        begin_line(out, ks_outcome_name(faulted->outcome));
        write_field(out, "  ", faulted->reason);
        ks_text_buffer_char(out, '\n');
    }
}

// ---- modules that stay ----

static bool stays(const struct ks_result *result, size_t index)
{
    uint32_t id = ks_event_log_at(result->events, index)->module_id;
    for (size_t i = index + 1; i < event_count(result); i++) {
        const struct kldr_event *event = ks_event_log_at(result->events, i);
        if (event->module_id == id && (event->kind == KLDR_EVENT_IMAGE_UNLISTED ||
                                       event->kind == KLDR_EVENT_IMAGE_UNMAPPED)) {
            return false;
        }
    }
    return true;
}

static bool stays_named(const struct ks_result *result, const char *name)
{
    for (size_t i = 0; i < event_count(result); i++) {
        const struct kldr_event *event = ks_event_log_at(result->events, i);
        if (event->kind == KLDR_EVENT_IMAGE_LISTED && event->module != NULL &&
            ks_same_name(event->module, name) && stays(result, i)) {
            return true;
        }
    }
    return false;
}

// The end of a step from an event on, its index in *index; NULL: there is none.
static const struct kldr_event *next_end(const struct ks_result *result, size_t *index)
{
    for (; *index < event_count(result); (*index)++) {
        const struct kldr_event *event = ks_event_log_at(result->events, *index);
        if (event->kind == KLDR_EVENT_STEP_END) {
            return event;
        }
    }
    return NULL;
}

// Whether all steps, nested ones too, ended with the same status.
static bool same_steps(const struct ks_result *baseline, const struct ks_result *faulted)
{
    size_t left = 0, right = 0;
    for (;; left++, right++) {
        const struct kldr_event *a = next_end(baseline, &left), *b = next_end(faulted, &right);
        if (a == NULL || b == NULL) {
            return a == b;
        }
        if (a->has != b->has || a->status != b->status) {
            return false;
        }
    }
}

// R19: a count that is lost for good, as that kernel has it.
static bool is_lost_list(const struct ks_result *faulted, const struct ks_fault_site *site)
{
    return site->operation == KLDR_FAULT_IMPORT_LIST &&
           faulted->policy.value[KLDR_KNOB_LOST_IMPORT_LIST] == KLDR_LOST_IMPORT_LIST_CARRY_ON;
}

// Somebody who is told of a failure may well leave a module: only silence is judged.
static void judge_modules(const struct ks_result *baseline, const struct ks_result *faulted,
                          struct ks_text_buffer *out)
{
    if (faulted->outcome != KS_PASSED || !same_steps(baseline, faulted)) {
        return;
    }
    for (size_t i = 0; i < event_count(faulted); i++) {
        const struct kldr_event *event = ks_event_log_at(faulted->events, i);
        if (event->kind == KLDR_EVENT_IMAGE_LISTED && event->module != NULL && stays(faulted, i) &&
            !stays_named(baseline, event->module)) {
            begin_line(out, "stays    ");
            ks_text_buffer_visible(out, event->module);
            ks_text_buffer_text(out, ", and all steps end as they do without the fault\n");
        }
    }
}

bool ks_fault_sweep_judge(const struct ks_fault_site *site, const struct ks_result *baseline,
                          const struct ks_result *faulted, struct ks_text_buffer *out)
{
    size_t before = out->size;
    judge_end(baseline, faulted, out);
    judge_findings(baseline, faulted, out);
    if (!is_lost_list(faulted, site)) {
        judge_modules(baseline, faulted, out);
    }
    return out->size > before || out->failed;
}
