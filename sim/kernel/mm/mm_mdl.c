// SPDX-License-Identifier: MIT
#include "kernel/mm/mm_mdl.h"

#include "kernel/mm/mm_pages.h"
#include "world/world_object.h"

#define TAG_MDL             0x206C644Du // 'Mdl '
#define STOP_BAD_POOL       0xC2u
#define NO_POOL_ADDRESS     0x46u
#define STOP_PROCESS_LOCKED 0x76u
#define FIXED_PAGES         23u // in MDLs that the system keeps in stock
#define PAGE_MASK           (UINT64_C(0x1000) - 1)

static uint64_t pages_of(uint64_t address, uint64_t length)
{
    return ((address & PAGE_MASK) + length + PAGE_MASK) >> PAGE_SHIFT;
}

static uint64_t *numbers_of(MDL *mdl)
{
    return (uint64_t *)(mdl + 1);
}

static uint64_t start_of(const MDL *mdl)
{
    return (uint64_t)(uintptr_t)mdl->StartVa;
}

static uint64_t buffer_of(const MDL *mdl)
{
    return start_of(mdl) + mdl->ByteOffset;
}

static void fill_numbers(struct kldr_world *world, MDL *mdl)
{
    uint64_t pages = pages_of(buffer_of(mdl), mdl->ByteCount);
    for (uint64_t i = 0; i < pages; i++) {
        numbers_of(mdl)[i] = ks_mm_physical(world, start_of(mdl) + (i << PAGE_SHIFT)) >> PAGE_SHIFT;
    }
}

// ---- for the kernel ----

MDL *ks_mm_mdl_make(struct kldr_world *world, uint64_t address, uint32_t length)
{
    uint64_t pages = pages_of(address, length);
    uint64_t block = ks_nt_take(world, sizeof(MDL) + 8 * pages, TAG_MDL);
    if (block == 0) {
        return NULL;
    }
    MDL *mdl = ks_guest_pointer(block);
    mdl->Size = (CSHORT)(sizeof *mdl + 8 * pages);
    mdl->MdlFlags = pages <= FIXED_PAGES ? MDL_ALLOCATED_FIXED_SIZE : 0;
    mdl->StartVa = ks_guest_pointer(address & ~PAGE_MASK);
    mdl->ByteOffset = (ULONG)(address & PAGE_MASK);
    mdl->ByteCount = length;
    return mdl;
}

void ks_mm_mdl_free(struct kldr_world *world, uint64_t mdl)
{
    ks_nt_give(world, mdl);
}

void ks_mm_mdl_lock(struct kldr_world *world, MDL *mdl, bool write)
{
    uint64_t at = buffer_of(mdl), end = at + mdl->ByteCount;
    while (at < end) {
        volatile uint8_t *byte = ks_guest_pointer(at);
        uint8_t value = *byte;
        if (write) {
            *byte = value;
        }
        at = (at & ~PAGE_MASK) + PAGE_SIZE;
    }
    fill_numbers(world, mdl);
    mdl->MdlFlags |= (CSHORT)(MDL_PAGES_LOCKED | (write ? MDL_WRITE_OPERATION : 0));
}

void ks_mm_mdl_unlock(MDL *mdl)
{
    mdl->MdlFlags &= (CSHORT) ~(MDL_PAGES_LOCKED | MDL_MAPPED_TO_SYSTEM_VA | MDL_WRITE_OPERATION |
                                MDL_PARTIAL_HAS_BEEN_MAPPED);
}

// ---- what drivers call ----

// MmBuildMdlForNonPagedPool(Mdl)
uint64_t ks_mm_mdl_build_for_nonpaged_pool(const struct ks_kernel_call *call)
{
    MDL *mdl = ks_guest_pointer(call->arguments[0]);
    mdl->Process = NULL;
    mdl->MappedSystemVa = ks_guest_pointer(buffer_of(mdl));
    fill_numbers(call->world, mdl);
    mdl->MdlFlags |= MDL_SOURCE_IS_NONPAGED_POOL;
    return 0;
}

// MmProbeAndLockPages(Mdl, AccessMode, Operation)
uint64_t ks_mm_mdl_probe_and_lock(const struct ks_kernel_call *call)
{
    ks_mm_mdl_lock(call->world, ks_guest_pointer(call->arguments[0]),
                   (uint32_t)call->arguments[2] != IoReadAccess);
    return 0;
}

uint64_t ks_mm_mdl_unlock_pages(const struct ks_kernel_call *call)
{
    MDL *mdl = ks_guest_pointer(call->arguments[0]);
    if ((mdl->MdlFlags & MDL_PAGES_LOCKED) == 0) {
        return ks_nt_stop(call, STOP_PROCESS_LOCKED, 0, call->arguments[0], mdl->ByteCount, 0,
                          "unlocked the pages of an MDL that were not locked");
    }
    ks_mm_mdl_unlock(mdl);
    return 0;
}

