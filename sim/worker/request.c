// SPDX-License-Identifier: MIT
#include "worker/request.h"

#include <stdlib.h>
#include <string.h>

#define VERSION    4u
#define PAIR_LEAST 8 // bytes of two texts

// ---- writing ----

static void put_policy(struct ks_wire_writer *writer, const struct ks_run_options *options)
{
    ks_wire_put64(writer, options->policy_count);
    for (size_t i = 0; i < options->policy_count; i++) {
        ks_wire_put_text(writer, options->policy[i].knob);
        ks_wire_put_text(writer, options->policy[i].value);
    }
}

static void put_variables(struct ks_wire_writer *writer, const struct ks_run_options *options)
{
    ks_wire_put64(writer, options->variable_count);
    for (size_t i = 0; i < options->variable_count; i++) {
        ks_wire_put_text(writer, options->variables[i].name);
        ks_wire_put_text(writer, options->variables[i].value);
    }
}

static void put_options(struct ks_wire_writer *writer, const struct ks_run_options *options)
{
    ks_wire_put32(writer, options->profile);
    ks_wire_put32(writer, options->cpu);
    ks_wire_put_flag(writer, options->strict);
    ks_wire_put_flag(writer, options->record);
    ks_wire_put_flag(writer, options->want_edits);
    ks_wire_put32(writer, options->checks.on);
    ks_wire_put32(writer, options->checks.off);
    ks_wire_put64(writer, options->seed);
    ks_wire_put32(writer, options->seconds);
    ks_wire_put64(writer, options->steps);
    ks_wire_put_flag(writer, options->sweeps);
    ks_wire_put64(writer, options->fail_operation);
    ks_wire_put_flag(writer, options->every_operation);
    ks_wire_put_text(writer, options->question.module);
    ks_wire_put_flag(writer, options->question.json);
    put_policy(writer, options);
    put_variables(writer, options);
}

void ks_worker_request_write(struct ks_wire_writer *writer, const struct ks_scenario *scenario,
                             const struct ks_run_options *options, uint32_t parent,
                             bool finds_decoder)
{
    ks_wire_put32(writer, VERSION);
    ks_wire_put_text(writer, KLDR_VERSION);
    ks_wire_put32(writer, parent);
    ks_wire_put_text(writer, scenario->file->path);
    ks_wire_put64(writer, scenario->file->size);
    ks_wire_put_bytes(writer, scenario->file->text, scenario->file->size);
    ks_wire_put64(writer, scenario->index);
    ks_wire_put_flag(writer, options->directory_count > 0);
    ks_wire_put_flag(writer, finds_decoder);
    put_options(writer, options);
}

// ---- reading ----

static void get_policy(struct ks_wire_reader *reader, struct ks_worker_request *request)
{
    size_t count = ks_wire_get_count(reader, PAIR_LEAST);
    request->policy = calloc(count + 1, sizeof *request->policy);
    reader->bad = reader->bad || request->policy == NULL;
    for (size_t i = 0; i < count && !reader->bad; i++) {
        request->policy[i].knob = ks_wire_get_some_text(reader);
        request->policy[i].value = ks_wire_get_some_text(reader);
    }
    request->options.policy = request->policy;
    request->options.policy_count = count;
}

static void get_variables(struct ks_wire_reader *reader, struct ks_worker_request *request)
{
    size_t count = ks_wire_get_count(reader, PAIR_LEAST);
    request->variables = calloc(count + 1, sizeof *request->variables);
    reader->bad = reader->bad || request->variables == NULL;
    for (size_t i = 0; i < count && !reader->bad; i++) {
        request->variables[i].name = ks_wire_get_some_text(reader);
        request->variables[i].value = ks_wire_get_some_text(reader);
    }
    request->options.variables = request->variables;
    request->options.variable_count = count;
}

static void get_options(struct ks_wire_reader *reader, struct ks_worker_request *request)
{
    struct ks_run_options *options = &request->options;
    options->profile = (enum kldr_profile)ks_wire_get_most(reader, KLDR_PROFILE_COUNT - 1);
    options->cpu = (enum kldr_cpu)ks_wire_get_most(reader, KLDR_CPU_NATIVE);
    options->strict = ks_wire_get_flag(reader);
    options->record = ks_wire_get_flag(reader);
    options->want_edits = ks_wire_get_flag(reader);
    options->checks.on = ks_wire_get32(reader);
    options->checks.off = ks_wire_get32(reader);
    options->seed = ks_wire_get64(reader);
    options->seconds = ks_wire_get32(reader);
    options->steps = (size_t)ks_wire_get64(reader);
    options->sweeps = ks_wire_get_flag(reader);
    options->fail_operation = ks_wire_get64(reader);
    options->every_operation = ks_wire_get_flag(reader);
    options->question.module = ks_wire_get_text(reader);
    options->question.json = ks_wire_get_flag(reader);
    get_policy(reader, request);
    get_variables(reader, request);
}

static bool is_of_this_version(struct ks_wire_reader *reader)
{
    return ks_wire_get32(reader) == VERSION &&
           strcmp(ks_wire_get_some_text(reader), KLDR_VERSION) == 0;
}

bool ks_worker_request_is_of_this_version(const void *bytes, size_t size)
{
    struct ks_wire_reader reader;
    ks_wire_reader_init(&reader, bytes, size);
    return is_of_this_version(&reader);
}

bool ks_worker_request_read(const void *bytes, size_t size, struct ks_worker_request *out_request)
{
    struct ks_worker_request request = {0};
    struct ks_wire_reader reader;
    ks_wire_reader_init(&reader, bytes, size);
    reader.bad = !is_of_this_version(&reader);
    request.parent = ks_wire_get32(&reader);
    request.path = ks_wire_get_some_text(&reader);
    uint64_t text_size = ks_wire_get64(&reader);
    request.text = (const char *)ks_wire_get_bytes(&reader, text_size);
    request.text_size = (size_t)text_size;
    request.index = (size_t)ks_wire_get64(&reader);
    request.finds_files = ks_wire_get_flag(&reader);
    request.finds_decoder = ks_wire_get_flag(&reader);
    get_options(&reader, &request);
    if (!ks_wire_at_end(&reader)) {
        ks_worker_request_fini(&request);
        return false;
    }
    *out_request = request;
    return true;
}

void ks_worker_request_fini(struct ks_worker_request *request)
{
    free(request->policy);
    free(request->variables);
    memset(request, 0, sizeof *request);
}
