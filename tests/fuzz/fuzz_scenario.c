// SPDX-License-Identifier: MIT
// Scenario files from anywhere: whatever the bytes are, the parser answers with a model or with
// reasons, and every place it names lies in the file.
#include "scenario/parse.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
    if (!holds) {
        abort();
    }
}

static void check_diagnostics(const struct ks_diagnostics *diagnostics, size_t size)
{
    size_t last = 0;
    check(diagnostics->count > 0);
    for (size_t i = 0; i < diagnostics->count; i++) {
        const struct ks_diagnostic *diagnostic = &diagnostics->items[i];
        check(diagnostic->place.line > 0 && diagnostic->place.column > 0);
        check(diagnostic->place.begin <= size && diagnostic->place.begin >= last);
        check(diagnostic->message[0] != '\0' && diagnostic->advice != NULL);
        check(strchr(diagnostic->message, '\n') == NULL);
        last = diagnostic->place.begin;
    }
}

static void check_steps(const struct ks_step *steps, size_t count, size_t size)
{
    for (size_t i = 0; i < count; i++) {
        check(steps[i].place.begin <= steps[i].place.end && steps[i].place.end <= size);
        check(steps[i].action != KS_ACTION_LOAD || steps[i].service != NULL);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ks_parse_result result;
    kldr_status status = ks_scenario_parse("fuzz.kldr.yaml", (const char *)data, size, &result);
    check((status == KLDR_STATUS_SUCCESS) == (result.file != NULL));
    if (status == KLDR_ERROR_SCENARIO) {
        check_diagnostics(&result.diagnostics, size);
    }
    for (size_t i = 0; result.file != NULL && i < result.file->scenario_count; i++) {
        const struct ks_scenario *scenario = &result.file->scenarios[i];
        check(scenario->profile_count > 0 && scenario->name != NULL);
        check_steps(scenario->steps, scenario->step_count, size);
    }
    ks_scenario_file_destroy(result.file);
    ks_parse_result_fini(&result);
    return 0;
}
