// SPDX-License-Identifier: MIT
// Function and source line of an address, from a PDB: what link.exe and lld-link write beside an
// image with CodeView (/DEBUG).
//
// The bytes are hostile input: every read is checked, and the work for one question grows with the
// size of the file and not faster.
#ifndef KS_SYMBOLS_PDB_H
#define KS_SYMBOLS_PDB_H

#include "symbols/codeview.h"
#include "symbols/msf.h"
#include "symbols/symbols.h"

struct ks_pdb;

// bytes are borrowed until ks_pdb_close. *out_pdb is NULL unless it was read.
enum ks_msf_read ks_pdb_open(const uint8_t *bytes, size_t size, struct ks_pdb **out_pdb);
void ks_pdb_close(struct ks_pdb *pdb); // NULL is no PDB

const struct ks_codeview_build *ks_pdb_build(const struct ks_pdb *pdb);

// What stands at an offset of a section. The texts are valid until the next question. False when
// nothing is known of it.
bool ks_pdb_find(struct ks_pdb *pdb, unsigned section, uint32_t offset,
                 struct ks_source *out_source);

#endif
