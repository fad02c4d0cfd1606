// SPDX-License-Identifier: MIT
// Rtl: bit maps. Bit 0 is the lowest bit of the first ULONG.

#include "kernel/nt.h"

#include <kldr/ddk/wdm.h>

#define NOT_FOUND UINT32_C(0xFFFFFFFF)

static bool bit(const RTL_BITMAP *map, uint32_t index)
{
    return (map->Buffer[index / 32] >> (index % 32) & 1) != 0;
}

static void put(RTL_BITMAP *map, uint32_t index, bool set)
{
    ULONG mask = (ULONG)1 << (index % 32);
    map->Buffer[index / 32] =
        set ? map->Buffer[index / 32] | mask : map->Buffer[index / 32] & ~mask;
}

static void put_run(RTL_BITMAP *map, uint32_t first, uint32_t count, bool set)
{
    for (uint32_t i = first; i < map->SizeOfBitMap && i - first < count; i++) {
        put(map, i, set);
    }
}

// How many bits from first on have the value, at most count.
static uint32_t run_length(const RTL_BITMAP *map, uint32_t first, uint32_t count, bool set)
{
    uint32_t length = 0;
    while (length < count && first + length < map->SizeOfBitMap &&
           bit(map, first + length) == set) {
        length++;
    }
    return length;
}

static uint32_t find_between(const RTL_BITMAP *map, uint32_t from, uint32_t to, uint32_t count,
                             bool set)
{
    for (uint32_t i = from; i < to && count <= map->SizeOfBitMap - i;) {
        uint32_t length = run_length(map, i, count, set);
        if (length >= count) {
            return i;
        }
        i += length + 1;
    }
    return NOT_FOUND;
}

// From the hint on, then from the beginning.
static uint32_t find(const RTL_BITMAP *map, uint32_t count, uint32_t hint, bool set)
{
    hint = hint < map->SizeOfBitMap ? hint : 0;
    if (count == 0) {
        return hint & ~7u;
    }
    uint32_t found = find_between(map, hint, map->SizeOfBitMap, count, set);
    return found == NOT_FOUND && hint != 0 ? find_between(map, 0, map->SizeOfBitMap, count, set)
                                           : found;
}

static RTL_BITMAP *map_of(const struct ks_kernel_call *call)
{
    return ks_guest_pointer(call->arguments[0]);
}

uint64_t ks_rtl_initialize_bit_map(const struct ks_kernel_call *call)
{
    RTL_BITMAP *map = map_of(call);
    map->SizeOfBitMap = (ULONG)call->arguments[2];
    map->Buffer = ks_guest_pointer(call->arguments[1]);
    return 0;
}

// Whole ULONGs, also behind the last bit.
static uint64_t fill(const struct ks_kernel_call *call, ULONG value)
{
    RTL_BITMAP *map = map_of(call);
    for (uint32_t i = 0; i < map->SizeOfBitMap / 32 + (map->SizeOfBitMap % 32 != 0); i++) {
        map->Buffer[i] = value;
    }
    return 0;
}

uint64_t ks_rtl_clear_all_bits(const struct ks_kernel_call *call)
{
    return fill(call, 0);
}

uint64_t ks_rtl_set_all_bits(const struct ks_kernel_call *call)
{
    return fill(call, (ULONG)0xFFFFFFFF);
}

uint64_t ks_rtl_set_bits(const struct ks_kernel_call *call)
{
    put_run(map_of(call), (uint32_t)call->arguments[1], (uint32_t)call->arguments[2], true);
    return 0;
}

uint64_t ks_rtl_clear_bits(const struct ks_kernel_call *call)
{
    put_run(map_of(call), (uint32_t)call->arguments[1], (uint32_t)call->arguments[2], false);
    return 0;
}

uint64_t ks_rtl_set_bit(const struct ks_kernel_call *call)
{
    put(map_of(call), (uint32_t)call->arguments[1], true);
    return 0;
}

uint64_t ks_rtl_clear_bit(const struct ks_kernel_call *call)
{
    put(map_of(call), (uint32_t)call->arguments[1], false);
    return 0;
}

uint64_t ks_rtl_test_bit(const struct ks_kernel_call *call)
{
    return bit(map_of(call), (uint32_t)call->arguments[1]);
}

uint64_t ks_rtl_find_clear_bits(const struct ks_kernel_call *call)
{
    return find(map_of(call), (uint32_t)call->arguments[1], (uint32_t)call->arguments[2], false);
}

uint64_t ks_rtl_find_set_bits(const struct ks_kernel_call *call)
{
    return find(map_of(call), (uint32_t)call->arguments[1], (uint32_t)call->arguments[2], true);
}

static uint64_t find_and_put(const struct ks_kernel_call *call, bool set)
{
    RTL_BITMAP *map = map_of(call);
    uint32_t count = (uint32_t)call->arguments[1];
    uint32_t found = find(map, count, (uint32_t)call->arguments[2], !set);
    if (found != NOT_FOUND) {
        put_run(map, found, count, set);
    }
    return found;
}

uint64_t ks_rtl_find_clear_bits_and_set(const struct ks_kernel_call *call)
{
    return find_and_put(call, true);
}

uint64_t ks_rtl_find_set_bits_and_clear(const struct ks_kernel_call *call)
{
    return find_and_put(call, false);
}

static uint32_t count_bits(const RTL_BITMAP *map)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < map->SizeOfBitMap; i++) {
        count += bit(map, i);
    }
    return count;
}

uint64_t ks_rtl_number_of_set_bits(const struct ks_kernel_call *call)
{
    return count_bits(map_of(call));
}

uint64_t ks_rtl_number_of_clear_bits(const struct ks_kernel_call *call)
{
    return map_of(call)->SizeOfBitMap - count_bits(map_of(call));
}

static uint64_t are_bits(const struct ks_kernel_call *call, bool set)
{
    uint32_t first = (uint32_t)call->arguments[1], count = (uint32_t)call->arguments[2];
    return count != 0 && run_length(map_of(call), first, count, set) == count;
}

uint64_t ks_rtl_are_bits_set(const struct ks_kernel_call *call)
{
    return are_bits(call, true);
}

uint64_t ks_rtl_are_bits_clear(const struct ks_kernel_call *call)
{
    return are_bits(call, false);
}

// (map, from, PULONG start): how many clear bits follow there.
uint64_t ks_rtl_find_next_forward_run_clear(const struct ks_kernel_call *call)
{
    const RTL_BITMAP *map = map_of(call);
    uint32_t first = (uint32_t)call->arguments[1];
    first = first < map->SizeOfBitMap ? first : map->SizeOfBitMap;
    first += run_length(map, first, UINT32_MAX, true);
    ks_guest_put_number(call->arguments[2], 4, first);
    return run_length(map, first, UINT32_MAX, false);
}

uint64_t ks_rtl_find_first_run_clear(const struct ks_kernel_call *call)
{
    const RTL_BITMAP *map = map_of(call);
    uint32_t first = run_length(map, 0, UINT32_MAX, true);
    ks_guest_put_number(call->arguments[1], 4, first);
    return run_length(map, first, UINT32_MAX, false);
}

uint64_t ks_rtl_find_longest_run_clear(const struct ks_kernel_call *call)
{
    const RTL_BITMAP *map = map_of(call);
    uint32_t longest = 0, start = 0;
    for (uint32_t i = 0; i < map->SizeOfBitMap;) {
        uint32_t length = run_length(map, i, UINT32_MAX, false);
        if (length > longest) {
            longest = length;
            start = i;
        }
        i += length + 1;
    }
    ks_guest_put_number(call->arguments[1], 4, start);
    return longest;
}
