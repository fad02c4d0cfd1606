// SPDX-License-Identifier: MIT
// The worker's side: one request, one run, one result. What the run needs from the host is read
// before code of drivers runs; what is asked for later comes over the stream.
#include "worker/worker.h"

#include "engine/emulate.h"
#include "engine/native.h"
#include "output/json_writer.h"
#include "platform_child.h"
#include "platform_isolate.h"
#include "scenario/parse.h"
#include "scenario/run/host_file.h"
#include "scenario/run/run_object.h"
#include "scenario/walk.h"
#include "why/why.h"
#include "worker/exit_codes.h"
#include "worker/frame.h"
#include "worker/reply.h"
#include "worker/request.h"
#include "worker/wish.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SECONDS_DEFAULT 30u
#define SECONDS_GRACE   5u                  // of the processor's time, above the run's limit
#define MEMORY_DEFAULT  (UINT64_C(1) << 30) // what a world may use
#define MEMORY_OWN      (UINT64_C(1) << 30) // and what kldr itself may
#define FRAME_MOST      (UINT64_C(1) << 30)

// A real image that a step puts on the disk, read ahead.
struct early_file {
    const struct ks_image *image;
    kldr_status status;
    struct kldr_error error;
    struct ks_host_file file;
};

struct keeper {
    const struct ks_scenario *scenario;
    const struct ks_run_options *options;
    struct ks_run_options plain; // as options, without this keeper
    struct early_file *files;
    size_t file_count;
    const char *unisolated;
    struct ks_text_buffer answer;
    unsigned answered_after;
};

// What the process holds when it ends, which it does without freeing anything: it is not known what
// code of drivers left of the heap. Tools that look for lost memory find it here.
static struct {
    uint8_t *bytes;
    struct ks_worker_request request;
    struct ks_parse_result parsed;
    struct ks_runner *runner;
    struct keeper keeper;
    struct ks_wire_writer reply;
} held;

// ---- the stream ----

static bool send_frame(enum ks_frame_kind kind, const void *bytes, size_t size)
{
    uint8_t header[KS_FRAME_HEADER_SIZE];
    ks_frame_write(header, kind, size);
    return ks_parent_write(header, sizeof header) && ks_parent_write(bytes, size);
}

// NULL: it did not come, or memory is out.
static uint8_t *receive_frame(enum ks_frame_kind kind, size_t *out_size)
{
    uint8_t header[KS_FRAME_HEADER_SIZE];
    struct ks_frame frame;
    if (!ks_parent_read(header, sizeof header) || !ks_frame_read(header, &frame) ||
        frame.kind != kind || frame.size > FRAME_MOST) {
        return NULL;
    }
    uint8_t *bytes = malloc((size_t)frame.size + 1);
    if (bytes != NULL && !ks_parent_read(bytes, (size_t)frame.size)) {
        free(bytes);
        return NULL;
    }
    *out_size = (size_t)frame.size;
    return bytes;
}

// ---- files of the host ----

static struct early_file *find_early(const struct keeper *keeper, const struct ks_image *image)
{
    for (size_t i = 0; i < keeper->file_count; i++) {
        if (keeper->files[i].image == image) {
            return &keeper->files[i];
        }
    }
    return NULL;
}

static kldr_status read_image(void *user, const struct ks_scenario *scenario,
                              const struct ks_image *image, struct ks_host_file *out_file,
                              struct kldr_error *error)
{
    struct keeper *keeper = user;
    struct early_file *early = find_early(keeper, image);
    if (early == NULL) {
        return ks_host_file_read(scenario, image, &keeper->plain, out_file, error);
    }
    if (error != NULL) {
        *error = early->error;
    }
    if (early->status != KLDR_STATUS_SUCCESS) {
        return early->status;
    }
    uint8_t *copy = malloc(early->file.size + 1);
    if (copy == NULL) {
        return KLDR_ERROR_OUT_OF_MEMORY;
    }
    memcpy(copy, early->file.bytes, early->file.size);
    *out_file = (struct ks_host_file){copy, early->file.size};
    return KLDR_STATUS_SUCCESS;
}

static bool ask(enum ks_frame_kind wish, const void *wanted, size_t wanted_size,
                struct ks_host_file *out_file)
{
    size_t size = 0;
    uint8_t *bytes =
        send_frame(wish, wanted, wanted_size) ? receive_frame(KS_FRAME_FILE, &size) : NULL;
    if (bytes == NULL || size == 0 || bytes[0] == 0) {
        free(bytes);
        return false;
    }
    memmove(bytes, bytes + 1, size - 1);
    *out_file = (struct ks_host_file){bytes, size - 1};
    return true;
}

static bool find_file(void *user, const char *path, struct ks_host_file *out_file)
{
    (void)user;
    return ask(KS_FRAME_FILE_WANTED, path, strlen(path), out_file);
}

static bool find_symbols(void *user, const struct ks_symbols_wish *wish,
                         struct ks_host_file *out_file)
{
    struct ks_wire_writer writer = {0};
    (void)user;
    ks_worker_wish_write(&writer, wish);
    bool found =
        !writer.out_of_memory && ask(KS_FRAME_SYMBOLS_WANTED, writer.bytes, writer.size, out_file);
    ks_wire_writer_fini(&writer);
    return found;
}

static bool read_early(void *user, const struct ks_step *step)
{
    struct keeper *keeper = user;
    if (step->disk_image == NULL || !step->disk_image->real) {
        return true;
    }
    struct early_file *grown =
        realloc(keeper->files, (keeper->file_count + 1) * sizeof *keeper->files);
    if (grown == NULL) {
        return false;
    }
    keeper->files = grown;
    struct early_file *early = &grown[keeper->file_count++];
    *early = (struct early_file){.image = step->disk_image};
    early->status = ks_host_file_read(keeper->scenario, step->disk_image, &keeper->plain,
                                      &early->file, &early->error);
    return true;
}

