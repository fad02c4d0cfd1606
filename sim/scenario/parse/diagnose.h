// SPDX-License-Identifier: MIT
// Collecting what is wrong with a file: each reason with its place, the path of its key, what was
// expected and what would cure it.
#ifndef KS_SCENARIO_DIAGNOSE_H
#define KS_SCENARIO_DIAGNOSE_H

#include "scenario/arena.h"
#include "scenario/parse/source.h"
#include "scenario/parse/yaml_tree.h"

#define KS_DIAGNOSTICS_MAX 50 // kept for one file

// The state of one ks_scenario_parse.
struct ks_parse {
    struct ks_arena *arena;
    struct ks_source source;
    const struct ks_node *root; // of the document being looked at; for key paths of places
    struct ks_diagnostic *diagnostics;
    size_t diagnostic_count;
    bool truncated; // there are more: nothing further needs to be looked at
    // Something is wrong where names are defined: looking names up would only add complaints about
    // the same.
    bool names_unsure;
    size_t last_cut; // offset of the last ` #` that was reported; 0: none
};

// Reports something about a node and marks it bad. advice may be NULL; it is kept, not copied.
void ks_diagnose(struct ks_parse *parse, enum ks_diagnostic_kind kind, struct ks_node *node,
                 const char *advice, const char *format, ...);

// The same, pointing at a place inside the node.
void ks_diagnose_inside(struct ks_parse *parse, enum ks_diagnostic_kind kind, struct ks_node *node,
                        struct ks_place place, const char *advice, const char *format, ...);

// The same for a place alone: the node that begins there (or is there) gives the key path.
void ks_diagnose_place(struct ks_parse *parse, enum ks_diagnostic_kind kind, struct ks_place place,
                       const char *advice, const char *format, ...);

// The same for a place outside any node.
void ks_diagnose_file(struct ks_parse *parse, enum ks_diagnostic_kind kind, struct ks_place place,
                      const char *advice, const char *format, ...);

// Puts the diagnostics into the order of the file.
void ks_diagnose_sort(struct ks_parse *parse);

// Text made in the arena.
const char *ks_diagnose_text(struct ks_parse *parse, const char *format, ...);

// A piece of the file for a message: between backquotes, cut when long, control characters as \xNN.
const char *ks_diagnose_shown(struct ks_parse *parse, const char *text, size_t length);

// "write 'text' in quotes", with the quotes that fit.
const char *ks_diagnose_quoted(struct ks_parse *parse, const char *text, size_t length);

// "did you mean `near`?", or "" when near is NULL.
const char *ks_diagnose_near(struct ks_parse *parse, const char *near);

// "file": where a value stands, as "images.port.sys.exports[2]". Lists count from 0.
const char *ks_diagnose_key_path(struct ks_parse *parse, const struct ks_node *node);

#endif
