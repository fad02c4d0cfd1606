// SPDX-License-Identifier: MIT
// Whether what was seen is what was wanted: one item, one list.
#ifndef KS_SCENARIO_EXPECT_MATCH_H
#define KS_SCENARIO_EXPECT_MATCH_H

#include "scenario/run/observe.h"

// How the texts of a list compare.
enum ks_compare {
    KS_COMPARE_EXACT,  // printed lines
    KS_COMPARE_NAME,   // module names and paths: case ignored, base name or full name
    KS_COMPARE_CALL,   // module!Routine: the module's case is ignored
    KS_COMPARE_EVENT,  // event names with module or path
    KS_COMPARE_RECORD, // records: given fields only
    KS_COMPARE_MISSING // records of missing imports: a module without export is the module itself
};

bool ks_match_list(const struct ks_list *wanted, const struct ks_seen *seen,
                   enum ks_compare compare, enum ks_list_mode mode);

// One text. alternative may be NULL.
bool ks_match_text(const char *wanted, const char *seen, const char *alternative,
                   enum ks_compare compare);

#endif
