// SPDX-License-Identifier: MIT
// The simulated kernel of one world: what its components keep between the calls of drivers, and how
// they call drivers.
//
// It is the same for every engine. Memory that a driver sees is addressed by host addresses: guest
// memory under engine native, the host's own under engine host. A component (Ke, Ob, Io, ...) keeps
// its state in one block that is made when it is first asked for.
#ifndef KS_KERNEL_NT_H
#define KS_KERNEL_NT_H

#include "kernel/ex/ex_pool.h"
#include "kernel/functions.h"

enum ks_nt_component {
    KS_NT_CM, // registry
    KS_NT_DBG,
    KS_NT_BUGCHECK, // callbacks for when the system stops
    KS_NT_EX,       // work items, callbacks, lists
    KS_NT_FS,       // files
    KS_NT_HAL,
    KS_NT_IO,
    KS_NT_KE, // threads, clock, DPCs
    KS_NT_MM,
    KS_NT_OB, // objects and handles
    KS_NT_PO,
    KS_NT_PS,
    KS_NT_REGISTERED, // routines of several components (registered.h)
    KS_NT_WDF,        // the driver framework
    KS_NT_SCRIPT,     // devices of declared drivers, where no real code runs
    KS_NT_COMPONENTS
};

struct ks_nt;

struct ks_nt_part {
    void *state;
    void (*fini)(struct ks_nt *nt, void *state);
};

struct ks_nt {
    struct kldr_world *world;
    struct ks_pool pool;
    uint8_t irql;     // of the one processor
    bool telling;     // who is told of messages runs
    bool pending;     // something became ready: ks_ke_settle looks
    uint32_t printed; // lines
    struct ks_nt_part parts[KS_NT_COMPONENTS];
    enum ks_nt_component order[KS_NT_COMPONENTS]; // in which they were made
    unsigned part_count;
};

// The world's, made on first use. NULL: no memory.
struct ks_nt *ks_nt(struct kldr_world *world);
void ks_nt_destroy(struct kldr_world *world);

// A component's state, zeroed on first use. fini, which may be NULL, runs before it is freed, the
// last component made first; it must not call drivers. NULL: no memory.
void *ks_nt_state(struct kldr_world *world, enum ks_nt_component component, size_t size,
                  void (*fini)(struct ks_nt *nt, void *state));

// Zeroed memory that drivers see. 0: the limit is reached or memory is out. Not for drivers' own
// requests: those are ExAllocatePool's, which can be made to fail.
uint64_t ks_nt_take(struct kldr_world *world, uint64_t size, uint32_t tag);
void ks_nt_give(struct kldr_world *world, uint64_t address);

// Pool that the driver will free, as its own requests get it: filled with a pattern when not
// zeroed, and 0 when it is used up.
uint64_t ks_ex_take(const struct ks_kernel_call *call, uint64_t size, uint32_t tag);

// Whether pool that a driver frees holds nothing that the kernel goes on using; else the system
// stops.
bool ks_ex_pool_may_go(const struct ks_kernel_call *call, const struct ks_pool_block *block);

// Calls driver code at an address, of whatever engine. False when the system stopped, or had
// stopped: then the kernel function returns at once, and what it returns does not matter.
bool ks_nt_call(struct kldr_world *world, uint64_t function, const uint64_t *arguments,
                size_t count, uint64_t *out_result);
// The same, for a kernel function that holds nothing meanwhile, neither memory nor a lock nor a
// place in a list: an exception in the driver code may be handled by who called the kernel
// function, and then this never comes back.
bool ks_nt_call_open(struct kldr_world *world, uint64_t function, const uint64_t *arguments,
                     size_t count, uint64_t *out_result);
// The same, where driver code begins as in a thread of its own, or on the stack of DPCs: nobody
// outside is asked about its exceptions. unhandled: the stop code when nobody in it handles one; 0:
// that of system threads.
bool ks_nt_call_base(struct kldr_world *world, uint64_t function, const uint64_t *arguments,
                     size_t count, uint32_t unhandled, uint64_t *out_result);

// The address at which code of drivers can call a function of the table, exported or not. 0: there
// is none.
uint64_t ks_nt_routine_address(struct kldr_world *world, const char *name);

// Stops the system on behalf of the kernel function's caller, whose module and offset are named.
// Returns 0, for the function to return. text says in one sentence what the driver did.
uint64_t ks_nt_stop(const struct ks_kernel_call *call, uint32_t code, uint64_t first,
                    uint64_t second, uint64_t third, uint64_t fourth, const char *text);

// Stops because kldr does not simulate what the driver asks for: kldr's own limit, never told as
// Windows' answer. what completes "kldr does not simulate ...".
uint64_t ks_nt_lacking(const struct ks_kernel_call *call, const char *what);

#endif
