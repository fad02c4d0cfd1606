// SPDX-License-Identifier: MIT
// The known word nearest to a misspelled one: "did you mean".
#ifndef KS_CLI_SUGGEST_H
#define KS_CLI_SUGGEST_H

struct ks_suggestion {
    const char *word;
    const char *best; // NULL: none is near
    unsigned distance;
};

void ks_suggest_begin(struct ks_suggestion *suggestion, const char *word);
// candidate is kept, not copied. The first of equally near ones wins.
void ks_suggest_consider(struct ks_suggestion *suggestion, const char *candidate);

#endif
