// SPDX-License-Identifier: MIT
// Heapsort by name: in place, no worst case, and nothing at all to do for the usual sorted input.
#include "image_builder/build_plan.h"

#include <string.h>

static bool before(const struct ks_build_symbol *symbols, uint32_t a, uint32_t b)
{
    return strcmp(symbols[a].text, symbols[b].text) < 0;
}

static void sift_down(uint32_t *order, uint32_t at, uint32_t count,
                      const struct ks_build_symbol *symbols)
{
    const uint32_t moving = order[at];
    for (;;) {
        uint32_t child = 2 * at + 1;
        if (child >= count) {
            break;
        }
        if (child + 1 < count && before(symbols, order[child], order[child + 1])) {
            child++;
        }
        if (!before(symbols, moving, order[child])) {
            break;
        }
        order[at] = order[child];
        at = child;
    }
    order[at] = moving;
}

void ks_build_sort_by_name(uint32_t *order, uint32_t count, const struct ks_build_symbol *symbols)
{
    bool sorted = true;
    for (uint32_t i = 1; i < count && sorted; i++) {
        sorted = !before(symbols, order[i], order[i - 1]);
    }
    if (sorted) {
        return;
    }
    for (uint32_t i = count / 2; i > 0; i--) {
        sift_down(order, i - 1, count, symbols);
    }
    for (uint32_t end = count - 1; end > 0; end--) {
        const uint32_t largest = order[0];
        order[0] = order[end];
        order[end] = largest;
        sift_down(order, 0, end, symbols);
    }
}
