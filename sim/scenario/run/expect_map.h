// SPDX-License-Identifier: MIT
// Between the files that judge a step.
#ifndef KS_SCENARIO_EXPECT_MAP_H
#define KS_SCENARIO_EXPECT_MAP_H

#include "scenario/run/expect_match.h"
#include "scenario/run/flow_text.h"

struct ks_judge {
    struct ks_runner *runner;
    const struct ks_step *step;
    const struct ks_expect *expect;
    const struct ks_step_outcome *outcome;
    const struct kldr_error *error; // of the action
    bool stopped;                   // the simulated system is over
};

// Adds a failure that shows both sides.
void ks_expect_differ(struct ks_judge *judge, const char *key, const char *subkey,
                      struct ks_place place, const char *wanted, const char *got);
// The same and, with --accept, the edit that would make it pass: got is the replacement.
void ks_expect_fail(struct ks_judge *judge, const char *key, const char *subkey,
                    struct ks_place place, const char *wanted, const char *got);
// A failure that no replacement can mend.
void ks_expect_fail_message(struct ks_judge *judge, const char *key, struct ks_place place,
                            const char *message);

// Everything that is a map: counts, imports, state, argument, bound, and those on devices.
void ks_expect_maps(struct ks_judge *judge);

// The one-line answer of `kldr why` for an expectation about a module's presence (modules, counts,
// state) that failed; "" for others.
const char *ks_expect_why(struct ks_judge *judge, const char *key, const char *subkey);

// The rule behind the last decision of the step, with grade, for people: "U7: ... (reported,
// unverified)", or "".
const char *ks_expect_note(struct ks_judge *judge);

#endif
