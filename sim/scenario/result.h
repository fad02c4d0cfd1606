// SPDX-License-Identifier: MIT
// What became of one scenario under one profile: the only thing that reports are made from.
#ifndef KS_SCENARIO_RESULT_H
#define KS_SCENARIO_RESULT_H

#include "scenario/model.h"
#include "world/event_log.h"
#include "world/fault_sweep.h"

#include <kldr/world.h>

enum ks_outcome {
    KS_PASSED,
    KS_FAILED,      // an expectation did not hold: exit code 1
    KS_SKIPPED,     // with a reason
    KS_UNSUPPORTED, // this version cannot run it: exit code 2
    KS_INVALID, // found invalid only when run, for instance a host file that cannot be opened: exit
                // code 2
    KS_STOPPED, // bugcheck that the scenario did not expect: exit code 4
    KS_LIMIT,   // a limit was reached: exit code 5
    KS_INTERNAL, // kldr contradicted itself: exit code 3
};

// "passed", "failed", "skipped", "unsupported", "invalid", "stopped", "limit", "internal"
const char *ks_outcome_name(enum ks_outcome outcome);
int ks_outcome_exit_code(enum ks_outcome outcome);

// One expectation that did not hold (or the reason of any other bad outcome).
struct ks_failure {
    const struct ks_step *step; // NULL: not in a step
    unsigned step_number;       // outermost step, from 1; 0: none
    struct ks_place place;      // of the expected value, else of the step
    const char *key;            // "counts.port.sys", "status", "calls", ...
    const char *wanted;         // as YAML flow text; "" when it does not apply
    const char *got;            // as YAML flow text
    const char *message;        // one sentence
    const char
        *note; // the rule that decided, with fact id and grade ("reported, unverified"); "" if none
    const char *why;    // of a module whose presence is not as expected: why; "" or NULL if none
    size_t event_count; // events recorded when it was judged (the last ones are shown)
};

// One difference that --accept can write: replace the expectation at place by text.
struct ks_accept_edit {
    const struct ks_step *step;
    const char *key;    // key of the expectation, e.g. "counts"
    const char *subkey; // entry of a map, NULL for whole values
    struct ks_place place;
    const char *text; // replacement, YAML flow style
};

struct ks_result {
    const struct ks_scenario *scenario;
    enum kldr_profile profile;
    struct kldr_policy policy; // with overrides
    uint64_t seed;
    enum ks_outcome outcome;
    const char *reason; // for skipped, unsupported, invalid, limit, internal; "" otherwise
    const struct ks_failure *failures;
    size_t failure_count;
    const struct ks_accept_edit *edits;
    size_t edit_count;
    unsigned steps_run;
    unsigned expectations; // judged
    unsigned finding_count;
    bool ran_no_code;                  // --cpu none left routines of real images uncalled
    const struct ks_event_log *events; // NULL when not recorded
    bool has_bugcheck;
    struct kldr_bugcheck bugcheck;
    // Which protection the process that ran code of drivers had to do without; "" or NULL if none.
    const char *unisolated;
    uint64_t operations; // that could fail, of a run that counts them
    // Where they are, of a run that counts them and fails none; not in a clone.
    const struct ks_fault_site *fault_sites;
    size_t fault_site_count;
    // What a worker answered to options.question, as why/why.h writes it, and after which step.
    // NULL: it did not. Code of drivers may have had its hand in it. Not in a clone.
    const char *answer;
    unsigned answered_after;
};

#endif
