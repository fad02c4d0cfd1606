// SPDX-License-Identifier: MIT
// kldr why: runs a scenario up to a step and says why a module is there or not.
#include "cli/commands.h"
#include "cli/image_file.h"
#include "cli/one_scenario.h"
#include "cli/stdout_sink.h"
#include "cli/suggest.h"
#include "output/json_writer.h"
#include "scenario/walk.h"
#include "why/why.h"
#include "worker/worker.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

enum { OPTION_AFTER = KS_ONE_OWN };

static const struct ks_option options[] = {
    {KS_ONE_PROFILE, "profile", '\0', KS_ARGUMENT_REQUIRED, true, "NAME",
     "Run under this profile instead of the scenario's own. May be repeated: one answer each."},
    KS_ONE_ENTRY_POLICY,
    {OPTION_AFTER, "after", '\0', KS_ARGUMENT_REQUIRED, false, "STEP",
     "Answer after this step, counted from 1. Default: after the last one."},
    KS_ONE_ENTRY_CPU_EITHER,
    KS_ONE_ENTRY_DEFINE,
    KS_ONE_ENTRY_DIR,
    KS_ONE_ENTRY_FORMAT,
};

static const struct ks_help_pair examples[] = {
    {"kldr why lesson.kldr.yaml port.sys", "Why is port.sys there, or not, at the end?"},
    {"kldr why lesson.kldr.yaml port.sys --after 2 --profile nt52",
     "The same after the second step, on a kernel of 2003."},
    {"kldr why \"lesson.kldr.yaml:Last importer out\" port.sys --format json",
     "As JSON, of one scenario of several."},
    {NULL, NULL},
};

static const struct ks_help_pair exit_codes[] = {
    {"0", "The question is answered, whatever the answer is."},
    {"2", "A usage error, a file that cannot be used, or a scenario that cannot be run."},
    {"3", "kldr contradicted itself: please report it."},
    {"4", "Code of a driver destroyed the process that ran it, so that there is no answer."},
    {"5", "A limit on time or resources was reached."},
    {NULL, NULL},
};

static const struct ks_command command = {
    .name = "why",
    .synopsis = "[options] FILE[:NAME] MODULE",
    .summary = "says why a module is loaded or not, and who holds it",
    .description =
        "Runs the scenario up to a step, without judging its expectations, and answers for one "
        "module: the chains of import lists that hold it, up to driver objects and load_image "
        "references; references that exist but hold no count; the rule that keeps it; why its "
        "DllUnload was or was not called; what would let it go, and what comes of trying that. Of "
        "a module that is not there it says when and why it went, why its load failed, or that "
        "nothing asked for it. Each rule is named with its fact, which 'kldr explain' tells more "
        "about.\n\n"
        "MODULE is a base name, or a full path where several images share one.",
    .options = options,
    .option_count = sizeof(options) / sizeof(options[0]),
    .examples = examples,
    .exit_codes = exit_codes,
};

struct question {
    struct ks_one_scenario one;
    const char *module;
    unsigned after; // 0: the last step
    struct ks_text_buffer out;
    struct ks_json json;
    unsigned step; // it was answered after
    enum kldr_profile profile;
    bool first;
};

// ---- answering ----

static void write_head(struct question *question)
{
    struct ks_text_buffer *out = &question->out;
    if (!question->first) {
        ks_text_buffer_char(out, '\n');
    }
    ks_text_buffer_visible(out, question->one.scenario->name);
    ks_text_buffer_text(out, " [");
    ks_text_buffer_text(out, kldr_profile_name(question->profile));
    ks_text_buffer_text(out, "] after step ");
    ks_text_buffer_unsigned(out, question->step);
    ks_text_buffer_char(out, '\n');
}

static void begin_json(struct question *question)
{
    struct ks_json *json = &question->json;
    ks_json_newline(json);
    ks_json_begin_object(json);
    ks_json_key_text(json, "profile", kldr_profile_name(question->profile));
    ks_json_key_unsigned(json, "after", question->step);
}

static void run_done(void *user, struct ks_runner *runner)
{
    struct question *question = user;
    struct ks_why *why = (struct ks_why *)(uintptr_t)ks_why(runner, question->module);
    question->step = runner->world->step_number;
    ks_why_try(runner, why);
    if (question->one.json) {
        begin_json(question);
        ks_why_write_json(&question->json, why);
        ks_json_end_object(&question->json);
    } else {
        write_head(question);
        ks_why_write_text(&question->out, why);
    }
    question->first = false;
}

// Text of a process in which code of drivers ran: nothing in it is taken for a command to the
// terminal.
static void write_lines(struct ks_text_buffer *out, char *text)
{
    while (*text != '\0') {
        size_t length = strcspn(text, "\n");
        bool ends = text[length] == '\n';
        text[length] = '\0';
        ks_text_buffer_visible(out, text);
        ks_text_buffer_char(out, '\n');
        text += length + (ends ? 1 : 0);
    }
}

