// SPDX-License-Identifier: MIT
// A process that is about to run code of drivers gives up what that code must not have.
#ifndef KS_PLATFORM_ISOLATE_H
#define KS_PLATFORM_ISOLATE_H

#include <stdbool.h>
#include <stdint.h>

struct ks_isolation {
    uint64_t code_first, code_size; // addresses where code of drivers lies
    uint64_t memory;                // most bytes of data the process may have
    uint32_t seconds;               // most time of the processor
};

// From now on: no core dump, no more memory and time than given, no new open files, nothing on
// standard error. Where the system offers it, a system call that code of drivers makes is the
// signal SIGSYS, and those that kldr does not need are refused to all code. Cannot be undone.
//
// Returns what the process has to do without, as "this system has no ..."; "" when nothing lacks.
const char *ks_isolate(const struct ks_isolation *isolation);

// ---- the parts of it that only Linux has ----

// No file can be opened any more.
void ks_isolate_files(void);
// System calls. A sanitizer makes some of its own; then those of drivers alone are refused.
const char *ks_isolate_rights(const struct ks_isolation *isolation, bool sanitized);

#endif
