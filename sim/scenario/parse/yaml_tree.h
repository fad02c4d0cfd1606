// SPDX-License-Identifier: MIT
// A YAML document as a tree in which every node knows its bytes in the file.
//
// Only what scenario files may use gets through without a diagnostic: plain and quoted scalars,
// lists and maps with scalar keys. Tags, anchors, aliases and merge keys are reported; so is a
// plain scalar that a ` #` cut short. Scalars stay text.
#ifndef KS_SCENARIO_YAML_TREE_H
#define KS_SCENARIO_YAML_TREE_H

#include "scenario/model.h"

struct ks_parse;

enum ks_node_kind { KS_NODE_SCALAR, KS_NODE_LIST, KS_NODE_MAP };

struct ks_node {
    enum ks_node_kind kind;
    bool plain;    // scalar without quotes
    bool block;    // scalar in | or > form
    bool bad;      // something was reported about it; nothing may be built from it
    bool is_key;   // parent is then the value it belongs to
    bool open;     // collection whose end was not seen yet
    int key_index; // of a value in a record: the key's number in its table; else -1
    struct ks_place place;
    const char *text; // scalar: its text, NUL behind it
    size_t length;    // scalar: bytes of text
    size_t count;     // list, map: children
    struct ks_node *parent;
    struct ks_node *key;                 // a map's child: its key
    struct ks_node *first, *last, *next; // children of a list or map in file order; siblings
    struct ks_node *pending_key;         // while the map is read: the key without a value yet
};

// One document of a file.
struct ks_document {
    struct ks_node *root; // NULL: empty document
    struct ks_place place;
    struct ks_document *next;
};

// Reads all documents of parse->source. What is not YAML, or more than a scenario may use, is
// reported; the documents before a syntax error are returned. KLDR_ERROR_OUT_OF_MEMORY when libyaml
// ran out of it.
kldr_status ks_yaml_tree_read(struct ks_parse *parse, struct ks_document **out_documents);

#endif
