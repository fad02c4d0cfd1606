// SPDX-License-Identifier: MIT
// The kernel functions that real code can call, in one table, whose parts are the
// files of sim/kernel/functions, by prefix of the names.
//
// A function sees the guest only through its call: arguments as 64-bit numbers, as many as its
// caller put there (variadic ones read on), pointers as guest addresses. So any engine can call it.
// It runs on kldr's own stack. Touching a bad pointer of the driver's ends the call at that point,
// and so does an exception that it raises (rtl_exception.h); the driver may handle that and go on.
// So a function copies what it needs before it takes memory or anything else that would then be
// left behind.
#ifndef KS_KERNEL_FUNCTIONS_H
#define KS_KERNEL_FUNCTIONS_H

#include "engine/guest.h"

#include <kldr/world.h>

struct ks_kernel_call {
    struct kldr_world *world;
    const uint64_t *arguments;
    uint64_t caller; // return address
};

enum ks_function_status {
    KS_FUNCTION_FULL,    // as documented
    KS_FUNCTION_PARTIAL, // what simple drivers need of it
    KS_FUNCTION_HIDDEN,  // no module exports it: drivers get its address
    KS_FUNCTION_TRAP,    // known, and not simulated: a call is kldr's own stop
};

struct ks_kernel_function {
    const char *name;
    uint64_t (*run)(const struct ks_kernel_call *call); // NULL for traps and variables
    unsigned argument_count;                            // fixed ones
    enum ks_function_status status;
    const char *source; // the file of sim/kernel it is in
};

// By number from 0; NULL past the last.
const struct ks_kernel_function *ks_function_at(size_t index);
// NULL when the table does not have it. out_index may be NULL.
const struct ks_kernel_function *ks_function_find(const char *name, size_t *out_index);
// A variable of the kernel that drivers may read: its initial value in a world. world NULL: only
// whether there is such a variable is asked.
bool ks_function_variable(struct kldr_world *world, const char *name, uint64_t *out_value);
// All of its value at an address where there is room for KS_VARIABLE_SIZE bytes. False: there is no
// such variable.
bool ks_function_put_variable(struct kldr_world *world, const char *name, uint64_t address);
#define KS_VARIABLE_SIZE 256u

// An NTSTATUS of the kernel headers as a result.
#define KS_STATUS(status) ((uint64_t)(uint32_t)(status))

// Texts of the guest may be at odd addresses.
static inline uint16_t ks_guest_u16(uint64_t address)
{
    const volatile uint8_t *at = ks_guest_pointer(address);
    return (uint16_t)(at[0] | at[1] << 8);
}

static inline void ks_guest_put_u16(uint64_t address, uint16_t value)
{
    volatile uint8_t *at = ks_guest_pointer(address);
    at[0] = (uint8_t)value;
    at[1] = (uint8_t)(value >> 8);
}

uint64_t ks_guest_number(uint64_t address, unsigned size); // little-endian, size 1 to 8
void ks_guest_put_number(uint64_t address, unsigned size, uint64_t value);

#define KS_FUNCTION_DECLARE(name, function, arguments, status, source)                             \
    uint64_t function(const struct ks_kernel_call *call);
#define KS_FUNCTION KS_FUNCTION_DECLARE
#include "kernel/functions/all.inc"
#undef KS_FUNCTION

#endif
