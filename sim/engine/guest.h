// SPDX-License-Identifier: MIT
// Guest memory: one reservation at a fixed host address that holds everything real code can see:
// images, stubs, pool, its stack. A number that code of a driver uses as a pointer is a host
// address in it; what people see is its offset plus KS_ADDRESS_BASE, so that a trace is the same on
// every run.
#ifndef KS_ENGINE_GUEST_H
#define KS_ENGINE_GUEST_H

#include "machine/shared_data.h"

#include <kldr/status.h>

#include <stddef.h>

// Where real code can be run by the CPU of the host: this switches the engine's insides on.
#if defined(__linux__) && defined(__x86_64__) && defined(__LP64__) && defined(__GNUC__)
#define KS_NATIVE 1
#else
#define KS_NATIVE 0
#endif

// What an address outside guest memory that belongs to kldr's own process is shown as.
#define KS_ADDRESS_HOST UINT64_C(0xfffeffffffffffff)

enum ks_rights {
    KS_RIGHTS_NONE,
    KS_RIGHTS_READ,
    KS_RIGHTS_WRITE,
    KS_RIGHTS_EXECUTE,
    KS_RIGHTS_ALL
};

// Regions by offset. Each begins on a page of its own and is inaccessible until it is given out.
#define KS_GUEST_IMAGES_SIZE    UINT64_C(0x400000000) // images: 16 GiB
#define KS_GUEST_TRAPS          KS_GUEST_IMAGES_SIZE
#define KS_GUEST_TRAPS_SIZE     UINT64_C(0x1000000)                   // stubs of missing imports
#define KS_GUEST_ROUTINES       (KS_GUEST_TRAPS + UINT64_C(0xF00000)) // of the kernel without a name
#define KS_GUEST_STACK          (KS_GUEST_TRAPS + UINT64_C(0x10000000))
#define KS_GUEST_STACK_SIZE     UINT64_C(0x6000) // what a kernel thread of x64 Windows has
#define KS_GUEST_POOL           (KS_GUEST_STACK + UINT64_C(0x10000000))
#define KS_GUEST_POOL_SIZE      UINT64_C(0x200000000) // 8 GiB
#define KS_GUEST_PROCESSOR      (KS_GUEST_POOL + KS_GUEST_POOL_SIZE)
#define KS_GUEST_PROCESSOR_SIZE UINT64_C(0x10000) // KPCR and KPRCB
#define KS_GUEST_SIZE           (KS_GUEST_PROCESSOR + UINT64_C(0x10000000))

struct ks_guest {
    uint64_t base; // 0: none reserved
    uint64_t page; // of the host
};

// Reserves it. KLDR_ERROR_CPU_UNAVAILABLE on hosts without the engine, KLDR_ERROR_OUT_OF_MEMORY
// when no place is free.
kldr_status ks_guest_reserve(struct ks_guest *guest);
void ks_guest_release(struct ks_guest *guest);

// Sets the rights of all pages that [address, address + size) touches. Pages that had none before
// are zero.
bool ks_guest_protect(const struct ks_guest *guest, uint64_t address, uint64_t size,
                      enum ks_rights rights);
// Gives the memory back; the range stays reserved and inaccessible.
void ks_guest_discard(const struct ks_guest *guest, uint64_t address, uint64_t size);

bool ks_guest_holds(const struct ks_guest *guest, uint64_t address);
// The address as people see it; KS_ADDRESS_HOST for one of kldr's own; any other number as it is.
uint64_t ks_guest_show(const struct ks_guest *guest, uint64_t address);

// Where kldr has the page that the kernel shares with everybody; NULL: nowhere.
extern uint8_t *ks_guest_shared;

// Host pointer of a guest address. Touching it may fault where the driver's own access would.
static inline void *ks_guest_pointer(uint64_t address)
{
    uint64_t offset = address - KS_SHARED_DATA_ADDRESS;
    return offset < KS_SHARED_DATA_SIZE && ks_guest_shared != NULL ? ks_guest_shared + offset
                                                                   : (void *)(uintptr_t)address;
}

#endif
