// SPDX-License-Identifier: MIT
// Answers of why/why.h, for the tests of it.
#ifndef WHY_CASE_H
#define WHY_CASE_H

#include "run_case.h"
#include "why/why.h"

#define PORT                                                                                       \
    "kldr: 1\n"                                                                                    \
    "images:\n"                                                                                    \
    "  port.sys: { exports: [P], DllInitialize: STATUS_SUCCESS, DllUnload: STATUS_SUCCESS,\n"      \
    "              imports: { lib.sys: [L] } }\n"                                                  \
    "  lib.sys: { exports: [L], DllInitialize: STATUS_SUCCESS, DllUnload: STATUS_SUCCESS }\n"      \
    "  one.sys: { imports: { port.sys: [P] } }\n"                                                  \
    "  two.sys: { imports: { port.sys: [P] } }\n"

#define TWO_IMPORTERS PORT "steps: [{load: one}, {load: two}, {unload: one}, {unload: two}]\n"

#define REFUSING                                                                                   \
    "kldr: 1\n"                                                                                    \
    "images:\n"                                                                                    \
    "  b.sys: { exports: [F], DllInitialize: STATUS_SUCCESS, DllUnload: STATUS_UNSUCCESSFUL }\n"   \
    "  a.sys: { imports: { b.sys: [F] } }\n"                                                       \
    "steps: [{load: a}, {unload: a}]\n"

// For a watcher: its run_done, with such a question as user.
struct why_question {
    const char *module;
    const struct ks_why *why;
    bool try;
};
void why_ask(void *user, struct ks_runner *runner);

// The answer after so many steps (0: all) under a profile; valid until the case ends.
const struct ks_why *why_is(struct run_case *test, const char *module, size_t steps,
                            enum kldr_profile profile, bool try);
// Whether a note with the fact (NULL: without one) has the text in it; prints them if not.
bool has_note(const struct ks_why_notes *notes, const char *fact, const char *text);

#endif
