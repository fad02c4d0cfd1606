// SPDX-License-Identifier: MIT
// Each allocation of the parser fails once; nothing is lost and nothing is half accepted.
#include "scenario/parse/parse_with.h"

#include "test.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

struct counter {
    size_t held;
    size_t before_failure; // allocations that succeed; then one fails
    bool failed;
};

static void *take(void *user, size_t size)
{
    struct counter *counter = user;
    if (counter->before_failure-- == 0) {
        counter->failed = true;
        return NULL;
    }
    counter->held++;
    return malloc(size);
}

static void *resize(void *user, void *block, size_t size)
{
    (void)user;
    return realloc(block, size);
}

static void give(void *user, void *block)
{
    struct counter *counter = user;
    counter->held -= block != NULL ? 1 : 0;
    free(block);
}

// Parses with allocation number n failing. Answers whether there was one.
static bool fails_cleanly(const char *text, size_t size, size_t n, kldr_status otherwise)
{
    struct counter counter = {.before_failure = n};
    const struct kldr_allocator allocator = {&counter, take, resize, give};
    struct ks_parse_result result;
    kldr_status status = ks_scenario_parse_with(&allocator, "x.kldr.yaml", text, size, &result);
    assert_int_equal(status, counter.failed ? KLDR_ERROR_OUT_OF_MEMORY : otherwise);
    assert_true((status == KLDR_STATUS_SUCCESS) == (result.file != NULL));
    ks_scenario_file_destroy(result.file);
    ks_parse_result_fini(&result);
    assert_int_equal(counter.held, 0);
    return counter.failed;
}

// Large enough for several blocks.
static char *make_text(const char *step, size_t *out_size)
{
    enum { STEPS = 400 };
    static const char head[] = "kldr: 1\nimages: { a.sys: {} }\nsteps:\n";
    char *text = malloc(sizeof head + STEPS * strlen(step));
    assert_non_null(text);
    strcpy(text, head);
    char *end = text + strlen(text);
    for (int i = 0; i < STEPS; i++) {
        strcpy(end, step);
        end += strlen(step);
    }
    *out_size = (size_t)(end - text);
    return text;
}

static void check_all(const char *step, kldr_status otherwise)
{
    size_t size;
    char *text = make_text(step, &size);
    size_t n = 0;
    while (fails_cleanly(text, size, n, otherwise)) {
        n++;
    }
    assert_true(n > 3);
    free(text);
}

static void a_good_file_needs_all_its_memory(void **state)
{
    (void)state;
    check_all("  - load: a\n    expect: { modules: [a.sys] }\n", KLDR_STATUS_SUCCESS);
}

static void diagnostics_need_memory_as_well(void **state)
{
    (void)state;
    check_all("  - lod: a\n    expect: { modules: [b.sys] }\n", KLDR_ERROR_SCENARIO);
}

static void nothing_to_free_is_freed_without_harm(void **state)
{
    struct ks_parse_result result = {0};
    (void)state;
    ks_scenario_file_destroy(NULL);
    ks_parse_result_fini(&result);
    assert_int_equal(ks_scenario_parse("x", "kldr: 2\n", 8, &result), KLDR_ERROR_SCENARIO);
    ks_parse_result_fini(&result);
    ks_parse_result_fini(&result);
    assert_int_equal(result.diagnostics.count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_good_file_needs_all_its_memory),
        cmocka_unit_test(diagnostics_need_memory_as_well),
        cmocka_unit_test(nothing_to_free_is_freed_without_harm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
