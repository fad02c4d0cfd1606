// SPDX-License-Identifier: MIT
#include "worker/reply.h"

#include "scenario/walk.h"

#include <stdlib.h>
#include <string.h>

#define VERSION       3u
#define FAILURE_LEAST 64 // bytes of a failure, of an edit and of an event on the wire
#define EDIT_LEAST    40
#define EVENT_LEAST   96
#define DEPTH_DEFAULT 256u
#define NO_STEP       UINT32_MAX

// Every member of a result travels, or is known to the reader.
_Static_assert(sizeof(void *) != 8 || sizeof(struct ks_failure) == 96,
               "a new member of struct ks_failure has to be written and read here");
_Static_assert(sizeof(void *) != 8 || sizeof(struct ks_accept_edit) == 56,
               "a new member of struct ks_accept_edit has to be written and read here");

// ---- steps ----

// The steps of a scenario by number, in the order of ks_walk_scenario.
struct step_table {
    const struct ks_step **steps;
    size_t count;
    bool filling;
};

static bool add_step(void *user, const struct ks_step *step)
{
    struct step_table *table = user;
    if (table->filling) {
        table->steps[table->count] = step;
    }
    table->count++;
    return true;
}

static bool step_table_init(struct step_table *table, const struct ks_scenario *scenario)
{
    const struct ks_walk walk = {.step = add_step, .user = table};
    *table = (struct step_table){0};
    ks_walk_scenario(scenario, &walk);
    table->steps = calloc(table->count + 1, sizeof(const struct ks_step *));
    if (table->steps == NULL) {
        return false;
    }
    table->count = 0;
    table->filling = true;
    ks_walk_scenario(scenario, &walk);
    return true;
}

static void step_table_fini(struct step_table *table)
{
    free((void *)table->steps);
}

static void put_step(struct ks_wire_writer *writer, const struct step_table *table,
                     const struct ks_step *step)
{
    uint32_t number = NO_STEP;
    for (size_t i = 0; step != NULL && i < table->count && number == NO_STEP; i++) {
        number = table->steps[i] == step ? (uint32_t)i : NO_STEP;
    }
    ks_wire_put32(writer, number);
}

static const struct ks_step *get_step(struct ks_wire_reader *reader, const struct step_table *table)
{
    uint32_t number = ks_wire_get32(reader);
    if (number == NO_STEP || reader->bad) {
        return NULL;
    }
    if (number >= table->count) {
        reader->bad = true;
        return NULL;
    }
    return table->steps[number];
}

// ---- places ----

static void put_place(struct ks_wire_writer *writer, const struct ks_place *place)
{
    ks_wire_put32(writer, place->line);
    ks_wire_put32(writer, place->column);
    ks_wire_put64(writer, place->begin);
    ks_wire_put64(writer, place->end);
}

static struct ks_place get_place(struct ks_wire_reader *reader, const struct ks_scenario *scenario)
{
    uint32_t line = ks_wire_get32(reader), column = ks_wire_get32(reader);
    uint64_t begin = ks_wire_get64(reader), end = ks_wire_get64(reader);
    if (begin > end || end > scenario->file->size) {
        reader->bad = true;
        return (struct ks_place){0};
    }
    return (struct ks_place){line, column, (size_t)begin, (size_t)end};
}

// ---- writing ----

static void put_failures(struct ks_wire_writer *writer, const struct ks_result *result,
                         const struct step_table *table)
{
    ks_wire_put64(writer, result->failure_count);
    for (size_t i = 0; i < result->failure_count; i++) {
        const struct ks_failure *failure = &result->failures[i];
        put_step(writer, table, failure->step);
        ks_wire_put32(writer, failure->step_number);
        put_place(writer, &failure->place);
        ks_wire_put_text(writer, failure->key);
        ks_wire_put_text(writer, failure->wanted);
        ks_wire_put_text(writer, failure->got);
        ks_wire_put_text(writer, failure->message);
        ks_wire_put_text(writer, failure->note);
        ks_wire_put_text(writer, failure->why);
        ks_wire_put64(writer, failure->event_count);
    }
}

static void put_edits(struct ks_wire_writer *writer, const struct ks_result *result,
                      const struct step_table *table)
{
    ks_wire_put64(writer, result->edit_count);
    for (size_t i = 0; i < result->edit_count; i++) {
        const struct ks_accept_edit *edit = &result->edits[i];
        put_step(writer, table, edit->step);
        put_place(writer, &edit->place);
        ks_wire_put_text(writer, edit->key);
        ks_wire_put_text(writer, edit->subkey);
        ks_wire_put_text(writer, edit->text);
    }
}

