// SPDX-License-Identifier: MIT
#include "cli/glob.h"

#include <stddef.h>

// pattern points behind '['. The end of the set, or NULL when it is not closed.
static const char *match_set(const char *pattern, char character, bool *out_matches)
{
    bool negated = *pattern == '!' || *pattern == '^';
    const char *at = pattern + negated;
    bool found = false;
    do {
        if (*at == '\0') {
            return NULL;
        }
        char low = *at++;
        char high = low;
        if (at[0] == '-' && at[1] != ']' && at[1] != '\0') {
            high = at[1];
            at += 2;
        }
        found = found || (character >= low && character <= high);
    } while (*at != ']');
    *out_matches = found != negated;
    return at + 1;
}

// One pattern element other than '*' against one character. The rest of the pattern, NULL without
// match.
static const char *match_one(const char *pattern, char character)
{
    bool matches = false;
    if (*pattern == '?') {
        return pattern + 1;
    }
    if (*pattern == '[') {
        const char *rest = match_set(pattern + 1, character, &matches);
        if (rest != NULL) {
            return matches ? rest : NULL;
        }
    } else if (*pattern == '\\' && pattern[1] != '\0') {
        pattern++;
    }
    return *pattern == character ? pattern + 1 : NULL;
}

// Only the last '*' ever needs to be tried again, so this takes at most length times length steps.
bool ks_glob_match(const char *pattern, const char *text)
{
    const char *star = NULL, *star_text = NULL;
    while (*text != '\0') {
        if (*pattern == '*') {
            star = ++pattern;
            star_text = text;
            continue;
        }
        const char *rest = *pattern == '\0' ? NULL : match_one(pattern, *text);
        if (rest != NULL) {
            pattern = rest;
            text++;
        } else if (star != NULL) {
            pattern = star;
            text = ++star_text;
        } else {
            return false;
        }
    }
    while (*pattern == '*') {
        pattern++;
    }
    return *pattern == '\0';
}
