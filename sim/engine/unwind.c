// SPDX-License-Identifier: MIT
#include "engine/unwind_parts.h"

#include <string.h>

#define INDIRECT      1u // in the data's RVA: it is that of another RUNTIME_FUNCTION
#define FUNCTION_SIZE 12u

bool ks_unwind_read(const struct ks_unwind_memory *memory, uint64_t address, void *to, size_t size)
{
    return memory->read(memory->user, address, to, size);
}

static bool read64(const struct ks_unwind_state *state, uint64_t address, uint64_t *out_value)
{
    uint8_t bytes[8];
    if (!ks_unwind_read(state->memory, address, bytes, sizeof bytes)) {
        return false;
    }
    *out_value = ks_unwind_get32(bytes) | (uint64_t)ks_unwind_get32(bytes + 4) << 32;
    return true;
}

bool ks_unwind_pop(struct ks_unwind_state *state, uint64_t *out_value)
{
    uint64_t *sp = &state->now.general[KS_RSP];
    if (!read64(state, *sp, out_value)) {
        return false;
    }
    *sp += 8;
    return true;
}

// ---- function table ----

bool ks_unwind_read_function(const struct ks_unwind_memory *memory, uint64_t address,
                             struct ks_unwind_function *out_function)
{
    uint8_t bytes[FUNCTION_SIZE];
    if (!ks_unwind_read(memory, address, bytes, sizeof bytes)) {
        return false;
    }
    *out_function = (struct ks_unwind_function){ks_unwind_get32(bytes), ks_unwind_get32(bytes + 4),
                                                ks_unwind_get32(bytes + 8), address};
    return true;
}

bool ks_unwind_find(const struct ks_unwind_memory *memory, const struct ks_unwind_image *image,
                    uint64_t pc, struct ks_unwind_function *out_function)
{
    struct ks_unwind_function found;
    uint32_t low = 0, high = image->count;
    uint64_t rva = pc - image->base;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (!ks_unwind_read_function(memory, image->table + (uint64_t)FUNCTION_SIZE * middle,
                                     &found)) {
            return false;
        }
        if (rva < found.begin) {
            high = middle;
        } else if (rva >= found.end) {
            low = middle + 1;
        } else {
            break;
        }
    }
    if (low >= high) {
        return false;
    }
    for (unsigned i = 0; (found.data & INDIRECT) != 0; i++) {
        if (i == KS_UNWIND_CHAIN_LIMIT ||
            !ks_unwind_read_function(memory, image->base + (found.data & ~INDIRECT), &found)) {
            return false;
        }
    }
    *out_function = found;
    return true;
}

// ---- unwind data ----

bool ks_unwind_read_info(const struct ks_unwind_state *state, uint32_t rva,
                         struct ks_unwind_info *out_info)
{
    uint8_t head[4];
    uint64_t at = state->image->base + rva;
    if (!ks_unwind_read(state->memory, at, head, sizeof head)) {
        return false;
    }
    out_info->version = head[0] & 7u;
    out_info->flags = head[0] >> 3;
    out_info->prolog = head[1];
    out_info->count = head[2];
    out_info->frame_register = head[3] & 15u;
    out_info->frame_offset = (head[3] >> 4) * 16u;
    if (out_info->version != 1 && out_info->version != 2) {
        return false;
    }
    out_info->after = at + 4 + 2 * ((out_info->count + 1u) & ~1u);
    return out_info->count == 0 ||
           ks_unwind_read(state->memory, at + 4, out_info->codes, 2u * out_info->count);
}

// Slots that the code takes, itself included. 0: it does not fit in, or there is none such.
static unsigned slots_of(const struct ks_unwind_info *info, unsigned index)
{
    unsigned slots = 1;
    switch (ks_unwind_operation_at(info, index)) {
    case ALLOC_LARGE:
        slots = ks_unwind_argument_at(info, index) == 0   ? 2
                : ks_unwind_argument_at(info, index) == 1 ? 3
                                                          : 0;
        break;
    case SAVE_NONVOL:
    case SAVE_XMM128:
        slots = 2;
        break;
    case EPILOG: // of version 1: a register's lower half was saved
        slots = info->version == 1 ? 2 : 1;
        break;
    case SAVE_NONVOL_FAR:
    case SAVE_XMM128_FAR:
    case SPARE:
        slots = 3;
        break;
    case PUSH_NONVOL:
    case ALLOC_SMALL:
    case SET_FPREG:
    case PUSH_MACHFRAME:
        break;
    default:
        slots = 0;
    }
    return index + slots <= info->count ? slots : 0;
}

// What follows the code in two or in three slots.
static uint64_t operand(const struct ks_unwind_info *info, unsigned index, unsigned slots,
                        unsigned scale)
{
    const uint8_t *at = info->codes + 2 * (index + 1);
    return slots == 3 ? ks_unwind_get32(at) : (uint64_t)ks_unwind_get16(at) * scale;
}

static bool pop_machine_frame(struct ks_unwind_state *state, bool error_code)
{
    uint64_t sp = state->now.general[KS_RSP] + (error_code ? 8 : 0);
    state->has_rip = true;
    return read64(state, sp, &state->now.rip) && read64(state, sp + 16, &state->now.rflags) &&
           read64(state, sp + 24, &state->now.general[KS_RSP]);
}

