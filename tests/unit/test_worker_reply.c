// SPDX-License-Identifier: MIT
// What a worker sends is read as it was written, and anything else is refused or at least harmless.
#include "worker/reply.h"

#include "output/report.h"
#include "run_case.h"
#include "test.h"

#include <stdlib.h>
#include <string.h>

// Passes and fails, with nested steps, texts of every kind and edits.
#define STORY                                                                                      \
    "kldr: 1\n"                                                                                    \
    "policy: { refused: one-final }\n"                                                             \
    "images:\n"                                                                                    \
    "  port.sys:\n"                                                                                \
    "    exports: [P]\n"                                                                           \
    "    DllInitialize: { do: [ { load: other, expect: { modules: [one.sys] } } ] }\n"             \
    "    DllUnload: STATUS_UNSUCCESSFUL\n"                                                         \
    "  other.sys: {}\n"                                                                            \
    "  one.sys: { imports: { port.sys: [P, Missing] } }\n"                                         \
    "  two.sys: { imports: { port.sys: [P] } }\n"                                                  \
    "steps:\n"                                                                                     \
    "  - load: one\n"                                                                              \
    "    expect: { status: STATUS_SUCCESS }\n"                                                     \
    "  - load: two\n"                                                                              \
    "    expect: { modules: [two.sys], counts: { port.sys: 7 }, calls: [] }\n"                     \
    "  - unload: two\n"

#define STOPS                                                                                      \
    "kldr: 1\n"                                                                                    \
    "images: { one.sys: { DriverEntry: { raise: 0xC0000005 } } }\n"                                \
    "steps: [ { load: one } ]\n"

struct fixture {
    struct run_case test;
    struct ks_run_options options;
    const struct ks_result *result;
    struct ks_wire_writer writer;
};

static void fixture_init_as(struct fixture *fixture, const char *text, bool sweeps)
{
    static const struct ks_policy_override policy = {.knob = "launder", .value = "no"};
    memset(fixture, 0, sizeof *fixture);
    run_case_init(&fixture->test, text);
    fixture->options = run_case_options(&fixture->test, KLDR_PROFILE_NT52);
    fixture->options.want_edits = true;
    fixture->options.sweeps = sweeps;
    fixture->options.seed = 42;
    fixture->options.policy = &policy;
    fixture->options.policy_count = 1;
    fixture->result =
        ks_runner_run(fixture->test.runner, fixture->test.scenario, &fixture->options);
    assert_non_null(fixture->result);
    struct ks_result sent = *fixture->result;
    sent.unisolated = "this system has no walls";
    ks_worker_reply_write(&fixture->writer, &sent);
    assert_false(fixture->writer.out_of_memory);
}

static void fixture_init(struct fixture *fixture, const char *text)
{
    fixture_init_as(fixture, text, false);
}

static void fixture_fini(struct fixture *fixture)
{
    ks_wire_writer_fini(&fixture->writer);
    run_case_fini(&fixture->test);
}

static enum ks_reply_read read_back(const struct fixture *fixture, const void *bytes, size_t size,
                                    struct ks_worker_reply *reply)
{
    return ks_worker_reply_read(bytes, size, fixture->test.scenario, &fixture->options, reply);
}

static void same_text(const char *left, const char *right)
{
    assert_int_equal(left == NULL, right == NULL);
    if (left != NULL) {
        assert_string_equal(left, right);
    }
}

static void same_failures(const struct ks_result *left, const struct ks_result *right)
{
    assert_int_equal(left->failure_count, right->failure_count);
    for (size_t i = 0; i < left->failure_count; i++) {
        const struct ks_failure *a = &left->failures[i], *b = &right->failures[i];
        assert_ptr_equal(a->step, b->step);
        assert_int_equal(a->step_number, b->step_number);
        assert_memory_equal(&a->place, &b->place, sizeof a->place);
        same_text(a->key, b->key);
        same_text(a->wanted, b->wanted);
        same_text(a->got, b->got);
        same_text(a->message, b->message);
        same_text(a->note, b->note);
        same_text(a->why, b->why);
        assert_int_equal(a->event_count, b->event_count);
    }
}

static void same_edits(const struct ks_result *left, const struct ks_result *right)
{
    assert_int_equal(left->edit_count, right->edit_count);
    for (size_t i = 0; i < left->edit_count; i++) {
        const struct ks_accept_edit *a = &left->edits[i], *b = &right->edits[i];
        assert_ptr_equal(a->step, b->step);
        assert_memory_equal(&a->place, &b->place, sizeof a->place);
        same_text(a->key, b->key);
        same_text(a->subkey, b->subkey);
        same_text(a->text, b->text);
    }
}

static bool count_bytes(void *user, const char *bytes, size_t size)
{
    struct ks_wire_writer *writer = user;
    ks_wire_put_bytes(writer, bytes, size);
    return true;
}

