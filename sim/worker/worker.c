// SPDX-License-Identifier: MIT
// kldr's side: starts the process, serves its wishes for files, reads the result, and says what
// became of a process that has none. Everything that comes from it may have been made up by code of
// a driver.
#include "worker/worker.h"

#include "engine/emulate.h"
#include "engine/guest.h"
#include "platform.h"
#include "platform_child.h"
#include "scenario/run/host_file.h"
#include "scenario/walk.h"
#include "worker/exit_codes.h"
#include "worker/frame.h"
#include "worker/reply.h"
#include "worker/request.h"
#include "worker/wish.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NS_PER_S        UINT64_C(1000000000)
#define SECONDS_DEFAULT 30u
#define SECONDS_GRACE   5u // after which a process that missed its own limit is ended
#define RESULT_MOST     (UINT64_C(1) << 29)
#define WISH_MOST       (UINT64_C(1) << 12)
#define PIECE           (UINT64_C(1) << 20)

struct ks_worker {
    uint8_t *bytes; // of the last reply; its texts lie here
    struct ks_worker_reply reply;
    char reason[256];
    const struct ks_scenario *decoded; // the last one that needed the decoder; only compared
};

// One run.
struct session {
    struct ks_worker *worker;
    const struct ks_scenario *scenario;
    const struct ks_run_options *options;
    struct ks_child *child;
    uint64_t deadline;
    bool finds_decoder; // should the process need one, another program has it
    bool by_helper;     // it is the one that runs
};

// How an exchange ended.
enum exchange {
    EXCHANGE_RESULT,
    EXCHANGE_CLOSED,
    EXCHANGE_TIME_OVER,
    EXCHANGE_MALFORMED,
    EXCHANGE_NO_MEMORY,
};

struct ks_worker *ks_worker_create(void)
{
    return calloc(1, sizeof(struct ks_worker));
}

static void forget(struct ks_worker *worker)
{
    ks_worker_reply_fini(&worker->reply);
    free(worker->bytes);
    worker->bytes = NULL;
}

void ks_worker_destroy(struct ks_worker *worker)
{
    if (worker != NULL) {
        forget(worker);
        free(worker);
    }
}

bool ks_worker_wanted(const struct ks_scenario *scenario, const struct ks_run_options *options)
{
    bool x64 = scenario->machine == KLDR_MACHINE_UNKNOWN || scenario->machine == KLDR_MACHINE_X64;
    bool skipped = scenario->skip_all != NULL || scenario->skip_profile[options->profile] != NULL;
    return KS_NATIVE && options->cpu == KLDR_CPU_NATIVE && x64 && !skipped &&
           ks_scenario_uses_real_images(scenario);
}

// ---- a result that no process made ----

KLDR_PRINTF_LIKE(3, 4)
static const struct ks_result *fail(struct session *session, enum ks_outcome outcome,
                                    const char *format, ...)
{
    struct ks_worker *worker = session->worker;
    va_list arguments;
    forget(worker);
    va_start(arguments, format);
    vsnprintf(worker->reason, sizeof worker->reason, format, arguments);
    va_end(arguments);
    ks_worker_reply_init(&worker->reply, session->scenario, session->options);
    worker->reply.result.outcome = outcome;
    worker->reply.result.reason = worker->reason;
    return &worker->reply.result;
}

// ---- what the process sends ----

static enum exchange of_transfer(enum ks_transfer transfer)
{
    return transfer == KS_TRANSFER_TIME_OVER ? EXCHANGE_TIME_OVER : EXCHANGE_CLOSED;
}

// size bytes, which may be a lie: memory is taken as they come. A NUL follows them.
static enum exchange read_bytes(struct session *session, uint64_t size, uint8_t **out_bytes)
{
    uint8_t *bytes = NULL;
    for (uint64_t have = 0; have < size || bytes == NULL;) {
        uint64_t piece = size - have < PIECE + have ? size - have : PIECE + have;
        uint8_t *grown = realloc(bytes, (size_t)(have + piece + 1));
        if (grown == NULL) {
            free(bytes);
            return EXCHANGE_NO_MEMORY;
        }
        bytes = grown;
        enum ks_transfer transfer =
            ks_child_read(session->child, bytes + have, (size_t)piece, session->deadline);
        if (transfer != KS_TRANSFER_DONE) {
            free(bytes);
            return of_transfer(transfer);
        }
        have += piece;
        bytes[have] = 0;
    }
    *out_bytes = bytes;
    return EXCHANGE_RESULT;
}

static enum exchange write_frame(struct session *session, enum ks_frame_kind kind,
                                 const void *first, size_t first_size, const void *bytes,
                                 size_t size)
{
    uint8_t header[KS_FRAME_HEADER_SIZE];
    ks_frame_write(header, kind, first_size + size);
    enum ks_transfer transfer =
        ks_child_write(session->child, header, sizeof header, session->deadline);
    if (transfer == KS_TRANSFER_DONE && first_size > 0) {
        transfer = ks_child_write(session->child, first, first_size, session->deadline);
    }
    if (transfer == KS_TRANSFER_DONE) {
        transfer = ks_child_write(session->child, bytes, size, session->deadline);
    }
    return transfer == KS_TRANSFER_DONE ? EXCHANGE_RESULT : of_transfer(transfer);
}

