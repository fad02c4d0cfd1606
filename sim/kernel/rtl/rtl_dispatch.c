// SPDX-License-Identifier: MIT
// Rtl: the search for somebody who handles an exception, over the frames of the thread.
//
// A language handler is driver code that is called below the exception's record on the driver's own
// stack. An exception in it is searched for from there on: the walk comes through that call and
// tells the handlers outside that they are asked in a nested exception, or, when the handler was
// cleaning up, goes on with what that unwinding had left to do.

#include "kernel/rtl/rtl_exception.h"

#include "engine/native.h"
#include "world/world_steps.h"

#include <string.h>

#define RECORD_CODE_AND_FLAGS 8u

#define KERNEL_CS 0x10u
#define KERNEL_SS 0x18u

enum answer { CONTINUE_EXECUTION, CONTINUE_SEARCH, NESTED_EXCEPTION, COLLIDED_UNWIND };

// ---- the driver's stack ----

void ks_exception_fill_frame(const struct ks_registers *registers, struct ks_trap_frame *frame)
{
    const uint64_t *general = registers->general;
    struct ks_gate_frame *kept = &frame->kept;
    memset(frame, 0, sizeof *frame);
    memcpy(kept->xmm, registers->floats + KS_FLOAT_XMM + (size_t)16 * 6, sizeof kept->xmm);
    memcpy(&kept->mxcsr, registers->floats + KS_FLOAT_MXCSR, sizeof kept->mxcsr);
    kept->rbx = general[KS_RBX];
    kept->rbp = general[KS_RBP];
    kept->rsi = general[KS_RSI];
    kept->rdi = general[KS_RDI];
    kept->r12 = general[KS_R12];
    kept->r13 = general[KS_R13];
    kept->r14 = general[KS_R14];
    kept->r15 = general[KS_R15];
    kept->rip = registers->rip;
    frame->cs = KERNEL_CS;
    frame->rflags = registers->rflags;
    frame->rsp = general[KS_RSP];
    frame->ss = KERNEL_SS;
}

bool ks_exception_push(const struct kldr_world *world, const struct ks_exception *exception,
                       const struct ks_registers *registers, struct ks_exception_block *out_block)
{
    struct ks_native_thread *thread = ks_native_now;
    struct ks_trap_frame frame;
    uint64_t at = thread->gate_frame & ~UINT64_C(15);
    struct ks_exception_block block;
    ks_exception_fill_frame(registers, &frame);
    block.context = at -= KS_CONTEXT_SIZE;
    block.frame_context = at -= KS_CONTEXT_SIZE;
    block.record = at -= sizeof *exception + 8;
    block.dispatcher = at -= sizeof(struct ks_dispatcher);
    at -= sizeof frame;
    if (at < thread->stack_first || at >= thread->gate_frame ||
        !ks_native_write(world, at, &frame, sizeof frame) ||
        !ks_native_write(world, block.record, exception, sizeof *exception) ||
        !ks_context_write(world, block.context, registers)) {
        return false;
    }
    thread->gate_frame = at;
    thread->trapped = true;
    *out_block = block;
    return true;
}

static bool is_in_stack(uint64_t address)
{
    const struct ks_native_thread *thread = ks_native_now;
    return address >= thread->stack_first && address < thread->stack_end && (address & 7) == 0;
}

// ---- frames ----

bool ks_exception_next(struct ks_dispatch *dispatch, unsigned kind,
                       const struct ks_native_frame **out_crossed)
{
    const struct ks_native_frame *call = dispatch->walk.call;
    dispatch->registers = dispatch->walk.registers;
    *out_crossed = NULL;
    switch (ks_native_step(&dispatch->walk, kind, &dispatch->frame)) {
    case KS_STEP_FRAME:
        return is_in_stack(dispatch->frame.establisher);
    case KS_STEP_CALL:
        *out_crossed = call;
        return call->purpose != KS_NATIVE_BASE;
    default:
        return false;
    }
}

