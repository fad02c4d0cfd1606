// SPDX-License-Identifier: MIT
// How values lie in the messages between kldr and its workers: numbers little-endian, a text with
// its length in front and a NUL behind, so that it can be used where it lies.
//
// Whoever reads trusts nothing: a read behind the end, and a text that is not as described, sets
// `bad`, and everything read after it is zero, NULL or false. One look at `bad` at the end is
// enough, except before a number is used as a size or a count.
#ifndef KS_WORKER_WIRE_H
#define KS_WORKER_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// ---- writing ----

struct ks_wire_writer {
    uint8_t *bytes; // freed with ks_wire_writer_fini
    size_t size, capacity;
    bool out_of_memory;
};

void ks_wire_writer_fini(struct ks_wire_writer *writer);
void ks_wire_put8(struct ks_wire_writer *writer, uint8_t value);
void ks_wire_put32(struct ks_wire_writer *writer, uint32_t value);
void ks_wire_put64(struct ks_wire_writer *writer, uint64_t value);
void ks_wire_put_flag(struct ks_wire_writer *writer, bool value);
void ks_wire_put_bytes(struct ks_wire_writer *writer, const void *bytes, size_t size);
// NULL is kept apart from "".
void ks_wire_put_text(struct ks_wire_writer *writer, const char *text);

// ---- reading ----

struct ks_wire_reader {
    const uint8_t *at, *end;
    bool bad;
};

void ks_wire_reader_init(struct ks_wire_reader *reader, const void *bytes, size_t size);
uint8_t ks_wire_get8(struct ks_wire_reader *reader);
uint32_t ks_wire_get32(struct ks_wire_reader *reader);
uint64_t ks_wire_get64(struct ks_wire_reader *reader);
// 0 or 1; anything else is bad.
bool ks_wire_get_flag(struct ks_wire_reader *reader);
// A number up to most; a larger one is bad.
uint32_t ks_wire_get_most(struct ks_wire_reader *reader, uint32_t most);
// The number of things that follow, each of least bytes or more: never more than can be there.
size_t ks_wire_get_count(struct ks_wire_reader *reader, size_t least);
// size bytes where they lie; NULL when there are fewer.
const uint8_t *ks_wire_get_bytes(struct ks_wire_reader *reader, uint64_t size);
// A text where it lies, or NULL.
const char *ks_wire_get_text(struct ks_wire_reader *reader);
// A text that cannot be NULL: "" when it is.
const char *ks_wire_get_some_text(struct ks_wire_reader *reader);
// True when everything was read and nothing was bad.
bool ks_wire_at_end(const struct ks_wire_reader *reader);

#endif
