// SPDX-License-Identifier: MIT
// Reading DWARF: the parts of one file.
#ifndef KS_SYMBOLS_DWARF_H
#define KS_SYMBOLS_DWARF_H

#include "symbols/cursor.h"
#include "symbols/symbols.h"

#define KS_DWARF_WORK 4000000u // entries, rows and declarations looked at for one question

struct ks_dwarf {
    struct ks_cursor_part info, abbrev, line, str, line_str, str_offsets, addr;
    uint64_t image_base;
    unsigned work; // what is left
};

// False when the file is no PE image or has no line table.
bool ks_dwarf_open(const uint8_t *bytes, size_t size, struct ks_dwarf *out_dwarf);

// What stands at an RVA, given a whole file; the texts lie in it. Nothing is kept and nothing
// allocated. False when nothing is known of it.
bool ks_dwarf_find(const uint8_t *bytes, size_t size, uint32_t rva, struct ks_source *out_source);

// Begins a unit: *out_unit is what it holds, the cursor goes behind it. False at the end.
bool ks_dwarf_unit(struct ks_cursor *cursor, struct ks_cursor *out_unit);
// One step of work; false when there has been enough.
bool ks_dwarf_step(struct ks_dwarf *dwarf);

// Forms of attributes that several files know.
enum ks_dwarf_form {
    KS_FORM_ADDR = 0x01,
    KS_FORM_BLOCK2 = 0x03,
    KS_FORM_BLOCK4 = 0x04,
    KS_FORM_DATA2 = 0x05,
    KS_FORM_DATA4 = 0x06,
    KS_FORM_DATA8 = 0x07,
    KS_FORM_STRING = 0x08,
    KS_FORM_BLOCK = 0x09,
    KS_FORM_BLOCK1 = 0x0a,
    KS_FORM_DATA1 = 0x0b,
    KS_FORM_FLAG = 0x0c,
    KS_FORM_SDATA = 0x0d,
    KS_FORM_STRP = 0x0e,
    KS_FORM_UDATA = 0x0f,
    KS_FORM_REF_ADDR = 0x10,
    KS_FORM_REF1 = 0x11,
    KS_FORM_REF2 = 0x12,
    KS_FORM_REF4 = 0x13,
    KS_FORM_REF8 = 0x14,
    KS_FORM_REF_UDATA = 0x15,
    KS_FORM_SEC_OFFSET = 0x17,
    KS_FORM_EXPRLOC = 0x18,
    KS_FORM_FLAG_PRESENT = 0x19,
    KS_FORM_STRX = 0x1a,
    KS_FORM_ADDRX = 0x1b,
    KS_FORM_REF_SUP4 = 0x1c,
    KS_FORM_STRP_SUP = 0x1d,
    KS_FORM_DATA16 = 0x1e,
    KS_FORM_LINE_STRP = 0x1f,
    KS_FORM_REF_SIG8 = 0x20,
    KS_FORM_IMPLICIT_CONST = 0x21,
    KS_FORM_LOCLISTX = 0x22,
    KS_FORM_RNGLISTX = 0x23,
    KS_FORM_STRX1 = 0x25,
    KS_FORM_STRX4 = 0x28,
    KS_FORM_ADDRX1 = 0x29,
    KS_FORM_ADDRX4 = 0x2c,
};

// The line, and its file if the table names it: some compilers for PE write its names wrongly.
void ks_dwarf_find_line(struct ks_dwarf *dwarf, uint64_t address, struct ks_source *source);
// The function; and the file, when only the line is known: that of the function's unit.
void ks_dwarf_find_function(struct ks_dwarf *dwarf, uint64_t address, struct ks_source *source);

#endif
