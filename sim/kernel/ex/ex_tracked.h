// SPDX-License-Identifier: MIT
// Structures that lie in memory of drivers and have to be deleted before that memory goes:
// resources and lookaside lists. What is known of them lies here, by their address.
#ifndef KS_KERNEL_EX_TRACKED_H
#define KS_KERNEL_EX_TRACKED_H

#include "kernel/nt.h"

enum ks_ex_tracked_kind { KS_EX_RESOURCE, KS_EX_LOOKASIDE_LIST };

#define KS_EX_TRACKED_BUCKETS 64

struct ks_ke;
struct ks_ex_tracked;

// One that a driver initialised. Without memory for the record it is not watched, and the world
// ends.
void ks_ex_track(const struct ks_kernel_call *call, enum ks_ex_tracked_kind kind, uint64_t address);
// It was deleted.
void ks_ex_untrack(struct kldr_world *world, uint64_t address);
// One that lies in [first, end). False: there is none.
bool ks_ex_tracked_in(struct kldr_world *world, uint64_t first, uint64_t end,
                      enum ks_ex_tracked_kind *out_kind, uint64_t *out_address);
void ks_ex_tracked_fini(struct ks_ke *ke);

#endif