static void put_bugcheck(struct ks_wire_writer *writer, const struct ks_result *result)
{
    const struct kldr_bugcheck *bugcheck = &result->bugcheck;
    ks_wire_put_flag(writer, result->has_bugcheck);
    if (result->has_bugcheck) {
        ks_wire_put32(writer, bugcheck->code);
        for (size_t i = 0; i < KLDR_EVENT_PARAMETERS; i++) {
            ks_wire_put64(writer, bugcheck->parameters[i]);
        }
        ks_wire_put_text(writer, bugcheck->module);
        ks_wire_put32(writer, bugcheck->offset);
    }
}

static void put_events(struct ks_wire_writer *writer, const struct ks_event_log *log)
{
    size_t count = log != NULL ? ks_event_log_count(log) : 0;
    ks_wire_put_flag(writer, log != NULL);
    ks_wire_put64(writer, count);
    for (size_t i = 0; i < count; i++) {
        ks_worker_event_write(writer, ks_event_log_at(log, i));
    }
}

void ks_worker_reply_write(struct ks_wire_writer *writer, const struct ks_result *result)
{
    struct step_table table;
    if (!step_table_init(&table, result->scenario)) {
        writer->out_of_memory = true;
        return;
    }
    ks_wire_put32(writer, VERSION);
    ks_wire_put32(writer, (uint32_t)result->outcome);
    ks_wire_put_text(writer, result->reason);
    ks_wire_put_text(writer, result->unisolated);
    ks_wire_put32(writer, result->steps_run);
    ks_wire_put32(writer, result->expectations);
    ks_wire_put32(writer, result->finding_count);
    ks_wire_put_flag(writer, result->ran_no_code);
    put_bugcheck(writer, result);
    put_events(writer, result->events);
    ks_worker_sites_write(writer, result);
    put_failures(writer, result, &table);
    put_edits(writer, result, &table);
    ks_wire_put_text(writer, result->answer);
    ks_wire_put32(writer, result->answered_after);
    step_table_fini(&table);
}

// ---- reading ----

static void get_bugcheck(struct ks_wire_reader *reader, struct ks_result *result)
{
    struct kldr_bugcheck *bugcheck = &result->bugcheck;
    result->has_bugcheck = ks_wire_get_flag(reader);
    if (!result->has_bugcheck) {
        return;
    }
    bugcheck->code = ks_wire_get32(reader);
    for (size_t i = 0; i < KLDR_EVENT_PARAMETERS; i++) {
        bugcheck->parameters[i] = ks_wire_get64(reader);
    }
    const char *module = ks_wire_get_some_text(reader);
    size_t length = strlen(module);
    if (length >= sizeof bugcheck->module) {
        reader->bad = true;
        return;
    }
    memcpy(bugcheck->module, module, length + 1);
    bugcheck->offset = ks_wire_get32(reader);
}

static enum ks_reply_read get_events(struct ks_wire_reader *reader, struct ks_worker_reply *reply)
{
    uint32_t limit = reply->result.scenario->limits.depth;
    uint32_t depth_most = limit != 0 ? limit : DEPTH_DEFAULT;
    bool given = ks_wire_get_flag(reader);
    size_t count = ks_wire_get_count(reader, EVENT_LEAST);
    if (!given) {
        return count == 0 ? KS_REPLY_READ : KS_REPLY_MALFORMED;
    }
    reply->log = ks_event_log_create();
    for (size_t i = 0; reply->log != NULL && i < count; i++) {
        struct kldr_event event;
        if (!ks_worker_event_read(reader, depth_most, &event)) {
            return KS_REPLY_MALFORMED;
        }
        ks_event_log_append(reply->log, &event);
    }
    reply->result.events = reply->log;
    return reply->log != NULL && ks_event_log_complete(reply->log) ? KS_REPLY_READ
                                                                   : KS_REPLY_NO_MEMORY;
}

static enum ks_reply_read get_failures(struct ks_wire_reader *reader,
                                       const struct step_table *table,
                                       struct ks_worker_reply *reply)
{
    const struct ks_scenario *scenario = reply->result.scenario;
    size_t count = ks_wire_get_count(reader, FAILURE_LEAST);
    reply->failures = calloc(count + 1, sizeof *reply->failures);
    if (reply->failures == NULL) {
        return KS_REPLY_NO_MEMORY;
    }
    for (size_t i = 0; i < count && !reader->bad; i++) {
        struct ks_failure *failure = &reply->failures[i];
        failure->step = get_step(reader, table);
        failure->step_number = ks_wire_get32(reader);
        failure->place = get_place(reader, scenario);
        failure->key = ks_wire_get_some_text(reader);
        failure->wanted = ks_wire_get_some_text(reader);
        failure->got = ks_wire_get_some_text(reader);
        failure->message = ks_wire_get_some_text(reader);
        failure->note = ks_wire_get_some_text(reader);
        failure->why = ks_wire_get_text(reader);
        failure->event_count = (size_t)ks_wire_get64(reader);
    }
    reply->result.failures = reply->failures;
    reply->result.failure_count = count;
    return KS_REPLY_READ;
}

