// SPDX-License-Identifier: MIT
// The operations that can be made to fail: the loader's own, and kernel functions that can fail at
// no fault of their caller (fallible.inc). They are known by a number: enum kldr_fault, and behind
// it one for each function.
#ifndef KS_KE_FALLIBLE_H
#define KS_KE_FALLIBLE_H

#include "kernel/functions.h"

#include <kldr/host.h>

enum ks_fallible_kind {
    KS_FALLIBLE_LOADER, // asked by the loader
    KS_FALLIBLE_POOL,   // refused memory
    KS_FALLIBLE_STATUS, // returns its status
    KS_FALLIBLE_NONE,   // returns a null pointer
    KS_FALLIBLE_RAISE,  // raises its status
};

enum ks_fallible_when { KS_FALLIBLE_ALWAYS, KS_FALLIBLE_ENABLES, KS_FALLIBLE_MAPS_FOR_KERNEL };

struct ks_fallible {
    const char *name; // as the scenario key `fail` has it
    enum ks_fallible_kind kind;
    kldr_status status;
    enum ks_fallible_when when;
};

#define KS_FALLIBLE_MOST 256u // numbers are below this one

// NULL past the last.
const struct ks_fallible *ks_fallible_at(uint32_t number);
// False: no such operation.
bool ks_fallible_find(const char *name, uint32_t *out_number);
// The names by number, as a list of words. NULL past the last.
const char *ks_fallible_name_at(size_t number);

// Whether another status than its own can be given to it.
bool ks_fallible_takes_status(const struct ks_fallible *fallible);

// Whether this call of it could fail.
bool ks_fallible_applies(const struct ks_fallible *fallible, const struct ks_kernel_call *call);

#endif
