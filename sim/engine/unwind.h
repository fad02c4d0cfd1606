// SPDX-License-Identifier: MIT
// Virtual unwinding of x64 code by the function table (.pdata) and the unwind data (.xdata) of an
// image: from the registers in a function to those in its caller.
//
// All bytes come through a reader, so nothing that lies in an image or on a stack can do more than
// make an answer fail. It runs on any host.
#ifndef KS_ENGINE_UNWIND_H
#define KS_ENGINE_UNWIND_H

#include "engine/registers.h"

#include <stdbool.h>

struct ks_unwind_memory {
    void *user;
    // Copies size bytes. False when some of them cannot be read.
    bool (*read)(void *user, uint64_t address, void *to, size_t size);
};

// Where an image lies, and its function table: count entries in ascending order.
struct ks_unwind_image {
    uint64_t base, table;
    uint32_t count;
};

// RUNTIME_FUNCTION, and where it lies.
struct ks_unwind_function {
    uint32_t begin, end, data; // RVAs
    uint64_t entry;            // address of it
};

// Which kind of language handler is asked for.
#define KS_UNWIND_EXCEPTION   0x1u
#define KS_UNWIND_TERMINATION 0x2u

struct ks_unwind_frame {
    uint64_t image;        // base; 0: none
    uint64_t function;     // address of its RUNTIME_FUNCTION; 0: a leaf
    uint64_t establisher;  // what the frame is known by
    uint64_t handler;      // address; 0: none of that kind, or control was in prologue or epilogue
    uint64_t handler_data; // address of what follows the handler in the unwind data
};

// The function that holds an address. An entry that refers to another one is followed. False: a
// leaf function, or nobody's code.
bool ks_unwind_find(const struct ks_unwind_memory *memory, const struct ks_unwind_image *image,
                    uint64_t pc, struct ks_unwind_function *out_function);

// From function, at registers->rip, to its caller. function NULL: a leaf. False when its data or
// its frame cannot be read or make no sense; then nothing is changed.
bool ks_unwind_step(const struct ks_unwind_memory *memory, const struct ks_unwind_image *image,
                    const struct ks_unwind_function *function, unsigned kind,
                    struct ks_registers *registers, struct ks_unwind_frame *out_frame);

#endif
