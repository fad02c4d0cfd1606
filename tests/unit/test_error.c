// SPDX-License-Identifier: MIT
#include <kldr/error.h>
#include <kldr/event.h>

#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void set(char *field, const char *text)
{
    strcpy(field, text);
}

static void assert_formats_as(const struct kldr_error *error, const char *expected)
{
    char text[4096];
    assert_int_equal(kldr_error_format(error, text, sizeof text), strlen(expected));
    assert_string_equal(text, expected);
}

static void clearing_makes_no_error_of_anything(void **state)
{
    static const struct kldr_error none;
    struct kldr_error error;
    (void)state;
    memset(&error, 0x55, sizeof error);
    kldr_error_clear(&error);
    assert_memory_equal(&error, &none, sizeof none);
    kldr_error_clear(NULL);
}

static void setting_leaves_the_names_alone(void **state)
{
    struct kldr_error error = {0};
    (void)state;
    set(error.module, "port.sys");
    kldr_error_set(&error, KLDR_ERROR_LIMIT, KLDR_ORIGIN_HOST, KLDR_STAGE_MAP, "%d of %s", 7,
                   "ten");
    assert_int_equal(error.status, KLDR_ERROR_LIMIT);
    assert_int_equal(error.origin, KLDR_ORIGIN_HOST);
    assert_int_equal(error.stage, KLDR_STAGE_MAP);
    assert_string_equal(error.detail, "7 of ten");
    assert_string_equal(error.module, "port.sys");
    kldr_error_set(NULL, KLDR_ERROR_LIMIT, KLDR_ORIGIN_HOST, KLDR_STAGE_MAP, "nobody reads this");
}

static void a_detail_that_is_too_long_is_cut(void **state)
{
    struct kldr_error error = {0};
    (void)state;
    kldr_error_set(&error, KLDR_ERROR_LIMIT, KLDR_ORIGIN_HOST, KLDR_STAGE_MAP, "%600d", 1);
    assert_int_equal(strlen(error.detail), KLDR_DETAIL_SIZE - 1);
}

static void a_missing_export_names_importer_target_and_symbol(void **state)
{
    struct kldr_error error = {0};
    (void)state;
    kldr_error_set(&error, KLDR_STATUS_DRIVER_ENTRYPOINT_NOT_FOUND, KLDR_ORIGIN_KERNEL,
                   KLDR_STAGE_RESOLVE, "there is no such export");
    set(error.importer, "mini.sys");
    set(error.module, "port.sys");
    set(error.symbol, "PortFoo");
    set(error.advice, "PortFoo2");
    error.rva = 0x2030;
    assert_formats_as(&error,
                      "STATUS_DRIVER_ENTRYPOINT_NOT_FOUND (0xC0000263) resolving the imports of "
                      "mini.sys -> port.sys!PortFoo: there is no such export (at RVA 0x2030); "
                      "try: PortFoo2");
}

static void a_missing_ordinal_is_written_with_a_number_sign(void **state)
{
    struct kldr_error error = {0};
    (void)state;
    kldr_error_set(&error, KLDR_STATUS_DRIVER_ORDINAL_NOT_FOUND, KLDR_ORIGIN_KERNEL,
                   KLDR_STAGE_RESOLVE, "gone");
    set(error.module, "port.sys");
    error.has_ordinal = true;
    error.ordinal = 7;
    assert_formats_as(
        &error,
        "STATUS_DRIVER_ORDINAL_NOT_FOUND (0xC0000262) resolving the imports of port.sys!#7: gone");
}

static void without_detail_the_meaning_of_the_status_is_given(void **state)
{
    struct kldr_error error = {.status = KLDR_STATUS_OBJECT_NAME_NOT_FOUND,
                               .stage = KLDR_STAGE_OPEN};
    (void)state;
    assert_formats_as(&error,
                      "STATUS_OBJECT_NAME_NOT_FOUND (0xC0000034): no object or file of that name");
    set(error.importer, "mini.sys");
    assert_formats_as(&error, "STATUS_OBJECT_NAME_NOT_FOUND (0xC0000034) opening mini.sys: no "
                              "object or file of that name");
}

