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

// A key of a map of modules: no kernel image, and one file is meant (A110).
void ks_cross_module_key(struct ks_cast *cast, const struct ks_pair *pair, const char *key);

// What a service that a step names stands for (A23).
void ks_cross_resolve_service(struct ks_cast *cast, struct ks_step_service *service);

// Devices and requests (cross_io.c): all steps; one expectation (base: what it was laid over, and
// has been checked, or NULL); routines that answer none.
void ks_cross_io(struct ks_cast *cast, struct ks_build *build);
void ks_cross_io_expect(struct ks_cast *cast, const struct ks_step *step,
                        const struct ks_expect *expect, const struct ks_expect *base);
void ks_cross_io_routines(struct ks_cast *cast, const struct ks_image *image);

// Rules within images (cross_image.c).
void ks_cross_images(struct ks_cast *cast, struct ks_build *build);
// Rules between steps (cross_order.c).
void ks_cross_order(struct ks_cast *cast, struct ks_build *build);
// Names in expectations (cross_expect.c).
void ks_cross_expectations(struct ks_cast *cast, const struct ks_step *step);

#endif
