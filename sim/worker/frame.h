// SPDX-License-Identifier: MIT
// The stream between kldr and a worker: frames, each a header and size bytes.
//
//   kldr to worker   REQUEST, then one FILE for each wish
//   worker to kldr   any number of wishes (FILE_WANTED, SYMBOLS_WANTED), then RESULT
#ifndef KS_WORKER_FRAME_H
#define KS_WORKER_FRAME_H

#include <stdbool.h>
#include <stdint.h>

enum ks_frame_kind {
    KS_FRAME_REQUEST = 1,
    KS_FRAME_FILE_WANTED,    // a path of the simulated disk, without a NUL
    KS_FRAME_FILE,           // a byte that says whether there is one, then its bytes
    KS_FRAME_SYMBOLS_WANTED, // worker/wish.h
    KS_FRAME_RESULT,
};

#define KS_FRAME_HEADER_SIZE 16u

struct ks_frame {
    enum ks_frame_kind kind;
    uint64_t size;
};

void ks_frame_write(uint8_t header[KS_FRAME_HEADER_SIZE], enum ks_frame_kind kind, uint64_t size);
// False when it is none.
bool ks_frame_read(const uint8_t header[KS_FRAME_HEADER_SIZE], struct ks_frame *out_frame);

#endif
