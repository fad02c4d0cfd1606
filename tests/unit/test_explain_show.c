// SPDX-License-Identifier: MIT
// Entries as text and as JSON.
#include "explain/entry.h"
#include "test.h"

#include <jansson.h>
#include <string.h>

static struct ks_entry entry;

static void append_text(void *user, const struct ks_entry *match)
{
    ks_entry_show_text(user, match);
}

static void append_json(void *user, const struct ks_entry *match)
{
    ks_entry_show_json(user, match);
}

static void terminate(struct ks_text_buffer *buffer)
{
    ks_text_buffer_char(buffer, '\0');
    assert_false(buffer->failed);
}

static void a_fact_reads_like_this(void **state)
{
    (void)state;
    struct ks_text_buffer buffer;
    ks_text_buffer_init(&buffer, NULL);
    assert_int_equal(ks_entry_find("L22", &entry, append_text, &buffer), 1);
    terminate(&buffer);
    assert_string_equal(
        buffer.bytes,
        "fact L22: 24h2 refuses session-space loads\n"
        "\n"
        "  A request to load an image into session space is answered with 0xC0000455.\n"
        "\n"
        "  Grade           [O] reported, unverified\n"
        "  Profiles        24h2\n"
        "  In kldr         There is one address space; sessions are not simulated.\n"
        "\n"
        "  See also\n"
        "    L6     Session and system space do not mix (reported, unverified)\n");
    ks_text_buffer_fini(&buffer);
}

static void check_width(const char *text)
{
    while (*text != '\0') {
        size_t length = strcspn(text, "\n");
        // Only a single word, such as a registry path, may stick out.
        size_t indent = strspn(text, " ");
        bool one_word = strcspn(text + indent, " \n") + indent == length;
        if (length > 79 && !one_word) {
            fail_msg("line of %u columns: %.*s", (unsigned)length, (int)length, text);
        }
        assert_true(length == 0 || text[length - 1] != ' ');
        text += length + (text[length] == '\n');
    }
}

static void no_line_is_wider_than_a_terminal(void **state)
{
    (void)state;
    static struct ks_entry group;
    struct ks_text_buffer buffer;
    ks_text_buffer_init(&buffer, NULL);
    ks_entry_overview_text(&buffer, &entry);
    for (unsigned g = 0; g < KS_GROUP_COUNT; g++) {
        ks_entry_group(&group, (enum ks_group)g);
        ks_entry_show_text(&buffer, &group);
        for (size_t i = 0; i < group.row_count; i++) {
            (void)ks_entry_find(group.rows[i].id, &entry, append_text, &buffer);
        }
    }
    terminate(&buffer);
    check_width(buffer.bytes);
    ks_text_buffer_fini(&buffer);
}

static void the_overview_names_every_group_and_family(void **state)
{
    (void)state;
    struct ks_text_buffer buffer;
    ks_text_buffer_init(&buffer, NULL);
    ks_entry_overview_text(&buffer, &entry);
    terminate(&buffer);
    for (unsigned g = 0; g < KS_GROUP_COUNT; g++) {
        assert_non_null(strstr(buffer.bytes, ks_group_name((enum ks_group)g)));
    }
    for (size_t f = 0; f < ks_fact_family_count(); f++) {
        assert_non_null(strstr(buffer.bytes, ks_fact_family_at(f)->title));
    }
    ks_text_buffer_fini(&buffer);
}

static void every_entry_is_an_object_with_kind_and_id(void **state)
{
    (void)state;
    static struct ks_entry group;
    for (unsigned g = 0; g < KS_GROUP_GRADES; g++) {
        ks_entry_group(&group, (enum ks_group)g);
        for (size_t i = 0; i < group.row_count; i++) {
            struct ks_text_buffer buffer;
            ks_text_buffer_init(&buffer, NULL);
            size_t matches = ks_entry_find(group.rows[i].id, &entry, append_json, &buffer);
            const char *at = buffer.bytes;
            size_t left = buffer.size;
            for (size_t m = 0; m < matches; m++) {
                json_error_t error;
                json_t *object = json_loadb(at, left, JSON_DISABLE_EOF_CHECK, &error);
                assert_non_null(object);
                assert_true(json_is_string(json_object_get(object, "kind")));
                assert_true(json_is_string(json_object_get(object, "id")));
                assert_true(json_is_array(json_object_get(object, "facts")));
                json_decref(object);
                at += error.position;
                left -= (size_t)error.position;
            }
            assert_int_equal(left, 0);
            ks_text_buffer_fini(&buffer);
        }
    }
}

static void json_has_the_fields_of_a_fact(void **state)
{
    (void)state;
    struct ks_text_buffer buffer;
    ks_text_buffer_init(&buffer, NULL);
    assert_int_equal(ks_entry_find("U7", &entry, append_json, &buffer), 1);
    json_t *fact = json_loadb(buffer.bytes, buffer.size, 0, NULL);
    assert_string_equal(json_string_value(json_object_get(fact, "grade")),
                        "[O] reported, unverified");
    assert_true(json_is_true(json_object_get(fact, "unverified")));
    assert_int_equal(json_array_size(json_object_get(fact, "profiles")), 2);
    assert_int_equal(json_array_size(json_object_get(fact, "facts")), 4);
    json_decref(fact);
    ks_text_buffer_fini(&buffer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_fact_reads_like_this),
        cmocka_unit_test(no_line_is_wider_than_a_terminal),
        cmocka_unit_test(the_overview_names_every_group_and_family),
        cmocka_unit_test(every_entry_is_an_object_with_kind_and_id),
        cmocka_unit_test(json_has_the_fields_of_a_fact),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
