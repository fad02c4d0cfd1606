// SPDX-License-Identifier: MIT
// Flips each knob of each profile to each of its other values, one at a time: some scenario of that
// profile must notice. A flip that nobody notices means that the knob is not tested (or does
// nothing).
//
//   flip_knobs FOLDER

#include "corpus.h"

#include "scenario/run.h"

#include <stdio.h>

struct flip {
    enum kldr_profile profile;
    const struct kldr_knob_info *knob;
    const char *value;
};

static bool passes(struct ks_runner *runner, const struct corpus_scenario *scenario,
                   enum kldr_profile profile, const struct ks_policy_override *override,
                   const struct kldr_kernel *const *kernels, size_t kernel_count)
{
    struct ks_run_options options = {
        .profile = profile, .kernels = kernels, .kernel_count = kernel_count};
    options.policy = override;
    options.policy_count = override != NULL ? 1 : 0;
    enum ks_outcome outcome = ks_runner_run(runner, scenario->scenario, &options)->outcome;
    return outcome == KS_PASSED || outcome == KS_SKIPPED;
}

// A scenario that passes as it is and fails with the flip, or NULL.
static const struct corpus_scenario *
who_notices(struct ks_runner *runner, const struct corpus *corpus, const struct flip *flip,
            const struct kldr_kernel *const *kernels, size_t kernel_count)
{
    const struct ks_policy_override override = {.knob = flip->knob->id, .value = flip->value};
    for (size_t i = 0; i < corpus->count; i++) {
        const struct corpus_scenario *scenario = &corpus->scenarios[i];
        if (corpus_has_profile(scenario, flip->profile) &&
            !passes(runner, scenario, flip->profile, &override, kernels, kernel_count) &&
            passes(runner, scenario, flip->profile, NULL, kernels, kernel_count)) {
            return scenario;
        }
    }
    return NULL;
}

static unsigned flip_all(struct ks_runner *runner, const struct corpus *corpus,
                         const struct kldr_kernel *const *kernels, size_t kernel_count,
                         unsigned *out_flips)
{
    unsigned unnoticed = 0;
    for (unsigned p = 0; p < KLDR_PROFILE_COUNT; p++) {
        for (unsigned k = 0; k < KLDR_KNOB_COUNT; k++) {
            struct flip flip = {(enum kldr_profile)p, kldr_knob_info((enum kldr_knob)k), NULL};
            for (unsigned v = 0; (flip.value = flip.knob->values[v]) != NULL; v++) {
                if (v == flip.knob->row[p]) {
                    continue;
                }
                (*out_flips)++;
                if (who_notices(runner, corpus, &flip, kernels, kernel_count) == NULL) {
                    printf("nobody notices %s: %s under %s\n", flip.knob->id, flip.value,
                           kldr_profile_name(flip.profile));
                    unnoticed++;
                }
            }
        }
    }
    return unnoticed;
}

int main(int argc, char **argv)
{
    static const enum kldr_machine machines[] = {KLDR_MACHINE_X64, KLDR_MACHINE_X86,
                                                 KLDR_MACHINE_ARM64};
    struct kldr_kernel *kernels[3] = {NULL, NULL, NULL};
    struct corpus corpus;
    unsigned flips = 0;
    if (argc != 2 || !corpus_read(argv[1], &corpus)) {
        fprintf(stderr, "usage: flip_knobs FOLDER\n");
        return 2;
    }
    struct ks_runner *runner = ks_runner_create();
    for (size_t i = 0; i < 3; i++) {
        kldr_kernel_create(machines[i], NULL, &kernels[i], NULL);
    }
    unsigned unnoticed =
        flip_all(runner, &corpus, (const struct kldr_kernel *const *)kernels, 3, &flips);
    printf("%u of %u flips noticed by %zu scenarios\n", flips - unnoticed, flips, corpus.count);
    for (size_t i = 0; i < 3; i++) {
        kldr_kernel_destroy(kernels[i]);
    }
    ks_runner_destroy(runner);
    corpus_free(&corpus);
    return unnoticed == 0 ? 0 : 1;
}
