// SPDX-License-Identifier: MIT
// Feeds any bytes to the reader of PDBs.
#include "symbols/pdb.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

// The text has to end, and a line has a file.
static void check(const struct ks_source *source)
{
    size_t length = source->function != NULL ? strlen(source->function) : 0;
    length += source->file != NULL ? strlen(source->file) : 0;
    if (length > UINT32_MAX || (source->line != 0) != (source->file != NULL) ||
        (source->function == NULL && source->line == 0)) {
        abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ks_pdb *pdb;
    if (ks_pdb_open(data, size, &pdb) != KS_MSF_READ) {
        return 0;
    }
    for (uint32_t offset = 0; offset < 0x60; offset += 0x10) {
        struct ks_source source;
        if (ks_pdb_find(pdb, 1, offset, &source)) {
            check(&source);
        }
    }
    ks_pdb_close(pdb);
    return 0;
}
