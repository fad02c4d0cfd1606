// SPDX-License-Identifier: MIT
// Texts of scenario files and what the parser is to say about them.
#ifndef PARSE_CASE_H
#define PARSE_CASE_H

#include "scenario/parse.h"

// The first line of every scenario; what follows begins in line 2.
#define HEAD "kldr: 1\n"

// A text with one thing wrong with it.
struct parse_case {
    const char *text;
    unsigned line, column;
    const char *key_path;
    const char *message; // is part of the message
    const char *advice;  // is part of the advice; "" when there is to be none
};

// Parses a text that must be good. Destroy with ks_scenario_file_destroy.
struct ks_scenario_file *parse_case_parse(const char *text);

// The text is good.
void parse_case_accepts(const char *text);

// Exactly that is wrong with the text, and it is of that kind.
void parse_case_refuses(const struct parse_case *expected, enum ks_diagnostic_kind kind);
void parse_case_refuses_all(const struct parse_case *cases, size_t count,
                            enum ks_diagnostic_kind kind);

#endif
