// SPDX-License-Identifier: MIT
// The entries of .debug_info, as far as functions need them: those that say where a function lies,
// and its name, which may stand in another entry.
#include "symbols/dwarf.h"

enum {
    TAG_COMPILE_UNIT = 0x11,
    TAG_SUBPROGRAM = 0x2e,
    AT_NAME = 0x03,
    AT_LOW_PC = 0x11,
    AT_HIGH_PC = 0x12,
    AT_ABSTRACT_ORIGIN = 0x31,
    AT_SPECIFICATION = 0x47,
    AT_STR_OFFSETS_BASE = 0x72,
    AT_ADDR_BASE = 0x73,
    UNIT_COMPILE = 1,
    ORIGINS_MOST = 4,
};

struct unit {
    struct ks_dwarf *dwarf;
    struct ks_cursor_part bytes; // of the whole unit, its length included: what references count
    unsigned version, address_size;
    uint64_t abbrev;
    uint64_t str_offsets_base, addr_base;
};

// What is kept of an entry.
struct entry {
    uint64_t tag;
    const char *name;
    uint64_t low, high, origin;
    bool has_low, has_high, high_is_size, has_origin;
};

// ---- values ----

struct value {
    uint64_t number;
    const char *text;
    bool is_address;
};

static const char *text_by_index(const struct unit *unit, uint64_t index)
{
    struct ks_cursor cursor =
        ks_cursor_from(&unit->dwarf->str_offsets, unit->str_offsets_base + index * 4);
    uint64_t offset = ks_cursor_number(&cursor, 4);
    return cursor.failed ? NULL : ks_cursor_string_at(&unit->dwarf->str, offset);
}

static uint64_t address_by_index(const struct unit *unit, uint64_t index)
{
    struct ks_cursor cursor =
        ks_cursor_from(&unit->dwarf->addr, unit->addr_base + index * unit->address_size);
    return ks_cursor_number(&cursor, unit->address_size);
}

// Forms of a fixed size; 0: it is another.
static unsigned fixed_size(const struct unit *unit, uint64_t form)
{
    switch (form) {
    case KS_FORM_DATA1:
    case KS_FORM_FLAG:
    case KS_FORM_REF1:
        return 1;
    case KS_FORM_DATA2:
    case KS_FORM_REF2:
        return 2;
    case KS_FORM_DATA4:
    case KS_FORM_REF4:
    case KS_FORM_SEC_OFFSET:
    case KS_FORM_REF_SUP4:
    case KS_FORM_STRP_SUP:
        return 4;
    case KS_FORM_DATA8:
    case KS_FORM_REF8:
    case KS_FORM_REF_SIG8:
        return 8;
    case KS_FORM_REF_ADDR:
        return unit->version == 2 ? unit->address_size : 4;
    default:
        return 0;
    }
}

static void read_text(const struct unit *unit, struct ks_cursor *cursor, uint64_t form,
                      struct value *value)
{
    if (form == KS_FORM_STRING) {
        value->text = ks_cursor_string(cursor);
    } else if (form == KS_FORM_STRP) {
        value->text = ks_cursor_string_at(&unit->dwarf->str, ks_cursor_number(cursor, 4));
    } else if (form == KS_FORM_LINE_STRP) {
        value->text = ks_cursor_string_at(&unit->dwarf->line_str, ks_cursor_number(cursor, 4));
    } else if (form == KS_FORM_STRX) {
        value->text = text_by_index(unit, ks_cursor_uleb(cursor));
    } else {
        value->text =
            text_by_index(unit, ks_cursor_number(cursor, (unsigned)(form - KS_FORM_STRX1) + 1));
    }
}

static void read_block(struct ks_cursor *cursor, uint64_t form)
{
    uint64_t size = form == KS_FORM_BLOCK1   ? ks_cursor_number(cursor, 1)
                    : form == KS_FORM_BLOCK2 ? ks_cursor_number(cursor, 2)
                    : form == KS_FORM_BLOCK4 ? ks_cursor_number(cursor, 4)
                                             : ks_cursor_uleb(cursor);
    ks_cursor_skip(cursor, size);
}

