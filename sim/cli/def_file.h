// SPDX-License-Identifier: MIT
// A module-definition (.def) file: its LIBRARY or NAME line and its exports, as far as lint needs
// them.
#ifndef KS_CLI_DEF_FILE_H
#define KS_CLI_DEF_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ks_def_entry {
    char *name;
    char *forwarder; // "other.Function"; NULL: none
    unsigned line;
    uint32_t ordinal; // 0: none
    bool noname, data, private_;
};

// A line that cannot be read.
struct ks_def_error {
    unsigned line, column;
    char message[160];
};

struct ks_def_file {
    char *library;         // of the LIBRARY or NAME line; NULL: there is no such line
    unsigned library_line; // 0: none
    struct ks_def_entry *entries;
    size_t entry_count;
    struct ks_def_error *errors;
    size_t error_count;
    bool out_of_memory;
};

// Reads size bytes of text. What could be read is there also when there are errors. Freed with
// ks_def_file_fini.
void ks_def_file_read(const char *text, size_t size, struct ks_def_file *out_file);
void ks_def_file_fini(struct ks_def_file *file);

#endif
