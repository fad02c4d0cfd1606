// SPDX-License-Identifier: MIT
// Writing a new text in the place of a value.
#ifndef KS_SCENARIO_ACCEPT_VALUE_H
#define KS_SCENARIO_ACCEPT_VALUE_H

#include "scenario/accept/accept_text.h"
#include "scenario/model.h"

// Replaces a value by a text in flow style. The newline after a block scalar stays, though it is
// counted as part of the scalar.
void ks_accept_value_replace(struct ks_accept_text *edits, const struct ks_scenario_file *file,
                             const struct ks_place *place, const char *text);

#endif