static void read_address(const struct unit *unit, struct ks_cursor *cursor, uint64_t form,
                         struct value *value)
{
    value->is_address = true;
    if (form == KS_FORM_ADDR) {
        value->number = ks_cursor_number(cursor, unit->address_size);
    } else if (form == KS_FORM_ADDRX) {
        value->number = address_by_index(unit, ks_cursor_uleb(cursor));
    } else {
        value->number =
            address_by_index(unit, ks_cursor_number(cursor, (unsigned)(form - KS_FORM_ADDRX1) + 1));
    }
}

static void read_variable(struct ks_cursor *cursor, uint64_t form, struct value *value)
{
    switch (form) {
    case KS_FORM_SDATA:
        value->number = (uint64_t)ks_cursor_sleb(cursor);
        break;
    case KS_FORM_UDATA:
    case KS_FORM_REF_UDATA:
    case KS_FORM_LOCLISTX:
    case KS_FORM_RNGLISTX:
        value->number = ks_cursor_uleb(cursor);
        break;
    case KS_FORM_DATA16:
        ks_cursor_skip(cursor, 16);
        break;
    case KS_FORM_FLAG_PRESENT:
    case KS_FORM_IMPLICIT_CONST:
        break;
    case KS_FORM_BLOCK1:
    case KS_FORM_BLOCK2:
    case KS_FORM_BLOCK4:
    case KS_FORM_BLOCK:
    case KS_FORM_EXPRLOC:
        read_block(cursor, form);
        break;
    default:
        cursor->failed = true; // what it is nobody knows, nor where the next one begins
        break;
    }
}

static struct value read_value(const struct unit *unit, struct ks_cursor *cursor, uint64_t form)
{
    struct value value = {0, NULL, false};
    unsigned size = fixed_size(unit, form);
    bool text = form == KS_FORM_STRING || form == KS_FORM_STRP || form == KS_FORM_LINE_STRP ||
                form == KS_FORM_STRX || (form >= KS_FORM_STRX1 && form <= KS_FORM_STRX4);
    if (size != 0) {
        value.number = ks_cursor_number(cursor, size);
    } else if (text) {
        read_text(unit, cursor, form, &value);
    } else if (form == KS_FORM_ADDR || form == KS_FORM_ADDRX ||
               (form >= KS_FORM_ADDRX1 && form <= KS_FORM_ADDRX4)) {
        read_address(unit, cursor, form, &value);
    } else {
        read_variable(cursor, form, &value);
    }
    return value;
}

// ---- entries ----

// The declaration of an entry's shape; the cursor then stands at its attributes.
static bool find_shape(const struct unit *unit, uint64_t code, uint64_t *out_tag,
                       struct ks_cursor *out_attributes)
{
    struct ks_cursor cursor = ks_cursor_from(&unit->dwarf->abbrev, unit->abbrev);
    while (!cursor.failed && ks_dwarf_step(unit->dwarf)) {
        uint64_t number = ks_cursor_uleb(&cursor);
        *out_tag = ks_cursor_uleb(&cursor);
        ks_cursor_skip(&cursor, 1);
        if (number == 0 || number == code) {
            *out_attributes = cursor;
            return number == code && !cursor.failed;
        }
        for (uint64_t name = 1, form = 1; (name != 0 || form != 0) && !cursor.failed;) {
            name = ks_cursor_uleb(&cursor);
            form = ks_cursor_uleb(&cursor);
            if (form == KS_FORM_IMPLICIT_CONST) {
                ks_cursor_sleb(&cursor);
            }
        }
    }
    return false;
}

static void keep(struct unit *unit, struct entry *entry, uint64_t name, uint64_t form,
                 const struct value *value)
{
    switch (name) {
    case AT_NAME:
        entry->name = value->text;
        break;
    case AT_LOW_PC:
        entry->low = value->number;
        entry->has_low = value->is_address;
        break;
    case AT_HIGH_PC:
        entry->high = value->number;
        entry->has_high = true;
        entry->high_is_size = !value->is_address;
        break;
    case AT_ABSTRACT_ORIGIN:
    case AT_SPECIFICATION:
        entry->origin = value->number;
        entry->has_origin = form != KS_FORM_REF_ADDR && form != KS_FORM_REF_SIG8;
        break;
    case AT_STR_OFFSETS_BASE:
        unit->str_offsets_base = value->number;
        break;
    case AT_ADDR_BASE:
        unit->addr_base = value->number;
        break;
    default:
        break;
    }
}

