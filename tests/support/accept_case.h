// SPDX-License-Identifier: MIT
// Accepting made-up results: for each scenario and profile of a text, the edits that a judge would
// ask for. Places are found in the parsed file, so that the parser's places are under test as well.
#ifndef ACCEPT_CASE_H
#define ACCEPT_CASE_H

#include "scenario/parse.h"
#include "scenario/result.h"

enum { ACCEPT_MAX_RESULTS = 8, ACCEPT_MAX_EDITS = 8 };

// A value that a profile found to be different.
struct accept_wish {
    enum kldr_profile profile;
    unsigned step; // from 0
    const char *key, *subkey;
    const char *text;
    unsigned scenario;
    bool nested; // the step is in the DllInitialize of the scenario's first image
};

struct accept_case {
    struct ks_parse_result parsed;
    struct ks_result results[ACCEPT_MAX_RESULTS];
    const struct ks_result *pointers[ACCEPT_MAX_RESULTS];
    struct ks_accept_edit edits[ACCEPT_MAX_RESULTS][ACCEPT_MAX_EDITS];
    size_t count;
    char *text;
    size_t size;
    struct kldr_error error;
    kldr_status status;
};

// Parses a text, which must be valid, and accepts the wishes. Results without a wish have passed.
void accept_case_init(struct accept_case *fixture, const char *text,
                      const struct accept_wish *wishes, size_t wish_count);
void accept_case_fini(struct accept_case *fixture);

// Asserts that the text after accepting is the given one.
void accept_case_check(const char *before, const struct accept_wish *wishes, size_t wish_count,
                       const char *after);

// Asserts that nothing is accepted, for a reason that contains the given words.
void accept_case_check_refused(const char *before, const struct accept_wish *wishes,
                               size_t wish_count, const char *reason);

// Beginnings of scenarios.
#define TOP(profiles)                                                                              \
    "kldr: 1\n"                                                                                    \
    "profiles: [" profiles "]\n"
#define IMAGES                                                                                     \
    "images:\n"                                                                                    \
    "  p.sys: { exports: [F], DllInitialize: STATUS_SUCCESS, DllUnload: STATUS_SUCCESS }\n"        \
    "  m.sys: { imports: { p.sys: [F] } }\n"
#define HEAD TOP("documented") IMAGES
#define BOTH TOP("documented, nt52") IMAGES
#define ALL  TOP("documented, nt52, 24h2") IMAGES

#define NESTED(counts, text)                                                                       \
    TOP("documented, nt52")                                                                        \
    "images:\n"                                                                                    \
    "  p.sys:\n"                                                                                   \
    "    exports: [F]\n"                                                                           \
    "    DllUnload: STATUS_SUCCESS\n"                                                              \
    "    DllInitialize:\n"                                                                         \
    "      do:\n"                                                                                  \
    "        - check:\n"                                                                           \
    "          expect: { counts: { p.sys: " counts " } }\n" text "        # inner\n"               \
    "  m.sys: { imports: { p.sys: [F] } }\n"                                                       \
    "steps:\n"                                                                                     \
    "  - load: m\n"

#endif
