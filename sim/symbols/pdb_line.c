// SPDX-License-Identifier: MIT
// The line tables of a module ("C13"): for each run of code its rows of offset and line, by file.
#include "symbols/pdb_parts.h"

enum {
    LINES = 0xf2,
    FILES = 0xf4,
    HIDDEN = 0xfeefee, // lines that debuggers step through
    HIDDEN_TOO = 0xf00f00,
    LINE_MASK = 0xffffff,
    ROW_SIZE = 8,
};

struct row {
    bool found;
    uint32_t offset, line, file;
};

bool ks_pdb_next_table(struct ks_cursor *tables, uint32_t *out_kind, struct ks_cursor *out_table)
{
    *out_kind = (uint32_t)ks_cursor_number(tables, 4);
    uint64_t size = ks_cursor_number(tables, 4);
    *out_table = ks_cursor_take(tables, size);
    ks_cursor_skip(tables, (4 - size % 4) % 4);
    return !out_table->failed;
}

struct ks_cursor ks_pdb_tables(const struct ks_pdb_module *module)
{
    struct ks_cursor all = ks_cursor_from(&module->stream, module->lines_offset);
    return ks_cursor_take(&all, module->lines_size);
}

// The rows of one file: the last one at or before the offset, if it lies behind the best so far.
static void look_at_rows(struct ks_cursor *rows, uint64_t count, uint32_t file, uint32_t offset,
                         struct row *best)
{
    for (uint64_t i = 0; i < count && ks_cursor_has(rows, ROW_SIZE); i++) {
        uint32_t begin = (uint32_t)ks_cursor_number(rows, 4);
        uint32_t line = (uint32_t)ks_cursor_number(rows, 4) & LINE_MASK;
        if (begin <= offset && (!best->found || begin >= best->offset)) {
            *best = (struct row){true, begin, line, file};
        }
    }
}

// One run of code. False when the place lies in another.
static bool look_at_run(struct ks_cursor run, struct ks_pdb_place place, struct row *out_best)
{
    uint32_t begin = (uint32_t)ks_cursor_number(&run, 4);
    unsigned section = (unsigned)ks_cursor_number(&run, 2);
    ks_cursor_skip(&run, 2); // flags: whether there are columns, which follow the rows of a file
    uint32_t size = (uint32_t)ks_cursor_number(&run, 4);
    if (run.failed || section != place.section || place.offset < begin ||
        place.offset - begin >= size) {
        return false;
    }
    while (run.at < run.end) {
        uint32_t file = (uint32_t)ks_cursor_number(&run, 4);
        uint64_t count = ks_cursor_number(&run, 4), block = ks_cursor_number(&run, 4);
        struct ks_cursor rows = ks_cursor_take(&run, block >= 12 ? block - 12 : 0);
        if (run.failed) {
            break;
        }
        look_at_rows(&rows, count, file, place.offset - begin, out_best);
    }
    return true;
}

// The table of files says where each name lies; rows say where in that table a file is.
bool ks_pdb_file_name(const struct ks_pdb_module *module, uint32_t file, uint32_t *out_name)
{
    struct ks_cursor tables = ks_pdb_tables(module), table;
    uint32_t kind;
    while (ks_pdb_next_table(&tables, &kind, &table)) {
        if (kind == FILES) {
            ks_cursor_skip(&table, file);
            *out_name = (uint32_t)ks_cursor_number(&table, 4);
            return !table.failed;
        }
    }
    return false;
}

bool ks_pdb_find_row(const struct ks_pdb_module *module, struct ks_pdb_place place,
                     struct ks_pdb_row *out_row)
{
    struct ks_cursor tables = ks_pdb_tables(module), table;
    struct row best = {.found = false};
    uint32_t kind;
    bool in_run = false;
    while (!in_run && ks_pdb_next_table(&tables, &kind, &table)) {
        in_run = kind == LINES && look_at_run(table, place, &best);
    }
    *out_row = (struct ks_pdb_row){best.line, best.file};
    return best.found && best.line != HIDDEN && best.line != HIDDEN_TOO;
}
