// SPDX-License-Identifier: MIT
// Duplicate keys of maps. Keys that name images, services or modules are the same when only their
// case differs.
#ifndef KS_SCENARIO_VALIDATE_KEYS_H
#define KS_SCENARIO_VALIDATE_KEYS_H

#include "scenario/format/shape.h"
#include "scenario/parse/diagnose.h"

void ks_validate_duplicates(struct ks_parse *parse, struct ks_node *map, enum ks_fold fold);

#endif