static bool is_json_object(const char *text, size_t size)
{
    json_error_t error;
    json_t *value = json_loadb(text, size, JSON_REJECT_DUPLICATES, &error);
    bool is_object = json_is_object(value) && size > 2 && text[0] == '{' && text[size - 1] == '}';
    json_decref(value);
    return is_object;
}

// The answer of another process. False: it is none.
static bool pass_on(struct question *question, const struct ks_result *result)
{
    size_t size = result->answer != NULL ? strlen(result->answer) : 0;
    question->step = result->answered_after;
    if (size == 0 || (question->one.json && !is_json_object(result->answer, size))) {
        return false;
    }
    if (question->one.json) {
        begin_json(question);
        ks_json_members(&question->json, result->answer + 1, size - 2);
        ks_json_end_object(&question->json);
    } else {
        write_head(question);
        write_lines(&question->out, (char *)(uintptr_t)result->answer);
    }
    question->first = false;
    return true;
}

// A run that ended badly before anything could be asked.
static int tell_outcome(const struct question *question, const struct ks_result *result)
{
    bool fine = result->outcome == KS_PASSED || result->outcome == KS_STOPPED;
    if (!fine) {
        ks_one_scenario_fail(&question->one, 0, "%s [%s]: %s: %s", result->scenario->name,
                             kldr_profile_name(result->profile), ks_outcome_name(result->outcome),
                             result->reason);
    }
    if (result->outcome == KS_SKIPPED) {
        return KS_EXIT_USAGE;
    }
    return fine ? KS_EXIT_OK : ks_outcome_exit_code(result->outcome);
}

static int ask_here(struct question *question, struct ks_run_options *run)
{
    struct ks_run_watcher watcher = {.run_done = run_done, .user = question};
    struct ks_runner *runner = ks_runner_create();
    int code = KS_EXIT_LIMIT;
    run->watcher = &watcher;
    if (runner != NULL) {
        code = tell_outcome(question, ks_runner_run(runner, question->one.scenario, run));
    } else {
        ks_one_scenario_fail(&question->one, 0, "not enough memory");
    }
    ks_runner_destroy(runner);
    return code;
}

static int ask_worker(struct question *question, struct ks_run_options *run)
{
    struct ks_worker *worker = ks_worker_create();
    const struct ks_result *result = NULL;
    run->question = (struct ks_run_question){question->module, question->one.json};
    if (worker != NULL) {
        result = ks_worker_run(worker, question->one.scenario, run);
    }
    int code = KS_EXIT_LIMIT;
    if (result == NULL) {
        ks_one_scenario_fail(&question->one, 0, "not enough memory");
    } else if (pass_on(question, result)) {
        code = KS_EXIT_OK;
    } else if (result->outcome == KS_PASSED || result->reason[0] == '\0') {
        code = ks_one_scenario_fail(&question->one, KS_EXIT_STOPPED,
                                    "%s [%s]: the process that ran code of drivers sent no answer",
                                    result->scenario->name, kldr_profile_name(result->profile));
    } else {
        ks_one_scenario_fail(&question->one, 0, "%s [%s]: %s: %s", result->scenario->name,
                             kldr_profile_name(result->profile), ks_outcome_name(result->outcome),
                             result->reason);
        code =
            result->outcome == KS_SKIPPED ? KS_EXIT_USAGE : ks_outcome_exit_code(result->outcome);
    }
    ks_worker_destroy(worker);
    return code;
}

static int ask(struct question *question, enum kldr_profile profile)
{
    struct ks_run_options run = ks_one_scenario_options(&question->one, profile);
    run.steps = question->after;
    question->profile = profile;
    return ks_worker_wanted(question->one.scenario, &run) ? ask_worker(question, &run)
                                                          : ask_here(question, &run);
}

static int ask_all(struct question *question)
{
    const struct ks_run_settings *settings = &question->one.settings;
    const struct ks_scenario *scenario = question->one.scenario;
    bool own = settings->profile_count == 0;
    const enum kldr_profile *profiles = own ? scenario->profiles : settings->profiles;
    size_t count = own ? scenario->profile_count : settings->profile_count;
    int code = KS_EXIT_OK;
    for (size_t i = 0; i < count; i++) {
        code = ks_exit_code_worse(code, ask(question, profiles[i]));
    }
    return code;
}

static int answer(struct question *question)
{
    struct ks_json *json = &question->json;
    ks_text_buffer_init(&question->out, &ks_stdout_sink);
    ks_json_init(json, &question->out);
    question->first = true;
    if (question->one.json) {
        ks_json_begin_object(json);
        ks_json_key_unsigned(json, "kldr_why", 1);
        ks_json_key_text(json, "scenario", question->one.scenario->name);
        ks_json_key(json, "answers");
        ks_json_begin_array(json);
    }
    int code = ask_all(question);
    if (question->one.json) {
        ks_text_buffer_char(&question->out, '\n');
        ks_json_end_array(json);
        ks_json_end_object(json);
        ks_text_buffer_char(&question->out, '\n');
    }
    return ks_stdout_end(&question->out, command.name) ? code : KS_EXIT_USAGE;
}

