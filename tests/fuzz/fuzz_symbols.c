// SPDX-License-Identifier: MIT
// Feeds any bytes to the reader of debug information: whatever it says lies in the bytes.
#include "symbols/symbols.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const uint8_t *data, size_t size, const char *text)
{
    const uint8_t *at = (const uint8_t *)text;
    if (text != NULL &&
        (at < data || at >= data + size || memchr(at, 0, (size_t)(data + size - at)) == NULL)) {
        abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    for (uint32_t rva = 0x1000; rva < 0x10a0; rva += 0x20) {
        struct ks_source source;
        if (ks_symbols_find(data, size, rva, &source)) {
            check(data, size, source.function);
            check(data, size, source.file);
        }
    }
    return 0;
}
