// SPDX-License-Identifier: MIT
// Inlined functions: a procedure has a record for each place where one was put, with a small
// program that makes rows of offset, line and file.
#include "symbols/pdb_parts.h"

enum {
    S_INLINESITE = 0x114d,
    S_INLINESITE2 = 0x115d, // with a count of how often it ran
    INLINEES = 0xf6,        // the table of where inlined functions begin
};

// Operations, BA_OP_*.
enum {
    OP_END = 0,
    OP_CODE_OFFSET = 1,
    OP_CHANGE_CODE_OFFSET = 3,
    OP_CHANGE_CODE_LENGTH = 4,
    OP_CHANGE_FILE = 5,
    OP_CHANGE_LINE = 6,
    OP_CHANGE_CODE_AND_LINE = 11,
    OP_CHANGE_LENGTH_AND_CODE = 12,
};

struct program {
    uint32_t wanted; // offset in the procedure
    uint32_t code, line, file;
    bool in_row; // the last row begins at or before what is wanted
    struct ks_pdb_row row;
    bool found;
};

// Numbers take one, two or four bytes.
static uint32_t read_number(struct ks_cursor *cursor)
{
    uint32_t first = (uint32_t)ks_cursor_number(cursor, 1);
    unsigned more = (first & 0x80) == 0 ? 0 : (first & 0xc0) == 0x80 ? 1 : 3;
    uint32_t number = first & (more == 0 ? 0x7fu : more == 1 ? 0x3fu : 0x1fu);
    for (unsigned i = 0; i < more; i++) {
        number = number << 8 | (uint32_t)ks_cursor_number(cursor, 1);
    }
    return number;
}

// The lowest bit is the sign.
static uint32_t with_sign(uint32_t number)
{
    return (number & 1) != 0 ? 0 - (number >> 1) : number >> 1;
}

// A row ends where the next one begins, or where its length says.
static void end_row(struct program *program)
{
    program->found = program->found || (program->in_row && program->wanted < program->code);
    program->in_row = false;
}

static void begin_row(struct program *program, uint32_t step)
{
    program->code += step;
    end_row(program);
    if (!program->found && program->wanted >= program->code) {
        program->in_row = true;
        program->row = (struct ks_pdb_row){program->line, program->file};
    }
}

static void end_after(struct program *program, uint32_t length)
{
    program->code += length;
    end_row(program);
}

static void run(struct program *program, struct ks_cursor *cursor)
{
    uint32_t operation, number;
    while (!program->found && (operation = read_number(cursor)) != OP_END && !cursor->failed) {
        number = read_number(cursor);
        switch (operation) {
        case OP_CODE_OFFSET:
        case OP_CHANGE_CODE_OFFSET:
            begin_row(program, number);
            break;
        case OP_CHANGE_CODE_LENGTH:
            end_after(program, number);
            break;
        case OP_CHANGE_FILE:
            program->file = number;
            break;
        case OP_CHANGE_LINE:
            program->line += with_sign(number);
            break;
        case OP_CHANGE_CODE_AND_LINE:
            program->line += with_sign(number >> 4);
            begin_row(program, number & 0xf);
            break;
        case OP_CHANGE_LENGTH_AND_CODE:
            begin_row(program, read_number(cursor));
            end_after(program, number);
            break;
        default: // columns, ends of lines, kinds of ranges
            break;
        }
    }
}

// Where a function that was inlined begins. False: the module does not say.
static bool find_inlinee(const struct ks_pdb_module *module, uint32_t wanted,
                         struct program *program)
{
    struct ks_cursor tables = ks_pdb_tables(module), table;
    uint32_t kind;
    while (ks_pdb_next_table(&tables, &kind, &table)) {
        bool has_more = kind == INLINEES && ks_cursor_number(&table, 4) == 1;
        while (kind == INLINEES && ks_cursor_has(&table, 12)) {
            uint32_t inlinee = (uint32_t)ks_cursor_number(&table, 4);
            program->file = (uint32_t)ks_cursor_number(&table, 4);
            program->line = (uint32_t)ks_cursor_number(&table, 4);
            ks_cursor_skip(&table, has_more ? ks_cursor_number(&table, 4) * 4 : 0);
            if (inlinee == wanted) {
                return true;
            }
        }
    }
    return false;
}

bool ks_pdb_find_inlined(const struct ks_pdb_module *module,
                         const struct ks_pdb_procedure *procedure, struct ks_pdb_place place,
                         struct ks_pdb_row *out_row)
{
    struct ks_cursor records = procedure->behind, record;
    bool found = false;
    unsigned kind;
    while (ks_pdb_next_record(&records, &kind, &record) && !ks_pdb_is_procedure(kind)) {
        struct program program = {.wanted = place.offset - procedure->begin};
        if (kind != S_INLINESITE && kind != S_INLINESITE2) {
            continue;
        }
        ks_cursor_skip(&record, 8); // parent, end
        uint32_t inlinee = (uint32_t)ks_cursor_number(&record, 4);
        ks_cursor_skip(&record, kind == S_INLINESITE2 ? 4 : 0);
        if (!record.failed && find_inlinee(module, inlinee, &program)) {
            run(&program, &record);
        }
        if (program.found) { // what lies inside follows, and is the better answer
            *out_row = program.row;
            found = true;
        }
    }
    return found;
}
