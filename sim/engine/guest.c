// SPDX-License-Identifier: MIT
#define _GNU_SOURCE

#include "engine/guest.h"

#include "world/address_space.h"

// What the host's own mappings look like: code, heap, libraries and stacks of a 64-bit process.
#define HOST_FIRST UINT64_C(0x0000550000000000)
#define HOST_LAST  UINT64_C(0x00007fffffffffff)

uint8_t *ks_guest_shared;

#if KS_NATIVE

#include <sys/mman.h>
#include <unistd.h>

#ifndef MAP_FIXED_NOREPLACE
#define MAP_FIXED_NOREPLACE 0x100000
#endif

// Free under plain runs, sanitizers and valgrind; the others are for hosts where the first is not.
static const uint64_t places[] = {
    UINT64_C(0x7e8000000000), UINT64_C(0x7d8000000000), UINT64_C(0x6e8000000000),
    UINT64_C(0x200000000000), UINT64_C(0x5e8000000000),
};

kldr_status ks_guest_reserve(struct ks_guest *guest)
{
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        void *wanted = ks_guest_pointer(places[i]);
        void *got = mmap(wanted, KS_GUEST_SIZE, PROT_NONE,
                         MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1, 0);
        if (got == wanted) {
            *guest = (struct ks_guest){places[i], (uint64_t)sysconf(_SC_PAGESIZE)};
            return KLDR_STATUS_SUCCESS;
        }
        if (got != MAP_FAILED) {
            munmap(got, KS_GUEST_SIZE); // a kernel that does not know the flag
        }
    }
    return KLDR_ERROR_OUT_OF_MEMORY;
}

void ks_guest_release(struct ks_guest *guest)
{
    if (guest->base != 0) {
        munmap(ks_guest_pointer(guest->base), KS_GUEST_SIZE);
        guest->base = 0;
    }
}

bool ks_guest_protect(const struct ks_guest *guest, uint64_t address, uint64_t size,
                      enum ks_rights rights)
{
    static const int flags[] = {
        [KS_RIGHTS_NONE] = PROT_NONE,
        [KS_RIGHTS_READ] = PROT_READ,
        [KS_RIGHTS_WRITE] = PROT_READ | PROT_WRITE,
        [KS_RIGHTS_EXECUTE] = PROT_READ | PROT_EXEC,
        [KS_RIGHTS_ALL] = PROT_READ | PROT_WRITE | PROT_EXEC,
    };
    uint64_t first = address & ~(guest->page - 1);
    uint64_t end = (address + size + guest->page - 1) & ~(guest->page - 1);
    return mprotect(ks_guest_pointer(first), end - first, flags[rights]) == 0;
}

void ks_guest_discard(const struct ks_guest *guest, uint64_t address, uint64_t size)
{
    uint64_t end = (address + size + guest->page - 1) & ~(guest->page - 1);
    mmap(ks_guest_pointer(address), end - address, PROT_NONE,
         MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0);
}

#else

kldr_status ks_guest_reserve(struct ks_guest *guest)
{
    (void)guest;
    return KLDR_ERROR_CPU_UNAVAILABLE;
}

void ks_guest_release(struct ks_guest *guest)
{
    guest->base = 0;
}

bool ks_guest_protect(const struct ks_guest *guest, uint64_t address, uint64_t size,
                      enum ks_rights rights)
{
    (void)guest;
    (void)address;
    (void)size;
    (void)rights;
    return false;
}

void ks_guest_discard(const struct ks_guest *guest, uint64_t address, uint64_t size)
{
    (void)guest;
    (void)address;
    (void)size;
}

#endif

bool ks_guest_holds(const struct ks_guest *guest, uint64_t address)
{
    return guest->base != 0 && address >= guest->base && address - guest->base < KS_GUEST_SIZE;
}

uint64_t ks_guest_show(const struct ks_guest *guest, uint64_t address)
{
    if (ks_guest_holds(guest, address)) {
        return address - guest->base + KS_ADDRESS_BASE;
    }
    return guest->base != 0 && address >= HOST_FIRST && address <= HOST_LAST ? KS_ADDRESS_HOST
                                                                             : address;
}
