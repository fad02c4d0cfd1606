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
#include "kernel/kernel_images.h"

#include <kldr/world.h>

struct kldr_world;

// What stands between driver code and kldr; native_switch.c.
struct ks_native_fault {
    int signal; // 0: none
    int trap;   // the CPU's number of the exception
    uint64_t ip, sp, address, cx;
    uint64_t error;  // of a page fault: bit 1 writing, bit 4 executing
    uint64_t caller; // in a kernel function: where the driver goes on
    uint8_t code[4]; // bytes at ip
    bool in_kernel;  // while a kernel function was touching the driver's memory
    bool time_over;
};

struct ks_native {
    struct ks_guest guest;
    uint64_t kernel_base[KS_KERNEL_MODULES];
    uint64_t gate; // in guest memory: jumps to the real one
    uint64_t stack_first, stack_end;
};

#define KS_NATIVE_FOREIGN  UINT32_C(0xffffffff) // code of an image that is not this engine's
#define KS_NATIVE_TRAP     UINT32_C(0x80000000) // plus the number of a world's trap
#define KS_NATIVE_UNLISTED UINT32_C(0x40000000) // plus module << 20 plus the number of the name

// A world of options.cpu native gets its guest memory. KLDR_ERROR_BUSY: there is such a world.
kldr_status ks_native_create(struct kldr_world *world, struct kldr_error *error);
void ks_native_destroy(struct kldr_world *world);

// The kernel image as code can call it, at its base.
kldr_status ks_native_add_kernel(struct kldr_world *world, enum ks_kernel_module module,
                                 uint64_t base);
// The stub behind trap number index.
uint64_t ks_native_trap_address(const struct ks_native *native, size_t index);
kldr_status ks_native_add_trap(struct kldr_world *world, size_t index);
// Whether a name of a kernel image may be bound by real code.
bool ks_native_simulates(const char *name);

// Memory for an image, and its end.
kldr_status ks_native_map(struct kldr_world *world, uint64_t base, uint32_t size,
                          uint8_t **out_memory);
void ks_native_unmap(struct kldr_world *world, uint64_t base, uint32_t size);
// The image is bound: its pages get the rights of their sections.
void ks_native_protect(struct kldr_world *world, const struct kldr_module_info *module,
                       bool executable);

// ---- between the engine's files ----

// Calls code. KLDR_STATUS_SUCCESS when it came back; KLDR_ERROR_STOPPED with *out_fault filled
// otherwise (signal 0: the world had stopped).
kldr_status ks_native_enter_guest(struct kldr_world *world, uint64_t function,
                                  const uint64_t *arguments, size_t count, uint64_t *out_result,
                                  struct ks_native_fault *out_fault);
// The end that a fault brings upon the simulated system. Returns the status of the call.
kldr_status ks_native_judge(struct kldr_world *world, const struct ks_native_fault *fault);
// Address of the gate, for stubs.
uint64_t ks_native_gate_address(void);

// What a kernel stub leads to: runs function number index for the driver. The return address lies
// in front of the arguments.
uint64_t ks_native_serve(struct kldr_world *world, uint32_t index, const uint64_t *arguments);
// Driver code went to an address in an image that another engine runs. False: there is none.
bool ks_native_call_foreign(struct kldr_world *world, uint64_t target, const uint64_t *arguments,
                            uint64_t *out_result);

// The loaded module at an address of the guest.
bool ks_native_module_at(const struct kldr_world *world, uint64_t address,
                         struct kldr_module_info *out_module);
// Stops the system on behalf of code at an address: its module and offset are named.
kldr_status ks_native_stop(struct kldr_world *world, uint64_t address, uint32_t code,
                           const uint64_t parameters[KLDR_EVENT_PARAMETERS], const char *text);

#endif
