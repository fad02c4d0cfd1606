// SPDX-License-Identifier: MIT
// Symbol records, of a module and of the whole program: each has its size and its kind in front.
#include "symbols/pdb_parts.h"

enum {
    S_PUB32 = 0x110e,
    S_LPROC32 = 0x110f,
    S_GPROC32 = 0x1110,
    S_LPROC32_ID = 0x1146,
    S_GPROC32_ID = 0x1147,
    S_LPROC32_DPC = 0x1155,
    S_LPROC32_DPC_ID = 0x1156,
};

bool ks_pdb_next_record(struct ks_cursor *records, unsigned *out_kind, struct ks_cursor *out_record)
{
    uint64_t size = ks_cursor_number(records, 2);
    struct ks_cursor record = ks_cursor_take(records, size);
    *out_kind = (unsigned)ks_cursor_number(&record, 2);
    *out_record = record;
    return !record.failed;
}

bool ks_pdb_is_procedure(unsigned kind)
{
    return kind == S_LPROC32 || kind == S_GPROC32 || kind == S_LPROC32_ID || kind == S_GPROC32_ID ||
           kind == S_LPROC32_DPC || kind == S_LPROC32_DPC_ID;
}

static struct ks_pdb_place read_place(struct ks_cursor *record)
{
    struct ks_pdb_place place;
    place.offset = (uint32_t)ks_cursor_number(record, 4);
    place.section = (unsigned)ks_cursor_number(record, 2);
    return place;
}

bool ks_pdb_find_procedure(const struct ks_pdb_module *module, struct ks_pdb_place place,
                           struct ks_pdb_procedure *out_procedure)
{
    const struct ks_cursor_part part = {module->stream.bytes, module->symbols_size};
    struct ks_cursor records = ks_cursor_from(&part, 4), record; // behind the signature
    unsigned kind;
    while (ks_pdb_next_record(&records, &kind, &record)) {
        if (!ks_pdb_is_procedure(kind)) {
            continue;
        }
        ks_cursor_skip(&record, 12); // parent, end, next
        uint32_t size = (uint32_t)ks_cursor_number(&record, 4);
        ks_cursor_skip(&record, 12); // prologue, epilogue, type
        struct ks_pdb_place begin = read_place(&record);
        ks_cursor_skip(&record, 1);
        const char *name = ks_cursor_string(&record);
        if (!record.failed && begin.section == place.section && begin.offset <= place.offset &&
            place.offset - begin.offset < size) {
            *out_procedure = (struct ks_pdb_procedure){name, begin.offset, records};
            return true;
        }
    }
    return false;
}

const char *ks_pdb_public(const struct ks_cursor_part *symbols, struct ks_pdb_place place,
                          uint32_t *out_offset)
{
    struct ks_cursor records = ks_cursor_from(symbols, 0), record;
    const char *found = NULL;
    unsigned kind;
    while (ks_pdb_next_record(&records, &kind, &record)) {
        if (kind != S_PUB32) {
            continue;
        }
        ks_cursor_skip(&record, 4);
        struct ks_pdb_place begin = read_place(&record);
        const char *name = ks_cursor_string(&record);
        if (!record.failed && begin.section == place.section && begin.offset <= place.offset &&
            (found == NULL || begin.offset > *out_offset)) {
            found = name;
            *out_offset = begin.offset;
        }
    }
    return found;
}
