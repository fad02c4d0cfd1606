// SPDX-License-Identifier: MIT
// Checks of drivers: what kldr looks for besides what was asked, as Driver Verifier does. They
// concern code of drivers that the simulated kernel serves, real or compiled by the host; each can
// be switched on or off for a world.
#ifndef KLDR_CHECK_H
#define KLDR_CHECK_H

#include <kldr/error.h>

// enumerator, name. A check that reports findings has the name of its finding.
#define KLDR_CHECK_TABLE(X)                                                                        \
    X(LEAKED_POOL, "leaked-pool")                                                                  \
    X(LEAKED_OBJECT, "leaked-object")                                                              \
    X(DANGLING_ROUTINE, "dangling-routine")                                                        \
    X(PENDING_MISMATCH, "pending-mismatch")                                                        \
    X(FREED_POOL_WRITTEN, "freed-pool-written")                                                    \
    X(POOL_FREE, "pool-free")                                                                      \
    X(POOL_OVERRUN, "pool-overrun")                                                                \
    X(POOL_CONTENTS, "pool-contents")                                                              \
    X(SPECIAL_POOL, "special-pool")                                                                \
    X(IRP_COMPLETION, "irp-completion")                                                            \
    X(IRQL_CALL, "irql-call")                                                                      \
    X(IRQL_RETURN, "irql-return")                                                                  \
    X(APC_RETURN, "apc-return")                                                                    \
    X(LOCK_USE, "lock-use")

enum kldr_check {
#define KLDR_CHECK_ENUMERATOR(name, text) KLDR_CHECK_##name,
    KLDR_CHECK_TABLE(KLDR_CHECK_ENUMERATOR)
#undef KLDR_CHECK_ENUMERATOR
        KLDR_CHECK_COUNT
};

struct kldr_check_info {
    const char *name;
    bool by_default; // on unless it is switched off
    const char *finds;
    const char *tells;   // the finding, or the stop codes with their parameters
    const char *when;    // it is reported
    const char *windows; // what finds it there, and which page of Microsoft's says so
};
// NULL past the last.
const struct kldr_check_info *kldr_check_info(enum kldr_check check);
bool kldr_check_find(const char *name, enum kldr_check *out_check);

// What differs from the defaults: a bit for each check. All zero: nothing does.
struct kldr_checks {
    uint32_t on, off;
};
bool kldr_checks_has(const struct kldr_checks *checks, enum kldr_check check);

// Applies a list to checks: words separated by commas, from left to right: "all", "none",
// a check's name to switch it on, or that behind '-' to switch it off.
// KLDR_ERROR_BAD_ARGUMENT, with checks as before, when a word is none of these.
kldr_status kldr_checks_parse(const char *list, struct kldr_checks *checks,
                              struct kldr_error *error);

#endif
