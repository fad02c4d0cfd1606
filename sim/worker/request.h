// SPDX-License-Identifier: MIT
// What a worker is asked to do: one scenario, with the text of its file, and how it is run.
#ifndef KS_WORKER_REQUEST_H
#define KS_WORKER_REQUEST_H

#include "scenario/run.h"
#include "worker/wire.h"

struct ks_worker_request {
    const char *path; // of the scenario file
    const char *text;
    size_t text_size;
    size_t index;       // of the scenario in its file
    uint32_t parent;    // the process that asks
    bool finds_files;   // files of host folders can be asked for
    bool finds_decoder; // a program that has the decoder of instructions is there
    // Without kernels, directories and watcher, which do not travel.
    struct ks_run_options options;
    struct ks_policy_override *policy; // the room of options.policy and options.variables
    struct ks_variable *variables;
};

void ks_worker_request_write(struct ks_wire_writer *writer, const struct ks_scenario *scenario,
                             const struct ks_run_options *options, uint32_t parent,
                             bool finds_decoder);

// Whether a program of the same version wrote it: another one is not understood.
bool ks_worker_request_is_of_this_version(const void *bytes, size_t size);

// The texts lie in the bytes, which have to stay. False when they are no request, or memory is out.
bool ks_worker_request_read(const void *bytes, size_t size, struct ks_worker_request *out_request);
void ks_worker_request_fini(struct ks_worker_request *request);

#endif