// ---- the run ----

static void isolate(struct keeper *keeper, const struct ks_runner *runner)
{
    const struct ks_limits *limits = &keeper->scenario->limits;
    const struct ks_native *native = runner->world->native;
    uint32_t seconds = keeper->options->seconds != 0 ? keeper->options->seconds : limits->seconds;
    uint64_t memory = limits->memory != 0 ? limits->memory : MEMORY_DEFAULT;
    struct ks_isolation isolation = {
        .memory = memory < UINT64_MAX / 4 ? 2 * memory + MEMORY_OWN : UINT64_MAX,
        .seconds = (seconds != 0 ? seconds : SECONDS_DEFAULT) + SECONDS_GRACE,
    };
    if (native != NULL) {
        isolation.code_first = native->guest.base;
        isolation.code_size = KS_GUEST_SIZE;
    }
    keeper->unisolated = ks_isolate(&isolation);
}

static void ready(void *user, struct ks_runner *runner)
{
    struct keeper *keeper = user;
    const struct ks_walk walk = {.step = read_early, .user = keeper};
    if (!ks_walk_scenario(keeper->scenario, &walk)) {
        ks_parent_leave(KS_WORKER_EXIT_MEMORY);
    }
    isolate(keeper, runner);
}

// While the world stands. The text ends with a NUL.
static void answer(void *user, struct ks_runner *runner)
{
    struct keeper *keeper = user;
    const struct ks_run_question *question = &keeper->options->question;
    struct ks_why *why = (struct ks_why *)(uintptr_t)ks_why(runner, question->module);
    keeper->answered_after = runner->world->step_number;
    ks_why_try(runner, why);
    if (question->json) {
        struct ks_json json;
        ks_json_init(&json, &keeper->answer);
        ks_json_begin_object(&json);
        ks_why_write_json(&json, why);
        ks_json_end_object(&json);
    } else {
        ks_why_write_text(&keeper->answer, why);
    }
    ks_text_buffer_char(&keeper->answer, '\0');
}

static int send_result(const struct ks_result *result, const struct keeper *keeper)
{
    static const uint8_t room[KS_FRAME_HEADER_SIZE];
    struct ks_wire_writer *reply = &held.reply;
    struct ks_result sent = *result;
    sent.unisolated = keeper->unisolated;
    sent.answer = keeper->answer.failed || keeper->answer.size == 0 ? NULL : keeper->answer.bytes;
    sent.answered_after = keeper->answered_after;
    ks_wire_put_bytes(reply, room, sizeof room); // one write wakes kldr once
    ks_worker_reply_write(reply, &sent);
    if (reply->out_of_memory) {
        return KS_WORKER_EXIT_MEMORY;
    }
    ks_frame_write(reply->bytes, KS_FRAME_RESULT, reply->size - sizeof room);
    return ks_parent_write(reply->bytes, reply->size) ? KS_WORKER_EXIT_OK : KS_WORKER_EXIT_ORPHAN;
}

static int run_scenario(const struct ks_worker_request *request, const struct ks_scenario *scenario)
{
    struct keeper *keeper = &held.keeper;
    const struct ks_run_keeper run_keeper = {read_image, request->finds_files ? find_file : NULL,
                                             find_symbols, ready, keeper};
    struct ks_run_options options = request->options;
    const struct ks_run_watcher watcher = {.run_done = answer, .user = keeper};
    options.keeper = &run_keeper;
    options.watcher = options.question.module != NULL ? &watcher : NULL;
    *keeper = (struct keeper){
        .scenario = scenario, .options = &options, .plain = request->options, .unisolated = ""};
    ks_text_buffer_init(&keeper->answer, NULL);
    held.runner = ks_runner_create();
    const struct ks_result *result =
        held.runner != NULL ? ks_runner_run(held.runner, scenario, &options) : NULL;
    return result != NULL ? send_result(result, keeper) : KS_WORKER_EXIT_MEMORY;
}

static void leave_for_decoder(void)
{
    ks_parent_leave(KS_WORKER_EXIT_DECODER);
}

static int serve(const struct ks_worker_request *request)
{
    if (request->finds_decoder) {
        ks_emulate_leave_with(leave_for_decoder);
    }
    if (!ks_parent_watch(request->parent)) {
        return KS_WORKER_EXIT_ORPHAN;
    }
    kldr_status status =
        ks_scenario_parse(request->path, request->text, request->text_size, &held.parsed);
    if (status != KLDR_STATUS_SUCCESS || request->index >= held.parsed.file->scenario_count) {
        return status == KLDR_ERROR_OUT_OF_MEMORY ? KS_WORKER_EXIT_MEMORY : KS_WORKER_EXIT_REQUEST;
    }
    return run_scenario(request, &held.parsed.file->scenarios[request->index]);
}

int ks_worker_main(void)
{
    size_t size = 0;
    if (!ks_parent_connected()) {
        fputs("kldr: " KS_WORKER_ARGUMENT " is how kldr starts itself to run code of drivers; "
              "it cannot be used by hand\nTry 'kldr help'.\n",
              stderr);
        return 2;
    }
    held.bytes = receive_frame(KS_FRAME_REQUEST, &size);
    if (held.bytes != NULL && !ks_worker_request_is_of_this_version(held.bytes, size)) {
        ks_parent_leave(KS_WORKER_EXIT_VERSION);
    }
    bool read = held.bytes != NULL && ks_worker_request_read(held.bytes, size, &held.request);
    ks_parent_leave(read ? serve(&held.request) : KS_WORKER_EXIT_REQUEST);
}
