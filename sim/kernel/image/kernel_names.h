// SPDX-License-Identifier: MIT
// What ntoskrnl.exe, hal.dll and the driver framework export in real Windows, whether kldr
// implements it or not: so that a name "that no Windows kernel module exports" can be told from one
// that is merely not simulated. The lists, *_names.inc, hold for all versions and machines
// together. Wdf01000.sys exports nothing in Windows: here its names are the functions that it gives
// to clients, so that each has an address in an image.
//
// The names of hal.dll are in ntoskrnl.exe's list as well, as current Windows has it. Whoever
// searches both and wants the module that classic Windows answers asks hal.dll first.
#ifndef KS_KERNEL_NAMES_H
#define KS_KERNEL_NAMES_H

#include <stdbool.h>
#include <stddef.h>

enum ks_kernel_module {
    KS_KERNEL_NTOSKRNL,
    KS_KERNEL_HAL,
    KS_KERNEL_ALWAYS,                    // how many are in every world
    KS_KERNEL_WDFLDR = KS_KERNEL_ALWAYS, // comes when an image imports it
    KS_KERNEL_WDF01000,                  // comes with the first client of the framework
    KS_KERNEL_MODULES
};

// DATA: an import cell gets a variable's address.
enum ks_kernel_kind { KS_KERNEL_FUNCTION, KS_KERNEL_DATA };

// Whether name is one of the modules' file names, ignoring case. out_module may be NULL.
bool ks_kernel_module_find(const char *name, enum ks_kernel_module *out_module);

// The file name: "ntoskrnl.exe", "hal.dll", "WDFLDR.SYS", "Wdf01000.sys".
const char *ks_kernel_module_name(enum ks_kernel_module module);

// Where it lies on the simulated disk.
const char *ks_kernel_module_path(enum ks_kernel_module module);

// How many names the module exports.
size_t ks_kernel_name_count(enum ks_kernel_module module);

// Name number index (from 0, below the count), in bytewise order. out_kind may be NULL.
const char *ks_kernel_name_at(enum ks_kernel_module module, size_t index,
                              enum ks_kernel_kind *out_kind);

// Where the module lists name (exactly): fills *out_index, which may be NULL. False when it does
// not.
bool ks_kernel_name_index(enum ks_kernel_module module, const char *name, size_t *out_index);

// Whether the module of that file name (case ignored) exports name (exactly).
bool ks_kernel_name_find(const char *module, const char *name);

// The exported name nearest to one that is not exported (case, decoration, one or two letters), or
// NULL.
const char *ks_kernel_name_nearest(enum ks_kernel_module module, const char *name);

#endif