static bool apply(struct ks_unwind_state *state, const struct ks_unwind_info *info, unsigned index,
                  unsigned slots)
{
    struct ks_registers *now = &state->now;
    unsigned argument = ks_unwind_argument_at(info, index);
    switch (ks_unwind_operation_at(info, index)) {
    case PUSH_NONVOL:
        return ks_unwind_pop(state, &now->general[argument]);
    case ALLOC_LARGE:
        now->general[KS_RSP] += operand(info, index, slots, 8);
        return true;
    case ALLOC_SMALL:
        now->general[KS_RSP] += 8u * argument + 8;
        return true;
    case SET_FPREG:
        now->general[KS_RSP] = now->general[info->frame_register] - info->frame_offset;
        return true;
    case SAVE_NONVOL:
    case SAVE_NONVOL_FAR:
        return read64(state, state->frame + operand(info, index, slots, 8),
                      &now->general[argument]);
    case SAVE_XMM128:
    case SAVE_XMM128_FAR:
        return ks_unwind_read(state->memory, state->frame + operand(info, index, slots, 16),
                              now->floats + KS_FLOAT_XMM + (size_t)16 * argument, 16);
    case PUSH_MACHFRAME:
        return pop_machine_frame(state, argument != 0);
    default:
        return true;
    }
}

// Undoes what the prologue did before offset.
static bool undo(struct ks_unwind_state *state, const struct ks_unwind_info *info, unsigned offset)
{
    for (unsigned i = 0; i < info->count;) {
        unsigned slots = slots_of(info, i);
        if (slots == 0) {
            return false;
        }
        bool epilog = ks_unwind_operation_at(info, i) == EPILOG && info->version == 2;
        if (!epilog && info->codes[2 * i] <= offset && !apply(state, info, i, slots)) {
            return false;
        }
        i += slots;
    }
    return true;
}

// Whether the frame register has its value: in the body, and in the prologue past the code that
// sets it.
static bool has_frame_register(const struct ks_unwind_info *info, unsigned offset, bool in_body)
{
    if (info->frame_register == 0 || in_body) {
        return info->frame_register != 0;
    }
    for (unsigned i = 0, slots; i < info->count && (slots = slots_of(info, i)) != 0; i += slots) {
        if (ks_unwind_operation_at(info, i) == SET_FPREG) {
            return info->codes[2 * i] <= offset;
        }
    }
    return false;
}

// ---- a step ----

// The parts of a function that go on in another one's frame, up to the one that has it.
static bool undo_chain(struct ks_unwind_state *state, struct ks_unwind_info *info)
{
    for (unsigned i = 0; (info->flags & KS_UNWIND_CHAIN_FLAG) != 0; i++) {
        struct ks_unwind_function next;
        if (i == KS_UNWIND_CHAIN_LIMIT ||
            !ks_unwind_read_function(state->memory, info->after, &next) ||
            !ks_unwind_read_info(state, next.data & ~INDIRECT, info) || !undo(state, info, 0xFF)) {
            return false;
        }
    }
    return true;
}

static bool unwind(struct ks_unwind_state *state, unsigned kind, struct ks_unwind_frame *out_frame)
{
    const struct ks_unwind_function *function = state->function;
    struct ks_unwind_info info;
    if (!ks_unwind_read_info(state, function->data, &info)) {
        return false;
    }
    uint64_t distance = state->now.rip - state->image->base - function->begin;
    unsigned offset = distance > 0xFF ? 0xFF : (unsigned)distance;
    bool in_body = distance >= info.prolog || (info.flags & KS_UNWIND_CHAIN_FLAG) != 0;
    state->frame = has_frame_register(&info, offset, in_body)
                       ? state->now.general[info.frame_register] - info.frame_offset
                       : state->now.general[KS_RSP];
    *out_frame = (struct ks_unwind_frame){.establisher = state->frame};
    if (in_body && ks_unwind_epilogue(state, &info)) {
        return ks_unwind_pop(state, &state->now.rip);
    }
    if (!undo(state, &info, in_body ? 0xFF : offset) || !undo_chain(state, &info)) {
        return false;
    }
    if (in_body && (info.flags & kind) != 0) {
        uint8_t handler[4];
        if (!ks_unwind_read(state->memory, info.after, handler, sizeof handler)) {
            return false;
        }
        out_frame->handler = state->image->base + ks_unwind_get32(handler);
        out_frame->handler_data = info.after + 4;
    }
    return state->has_rip || ks_unwind_pop(state, &state->now.rip);
}

bool ks_unwind_step(const struct ks_unwind_memory *memory, const struct ks_unwind_image *image,
                    const struct ks_unwind_function *function, unsigned kind,
                    struct ks_registers *registers, struct ks_unwind_frame *out_frame)
{
    struct ks_unwind_state state = {
        .memory = memory, .image = image, .function = function, .now = *registers};
    struct ks_unwind_frame frame = {.establisher = registers->general[KS_RSP]};
    if (function == NULL ? !ks_unwind_pop(&state, &state.now.rip) : !unwind(&state, kind, &frame)) {
        return false;
    }
    frame.image = function != NULL ? image->base : 0;
    frame.function = function != NULL ? function->entry : 0;
    *registers = state.now;
    *out_frame = frame;
    return true;
}
