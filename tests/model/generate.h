// SPDX-License-Identifier: MIT
// Random cases, and cases written as scenario files with everything the model says as expectations:
// whatever the product sees otherwise is a failed expectation of a file that a person can run.
#ifndef KLDR_TEST_MODEL_GENERATE_H
#define KLDR_TEST_MODEL_GENERATE_H

#include "model.h"

// The case with this seed, the same on every machine.
void generate_case(uint64_t seed, enum model_profile profile, struct model_case *out);

// False when a step would be a scenario error: a deleted file that is not there, a created one that
// is.
bool generate_is_valid(const struct model_case *input);

// The scenario file, judged by the model with this mistake. Valid until the next call.
const char *generate_text(const struct model_case *input, enum model_bug bug, size_t *out_size);

#endif
