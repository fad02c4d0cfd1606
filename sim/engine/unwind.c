// SPDX-License-Identifier: MIT
#include "engine/unwind.h"

#include <string.h>

#define INDIRECT      1u // in the data's RVA: it is that of another RUNTIME_FUNCTION
#define FLAG_CHAIN    4u
#define CHAIN_LIMIT   32u // of functions in parts, and of entries that refer to others
#define FUNCTION_SIZE 12u

enum operation {
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
struct info {
    unsigned version, flags;
    unsigned prolog;
    unsigned count;
    unsigned frame_register, frame_offset;
    uint8_t codes[2 * 256];
    uint64_t after; // address of what follows the codes
};

struct step {
    const struct ks_unwind_memory *memory;
    const struct ks_unwind_image *image;
    const struct ks_unwind_function *function;
    struct ks_registers now;
    uint64_t frame; // what offsets of saved registers count from
    bool has_rip;   // a machine frame has given it
};

static uint16_t get16(const uint8_t *bytes)
{
    return (uint16_t)(bytes[0] | bytes[1] << 8);
}

static uint32_t get32(const uint8_t *bytes)
{
    return get16(bytes) | (uint32_t)get16(bytes + 2) << 16;
}

static bool read_bytes(const struct ks_unwind_memory *memory, uint64_t address, void *to,
                       size_t size)
{
    return memory->read(memory->user, address, to, size);
}

static bool read64(const struct step *step, uint64_t address, uint64_t *out_value)
{
    uint8_t bytes[8];
    if (!read_bytes(step->memory, address, bytes, sizeof bytes)) {
        return false;
    }
    *out_value = get32(bytes) | (uint64_t)get32(bytes + 4) << 32;
    return true;
}

static bool pop(struct step *step, uint64_t *out_value)
{
    uint64_t *sp = &step->now.general[KS_RSP];
    if (!read64(step, *sp, out_value)) {
        return false;
    }
    *sp += 8;
    return true;
}

// ---- function table ----

static bool read_function(const struct ks_unwind_memory *memory, uint64_t address,
                          struct ks_unwind_function *out_function)
{
    uint8_t bytes[FUNCTION_SIZE];
    if (!read_bytes(memory, address, bytes, sizeof bytes)) {
        return false;
    }
    *out_function =
        (struct ks_unwind_function){get32(bytes), get32(bytes + 4), get32(bytes + 8), address};
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
        if (!read_function(memory, image->table + (uint64_t)FUNCTION_SIZE * middle, &found)) {
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
        if (i == CHAIN_LIMIT ||
            !read_function(memory, image->base + (found.data & ~INDIRECT), &found)) {
            return false;
        }
    }
    *out_function = found;
    return true;
}

// ---- unwind data ----

static bool read_info(const struct step *step, uint32_t rva, struct info *out_info)
{
    uint8_t head[4];
    uint64_t at = step->image->base + rva;
    if (!read_bytes(step->memory, at, head, sizeof head)) {
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
           read_bytes(step->memory, at + 4, out_info->codes, 2u * out_info->count);
}

static unsigned operation_at(const struct info *info, unsigned index)
{
    return info->codes[2 * index + 1] & 15u;
}

static unsigned argument_at(const struct info *info, unsigned index)
{
    return info->codes[2 * index + 1] >> 4;
}

// Slots that the code takes, itself included. 0: it does not fit in, or there is none such.
static unsigned slots_of(const struct info *info, unsigned index)
{
    unsigned slots = 1;
    switch (operation_at(info, index)) {
    case ALLOC_LARGE:
        slots = argument_at(info, index) == 0 ? 2 : argument_at(info, index) == 1 ? 3 : 0;
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
static uint64_t operand(const struct info *info, unsigned index, unsigned slots, unsigned scale)
{
    const uint8_t *at = info->codes + 2 * (index + 1);
    return slots == 3 ? get32(at) : (uint64_t)get16(at) * scale;
}

static bool pop_machine_frame(struct step *step, bool error_code)
{
    uint64_t sp = step->now.general[KS_RSP] + (error_code ? 8 : 0);
    step->has_rip = true;
    return read64(step, sp, &step->now.rip) && read64(step, sp + 16, &step->now.rflags) &&
           read64(step, sp + 24, &step->now.general[KS_RSP]);
}

static bool apply(struct step *step, const struct info *info, unsigned index, unsigned slots)
{
    struct ks_registers *now = &step->now;
    unsigned argument = argument_at(info, index);
    switch (operation_at(info, index)) {
    case PUSH_NONVOL:
        return pop(step, &now->general[argument]);
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
        return read64(step, step->frame + operand(info, index, slots, 8), &now->general[argument]);
    case SAVE_XMM128:
    case SAVE_XMM128_FAR:
        return read_bytes(step->memory, step->frame + operand(info, index, slots, 16),
                          now->floats + KS_FLOAT_XMM + (size_t)16 * argument, 16);
    case PUSH_MACHFRAME:
        return pop_machine_frame(step, argument != 0);
    default:
        return true;
    }
}

// Undoes what the prologue did before offset.
static bool undo(struct step *step, const struct info *info, unsigned offset)
{
    for (unsigned i = 0; i < info->count;) {
        unsigned slots = slots_of(info, i);
        if (slots == 0) {
            return false;
        }
        bool epilog = operation_at(info, i) == EPILOG && info->version == 2;
        if (!epilog && info->codes[2 * i] <= offset && !apply(step, info, i, slots)) {
            return false;
        }
        i += slots;
    }
    return true;
}

// Whether the frame register has its value: in the body, and in the prologue past the code that
// sets it.
static bool has_frame_register(const struct info *info, unsigned offset, bool in_body)
{
    if (info->frame_register == 0 || in_body) {
        return info->frame_register != 0;
    }
    for (unsigned i = 0, slots; i < info->count && (slots = slots_of(info, i)) != 0; i += slots) {
        if (operation_at(info, i) == SET_FPREG) {
            return info->codes[2 * i] <= offset;
        }
    }
    return false;
}

// ---- epilogues ----

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
static bool run_release(struct step *step, struct epilogue *code, const struct info *info)
{
    unsigned rex = peek(code, 0), opcode = peek(code, 1), modrm = peek(code, 2);
    uint64_t *sp = &step->now.general[KS_RSP];
    if (rex == 0x48 && opcode == 0x83 && modrm == 0xC4) {
        *sp += (uint64_t)(int64_t)(int8_t)peek(code, 3);
        code->at += 4;
    } else if (rex == 0x48 && opcode == 0x81 && modrm == 0xC4) {
        *sp += (uint64_t)(int64_t)(int32_t)get32(code->code + code->at + 3);
        code->at += 7;
    } else if ((rex & 0x1FE) == 0x48 && opcode == 0x8D && (modrm & 0x38) == 0x20 &&
               (modrm & 7) != 4 && info->frame_register != 0 &&
               ((rex & 1) << 3 | (modrm & 7)) == info->frame_register) {
        uint64_t from = step->now.general[info->frame_register];
        if (modrm >> 6 == 0 && (modrm & 7) != 5) {
            *sp = from;
            code->at += 3;
        } else if (modrm >> 6 == 1) {
            *sp = from + (uint64_t)(int64_t)(int8_t)peek(code, 3);
            code->at += 4;
        } else if (modrm >> 6 == 2) {
            *sp = from + (uint64_t)(int64_t)(int32_t)get32(code->code + code->at + 3);
            code->at += 7;
        } else {
            return false;
        }
    }
    return code->at <= code->size;
}

static bool run_pops(struct step *step, struct epilogue *code)
{
    for (;;) {
        unsigned first = peek(code, 0), rex = first & 0x1F0, prefix = rex == 0x40;
        unsigned opcode = peek(code, prefix);
        if ((opcode & 0x1F8) != 0x58 || (!prefix && rex != 0x50)) {
            return true;
        }
        unsigned number = (opcode & 7) | (prefix && (first & 1) != 0 ? 8u : 0u);
        if (number == KS_RSP || !pop(step, &step->now.general[number])) {
            return false;
        }
        code->at += 1 + prefix;
    }
}

// The part of a function that begins it.
static bool find_primary(const struct step *step, struct ks_unwind_function *function)
{
    struct info info;
    for (unsigned i = 0; i < CHAIN_LIMIT && read_info(step, function->data, &info); i++) {
        if ((info.flags & FLAG_CHAIN) == 0) {
            return true;
        }
        if (!read_function(step->memory, info.after, function)) {
            return false;
        }
    }
    return false;
}

// Whether a jump to an address leaves the function: one to another part of it does not, one to
// where it begins does.
static bool is_elsewhere(const struct step *step, uint64_t target)
{
    uint64_t rva = target - step->image->base;
    struct ks_unwind_function own = *step->function, other;
    if (rva >= own.begin && rva < own.end) {
        return false;
    }
    return !ks_unwind_find(step->memory, step->image, target, &other) ||
           !find_primary(step, &other) || !find_primary(step, &own) || other.begin != own.begin ||
           rva == own.begin;
}

// ret, or a jump out of the function.
static bool leaves(const struct step *step, const struct epilogue *code)
{
    unsigned first = peek(code, 0), second = peek(code, 1);
    uint64_t next = step->now.rip + code->at;
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
        next += 5 + (uint64_t)(int64_t)(int32_t)get32(code->code + code->at + 1);
        break;
    case 0xFF:
        return second == 0x25;
    default:
        return (first & 0x1F8) == 0x48 && second == 0xFF &&
               ((peek(code, 2) & 0x138) == 0x20 || peek(code, 2) == 0x25);
    }
    return is_elsewhere(step, next);
}

// True when control was in an epilogue, whose rest has been run up to the return address.
static bool run_epilogue(struct step *step, const struct info *info)
{
    struct step trial = *step;
    struct epilogue code = {.at = 0};
    uint64_t left = step->image->base + step->function->end - step->now.rip;
    code.size = left < sizeof code.code ? (unsigned)left : sizeof code.code;
    if (!read_bytes(step->memory, step->now.rip, code.code, code.size) ||
        !run_release(&trial, &code, info) || !run_pops(&trial, &code) || !leaves(step, &code)) {
        return false;
    }
    *step = trial;
    return true;
}

// Version 2 says where the epilogues are.
static bool in_listed_epilogue(const struct step *step, const struct info *info)
{
    uint64_t rva = step->now.rip - step->image->base;
    unsigned size = info->count > 0 ? info->codes[0] : 0;
    if (info->count == 0 || operation_at(info, 0) != EPILOG) {
        return false;
    }
    if ((argument_at(info, 0) & 1) != 0 && step->function->end - rva <= size) {
        return true;
    }
    for (unsigned i = 1; i < info->count && operation_at(info, i) == EPILOG; i++) {
        unsigned offset = info->codes[2 * i] | argument_at(info, i) << 8;
        uint64_t begin = step->function->end - (uint64_t)offset;
        if (offset != 0 && rva >= begin && rva - begin < size) {
            return true;
        }
    }
    return false;
}

static bool in_epilogue(struct step *step, const struct info *info)
{
    uint64_t rva = step->now.rip - step->image->base;
    if (rva < step->function->begin || rva >= step->function->end) {
        return false;
    }
    return (info->version == 1 || in_listed_epilogue(step, info)) && run_epilogue(step, info);
}

// ---- a step ----

// The parts of a function that go on in another one's frame, up to the one that has it.
static bool undo_chain(struct step *step, struct info *info)
{
    for (unsigned i = 0; (info->flags & FLAG_CHAIN) != 0; i++) {
        struct ks_unwind_function next;
        if (i == CHAIN_LIMIT || !read_function(step->memory, info->after, &next) ||
            !read_info(step, next.data & ~INDIRECT, info) || !undo(step, info, 0xFF)) {
            return false;
        }
    }
    return true;
}

static bool unwind(struct step *step, unsigned kind, struct ks_unwind_frame *out_frame)
{
    const struct ks_unwind_function *function = step->function;
    struct info info;
    if (!read_info(step, function->data, &info)) {
        return false;
    }
    uint64_t distance = step->now.rip - step->image->base - function->begin;
    unsigned offset = distance > 0xFF ? 0xFF : (unsigned)distance;
    bool in_body = distance >= info.prolog || (info.flags & FLAG_CHAIN) != 0;
    step->frame = has_frame_register(&info, offset, in_body)
                      ? step->now.general[info.frame_register] - info.frame_offset
                      : step->now.general[KS_RSP];
    *out_frame = (struct ks_unwind_frame){.establisher = step->frame};
    if (in_body && in_epilogue(step, &info)) {
        return pop(step, &step->now.rip);
    }
    if (!undo(step, &info, in_body ? 0xFF : offset) || !undo_chain(step, &info)) {
        return false;
    }
    if (in_body && (info.flags & kind) != 0) {
        uint8_t handler[4];
        if (!read_bytes(step->memory, info.after, handler, sizeof handler)) {
            return false;
        }
        out_frame->handler = step->image->base + get32(handler);
        out_frame->handler_data = info.after + 4;
    }
    return step->has_rip || pop(step, &step->now.rip);
}

bool ks_unwind_step(const struct ks_unwind_memory *memory, const struct ks_unwind_image *image,
                    const struct ks_unwind_function *function, unsigned kind,
                    struct ks_registers *registers, struct ks_unwind_frame *out_frame)
{
    struct step step = {.memory = memory, .image = image, .function = function, .now = *registers};
    struct ks_unwind_frame frame = {.establisher = registers->general[KS_RSP]};
    if (function == NULL ? !pop(&step, &step.now.rip) : !unwind(&step, kind, &frame)) {
        return false;
    }
    frame.image = function != NULL ? image->base : 0;
    frame.function = function != NULL ? function->entry : 0;
    *registers = step.now;
    *out_frame = frame;
    return true;
}
