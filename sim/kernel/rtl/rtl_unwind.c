// SPDX-License-Identifier: MIT
// Rtl: unwinding. Every frame between here and the target is told to clean up; then the target goes
// on.

#include "kernel/rtl/rtl_exception.h"

#include "engine/native.h"

static noreturn void fail(struct kldr_world *world, const struct ks_dispatch *dispatch,
                          const struct ks_registers *from, uint32_t code)
{
    const struct ks_exception exception = {.code = code,
                                           .flags = KS_EXCEPTION_NONCONTINUABLE,
                                           .record = dispatch->record,
                                           .address = from->rip};
    ks_exception_raise(world, &exception, from,
                       "the stack was unwound to a frame that is not there");
}

static noreturn void arrive(struct kldr_world *world, struct ks_dispatch *dispatch, uint64_t result)
{
    dispatch->registers.rip = dispatch->target_ip;
    dispatch->registers.general[KS_RAX] = result;
    ks_native_continue(world, &dispatch->registers);
}

// Lets the frame clean up.
static void clean_up(struct ks_dispatch *dispatch, uint32_t scope_index, uint32_t flags)
{
    const uint32_t all = KS_EXCEPTION_TARGET_UNWIND | KS_EXCEPTION_COLLIDED;
    ks_exception_flag(dispatch, flags, all & ~flags);
    if (dispatch->frame.handler != 0) {
        ks_exception_call_handler(dispatch, KS_NATIVE_UNWIND, scope_index);
    }
    ks_exception_flag(dispatch, 0, all);
}

static void unwind(struct kldr_world *world, struct ks_dispatch *dispatch, uint64_t target,
                   uint64_t result)
{
    const struct ks_native_frame *crossed;
    while (ks_exception_next(dispatch, KS_UNWIND_TERMINATION, &crossed)) {
        uint32_t scope_index = 0, flags = 0;
        if (crossed != NULL && crossed->purpose == KS_NATIVE_UNWIND) {
            scope_index = ks_exception_adopt(dispatch, crossed->dispatch);
            flags = KS_EXCEPTION_COLLIDED;
        } else if (crossed != NULL && crossed->purpose == KS_NATIVE_CLOSED) {
            ks_native_stop_closed(world, dispatch->target_ip);
            ks_native_leave();
        } else if (crossed != NULL) {
            continue;
        }
        uint64_t frame = dispatch->frame.establisher;
        if (target != 0 && frame > target) {
            return;
        }
        flags |= frame == target ? KS_EXCEPTION_TARGET_UNWIND : 0;
        clean_up(dispatch, scope_index, flags);
        if (frame == target) {
            arrive(world, dispatch, result);
        }
    }
}

void ks_exception_unwind(struct kldr_world *world, const struct ks_registers *from, uint64_t target,
                         uint64_t target_ip, uint64_t record, uint64_t result)
{
    const struct ks_exception exception = {.code = KS_STATUS_UNWIND, .address = from->rip};
    struct ks_dispatch dispatch = {
        .walk = {world, *from, ks_native_now->innermost},
        .target_ip = target_ip,
    };
    if (!ks_exception_push(world, &exception, from, &dispatch.block)) {
        ks_native_stop_stack(world);
        ks_native_leave();
    }
    dispatch.record = record != 0 ? record : dispatch.block.record;
    ks_exception_flag(&dispatch,
                      KS_EXCEPTION_UNWINDING | (target == 0 ? KS_EXCEPTION_EXIT_UNWIND : 0), 0);
    unwind(world, &dispatch, target, result);
    fail(world, &dispatch, from, KS_STATUS_INVALID_UNWIND_TARGET);
}
