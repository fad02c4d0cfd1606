// SPDX-License-Identifier: MIT
// Runs a scenario that uses real images in a process of its own, so that whatever code of drivers
// does there, kldr goes on and the next scenario runs.
//
//     struct ks_worker *worker = ks_worker_create();
//     const struct ks_result *result = ks_worker_wanted(scenario, &options)
//                                          ? ks_worker_run(worker, scenario, &options)
//                                          : ks_runner_run(runner, scenario, &options);
//
// The scenario need not lie in a file: what ks_scenario_parse made of a text in memory will do, as
// text and path of its file travel to the process. The path says where a relative `file:` of an
// image begins.
//
// A struct ks_worker is used by one thread at a time; each run of it is a new process, which ends
// before ks_worker_run returns.
#ifndef KS_WORKER_H
#define KS_WORKER_H

#include "scenario/run.h"

// The argument that makes the program a worker: it then calls ks_worker_main and nothing else.
#define KS_WORKER_ARGUMENT "--run-worker"
// A program beside this one that takes its place as a worker when this one is linked without the
// decoder of instructions and code turns out to need it: then all is run again, from the beginning.
#define KS_WORKER_PROGRAM "kldr-cpu"

struct ks_worker;

// Holds the last result. NULL when memory is out.
struct ks_worker *ks_worker_create(void);
void ks_worker_destroy(struct ks_worker *worker);

// True when a run with these options would run code of real images on this host's CPU.
bool ks_worker_wanted(const struct ks_scenario *scenario, const struct ks_run_options *options);

// As ks_runner_run, in a new process. options.watcher, .keeper and .kernels are of no use here:
// the process makes its own. The result is valid until the worker's next run or its destruction;
// ks_result_clone makes one that lives by itself.
//
// A process that does not come back with a result is told by the outcome: KS_STOPPED when code of a
// driver destroyed it, KS_LIMIT when time or memory ran out or it could not be started.
const struct ks_result *ks_worker_run(struct ks_worker *worker, const struct ks_scenario *scenario,
                                      const struct ks_run_options *options);

// The worker's side: reads the request, runs it, sends the result. Returns the exit code.
int ks_worker_main(void);

#endif
