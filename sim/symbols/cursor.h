// SPDX-License-Identifier: MIT
// A cursor over hostile bytes that stops at the end of what it may read.
#ifndef KS_SYMBOLS_CURSOR_H
#define KS_SYMBOLS_CURSOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// After a read that goes too far everything reads as 0 and failed stays set.
struct ks_cursor {
    const uint8_t *at, *end;
    bool failed;
};

struct ks_cursor_part {
    const uint8_t *bytes; // NULL: there are none
    size_t size;
};

struct ks_cursor ks_cursor_from(const struct ks_cursor_part *part, uint64_t offset);
// A cursor over the next size bytes alone; the other goes behind them.
struct ks_cursor ks_cursor_take(struct ks_cursor *cursor, uint64_t size);
// Whether that many bytes are left; sets failed when they are not.
bool ks_cursor_has(struct ks_cursor *cursor, uint64_t size);
uint64_t ks_cursor_number(struct ks_cursor *cursor, unsigned size); // 1 to 8 bytes
uint64_t ks_cursor_uleb(struct ks_cursor *cursor);
int64_t ks_cursor_sleb(struct ks_cursor *cursor);
void ks_cursor_skip(struct ks_cursor *cursor, uint64_t size);
const char *ks_cursor_string(struct ks_cursor *cursor); // "" when it does not end
// The string at an offset of a part; NULL when there is none.
const char *ks_cursor_string_at(const struct ks_cursor_part *part, uint64_t offset);
// What follows the last separator of a path; NULL for NULL and for an empty name.
const char *ks_cursor_base_name(const char *path);

#endif
