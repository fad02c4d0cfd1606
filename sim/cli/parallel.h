// SPDX-License-Identifier: MIT
// The same work for many items on several threads.
#ifndef KS_CLI_PARALLEL_H
#define KS_CLI_PARALLEL_H

#include <stddef.h>

// How many threads are worth their start for count items: jobs when it is not 0.
unsigned ks_parallel_threads(unsigned jobs, size_t count);

// Calls work(user, index) for each index below count, in any order, and returns when all are done.
void ks_parallel(unsigned jobs, size_t count, void (*work)(void *user, size_t index), void *user);

#endif
