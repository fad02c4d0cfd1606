// SPDX-License-Identifier: MIT
#include "kernel/nt_text.h"

#include "kernel/nt.h"
#include "world/world_object.h"

#include <kldr/ddk/ntdef.h>

#include <string.h>

#define LONGEST      32766u // units of a string that leaves room for its end
#define HIGH_FIRST   0xD800u
#define LOW_FIRST    0xDC00u
#define LOW_LAST     0xDFFFu
#define SUPPLEMENTAL 0x10000u

// ---- UTF-8 ----

// The next code point of a text that is not at its end; what is malformed counts byte by byte.
static uint32_t next_point(const char **text)
{
    const uint8_t *at = (const uint8_t *)*text;
    unsigned more = at[0] >= 0xF0 ? 3 : at[0] >= 0xE0 ? 2 : at[0] >= 0xC0 ? 1 : 0;
    uint32_t point = more == 0 ? at[0] : at[0] & (0x3Fu >> more);
    for (unsigned i = 1; i <= more; i++) {
        if ((at[i] & 0xC0) != 0x80) {
            *text += 1;
            return at[0];
        }
        point = point << 6 | (at[i] & 0x3F);
    }
    *text += more + 1;
    return point;
}

static size_t put_point(char *to, uint32_t point)
{
    if (point != 0 && point < 0x80) {
        to[0] = (char)point;
        return 1;
    }
    unsigned more = point < 0x800 ? 1 : point < SUPPLEMENTAL ? 2 : 3;
    static const uint8_t lead[] = {0, 0xC0, 0xE0, 0xF0};
    to[0] = (char)(lead[more] | point >> (6 * more));
    for (unsigned i = 1; i <= more; i++) {
        to[i] = (char)(0x80 | (point >> (6 * (more - i)) & 0x3F));
    }
    return more + 1;
}

// ---- UTF-16 ----

size_t ks_nt_text_units(const char *text)
{
    size_t units = 0;
    while (*text != '\0') {
        units += next_point(&text) >= SUPPLEMENTAL ? 2 : 1;
    }
    return units;
}

size_t ks_nt_text_put(const char *text, uint64_t address, size_t limit)
{
    size_t units = 0;
    while (*text != '\0') {
        uint32_t point = next_point(&text);
        bool pair = point >= SUPPLEMENTAL;
        if (limit - units < (pair ? 2u : 1u)) {
            break;
        }
        if (pair) {
            point -= SUPPLEMENTAL;
            ks_guest_put_u16(address + 2 * units++, (uint16_t)(HIGH_FIRST + (point >> 10)));
            point = LOW_FIRST + (point & 0x3FF);
        }
        ks_guest_put_u16(address + 2 * units++, (uint16_t)point);
    }
    return units;
}

// Reads one code point of units at *at, of which there are left.
static uint32_t read_point(uint64_t *at, size_t *left)
{
    uint32_t unit = ks_guest_u16(*at);
    uint32_t next = unit >= HIGH_FIRST && unit<LOW_FIRST && * left> 1 ? ks_guest_u16(*at + 2) : 0;
    bool pair = next >= LOW_FIRST && next <= LOW_LAST;
    *at += pair ? 4 : 2;
    *left -= pair ? 2 : 1;
    return pair ? SUPPLEMENTAL + ((unit - HIGH_FIRST) << 10) + (next - LOW_FIRST) : unit;
}

char *ks_nt_text_of_units(struct kldr_world *world, uint64_t address, size_t units)
{
    char bytes[4];
    size_t size = 1, length = 0, left = units;
    for (uint64_t at = address; left > 0;) {
        size += put_point(bytes, read_point(&at, &left));
    }
    char *text = world->allocator.allocate(world->allocator.user, size);
    left = text != NULL ? units : 0;
    for (uint64_t at = address; left > 0;) {
        length += put_point(text + length, read_point(&at, &left));
    }
    if (text != NULL) {
        text[length] = '\0';
    }
    return text;
}

char *ks_nt_text_of_string(struct kldr_world *world, uint64_t unicode_string)
{
    const UNICODE_STRING *string = ks_guest_pointer(unicode_string);
    return ks_nt_text_of_units(world, (uint64_t)(uintptr_t)string->Buffer, string->Length / 2u);
}

char *ks_nt_text_copy(struct kldr_world *world, const char *text)
{
    size_t size = strlen(text) + 1;
    char *copy = world->allocator.allocate(world->allocator.user, size);
    return copy != NULL ? memcpy(copy, text, size) : NULL;
}

void ks_nt_text_free(struct kldr_world *world, char *text)
{
    world->allocator.release(world->allocator.user, text);
}

uint64_t ks_nt_text_make_string(struct kldr_world *world, const char *text, uint32_t tag)
{
    size_t units = ks_nt_text_units(text);
    uint64_t address =
        units <= LONGEST ? ks_nt_take(world, sizeof(UNICODE_STRING) + 2 * (units + 1), tag) : 0;
    if (address != 0) {
        UNICODE_STRING *string = ks_guest_pointer(address);
        string->Length = (USHORT)(2 * units);
        string->MaximumLength = (USHORT)(2 * units + 2);
        string->Buffer = (WCHAR *)(string + 1);
        ks_nt_text_put(text, address + sizeof *string, units);
    }
    return address;
}

// ---- comparing ----

// The upper case of the Latin, Greek and Cyrillic letters that have one next to them in a simple
// pattern.
static uint32_t fold_point(uint32_t point)
{
    if ((point >= 'a' && point <= 'z') || (point >= 0xE0 && point <= 0xFE && point != 0xF7) ||
        (point >= 0x3B1 && point <= 0x3C9 && point != 0x3C2) ||
        (point >= 0x430 && point <= 0x44F)) {
        return point - 0x20;
    }
    if (point >= 0x450 && point <= 0x45F) {
        return point - 0x50;
    }
    bool even_upper =
        (point >= 0x100 && point <= 0x137 && point != 0x131) || (point >= 0x14A && point <= 0x177);
    return even_upper ? point & ~UINT32_C(1) : point;
}

bool ks_nt_text_same_part(const char *a, const char *b, size_t length, bool fold)
{
    const char *end = b + length;
    if (!fold) {
        return strncmp(a, b, length) == 0 && a[length] == '\0';
    }
    while (*a != '\0' && b < end) {
        if (fold_point(next_point(&a)) != fold_point(next_point(&b))) {
            return false;
        }
    }
    return *a == '\0' && b == end;
}

bool ks_nt_text_same(const char *a, const char *b, bool fold)
{
    return ks_nt_text_same_part(a, b, strlen(b), fold);
}

uint32_t ks_nt_text_hash(const char *text, size_t length)
{
    uint32_t hash = 2166136261u;
    for (const char *end = text + length; text < end;) {
        hash = (hash ^ fold_point(next_point(&text))) * 16777619u;
    }
    return hash;
}
