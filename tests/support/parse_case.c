// SPDX-License-Identifier: MIT
// Prints the whole text of a case that does not come out as expected.
#include "parse_case.h"

#include "test.h"

#include <string.h>

static void print_diagnostics(const char *text, const struct ks_diagnostics *diagnostics)
{
    print_error("---\n%s\n---\n", text);
    for (size_t i = 0; i < diagnostics->count; i++) {
        const struct ks_diagnostic *diagnostic = &diagnostics->items[i];
        print_error("%u:%u: %s: %s; %s\n", (unsigned)diagnostic->place.line,
                    (unsigned)diagnostic->place.column, diagnostic->key_path, diagnostic->message,
                    diagnostic->advice);
    }
}

static bool is_expected(const struct parse_case *expected, const struct ks_diagnostic *found,
                        enum ks_diagnostic_kind kind)
{
    bool advised = expected->advice[0] == '\0' ? found->advice[0] == '\0'
                                               : strstr(found->advice, expected->advice) != NULL;
    return found->kind == kind && found->place.line == expected->line &&
           found->place.column == expected->column &&
           strcmp(found->key_path, expected->key_path) == 0 &&
           strstr(found->message, expected->message) != NULL && advised;
}

struct ks_scenario_file *parse_case_parse(const char *text)
{
    struct ks_parse_result result;
    kldr_status status = ks_scenario_parse("case.kldr.yaml", text, strlen(text), &result);
    if (status != KLDR_STATUS_SUCCESS) {
        print_diagnostics(text, &result.diagnostics);
    }
    assert_int_equal(status, KLDR_STATUS_SUCCESS);
    assert_non_null(result.file);
    return result.file;
}

void parse_case_accepts(const char *text)
{
    ks_scenario_file_destroy(parse_case_parse(text));
}

void parse_case_refuses(const struct parse_case *expected, enum ks_diagnostic_kind kind)
{
    struct ks_parse_result result;
    kldr_status status =
        ks_scenario_parse("case.kldr.yaml", expected->text, strlen(expected->text), &result);
    bool good = status == KLDR_ERROR_SCENARIO && result.file == NULL &&
                result.diagnostics.count == 1 && !result.diagnostics.truncated &&
                is_expected(expected, &result.diagnostics.items[0], kind);
    if (!good) {
        print_diagnostics(expected->text, &result.diagnostics);
        print_error("expected %u:%u: %s: %s; %s\n", expected->line, expected->column,
                    expected->key_path, expected->message, expected->advice);
    }
    ks_scenario_file_destroy(result.file);
    ks_parse_result_fini(&result);
    assert_true(good);
}

void parse_case_refuses_all(const struct parse_case *cases, size_t count,
                            enum ks_diagnostic_kind kind)
{
    for (size_t i = 0; i < count; i++) {
        parse_case_refuses(&cases[i], kind);
    }
}
