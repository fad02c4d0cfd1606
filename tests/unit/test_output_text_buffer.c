// SPDX-License-Identifier: MIT
// Text under construction, and the reading of UTF-8.
#include "output_sample.h"

#include "output/utf8.h"

static void numbers_are_written_in_full(void **state)
{
    struct ks_text_buffer text;
    (void)state;
    ks_text_buffer_init(&text, NULL);
    ks_text_buffer_unsigned(&text, 0);
    ks_text_buffer_char(&text, ' ');
    ks_text_buffer_unsigned(&text, UINT64_MAX);
    ks_text_buffer_char(&text, ' ');
    ks_text_buffer_signed(&text, INT64_MIN);
    ks_text_buffer_char(&text, ' ');
    ks_text_buffer_hex(&text, 0, 0);
    ks_text_buffer_char(&text, ' ');
    ks_text_buffer_hex(&text, 0x7E, 8);
    ks_text_buffer_char(&text, ' ');
    ks_text_buffer_hex(&text, UINT64_MAX, 1);
    ks_text_buffer_char(&text, ' ');
    ks_text_buffer_address(&text, UINT64_C(0xfffff80000010000));
    ks_text_buffer_char(&text, '\0');
    assert_string_equal(text.bytes, "0 18446744073709551615 -9223372036854775808 0x 0x0000007E "
                                    "0xFFFFFFFFFFFFFFFF 0xfffff80000010000");
    ks_text_buffer_fini(&text);
}

static void what_is_not_text_becomes_visible(void **state)
{
    struct ks_text_buffer text;
    (void)state;
    ks_text_buffer_init(&text, NULL);
    ks_text_buffer_visible(&text, "a\x1b\n\x7F\xFF\xC3\xA4\xC2\x85");
    ks_text_buffer_char(&text, '\0');
    assert_string_equal(text.bytes, "a\\x1b\\x0a\\x7f\\xff\xC3\xA4\\xc2\\x85");
    ks_text_buffer_fini(&text);
}

static bool count_bytes(void *user, const char *bytes, size_t size)
{
    (void)bytes;
    *(size_t *)user += size;
    return true;
}

static void a_sink_gets_every_byte_once(void **state)
{
    size_t counted = 0, written = 0;
    const struct ks_sink sink = {count_bytes, &counted};
    struct ks_text_buffer text;
    (void)state;
    ks_text_buffer_init(&text, &sink);
    for (unsigned i = 0; i < 3000; i++) {
        ks_text_buffer_text(&text, "some text of forty-one bytes, more or less");
        ks_text_buffer_repeat(&text, '.', i % 700);
        written += strlen("some text of forty-one bytes, more or less") + i % 700;
    }
    assert_true(ks_text_buffer_flush(&text));
    assert_int_equal(counted, written);
    ks_text_buffer_fini(&text);
}

static bool fail_once(void *user, const char *bytes, size_t size)
{
    (void)bytes;
    (void)size;
    return ++*(unsigned *)user != 2;
}

static void one_failure_of_a_sink_is_remembered(void **state)
{
    unsigned calls = 0;
    const struct ks_sink sink = {fail_once, &calls};
    struct ks_text_buffer text;
    (void)state;
    ks_text_buffer_init(&text, &sink);
    for (unsigned i = 0; i < 5; i++) {
        ks_text_buffer_text(&text, "x");
        assert_int_equal(ks_text_buffer_flush(&text), i == 0);
    }
    ks_text_buffer_fini(&text);
}

static void utf8_is_read_strictly(void **state)
{
    static const struct {
        const char *bytes;
        size_t length;
        uint32_t code;
    } cases[] = {
        {"A", 1, 'A'},
        {"\xC3\xA4", 2, 0xE4},
        {"\xE2\x82\xAC", 3, 0x20AC},
        {"\xF0\x9F\x98\x80", 4, 0x1F600},
        {"\xF4\x8F\xBF\xBF", 4, 0x10FFFF},
        {"\xEF\xBF\xBF", 3, 0xFFFF},
        {"\x80", 1, KS_UTF8_INVALID},
        {"\xC3", 1, KS_UTF8_INVALID},
        {"\xC3\x41", 1, KS_UTF8_INVALID},
        {"\xC0\x80", 1, KS_UTF8_INVALID},
        {"\xE0\x9F\xBF", 1, KS_UTF8_INVALID},
        {"\xED\xA0\x80", 1, KS_UTF8_INVALID},
        {"\xF0\x8F\xBF\xBF", 1, KS_UTF8_INVALID},
        {"\xF4\x90\x80\x80", 1, KS_UTF8_INVALID},
        {"\xF8\x88\x80\x80\x80", 1, KS_UTF8_INVALID},
        {"\xFF", 1, KS_UTF8_INVALID},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        uint32_t code;
        const char *end = cases[i].bytes + strlen(cases[i].bytes);
        assert_int_equal(ks_utf8_next(cases[i].bytes, end, &code), cases[i].length);
        assert_int_equal(code, cases[i].code);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_written_in_full),
        cmocka_unit_test(what_is_not_text_becomes_visible),
        cmocka_unit_test(a_sink_gets_every_byte_once),
        cmocka_unit_test(one_failure_of_a_sink_is_remembered),
        cmocka_unit_test(utf8_is_read_strictly),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
