// SPDX-License-Identifier: MIT
#include "symbols/dwarf.h"

#include <string.h>

#define UNIT_64BIT 0xffffffffu // what a 64-bit unit begins with; nobody writes one for PE

bool ks_dwarf_unit(struct ks_cursor *cursor, struct ks_cursor *out_unit)
{
    uint64_t length = ks_cursor_number(cursor, 4);
    if (cursor->failed || length == UNIT_64BIT || !ks_cursor_has(cursor, length)) {
        return false;
    }
    *out_unit = (struct ks_cursor){cursor->at, cursor->at + length, false};
    cursor->at += length;
    return true;
}

bool ks_dwarf_step(struct ks_dwarf *dwarf)
{
    dwarf->work -= dwarf->work > 0;
    return dwarf->work > 0;
}

// ---- the file ----

#define SECTION_HEADER 40u
#define SYMBOL         18u

// A section's name may be "/123": an offset into the string table behind the symbols.
static const char *section_name(const struct ks_cursor_part *file, uint64_t strings,
                                const uint8_t header[SECTION_HEADER], char name[9])
{
    uint64_t offset = 0;
    memcpy(name, header, 8);
    name[8] = '\0';
    if (name[0] != '/' || strings == 0) {
        return name;
    }
    for (const char *digit = name + 1; *digit >= '0' && *digit <= '9'; digit++) {
        offset = offset * 10 + (uint64_t)(*digit - '0');
    }
    const char *found = ks_cursor_string_at(file, strings + offset);
    return found != NULL ? found : name;
}

static void take_section(struct ks_dwarf *dwarf, const char *name,
                         const struct ks_cursor_part *part)
{
    struct {
        const char *name;
        struct ks_cursor_part *part;
    } parts[] = {
        {".debug_info", &dwarf->info},         {".debug_abbrev", &dwarf->abbrev},
        {".debug_line", &dwarf->line},         {".debug_str", &dwarf->str},
        {".debug_line_str", &dwarf->line_str}, {".debug_str_offsets", &dwarf->str_offsets},
        {".debug_addr", &dwarf->addr},
    };
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        if (strcmp(parts[i].name, name) == 0) {
            *parts[i].part = *part;
        }
    }
}

static void read_section(struct ks_dwarf *dwarf, const struct ks_cursor_part *file,
                         uint64_t strings, const uint8_t header[SECTION_HEADER])
{
    char name[9];
    struct ks_cursor cursor = {header + 8, header + SECTION_HEADER, false};
    uint64_t virtual_size = ks_cursor_number(&cursor, 4);
    ks_cursor_skip(&cursor, 4);
    uint64_t size = ks_cursor_number(&cursor, 4), offset = ks_cursor_number(&cursor, 4);
    size = virtual_size != 0 && virtual_size < size ? virtual_size : size;
    if (offset <= file->size && size <= file->size - offset) {
        struct ks_cursor_part part = {file->bytes + offset, (size_t)size};
        take_section(dwarf, section_name(file, strings, header, name), &part);
    }
}

bool ks_dwarf_open(const uint8_t *bytes, size_t size, struct ks_dwarf *out_dwarf)
{
    const struct ks_cursor_part file = {bytes, size};
    struct ks_dwarf dwarf = {.work = KS_DWARF_WORK};
    struct ks_cursor cursor = ks_cursor_from(&file, 0x3c);
    cursor = ks_cursor_from(&file, ks_cursor_number(&cursor, 4));
    if (ks_cursor_number(&cursor, 4) != 0x00004550) { // PE
        return false;
    }
    ks_cursor_skip(&cursor, 2);
    uint64_t sections = ks_cursor_number(&cursor, 2);
    ks_cursor_skip(&cursor, 4);
    uint64_t symbols = ks_cursor_number(&cursor, 4), symbol_count = ks_cursor_number(&cursor, 4);
    uint64_t optional_size = ks_cursor_number(&cursor, 2);
    ks_cursor_skip(&cursor, 2);
    struct ks_cursor optional = cursor;
    bool wide = ks_cursor_number(&optional, 2) == 0x20b;
    ks_cursor_skip(&optional, wide ? 22 : 26);
    dwarf.image_base = ks_cursor_number(&optional, wide ? 8 : 4);
    ks_cursor_skip(&cursor, optional_size);
    for (uint64_t i = 0; i < sections && ks_cursor_has(&cursor, SECTION_HEADER); i++) {
        read_section(&dwarf, &file, symbols != 0 ? symbols + symbol_count * SYMBOL : 0, cursor.at);
        cursor.at += SECTION_HEADER;
    }
    *out_dwarf = dwarf;
    return dwarf.line.bytes != NULL;
}

bool ks_dwarf_find(const uint8_t *bytes, size_t size, uint32_t rva, struct ks_source *out_source)
{
    struct ks_dwarf dwarf;
    struct ks_source source = {.function = NULL};
    if (!ks_dwarf_open(bytes, size, &dwarf)) {
        return false;
    }
    ks_dwarf_find_line(&dwarf, dwarf.image_base + rva, &source);
    dwarf.work = KS_DWARF_WORK;
    ks_dwarf_find_function(&dwarf, dwarf.image_base + rva, &source);
    *out_source = source;
    return source.line != 0 || source.function != NULL;
}
