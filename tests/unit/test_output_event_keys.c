// SPDX-License-Identifier: MIT
// The table of keys against the events themselves and against the JSON Schema of the trace.
#include "test.h"

#include "output/event_keys.h"
#include "platform.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

// An event with every field set.
static struct kldr_event full_event(enum kldr_event_kind kind)
{
    struct kldr_event event = {.kind = kind, .seq = 5, .depth = 2, .step = 3};
    event.has = KLDR_EVENT_HAS_STATUS | KLDR_EVENT_HAS_COUNT | KLDR_EVENT_HAS_ORDINAL |
                KLDR_EVENT_HAS_VALUE | KLDR_EVENT_HAS_ADDRESS | KLDR_EVENT_HAS_FLAG |
                KLDR_EVENT_HAS_OFFSET;
    event.module = event.importer = event.holder = event.path = event.symbol = "text";
    event.target = event.reason = event.argument = event.service = event.missing_module = "text";
    event.text = event.detail = event.fact = "text";
    event.registers = "rax=0x1 rip=<host> ";
    event.stack = "a.sys+0x10 (Run+0x4)\nntoskrnl.exe!KeBugCheck\n";
    event.status = KLDR_STATUS_UNSUCCESSFUL;
    event.count = 4;
    event.ordinal = 7;
    event.size = 0x1000;
    event.offset = 16;
    event.flag = true;
    event.value = 0x7E;
    event.address = UINT64_C(0xfffff80000010000);
    return event;
}

static json_t *written(const struct kldr_event *event)
{
    struct ks_text_buffer buffer;
    struct ks_json json;
    json_error_t error;
    ks_text_buffer_init(&buffer, NULL);
    ks_json_init(&json, &buffer);
    ks_event_write_json(&json, event);
    json_t *value = json_loadb(buffer.bytes, buffer.size, JSON_REJECT_DUPLICATES, &error);
    assert_non_null(value);
    ks_text_buffer_fini(&buffer);
    return value;
}

static json_t *load_schema(void)
{
    uint8_t *bytes;
    size_t size;
    json_error_t error;
    assert_int_equal(ks_platform_read_file(KLDR_TEST_SOURCE_DIR "/../docs/kldr-trace.schema.json",
                                           1u << 20, &bytes, &size),
                     KS_IO_OK);
    json_t *schema = json_loadb((const char *)bytes, size, JSON_REJECT_DUPLICATES, &error);
    assert_non_null(schema);
    free(bytes);
    return schema;
}

static bool requires(json_t *definition, const char *key)
{
    json_t *required = json_object_get(definition, "required");
    for (size_t i = 0; i < json_array_size(required); i++) {
        if (strcmp(json_string_value(json_array_get(required, i)), key) == 0) {
            return true;
        }
    }
    return false;
}

static void the_schema_names_the_same_keys_as_the_table(void **state)
{
    json_t *schema = load_schema();
    (void)state;
    for (unsigned kind = 0; kind < KLDR_EVENT_KIND_COUNT; kind++) {
        const char *name = kldr_event_name((enum kldr_event_kind)kind);
        json_t *definition = json_object_get(json_object_get(schema, "$defs"), name);
        json_t *properties = json_object_get(definition, "properties");
        size_t expected = 0, required = 0;
        assert_non_null(properties);
        for (const struct ks_event_key *key = ks_event_keys((enum kldr_event_kind)kind);
             key->key != NULL; key++) {
            bool two = key->field == KS_FIELD_STATUS || key->field == KS_FIELD_CODE;
            assert_non_null(json_object_get(properties, key->key));
            assert_int_equal(requires(definition, key->key), key->always);
            expected += two ? 2 : 1;
            required += key->always;
        }
        assert_int_equal(json_object_size(properties), expected);
        assert_int_equal(json_array_size(json_object_get(definition, "required")), required);
    }
    json_decref(schema);
}

static void the_schema_lists_every_kind(void **state)
{
    json_t *schema = load_schema();
    json_t *event = json_object_get(json_object_get(schema, "$defs"), "event");
    json_t *kinds =
        json_object_get(json_object_get(json_object_get(event, "properties"), "event"), "enum");
    (void)state;
    assert_int_equal(json_array_size(kinds), KLDR_EVENT_KIND_COUNT);
    assert_int_equal(json_array_size(json_object_get(event, "allOf")), KLDR_EVENT_KIND_COUNT);
    for (unsigned kind = 0; kind < KLDR_EVENT_KIND_COUNT; kind++) {
        assert_string_equal(json_string_value(json_array_get(kinds, kind)),
                            kldr_event_name((enum kldr_event_kind)kind));
    }
    json_decref(schema);
}

static void every_kind_writes_its_keys_in_the_order_of_the_table(void **state)
{
    static const char *const first[] = {"seq", "depth", "step", "event"};
    (void)state;
    for (unsigned kind = 0; kind < KLDR_EVENT_KIND_COUNT; kind++) {
        struct kldr_event event = full_event((enum kldr_event_kind)kind);
        json_t *object = written(&event);
        void *at = json_object_iter(object);
        for (size_t i = 0; i < COUNT_OF(first); i++, at = json_object_iter_next(object, at)) {
            assert_string_equal(json_object_iter_key(at), first[i]);
        }
        for (const struct ks_event_key *key = ks_event_keys(event.kind); key->key != NULL; key++) {
            if (!ks_event_has(&event, key->field)) {
                continue;
            }
            assert_string_equal(json_object_iter_key(at), key->key);
            at = json_object_iter_next(object, at);
            if (key->field == KS_FIELD_STATUS || key->field == KS_FIELD_CODE) {
                at = json_object_iter_next(object, at);
            }
        }
        assert_string_equal(json_object_iter_key(at), "fact");
        assert_null(json_object_iter_next(object, at));
        json_decref(object);
    }
}

