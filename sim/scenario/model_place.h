// SPDX-License-Identifier: MIT
// Where a value of a scenario stands in its file.
#ifndef KS_SCENARIO_MODEL_PLACE_H
#define KS_SCENARIO_MODEL_PLACE_H

#include <stddef.h>
#include <stdint.h>

// begin and end are byte offsets into the file; end is the end of its last child.
struct ks_place {
    uint32_t line;   // from 1
    uint32_t column; // from 1, in bytes
    size_t begin, end;
};

// A text with its place; text NULL means not given.
struct ks_text {
    const char *text;
    struct ks_place place;
};

#endif
