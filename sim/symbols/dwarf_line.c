// SPDX-License-Identifier: MIT
// The line tables: programs that make rows of address, file and line. An address belongs to the row
// before the first one that lies behind it.
#include "symbols/dwarf.h"

#include <string.h>

#define CONTENT_PATH 1u // DW_LNCT_path
#define FORMATS_MOST 8u

struct header {
    unsigned version;
    struct ks_cursor names; // the tables of folders and files
    struct ks_cursor program;
    unsigned step;       // minimum_instruction_length
    int line_base;       // of special opcodes
    unsigned line_range; // of special opcodes
    unsigned opcode_base;
    const uint8_t *lengths; // of the arguments of standard opcodes, from opcode 1
};

struct row {
    uint64_t address, file, line;
};

// ---- the header ----

static bool read_header(struct ks_cursor unit, struct header *out_header)
{
    struct header header = {.version = (unsigned)ks_cursor_number(&unit, 2)};
    if (header.version < 2 || header.version > 5) {
        return false;
    }
    ks_cursor_skip(&unit, header.version == 5 ? 2 : 0);
    uint64_t length = ks_cursor_number(&unit, 4);
    header.program = unit;
    ks_cursor_skip(&header.program, length);
    header.step = (unsigned)ks_cursor_number(&unit, 1);
    ks_cursor_skip(&unit, header.version >= 4 ? 2 : 1); // operations, default_is_stmt
    header.line_base = (int8_t)ks_cursor_number(&unit, 1);
    header.line_range = (unsigned)ks_cursor_number(&unit, 1);
    header.opcode_base = (unsigned)ks_cursor_number(&unit, 1);
    header.lengths = unit.at;
    ks_cursor_skip(&unit, header.opcode_base == 0 ? 0 : header.opcode_base - 1);
    header.names = unit;
    *out_header = header;
    return !unit.failed && !header.program.failed && header.line_range != 0 &&
           header.opcode_base != 0;
}

// ---- file names ----

// Versions 2 to 4: folders, then files from number 1, each table ended by an empty name.
static const char *old_name(const struct header *header, uint64_t wanted)
{
    struct ks_cursor cursor = header->names;
    while (ks_cursor_string(&cursor)[0] != '\0') {
    }
    for (uint64_t i = 1; !cursor.failed; i++) {
        const char *name = ks_cursor_string(&cursor);
        if (name[0] == '\0' || i == wanted) {
            return i == wanted && name[0] != '\0' ? name : NULL;
        }
        ks_cursor_uleb(&cursor);
        ks_cursor_uleb(&cursor);
        ks_cursor_uleb(&cursor);
    }
    return NULL;
}

// One value of an entry of version 5; text when it is one.
static const char *read_value(const struct ks_dwarf *dwarf, struct ks_cursor *cursor, uint64_t form)
{
    switch (form) {
    case KS_FORM_STRING:
        return ks_cursor_string(cursor);
    case KS_FORM_LINE_STRP:
        return ks_cursor_string_at(&dwarf->line_str, ks_cursor_number(cursor, 4));
    case KS_FORM_STRP:
        return ks_cursor_string_at(&dwarf->str, ks_cursor_number(cursor, 4));
    case KS_FORM_UDATA:
        ks_cursor_uleb(cursor);
        break;
    case KS_FORM_BLOCK:
        ks_cursor_skip(cursor, ks_cursor_uleb(cursor));
        break;
    case KS_FORM_DATA1:
    case KS_FORM_DATA2:
        ks_cursor_skip(cursor, form == KS_FORM_DATA1 ? 1 : 2);
        break;
    case KS_FORM_DATA4:
    case KS_FORM_DATA8:
        ks_cursor_skip(cursor, form == KS_FORM_DATA4 ? 4 : 8);
        break;
    case KS_FORM_DATA16:
        ks_cursor_skip(cursor, 16);
        break;
    default:
        cursor->failed = true;
        break;
    }
    return NULL;
}

// A table of version 5: its formats, the number of entries, the entries. The name of the wanted
// entry, or NULL; the cursor goes behind the table when there is no such entry.
static const char *read_table(struct ks_dwarf *dwarf, struct ks_cursor *cursor, uint64_t wanted)
{
    uint64_t contents[FORMATS_MOST], forms[FORMATS_MOST];
    uint64_t format_count = ks_cursor_number(cursor, 1);
    if (format_count > FORMATS_MOST) {
        cursor->failed = true;
        return NULL;
    }
    for (uint64_t i = 0; i < format_count; i++) {
        contents[i] = ks_cursor_uleb(cursor);
        forms[i] = ks_cursor_uleb(cursor);
    }
    uint64_t count = ks_cursor_uleb(cursor);
    for (uint64_t i = 0; i < count && !cursor->failed && ks_dwarf_step(dwarf); i++) {
        const char *name = NULL;
        for (uint64_t j = 0; j < format_count; j++) {
            const char *text = read_value(dwarf, cursor, forms[j]);
            name = contents[j] == CONTENT_PATH ? text : name;
        }
        if (i == wanted) {
            return name;
        }
    }
    return NULL;
}

