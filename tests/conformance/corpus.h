// SPDX-License-Identifier: MIT
// All scenario files below a folder, parsed, with the fact ids their comments name.
#ifndef CONFORMANCE_CORPUS_H
#define CONFORMANCE_CORPUS_H

#include "scenario/parse.h"

struct corpus_scenario {
    const struct ks_scenario *scenario;
    const char *file;  // relative to the folder
    const char *facts; // text of the comments before the document, where ids are looked for
    size_t facts_size;
};

struct corpus {
    struct corpus_scenario *scenarios;
    size_t count, capacity;
    struct ks_parse_result *files;
    size_t file_count, file_capacity;
    char **names;
};

// Reads and parses everything. False after a message on standard error.
bool corpus_read(const char *folder, struct corpus *out_corpus);
void corpus_free(struct corpus *corpus);

// True when the scenario's comments name the fact ("U7" as a word).
bool corpus_names_fact(const struct corpus_scenario *scenario, const char *fact);
bool corpus_has_profile(const struct corpus_scenario *scenario, enum kldr_profile profile);

#endif
