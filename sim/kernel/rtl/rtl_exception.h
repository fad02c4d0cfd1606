// SPDX-License-Identifier: MIT
// Structured exceptions of x64 Windows: the records as drivers see them, the search for somebody
// who handles one, and the unwinding to him.
#ifndef KS_KERNEL_RTL_EXCEPTION_H
#define KS_KERNEL_RTL_EXCEPTION_H

#include "engine/native_walk.h"
#include "kernel/functions.h"

#define KS_EXCEPTION_NONCONTINUABLE 0x01u
#define KS_EXCEPTION_UNWINDING      0x02u
#define KS_EXCEPTION_EXIT_UNWIND    0x04u
#define KS_EXCEPTION_STACK_INVALID  0x08u
#define KS_EXCEPTION_NESTED_CALL    0x10u
#define KS_EXCEPTION_TARGET_UNWIND  0x20u
#define KS_EXCEPTION_COLLIDED       0x40u

#define KS_EXCEPTION_PARAMETERS 15u

#define KS_STOP_KMODE_EXCEPTION          0x1Eu
#define KS_STOP_SYSTEM_SERVICE_EXCEPTION 0x3Bu
#define KS_STOP_SYSTEM_THREAD_EXCEPTION  0x7Eu

#define KS_STATUS_DATATYPE_MISALIGNMENT    0x80000002u
#define KS_STATUS_BREAKPOINT               0x80000003u
#define KS_STATUS_SINGLE_STEP              0x80000004u
#define KS_STATUS_ACCESS_VIOLATION         0xC0000005u
#define KS_STATUS_ILLEGAL_INSTRUCTION      0xC000001Du
#define KS_STATUS_NONCONTINUABLE_EXCEPTION 0xC0000025u
#define KS_STATUS_INVALID_DISPOSITION      0xC0000026u
#define KS_STATUS_BAD_STACK                0xC0000028u
#define KS_STATUS_INVALID_UNWIND_TARGET    0xC0000029u
#define KS_STATUS_INTEGER_DIVIDE_BY_ZERO   0xC0000094u
#define KS_STATUS_INTEGER_OVERFLOW         0xC0000095u
#define KS_STATUS_PRIVILEGED_INSTRUCTION   0xC0000096u
#define KS_STATUS_FLOAT_MULTIPLE_TRAPS     0xC00002B5u
#define KS_STATUS_ASSERTION_FAILURE        0xC0000420u
#define KS_STATUS_UNWIND                   0xC0000027u

// EXCEPTION_RECORD.
struct ks_exception {
    uint32_t code, flags;
    uint64_t record; // the exception during whose handling this one was raised; 0: none
    uint64_t address;
    uint32_t count;
    uint32_t unused;
    uint64_t parameters[KS_EXCEPTION_PARAMETERS];
};

// DISPATCHER_CONTEXT.
struct ks_dispatcher {
    uint64_t control_pc, image, function, establisher, target_ip, context, handler, handler_data,
        history;
    uint32_t scope_index, fill;
};

#define KS_CONTEXT_SIZE 0x4D0u

static_assert(sizeof(struct ks_exception) == 0x98, "layout of Windows");
static_assert(sizeof(struct ks_dispatcher) == 0x50, "layout of Windows");

// What an exception or an unwinding puts on the driver's stack: addresses. The trap frame lies
// below.
struct ks_exception_block {
    uint64_t context;       // where it happened
    uint64_t frame_context; // of the frame whose handler is called
    uint64_t record, dispatcher;
};

// A search or an unwinding under way: the frame whose language handler is called.
struct ks_dispatch {
    struct ks_native_walk walk;    // past that frame
    struct ks_registers registers; // in that frame
    struct ks_unwind_frame frame;
    struct ks_exception_block block;
    uint64_t record; // the exception's; not the block's when an unwinding was given one
    uint64_t target_ip;
};

// ---- rtl_context.c ----

// CONTEXT from registers and back.
bool ks_context_write(const struct kldr_world *world, uint64_t address,
                      const struct ks_registers *registers);
bool ks_context_read(const struct kldr_world *world, uint64_t address,
                     struct ks_registers *registers);

// ---- rtl_dispatch.c ----

// What a trap leaves on the driver's stack.
void ks_exception_fill_frame(const struct ks_registers *registers, struct ks_trap_frame *frame);
// Puts an exception and its registers on the driver's stack, below what is in use there. Calls into
// driver code begin below it from then on. False: there is no room.
bool ks_exception_push(const struct kldr_world *world, const struct ks_exception *exception,
                       const struct ks_registers *registers, struct ks_exception_block *out_block);
// Goes to the frame after the one in dispatch. *out_crossed: the call that was left, or NULL.
// False: there is none that makes sense.
bool ks_exception_next(struct ks_dispatch *dispatch, unsigned kind,
                       const struct ks_native_frame **out_crossed);
// Calls the frame's language handler. Leaves the call under way when the system stops.
uint32_t ks_exception_call_handler(struct ks_dispatch *dispatch, enum ks_native_purpose purpose,
                                   uint32_t scope_index);
// Takes up the frame in which an earlier unwinding was interrupted. Returns the scope that comes
// next there.
uint32_t ks_exception_adopt(struct ks_dispatch *dispatch, const struct ks_dispatch *other);
// Adds and removes flags of the exception.
void ks_exception_flag(const struct ks_dispatch *dispatch, uint32_t add, uint32_t remove);

// Raises an exception where registers are: somebody handles it, or the system stops with text.
noreturn void ks_exception_raise(struct kldr_world *world, const struct ks_exception *exception,
                                 const struct ks_registers *registers, const char *text);

// ---- rtl_unwind.c ----

// Unwinds to a frame and lets it go on at an address with a result. target 0: to the end. record 0:
// one is made.
noreturn void ks_exception_unwind(struct kldr_world *world, const struct ks_registers *from,
                                  uint64_t target, uint64_t target_ip, uint64_t record,
                                  uint64_t result);

// ---- rtl_raise.c ----

// A kernel function raises an exception at its caller. When nobody is there who could handle it,
// that is under an engine without exceptions, the system stops at once, and it returns.
void ks_exception_raise_at_caller(const struct ks_kernel_call *call,
                                  const struct ks_exception *exception, const char *text);
void ks_exception_raise_code(const struct ks_kernel_call *call, uint32_t code, const char *text);

#endif
