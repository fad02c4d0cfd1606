// SPDX-License-Identifier: MIT
#include "cli/run_accept.h"
#include "cli/commands.h"
#include "platform.h"
#include "scenario/accept.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// One file while it is accepted.
struct job {
    const struct ks_run_context *context;
    struct ks_run_hand *hand;
    const struct ks_run_item *items; // all of one source
    size_t count;
    struct ks_result **results;  // as the file is
    struct ks_parse_result next; // as it would be
    struct ks_result **next_results;
};

static void free_results(struct ks_result **results, size_t count)
{
    for (size_t i = 0; results != NULL && i < count; i++) {
        ks_result_free(results[i]);
    }
    free(results);
}

// Runs the items, with their scenarios taken from file. NULL when memory is out.
static struct ks_result **run_items(const struct job *job, const struct ks_run_context *context,
                                    const struct ks_scenario_file *file)
{
    struct ks_result **results = calloc(job->count, sizeof(struct ks_result *));
    for (size_t i = 0; results != NULL && i < job->count; i++) {
        struct ks_run_item item = job->items[i];
        item.scenario = &file->scenarios[item.scenario->index];
        results[i] = ks_result_clone(ks_run_item(context, job->hand, &item));
        if (results[i] == NULL) {
            free_results(results, job->count);
            return NULL;
        }
    }
    return results;
}

static size_t count_failed(struct ks_result *const *results, size_t count)
{
    size_t failed = 0;
    for (size_t i = 0; i < count; i++) {
        failed += ks_result_verdict(results[i]) == KS_VERDICT_FAILED;
    }
    return failed;
}

// ---- the new text ----

static void leave_alone(const struct job *job, const char *why)
{
    fprintf(stderr, "kldr run: %s is left alone: %s\n", job->items[0].source->path, why);
}

// Runs the new text. It must parse, hold the same scenarios, and pass.
static bool verify(struct job *job, const char *text, size_t size)
{
    const struct ks_scenario_file *old = job->items[0].scenario->file;
    struct ks_run_context context = *job->context;
    context.want_edits = false;
    if (ks_scenario_parse(old->path, text, size, &job->next) != KLDR_STATUS_SUCCESS ||
        job->next.file->scenario_count != old->scenario_count) {
        leave_alone(job, "the text it would get is not a valid scenario file");
        return false;
    }
    job->next_results = run_items(job, &context, job->next.file);
    if (job->next_results == NULL) {
        leave_alone(job, "not enough memory");
        return false;
    }
    if (count_failed(job->next_results, job->count) > 0) {
        leave_alone(job, "it would not pass with what was found");
        return false;
    }
    return true;
}

// Writes the new text unless somebody else changed the file meanwhile.
static bool replace_file(const struct job *job, const char *text, size_t size)
{
    const struct ks_scenario_file *old = job->items[0].scenario->file;
    const char *path = job->items[0].source->path;
    uint8_t *bytes = NULL;
    size_t now = 0;
    enum ks_io io = ks_platform_read_file(path, old->size, &bytes, &now);
    bool same = io == KS_IO_OK && now == old->size && memcmp(bytes, old->text, now) == 0;
    free(bytes);
    if (!same) {
        leave_alone(job, "it was changed while it was run");
        return false;
    }
    io = ks_platform_write_file(path, text, size);
    if (io != KS_IO_OK) {
        leave_alone(job, ks_platform_io_text(io));
    }
    return io == KS_IO_OK;
}

static size_t count_edits(const struct job *job)
{
    size_t edits = 0;
    for (size_t i = 0; i < job->count; i++) {
        edits += job->results[i]->edit_count;
    }
    return edits;
}

// KS_EXIT_OK when the file was changed, or nothing of it can be.
static int accept_file(struct job *job, bool *out_changed)
{
    const struct ks_scenario_file *file = job->items[0].scenario->file;
    const struct ks_result *const *results = (const struct ks_result *const *)job->results;
    struct kldr_error error = {0};
    char *text = NULL;
    size_t size = 0;
    if (count_edits(job) == 0) {
        return KS_EXIT_OK;
    }
    kldr_status status = ks_accept(file, results, job->count, &text, &size, &error);
    if (status == KLDR_ERROR_NOT_FOUND) {
        return KS_EXIT_OK;
    }
    if (status != KLDR_STATUS_SUCCESS) {
        char why[KLDR_DETAIL_SIZE * 2];
        kldr_error_format(&error, why, sizeof(why));
        leave_alone(job, why);
        return status == KLDR_ERROR_UNSUPPORTED ? KS_EXIT_FAILED : KS_EXIT_LIMIT;
    }
    bool verified = verify(job, text, size);
    bool written = verified && replace_file(job, text, size);
    free(text);
    *out_changed = written;
    return written ? KS_EXIT_OK : verified ? KS_EXIT_USAGE : KS_EXIT_FAILED;
}

// ---- all files ----

static int run_file(struct job *job, struct ks_run_output *output)
{
    bool changed = false;
    job->results = run_items(job, job->context, job->items[0].scenario->file);
    if (job->results == NULL) {
        leave_alone(job, "not enough memory");
        return KS_EXIT_LIMIT;
    }
    int code = accept_file(job, &changed);
    struct ks_result **shown = changed ? job->next_results : job->results;
    for (size_t i = 0; i < job->count; i++) {
        ks_run_output_item(output, &job->items[i], shown[i]);
    }
    if (changed) {
        size_t edits = count_edits(job);
        fprintf(stderr, "kldr run: %s: %zu %s accepted\n", job->items[0].source->path, edits,
                edits == 1 ? "value" : "values");
    }
    return code;
}

static void job_fini(struct job *job)
{
    free_results(job->results, job->count);
    free_results(job->next_results, job->count);
    ks_scenario_file_destroy(job->next.file);
    ks_parse_result_fini(&job->next);
}

int ks_run_accept(const struct ks_run_context *context, const struct ks_run_selection *selection,
                  struct ks_run_output *output)
{
    struct ks_run_hand hand;
    bool made = ks_run_hand_init(&hand);
    int code = made ? KS_EXIT_OK : KS_EXIT_LIMIT;
    size_t begin = 0;
    while (made && begin < selection->item_count) {
        const struct ks_run_item *items = &selection->items[begin];
        size_t end = begin + 1;
        if (items[0].scenario == NULL) {
            ks_run_output_item(output, items, NULL);
        } else {
            while (end < selection->item_count && selection->items[end].source == items[0].source) {
                end++;
            }
            struct job job = {context, &hand, items, end - begin, NULL, {0}, NULL};
            code = ks_exit_code_worse(code, run_file(&job, output));
            job_fini(&job);
        }
        begin = end;
    }
    ks_run_hand_fini(&hand);
    return code;
}
