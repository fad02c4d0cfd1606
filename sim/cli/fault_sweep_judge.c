// SPDX-License-Identifier: MIT
// What a fault may do and what not. Steps that fail, and all that follows from it, are normal.
#include "cli/commands.h"
#include "cli/fault_sweep.h"
#include "engine/native_source.h"
#include "output/json_writer.h"
#include "world/service.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

// Beginnings of the findings that no failed operation excuses.
static const char *const grave[] = {"dangling-",        "freed-pool-written", "kept-argument",
                                    "leaked-",          "pending-mismatch",   "unbound-import",
                                    "work-after-unload"};

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

// ---- what is said ----

// Writes the same as text and as JSON.
struct words {
    struct ks_text_buffer *text;
    struct ks_json json;
    int code;
};

static void begin(struct words *words, const char *text, const char *kind, int code)
{
    words->code = ks_exit_code_worse(words->code, code);
    ks_text_buffer_text(words->text, "  ");
    ks_text_buffer_text(words->text, text);
    ks_json_begin_object(&words->json);
    ks_json_key_text(&words->json, "kind", kind);
}

static void end(struct words *words)
{
    ks_text_buffer_char(words->text, '\n');
    ks_json_end_object(&words->json);
}

static void write_field(struct words *words, const char *before, const char *key, const char *value)
{
    if (value != NULL && value[0] != '\0') {
        ks_text_buffer_text(words->text, before);
        ks_text_buffer_visible(words->text, value);
        ks_json_key_text(&words->json, key, value);
    }
}

