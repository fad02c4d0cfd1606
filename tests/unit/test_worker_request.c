// SPDX-License-Identifier: MIT
#include "worker/request.h"

#include "run_case.h"
#include "test.h"
#include "worker/frame.h"

#include <stdlib.h>
#include <string.h>

#define TEXT                                                                                       \
    "kldr: 1\nsteps: []\n---\nkldr: 1\nname: second\nimages: { a.sys: {} }\nsteps: [ { load: a "   \
    "} ]\n"

static void write_request(const struct run_case *test, struct ks_wire_writer *writer)
{
    static const struct ks_policy_override policy[] = {{.knob = "launder", .value = "no"},
                                                       {.knob = "search", .value = "x"}};
    static const struct ks_variable variables[] = {{"NAME", "value"}, {"EMPTY", ""}};
    static const char *const directories[] = {"somewhere"};
    struct ks_run_options options = run_case_options(test, KLDR_PROFILE_24H2);
    options.policy = policy;
    options.policy_count = 2;
    options.variables = variables;
    options.variable_count = 2;
    options.directories = directories;
    options.directory_count = 1;
    options.cpu = KLDR_CPU_NATIVE;
    options.strict = options.want_edits = true;
    options.seed = UINT64_C(0x123456789ABCDEF0);
    options.seconds = 17;
    options.steps = 3;
    options.sweeps = true;
    options.fail_operation = 4712;
    options.every_operation = true;
    ks_worker_request_write(writer, &test->parsed.file->scenarios[1], &options, 4711, true);
    assert_false(writer->out_of_memory);
}

static void a_request_comes_back(void **state)
{
    struct run_case test;
    struct ks_wire_writer writer = {0};
    struct ks_worker_request request;
    (void)state;
    run_case_init(&test, TEXT);
    write_request(&test, &writer);
    assert_true(ks_worker_request_read(writer.bytes, writer.size, &request));
    assert_string_equal(request.path, "case.kldr.yaml");
    assert_int_equal(request.text_size, strlen(TEXT));
    assert_memory_equal(request.text, TEXT, strlen(TEXT));
    assert_int_equal(request.index, 1);
    assert_int_equal(request.parent, 4711);
    assert_true(request.finds_files);
    assert_true(request.finds_decoder);
    assert_int_equal(request.options.profile, KLDR_PROFILE_24H2);
    assert_int_equal(request.options.cpu, KLDR_CPU_NATIVE);
    assert_true(request.options.strict && request.options.want_edits && request.options.record);
    assert_true(request.options.seed == UINT64_C(0x123456789ABCDEF0));
    assert_int_equal(request.options.seconds, 17);
    assert_int_equal(request.options.steps, 3);
    assert_true(request.options.sweeps);
    assert_int_equal(request.options.fail_operation, 4712);
    assert_true(request.options.every_operation);
    assert_int_equal(request.options.policy_count, 2);
    assert_string_equal(request.options.policy[1].knob, "search");
    assert_int_equal(request.options.variable_count, 2);
    assert_string_equal(request.options.variables[0].value, "value");
    assert_string_equal(request.options.variables[1].value, "");
    ks_worker_request_fini(&request);
    ks_wire_writer_fini(&writer);
    run_case_fini(&test);
}

static void what_is_cut_short_is_refused(void **state)
{
    struct run_case test;
    struct ks_wire_writer writer = {0};
    (void)state;
    run_case_init(&test, TEXT);
    write_request(&test, &writer);
    for (size_t size = 0; size < writer.size; size++) {
        struct ks_worker_request request;
        assert_false(ks_worker_request_read(writer.bytes, size, &request));
    }
    ks_wire_writer_fini(&writer);
    run_case_fini(&test);
}

static void a_text_has_its_end_and_no_other(void **state)
{
    static const uint8_t good[] = {3, 0, 0, 0, 'a', 'b', 0}, inner[] = {3, 0, 0, 0, 'a', 0, 0},
                         open[] = {3, 0, 0, 0, 'a', 'b', 'c'}, none[] = {0, 0, 0, 0};
    struct ks_wire_reader reader;
    (void)state;
    ks_wire_reader_init(&reader, good, sizeof good);
    assert_string_equal(ks_wire_get_text(&reader), "ab");
    assert_true(ks_wire_at_end(&reader));
    ks_wire_reader_init(&reader, inner, sizeof inner);
    assert_null(ks_wire_get_text(&reader));
    assert_true(reader.bad);
    ks_wire_reader_init(&reader, open, sizeof open);
    assert_null(ks_wire_get_text(&reader));
    assert_true(reader.bad);
    ks_wire_reader_init(&reader, none, sizeof none);
    assert_null(ks_wire_get_text(&reader));
    assert_true(ks_wire_at_end(&reader));
}

static void a_count_never_promises_more_than_is_there(void **state)
{
    static const uint8_t bytes[] = {2, 0, 0, 0, 0, 0, 0, 0, 'a', 'b', 'c', 'd'};
    struct ks_wire_reader reader;
    (void)state;
    ks_wire_reader_init(&reader, bytes, sizeof bytes);
    assert_int_equal(ks_wire_get_count(&reader, 2), 2);
    ks_wire_reader_init(&reader, bytes, sizeof bytes);
    assert_int_equal(ks_wire_get_count(&reader, 3), 0);
    assert_true(reader.bad);
}

static void a_header_of_a_frame_is_known_by_its_mark(void **state)
{
    uint8_t header[KS_FRAME_HEADER_SIZE];
    struct ks_frame frame;
    (void)state;
    ks_frame_write(header, KS_FRAME_RESULT, UINT64_C(0x1122334455667788));
    assert_true(ks_frame_read(header, &frame));
    assert_int_equal(frame.kind, KS_FRAME_RESULT);
    assert_true(frame.size == UINT64_C(0x1122334455667788));
    header[4] = KS_FRAME_RESULT + 1;
    assert_false(ks_frame_read(header, &frame));
    header[4] = KS_FRAME_RESULT;
    header[0] ^= 1;
    assert_false(ks_frame_read(header, &frame));
}

static void a_request_of_another_version_is_refused(void **state)
{
    struct run_case test;
    struct ks_wire_writer writer = {0};
    struct ks_worker_request request;
    (void)state;
    run_case_init(&test, TEXT);
    write_request(&test, &writer);
    assert_true(ks_worker_request_is_of_this_version(writer.bytes, writer.size));
    for (size_t at = 0; at < 10; at += 9) { // of the format, and of the text behind its length
        writer.bytes[at] ^= 1;
        assert_false(ks_worker_request_is_of_this_version(writer.bytes, writer.size));
        assert_false(ks_worker_request_read(writer.bytes, writer.size, &request));
        writer.bytes[at] ^= 1;
    }
    assert_false(ks_worker_request_is_of_this_version(writer.bytes, 3));
    ks_wire_writer_fini(&writer);
    run_case_fini(&test);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_request_comes_back),
        cmocka_unit_test(what_is_cut_short_is_refused),
        cmocka_unit_test(a_request_of_another_version_is_refused),
        cmocka_unit_test(a_text_has_its_end_and_no_other),
        cmocka_unit_test(a_count_never_promises_more_than_is_there),
        cmocka_unit_test(a_header_of_a_frame_is_known_by_its_mark),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
