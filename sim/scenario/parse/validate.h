// SPDX-License-Identifier: MIT
// Judges a document by the key table. Every reason is reported; what was reported is marked bad, so
// that the rest of the document can still be built and cross-checked.
#ifndef KS_SCENARIO_VALIDATE_H
#define KS_SCENARIO_VALIDATE_H

#include "scenario/format/shape.h"
#include "scenario/parse/diagnose.h"

// Also sets key_index of the values of records.
void ks_validate(struct ks_parse *parse, struct ks_node *node, const struct ks_shape *shape);

// The map alternatives of a choice: which one a map is meant to be.
const struct ks_shape *ks_validate_choose(const struct ks_shape *choice,
                                          const struct ks_node *node);

#endif