uint32_t ks_exception_adopt(struct ks_dispatch *dispatch, const struct ks_dispatch *other)
{
    struct ks_dispatcher seen = {0};
    ks_native_read(dispatch->walk.world, other->block.dispatcher, &seen, sizeof seen);
    dispatch->walk = other->walk;
    dispatch->registers = other->registers;
    dispatch->frame = other->frame;
    return seen.scope_index;
}

void ks_exception_flag(const struct ks_dispatch *dispatch, uint32_t add, uint32_t remove)
{
    uint32_t words[2]; // code, flags
    if (ks_native_read(dispatch->walk.world, dispatch->record, words, sizeof words)) {
        words[1] = (words[1] & ~remove) | add;
        ks_native_write(dispatch->walk.world, dispatch->record, words, sizeof words);
    }
}

uint32_t ks_exception_call_handler(struct ks_dispatch *dispatch, enum ks_native_purpose purpose,
                                   uint32_t scope_index)
{
    struct kldr_world *world = ks_native_now->innermost->world;
    const struct ks_exception_block *block = &dispatch->block;
    const struct ks_dispatcher dispatcher = {
        .control_pc = dispatch->registers.rip,
        .image = dispatch->frame.image,
        .function = dispatch->frame.function,
        .establisher = dispatch->frame.establisher,
        .target_ip = dispatch->target_ip,
        .context = block->frame_context,
        .handler = dispatch->frame.handler,
        .handler_data = dispatch->frame.handler_data,
        .scope_index = scope_index,
    };
    const uint64_t arguments[4] = {dispatch->record, dispatch->frame.establisher, block->context,
                                   block->dispatcher};
    const struct ks_native_request request = {
        .function = dispatch->frame.handler,
        .arguments = arguments,
        .count = 4,
        .purpose = purpose,
        .dispatch = dispatch,
    };
    uint64_t answer = 0;
    if (!ks_native_write(world, block->dispatcher, &dispatcher, sizeof dispatcher) ||
        !ks_context_write(world, block->frame_context, &dispatch->registers)) {
        ks_native_stop_stack(world);
    } else {
        ks_native_enter_guest(world, &request, &answer);
    }
    if (kldr_loader_stopped(world->loader, NULL)) {
        ks_native_leave();
    }
    return (uint32_t)answer;
}

// ---- the search ----

static uint32_t flags_of(const struct ks_dispatch *dispatch)
{
    uint32_t words[2] = {0};
    ks_native_read(dispatch->walk.world, dispatch->record, words, sizeof words);
    return words[1];
}

// An exception that comes out of the search for another one.
static noreturn void raise_another(const struct ks_dispatch *dispatch, uint32_t code,
                                   const struct ks_registers *registers, const char *text)
{
    const struct ks_exception exception = {.code = code,
                                           .flags = KS_EXCEPTION_NONCONTINUABLE,
                                           .record = dispatch->record,
                                           .address = registers->rip};
    ks_exception_raise(ks_native_now->innermost->world, &exception, registers, text);
}

static noreturn void go_on(const struct ks_dispatch *dispatch, const struct ks_registers *registers)
{
    struct kldr_world *world = ks_native_now->innermost->world;
    struct ks_registers changed = *registers;
    if ((flags_of(dispatch) & KS_EXCEPTION_NONCONTINUABLE) != 0) {
        raise_another(dispatch, KS_STATUS_NONCONTINUABLE_EXCEPTION, registers,
                      "a filter went on after an exception after which nothing can go on");
    }
    ks_context_read(world, dispatch->block.context, &changed);
    ks_native_continue(world, &changed);
}

