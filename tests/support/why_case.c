// SPDX-License-Identifier: MIT
#include "why_case.h"

#include "test.h"

#include <string.h>

void why_ask(void *user, struct ks_runner *runner)
{
    struct why_question *question = user;
    question->why = ks_why(runner, question->module);
    if (question->try) {
        ks_why_try(runner, (struct ks_why *)(uintptr_t)question->why);
    }
}

const struct ks_why *why_is(struct run_case *test, const char *module, size_t steps,
                            enum kldr_profile profile, bool try)
{
    struct why_question question = {module, NULL, try};
    struct ks_run_watcher watcher = {.run_done = why_ask, .user = &question};
    struct ks_run_options options = run_case_options(test, profile);
    options.watcher = &watcher;
    options.steps = steps;
    ks_runner_run(test->runner, test->scenario, &options);
    assert_non_null(question.why);
    return question.why;
}

bool has_note(const struct ks_why_notes *notes, const char *fact, const char *text)
{
    for (size_t i = 0; i < notes->count; i++) {
        const struct ks_why_note *note = &notes->items[i];
        bool same_fact =
            fact == NULL ? note->fact == NULL : note->fact != NULL && !strcmp(note->fact, fact);
        if (same_fact && strstr(note->text, text) != NULL) {
            return true;
        }
        print_message("note: %s (%s)\n", note->text, note->fact != NULL ? note->fact : "-");
    }
    return false;
}
