// SPDX-License-Identifier: MIT
// kldr run --accept; see accept.h.
//
// Edits are gathered over all results of the file. An edit of a value under expect_by_profile is
// that profile's own affair and is made where it stands. Edits of values under expect are taken key
// by key: where every profile that uses the value wants the same, the value is replaced; else it
// stays for the profiles for which it holds, and the others get the key under expect_by_profile.
// When it holds for none, the first profile of the scenario gets the place.
#include "scenario/accept.h"

#include "scenario/accept/accept_keys.h"
#include "scenario/accept/accept_overlay.h"
#include "scenario/accept/accept_value.h"
#include "scenario/parse.h"

#include <stdlib.h>
#include <string.h>

// An edit of a value under expect, and who asks for it.
struct change {
    const struct ks_result *result;
    const struct ks_accept_edit *edit;
    bool done; // its key has been decided
};

// What one profile wants of one key of one step. No edits: the value holds.
struct wish {
    const struct ks_accept_edit **edits;
    size_t count;
};

struct job {
    const struct ks_scenario_file *file;
    const struct ks_result *const *results;
    size_t result_count;
    struct ks_accept_text edits;
    struct change *changes;
    size_t change_count;
    struct ks_accept_overlay *overlays;
    size_t overlay_count;
    struct kldr_error *error;
};

static kldr_status refuse(const struct job *job, const struct ks_place *place, const char *why)
{
    kldr_error_set(job->error, KLDR_ERROR_UNSUPPORTED, KLDR_ORIGIN_HOST, KLDR_STAGE_INPUT, "%s",
                   why);
    if (job->error != NULL) {
        strncpy(job->error->file, job->file->path, sizeof(job->error->file) - 1);
        job->error->line = place->line;
        job->error->column = place->column;
    }
    return KLDR_ERROR_UNSUPPORTED;
}

// ---- gathering ----

static size_t count_edits(const struct job *job)
{
    size_t count = 0;

    for (size_t i = 0; i < job->result_count; i++) {
        count += job->results[i]->edit_count;
    }
    return count;
}

// Sends each edit where it belongs.
static kldr_status gather(struct job *job)
{
    for (size_t i = 0; i < job->result_count; i++) {
        const struct ks_result *result = job->results[i];

        for (size_t k = 0; k < result->edit_count; k++) {
            const struct ks_accept_edit *edit = &result->edits[k];

            if (edit->place.end <= edit->place.begin || edit->place.end > job->file->size) {
                return refuse(job, &edit->step->place,
                              "the failing value is not written in the file");
            }
            if (ks_accept_keys_inside(&edit->place, &edit->step->expect.place)) {
                job->changes[job->change_count++] = (struct change){result, edit, false};
            } else {
                ks_accept_value_replace(&job->edits, job->file, &edit->place, edit->text);
            }
        }
    }
    return KLDR_STATUS_SUCCESS;
}

// ---- who uses a value ----

static bool is_listed(const struct ks_step *step, enum kldr_profile profile)
{
    if (step->only == NULL) {
        return true;
    }
    for (size_t i = 0; i < step->only_count; i++) {
        if (strcmp(step->only[i], kldr_profile_name(profile)) == 0) {
            return true;
        }
    }
    return false;
}

static bool is_run(const struct job *job, const struct ks_scenario *scenario,
                   enum kldr_profile profile)
{
    for (size_t i = 0; i < scenario->profile_count; i++) {
        if (scenario->profiles[i] == profile && scenario->skip_all == NULL) {
            return scenario->skip_profile[profile] == NULL;
        }
    }
    for (size_t i = 0; i < job->result_count; i++) {
        const struct ks_result *result = job->results[i];

        if (result->scenario == scenario && result->profile == profile) {
            return result->outcome != KS_SKIPPED;
        }
    }
    return false;
}

// True when the profile has a value of its own for the key.
static bool has_own_value(const struct ks_step *step, const char *key, enum kldr_profile profile)
{
    const struct ks_expect *own = &step->by_profile[profile];
    const struct ks_place *place = own->given ? ks_accept_keys_place(own, key) : NULL;

    return place != NULL && !ks_accept_keys_inside(place, &step->expect.place);
}

static bool uses_value(const struct job *job, const struct change *change,
                       enum kldr_profile profile)
{
    const struct ks_step *step = change->edit->step;

