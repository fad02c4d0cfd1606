// SPDX-License-Identifier: MIT
// Epilogues: where control is in one, the unwind data of the prologue do not hold any more.
#include "engine/unwind_parts.h"

// The rest of an epilogue, as the CPU would run it: the stack pointer is put up, registers are
// popped, and control leaves. Anything else is the body of the function.
struct epilogue {
    uint8_t code[16 * 3 + 16];
    unsigned size, at;
};

static unsigned peek(const struct epilogue *code, unsigned ahead)
{
    return code->at + ahead < code->size ? code->code[code->at + ahead] : 0x100;
}

// add rsp, n; lea rsp, [frame+n].
static bool run_release(struct ks_unwind_state *state, struct epilogue *code,
                        const struct ks_unwind_info *info)
{
    unsigned rex = peek(code, 0), opcode = peek(code, 1), modrm = peek(code, 2);
    uint64_t *sp = &state->now.general[KS_RSP];
    if (rex == 0x48 && opcode == 0x83 && modrm == 0xC4) {
        *sp += (uint64_t)(int64_t)(int8_t)peek(code, 3);
        code->at += 4;
    } else if (rex == 0x48 && opcode == 0x81 && modrm == 0xC4) {
        *sp += (uint64_t)(int64_t)(int32_t)ks_unwind_get32(code->code + code->at + 3);
        code->at += 7;
    } else if ((rex & 0x1FE) == 0x48 && opcode == 0x8D && (modrm & 0x38) == 0x20 &&
               (modrm & 7) != 4 && info->frame_register != 0 &&
               ((rex & 1) << 3 | (modrm & 7)) == info->frame_register) {
        uint64_t from = state->now.general[info->frame_register];
        if (modrm >> 6 == 0 && (modrm & 7) != 5) {
            *sp = from;
            code->at += 3;
        } else if (modrm >> 6 == 1) {
            *sp = from + (uint64_t)(int64_t)(int8_t)peek(code, 3);
            code->at += 4;
        } else if (modrm >> 6 == 2) {
            *sp = from + (uint64_t)(int64_t)(int32_t)ks_unwind_get32(code->code + code->at + 3);
            code->at += 7;
        } else {
            return false;
        }
    }
    return code->at <= code->size;
}

static bool run_pops(struct ks_unwind_state *state, struct epilogue *code)
{
    for (;;) {
        unsigned first = peek(code, 0), rex = first & 0x1F0, prefix = rex == 0x40;
        unsigned opcode = peek(code, prefix);
        if ((opcode & 0x1F8) != 0x58 || (!prefix && rex != 0x50)) {
            return true;
        }
        unsigned number = (opcode & 7) | (prefix && (first & 1) != 0 ? 8u : 0u);
        if (number == KS_RSP || !ks_unwind_pop(state, &state->now.general[number])) {
            return false;
        }
        code->at += 1 + prefix;
    }
}

// The part of a function that begins it.
static bool find_primary(const struct ks_unwind_state *state, struct ks_unwind_function *function)
{
    struct ks_unwind_info info;
    for (unsigned i = 0;
         i < KS_UNWIND_CHAIN_LIMIT && ks_unwind_read_info(state, function->data, &info); i++) {
        if ((info.flags & KS_UNWIND_CHAIN_FLAG) == 0) {
            return true;
        }
        if (!ks_unwind_read_function(state->memory, info.after, function)) {
            return false;
        }
    }
    return false;
}

// Whether a jump to an address leaves the function: one to another part of it does not, one to
// where it begins does.
static bool is_elsewhere(const struct ks_unwind_state *state, uint64_t target)
{
    uint64_t rva = target - state->image->base;
    struct ks_unwind_function own = *state->function, other;
    if (rva >= own.begin && rva < own.end) {
        return false;
    }
    return !ks_unwind_find(state->memory, state->image, target, &other) ||
           !find_primary(state, &other) || !find_primary(state, &own) || other.begin != own.begin ||
           rva == own.begin;
}

// ret, or a jump out of the function.
static bool leaves(const struct ks_unwind_state *state, const struct epilogue *code)
{
    unsigned first = peek(code, 0), second = peek(code, 1);
    uint64_t next = state->now.rip + code->at;
    switch (first) {
    case 0xC3:
    case 0xC2:
        return true;
    case 0xF3:
        return second == 0xC3;
    case 0xEB:
        next += 2 + (uint64_t)(int64_t)(int8_t)second;
        break;
    case 0xE9:
        if (code->at + 5 > code->size) {
            return false;
        }
        next += 5 + (uint64_t)(int64_t)(int32_t)ks_unwind_get32(code->code + code->at + 1);
        break;
    case 0xFF:
        return second == 0x25;
    default:
        return (first & 0x1F8) == 0x48 && second == 0xFF &&
               ((peek(code, 2) & 0x138) == 0x20 || peek(code, 2) == 0x25);
    }
    return is_elsewhere(state, next);
}

// True when control was in an epilogue, whose rest has been run up to the return address.
static bool run_epilogue(struct ks_unwind_state *state, const struct ks_unwind_info *info)
{
    struct ks_unwind_state trial = *state;
    struct epilogue code = {.at = 0};
    uint64_t left = state->image->base + state->function->end - state->now.rip;
    code.size = left < sizeof code.code ? (unsigned)left : sizeof code.code;
    if (!ks_unwind_read(state->memory, state->now.rip, code.code, code.size) ||
        !run_release(&trial, &code, info) || !run_pops(&trial, &code) || !leaves(state, &code)) {
        return false;
    }
    *state = trial;
    return true;
}

// Version 2 says where the epilogues are.
static bool in_listed_epilogue(const struct ks_unwind_state *state,
                               const struct ks_unwind_info *info)
{
    uint64_t rva = state->now.rip - state->image->base;
    unsigned size = info->count > 0 ? info->codes[0] : 0;
    if (info->count == 0 || ks_unwind_operation_at(info, 0) != EPILOG) {
        return false;
    }
    if ((ks_unwind_argument_at(info, 0) & 1) != 0 && state->function->end - rva <= size) {
        return true;
    }
    for (unsigned i = 1; i < info->count && ks_unwind_operation_at(info, i) == EPILOG; i++) {
        unsigned offset = info->codes[2 * i] | ks_unwind_argument_at(info, i) << 8;
        uint64_t begin = state->function->end - (uint64_t)offset;
        if (offset != 0 && rva >= begin && rva - begin < size) {
            return true;
        }
    }
    return false;
}

bool ks_unwind_epilogue(struct ks_unwind_state *state, const struct ks_unwind_info *info)
{
    uint64_t rva = state->now.rip - state->image->base;
    if (rva < state->function->begin || rva >= state->function->end) {
        return false;
    }
    return (info->version == 1 || in_listed_epilogue(state, info)) && run_epilogue(state, info);
}
