// SPDX-License-Identifier: MIT
// Values as YAML flow text on one line: what --accept writes and what failures show.
#ifndef KS_SCENARIO_FLOW_TEXT_H
#define KS_SCENARIO_FLOW_TEXT_H

#include "scenario/run/observe.h"

// A growing text in the runner's arena; `text` is always terminated.
struct ks_flow {
    struct ks_runner *runner;
    char *text;
    size_t length, capacity;
};

void ks_flow_init(struct ks_flow *flow, struct ks_runner *runner);
void ks_flow_raw(struct ks_flow *flow, const char *text);
// A scalar, quoted where flow context needs it.
void ks_flow_scalar(struct ks_flow *flow, const char *text);
void ks_flow_number(struct ks_flow *flow, uint64_t number);

// "[a, b, {kind: c}]"
const char *ks_flow_seen(struct ks_runner *runner, const struct ks_seen *seen);
const char *ks_flow_list(struct ks_runner *runner, const struct ks_list *list);
// A text as one scalar.
const char *ks_flow_text(struct ks_runner *runner, const char *text);
const char *ks_flow_status(struct ks_runner *runner, kldr_status status);

#endif