    return is_run(job, change->result->scenario, profile) && is_listed(step, profile) &&
           !has_own_value(step, change->edit->key, profile);
}

// ---- deciding ----

static bool same_edit(const struct ks_accept_edit *a, const struct ks_accept_edit *b)
{
    return a->place.begin == b->place.begin && strcmp(a->text, b->text) == 0;
}

static bool same_wish(const struct wish *a, const struct wish *b)
{
    if (a->count != b->count) {
        return false;
    }
    for (size_t i = 0; i < a->count; i++) {
        if (!same_edit(a->edits[i], b->edits[i])) {
            return false;
        }
    }
    return true;
}

// Adds an edit to a wish. The expectations of a routine are judged at each of its runs (A78), so
// the same value can come twice.
static kldr_status add_edit(struct job *job, struct wish *wish, const struct ks_accept_edit *edit)
{
    for (size_t i = 0; i < wish->count; i++) {
        if (same_edit(wish->edits[i], edit)) {
            return KLDR_STATUS_SUCCESS;
        }
        if (wish->edits[i]->place.begin == edit->place.begin) {
            return refuse(job, &edit->place,
                          "the routine ran several times with different outcomes");
        }
    }
    wish->edits[wish->count++] = edit;
    return KLDR_STATUS_SUCCESS;
}

// Collects what all profiles want of the key of a change, and marks these changes as done. storage
// has room for all changes.
static kldr_status collect(struct job *job, const struct change *first,
                           struct wish wishes[KLDR_PROFILE_COUNT],
                           const struct ks_accept_edit **storage)
{
    for (int p = 0; p < KLDR_PROFILE_COUNT; p++) {
        wishes[p] = (struct wish){storage, 0};
        for (size_t i = 0; i < job->change_count; i++) {
            struct change *change = &job->changes[i];
            kldr_status status;

            if (change->edit->step != first->edit->step || (int)change->result->profile != p ||
                strcmp(change->edit->key, first->edit->key) != 0) {
                continue;
            }
            status = add_edit(job, &wishes[p], change->edit);
            if (!KLDR_NT_SUCCESS(status)) {
                return status;
            }
            change->done = true;
        }
        storage += wishes[p].count;
    }
    return KLDR_STATUS_SUCCESS;
}

static kldr_status add_overlay(struct job *job, const struct change *change,
                               enum kldr_profile profile, const struct wish *wish)
{
    const struct ks_accept_edit *edit = change->edit;
    struct ks_accept_overlay *overlay = &job->overlays[job->overlay_count++];

    *overlay = (struct ks_accept_overlay){.step = edit->step, .profile = profile, .key = edit->key};
    if (!ks_accept_keys_render(&overlay->text, &edit->step->expect, edit->key, wish->edits,
                               wish->count)) {
        return refuse(job, &edit->place, "the failing entry was not found");
    }
    return overlay->text.failed ? KLDR_ERROR_OUT_OF_MEMORY : KLDR_STATUS_SUCCESS;
}

// The wish that is written into the value itself; NULL when the value holds for some profile that
// uses it.
static const struct wish *wish_for_all(const struct job *job, const struct change *change,
                                       const struct wish wishes[KLDR_PROFILE_COUNT])
{
    const struct ks_scenario *scenario = change->result->scenario;

    for (int p = 0; p < KLDR_PROFILE_COUNT; p++) {
        if (wishes[p].count == 0 && uses_value(job, change, (enum kldr_profile)p)) {
            return NULL;
        }
    }
    for (size_t i = 0; i < scenario->profile_count; i++) {
        if (wishes[scenario->profiles[i]].count != 0) {
            return &wishes[scenario->profiles[i]];
        }
    }
    return &wishes[change->result->profile];
}

// Decides about the key that a change is of.
static kldr_status decide(struct job *job, const struct change *change,
                          const struct ks_accept_edit **storage)
{
    struct wish wishes[KLDR_PROFILE_COUNT];
    const struct wish *common;
    kldr_status status = collect(job, change, wishes, storage);

    if (!KLDR_NT_SUCCESS(status)) {
        return status;
    }
    common = wish_for_all(job, change, wishes);
    for (size_t i = 0; common != NULL && i < common->count; i++) {
        ks_accept_value_replace(&job->edits, job->file, &common->edits[i]->place,
                                common->edits[i]->text);
    }
    for (int p = 0; p < KLDR_PROFILE_COUNT; p++) {
        if (wishes[p].count == 0 || (common != NULL && same_wish(&wishes[p], common))) {
            continue;
        }
        status = add_overlay(job, change, (enum kldr_profile)p, &wishes[p]);
        if (!KLDR_NT_SUCCESS(status)) {
            return status;
        }
    }
    return KLDR_STATUS_SUCCESS;
}