// The path of an image, which the folders of --dir may have.
static bool find_file(const struct session *session, const uint8_t *path, size_t size,
                      struct ks_host_file *out_file)
{
    return size < KLDR_PATH_SIZE &&
           ks_host_file_in_folders((const char *)path, session->options, out_file);
}

static bool find_symbols(const struct session *session, const uint8_t *bytes, size_t size,
                         struct ks_host_file *out_file)
{
    struct ks_symbols_wish wish;
    return ks_worker_wish_read(bytes, size, &wish) &&
           ks_host_symbols_find(session->scenario, session->options, &wish, out_file);
}

// It may ask for what the folders of --dir have, for PDBs beside its images, and for nothing else.
static enum exchange give_file(struct session *session, const struct ks_frame *frame)
{
    struct ks_host_file file = {0};
    uint8_t *wish = NULL;
    if (frame->size > WISH_MOST) {
        return EXCHANGE_MALFORMED;
    }
    enum exchange exchange = read_bytes(session, frame->size, &wish);
    if (exchange != EXCHANGE_RESULT) {
        return exchange;
    }
    uint8_t found = frame->kind == KS_FRAME_FILE_WANTED
                        ? find_file(session, wish, (size_t)frame->size, &file)
                        : find_symbols(session, wish, (size_t)frame->size, &file);
    exchange = write_frame(session, KS_FRAME_FILE, &found, 1, file.bytes, found ? file.size : 0);
    free(wish);
    free(file.bytes);
    return exchange;
}

static enum exchange take_result(struct session *session, uint64_t size)
{
    struct ks_worker *worker = session->worker;
    if (size > RESULT_MOST) {
        return EXCHANGE_MALFORMED;
    }
    enum exchange exchange = read_bytes(session, size, &worker->bytes);
    if (exchange != EXCHANGE_RESULT) {
        return exchange;
    }
    switch (ks_worker_reply_read(worker->bytes, (size_t)size, session->scenario, session->options,
                                 &worker->reply)) {
    case KS_REPLY_READ:
        return EXCHANGE_RESULT;
    case KS_REPLY_NO_MEMORY:
        return EXCHANGE_NO_MEMORY;
    default:
        return EXCHANGE_MALFORMED;
    }
}

static enum exchange send_request(struct session *session)
{
    struct ks_wire_writer writer = {0};
    ks_worker_request_write(&writer, session->scenario, session->options, ks_platform_process_id(),
                            session->finds_decoder);
    enum exchange exchange = writer.out_of_memory ? EXCHANGE_NO_MEMORY
                                                  : write_frame(session, KS_FRAME_REQUEST, NULL, 0,
                                                                writer.bytes, writer.size);
    ks_wire_writer_fini(&writer);
    return exchange;
}

static enum exchange talk(struct session *session)
{
    enum exchange exchange = send_request(session);
    while (exchange == EXCHANGE_RESULT) {
        uint8_t header[KS_FRAME_HEADER_SIZE];
        struct ks_frame frame;
        enum ks_transfer transfer =
            ks_child_read(session->child, header, sizeof header, session->deadline);
        if (transfer != KS_TRANSFER_DONE) {
            return of_transfer(transfer);
        }
        if (!ks_frame_read(header, &frame)) {
            return EXCHANGE_MALFORMED;
        }
        if (frame.kind == KS_FRAME_RESULT) {
            return take_result(session, frame.size);
        }
        bool wish = frame.kind == KS_FRAME_FILE_WANTED || frame.kind == KS_FRAME_SYMBOLS_WANTED;
        exchange = wish ? give_file(session, &frame) : EXCHANGE_MALFORMED;
    }
    return exchange;
}

// ---- what became of it ----

#define LOST "the state of the simulated system is lost"

static const struct ks_result *tell_time_over(struct session *session)
{
    return fail(session, KS_LIMIT,
                "the time limit was reached (limits.seconds, --timeout); the process that ran the "
                "driver's code did not answer and was ended");
}

// What is wrong with the helper that did not come to running anything; NULL: nothing that is known.
static const struct ks_result *tell_helper(struct session *session, int code)
{
    if (code == KS_WORKER_EXIT_VERSION || code == KS_WORKER_EXIT_REQUEST) {
        return fail(session, KS_UNSUPPORTED,
                    KS_WORKER_PROGRAM ", which has the decoder of instructions that this driver "
                                      "needs, is of another version than kldr: install both from "
                                      "one package");
    }
    if (code == KS_WORKER_EXIT_NOT_STARTED) {
        return fail(session, KS_UNSUPPORTED,
                    KS_WORKER_PROGRAM ", which has the decoder of instructions that this driver "
                                      "needs, cannot be started: a shared library of its is "
                                      "missing (Zydis; standard error says which)");
    }
    return NULL;
}

