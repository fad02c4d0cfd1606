// SPDX-License-Identifier: MIT
// What the files of the PDB reader share.
#ifndef KS_SYMBOLS_PDB_PARTS_H
#define KS_SYMBOLS_PDB_PARTS_H

#include "symbols/pdb.h"

// A place in the image.
struct ks_pdb_place {
    unsigned section; // from 1
    uint32_t offset;
};

// What the compiler wrote of one object file.
struct ks_pdb_module {
    struct ks_cursor_part stream; // a copy
    uint32_t symbols_size;        // at the beginning of the stream
    uint32_t lines_offset, lines_size;
};

struct ks_pdb_procedure {
    const char *name;        // lies in the module
    uint32_t begin;          // its offset in the section
    struct ks_cursor behind; // the records that follow, first those of what is inside it
};

// One row of a line table.
struct ks_pdb_row {
    uint32_t line;
    uint32_t file; // where the module's table of files has it
};

// The next symbol record; its kind has been read. False at the end, or where one does not fit.
bool ks_pdb_next_record(struct ks_cursor *records, unsigned *out_kind,
                        struct ks_cursor *out_record);
bool ks_pdb_is_procedure(unsigned kind);
// The next part of a module's tables. False at the end.
struct ks_cursor ks_pdb_tables(const struct ks_pdb_module *module);
bool ks_pdb_next_table(struct ks_cursor *tables, uint32_t *out_kind, struct ks_cursor *out_table);

// The procedure that holds a place. False when none does.
bool ks_pdb_find_procedure(const struct ks_pdb_module *module, struct ks_pdb_place place,
                           struct ks_pdb_procedure *out_procedure);
// The public name at or before a place, nearest first; NULL when its section has none.
const char *ks_pdb_public(const struct ks_cursor_part *symbols, struct ks_pdb_place place,
                          uint32_t *out_offset);
// The row of a place, where the line of inlined code is that of the call. False when there is none.
bool ks_pdb_find_row(const struct ks_pdb_module *module, struct ks_pdb_place place,
                     struct ks_pdb_row *out_row);
// The row of the innermost inlined function that holds a place of the procedure. False: none does.
bool ks_pdb_find_inlined(const struct ks_pdb_module *module,
                         const struct ks_pdb_procedure *procedure, struct ks_pdb_place place,
                         struct ks_pdb_row *out_row);
// Where the table of names has the file of a row. False when it cannot be told.
bool ks_pdb_file_name(const struct ks_pdb_module *module, uint32_t file, uint32_t *out_name);

#endif
