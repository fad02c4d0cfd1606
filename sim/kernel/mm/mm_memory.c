// SPDX-License-Identifier: MIT
// Mm: physical addresses, contiguous memory, memory of devices.
//
// There are no devices behind the addresses that MmMapIoSpace maps: memory is there, all ones at
// first, as a bus answers without a device; what is written stays while it is mapped.

#include "kernel/mm/mm_mdl.h"
#include "kernel/nt.h"

#include <kldr/ddk/wdm.h>

#include <string.h>

#define TAG_CONTIGUOUS 0x746E6F43u        // 'Cont'
#define TAG_IO_SPACE   0x70536F49u        // 'IoSp'
#define TAG_RANGES     0x7379684Du        // 'Mhys'
#define FIRST_PHYSICAL UINT64_C(0x100000) // as the ranges tell
#define NO_DEVICE      0xFF
#define LAST_PHYSICAL  (FIRST_PHYSICAL + UINT64_C(0x40000000))

uint64_t ks_mm_get_physical_address(const struct ks_kernel_call *call)
{
    return ks_mm_mdl_physical(call->world, call->arguments[0]);
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

// What lies above the highest address that the device can reach is no use to it.
static uint64_t take_below(const struct ks_kernel_call *call, uint64_t size, uint64_t highest)
{
    uint64_t address = take_pages(call, size);
    const struct ks_kernel_call whose = {call->world, &address, call->caller};
    if (address != 0 && ks_mm_mdl_physical(call->world, address) + size - 1 > highest) {
        free_pages(&whose);
        return 0;
    }
    return address;
}

// (size, highest acceptable address)
uint64_t ks_mm_allocate_contiguous(const struct ks_kernel_call *call)
{
    return take_below(call, call->arguments[0], call->arguments[1]);
}

// (size, lowest, highest, boundary, caching)
uint64_t ks_mm_allocate_contiguous_cache(const struct ks_kernel_call *call)
{
    return take_below(call, call->arguments[0], call->arguments[2]);
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
    static const uint64_t ranges[] = {
        0x1000, 0x9E000, FIRST_PHYSICAL, LAST_PHYSICAL - FIRST_PHYSICAL, 0, 0};
    uint64_t address = ks_ex_take(call, sizeof ranges, TAG_RANGES);
    for (size_t i = 0; address != 0 && i < sizeof ranges / sizeof ranges[0]; i++) {
        ks_guest_put_number(address + 8 * i, 8, ranges[i]);
    }
    return address;
}
