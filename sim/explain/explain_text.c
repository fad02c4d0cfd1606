// SPDX-License-Identifier: MIT
// Ids as text: comparing them and taking lists of them apart.
#include "explain/explain.h"

#include <string.h>

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

bool ks_explain_same(const char *a, const char *b)
{
    while (*a != '\0' && lower(*a) == lower(*b)) {
        a++;
        b++;
    }
    return lower(*a) == lower(*b);
}

bool ks_explain_next(const char **inout_list, char *word, size_t size)
{
    const char *begin = *inout_list + strspn(*inout_list, " ");
    size_t length = strcspn(begin, " ");
    if (length == 0) {
        return false;
    }
    *inout_list = begin + length;
    size_t kept = length < size ? length : size - 1;
    memcpy(word, begin, kept);
    word[kept] = '\0';
    return true;
}
