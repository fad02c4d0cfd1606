// SPDX-License-Identifier: MIT
#include "kernel/rtl/rtl_text.h"

#include <stddef.h>

static const struct {
    uint16_t first, last;
    uint8_t distance;
    int32_t difference;
} ranges[] = {
#define CASE_RANGE(first, last, distance, difference) {first, last, distance, difference},
#include "kernel/rtl/rtl_case.inc"
#undef CASE_RANGE
};

#define RANGE_COUNT (sizeof ranges / sizeof ranges[0])

// windows-1252 from 0x80 to 0x9F; the rest is Latin-1.
static const uint16_t ansi[32] = {
    0x20AC, 0x0081, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
    0x2039, 0x0152, 0x008D, 0x017D, 0x008F, 0x0090, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
    0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x009D, 0x017E, 0x0178,
};

// 437 from 0x80.
static const uint16_t oem[128] = {
    0x00C7, 0x00FC, 0x00E9, 0x00E2, 0x00E4, 0x00E0, 0x00E5, 0x00E7, 0x00EA, 0x00EB, 0x00E8, 0x00EF,
    0x00EE, 0x00EC, 0x00C4, 0x00C5, 0x00C9, 0x00E6, 0x00C6, 0x00F4, 0x00F6, 0x00F2, 0x00FB, 0x00F9,
    0x00FF, 0x00D6, 0x00DC, 0x00A2, 0x00A3, 0x00A5, 0x20A7, 0x0192, 0x00E1, 0x00ED, 0x00F3, 0x00FA,
    0x00F1, 0x00D1, 0x00AA, 0x00BA, 0x00BF, 0x2310, 0x00AC, 0x00BD, 0x00BC, 0x00A1, 0x00AB, 0x00BB,
    0x2591, 0x2592, 0x2593, 0x2502, 0x2524, 0x2561, 0x2562, 0x2556, 0x2555, 0x2563, 0x2551, 0x2557,
    0x255D, 0x255C, 0x255B, 0x2510, 0x2514, 0x2534, 0x252C, 0x251C, 0x2500, 0x253C, 0x255E, 0x255F,
    0x255A, 0x2554, 0x2569, 0x2566, 0x2560, 0x2550, 0x256C, 0x2567, 0x2568, 0x2564, 0x2565, 0x2559,
    0x2558, 0x2552, 0x2553, 0x256B, 0x256A, 0x2518, 0x250C, 0x2588, 0x2584, 0x258C, 0x2590, 0x2580,
    0x03B1, 0x00DF, 0x0393, 0x03C0, 0x03A3, 0x03C3, 0x00B5, 0x03C4, 0x03A6, 0x0398, 0x03A9, 0x03B4,
    0x221E, 0x03C6, 0x03B5, 0x2229, 0x2261, 0x00B1, 0x2265, 0x2264, 0x2320, 0x2321, 0x00F7, 0x2248,
    0x00B0, 0x2219, 0x00B7, 0x221A, 0x207F, 0x00B2, 0x25A0, 0x00A0,
};

uint16_t ks_rtl_upcase(uint16_t unit)
{
    if (unit < 0x80) {
        return unit >= 'a' && unit <= 'z' ? (uint16_t)(unit - 0x20) : unit;
    }
    size_t low = 0, high = RANGE_COUNT;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (unit > ranges[middle].last) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    if (low < RANGE_COUNT && unit >= ranges[low].first &&
        (unit - ranges[low].first) % ranges[low].distance == 0) {
        return (uint16_t)(unit + ranges[low].difference);
    }
    return unit;
}

// Of several lower-case letters of one upper case, the first.
uint16_t ks_rtl_downcase(uint16_t unit)
{
    if (unit < 0x80) {
        return unit >= 'A' && unit <= 'Z' ? (uint16_t)(unit + 0x20) : unit;
    }
    for (size_t i = 0; i < RANGE_COUNT; i++) {
        int32_t lower = unit - ranges[i].difference;
        if (lower >= ranges[i].first && lower <= ranges[i].last &&
            (lower - ranges[i].first) % ranges[i].distance == 0) {
            return (uint16_t)lower;
        }
    }
    return unit;
}

uint16_t ks_rtl_to_unicode(enum ks_code_page page, uint8_t byte)
{
    if (byte < 0x80) {
        return byte;
    }
    if (page == KS_CODE_PAGE_OEM) {
        return oem[byte - 0x80];
    }
    return byte < 0xA0 ? ansi[byte - 0x80] : byte;
}

uint8_t ks_rtl_from_unicode(enum ks_code_page page, uint16_t unit)
{
    if (unit < 0x80) {
        return (uint8_t)unit;
    }
    for (unsigned byte = 0x80; byte < 0x100; byte++) {
        if (ks_rtl_to_unicode(page, (uint8_t)byte) == unit) {
            return (uint8_t)byte;
        }
    }
    return '?';
}
