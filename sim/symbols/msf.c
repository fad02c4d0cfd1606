// SPDX-License-Identifier: MIT
#include "symbols/msf.h"

#include <stdlib.h>
#include <string.h>

#define BLOCK_SIZE_MOST 65536u
#define ABSENT          0xffffffffu // the size of a stream that is not there

static const char magic[32] = "Microsoft C/C++ MSF 7.00\r\n\x1a"
                              "DS\0\0";

static uint64_t blocks_of(const struct ks_msf *msf, uint32_t size)
{
    return ((uint64_t)size + msf->block_size - 1) / msf->block_size;
}

// Gathers size bytes from the blocks whose numbers are next.
static enum ks_msf_read gather(const struct ks_msf *msf, struct ks_cursor *numbers, uint32_t size,
                               struct ks_cursor_part *out_part)
{
    if (size > msf->file.size) {
        return KS_MSF_MALFORMED;
    }
    uint8_t *copy = malloc((size_t)size + 1);
    if (copy == NULL) {
        return KS_MSF_NO_MEMORY;
    }
    for (uint32_t done = 0; done < size;) {
        uint32_t piece = size - done < msf->block_size ? size - done : msf->block_size;
        uint64_t number = ks_cursor_number(numbers, 4);
        struct ks_cursor block = ks_cursor_from(&msf->file, number * msf->block_size);
        if (numbers->failed || !ks_cursor_has(&block, piece)) {
            free(copy);
            return KS_MSF_MALFORMED;
        }
        memcpy(copy + done, block.at, piece);
        done += piece;
    }
    *out_part = (struct ks_cursor_part){copy, size};
    return KS_MSF_READ;
}

enum ks_msf_read ks_msf_open(const uint8_t *bytes, size_t size, struct ks_msf *out_msf)
{
    struct ks_msf msf = {.file = {bytes, size}};
    struct ks_cursor header = ks_cursor_from(&msf.file, sizeof magic);
    if (size < sizeof magic || memcmp(bytes, magic, sizeof magic) != 0) {
        return KS_MSF_MALFORMED;
    }
    msf.block_size = (uint32_t)ks_cursor_number(&header, 4);
    ks_cursor_skip(&header, 8); // which free block map is in use, number of blocks
    uint32_t directory_size = (uint32_t)ks_cursor_number(&header, 4);
    ks_cursor_skip(&header, 4);
    uint64_t map = ks_cursor_number(&header, 4);
    if (header.failed || msf.block_size == 0 || msf.block_size > BLOCK_SIZE_MOST) {
        return KS_MSF_MALFORMED;
    }
    struct ks_cursor numbers = ks_cursor_from(&msf.file, map * msf.block_size);
    enum ks_msf_read read = gather(&msf, &numbers, directory_size, &msf.directory);
    *out_msf = msf;
    return read;
}

void ks_msf_close(struct ks_msf *msf)
{
    ks_msf_free_part(&msf->directory);
}

enum ks_msf_read ks_msf_stream(const struct ks_msf *msf, uint32_t number,
                               struct ks_cursor_part *out_stream)
{
    struct ks_cursor sizes = ks_cursor_from(&msf->directory, 0);
    uint64_t count = ks_cursor_number(&sizes, 4), before = 0;
    if (number >= count || !ks_cursor_has(&sizes, count * 4)) {
        return KS_MSF_MALFORMED;
    }
    for (uint32_t i = 0; i < number; i++) {
        uint32_t size = (uint32_t)ks_cursor_number(&sizes, 4);
        before += size != ABSENT ? blocks_of(msf, size) : 0;
    }
    uint32_t size = (uint32_t)ks_cursor_number(&sizes, 4);
    struct ks_cursor numbers = ks_cursor_from(&msf->directory, 4 + (count + before) * 4);
    return size != ABSENT ? gather(msf, &numbers, size, out_stream) : KS_MSF_MALFORMED;
}

void ks_msf_free_part(struct ks_cursor_part *part)
{
    free((void *)(uintptr_t)part->bytes);
    *part = (struct ks_cursor_part){NULL, 0};
}
