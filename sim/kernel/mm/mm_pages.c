// SPDX-License-Identifier: MIT
// Physical memory of the machine: what is below 3 GiB and from 4 GiB on is pool, as far as there is
// any; what else drivers see, images above all, lies from 16 GiB on.

#include "kernel/mm/mm_pages.h"

#include "engine/native.h"
#include "kernel/mm/mm_mdl.h"
#include "world/world_object.h"

#include <string.h>

#define GIB                    UINT64_C(0x40000000)
#define POOL_FIRST             UINT64_C(0x1000000) // physical, of the first byte of pool
#define HOLE                   (3 * GIB)           // addresses of devices begin
#define HOLE_END               (4 * GIB)
#define BEFORE_HOLE            (HOLE - POOL_FIRST)
#define OTHER_FIRST            (16 * GIB)
#define PAGE_MASK              (UINT64_C(0x1000) - 1)
#define TAG_MDL                0x206C644Du // 'Mdl '
#define TAG_PAGES              0x67506D4Du // 'MmPg'
#define STOP_MEMORY_MANAGEMENT 0x1Au

// ---- addresses ----

const uint64_t *ks_mm_physical_ranges(void)
{
    static const uint64_t ranges[2 * KS_MM_RANGES] = {
        0x1000,      0x9E000,
        0x100000,    HOLE - 0x100000,
        HOLE_END,    POOL_FIRST + KS_GUEST_POOL_SIZE + (HOLE_END - HOLE) - HOLE_END,
        OTHER_FIRST, KS_GUEST_SIZE,
    };
    return ranges;
}

uint64_t ks_mm_physical(struct kldr_world *world, uint64_t address)
{
    uint64_t base = world->native != NULL ? world->native->guest.base : 0;
    uint64_t in_pool = address - base - KS_GUEST_POOL;
    if (world->native == NULL || in_pool >= KS_GUEST_POOL_SIZE) {
        return OTHER_FIRST + (address - base);
    }
    return POOL_FIRST + in_pool + (in_pool >= BEFORE_HOLE ? HOLE_END - HOLE : 0);
}

uint64_t ks_mm_virtual(struct kldr_world *world, uint64_t physical)
{
    uint64_t base = world->native != NULL ? world->native->guest.base : 0;
    if (physical >= OTHER_FIRST) {
        return physical - OTHER_FIRST + base;
    }
    uint64_t in_pool = physical - POOL_FIRST - (physical >= HOLE_END ? HOLE_END - HOLE : 0);
    bool hole = physical >= HOLE && physical < HOLE_END;
    return world->native == NULL || hole || in_pool >= KS_GUEST_POOL_SIZE
               ? 0
               : base + KS_GUEST_POOL + in_pool;
}

// ---- pages ----

// Blocks of the host engine do not begin on a page.
struct pages {
    struct pages *next;
    uint64_t address, size, block;
};

struct state {
    struct pages *first;
};

static void fini(struct ks_nt *nt, void *memory)
{
    struct state *state = memory;
    while (state->first != NULL) {
        struct pages *pages = state->first;
        state->first = pages->next;
        nt->world->allocator.release(nt->world->allocator.user, pages);
    }
}

static struct state *state_of(struct kldr_world *world)
{
    return ks_nt_state(world, KS_NT_MM, sizeof(struct state), fini);
}

static struct pages **find(struct kldr_world *world, uint64_t address)
{
    static struct pages *none;
    struct state *state = state_of(world);
    struct pages **link = state != NULL ? &state->first : &none;
    while (*link != NULL && (*link)->address != address) {
        link = &(*link)->next;
    }
    return link;
}

uint64_t ks_mm_pages_take(const struct ks_kernel_call *call, uint64_t size, uint32_t tag)
{
    struct kldr_world *world = call->world;
    struct state *state = state_of(world);
    uint64_t rounded = (size + PAGE_MASK) & ~PAGE_MASK;
    uint64_t extra = world->native == NULL ? PAGE_SIZE : 0;
    struct pages *pages =
        state != NULL ? world->allocator.allocate(world->allocator.user, sizeof *pages) : NULL;
    uint64_t block = pages != NULL && rounded >= size && rounded != 0
                         ? ks_ex_take(call, rounded + extra, tag)
                         : 0;
    if (block == 0) {
        world->allocator.release(world->allocator.user, pages);
        return 0;
    }
    memset(ks_guest_pointer(block), 0, (size_t)(rounded + extra));
    *pages = (struct pages){state->first, (block + PAGE_MASK) & ~PAGE_MASK, rounded, block};
    state->first = pages;
    return pages->address;
}

