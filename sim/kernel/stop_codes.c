// SPDX-License-Identifier: MIT
// Stop codes by number and by name.

#include <kldr/world.h>

#include <string.h>

static const struct kldr_stop_code_info codes[] = {
#define STOP_CODE(value, name, text) {value, #name, text},
#include "kernel/stop_codes.inc"
#undef STOP_CODE
};

#define CODE_COUNT (sizeof codes / sizeof codes[0])

bool kldr_stop_code_find(uint32_t code, struct kldr_stop_code_info *out_info)
{
    size_t low = 0, high = CODE_COUNT;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (codes[middle].code == code) {
            *out_info = codes[middle];
            return true;
        }
        if (codes[middle].code < code) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return false;
}

bool kldr_stop_code_find_name(const char *name, struct kldr_stop_code_info *out_info)
{
    for (size_t i = 0; i < CODE_COUNT; i++) {
        if (strcmp(codes[i].name, name) == 0) {
            *out_info = codes[i];
            return true;
        }
    }
    return false;
}
