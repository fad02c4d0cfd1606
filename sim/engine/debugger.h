// SPDX-License-Identifier: MIT
// Where a debugger can stop to learn which images real code is run of: a function that does
// nothing. The script of `kldr load --gdb` has a breakpoint on it and reads its arguments, so name
// and arguments are a contract with that script (sim/cli/gdb_script.c).
#ifndef KS_ENGINE_DEBUGGER_H
#define KS_ENGINE_DEBUGGER_H

#include <stdint.h>

enum ks_debugger_what { KS_DEBUGGER_READY = 1, KS_DEBUGGER_GONE = 2 };

// READY: the image lies at its address, bound, and none of its code was run. GONE: its memory is
// about to go. shown is the base as people see it, the same in every run; base is where it is.
void ks_debugger_image(uint32_t what, uint64_t shown, uint64_t base);

#endif
