// SPDX-License-Identifier: MIT
#include "cli/suggest.h"

#include <string.h>

#define WORD_SIZE 64 // longer words get no suggestion

static unsigned smallest(unsigned a, unsigned b, unsigned c)
{
    unsigned least = a < b ? a : b;
    return least < c ? least : c;
}

static char lower(char letter)
{
    return letter >= 'A' && letter <= 'Z' ? (char)(letter - 'A' + 'a') : letter;
}

// Levenshtein's distance without regard to case, row by row.
static unsigned distance(const char *left, size_t left_length, const char *right,
                         size_t right_length)
{
    unsigned row[WORD_SIZE + 1];
    for (unsigned j = 0; j <= right_length; j++) {
        row[j] = j;
    }
    for (size_t i = 1; i <= left_length; i++) {
        unsigned diagonal = row[0];
        row[0] = (unsigned)i;
        for (size_t j = 1; j <= right_length; j++) {
            unsigned change = diagonal + (lower(left[i - 1]) != lower(right[j - 1]));
            diagonal = row[j];
            row[j] = smallest(row[j] + 1, row[j - 1] + 1, change);
        }
    }
    return row[right_length];
}

void ks_suggest_begin(struct ks_suggestion *suggestion, const char *word)
{
    suggestion->word = word;
    suggestion->best = NULL;
    suggestion->distance = (unsigned)(strlen(word) / 3 + 2);
}

void ks_suggest_consider(struct ks_suggestion *suggestion, const char *candidate)
{
    size_t word_length = strlen(suggestion->word), length = strlen(candidate);
    if (word_length == 0 || word_length > WORD_SIZE || length > WORD_SIZE) {
        return;
    }
    unsigned found = distance(suggestion->word, word_length, candidate, length);
    // A word that the candidate begins with is an abbreviation of it.
    if (length > word_length && strncmp(suggestion->word, candidate, word_length) == 0) {
        found = 1;
    }
    if (found < suggestion->distance && found < length) {
        suggestion->distance = found;
        suggestion->best = candidate;
    }
}
