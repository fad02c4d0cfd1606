// SPDX-License-Identifier: MIT
// Requests that a system service makes for its caller, on a file that it has a handle of.
//
// Begin, give it its buffers, then send it: that answers what the service returns. A file that was
// opened for synchronous requests is waited for; otherwise the request goes on by itself, and tells
// its end by event and IO_STATUS_BLOCK.
#ifndef KS_KERNEL_IO_ASK_H
#define KS_KERNEL_IO_ASK_H

#include "kernel/io/io_irp.h"

struct ks_io_ask {
    struct ks_io_ask *next;
    struct kldr_world *world;
    struct ks_object *file, *event; // referenced; event NULL: none
    struct ks_io_irp *record;
    IRP *irp;
    IO_STACK_LOCATION *location; // of the top device
    uint64_t device;             // it goes to
    uint64_t extra;              // memory that goes with it; 0: none
    uint64_t block;              // IO_STATUS_BLOCK of the caller's; 0: it is not told
    KEVENT done;
    bool over;    // completed, and told
    bool quiet;   // neither file nor event hear of its end
    bool waiting; // the service has not returned
    NTSTATUS status;
    uint64_t information;
};

// What the first arguments of most services say.
struct ks_io_ask_plan {
    uint64_t file, event; // handles; event 0: none
    uint64_t apc;         // routine: a caller that wants one is told that kldr has none
    uint64_t block;
    uint8_t major, minor;
};

// *out_ask NULL with STATUS_SUCCESS: the system stopped. Touches the block.
NTSTATUS ks_io_ask_begin(const struct ks_kernel_call *call, const struct ks_io_ask_plan *plan,
                         struct ks_io_ask **out_ask);
// The same on a file object. event may be NULL; both get references of the request's own.
struct ks_io_ask *ks_io_ask_make(struct kldr_world *world, struct ks_object *file,
                                 struct ks_object *event, uint8_t major, uint8_t minor);
// A buffer of the system's with a copy of the input; output 0: nothing comes back. False: no
// memory.
bool ks_io_ask_copy(struct ks_io_ask *ask, uint64_t input, uint32_t input_size, uint64_t output,
                    uint32_t output_size);
// An MDL of locked pages. False: no memory.
bool ks_io_ask_lock(struct ks_io_ask *ask, uint64_t address, uint32_t size, bool write);
// As the flags of the device say: what is read or written, or lists of names. False: no memory.
bool ks_io_ask_transfer(struct ks_io_ask *ask, uint64_t address, uint32_t size, bool write);
// It was not sent.
void ks_io_ask_give_up(struct ks_io_ask *ask);
// Sends it. The result; the request is not the caller's any more.
NTSTATUS ks_io_ask_send(struct ks_io_ask *ask);
// Sends it and waits, whatever the file says. The result, and *out_information, which may be NULL.
NTSTATUS ks_io_ask_run(struct ks_io_ask *ask, uint64_t *out_information);

// Faults now, before anything is made, if a buffer is bad.
void ks_io_ask_touch(uint64_t address, uint32_t size, bool write);

void ks_io_ask_free_all(struct kldr_world *world, struct ks_io_state *state);

#endif
