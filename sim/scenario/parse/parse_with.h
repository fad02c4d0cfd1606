// SPDX-License-Identifier: MIT
// ks_scenario_parse with an allocator, so that a test can make each allocation fail.
#ifndef KS_SCENARIO_PARSE_WITH_H
#define KS_SCENARIO_PARSE_WITH_H

#include "scenario/parse.h"

// allocator NULL: the default one. It must live as long as the file.
kldr_status ks_scenario_parse_with(const struct kldr_allocator *allocator, const char *path,
                                   const char *text, size_t size,
                                   struct ks_parse_result *out_result);

#endif
