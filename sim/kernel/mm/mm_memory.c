// SPDX-License-Identifier: MIT
// Mm: physical addresses, contiguous memory, memory of devices.
//
// There are no devices behind the addresses that MmMapIoSpace maps: memory is there, all ones at
// first, as a bus answers without a device; what is written stays while it is mapped.

#include "engine/native.h"
#include "kernel/mm/mm_pages.h"
#include "world/world_object.h"

#include <kldr/ddk/wdm.h>

#include <string.h>

#define TAG_CONTIGUOUS 0x746E6F43u // 'Cont'
#define TAG_IO_SPACE   0x70536F49u // 'IoSp'
#define TAG_RANGES     0x7379684Du // 'Mhys'
#define NO_DEVICE      0xFF
#define TRIES          4u

// 0 for an address at which there is no memory.
uint64_t ks_mm_get_physical_address(const struct ks_kernel_call *call)
{
    const struct kldr_world *world = call->world;
    bool memory =
        world->native == NULL || ks_guest_holds(&world->native->guest, call->arguments[0]);
    return memory ? ks_mm_physical(call->world, call->arguments[0]) : 0;
}

// ---- contiguous and non-cached memory ----

static uint64_t take_pages(const struct ks_kernel_call *call, uint64_t size)
{
    uint64_t rounded = (size + PAGE_SIZE - 1) & ~(uint64_t)(PAGE_SIZE - 1);
    return size == 0 || rounded < size ? 0 : ks_ex_take(call, rounded, TAG_CONTIGUOUS);
}

static uint64_t free_pages(const struct ks_kernel_call *call)
{
    const uint64_t arguments[] = {call->arguments[0], TAG_CONTIGUOUS};
    const struct ks_kernel_call release = {call->world, arguments, call->caller};
    return ks_ex_free_pool_with_tag(&release);
}

// What a device can reach: between two addresses, all in one piece, across no boundary.
struct reach {
    uint64_t lowest, highest;
    uint64_t boundary; // 0: any may be crossed
};

static bool is_reached(const struct ks_kernel_call *call, const struct reach *reach,
                       uint64_t address, uint64_t size)
{
    uint64_t first = ks_mm_physical(call->world, address);
    uint64_t last = ks_mm_physical(call->world, address + size - 1);
    bool crosses = reach->boundary != 0 && first / reach->boundary != last / reach->boundary;
    return first >= reach->lowest && last <= reach->highest && last - first == size - 1 && !crosses;
}

static void free_at(const struct ks_kernel_call *call, uint64_t address)
{
    const struct ks_kernel_call whose = {call->world, &address, call->caller};
    free_pages(&whose);
}

// Tries a few times, as another block may be reached where one is not.
static uint64_t take_reached(const struct ks_kernel_call *call, uint64_t size,
                             const struct reach *reach)
{
    uint64_t tried[TRIES], found = 0;
    unsigned count = 0;
    while (found == 0 && count < TRIES) {
        tried[count] = take_pages(call, size);
        if (tried[count] == 0) {
            break;
        }
        if (is_reached(call, reach, tried[count], size)) {
            found = tried[count];
        } else {
            count++;
        }
    }
    while (count > 0) {
        free_at(call, tried[--count]);
    }
    return found;
}

// (size, highest acceptable address)
uint64_t ks_mm_allocate_contiguous(const struct ks_kernel_call *call)
{
    const struct reach reach = {.highest = call->arguments[1]};
    return take_reached(call, call->arguments[0], &reach);
}

// (size, lowest, highest, boundary, caching)
uint64_t ks_mm_allocate_contiguous_cache(const struct ks_kernel_call *call)
{
    const uint64_t *a = call->arguments;
    const struct reach reach = {a[1], a[2], a[3]};
    return take_reached(call, a[0], &reach);
}

uint64_t ks_mm_free_contiguous(const struct ks_kernel_call *call)
{
    return free_pages(call);
}

uint64_t ks_mm_allocate_non_cached(const struct ks_kernel_call *call)
{
    return take_pages(call, call->arguments[0]);
}

// ---- memory of devices ----

// (physical address, size, caching)
uint64_t ks_mm_map_io_space(const struct ks_kernel_call *call)
{
    uint64_t size = call->arguments[1], offset = call->arguments[0] & (PAGE_SIZE - 1);
    uint64_t whole = (size + offset + PAGE_SIZE - 1) & ~(uint64_t)(PAGE_SIZE - 1);
    if (size == 0 || whole < size) {
        return 0;
    }
    uint64_t address = ks_ex_take(call, whole, TAG_IO_SPACE);
    if (address == 0) {
        return 0;
    }
    memset(ks_guest_pointer(address), NO_DEVICE, (size_t)whole);
    return address + offset;
}

uint64_t ks_mm_unmap_io_space(const struct ks_kernel_call *call)
{
    const uint64_t arguments[] = {call->arguments[0] & ~(uint64_t)(PAGE_SIZE - 1), TAG_IO_SPACE};
    const struct ks_kernel_call release = {call->world, arguments, call->caller};
    return ks_ex_free_pool_with_tag(&release);
}

// An array that the caller frees, ended by a range of zeros.
uint64_t ks_mm_get_physical_memory_ranges(const struct ks_kernel_call *call)
{
    const uint64_t *ranges = ks_mm_physical_ranges();
    uint64_t address = ks_ex_take(call, 16 * KS_MM_RANGES, TAG_RANGES);
    for (size_t i = 0; address != 0 && i < 2 * KS_MM_RANGES; i++) {
        ks_guest_put_number(address + 8 * i, 8, ranges[i]);
    }
    return address;
}
