// SPDX-License-Identifier: MIT
// Feeds any bytes to the readers of debug information that an image carries: whatever the image
// says lies in its bytes. They also stand for the PDB that it wants, which an image never is.
#include "symbols/symbols.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct input {
    const uint8_t *data;
    size_t size;
};

static bool read_copy(void *user, const char *name, unsigned number, uint8_t **out_bytes,
                      size_t *out_size)
{
    const struct input *input = user;
    *out_bytes = name[0] != '\0' && number == 0 ? malloc(input->size + 1) : NULL;
    if (*out_bytes != NULL) {
        memcpy(*out_bytes, input->data, input->size);
        *out_size = input->size;
    }
    return *out_bytes != NULL;
}

static void check(const struct input *input, const char *text)
{
    const uint8_t *at = (const uint8_t *)text, *end = input->data + input->size;
    if (text != NULL &&
        (at < input->data || at >= end || memchr(at, 0, (size_t)(end - at)) == NULL)) {
        abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input input = {data, size};
    struct ks_symbols *symbols = ks_symbols_open(data, size, "x.sys", read_copy, &input);
    for (uint32_t rva = 0x1000; symbols != NULL && rva < 0x10a0; rva += 0x20) {
        struct ks_source source;
        if (ks_symbols_find(symbols, rva, &source)) {
            check(&input, source.function);
            check(&input, source.file);
        }
    }
    ks_symbols_close(symbols);
    return 0;
}
