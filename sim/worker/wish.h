// SPDX-License-Identifier: MIT
// A worker's wish for the PDB of an image, as it travels.
#ifndef KS_WORKER_WISH_H
#define KS_WORKER_WISH_H

#include "scenario/run/host_symbols.h"
#include "worker/wire.h"

void ks_worker_wish_write(struct ks_wire_writer *writer, const struct ks_symbols_wish *wish);
// The texts lie in the bytes, which have to stay. False when they are no wish.
bool ks_worker_wish_read(const void *bytes, size_t size, struct ks_symbols_wish *out_wish);

#endif
