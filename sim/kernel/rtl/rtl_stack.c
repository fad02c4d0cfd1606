// SPDX-License-Identifier: MIT
// Rtl: what drivers use to look at and to change their own stack.

#include "kernel/rtl/rtl_exception.h"

#include "engine/native.h"
#include "kernel/nt.h"
#include "world/world_steps.h"

#define LONGEST_TRACE 0xFFFFu

// ---- unwinding ----

static void unwind(const struct ks_kernel_call *call, uint64_t frame, uint64_t target_ip,
                   uint64_t record, uint64_t result)
{
    struct ks_registers registers;
    if (call->world->native != NULL) {
        ks_native_call_site(ks_native_now, &registers);
        ks_exception_unwind(call->world, &registers, frame, target_ip, record, result);
    }
    ks_nt_lacking(call, "unwinding of the host's own code");
}

uint64_t ks_rtl_unwind(const struct ks_kernel_call *call)
{
    unwind(call, call->arguments[0], call->arguments[1], call->arguments[2], call->arguments[3]);
    return 0;
}

uint64_t ks_rtl_local_unwind(const struct ks_kernel_call *call)
{
    unwind(call, call->arguments[0], call->arguments[1], 0, 0);
    return 0;
}

// ---- contexts ----

uint64_t ks_rtl_capture_context(const struct ks_kernel_call *call)
{
    struct ks_registers registers;
    if (call->world->native == NULL) {
        return ks_nt_lacking(call, "registers of the host's own code");
    }
    ks_native_call_site(ks_native_now, &registers);
    registers.general[KS_RCX] = call->arguments[0];
    ks_guest_number(call->arguments[0], 1);
    if (!ks_context_write(call->world, call->arguments[0], &registers)) {
        ks_exception_raise_code(call, KS_STATUS_ACCESS_VIOLATION, "no room for a CONTEXT");
    }
    return 0;
}

uint64_t ks_rtl_restore_context(const struct ks_kernel_call *call)
{
    struct ks_registers registers = {.gs_base = 0};
    if (call->world->native == NULL) {
        return ks_nt_lacking(call, "registers of the host's own code");
    }
    ks_guest_number(call->arguments[0], 1);
    if (!ks_context_read(call->world, call->arguments[0], &registers)) {
        ks_exception_raise_code(call, KS_STATUS_ACCESS_VIOLATION, "a CONTEXT that is not there");
        return 0;
    }
    ks_native_continue(call->world, &registers);
}

// ---- functions ----

uint64_t ks_rtl_lookup_function_entry(const struct ks_kernel_call *call)
{
    struct ks_unwind_image image;
    struct ks_unwind_function function;
    uint64_t pc = call->arguments[0];
    if (call->world->native == NULL || !ks_native_image_at(call->world, pc, &image)) {
        return 0;
    }
    const struct ks_unwind_memory memory = ks_native_memory(call->world);
    ks_guest_put_number(call->arguments[1], 8, image.base);
    return ks_unwind_find(&memory, &image, pc, &function) ? function.entry : 0;
}

// The language handler of the frame that is left; 0: none.
uint64_t ks_rtl_virtual_unwind(const struct ks_kernel_call *call)
{
    const uint64_t *arguments = call->arguments;
    struct ks_registers registers = {.gs_base = 0};
    struct ks_unwind_image image = {.base = arguments[1]};
    struct ks_unwind_function function = {.entry = arguments[3]};
    struct ks_unwind_frame frame;
    if (call->world->native == NULL) {
        return 0;
    }
    const struct ks_unwind_memory memory = ks_native_memory(call->world);
    function.begin = (uint32_t)ks_guest_number(arguments[3], 4);
    function.end = (uint32_t)ks_guest_number(arguments[3] + 4, 4);
    function.data = (uint32_t)ks_guest_number(arguments[3] + 8, 4);
    ks_guest_number(arguments[4], 1);
    bool read = ks_context_read(call->world, arguments[4], &registers);
    registers.rip = arguments[2];
    ks_native_image_at(call->world, image.base, &image);
    if (!read ||
        !ks_unwind_step(&memory, &image, &function, (unsigned)arguments[0], &registers, &frame)) {
        ks_exception_raise_code(call, KS_STATUS_ACCESS_VIOLATION, "a frame that cannot be unwound");
        return 0;
    }
    ks_context_write(call->world, arguments[4], &registers);
    if (frame.handler != 0) {
        ks_guest_put_number(arguments[5], 8, frame.handler_data);
    }
    ks_guest_put_number(arguments[6], 8, frame.establisher);
    return frame.handler;
}

uint64_t ks_rtl_pc_to_file_header(const struct ks_kernel_call *call)
{
    struct kldr_module_info module;
    uint64_t base = ks_native_module_at(call->world, call->arguments[0], &module) ? module.base : 0;
    ks_guest_put_number(call->arguments[1], 8, base);
    return base;
}

// ---- traces ----

// Where the functions on the stack go on, the caller first. Returns how many were written.
static uint32_t trace(const struct ks_kernel_call *call, uint64_t skip, uint64_t count, uint64_t to,
                      uint32_t *out_hash)
{
    struct ks_native_walk walk = {.world = call->world};
    struct ks_unwind_frame frame;
    uint32_t written = 0;
    *out_hash = 0;
    if (call->world->native == NULL) {
        return 0;
    }
    walk.call = ks_native_now->innermost;
    ks_native_call_site(ks_native_now, &walk.registers);
    for (uint64_t i = 0; written < count && i < skip + count; i++) {
        if (i >= skip) {
            ks_guest_put_number(to + 8 * (uint64_t)written++, 8, walk.registers.rip);
            *out_hash += (uint32_t)walk.registers.rip;
        }
        if (ks_native_step(&walk, 0, &frame) == KS_STEP_END) {
            break;
        }
    }
    return written;
}

uint64_t ks_rtl_capture_stack_back_trace(const struct ks_kernel_call *call)
{
    uint32_t hash, skip = (uint32_t)call->arguments[0], count = (uint32_t)call->arguments[1];
    uint32_t written =
        count <= LONGEST_TRACE ? trace(call, skip, count, call->arguments[2], &hash) : 0;
    if (written > 0 && call->arguments[3] != 0) {
        ks_guest_put_number(call->arguments[3], 4, hash);
    }
    return written;
}

// Flags ask for the stack of user code, which does not exist here.
uint64_t ks_rtl_walk_frame_chain(const struct ks_kernel_call *call)
{
    uint32_t hash, count = (uint32_t)call->arguments[1];
    bool user = ((uint32_t)call->arguments[2] & 1) != 0;
    return user ? 0 : trace(call, 0, count, call->arguments[0], &hash);
}
