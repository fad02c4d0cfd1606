// SPDX-License-Identifier: MIT
// What a worker that has no result to send says by its exit code.
#ifndef KS_WORKER_EXIT_CODES_H
#define KS_WORKER_EXIT_CODES_H

#define KS_WORKER_EXIT_OK      0
#define KS_WORKER_EXIT_REQUEST 120 // what came over the stream was no request
#define KS_WORKER_EXIT_MEMORY  121
#define KS_WORKER_EXIT_ORPHAN  122 // who asked is gone
#define KS_WORKER_EXIT_DECODER 123 // a program with the decoder has to run it from the beginning
#define KS_WORKER_EXIT_VERSION 124 // who asks is of another version

// Given out by the system: a program cannot be started, as when a shared library of its is missing.
#define KS_WORKER_EXIT_NOT_STARTED 127

#endif