static const char *file_name(struct ks_dwarf *dwarf, const struct header *header, uint64_t number)
{
    struct ks_cursor cursor = header->names;
    if (header->version < 5) {
        return old_name(header, number);
    }
    read_table(dwarf, &cursor, UINT64_MAX); // folders
    return read_table(dwarf, &cursor, number);
}

// ---- the program ----

enum { NO_ROW, NEW_ROW, END_OF_SEQUENCE };

static int run_extended(struct ks_cursor *cursor, struct row *row)
{
    uint64_t length = ks_cursor_uleb(cursor);
    struct ks_cursor inner = *cursor;
    ks_cursor_skip(cursor, length);
    if (length == 0 || cursor->failed) {
        return NO_ROW;
    }
    switch (ks_cursor_number(&inner, 1)) {
    case 1: // DW_LNE_end_sequence
        return END_OF_SEQUENCE;
    case 2: // DW_LNE_set_address
        row->address = ks_cursor_number(&inner, length - 1 <= 8 ? (unsigned)(length - 1) : 8);
        return NO_ROW;
    default:
        return NO_ROW;
    }
}

static void run_other(const struct header *header, struct ks_cursor *cursor, unsigned opcode,
                      struct row *row)
{
    switch (opcode) {
    case 2: // DW_LNS_advance_pc
        row->address += ks_cursor_uleb(cursor) * header->step;
        break;
    case 3: // DW_LNS_advance_line
        row->line += (uint64_t)ks_cursor_sleb(cursor);
        break;
    case 4: // DW_LNS_set_file
        row->file = ks_cursor_uleb(cursor);
        break;
    case 8: // DW_LNS_const_add_pc
        row->address += (uint64_t)((255 - header->opcode_base) / header->line_range) * header->step;
        break;
    case 9: // DW_LNS_fixed_advance_pc
        row->address += ks_cursor_number(cursor, 2);
        break;
    default:
        for (unsigned i = 0; i < header->lengths[opcode - 1]; i++) {
            ks_cursor_uleb(cursor);
        }
        break;
    }
}

static int run_opcode(const struct header *header, struct ks_cursor *cursor, struct row *row)
{
    unsigned opcode = (unsigned)ks_cursor_number(cursor, 1);
    if (opcode >= header->opcode_base) { // a special one
        unsigned adjusted = opcode - header->opcode_base;
        row->address += (uint64_t)(adjusted / header->line_range) * header->step;
        row->line += (uint64_t)(int64_t)(header->line_base + (int)(adjusted % header->line_range));
        return NEW_ROW;
    }
    if (opcode == 0) {
        return run_extended(cursor, row);
    }
    if (opcode == 1) { // DW_LNS_copy
        return NEW_ROW;
    }
    run_other(header, cursor, opcode, row);
    return NO_ROW;
}

static bool find_in(struct ks_dwarf *dwarf, const struct header *header, uint64_t address,
                    struct row *out_row)
{
    static const struct row first = {0, 1, 1};
    struct ks_cursor cursor = header->program;
    struct row row = first, last = first;
    bool has_last = false;
    while (cursor.at < cursor.end && !cursor.failed && ks_dwarf_step(dwarf)) {
        int made = run_opcode(header, &cursor, &row);
        if (made == NO_ROW) {
            continue;
        }
        if (has_last && last.address <= address && address < row.address) {
            *out_row = last;
            return true;
        }
        has_last = made == NEW_ROW;
        last = row;
        row = made == END_OF_SEQUENCE ? first : row;
    }
    return false;
}

void ks_dwarf_find_line(struct ks_dwarf *dwarf, uint64_t address, struct ks_source *source)
{
    struct ks_cursor cursor = ks_cursor_from(&dwarf->line, 0), unit;
    struct header header;
    struct row row;
    while (ks_dwarf_unit(&cursor, &unit)) {
        if (!read_header(unit, &header) || !find_in(dwarf, &header, address, &row)) {
            continue;
        }
        if (row.line > 0 && row.line <= UINT32_MAX) {
            source->file = ks_cursor_base_name(file_name(dwarf, &header, row.file));
            source->line = (unsigned)row.line;
        }
        return;
    }
}