// It has not ended as one does that has sent its result.
static const struct ks_result *tell_end(struct session *session, const struct ks_child_end *end)
{
    if (!end->known) {
        return fail(session, KS_STOPPED,
                    "the process that ran the driver's code did not end as it should: " LOST);
    }
    if (end->out_of_time) {
        return tell_time_over(session);
    }
    if (end->out_of_memory) {
        return fail(session, KS_LIMIT,
                    "the process that ran the driver's code was killed from outside (%s), as "
                    "systems do that run out of memory: " LOST,
                    end->name);
    }
    if (end->signal != 0) {
        return fail(
            session, KS_STOPPED,
            "the process that ran the driver's code was destroyed by signal %d%s%s%s: " LOST,
            end->signal, end->name[0] != '\0' ? " (" : "", end->name,
            end->name[0] != '\0' ? ")" : "");
    }
    const struct ks_result *told = session->by_helper ? tell_helper(session, end->code) : NULL;
    if (told != NULL) {
        return told;
    }
    if (end->code == KS_WORKER_EXIT_MEMORY) {
        return fail(session, KS_LIMIT, "not enough memory");
    }
    if (end->code == KS_WORKER_EXIT_REQUEST) {
        return fail(session, KS_INTERNAL, "the process for driver code did not understand kldr");
    }
    return fail(session, KS_STOPPED,
                "the process that ran the driver's code ended with exit code %d: " LOST, end->code);
}

static const struct ks_result *judge(struct session *session, enum exchange exchange,
                                     const struct ks_child_end *end)
{
    switch (exchange) {
    case EXCHANGE_RESULT:
        if (end->known && end->signal == 0 && end->code == KS_WORKER_EXIT_OK) {
            return &session->worker->reply.result;
        }
        return tell_end(session, end);
    case EXCHANGE_CLOSED:
        return tell_end(session, end);
    case EXCHANGE_TIME_OVER:
        return tell_time_over(session);
    case EXCHANGE_NO_MEMORY:
        return fail(session, KS_LIMIT, "not enough memory");
    case EXCHANGE_MALFORMED:
        break;
    }
    return fail(session, KS_STOPPED,
                "the process that ran the driver's code sent an unreadable result, so that code "
                "has damaged it: " LOST);
}

static uint64_t deadline_of(const struct session *session)
{
    uint32_t seconds = session->options->seconds != 0 ? session->options->seconds
                                                      : session->scenario->limits.seconds;
    seconds = seconds != 0 ? seconds : SECONDS_DEFAULT;
    return ks_platform_now_ns() + ((uint64_t)seconds + SECONDS_GRACE) * NS_PER_S;
}

// Who follows the process, as a debugger does, cannot follow a second one.
static bool wants_one_process(void)
{
    char *value = ks_platform_environment("KLDR_ONE_WORKER");
    bool wants = value != NULL && value[0] != '\0';
    free(value);
    return wants;
}

// Runs it once. helper NULL: in this program. *out_again: it has to be run by the helper.
static const struct ks_result *run(struct session *session, const char *helper, bool *out_again)
{
    struct ks_child_end end;
    const char *why = "";
    session->deadline = deadline_of(session);
    session->by_helper = helper != NULL;
    session->child = ks_child_start(KS_WORKER_ARGUMENT, helper, &why);
    if (session->child == NULL) {
        return fail(session, KS_LIMIT, "a process for driver code cannot be started: %s", why);
    }
    enum exchange exchange = talk(session);
    bool patient = exchange == EXCHANGE_RESULT || exchange == EXCHANGE_CLOSED;
    ks_child_end(session->child, patient, &end);
    *out_again = session->finds_decoder && exchange == EXCHANGE_CLOSED && end.known &&
                 end.signal == 0 && end.code == KS_WORKER_EXIT_DECODER;
    return judge(session, exchange, &end);
}

// Few drivers need the decoder, and a program without it may start faster.
const struct ks_result *ks_worker_run(struct ks_worker *worker, const struct ks_scenario *scenario,
                                      const struct ks_run_options *options)
{
    struct session session = {.worker = worker, .scenario = scenario, .options = options};
    bool has_helper = !ks_emulate_is_linked() && ks_child_has_helper(KS_WORKER_PROGRAM);
    bool again = false;
    forget(worker);
    session.finds_decoder = has_helper && worker->decoded != scenario && !wants_one_process();
    const char *helper = has_helper && !session.finds_decoder ? KS_WORKER_PROGRAM : NULL;
    const struct ks_result *result = run(&session, helper, &again);
    if (again) {
        worker->decoded = scenario; // a sweep runs it many times
        session.finds_decoder = false;
        result = run(&session, KS_WORKER_PROGRAM, &again);
    }
    return result;
}
