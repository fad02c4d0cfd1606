// SPDX-License-Identifier: MIT
// Judges scalars, and keys that are names.
#ifndef KS_SCENARIO_VALIDATE_SCALAR_H
#define KS_SCENARIO_VALIDATE_SCALAR_H

#include "scenario/format/shape.h"
#include "scenario/parse/diagnose.h"

bool ks_validate_is_scalar(const struct ks_shape *shape);

// shape may be any: a scalar that stands where a list or map is wanted is reported as well.
void ks_validate_scalar(struct ks_parse *parse, struct ks_node *node, const struct ks_shape *shape);

// A knob's id (the node's key) and value.
void ks_validate_knob(struct ks_parse *parse, struct ks_node *node);

#endif