// Pages of MmAllocatePagesForMdl are found by their numbers.
static uint64_t map(struct kldr_world *world, MDL *mdl)
{
    uint64_t address = mdl->StartVa != NULL
                           ? buffer_of(mdl)
                           : ks_mm_virtual(world, numbers_of(mdl)[0] << PAGE_SHIFT);
    mdl->MappedSystemVa = ks_guest_pointer(address);
    mdl->MdlFlags |=
        (CSHORT)(MDL_MAPPED_TO_SYSTEM_VA |
                 ((mdl->MdlFlags & MDL_PARTIAL) != 0 ? MDL_PARTIAL_HAS_BEEN_MAPPED : 0));
    return address;
}

// MmMapLockedPages(Mdl, AccessMode)
// MmMapLockedPagesSpecifyCache(Mdl, AccessMode, CacheType, BaseAddress, BugCheckOnFailure,
// Priority): nothing here can fail.
uint64_t ks_mm_mdl_map_locked(const struct ks_kernel_call *call)
{
    return map(call->world, ks_guest_pointer(call->arguments[0]));
}

// MmUnmapLockedPages(BaseAddress, Mdl)
uint64_t ks_mm_mdl_unmap_locked(const struct ks_kernel_call *call)
{
    MDL *mdl = ks_guest_pointer(call->arguments[1]);
    mdl->MdlFlags &= (CSHORT) ~(MDL_MAPPED_TO_SYSTEM_VA | MDL_PARTIAL_HAS_BEEN_MAPPED);
    mdl->MappedSystemVa = NULL;
    return 0;
}

// IoAllocateMdl(VirtualAddress, Length, SecondaryBuffer, ChargeQuota, Irp)
uint64_t ks_mm_mdl_allocate(const struct ks_kernel_call *call)
{
    const uint64_t *a = call->arguments;
    IRP *irp = ks_guest_pointer(a[4]);
    PMDL *link = irp != NULL ? &irp->MdlAddress : NULL;
    while (link != NULL && (a[2] & 0xFF) != 0 && *link != NULL) {
        link = &(*link)->Next;
    }
    MDL *mdl = ks_mm_mdl_make(call->world, a[0], (uint32_t)a[1]);
    if (mdl != NULL && link != NULL) {
        *link = mdl;
    }
    return (uint64_t)(uintptr_t)mdl;
}

uint64_t ks_mm_mdl_free_mdl(const struct ks_kernel_call *call)
{
    const struct ks_pool_block *block = ks_pool_find(&ks_nt(call->world)->pool, call->arguments[0]);
    if (block == NULL || !block->live) {
        return ks_nt_stop(call, STOP_BAD_POOL, NO_POOL_ADDRESS, call->arguments[0], 0, 0,
                          "freed what is no MDL, or no longer");
    }
    ks_mm_mdl_free(call->world, call->arguments[0]);
    return 0;
}

// IoBuildPartialMdl(SourceMdl, TargetMdl, VirtualAddress, Length)
uint64_t ks_mm_mdl_build_partial(const struct ks_kernel_call *call)
{
    const uint64_t *a = call->arguments;
    MDL *source = ks_guest_pointer(a[0]), *target = ks_guest_pointer(a[1]);
    uint64_t end = buffer_of(source) + source->ByteCount;
    uint32_t length = (uint32_t)a[3] != 0 ? (uint32_t)a[3] : (uint32_t)(end - a[2]);
    target->StartVa = ks_guest_pointer(a[2] & ~PAGE_MASK);
    target->ByteOffset = (ULONG)(a[2] & PAGE_MASK);
    target->ByteCount = length;
    target->Process = source->Process;
    target->MdlFlags &= MDL_ALLOCATED_FIXED_SIZE;
    target->MdlFlags |= (CSHORT)(MDL_PARTIAL | (source->MdlFlags & MDL_WRITE_OPERATION));
    if ((source->MdlFlags & (MDL_MAPPED_TO_SYSTEM_VA | MDL_SOURCE_IS_NONPAGED_POOL)) != 0) {
        target->MappedSystemVa = ks_guest_pointer(a[2]);
        target->MdlFlags |= source->MdlFlags & MDL_SOURCE_IS_NONPAGED_POOL;
        target->MdlFlags |= (source->MdlFlags & MDL_MAPPED_TO_SYSTEM_VA) != 0
                                ? MDL_PARENT_MAPPED_SYSTEM_VA | MDL_MAPPED_TO_SYSTEM_VA
                                : 0;
    }
    fill_numbers(call->world, target);
    return 0;
}
