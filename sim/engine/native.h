// SPDX-License-Identifier: MIT
// The engine that runs code of real images on the host's CPU, in guest memory.
//
// Only one such world exists in a process at a time, and all its calls come from one thread. Driver
// code runs on a stack of its own; when it calls the kernel, a gate goes back to kldr's stack, so
// no C code ever depends on what the driver left of its own. A fault, or the end of the time,
// abandons everything the innermost call did and comes back to whoever made it.
#ifndef KS_ENGINE_NATIVE_H
#define KS_ENGINE_NATIVE_H

#include "engine/guest.h"
#include "engine/native_processor.h"
#include "engine/native_thread.h"
#include "kernel/image/kernel_images.h"

#include <kldr/world.h>

struct kldr_world;

#define KS_NATIVE_STACKS 2048u

struct ks_native {
    struct ks_guest guest;
    uint64_t kernel_base[KS_KERNEL_MODULES];
    uint64_t return_stub;           // in the kernel's image; behind it, the one for exceptions
    struct ks_native_thread thread; // whose stack is there from the beginning
    bool stack_taken[KS_NATIVE_STACKS];
    uint32_t next_stack; // to be tried
    struct ks_computer computer;
    uint64_t *cpuids; // where images had that instruction
    size_t cpuid_count;
};

#define KS_NATIVE_FOREIGN  UINT32_C(0xffffffff) // code of an image that is not this engine's
#define KS_NATIVE_TRAP     UINT32_C(0x80000000) // plus the number of a world's trap
#define KS_NATIVE_UNLISTED UINT32_C(0x40000000) // plus module << 20 plus the number of the name

// A world of options.cpu native gets its guest memory. KLDR_ERROR_BUSY: there is such a world.
kldr_status ks_native_create(struct kldr_world *world, struct kldr_error *error);
void ks_native_destroy(struct kldr_world *world);

// Between these two, calls into driver code do not take the signals and give them back each time.
// Without effect inside a call, in other worlds, and when it is so already. The time that calls may
// take is counted from the first one on.
void ks_native_hold(struct kldr_world *world);
void ks_native_release(struct kldr_world *world);

// The kernel image as code can call it, at its base.
kldr_status ks_native_add_kernel(struct kldr_world *world, enum ks_kernel_module module,
                                 uint64_t base);
// The stub behind trap number index.
uint64_t ks_native_trap_address(const struct ks_native *native, size_t index);
kldr_status ks_native_add_trap(struct kldr_world *world, size_t index);
// Where code calls a routine of the kernel that no module exports (status HIDDEN of the table). 0:
// there is none, or no memory.
uint64_t ks_native_routine_address(struct kldr_world *world, const char *name);
// Whether a name of a kernel image may be bound by real code.
bool ks_native_simulates(const char *name);

// Memory for an image, and its end.
kldr_status ks_native_map(struct kldr_world *world, uint64_t base, uint32_t size,
                          uint8_t **out_memory);
void ks_native_unmap(struct kldr_world *world, uint64_t base, uint32_t size);
// The image is bound: its pages get the rights of their sections.
void ks_native_protect(struct kldr_world *world, const struct kldr_module_info *module,
                       bool executable);

// DriverEntry succeeded: discardable sections are thrown away.
void ks_native_discard(struct kldr_world *world, const struct kldr_module_info *module);
bool ks_native_is_discarded(const struct kldr_world *world, uint64_t address);

// ---- between the engine's files ----

// A call into driver code.
struct ks_native_request {
    uint64_t function;
    const uint64_t *arguments;
    size_t count;
    enum ks_native_purpose purpose;
    struct ks_dispatch *dispatch; // for a language handler
    uint32_t unhandled; // of a base: the stop code of its exceptions; 0: that of system threads
    uint32_t reserve;   // bytes of the driver's stack above it that are the caller's
};

// Makes it on the thread that is set. KLDR_STATUS_SUCCESS when it came back; otherwise the world
// has stopped, and the status says why.
kldr_status ks_native_enter_guest(struct kldr_world *world, const struct ks_native_request *request,
                                  uint64_t *out_result);
// Ends the innermost call, for the world has stopped.
noreturn void ks_native_leave(void);
// Driver code goes on with these registers, in this call or in one around it. Whatever kldr is
// doing inside of that one is abandoned.
noreturn void ks_native_continue(struct kldr_world *world, const struct ks_registers *registers);
void ks_native_drop_frame(struct ks_native_thread *thread);
// A stack for one more thread of driver code. False: no memory, or too many.
bool ks_native_stack_take(struct ks_native *native, uint64_t *out_first, uint64_t *out_end);
void ks_native_stack_give(struct ks_native *native, uint64_t first);
// The stub of a kernel function by its number, as it is in eax at the gate; 0: none.
uint64_t ks_native_stub(const struct kldr_world *world, uint32_t number);
// The name behind such a number below KS_NATIVE_TRAP, and the kernel image that has it. NULL: none.
const char *ks_native_name_of_number(uint32_t number, enum ks_kernel_module *out_module);
// And its name; of a missing import "module!name". NULL: none.
const char *ks_native_stub_name(const struct kldr_world *world, uint32_t number);
// The stub that driver code returns to.
uint64_t ks_native_return_address(const struct kldr_world *world, bool trapped);
// The function table of those stubs: KS_NATIVE_STUBS entries, relative to ntoskrnl.exe.
#define KS_NATIVE_STUBS 2u
uint64_t ks_native_return_table(const struct kldr_world *world);
// Copies from and to the guest. False when the driver's own access would fault.
bool ks_native_read(const struct kldr_world *world, uint64_t address, void *to, size_t size);
bool ks_native_write(const struct kldr_world *world, uint64_t address, const void *from,
                     size_t size);
// The registers that the driver has after the kernel call under way, which returns 0 to it.
void ks_native_call_site(const struct ks_native_thread *thread, struct ks_registers *out_registers);

// What a kernel stub leads to: runs function number index for the driver. caller: where it is.
uint64_t ks_native_serve(struct kldr_world *world, uint32_t index, const uint64_t *arguments,
                         uint64_t caller);
// Driver code went to an address in an image that another engine runs. False: there is none.
bool ks_native_call_foreign(struct kldr_world *world, uint64_t target, const uint64_t *arguments,
                            uint64_t caller, uint64_t *out_result);

// The loaded module at an address of the guest.
bool ks_native_module_at(const struct kldr_world *world, uint64_t address,
                         struct kldr_module_info *out_module);
// Where driver code is, for people: the instruction, or, outside images, where its caller goes on.
uint64_t ks_native_place(const struct kldr_world *world, const struct ks_registers *registers);
// Stops the system on behalf of code at an address: its module and offset are named.
kldr_status ks_native_stop(struct kldr_world *world, uint64_t address, uint32_t code,
                           const uint64_t parameters[KLDR_EVENT_PARAMETERS], const char *text);

// The same, because the stack is used up or the stack pointer is not in it.
kldr_status ks_native_stop_stack(struct kldr_world *world);
// kldr's own stop: an exception or an unwinding would leave a kernel function that does not let it.
kldr_status ks_native_stop_closed(struct kldr_world *world, uint64_t address);
// The time is over while driver code at an address runs.
kldr_status ks_native_stop_late(struct kldr_world *world, uint64_t address);

#endif
