// SPDX-License-Identifier: MIT
// A result that outlives its runner: one block holds the texts, the event log is copied.

#include "scenario/run.h"

#include <stdlib.h>
#include <string.h>

struct clone {
    struct ks_result result;
    struct ks_event_log *log;
    char *texts, *next;
};

static size_t text_size(const char *text)
{
    return text != NULL ? strlen(text) + 1 : 0;
}

static size_t measure(const struct ks_result *result)
{
    size_t size = text_size(result->reason) + text_size(result->unisolated) + 1;
    for (size_t i = 0; i < result->failure_count; i++) {
        const struct ks_failure *failure = &result->failures[i];
        size += text_size(failure->key) + text_size(failure->wanted) + text_size(failure->got) +
                text_size(failure->message) + text_size(failure->note) + text_size(failure->why);
    }
    for (size_t i = 0; i < result->edit_count; i++) {
        const struct ks_accept_edit *edit = &result->edits[i];
        size += text_size(edit->key) + text_size(edit->subkey) + text_size(edit->text);
    }
    return size;
}

static const char *keep(struct clone *clone, const char *text)
{
    if (text == NULL) {
        return NULL;
    }
    size_t size = strlen(text) + 1;
    char *copy = memcpy(clone->next, text, size);
    clone->next += size;
    return copy;
}

static void copy_failures(struct clone *clone, const struct ks_result *from,
                          struct ks_failure *failures)
{
    for (size_t i = 0; i < from->failure_count; i++) {
        failures[i] = from->failures[i];
        failures[i].key = keep(clone, from->failures[i].key);
        failures[i].wanted = keep(clone, from->failures[i].wanted);
        failures[i].got = keep(clone, from->failures[i].got);
        failures[i].message = keep(clone, from->failures[i].message);
        failures[i].note = keep(clone, from->failures[i].note);
        failures[i].why = keep(clone, from->failures[i].why);
    }
    clone->result.failures = failures;
}

static void copy_edits(struct clone *clone, const struct ks_result *from,
                       struct ks_accept_edit *edits)
{
    for (size_t i = 0; i < from->edit_count; i++) {
        edits[i] = from->edits[i];
        edits[i].key = keep(clone, from->edits[i].key);
        edits[i].subkey = keep(clone, from->edits[i].subkey);
        edits[i].text = keep(clone, from->edits[i].text);
    }
    clone->result.edits = edits;
}

static bool copy_events(struct clone *clone, const struct ks_event_log *from)
{
    clone->log = ks_event_log_create();
    for (size_t i = 0; clone->log != NULL && from != NULL && i < ks_event_log_count(from); i++) {
        ks_event_log_append(clone->log, ks_event_log_at(from, i));
    }
    clone->result.events = clone->log;
    return clone->log != NULL && ks_event_log_complete(clone->log);
}

struct ks_result *ks_result_clone(const struct ks_result *result)
{
    struct clone *clone = calloc(1, sizeof *clone);
    struct ks_failure *failures = calloc(result->failure_count + 1, sizeof *failures);
    struct ks_accept_edit *edits = calloc(result->edit_count + 1, sizeof *edits);
    char *texts = malloc(measure(result));
    if (clone == NULL || failures == NULL || edits == NULL || texts == NULL) {
        free(clone);
        free(failures);
        free(edits);
        free(texts);
        return NULL;
    }
    clone->result = *result;
    clone->result.fault_sites = NULL;
    clone->result.fault_site_count = 0;
    clone->result.answer = NULL;
    clone->texts = clone->next = texts;
    clone->result.reason = keep(clone, result->reason);
    clone->result.unisolated = keep(clone, result->unisolated);
    copy_failures(clone, result, failures);
    copy_edits(clone, result, edits);
    if (!copy_events(clone, result->events)) {
        ks_result_free(&clone->result);
        return NULL;
    }
    return &clone->result;
}

void ks_result_free(struct ks_result *result)
{
    if (result == NULL) {
        return;
    }
    struct clone *clone = (struct clone *)(void *)result; // result is clone's first member
    ks_event_log_destroy(clone->log);
    free((void *)(uintptr_t)result->failures);
    free((void *)(uintptr_t)result->edits);
    free(clone->texts);
    free(clone);
}