// ---- the module's name ----

static void consider_image(struct ks_suggestion *suggestion, const char *module,
                           const struct ks_image *image, bool *known)
{
    *known = *known || ks_image_same_name(image->base_name, module) ||
             ks_image_same_name(image->path, module);
    ks_suggest_consider(suggestion, image->base_name);
    for (size_t i = 0; i < image->import_count; i++) {
        *known = *known || ks_image_same_name(image->imports[i].module, module);
        ks_suggest_consider(suggestion, image->imports[i].module);
    }
}

static int check_module(const struct question *question)
{
    const struct ks_scenario *scenario = question->one.scenario;
    const char *module = question->module;
    struct ks_suggestion suggestion;
    bool known = ks_image_same_name(module, "ntoskrnl.exe") ||
                 ks_image_same_name(module, "hal.dll") || ks_scenario_uses_real_images(scenario);
    ks_suggest_begin(&suggestion, module);
    for (size_t i = 0; i < scenario->image_count; i++) {
        consider_image(&suggestion, module, &scenario->images[i], &known);
    }
    for (size_t i = 0; i < scenario->step_count; i++) {
        if (scenario->steps[i].disk_image != NULL) {
            consider_image(&suggestion, module, scenario->steps[i].disk_image, &known);
        }
    }
    if (known) {
        return KS_EXIT_OK;
    }
    return ks_one_scenario_fail(
        &question->one, KS_EXIT_USAGE, "the scenario has no image \"%s\"%s%s%s", module,
        suggestion.best != NULL ? "; did you mean \"" : "",
        suggestion.best != NULL ? suggestion.best : "", suggestion.best != NULL ? "\"?" : "");
}

static int check_after(const struct question *question)
{
    size_t count = question->one.scenario->step_count;
    if (question->after <= count) {
        return KS_EXIT_OK;
    }
    return ks_one_scenario_fail(&question->one, KS_EXIT_USAGE,
                                "--after %u: the scenario has %u steps", question->after,
                                (unsigned)count);
}

// ---- the command line ----

static int set_after(struct question *question, const char *value)
{
    unsigned long long number = 0;
    if (!ks_options_number(value, 1000000, &number) || number == 0) {
        return ks_options_usage_error(&command, "--after %s: the number of a step is wanted",
                                      value);
    }
    question->after = (unsigned)number;
    return KS_SETTINGS_OK;
}

static int take_operand(struct question *question, const char *value)
{
    if (question->one.operand == NULL) {
        question->one.operand = value;
    } else if (question->module == NULL) {
        question->module = value;
    } else {
        return ks_options_usage_error(&command,
                                      "one scenario and one module are wanted, not also %s", value);
    }
    return KS_SETTINGS_OK;
}

static int parse(struct question *question, int argc, char **argv)
{
    struct ks_option_parser parser;
    const char *value;
    int code = KS_SETTINGS_OK;
    ks_options_begin(&parser, &command, argc, argv);
    for (int id;
         code == KS_SETTINGS_OK && (id = ks_options_next(&parser, &value)) != KS_OPTIONS_END;) {
        switch (id) {
        case KS_OPTIONS_HELP:
            return ks_options_print_help(&command);
        case KS_OPTIONS_ERROR:
            return ks_options_usage_error(&command, "%s", parser.error);
        case KS_OPTIONS_OPERAND:
            code = take_operand(question, value);
            break;
        case OPTION_AFTER:
            code = set_after(question, value);
            break;
        default:
            code = ks_one_scenario_option(&question->one, id, value);
            break;
        }
    }
    if (code == KS_SETTINGS_OK && question->module == NULL) {
        code = ks_options_usage_error(&command, question->one.operand == NULL
                                                    ? "a scenario file and a module are wanted"
                                                    : "the name of a module is wanted");
    }
    return code;
}

int ks_cmd_why(int argc, char **argv)
{
    struct question question = {.module = NULL};
    int code = KS_EXIT_LIMIT;
    if (ks_one_scenario_init(&question.one, &command, argc)) {
        question.one.runs_code = true;
        code = parse(&question, argc, argv);
        if (code == KS_SETTINGS_OK) {
            code = ks_one_scenario_open(&question.one);
            code = code == KS_EXIT_OK ? ks_one_scenario_prepare(&question.one) : code;
            code = code == KS_EXIT_OK ? check_module(&question) : code;
            code = code == KS_EXIT_OK ? check_after(&question) : code;
            code = code == KS_EXIT_OK ? answer(&question) : code;
        }
    }
    ks_one_scenario_fini(&question.one);
    return code;
}