// The result in a format; freed with ks_wire_writer_fini.
static struct ks_wire_writer report(const struct ks_result *result, enum ks_format format)
{
    struct ks_wire_writer text = {0};
    struct ks_sink sink = {count_bytes, &text};
    struct ks_report_options options = {.verbosity = 2, .version = "0", .trace = UINT64_MAX};
    struct ks_totals totals = {0};
    struct ks_report *made = ks_report_begin(format, &sink, &options, 1);
    assert_non_null(made);
    ks_report_result(made, result);
    ks_totals_add(&totals, result);
    assert_true(ks_report_end(made, &totals));
    return text;
}

static void check_round_trip(const char *text)
{
    struct fixture fixture;
    struct ks_worker_reply reply;
    fixture_init(&fixture, text);
    const struct ks_result *wanted = fixture.result, *got = &reply.result;
    assert_int_equal(read_back(&fixture, fixture.writer.bytes, fixture.writer.size, &reply),
                     KS_REPLY_READ);
    assert_string_equal(got->unisolated, "this system has no walls");
    assert_int_equal(got->outcome, wanted->outcome);
    assert_string_equal(got->reason, wanted->reason);
    assert_memory_equal(&got->policy, &wanted->policy, sizeof wanted->policy);
    assert_int_equal(got->seed, wanted->seed);
    assert_int_equal(got->steps_run, wanted->steps_run);
    assert_int_equal(got->finding_count, wanted->finding_count);
    assert_int_equal(got->has_bugcheck, wanted->has_bugcheck);
    assert_int_equal(got->bugcheck.code, wanted->bugcheck.code);
    assert_string_equal(got->bugcheck.module, wanted->bugcheck.module);
    same_failures(got, wanted);
    same_edits(got, wanted);
    for (int format = 0; format < KS_FORMAT_COUNT; format++) {
        struct ks_wire_writer a = report(wanted, (enum ks_format)format);
        struct ks_wire_writer b = report(got, (enum ks_format)format);
        assert_int_equal(a.size, b.size);
        assert_memory_equal(a.bytes, b.bytes, a.size);
        ks_wire_writer_fini(&a);
        ks_wire_writer_fini(&b);
    }
    ks_worker_reply_fini(&reply);
    fixture_fini(&fixture);
}

// ---- tests ----

static void sites_of_faults_come_back(void **state)
{
    struct fixture fixture;
    struct ks_worker_reply reply;
    (void)state;
    fixture_init_as(&fixture, STORY, true);
    const struct ks_result *wanted = fixture.result, *got = &reply.result;
    assert_true(wanted->fault_site_count >= 3);
    assert_int_equal(wanted->failure_count, 0);
    assert_int_equal(read_back(&fixture, fixture.writer.bytes, fixture.writer.size, &reply),
                     KS_REPLY_READ);
    assert_int_equal(got->operations, wanted->operations);
    assert_int_equal(got->fault_site_count, wanted->fault_site_count);
    for (size_t i = 0; i < wanted->fault_site_count; i++) {
        const struct ks_fault_site *a = &wanted->fault_sites[i], *b = &got->fault_sites[i];
        assert_int_equal(a->number, b->number);
        assert_int_equal(a->operation, b->operation);
        assert_int_equal(a->in_step, b->in_step);
        assert_int_equal(a->stack, b->stack);
        assert_int_equal(a->step, b->step);
        assert_int_equal(a->offset, b->offset);
        assert_string_equal(a->module, b->module);
    }
    ks_worker_reply_fini(&reply);
    fixture_fini(&fixture);
}

static void a_result_with_failures_and_edits_comes_back(void **state)
{
    struct fixture fixture;
    (void)state;
    fixture_init(&fixture, STORY);
    assert_true(fixture.result->failure_count >= 3);
    assert_true(fixture.result->edit_count >= 2);
    fixture_fini(&fixture);
    check_round_trip(STORY);
}

static void a_stop_comes_back(void **state)
{
    struct fixture fixture;
    (void)state;
    fixture_init(&fixture, STOPS);
    assert_true(fixture.result->has_bugcheck);
    fixture_fini(&fixture);
    check_round_trip(STOPS);
}

static void a_failure_in_a_step_inside_a_routine_keeps_its_step(void **state)
{
    struct fixture fixture;
    bool inside = false;
    (void)state;
    fixture_init(&fixture, STORY);
    for (size_t i = 0; i < fixture.result->failure_count; i++) {
        const struct ks_step *step = fixture.result->failures[i].step;
        inside = inside || (step != NULL && strcmp(step->service, "other") == 0);
    }
    assert_true(inside);
    fixture_fini(&fixture);
}

static void what_is_cut_short_is_refused(void **state)
{
    struct fixture fixture;
    (void)state;
    fixture_init(&fixture, STORY);
    for (size_t size = 0; size < fixture.writer.size; size++) {
        struct ks_worker_reply reply;
        // In memory of just that size, so that a sanitizer sees what is read behind it.
        uint8_t *bytes = malloc(size + 1);
        assert_non_null(bytes);
        memcpy(bytes, fixture.writer.bytes, size);
        uint8_t *exact = size > 0 ? realloc(bytes, size) : bytes;
        assert_int_equal(read_back(&fixture, exact, size, &reply), KS_REPLY_MALFORMED);
        ks_worker_reply_fini(&reply);
        free(exact);
    }
    fixture_fini(&fixture);
}

