// SPDX-License-Identifier: MIT
// What no single value shows: names that must exist, rules between steps, and what names stand for.
#ifndef KS_SCENARIO_CROSS_CHECK_H
#define KS_SCENARIO_CROSS_CHECK_H

#include "scenario/parse/build.h"

// Reports what contradicts itself and gives load steps their services and images. Names are looked
// up unless parse->names_unsure.
void ks_cross_check(struct ks_build *build);

#endif
