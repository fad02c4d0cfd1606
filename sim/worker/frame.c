// SPDX-License-Identifier: MIT
#include "worker/frame.h"

#include "worker/wire.h"

#define MAGIC UINT32_C(0x52444C4B) // "KLDR"

static void put(uint8_t *at, uint64_t value, unsigned size)
{
    for (unsigned i = 0; i < size; i++) {
        at[i] = (uint8_t)(value >> (8 * i));
    }
}

void ks_frame_write(uint8_t header[KS_FRAME_HEADER_SIZE], enum ks_frame_kind kind, uint64_t size)
{
    put(header, MAGIC, 4);
    put(header + 4, (uint64_t)kind, 4);
    put(header + 8, size, 8);
}

bool ks_frame_read(const uint8_t header[KS_FRAME_HEADER_SIZE], struct ks_frame *out_frame)
{
    struct ks_wire_reader reader;
    ks_wire_reader_init(&reader, header, KS_FRAME_HEADER_SIZE);
    uint32_t magic = ks_wire_get32(&reader), kind = ks_wire_get32(&reader);
    if (magic != MAGIC || kind < KS_FRAME_REQUEST || kind > KS_FRAME_RESULT) {
        return false;
    }
    *out_frame = (struct ks_frame){(enum ks_frame_kind)kind, ks_wire_get64(&reader)};
    return true;
}
