// SPDX-License-Identifier: MIT
// A main for a fuzz target where there is no libFuzzer:
//
//     fuzz_image LIST COPIES
//
// LIST names a file with one path a line. Each file is fed to the target as it is, then COPIES
// times broken in a few places. The breaking is pseudo-random with a fixed start, so that a failure
// can be repeated; the input under way is announced before it is run.
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MAX_INPUT = 1 << 20, MAX_LINE = 4096, MAX_BREAKS = 8 };

struct input {
    uint8_t *bytes;
    size_t size;
};

// xorshift64: any sequence will do that is the same everywhere.
static uint64_t next_random(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

static int read_input(const char *path, struct input *out_input)
{
    FILE *file = fopen(path, "rb");
    uint8_t *bytes;

    if (file == NULL) {
        fprintf(stderr, "%s: %s\n", path, strerror(errno));
        return 0;
    }
    bytes = malloc(MAX_INPUT);
    if (bytes != NULL) {
        out_input->size = fread(bytes, 1, MAX_INPUT, file);
        out_input->bytes = bytes;
    }
    fclose(file);
    return bytes != NULL;
}

// The copy has exactly its size, so that a sanitizer sees a read past its end.
static int run_exact(const uint8_t *bytes, size_t size)
{
    uint8_t *copy = malloc(size > 0 ? size : 1);

    if (copy == NULL) {
        return 0;
    }
    memcpy(copy, bytes, size);
    (void)LLVMFuzzerTestOneInput(copy, size);
    free(copy);
    return 1;
}

// Overwrites a few bytes with values that lengths and offsets go wrong on, and sometimes cuts the
// end.
static size_t break_bytes(uint8_t *bytes, size_t size, uint64_t *random)
{
    static const uint8_t values[] = {0x00, 0x01, 0x7f, 0x80, 0xff, '"', ':', '\n'};
    uint64_t breaks = 1 + next_random(random) % MAX_BREAKS;

    if (size == 0) {
        return 0;
    }
    while (breaks-- > 0) {
        size_t at = (size_t)(next_random(random) % size);
        bytes[at] = values[next_random(random) % sizeof values];
    }
    if (next_random(random) % 4 == 0) {
        size = (size_t)(next_random(random) % size);
    }
    return size;
}

static int run_file(const char *path, unsigned long copies)
{
    struct input input;
    uint64_t random = UINT64_C(0x9e3779b97f4a7c15);
    uint8_t *broken;
    int done;

    if (!read_input(path, &input)) {
        return 0;
    }
    printf("%s\n", path);
    fflush(stdout);
    broken = malloc(input.size > 0 ? input.size : 1);
    done = broken != NULL && run_exact(input.bytes, input.size);
    while (done && copies-- > 0) {
        memcpy(broken, input.bytes, input.size);
        done = run_exact(broken, break_bytes(broken, input.size, &random));
    }
    free(broken);
    free(input.bytes);
    return done;
}

int main(int argc, char **argv)
{
    char path[MAX_LINE];
    unsigned long files = 0;
    int good = 1;
    FILE *list = argc == 3 ? fopen(argv[1], "r") : NULL;

    if (list == NULL) {
        fprintf(stderr, "usage: %s LIST COPIES\n", argv[0]);
        return 2;
    }
    // Nothing at all is an input too.
    good = run_exact((const uint8_t *)"", 0);
    while (good && fgets(path, sizeof path, list) != NULL) {
        path[strcspn(path, "\r\n")] = '\0';
        if (path[0] != '\0') {
            good = run_file(path, strtoul(argv[2], NULL, 10));
            files++;
        }
    }
    fclose(list);
    printf("%lu files\n", files);
    return good && files > 0 ? 0 : 1;
}
