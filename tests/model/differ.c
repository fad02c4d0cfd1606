// SPDX-License-Identifier: MIT
// Runs random cases through the product and the second model and stops at the first on which they
// disagree: shrinks it, writes it as a scenario file and says what was expected.
//
//   differ [--cases N] [--seed S] [--first I] [--keep-going N] [--profile NAME] [--to FOLDER]
//   differ --planted [--cases N] [--seed S]   the model makes each of its mistakes: all are noticed
#include "generate.h"
#include "shrink.h"

#include "scenario/parse.h"
#include "scenario/run.h"

#include <kldr/world.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const bug_names[MODEL_BUGS] = {
    "none",
    "counts are taken for each function",
    "DllInitialize runs for every importer",
    "DllUnload runs when the driver object drops the last count",
    "imports of a module in progress are counted",
    "a refused DllUnload is never asked again",
    "an image is unmapped before its imports are dropped",
    "a failure below a DLL starts the second search",
    "0xC0000018 passes unlaundered",
    "a forwarder's target is counted",
    "the ring records aborted loads",
};

static const char *bug_name(enum model_bug bug)
{
    return bug_names[bug];
}

struct product {
    struct kldr_kernel *kernel;
    struct ks_runner *runner;
};

struct arguments {
    uint64_t seed, cases, first, keep_going;
    int profile; // -1: all
    const char *folder;
    bool planted;
};

static bool run_parsed(const struct product *product, const struct ks_scenario *scenario, bool tell)
{
    const struct kldr_kernel *kernels[1] = {product->kernel};
    struct ks_run_options options = {
        .profile = scenario->profiles[0], .kernels = kernels, .kernel_count = 1};
    const struct ks_result *result = ks_runner_run(product->runner, scenario, &options);
    size_t i;

    for (i = 0; tell && result != NULL && i < result->failure_count; i++) {
        const struct ks_failure *failure = &result->failures[i];

        printf("  step %u, line %u, %s: model %s, product %s %s\n", failure->step_number,
               (unsigned)failure->place.line, failure->key, failure->wanted, failure->got,
               failure->message);
    }
    if (tell && result != NULL) {
        printf("  %s: %s\n", ks_outcome_name(result->outcome), result->reason);
    }
    return result != NULL && result->outcome == KS_PASSED;
}

// Whether product and model agree on a case.
static bool agree(const struct product *product, const struct model_case *input, enum model_bug bug,
                  bool tell)
{
    size_t size, i;
    const char *text = generate_text(input, bug, &size);
    struct ks_parse_result parsed = {0};
    kldr_status status = ks_scenario_parse("case.kldr.yaml", text, size, &parsed);
    bool good =
        status == KLDR_STATUS_SUCCESS && run_parsed(product, &parsed.file->scenarios[0], tell);

    for (i = 0; tell && i < parsed.diagnostics.count; i++) {
        printf("  line %u: %s\n", (unsigned)parsed.diagnostics.items[i].place.line,
               parsed.diagnostics.items[i].message);
    }
    ks_scenario_file_destroy(parsed.file);
    ks_parse_result_fini(&parsed);
    return good;
}

static bool parses(const struct model_case *input)
{
    size_t size;
    const char *text = generate_text(input, MODEL_BUG_NONE, &size);
    struct ks_parse_result parsed = {0};
    bool good = ks_scenario_parse("case.kldr.yaml", text, size, &parsed) == KLDR_STATUS_SUCCESS;

    ks_scenario_file_destroy(parsed.file);
    ks_parse_result_fini(&parsed);
    return good;
}

static bool still_disagree(void *user, const struct model_case *input)
{
    return generate_is_valid(input) && parses(input) && !agree(user, input, MODEL_BUG_NONE, false);
}

static uint64_t case_seed(const struct arguments *arguments, uint64_t number)
{
    return (arguments->seed + number) * 0x9E3779B97F4A7C15u;
}

static void make_case(const struct arguments *arguments, uint64_t number, struct model_case *out)
{
    enum model_profile profile = arguments->profile >= 0
                                     ? (enum model_profile)arguments->profile
                                     : (enum model_profile)(number % MODEL_PROFILES);

    generate_case(case_seed(arguments, number), profile, out);
}