static void an_empty_event_writes_nothing_that_it_does_not_know(void **state)
{
    (void)state;
    for (unsigned kind = 0; kind < KLDR_EVENT_KIND_COUNT; kind++) {
        struct kldr_event event = {.kind = (enum kldr_event_kind)kind};
        json_t *object = written(&event);
        bool bugcheck = event.kind == KLDR_EVENT_BUGCHECK;
        assert_true(json_object_size(object) >= 4);
        assert_true(json_object_size(object) <= (bugcheck ? 7u : 4u));
        json_decref(object);
    }
}

static void numbers_are_written_as_the_format_says(void **state)
{
    struct kldr_event mapped = full_event(KLDR_EVENT_IMAGE_MAPPED);
    struct kldr_event inactive = full_event(KLDR_EVENT_REF_SKIP);
    struct kldr_event stop = full_event(KLDR_EVENT_BUGCHECK);
    (void)state;
    json_t *object = written(&mapped);
    assert_string_equal(json_string_value(json_object_get(object, "base")), "0xfffff80000010000");
    assert_int_equal(json_integer_value(json_object_get(object, "size")), 0x1000);
    assert_true(json_is_true(json_object_get(object, "relocated")));
    json_decref(object);
    inactive.has |= KLDR_EVENT_COUNT_INACTIVE;
    object = written(&inactive);
    assert_string_equal(json_string_value(json_object_get(object, "count")), "inactive");
    json_decref(object);
    object = written(&stop);
    assert_string_equal(json_string_value(json_object_get(object, "code")), "0x0000007E");
    assert_int_equal(json_array_size(json_object_get(object, "parameters")), KLDR_EVENT_PARAMETERS);
    json_decref(object);
}

static void registers_and_stack_are_told_one_by_one(void **state)
{
    struct kldr_event stop = full_event(KLDR_EVENT_BUGCHECK);
    struct ks_text_buffer buffer;
    (void)state;
    json_t *object = written(&stop);
    json_t *registers = json_object_get(object, "registers");
    json_t *stack = json_object_get(object, "stack");
    assert_int_equal(json_object_size(registers), 2);
    assert_string_equal(json_string_value(json_object_get(registers, "rip")), "<host>");
    assert_int_equal(json_array_size(stack), 2);
    assert_string_equal(json_string_value(json_array_get(stack, 1)), "ntoskrnl.exe!KeBugCheck");
    json_decref(object);
    ks_text_buffer_init(&buffer, NULL);
    ks_event_write_stack(&buffer, &stop, "  ");
    ks_text_buffer_char(&buffer, '\0');
    assert_string_equal(buffer.bytes, "  at a.sys+0x10 (Run+0x4)\n"
                                      "  at ntoskrnl.exe!KeBugCheck\n"
                                      "  rax=0x1 rip=<host>\n");
    ks_text_buffer_fini(&buffer);
}

static void the_reason_of_an_uncounted_reference_is_called_as_in_scenarios(void **state)
{
    struct kldr_event event = full_event(KLDR_EVENT_FINDING);
    (void)state;
    event.reason = "uncounted-reference";
    event.detail = "cycle";
    json_t *object = written(&event);
    assert_string_equal(json_string_value(json_object_get(object, "reason")), "cycle");
    assert_null(json_object_get(object, "detail"));
    json_decref(object);
    event.reason = "second-copy";
    object = written(&event);
    assert_string_equal(json_string_value(json_object_get(object, "detail")), "cycle");
    assert_null(json_object_get(object, "reason"));
    json_decref(object);
}

static void a_line_of_text_has_the_name_and_every_key_that_fits(void **state)
{
    (void)state;
    for (unsigned kind = 0; kind < KLDR_EVENT_KIND_COUNT; kind++) {
        struct kldr_event event = full_event((enum kldr_event_kind)kind);
        struct ks_text_buffer line;
        ks_text_buffer_init(&line, NULL);
        ks_event_write_line(&line, &event);
        ks_text_buffer_char(&line, '\0');
        const char *name = kldr_event_name(event.kind);
        assert_int_equal(strncmp(line.bytes, name, strlen(name)), 0);
        for (const struct ks_event_key *key = ks_event_keys(event.kind); key->key != NULL; key++) {
            bool own_lines = key->field == KS_FIELD_REGISTERS || key->field == KS_FIELD_STACK;
            if (ks_event_has(&event, key->field)) {
                assert_true((strstr(line.bytes, key->key) != NULL) == !own_lines);
            }
        }
        assert_null(strchr(line.bytes, '\n'));
        ks_text_buffer_fini(&line);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_schema_names_the_same_keys_as_the_table),
        cmocka_unit_test(the_schema_lists_every_kind),
        cmocka_unit_test(every_kind_writes_its_keys_in_the_order_of_the_table),
        cmocka_unit_test(an_empty_event_writes_nothing_that_it_does_not_know),
        cmocka_unit_test(numbers_are_written_as_the_format_says),
        cmocka_unit_test(registers_and_stack_are_told_one_by_one),
        cmocka_unit_test(the_reason_of_an_uncounted_reference_is_called_as_in_scenarios),
        cmocka_unit_test(a_line_of_text_has_the_name_and_every_key_that_fits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