uint64_t ks_mm_pages_size(struct kldr_world *world, uint64_t address)
{
    const struct pages *pages = *find(world, address);
    return pages != NULL ? pages->size : 0;
}

void ks_mm_pages_give(struct kldr_world *world, uint64_t address)
{
    struct pages **link = find(world, address), *pages = *link;
    if (pages != NULL) {
        *link = pages->next;
        ks_nt_give(world, pages->block);
        world->allocator.release(world->allocator.user, pages);
    }
}

// ---- pages for an MDL ----

// Frees pages until the physical addresses are in range, or says that none are.
static uint64_t take_between(const struct ks_kernel_call *call, uint64_t low, uint64_t high,
                             uint64_t size)
{
    uint64_t address = ks_mm_pages_take(call, size, TAG_PAGES);
    uint64_t physical = address != 0 ? ks_mm_physical(call->world, address) : 0;
    bool fits = address != 0 && physical >= low && physical + size - 1 <= high &&
                ks_mm_physical(call->world, address + size - 1) == physical + size - 1;
    if (address != 0 && !fits) {
        ks_mm_pages_give(call->world, address);
    }
    return fits ? address : 0;
}

// MmAllocatePagesForMdl(LowAddress, HighAddress, SkipBytes, TotalBytes)
// MmAllocatePagesForMdlEx(..., CacheType, Flags): all or nothing, as a machine may always answer.
// The pages are locked, and mapped nowhere: the MDL's address is 0.
uint64_t ks_mm_pages_allocate_for_mdl(const struct ks_kernel_call *call)
{
    const uint64_t *a = call->arguments;
    uint64_t size = (a[3] + PAGE_MASK) & ~PAGE_MASK;
    uint64_t head = sizeof(MDL) + 8 * (size >> PAGE_SHIFT);
    if (size == 0 || size > UINT32_MAX - PAGE_MASK || a[1] < a[0]) {
        return 0;
    }
    uint64_t pages = take_between(call, a[0], a[1], size);
    uint64_t block = pages != 0 ? ks_ex_take(call, head, TAG_MDL) : 0;
    if (block == 0) {
        ks_mm_pages_give(call->world, pages);
        return 0;
    }
    MDL *mdl = ks_guest_pointer(block);
    *mdl = (MDL){.Size = (CSHORT)head, .MdlFlags = MDL_PAGES_LOCKED, .ByteCount = (ULONG)size};
    for (uint64_t i = 0; i < size >> PAGE_SHIFT; i++) {
        MmGetMdlPfnArray(mdl)[i] =
            (PFN_NUMBER)(ks_mm_physical(call->world, pages + (i << PAGE_SHIFT)) >> PAGE_SHIFT);
    }
    return block;
}

// MmFreePagesFromMdl(MemoryDescriptorList): the MDL stays, for ExFreePool.
uint64_t ks_mm_pages_free_from_mdl(const struct ks_kernel_call *call)
{
    MDL *mdl = ks_guest_pointer(call->arguments[0]);
    uint64_t pages = ks_mm_virtual(call->world, (uint64_t)MmGetMdlPfnArray(mdl)[0] << PAGE_SHIFT);
    if ((mdl->MdlFlags & MDL_PAGES_LOCKED) == 0 ||
        ks_mm_pages_size(call->world, pages) != mdl->ByteCount) {
        return ks_nt_stop(call, STOP_MEMORY_MANAGEMENT, 0x1236, call->arguments[0], 0, 0,
                          "freed pages of an MDL that MmAllocatePagesForMdl did not make, or "
                          "freed them twice");
    }
    mdl->MdlFlags &= (CSHORT) ~(MDL_PAGES_LOCKED | MDL_MAPPED_TO_SYSTEM_VA);
    ks_mm_pages_give(call->world, pages);
    return 0;
}
