// SPDX-License-Identifier: MIT
// The container of a PDB, a "multi-stream file": blocks of one size, and streams made of blocks
// anywhere in the file.
#ifndef KS_SYMBOLS_MSF_H
#define KS_SYMBOLS_MSF_H

#include "symbols/cursor.h"

struct ks_msf {
    struct ks_cursor_part file; // borrowed
    uint32_t block_size;
    struct ks_cursor_part directory; // a copy
};

enum ks_msf_read { KS_MSF_READ, KS_MSF_MALFORMED, KS_MSF_NO_MEMORY };

enum ks_msf_read ks_msf_open(const uint8_t *bytes, size_t size, struct ks_msf *out_msf);
void ks_msf_close(struct ks_msf *msf);

// A copy of a stream, freed with ks_msf_free_part. A stream that is not there is malformed; an
// empty one has a size of 0 and bytes. No copy is larger than the file.
enum ks_msf_read ks_msf_stream(const struct ks_msf *msf, uint32_t number,
                               struct ks_cursor_part *out_stream);
void ks_msf_free_part(struct ks_cursor_part *part);

#endif