static void what_follows_the_end_is_refused(void **state)
{
    struct fixture fixture;
    struct ks_worker_reply reply;
    (void)state;
    fixture_init(&fixture, STORY);
    ks_wire_put8(&fixture.writer, 0);
    assert_int_equal(read_back(&fixture, fixture.writer.bytes, fixture.writer.size, &reply),
                     KS_REPLY_MALFORMED);
    ks_worker_reply_fini(&reply);
    fixture_fini(&fixture);
}

// What is not refused can be shown in every format.
static void any_changed_byte_is_refused_or_can_be_shown(void **state)
{
    static const uint8_t changes[] = {0x01, 0x80, 0xFF};
    struct fixture fixture;
    size_t refused = 0, shown = 0;
    (void)state;
    fixture_init(&fixture, STORY);
    for (size_t i = 0; i < COUNT_OF(changes) * fixture.writer.size; i++) {
        struct ks_worker_reply reply;
        uint8_t *byte = &fixture.writer.bytes[i / COUNT_OF(changes)];
        uint8_t change = changes[i % COUNT_OF(changes)];
        *byte ^= change;
        if (read_back(&fixture, fixture.writer.bytes, fixture.writer.size, &reply) ==
            KS_REPLY_READ) {
            struct ks_wire_writer text =
                report(&reply.result, (enum ks_format)(i % KS_FORMAT_COUNT));
            ks_wire_writer_fini(&text);
            shown++;
        } else {
            refused++;
        }
        ks_worker_reply_fini(&reply);
        *byte ^= change;
    }
    assert_true(refused > 0 && shown > 0);
    fixture_fini(&fixture);
}

static void an_event_without_the_text_of_its_kind_is_refused(void **state)
{
    struct kldr_event event = {.kind = KLDR_EVENT_STEP_BEGIN, .text = "load"}, got;
    struct ks_wire_writer writer = {0};
    struct ks_wire_reader reader;
    (void)state;
    ks_worker_event_write(&writer, &event);
    ks_wire_reader_init(&reader, writer.bytes, writer.size);
    assert_true(ks_worker_event_read(&reader, 10, &got));
    assert_string_equal(got.text, "load");
    ks_wire_writer_fini(&writer);
    event.text = NULL;
    ks_worker_event_write(&writer, &event);
    ks_wire_reader_init(&reader, writer.bytes, writer.size);
    assert_false(ks_worker_event_read(&reader, 10, &got));
    ks_wire_writer_fini(&writer);
}

static void registers_are_plain_text(void **state)
{
    static const struct {
        const char *registers;
        bool plain;
    } cases[] = {
        {"rax=0x0 rip=0xfffff80000061010", true}, {"rax=\x1b[31m", false}, {"\xC3", false}};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct kldr_event event = {.kind = KLDR_EVENT_BUGCHECK, .registers = cases[i].registers};
        struct kldr_event got;
        struct ks_wire_writer writer = {0};
        struct ks_wire_reader reader;
        ks_worker_event_write(&writer, &event);
        ks_wire_reader_init(&reader, writer.bytes, writer.size);
        assert_int_equal(ks_worker_event_read(&reader, 10, &got), cases[i].plain);
        ks_wire_writer_fini(&writer);
    }
}

static void an_event_deeper_than_the_limit_is_refused(void **state)
{
    struct kldr_event event = {.kind = KLDR_EVENT_DEBUG_PRINT, .text = "x", .depth = 11}, got;
    struct ks_wire_writer writer = {0};
    struct ks_wire_reader reader;
    (void)state;
    ks_worker_event_write(&writer, &event);
    ks_wire_reader_init(&reader, writer.bytes, writer.size);
    assert_false(ks_worker_event_read(&reader, 10, &got));
    ks_wire_reader_init(&reader, writer.bytes, writer.size);
    assert_true(ks_worker_event_read(&reader, 11, &got));
    ks_wire_writer_fini(&writer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sites_of_faults_come_back),
        cmocka_unit_test(a_result_with_failures_and_edits_comes_back),
        cmocka_unit_test(a_stop_comes_back),
        cmocka_unit_test(a_failure_in_a_step_inside_a_routine_keeps_its_step),
        cmocka_unit_test(what_is_cut_short_is_refused),
        cmocka_unit_test(what_follows_the_end_is_refused),
        cmocka_unit_test(any_changed_byte_is_refused_or_can_be_shown),
        cmocka_unit_test(an_event_without_the_text_of_its_kind_is_refused),
        cmocka_unit_test(registers_are_plain_text),
        cmocka_unit_test(an_event_deeper_than_the_limit_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
