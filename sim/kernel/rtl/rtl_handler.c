// SPDX-License-Identifier: MIT
// Rtl: the language handler of C, which compilers name for functions with __try. The scope table
// says, for each range of code, which filter is asked and which block is entered, or which
// __finally block is run.

#include "kernel/rtl/rtl_exception.h"

#include "engine/native.h"
#include "world/world_steps.h"

#define CONTINUE_EXECUTION 0u
#define CONTINUE_SEARCH    1u

#define EXECUTE_ALWAYS   1u // in place of a filter
#define RECORD_FLAGS     4u
#define SCOPE_INDEX      offsetof(struct ks_dispatcher, scope_index)
#define POINTERS_RESERVE 16u

struct scope {
    uint32_t begin, end;
    uint32_t handler; // filter or __finally block
    uint32_t target;  // of __except; 0: __finally
};

struct handling {
    const struct ks_kernel_call *call;
    uint64_t record, frame, context, dispatcher;
    uint32_t code, flags;
    uint64_t image, table;
    uint32_t count;
    uint32_t pc, target_pc; // RVAs
};

static struct scope scope_at(const struct handling *handling, uint32_t index)
{
    uint64_t at = handling->table + 4 + 16 * (uint64_t)index;
    return (struct scope){(uint32_t)ks_guest_number(at, 4), (uint32_t)ks_guest_number(at + 4, 4),
                          (uint32_t)ks_guest_number(at + 8, 4),
                          (uint32_t)ks_guest_number(at + 12, 4)};
}

static bool is_inside(uint32_t pc, const struct scope *scope)
{
    return pc >= scope->begin && pc < scope->end;
}

// Calls a filter or a __finally block. The call under way ends when the system stops.
static uint64_t call_block(const struct handling *handling, uint32_t block, uint64_t first,
                           uint32_t reserve)
{
    struct kldr_world *world = handling->call->world;
    const uint64_t arguments[4] = {first, handling->frame};
    const struct ks_native_request request = {
        .function = handling->image + block,
        .arguments = arguments,
        .count = 2,
        .purpose = KS_NATIVE_OPEN,
        .reserve = reserve,
    };
    uint64_t result = 0;
    if (ks_native_enter_guest(world, &request, &result) != KLDR_STATUS_SUCCESS ||
        kldr_loader_stopped(world->loader, NULL)) {
        ks_native_leave();
    }
    return result;
}

// Negative: go on where it happened. 0: look further. Positive: this is who handles it.
static int32_t ask_filter(const struct handling *handling, const struct scope *scope)
{
    const uint64_t pointers[2] = {handling->record, handling->context};
    uint64_t at = (ks_native_now->gate_frame - POINTERS_RESERVE) & ~UINT64_C(15);
    if (scope->handler == EXECUTE_ALWAYS) {
        return 1;
    }
    ks_native_write(handling->call->world, at, pointers, sizeof pointers);
    return (int32_t)call_block(handling, scope->handler, at, 2 * POINTERS_RESERVE);
}

static uint64_t look_for_handler(const struct handling *handling, uint32_t index)
{
    for (; index < handling->count; index++) {
        const struct scope scope = scope_at(handling, index);
        if (!is_inside(handling->pc, &scope) || scope.target == 0) {
            continue;
        }
        int32_t answer = ask_filter(handling, &scope);
        if (answer < 0) {
            return CONTINUE_EXECUTION;
        }
        if (answer > 0) {
            struct ks_registers registers;
            ks_native_call_site(ks_native_now, &registers);
            ks_exception_unwind(handling->call->world, &registers, handling->frame,
                                handling->image + scope.target, handling->record, handling->code);
        }
    }
    return CONTINUE_SEARCH;
}

// Whether control goes on inside the scope, so that its __finally block does not run yet.
static bool stays_inside(const struct handling *handling, const struct scope *scope)
{
    return (handling->flags & KS_EXCEPTION_TARGET_UNWIND) != 0 &&
           is_inside(handling->target_pc, scope);
}

static uint64_t run_finally_blocks(const struct handling *handling, uint32_t index)
{
    for (; index < handling->count; index++) {
        const struct scope scope = scope_at(handling, index);
        if (!is_inside(handling->pc, &scope)) {
            continue;
        }
        if (stays_inside(handling, &scope)) {
            break;
        }
        if (scope.target != 0) {
            if ((handling->flags & KS_EXCEPTION_TARGET_UNWIND) != 0 &&
                scope.target == handling->target_pc) {
                break; // this is the block that is entered
            }
            continue;
        }
        // What interrupts the block goes on behind it.
        ks_guest_put_number(handling->dispatcher + SCOPE_INDEX, 4, index + 1);
        call_block(handling, scope.handler, 1, 0);
    }
    return CONTINUE_SEARCH;
}

uint64_t ks_rtl_c_specific_handler(const struct ks_kernel_call *call)
{
    struct handling handling = {.call = call,
                                .record = call->arguments[0],
                                .frame = call->arguments[1],
                                .context = call->arguments[2],
                                .dispatcher = call->arguments[3]};
    uint64_t dispatcher = handling.dispatcher;
    struct kldr_module_info module;
    if (call->world->native == NULL) {
        return CONTINUE_SEARCH;
    }
    handling.code = (uint32_t)ks_guest_number(handling.record, 4);
    handling.flags = (uint32_t)ks_guest_number(handling.record + RECORD_FLAGS, 4);
    uint64_t pc = ks_guest_number(dispatcher, 8);
    handling.image = ks_guest_number(dispatcher + offsetof(struct ks_dispatcher, image), 8);
    handling.table = ks_guest_number(dispatcher + offsetof(struct ks_dispatcher, handler_data), 8);
    uint64_t target = ks_guest_number(dispatcher + offsetof(struct ks_dispatcher, target_ip), 8);
    handling.pc = (uint32_t)(pc - handling.image);
    handling.target_pc = (uint32_t)(target - handling.image);
    handling.count = (uint32_t)ks_guest_number(handling.table, 4);
    uint32_t index = (uint32_t)ks_guest_number(dispatcher + SCOPE_INDEX, 4);
    if (!ks_native_module_at(call->world, handling.image, &module) ||
        handling.count > module.size / sizeof(struct scope)) {
        return CONTINUE_SEARCH;
    }
    return (handling.flags & (KS_EXCEPTION_UNWINDING | KS_EXCEPTION_EXIT_UNWIND)) != 0
               ? run_finally_blocks(&handling, index)
               : look_for_handler(&handling, index);
}