static void report(struct product *product, const struct arguments *arguments, uint64_t number,
                   struct model_case *input)
{
    char path[512];
    size_t size;
    const char *text;
    FILE *file;

    if (parses(input)) {
        shrink_case(input, still_disagree, product);
    }
    snprintf(path, sizeof(path), "%s/disagreement-%" PRIu64 "-%" PRIu64 ".kldr.yaml",
             arguments->folder, arguments->seed, number);
    text = generate_text(input, MODEL_BUG_NONE, &size);
    file = fopen(path, "wb");
    if (file != NULL) {
        fwrite(text, 1, size, file);
        fclose(file);
    }
    printf("case %" PRIu64 " of seed %" PRIu64 ": they disagree, see %s\n%s", number,
           arguments->seed, path, text);
    agree(product, input, MODEL_BUG_NONE, true);
}

static int run_cases(struct product *product, const struct arguments *arguments)
{
    static struct model_case input;
    uint64_t i, bad = 0;

    for (i = arguments->first; i < arguments->first + arguments->cases; i++) {
        make_case(arguments, i, &input);
        if (!agree(product, &input, MODEL_BUG_NONE, false)) {
            report(product, arguments, i, &input);
            if (++bad > arguments->keep_going) {
                return 1;
            }
        }
    }
    printf("%" PRIu64 " cases of seed %" PRIu64 ", %" PRIu64 " disagreements\n", arguments->cases,
           arguments->seed, bad);
    return bad > 0;
}

static int run_planted(struct product *product, const struct arguments *arguments)
{
    static struct model_case input;
    int bug, unnoticed = 0;

    for (bug = MODEL_BUG_NONE + 1; bug < MODEL_BUGS; bug++) {
        uint64_t i = 0;
        bool good = true;

        while (i < arguments->cases && good) {
            make_case(arguments, i++, &input);
            good = agree(product, &input, (enum model_bug)bug, false);
        }
        printf("%s: %s after %" PRIu64 " cases\n", bug_name((enum model_bug)bug),
               good ? "NOT NOTICED" : "noticed", i);
        unnoticed += good;
    }
    return unnoticed > 0;
}

static bool read_arguments(int count, char **words, struct arguments *out)
{
    int i;

    for (i = 1; i < count; i++) {
        const char *word = words[i];

        if (strcmp(word, "--planted") == 0) {
            out->planted = true;
        } else if (i + 1 == count) {
            return false;
        } else if (strcmp(word, "--cases") == 0) {
            out->cases = strtoull(words[++i], NULL, 0);
        } else if (strcmp(word, "--seed") == 0) {
            out->seed = strtoull(words[++i], NULL, 0);
        } else if (strcmp(word, "--first") == 0) {
            out->first = strtoull(words[++i], NULL, 0);
        } else if (strcmp(word, "--keep-going") == 0) {
            out->keep_going = strtoull(words[++i], NULL, 0);
        } else if (strcmp(word, "--to") == 0) {
            out->folder = words[++i];
        } else if (strcmp(word, "--profile") == 0) {
            for (i++, out->profile = 0; out->profile < MODEL_PROFILES; out->profile++) {
                if (strcmp(words[i], model_profile_name((enum model_profile)out->profile)) == 0) {
                    break;
                }
            }
            if (out->profile == MODEL_PROFILES) {
                return false;
            }
        } else {
            return false;
        }
    }
    return true;
}

int main(int argc, char **argv)
{
    struct arguments arguments = {.seed = 1, .cases = 10000, .profile = -1, .folder = "."};
    struct product product = {0};
    struct kldr_error error = {0};
    int code = 2;

    if (!read_arguments(argc, argv, &arguments)) {
        fprintf(stderr, "differ: unknown or incomplete argument; the head of differ.c has them\n");
        return 2;
    }
    product.runner = ks_runner_create();
    if (product.runner != NULL && kldr_kernel_create(KLDR_MACHINE_X64, NULL, &product.kernel,
                                                     &error) == KLDR_STATUS_SUCCESS) {
        code =
            arguments.planted ? run_planted(&product, &arguments) : run_cases(&product, &arguments);
    }
    kldr_kernel_destroy(product.kernel);
    ks_runner_destroy(product.runner);
    return code;
}
