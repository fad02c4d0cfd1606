// SPDX-License-Identifier: MIT
// The JSON writer and the two JSON reports, judged by a strict parser.
#include "output_sample.h"

#include "output/json_writer.h"

#include <jansson.h>

static json_t *parse(const char *text, size_t size)
{
    json_error_t error;
    json_t *value = json_loadb(text, size, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error);
    if (value == NULL) {
        print_error("%s\n%.*s\n", error.text, (int)size, text);
    }
    assert_non_null(value);
    return value;
}

static void any_bytes_become_a_string_that_a_strict_parser_reads(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(hostile); i++) {
        struct ks_text_buffer buffer;
        ks_text_buffer_init(&buffer, NULL);
        ks_json_quote(&buffer, hostile[i]);
        json_t *value = parse(buffer.bytes, buffer.size);
        assert_true(json_is_string(value));
        json_decref(value);
        ks_text_buffer_fini(&buffer);
    }
}

static void every_two_bytes_become_a_string_that_a_strict_parser_reads(void **state)
{
    (void)state;
    for (unsigned first = 1; first <= 0xFF; first++) {
        struct ks_text_buffer buffer;
        struct ks_json json;
        ks_text_buffer_init(&buffer, NULL);
        ks_json_init(&json, &buffer);
        ks_json_begin_array(&json);
        for (unsigned second = 0; second <= 0xFF; second++) {
            const char text[3] = {(char)first, (char)second, '\0'};
            ks_json_text(&json, text);
        }
        ks_json_end_array(&json);
        json_t *array = parse(buffer.bytes, buffer.size);
        assert_int_equal(json_array_size(array), 256);
        json_decref(array);
        ks_text_buffer_fini(&buffer);
    }
}

static void valid_text_comes_back_unchanged_and_the_rest_as_replacement_characters(void **state)
{
    static const struct {
        const char *text, *read;
    } cases[] = {
        {"\xC3\xA4\xF0\x9F\x98\x80", "\xC3\xA4\xF0\x9F\x98\x80"},
        {"a\nb\x01\"\\\x7F", "a\nb\x01\"\\\x7F"},
        {"x\xC3y", "x\xEF\xBF\xBDy"},
        {"\xED\xA0\x80", "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD"},
        {"\xE2\x80\xA8", "\xE2\x80\xA8"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct ks_text_buffer buffer;
        ks_text_buffer_init(&buffer, NULL);
        ks_json_quote(&buffer, cases[i].text);
        json_t *value = parse(buffer.bytes, buffer.size);
        assert_string_equal(json_string_value(value), cases[i].read);
        json_decref(value);
        ks_text_buffer_fini(&buffer);
    }
}

static void nested_containers_get_their_commas(void **state)
{
    struct ks_text_buffer buffer;
    struct ks_json json;
    (void)state;
    ks_text_buffer_init(&buffer, NULL);
    ks_json_init(&json, &buffer);
    ks_json_begin_object(&json);
    ks_json_key(&json, "a");
    ks_json_begin_array(&json);
    ks_json_unsigned(&json, 1);
    ks_json_signed(&json, INT64_MIN);
    ks_json_begin_object(&json);
    ks_json_end_object(&json);
    ks_json_text(&json, NULL);
    ks_json_end_array(&json);
    ks_json_key_bool(&json, "b", true);
    ks_json_key_hex(&json, "c", 0xC0000034, 8);
    ks_json_key_status(&json, KLDR_STATUS_OBJECT_NAME_NOT_FOUND);
    ks_json_key(&json, "d");
    ks_json_address(&json, UINT64_MAX);
    ks_json_end_object(&json);
    ks_text_buffer_char(&buffer, '\0');
    assert_string_equal(
        buffer.bytes, "{\"a\":[1,-9223372036854775808,{},null],\"b\":true,\"c\":\"0xC0000034\","
                      "\"status\":\"0xC0000034\",\"status_name\":\"STATUS_OBJECT_NAME_NOT_FOUND\","
                      "\"d\":\"0xffffffffffffffff\"}");
    ks_text_buffer_fini(&buffer);
}

static const char *text_at(json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    assert_non_null(text);
    return text;
}

static void a_report_has_version_results_and_summary(void **state)
{
    struct sample sample;
    (void)state;
    sample_init(&sample);
    struct ks_text_buffer text =
        report_text(KS_FORMAT_JSON, &plain_options, &sample.result, NULL, NULL);
    json_t *report = parse(text.bytes, text.size - 1);
    assert_int_equal(json_integer_value(json_object_get(report, "kldr_report")), 1);
    assert_string_equal(text_at(report, "version"), "1.2.3");
    json_t *result = json_array_get(json_object_get(report, "results"), 0);
    assert_string_equal(text_at(result, "file"), "dir/one.kldr.yaml");
    assert_string_equal(text_at(result, "scenario"), "One");
    assert_string_equal(text_at(result, "profile"), "nt52");
    assert_string_equal(text_at(result, "outcome"), "passed");
    assert_null(json_object_get(result, "policy"));
    json_t *summary = json_object_get(report, "summary");
    assert_int_equal(json_integer_value(json_object_get(summary, "passed")), 1);
    assert_int_equal(json_integer_value(json_object_get(summary, "exit_code")), 0);
    json_decref(report);
    ks_text_buffer_fini(&text);
}

static void a_failure_says_where_and_what(void **state)
{
    struct sample sample;
    (void)state;
    sample_init(&sample);
    sample_fail(&sample);
    sample.result.policy.value[KLDR_KNOB_REFUSED] = KLDR_REFUSED_ONE_FINAL;
    struct ks_text_buffer text =
        report_text(KS_FORMAT_JSON, &plain_options, &sample.result, NULL, NULL);
    json_t *report = parse(text.bytes, text.size - 1);
    json_t *result = json_array_get(json_object_get(report, "results"), 0);
    json_t *failure = json_array_get(json_object_get(result, "failures"), 0);
    assert_int_equal(json_integer_value(json_object_get(failure, "line")), 20);
    assert_int_equal(json_integer_value(json_object_get(failure, "step")), 2);
    assert_string_equal(text_at(failure, "key"), "counts.b.sys");
    assert_string_equal(text_at(failure, "wanted"), "1");
    assert_string_equal(text_at(failure, "got"), "2");
    assert_string_equal(text_at(json_object_get(result, "policy"), "refused"), "one-final");
    json_decref(report);
    ks_text_buffer_fini(&text);
}

static void hostile_names_stay_inside_their_strings(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(hostile); i++) {
        struct sample sample;
        sample_init(&sample);
        sample_fail(&sample);
        sample.scenario.name = sample.file.path = hostile[i];
        sample.failure.key = sample.failure.wanted = sample.failure.got = hostile[i];
        sample.failure.message = sample.failure.note = sample.result.reason = hostile[i];
        struct ks_text_buffer text =
            report_text(KS_FORMAT_JSON, &plain_options, &sample.result, NULL, NULL);
        json_decref(parse(text.bytes, text.size - 1));
        ks_text_buffer_fini(&text);
    }
}

