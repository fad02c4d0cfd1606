// SPDX-License-Identifier: MIT
// Stacks of threads in guest memory, with pages around each that nobody may touch. The one of the
// first thread is there from the beginning; the others are inaccessible again when they are given
// back, and are taken again as late as possible.

#include "engine/native.h"

#include "world/world_object.h"

#define DISTANCE UINT64_C(0x20000) // of one stack from the next
#define GUARD    UINT64_C(0x10000) // below each

static uint64_t first_of(const struct ks_native *native, uint32_t number)
{
    return native->guest.base + KS_GUEST_STACK + number * DISTANCE + GUARD;
}

bool ks_native_stack_take(struct ks_native *native, uint64_t *out_first, uint64_t *out_end)
{
    for (uint32_t tried = 0; tried < KS_NATIVE_STACKS; tried++) {
        uint32_t number = native->next_stack;
        native->next_stack = (number + 1) % KS_NATIVE_STACKS;
        if (number == 0 || native->stack_taken[number]) {
            continue; // number 0 is the first thread's
        }
        uint64_t first = first_of(native, number);
        if (!ks_guest_protect(&native->guest, first, KS_GUEST_STACK_SIZE, KS_RIGHTS_WRITE)) {
            return false;
        }
        native->stack_taken[number] = true;
        *out_first = first;
        *out_end = first + KS_GUEST_STACK_SIZE;
        return true;
    }
    return false;
}

void ks_native_stack_give(struct ks_native *native, uint64_t first)
{
    uint64_t number = (first - native->guest.base - KS_GUEST_STACK) / DISTANCE;
    ks_guest_discard(&native->guest, first, KS_GUEST_STACK_SIZE);
    native->stack_taken[number] = false;
}