static void an_input_error_begins_with_its_place_and_says_what_is_wrong(void **state)
{
    struct kldr_error error = {0};
    (void)state;
    kldr_error_set(&error, KLDR_ERROR_SCENARIO, KLDR_ORIGIN_HOST, KLDR_STAGE_INPUT,
                   "unknown key \"imagse\"");
    set(error.file, "a.kldr.yaml");
    assert_formats_as(&error, "a.kldr.yaml: unknown key \"imagse\"");
    error.line = 3;
    assert_formats_as(&error, "a.kldr.yaml:3: unknown key \"imagse\"");
    error.column = 14;
    set(error.advice, "images");
    assert_formats_as(&error, "a.kldr.yaml:3:14: unknown key \"imagse\"; try: images");
}

static void every_stage_has_words_of_its_own(void **state)
{
    char seen[KLDR_STAGE_INPUT + 1][128];
    (void)state;
    for (int stage = KLDR_STAGE_NONE; stage <= KLDR_STAGE_INPUT; stage++) {
        struct kldr_error error = {.status = 0xc1234567, .stage = (enum kldr_stage)stage};
        set(error.module, "a.sys");
        kldr_error_format(&error, seen[stage], sizeof seen[stage]);
        for (int other = KLDR_STAGE_NONE; other < stage; other++)
            assert_string_not_equal(seen[stage], seen[other]);
    }
}

static void a_buffer_of_any_size_is_terminated_and_the_length_is_the_whole_text(void **state)
{
    struct kldr_error error = {0};
    char whole[256];
    (void)state;
    kldr_error_set(&error, KLDR_STATUS_INVALID_IMAGE_FORMAT, KLDR_ORIGIN_KERNEL, KLDR_STAGE_MAP,
                   "bad section");
    set(error.file, "x.sys");
    set(error.module, "x.sys");
    size_t length = kldr_error_format(&error, whole, sizeof whole);
    assert_int_equal(kldr_error_format(&error, NULL, 0), length);
    for (size_t size = 1; size <= length + 1; size++) {
        char *text = malloc(size); // exact, so that a sanitizer sees a write past it
        assert_int_equal(kldr_error_format(&error, text, size), length);
        assert_int_equal(strlen(text), size - 1);
        assert_memory_equal(text, whole, size - 1);
        free(text);
    }
}

static void event_names_are_found_both_ways(void **state)
{
    enum kldr_event_kind found = KLDR_EVENT_NOTE;
    (void)state;
    for (unsigned kind = 0; kind < KLDR_EVENT_KIND_COUNT; kind++) {
        assert_true(kldr_event_find(kldr_event_name((enum kldr_event_kind)kind), &found));
        assert_int_equal(found, kind);
    }
    assert_string_equal(kldr_event_name(KLDR_EVENT_IMAGE_MAPPED), "image.mapped");
    assert_null(kldr_event_name(KLDR_EVENT_KIND_COUNT));
    found = KLDR_EVENT_NOTE;
    assert_false(kldr_event_find("image.mappe", &found));
    assert_int_equal(found, KLDR_EVENT_NOTE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(clearing_makes_no_error_of_anything),
        cmocka_unit_test(setting_leaves_the_names_alone),
        cmocka_unit_test(a_detail_that_is_too_long_is_cut),
        cmocka_unit_test(a_missing_export_names_importer_target_and_symbol),
        cmocka_unit_test(a_missing_ordinal_is_written_with_a_number_sign),
        cmocka_unit_test(without_detail_the_meaning_of_the_status_is_given),
        cmocka_unit_test(an_input_error_begins_with_its_place_and_says_what_is_wrong),
        cmocka_unit_test(every_stage_has_words_of_its_own),
        cmocka_unit_test(a_buffer_of_any_size_is_terminated_and_the_length_is_the_whole_text),
        cmocka_unit_test(event_names_are_found_both_ways),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
