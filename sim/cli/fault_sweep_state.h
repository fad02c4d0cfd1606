// SPDX-License-Identifier: MIT
// --sweep-state FILE: a file that keeps what became of each fault, so that a sweep that is
// interrupted goes on where it was. A line of JSON for each fault:
//
//   {"kldr_sweep_state":1,"version":"0.3.0"}
//   {"key":"0x0123456789abcdef","operation":9,"code":1,"text":"...","json":"..."}
//
// The key stands for all that decides what a fault does: kldr's version, the scenario's text and
// number, its real images, profile, options, and where its operations are. A line whose key is
// nobody's has no use and is kept. The file is replaced as a whole now and then, and at the end.
#ifndef KS_CLI_FAULT_SWEEP_STATE_H
#define KS_CLI_FAULT_SWEEP_STATE_H

#include "cli/fault_sweep.h"

struct ks_sweep_state;

// Reads the file, if it exists. Returns an exit code: 0, or another after a message.
int ks_sweep_state_open(const char *path, struct ks_sweep_state **out_state);
// Writes what is not written yet, and frees. False after a message.
bool ks_sweep_state_close(struct ks_sweep_state *state);

uint64_t ks_sweep_state_key(const struct ks_run_context *context, const struct ks_run_item *item,
                            const struct ks_result *baseline);

// Fills the verdict in, whose site is set, when the file has it.
void ks_sweep_state_find(const struct ks_sweep_state *state, uint64_t key,
                         struct ks_sweep_verdict *verdict);
// May be called from several threads.
void ks_sweep_state_add(struct ks_sweep_state *state, uint64_t key,
                        const struct ks_sweep_verdict *verdict);

#endif