// Asks the frame's handler. nested: the frame up to which handlers are in a nested exception.
static void ask(struct ks_dispatch *dispatch, const struct ks_registers *registers,
                uint32_t scope_index, uint64_t *nested)
{
    uint32_t answer = ks_exception_call_handler(dispatch, KS_NATIVE_HANDLER, scope_index);
    if (*nested == dispatch->frame.establisher) {
        ks_exception_flag(dispatch, 0, KS_EXCEPTION_NESTED_CALL);
        *nested = 0;
    }
    switch (answer) {
    case CONTINUE_EXECUTION:
        go_on(dispatch, registers);
    case CONTINUE_SEARCH:
        break;
    case NESTED_EXCEPTION:
        ks_exception_flag(dispatch, KS_EXCEPTION_NESTED_CALL, 0);
        break;
    default:
        raise_another(dispatch, KS_STATUS_INVALID_DISPOSITION, registers,
                      "a language handler gave an answer that does not exist");
    }
}

// Returns when nobody handles it.
static void search(const struct kldr_world *world, const struct ks_exception_block *block,
                   const struct ks_registers *registers)
{
    struct ks_dispatch dispatch = {
        .walk = {world, *registers, ks_native_now->innermost},
        .block = *block,
        .record = block->record,
    };
    const struct ks_native_frame *crossed;
    uint64_t nested = 0;
    bool closed = false;
    while (ks_exception_next(&dispatch, KS_UNWIND_EXCEPTION, &crossed)) {
        closed = closed || (crossed != NULL && crossed->purpose == KS_NATIVE_CLOSED);
        if (crossed == NULL && dispatch.frame.handler != 0) {
            if (closed) {
                ks_native_stop_closed(ks_native_now->innermost->world, registers->rip);
                ks_native_leave();
            }
            ask(&dispatch, registers, 0, &nested);
        } else if (crossed != NULL && crossed->purpose == KS_NATIVE_HANDLER) {
            uint64_t inner = crossed->dispatch->frame.establisher;
            nested = inner > nested ? inner : nested;
            ks_exception_flag(&dispatch, KS_EXCEPTION_NESTED_CALL, 0);
        } else if (crossed != NULL && crossed->purpose == KS_NATIVE_UNWIND) {
            uint32_t scope_index = ks_exception_adopt(&dispatch, crossed->dispatch);
            ask(&dispatch, registers, scope_index, &nested);
        }
    }
}

// ---- raising ----

// Where the code that raised it had begun decides.
static uint32_t unhandled_code(void)
{
    const struct ks_native_frame *frame = ks_native_now->innermost;
    while (frame->outer != NULL && frame->purpose != KS_NATIVE_BASE) {
        frame = frame->outer;
    }
    return frame->unhandled != 0 ? frame->unhandled : KS_STOP_SYSTEM_THREAD_EXCEPTION;
}

static void stop_unhandled(struct kldr_world *world, const struct ks_exception *exception,
                           const struct ks_exception_block *block,
                           const struct ks_registers *registers, const char *text)
{
    uint32_t code = unhandled_code();
    uint64_t parameters[KLDR_EVENT_PARAMETERS] = {exception->code, exception->address,
                                                  block->record, block->context};
    if (code == KS_STOP_KMODE_EXCEPTION) {
        parameters[2] = exception->parameters[0];
        parameters[3] = exception->parameters[1];
    } else if (code == KS_STOP_SYSTEM_SERVICE_EXCEPTION) {
        parameters[2] = block->context;
        parameters[3] = 0;
    }
    ks_native_stop(world, ks_native_place(world, registers), code, parameters, text);
}

void ks_exception_raise(struct kldr_world *world, const struct ks_exception *exception,
                        const struct ks_registers *registers, const char *text)
{
    struct ks_native_thread *thread = ks_native_now;
    struct ks_exception_block block;
    thread->exception = registers;
    if (registers->general[KS_RSP] >= thread->innermost->base ||
        !ks_exception_push(world, exception, registers, &block)) {
        ks_native_stop_stack(world);
    } else {
        search(world, &block, registers);
        stop_unhandled(world, exception, &block, registers, text);
    }
    ks_native_leave();
}
