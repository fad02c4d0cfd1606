// SPDX-License-Identifier: MIT
// A result on its way from a worker to kldr. Code of drivers ran in the process that wrote it, so
// the bytes may be anything: who reads them checks all that others rely on, and what belongs to the
// scenario is taken from the reader's own model.
#ifndef KS_WORKER_REPLY_H
#define KS_WORKER_REPLY_H

#include "scenario/run.h"
#include "worker/wire.h"

struct ks_worker_reply {
    struct ks_result result;
    struct ks_failure *failures;
    struct ks_accept_edit *edits;
    struct ks_fault_site *sites;
    struct ks_event_log *log;
};

void ks_worker_reply_write(struct ks_wire_writer *writer, const struct ks_result *result);

// A result with what is known before a run: scenario, profile, policy, seed.
void ks_worker_reply_init(struct ks_worker_reply *reply, const struct ks_scenario *scenario,
                          const struct ks_run_options *options);

enum ks_reply_read {
    KS_REPLY_READ,
    KS_REPLY_MALFORMED,
    KS_REPLY_NO_MEMORY,
};

// Reads the result of a run of the scenario with these options. Its texts lie in the bytes, which
// have to stay until ks_worker_reply_fini; that is called in any case.
enum ks_reply_read ks_worker_reply_read(const void *bytes, size_t size,
                                        const struct ks_scenario *scenario,
                                        const struct ks_run_options *options,
                                        struct ks_worker_reply *out_reply);
void ks_worker_reply_fini(struct ks_worker_reply *reply);

// ---- its parts ----

void ks_worker_event_write(struct ks_wire_writer *writer, const struct kldr_event *event);
// An event that reports can show. False: malformed.
bool ks_worker_event_read(struct ks_wire_reader *reader, uint32_t depth_most,
                          struct kldr_event *out_event);

// The operations that could fail, and where they are.
void ks_worker_sites_write(struct ks_wire_writer *writer, const struct ks_result *result);
enum ks_reply_read ks_worker_sites_read(struct ks_wire_reader *reader,
                                        struct ks_worker_reply *reply);

#endif
