// SPDX-License-Identifier: MIT
// Shell patterns, the same on every system: * any text, ? any character, [a-z] and [!a-z] one of a
// set, \ takes the next character as it is.
#ifndef KS_CLI_GLOB_H
#define KS_CLI_GLOB_H

#include <stdbool.h>

// '*' matches separators of folders too. Letter case counts.
bool ks_glob_match(const char *pattern, const char *text);

#endif
