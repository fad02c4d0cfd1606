// SPDX-License-Identifier: MIT
// The parts of the cross-check.
#ifndef KS_SCENARIO_CROSS_RULES_H
#define KS_SCENARIO_CROSS_RULES_H

#include "scenario/parse/cast.h"

// Names that must exist are reported with the nearest one when they do not.
void ks_cross_module(struct ks_cast *cast, const char *name, struct ks_place place);
void ks_cross_service(struct ks_cast *cast, const char *name, struct ks_place place);
// module_name and routine as the two sides of "module!Routine".
void ks_cross_routine(struct ks_cast *cast, const char *module_name, const char *routine,
                      struct ks_place place);
// "module!Routine" itself.
void ks_cross_module_routine(struct ks_cast *cast, const char *text, struct ks_place place);

// Rules within images (cross_image.c).
void ks_cross_images(struct ks_cast *cast, struct ks_build *build);
// Rules between steps (cross_order.c).
void ks_cross_order(struct ks_cast *cast, struct ks_build *build);
// Names in expectations (cross_expect.c).
void ks_cross_expectations(struct ks_cast *cast, const struct ks_step *step);

#endif
