// SPDX-License-Identifier: MIT
// Results that a worker sends, changed in any way: each is refused, or can be shown in every format
// and be cloned.
//
// The input is a list of changes to a result that is made anew here, so that no seed grows old:
// place (two bytes), what to do (one byte), a value (one byte).
#include "worker/reply.h"

#include "output/report.h"
#include "scenario/parse.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define CHANGE_SIZE 4

static const char story[] =
    "kldr: 1\n"
    "images:\n"
    "  port.sys:\n"
    "    exports: [P]\n"
    "    DllInitialize: { do: [ { load: other, expect: { modules: [one.sys] } } ] }\n"
    "    DllUnload: STATUS_UNSUCCESSFUL\n"
    "  other.sys: {}\n"
    "  one.sys: { imports: { port.sys: [P, Missing] } }\n"
    "  two.sys: { imports: { port.sys: [P] } }\n"
    "  bad.sys: { DriverEntry: { raise: 0xC0000005 } }\n"
    "steps:\n"
    "  - load: one\n"
    "    expect: { status: STATUS_SUCCESS }\n"
    "  - load: two\n"
    "    expect: { modules: [two.sys], counts: { port.sys: 7 }, calls: [] }\n"
    "  - load: bad\n";

static struct {
    struct ks_parse_result parsed;
    const struct ks_scenario *scenario;
    struct ks_run_options options;
    struct ks_wire_writer reply;
} made;

static void check(bool holds)
{
    if (!holds) {
        abort();
    }
}

static void make(void)
{
    struct ks_runner *runner = ks_runner_create();
    check(runner != NULL);
    check(ks_scenario_parse("story.kldr.yaml", story, sizeof story - 1, &made.parsed) ==
          KLDR_STATUS_SUCCESS);
    made.scenario = &made.parsed.file->scenarios[0];
    made.options =
        (struct ks_run_options){.profile = KLDR_PROFILE_NT52, .record = true, .want_edits = true};
    ks_worker_reply_write(&made.reply, ks_runner_run(runner, made.scenario, &made.options));
    check(!made.reply.out_of_memory);
    ks_runner_destroy(runner);
}

// Changes the copy; returns its new size.
static size_t change(uint8_t *bytes, size_t count, const uint8_t *data, size_t size)
{
    for (; size >= CHANGE_SIZE && count > 0; data += CHANGE_SIZE, size -= CHANGE_SIZE) {
        size_t at = (data[0] | (size_t)data[1] << 8) % count;
        switch (data[2] % 5) {
        case 0:
            bytes[at] ^= data[3];
            break;
        case 1:
            bytes[at] = data[3];
            break;
        case 2:
            bytes[at] = (uint8_t)(bytes[at] + data[3]);
            break;
        case 3: // a piece is left out
            at = at < count - 1 ? at : 0;
            memmove(bytes + at, bytes + at + 1, count - at - 1);
            count--;
            break;
        default: // it ends here
            count = at;
            break;
        }
    }
    return count;
}

static bool swallow(void *user, const char *bytes, size_t size)
{
    size_t *total = user;
    *total += size + (bytes == NULL);
    return true;
}

static void show(const struct ks_result *result, enum ks_format format)
{
    size_t total = 0;
    struct ks_sink sink = {swallow, &total};
    struct ks_report_options options = {.verbosity = 2, .version = "0", .trace = UINT64_MAX};
    struct ks_totals totals = {0};
    struct ks_report *report = ks_report_begin(format, &sink, &options, 1);
    check(report != NULL);
    ks_report_result(report, result);
    ks_totals_add(&totals, result);
    ks_report_end(report, &totals);
    check(total > 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ks_worker_reply reply;
    if (made.scenario == NULL) {
        make();
    }
    uint8_t *bytes = malloc(made.reply.size);
    check(bytes != NULL);
    memcpy(bytes, made.reply.bytes, made.reply.size);
    size_t count = change(bytes, made.reply.size, data, size);
    if (ks_worker_reply_read(bytes, count, made.scenario, &made.options, &reply) == KS_REPLY_READ) {
        for (int format = 0; format < KS_FORMAT_COUNT; format++) {
            show(&reply.result, (enum ks_format)format);
        }
        ks_result_free(ks_result_clone(&reply.result));
    } else {
        check(count != made.reply.size || memcmp(bytes, made.reply.bytes, count) != 0);
    }
    ks_worker_reply_fini(&reply);
    free(bytes);
    return 0;
}