static kldr_status decide_all(struct job *job)
{
    const struct ks_accept_edit **storage = calloc(job->change_count + 1, sizeof(*storage));
    kldr_status status = storage != NULL ? KLDR_STATUS_SUCCESS : KLDR_ERROR_OUT_OF_MEMORY;

    for (size_t i = 0; KLDR_NT_SUCCESS(status) && i < job->change_count; i++) {
        if (!job->changes[i].done) {
            status = decide(job, &job->changes[i], storage);
        }
    }
    free(storage);
    return status;
}

static void write_overlays(struct job *job)
{
    for (size_t i = 0; i < job->overlay_count; i++) {
        const struct ks_step *step = job->overlays[i].step;
        bool seen = false;

        for (size_t k = 0; k < i; k++) {
            seen = seen || job->overlays[k].step == step;
        }
        if (!seen) {
            ks_accept_overlay_write(&job->edits, job->file, step, job->overlays,
                                    job->overlay_count);
        }
    }
}

// ---- the new text ----

static kldr_status check(const struct job *job, const char *text, size_t size)
{
    struct ks_parse_result parsed = {0};
    kldr_status status = ks_scenario_parse(job->file->path, text, size, &parsed);

    if (status == KLDR_ERROR_SCENARIO) {
        const struct ks_diagnostics *found = &parsed.diagnostics;

        if (found->count != 0) {
            status = refuse(job, &found->items[0].place, found->items[0].message);
        } else {
            status = KLDR_ERROR_UNSUPPORTED;
        }
    }
    ks_scenario_file_destroy(parsed.file);
    ks_parse_result_fini(&parsed);
    return status;
}

static kldr_status make_text(struct job *job, char **out_text, size_t *out_size)
{
    struct ks_place clash = {0};
    size_t at = 0, size = 0;
    char *text = NULL;
    kldr_status status;

    status = ks_accept_text_apply(&job->edits, job->file->text, job->file->size, &text, &size, &at);
    if (status == KLDR_ERROR_UNSUPPORTED) {
        clash.begin = at;
        return refuse(job, &clash, "one value would get two different new texts");
    }
    if (KLDR_NT_SUCCESS(status)) {
        status = check(job, text, size);
    }
    if (!KLDR_NT_SUCCESS(status)) {
        free(text);
        return status;
    }
    *out_text = text;
    *out_size = size;
    return KLDR_STATUS_SUCCESS;
}

static kldr_status run(struct job *job, char **out_text, size_t *out_size)
{
    kldr_status status = gather(job);

    if (KLDR_NT_SUCCESS(status)) {
        status = decide_all(job);
    }
    if (!KLDR_NT_SUCCESS(status)) {
        return status;
    }
    write_overlays(job);
    return make_text(job, out_text, out_size);
}

kldr_status ks_accept(const struct ks_scenario_file *file, const struct ks_result *const *results,
                      size_t result_count, char **out_text, size_t *out_size,
                      struct kldr_error *error)
{
    struct job job = {
        .file = file, .results = results, .result_count = result_count, .error = error};
    size_t edit_count = count_edits(&job);
    kldr_status status = KLDR_ERROR_OUT_OF_MEMORY;

    kldr_error_clear(error);
    if (edit_count == 0) {
        return KLDR_ERROR_NOT_FOUND;
    }
    job.changes = calloc(edit_count, sizeof(*job.changes));
    job.overlays = calloc(edit_count, sizeof(*job.overlays));
    if (job.changes != NULL && job.overlays != NULL) {
        status = run(&job, out_text, out_size);
    }
    for (size_t i = 0; i < job.overlay_count; i++) {
        ks_text_buffer_fini(&job.overlays[i].text);
    }
    free(job.overlays);
    free(job.changes);
    ks_accept_text_fini(&job.edits);
    return status;
}