static void write_count(struct words *words, const char *before, const char *key, uint64_t count)
{
    ks_text_buffer_text(words->text, before);
    ks_text_buffer_unsigned(words->text, count);
    ks_json_key_unsigned(&words->json, key, count);
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

// Where in the code what a finding is about was made, a line for each place.
static void write_places(struct words *words, const char *places)
{
    ks_json_key(&words->json, "places");
    ks_json_begin_array(&words->json);
    for (const char *at = places; *at != '\0';) {
        char place[KS_NATIVE_PLACE_SIZE];
        size_t length = strcspn(at, "\n");
        snprintf(place, sizeof place, "%.*s", (int)length, at);
        ks_text_buffer_text(words->text, "\n           at ");
        ks_text_buffer_visible(words->text, place);
        ks_json_text(&words->json, place);
        at += length + (at[length] == '\n');
    }
    ks_json_end_array(&words->json);
}

static void tell_finding(struct words *words, const struct kldr_event *event, uint64_t now,
                         uint64_t before)
{
    begin(words, "finding  ", "finding", KS_EXIT_FAILED);
    write_field(words, "", "finding", event->reason);
    write_field(words, "  ", "module", event->module);
    write_field(words, "  to ", "target", event->target);
    write_field(words, "  ", "symbol", event->symbol);
    write_field(words, "  ", "argument", event->argument);
    write_count(words, "  ", "count", now);
    write_count(words, ", without the fault ", "without_fault", before);
    if (event->stack != NULL && event->stack[0] != '\0') {
        write_places(words, event->stack);
    }
    end(words);
}

static void judge_findings(const struct ks_result *baseline, const struct ks_result *faulted,
                           struct words *words)
{
    for (size_t i = 0; i < event_count(faulted); i++) {
        const struct kldr_event *event = ks_event_log_at(faulted->events, i);
        if (!is_grave(event) || !is_first(faulted, i) || is_uncounted(faulted, event) ||
            is_uncounted(baseline, event)) {
            continue;
        }
        uint64_t now = weigh(faulted, event), before = weigh(baseline, event);
        if (now > before) {
            tell_finding(words, event, now, before);
        }
    }
}

// ---- the end of the run ----

static bool same_stop(const struct ks_result *left, const struct ks_result *right)
{
    return left->has_bugcheck && left->bugcheck.code == right->bugcheck.code &&
           strcmp(left->bugcheck.module, right->bugcheck.module) == 0;
}

static const struct kldr_event *stop_event(const struct ks_result *result)
{
    for (size_t i = event_count(result); i > 0; i--) {
        const struct kldr_event *event = ks_event_log_at(result->events, i - 1);
        if (event->kind == KLDR_EVENT_BUGCHECK) {
            return event;
        }
    }
    return NULL;
}

// Function and line behind the module and offset that the stop names, as its stack has them:
// " (DriverEntry, port.c:10)". out is empty when it does not.
static void find_source(const struct kldr_event *event, const struct kldr_bugcheck *stop, char *out,
                        size_t size)
{
    char place[KLDR_NAME_SIZE + 16];
    int length = snprintf(place, sizeof place, "%s+0x%" PRIx32 " (", stop->module, stop->offset);
    const char *at = event != NULL && event->stack != NULL ? event->stack : "";
    out[0] = '\0';
    while (*at != '\0' && strncmp(at, place, (size_t)length) != 0) {
        at += strcspn(at, "\n");
        at += *at == '\n';
    }
    if (*at != '\0') {
        at += length;
        snprintf(out, size, "%.*s", (int)strcspn(at, ")\n"), at);
    }
}

static void tell_stop(struct words *words, const struct ks_result *faulted)
{
    const struct kldr_bugcheck *stop = &faulted->bugcheck;
    const struct kldr_event *event = stop_event(faulted);
    struct kldr_stop_code_info info;
    char source[256];
    begin(words, "stop     ", "stop", KS_EXIT_STOPPED);
    ks_text_buffer_hex(words->text, stop->code, 1);
    ks_json_key_hex(&words->json, "code", stop->code, 8);
    if (kldr_stop_code_find(stop->code, &info)) {
        write_field(words, " ", "name", info.name);
    }
    if (stop->module[0] != '\0') {
        write_field(words, " in ", "module", stop->module);
        ks_text_buffer_text(words->text, "+");
        ks_text_buffer_hex(words->text, stop->offset, 1);
        ks_json_key_unsigned(&words->json, "offset", stop->offset);
        find_source(event, stop, source, sizeof source);
        write_field(words, " (", "place", source);
        ks_text_buffer_text(words->text, source[0] != '\0' ? ")" : "");
    }
    write_field(words, ": ", "text", event != NULL ? event->text : NULL);
    end(words);
}

static void judge_end(const struct ks_result *baseline, const struct ks_result *faulted,
                      struct words *words)
{
    bool bad = faulted->outcome == KS_STOPPED || faulted->outcome == KS_LIMIT ||
               faulted->outcome == KS_INTERNAL;
    if (faulted->has_bugcheck && !same_stop(baseline, faulted)) {
        tell_stop(words, faulted);
    } else if (!faulted->has_bugcheck && bad) {
        begin(words, "", "end", ks_outcome_exit_code(faulted->outcome));
        write_field(words, "", "outcome", ks_outcome_name(faulted->outcome));
        write_field(words, "  ", "reason", faulted->reason);
        end(words);
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

// How often a module's driver object was still needed when it was to go (H12): a device is left.
static unsigned count_held(const struct ks_result *result, const char *module,
                           const char **out_text)
{
    unsigned count = 0;
    for (size_t i = 0; i < event_count(result); i++) {
        const struct kldr_event *event = ks_event_log_at(result->events, i);
        if (event->kind == KLDR_EVENT_NOTE && same_text(event->reason, "driver-object-held") &&
            event->module != NULL && ks_same_name(event->module, module)) {
            *out_text = event->text;
            count++;
        }
    }
    return count;
}

static void tell_stay(struct words *words, const char *module, const char *why)
{
    begin(words, "stays    ", "stays", KS_EXIT_FAILED);
    write_field(words, "", "module", module);
    write_field(words, ", ", "why", why);
    end(words);
}

// Somebody who is told of a failure may well leave a module: only silence is judged, and devices
// that keep the module of their driver.
static void judge_modules(const struct ks_result *baseline, const struct ks_result *faulted,
                          struct words *words)
{
    bool same = same_steps(baseline, faulted);
    for (size_t i = 0; i < event_count(faulted); i++) {
        const struct kldr_event *event = ks_event_log_at(faulted->events, i);
        if (event->kind == KLDR_EVENT_IMAGE_LISTED && event->module != NULL && stays(faulted, i) &&
            !stays_named(baseline, event->module)) {
            const char *why = NULL, *before = NULL;
            if (count_held(faulted, event->module, &why) >
                count_held(baseline, event->module, &before)) {
                tell_stay(words, event->module, why);
            } else if (same) {
                tell_stay(words, event->module, "and all steps end as they do without the fault");
            }
        }
    }
}

int ks_fault_sweep_judge(const struct ks_result *baseline, const struct ks_result *faulted,
                         struct ks_sweep_verdict *verdict)
{
    struct words words = {.text = &verdict->text, .code = KS_EXIT_OK};
    ks_json_init(&words.json, &verdict->json);
    judge_end(baseline, faulted, &words);
    judge_findings(baseline, faulted, &words);
    if (faulted->outcome == KS_PASSED && !is_lost_list(faulted, verdict->site)) {
        judge_modules(baseline, faulted, &words);
    }
    return words.code;
}
