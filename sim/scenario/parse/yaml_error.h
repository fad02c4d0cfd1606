// SPDX-License-Identifier: MIT
// libyaml's complaints in words for somebody who writes scenarios, with the quoted form where that
// is the cure.
#ifndef KS_SCENARIO_YAML_ERROR_H
#define KS_SCENARIO_YAML_ERROR_H

#include <stddef.h>

struct ks_parse;
struct ks_node;

// Reports the error that made libyaml stop (a yaml_parser_t whose error is set).
void ks_yaml_error_report(struct ks_parse *parse, const void *parser);

// Reports the ` #` at offset cut that ended a plain scalar.
void ks_yaml_error_cut(struct ks_parse *parse, struct ks_node *node, size_t cut);

#endif
