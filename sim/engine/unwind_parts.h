// SPDX-License-Identifier: MIT
// What the files of the unwinder share.
#ifndef KS_ENGINE_UNWIND_PARTS_H
#define KS_ENGINE_UNWIND_PARTS_H

#include "engine/unwind.h"

#define KS_UNWIND_CHAIN_FLAG  4u
#define KS_UNWIND_CHAIN_LIMIT 32u // of functions in parts, and of entries that refer to others

enum ks_unwind_operation {
    PUSH_NONVOL,
    ALLOC_LARGE,
    ALLOC_SMALL,
    SET_FPREG,
    SAVE_NONVOL,
    SAVE_NONVOL_FAR,
    EPILOG,
    SPARE,
    SAVE_XMM128,
    SAVE_XMM128_FAR,
    PUSH_MACHFRAME,
};

// UNWIND_INFO, copied.
struct ks_unwind_info {
    unsigned version, flags;
    unsigned prolog;
    unsigned count;
    unsigned frame_register, frame_offset;
    uint8_t codes[2 * 256];
    uint64_t after; // address of what follows the codes
};

struct ks_unwind_state {
    const struct ks_unwind_memory *memory;
    const struct ks_unwind_image *image;
    const struct ks_unwind_function *function;
    struct ks_registers now;
    uint64_t frame; // what offsets of saved registers count from
    bool has_rip;   // a machine frame has given it
};

static inline uint16_t ks_unwind_get16(const uint8_t *bytes)
{
    return (uint16_t)(bytes[0] | bytes[1] << 8);
}

static inline uint32_t ks_unwind_get32(const uint8_t *bytes)
{
    return ks_unwind_get16(bytes) | (uint32_t)ks_unwind_get16(bytes + 2) << 16;
}

static inline unsigned ks_unwind_operation_at(const struct ks_unwind_info *info, unsigned index)
{
    return info->codes[2 * index + 1] & 15u;
}

static inline unsigned ks_unwind_argument_at(const struct ks_unwind_info *info, unsigned index)
{
    return info->codes[2 * index + 1] >> 4;
}

bool ks_unwind_read(const struct ks_unwind_memory *memory, uint64_t address, void *to, size_t size);
bool ks_unwind_read_function(const struct ks_unwind_memory *memory, uint64_t address,
                             struct ks_unwind_function *out_function);
bool ks_unwind_read_info(const struct ks_unwind_state *state, uint32_t rva,
                         struct ks_unwind_info *out_info);
bool ks_unwind_pop(struct ks_unwind_state *state, uint64_t *out_value);

// True when control was in an epilogue, whose rest has been run up to the return address.
bool ks_unwind_epilogue(struct ks_unwind_state *state, const struct ks_unwind_info *info);

#endif
