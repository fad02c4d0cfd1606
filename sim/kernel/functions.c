// SPDX-License-Identifier: MIT
#include "kernel/functions.h"

#include <string.h>

static const struct ks_kernel_function functions[] = {
#define KS_FUNCTION(name, function, arguments, status, source)                                     \
    {#name, function, arguments, KS_FUNCTION_##status, #source},
#include "kernel/functions.inc"
#undef KS_FUNCTION
};

#define FUNCTION_COUNT (sizeof functions / sizeof functions[0])

static const struct {
    const char *name;
    uint64_t value;
} variables[] = {
    {"InitSafeBootMode", 0},
    {"KdDebuggerEnabled", 0},
    {"KdDebuggerNotPresent", 1},
    {"KeNumberProcessors", 1},
    {"NtBuildNumber", 0xF0000000u + 19041},
};

const struct ks_kernel_function *ks_function_at(size_t index)
{
    return index < FUNCTION_COUNT ? &functions[index] : NULL;
}

const struct ks_kernel_function *ks_function_find(const char *name, size_t *out_index)
{
    size_t low = 0, high = FUNCTION_COUNT;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(name, functions[middle].name);
        if (order == 0) {
            if (out_index != NULL) {
                *out_index = middle;
            }
            return &functions[middle];
        }
        if (order < 0) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return NULL;
}

bool ks_function_variable(const char *name, uint64_t *out_value)
{
    for (size_t i = 0; i < sizeof variables / sizeof variables[0]; i++) {
        if (strcmp(variables[i].name, name) == 0) {
            *out_value = variables[i].value;
            return true;
        }
    }
    return false;
}

uint64_t ks_guest_number(uint64_t address, unsigned size)
{
    const volatile uint8_t *at = ks_guest_pointer(address);
    uint64_t value = 0;
    for (unsigned i = 0; i < size; i++) {
        value |= (uint64_t)at[i] << (8 * i);
    }
    return value;
}

void ks_guest_put_number(uint64_t address, unsigned size, uint64_t value)
{
    volatile uint8_t *at = ks_guest_pointer(address);
    for (unsigned i = 0; i < size; i++) {
        at[i] = (uint8_t)(value >> (8 * i));
    }
}
