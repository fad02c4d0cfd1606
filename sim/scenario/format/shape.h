// SPDX-License-Identifier: MIT
// What a value may look like. The whole format is a graph of shapes (keys.h); the validator judges
// files by it and the JSON Schema is printed from it, so that the two cannot disagree.
#ifndef KS_SCENARIO_SHAPE_H
#define KS_SCENARIO_SHAPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum ks_shape_kind {
    KS_SHAPE_TEXT,    // a scalar, kept as text
    KS_SHAPE_NUMBER,  // decimal or 0x hexadecimal
    KS_SHAPE_BOOLEAN, // true or false
    KS_SHAPE_STATUS,  // a status name or number
    KS_SHAPE_STOP,    // a stop code, name or number
    KS_SHAPE_WORD,    // one of a list of words
    KS_SHAPE_NOTHING, // the empty value
    KS_SHAPE_LIST,
    KS_SHAPE_MAP,    // names to values
    KS_SHAPE_RECORD, // fixed keys
    KS_SHAPE_POLICY, // knobs to their values
    KS_SHAPE_CHOICE, // one of several shapes
};

// What of a map's key is compared without regard to case when duplicates are looked for.
enum ks_fold { KS_FOLD_NOTHING, KS_FOLD_ALL, KS_FOLD_MODULE /* up to the `!` */ };

struct ks_shape;

// One key of a record. Masks speak of keys by their number in the table.
struct ks_key {
    const char *name;
    const struct ks_shape *shape;
    const char *doc;
    uint32_t flags;    // KS_KEY_*
    uint64_t needs;    // at least one of these keys must be given too
    uint64_t excludes; // none of these may be given too
};

enum {
    KS_KEY_REQUIRED = 1u << 0,
    KS_KEY_ONE_OF = 1u << 1,  // of the keys with this flag exactly one is given
    KS_KEY_SOME_OF = 1u << 2, // of the keys with this flag at least one is given
};

#define KS_KEYS_MAX 64 // of a record

struct ks_shape {
    enum ks_shape_kind kind;
    const char *name; // id in the schema; NULL: written in place
    const char *what; // for messages: "expected a status"
    const char *doc;
    // TEXT: pattern for the schema and the same rule in C. May be NULL: any text without control
    // characters.
    const char *pattern;
    bool (*fits)(const char *text, size_t length, const char **out_why, size_t *out_at);
    bool lines;        // TEXT: line breaks and tabs may be in it
    bool any_text;     // TEXT: everything, the empty text too when it is in quotes
    uint64_t min, max; // NUMBER; LIST and MAP: least and most entries (max 0: no limit)
    const char *(*word_at)(
        size_t index);           // WORD, and keys of MAP: NULL past the last; POLICY does without
    const struct ks_shape *key;  // MAP: of the keys
    const struct ks_shape *item; // LIST: of the items; MAP: of the values
    bool unique;                 // LIST: no item twice
    enum ks_fold fold;           // MAP
    const struct ks_key *keys;   // RECORD
    size_t key_count;
    const struct ks_shape *const *choices; // CHOICE: NULL behind the last
    // CHOICE: a map with this key and a scalar as its value is the first choice, any other map a
    // later one.
    const char *selector;
};

#endif