static enum ks_reply_read get_edits(struct ks_wire_reader *reader, const struct step_table *table,
                                    struct ks_worker_reply *reply)
{
    const struct ks_scenario *scenario = reply->result.scenario;
    size_t count = ks_wire_get_count(reader, EDIT_LEAST);
    reply->edits = calloc(count + 1, sizeof *reply->edits);
    if (reply->edits == NULL) {
        return KS_REPLY_NO_MEMORY;
    }
    for (size_t i = 0; i < count && !reader->bad; i++) {
        struct ks_accept_edit *edit = &reply->edits[i];
        edit->step = get_step(reader, table);
        edit->place = get_place(reader, scenario);
        edit->key = ks_wire_get_some_text(reader);
        edit->subkey = ks_wire_get_text(reader);
        edit->text = ks_wire_get_some_text(reader);
        reader->bad = reader->bad || edit->step == NULL;
    }
    reply->result.edits = reply->edits;
    reply->result.edit_count = count;
    return KS_REPLY_READ;
}

// The policy of a run is known without running it.
static void fill_policy(struct ks_result *result, const struct ks_run_options *options)
{
    const struct ks_scenario *scenario = result->scenario;
    kldr_policy_init(&result->policy, options->profile);
    for (size_t i = 0; i < scenario->policy_count; i++) {
        kldr_policy_set(&result->policy, scenario->policy[i].knob, scenario->policy[i].value, NULL);
    }
    for (size_t i = 0; i < options->policy_count; i++) {
        kldr_policy_set(&result->policy, options->policy[i].knob, options->policy[i].value, NULL);
    }
}

void ks_worker_reply_init(struct ks_worker_reply *reply, const struct ks_scenario *scenario,
                          const struct ks_run_options *options)
{
    *reply = (struct ks_worker_reply){0};
    reply->result = (struct ks_result){.scenario = scenario,
                                       .profile = options->profile,
                                       .seed = options->seed,
                                       .reason = "",
                                       .unisolated = ""};
    fill_policy(&reply->result, options);
}

static enum ks_reply_read get_parts(struct ks_wire_reader *reader, struct ks_worker_reply *reply)
{
    struct step_table table;
    get_bugcheck(reader, &reply->result);
    enum ks_reply_read read = get_events(reader, reply);
    if (read == KS_REPLY_READ) {
        read = ks_worker_sites_read(reader, reply);
    }
    if (read != KS_REPLY_READ) {
        return read;
    }
    if (!step_table_init(&table, reply->result.scenario)) {
        return KS_REPLY_NO_MEMORY;
    }
    read = get_failures(reader, &table, reply);
    if (read == KS_REPLY_READ) {
        read = get_edits(reader, &table, reply);
    }
    step_table_fini(&table);
    return read;
}

enum ks_reply_read ks_worker_reply_read(const void *bytes, size_t size,
                                        const struct ks_scenario *scenario,
                                        const struct ks_run_options *options,
                                        struct ks_worker_reply *out_reply)
{
    struct ks_result *result = &out_reply->result;
    struct ks_wire_reader reader;
    ks_worker_reply_init(out_reply, scenario, options);
    ks_wire_reader_init(&reader, bytes, size);
    reader.bad = ks_wire_get32(&reader) != VERSION;
    result->outcome = (enum ks_outcome)ks_wire_get_most(&reader, KS_INTERNAL);
    result->reason = ks_wire_get_some_text(&reader);
    result->unisolated = ks_wire_get_some_text(&reader);
    result->steps_run = ks_wire_get32(&reader);
    result->expectations = ks_wire_get32(&reader);
    result->finding_count = ks_wire_get32(&reader);
    result->ran_no_code = ks_wire_get_flag(&reader);
    enum ks_reply_read read = get_parts(&reader, out_reply);
    if (read == KS_REPLY_READ) {
        result->answer = ks_wire_get_text(&reader);
        result->answered_after = ks_wire_get32(&reader);
    }
    return read == KS_REPLY_READ && !ks_wire_at_end(&reader) ? KS_REPLY_MALFORMED : read;
}

void ks_worker_reply_fini(struct ks_worker_reply *reply)
{
    free(reply->failures);
    free(reply->edits);
    free(reply->sites);
    ks_event_log_destroy(reply->log);
    memset(reply, 0, sizeof *reply);
}
