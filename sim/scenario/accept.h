// SPDX-License-Identifier: MIT
// kldr run --accept: writes what was found into the scenario file (scenario-format section 8).
#ifndef KS_SCENARIO_ACCEPT_H
#define KS_SCENARIO_ACCEPT_H

#include "scenario/result.h"

// Makes the new text of a file from the results of all its scenarios and profiles, passed ones
// included. Only the bytes of failing values change, up to the end of their last child; where
// profiles differ `expect_by_profile` is written. *out_text ends with a NUL that *out_size does not
// count, and is freed with free().
//   KLDR_ERROR_NOT_FOUND    nothing is to be changed
//   KLDR_ERROR_UNSUPPORTED  a difference cannot be written; error says which and why
//   KLDR_ERROR_OUT_OF_MEMORY
kldr_status ks_accept(const struct ks_scenario_file *file, const struct ks_result *const *results,
                      size_t result_count, char **out_text, size_t *out_size,
                      struct kldr_error *error);

#endif