static void a_bad_file_is_a_result_with_diagnostics(void **state)
{
    static const struct ks_diagnostic item = {
        .place = {4, 7, 0, 1}, .key_path = "steps[0]", .message = "wrong", .advice = "do right"};
    static const struct ks_diagnostics diagnostics = {&item, 1, false};
    (void)state;
    struct ks_text_buffer text =
        report_text(KS_FORMAT_JSON, &plain_options, NULL, &diagnostics, NULL);
    json_t *report = parse(text.bytes, text.size - 1);
    json_t *result = json_array_get(json_object_get(report, "results"), 0);
    json_t *first = json_array_get(json_object_get(result, "diagnostics"), 0);
    assert_string_equal(text_at(result, "outcome"), "invalid");
    assert_int_equal(json_integer_value(json_object_get(first, "line")), 4);
    assert_string_equal(text_at(first, "advice"), "do right");
    assert_int_equal(
        json_integer_value(json_object_get(json_object_get(report, "summary"), "exit_code")), 2);
    json_decref(report);
    ks_text_buffer_fini(&text);
}

static void a_trace_begins_with_its_header_and_has_one_object_in_a_line(void **state)
{
    struct sample sample;
    struct ks_event_log *log = ks_event_log_create();
    struct kldr_event event = {.kind = KLDR_EVENT_IMAGE_LISTED, .seq = 1, .module = "a.sys"};
    (void)state;
    sample_init(&sample);
    ks_event_log_append(log, &event);
    sample.result.events = log;
    struct ks_text_buffer text =
        report_text(KS_FORMAT_JSONL, &plain_options, &sample.result, NULL, NULL);
    assert_string_equal(
        text.bytes,
        "{\"kldr_trace\":1,\"scenario\":\"One\",\"profile\":\"nt52\",\"seed\":7,"
        "\"file\":\"dir/one.kldr.yaml\",\"outcome\":\"passed\"}\n"
        "{\"seq\":1,\"depth\":0,\"step\":0,\"event\":\"image.listed\",\"module\":\"a.sys\"}\n");
    ks_text_buffer_fini(&text);
    ks_event_log_destroy(log);
}

static void a_trace_selection_leaves_other_events_out(void **state)
{
    struct sample sample;
    struct ks_event_log *log = ks_event_log_create();
    struct kldr_event listed = {.kind = KLDR_EVENT_IMAGE_LISTED, .seq = 1, .module = "a.sys"};
    struct kldr_event notified = {.kind = KLDR_EVENT_IMAGE_NOTIFY, .seq = 2, .module = "a.sys"};
    struct ks_report_options options = plain_options;
    (void)state;
    sample_init(&sample);
    ks_event_log_append(log, &listed);
    ks_event_log_append(log, &notified);
    sample.result.events = log;
    options.trace = UINT64_C(1) << KLDR_EVENT_IMAGE_NOTIFY;
    struct ks_text_buffer text = report_text(KS_FORMAT_JSONL, &options, &sample.result, NULL, NULL);
    assert_null(strstr(text.bytes, "image.listed"));
    assert_non_null(strstr(text.bytes, "image.notify"));
    ks_text_buffer_fini(&text);
    ks_event_log_destroy(log);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_bytes_become_a_string_that_a_strict_parser_reads),
        cmocka_unit_test(every_two_bytes_become_a_string_that_a_strict_parser_reads),
        cmocka_unit_test(valid_text_comes_back_unchanged_and_the_rest_as_replacement_characters),
        cmocka_unit_test(nested_containers_get_their_commas),
        cmocka_unit_test(a_report_has_version_results_and_summary),
        cmocka_unit_test(a_failure_says_where_and_what),
        cmocka_unit_test(hostile_names_stay_inside_their_strings),
        cmocka_unit_test(a_bad_file_is_a_result_with_diagnostics),
        cmocka_unit_test(a_trace_begins_with_its_header_and_has_one_object_in_a_line),
        cmocka_unit_test(a_trace_selection_leaves_other_events_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