// False: it cannot be read, and nothing behind it. An empty entry has tag 0.
static bool read_entry(struct unit *unit, struct ks_cursor *cursor, struct entry *out_entry)
{
    struct entry entry = {0};
    struct ks_cursor shape;
    uint64_t code = ks_cursor_uleb(cursor);
    *out_entry = entry;
    if (code == 0 || cursor->failed) {
        return !cursor->failed;
    }
    if (!find_shape(unit, code, &entry.tag, &shape)) {
        return false;
    }
    for (;;) {
        uint64_t name = ks_cursor_uleb(&shape), form = ks_cursor_uleb(&shape);
        if (form == KS_FORM_IMPLICIT_CONST) {
            ks_cursor_sleb(&shape);
        }
        if ((name == 0 && form == 0) || shape.failed || cursor->failed) {
            break;
        }
        struct value value = read_value(unit, cursor, form);
        keep(unit, &entry, name, form, &value);
    }
    *out_entry = entry;
    return !shape.failed && !cursor->failed;
}

static const char *name_of(struct unit *unit, struct entry entry)
{
    for (unsigned i = 0; entry.name == NULL && entry.has_origin && i < ORIGINS_MOST; i++) {
        struct ks_cursor cursor = ks_cursor_from(&unit->bytes, entry.origin);
        if (!read_entry(unit, &cursor, &entry)) {
            return NULL;
        }
    }
    return entry.name;
}

// ---- units ----

static bool begin_unit(struct ks_dwarf *dwarf, struct ks_cursor *cursor, struct unit *out_unit)
{
    struct unit unit = {.dwarf = dwarf, .str_offsets_base = 8, .addr_base = 8};
    uint64_t type = UNIT_COMPILE;
    unit.bytes.bytes = cursor->at - 4; // its length
    unit.bytes.size = (size_t)(cursor->end - unit.bytes.bytes);
    unit.version = (unsigned)ks_cursor_number(cursor, 2);
    if (unit.version == 5) {
        type = ks_cursor_number(cursor, 1);
        unit.address_size = (unsigned)ks_cursor_number(cursor, 1);
    }
    unit.abbrev = ks_cursor_number(cursor, 4);
    if (unit.version < 5) {
        unit.address_size = (unsigned)ks_cursor_number(cursor, 1);
    }
    *out_unit = unit;
    return unit.version >= 2 && unit.version <= 5 && type == UNIT_COMPILE &&
           (unit.address_size == 4 || unit.address_size == 8) && !cursor->failed;
}

static bool holds(const struct entry *entry, uint64_t address)
{
    uint64_t high = entry->high_is_size ? entry->low + entry->high : entry->high;
    return entry->tag == TAG_SUBPROGRAM && entry->has_low && entry->has_high &&
           entry->low <= address && address < high;
}

void ks_dwarf_find_function(struct ks_dwarf *dwarf, uint64_t address, struct ks_source *source)
{
    struct ks_cursor cursor = ks_cursor_from(&dwarf->info, 0), entries;
    while (ks_dwarf_unit(&cursor, &entries)) {
        struct unit unit;
        struct entry entry;
        const char *file = NULL;
        if (!begin_unit(dwarf, &entries, &unit)) {
            continue;
        }
        while (entries.at < entries.end && ks_dwarf_step(dwarf) &&
               read_entry(&unit, &entries, &entry)) {
            file = entry.tag == TAG_COMPILE_UNIT ? ks_cursor_base_name(entry.name) : file;
            if (holds(&entry, address)) {
                source->function = name_of(&unit, entry);
                source->file = source->file == NULL && source->line > 0 ? file : source->file;
                return;
            }
        }
    }
}
