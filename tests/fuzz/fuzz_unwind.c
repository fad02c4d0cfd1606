// SPDX-License-Identifier: MIT
// Fuzz target: unwind data and stacks of any content, walked over. The input is an image's memory
// from its function table on, followed by what a stack holds.
#include "engine/unwind.h"

#include <stdlib.h>
#include <string.h>

#define IMAGE      UINT64_C(0x10000)
#define STACK_SIZE 256u
#define STEPS      64u

struct input {
    const uint8_t *bytes;
    size_t size;
};

static bool read(void *user, uint64_t address, void *to, size_t size)
{
    const struct input *input = user;
    uint64_t offset = address - IMAGE;
    if (offset > input->size || size > input->size - offset) {
        return false;
    }
    memcpy(to, input->bytes + offset, size);
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input input = {data, size};
    const struct ks_unwind_memory memory = {&input, read};
    if (size < STACK_SIZE + 8) {
        return 0;
    }
    const struct ks_unwind_image image = {IMAGE, IMAGE + 4, data[0] & 15u};
    struct ks_registers registers = {.rip = IMAGE + data[1]};
    for (unsigned i = 0; i < KS_REGISTER_COUNT; i++) {
        registers.general[i] = IMAGE + size - STACK_SIZE + 8u * i;
    }
    for (unsigned i = 0; i < STEPS; i++) {
        struct ks_unwind_function function;
        struct ks_unwind_frame frame;
        bool known = ks_unwind_find(&memory, &image, registers.rip, &function);
        uint64_t before = registers.general[KS_RSP];
        if (!ks_unwind_step(&memory, &image, known ? &function : NULL, data[2] & 3u, &registers,
                            &frame) ||
            registers.general[KS_RSP] <= before) {
            return 0;
        }
        if (frame.handler != 0 && frame.handler_data == 0) {
            abort();
        }
    }
    return 0;
}
