// SPDX-License-Identifier: MIT
// Simulated addresses: where images are placed. From a fixed base with fixed spacing, so that a
// trace is the same on every host. An address that was handed out is not handed out again unless an
// image asks for it as its base, so an address tells which image it belongs or belonged to.
#ifndef KS_WORLD_ADDRESS_SPACE_H
#define KS_WORLD_ADDRESS_SPACE_H

#include <kldr/image.h>

#define KS_ADDRESS_BASE      UINT64_C(0xfffff80000000000)
#define KS_ADDRESS_BASE_X86  UINT64_C(0x80000000) // a 32-bit system's half of the space
#define KS_ADDRESS_END       UINT64_C(0xffffff0000000000)
#define KS_ADDRESS_END_X86   UINT64_C(0xffff0000)
#define KS_ADDRESS_TRAPS     UINT64_C(0xfffff00000000000)
#define KS_ADDRESS_TRAPS_X86 UINT64_C(0x70000000)

struct ks_range {
    uint64_t base, end;
    uint32_t module_id; // 0 until known
    bool live;
    char *name; // base name of the module, owned; NULL until it is gone
};

struct ks_address_space {
    const struct kldr_allocator *allocator;
    uint64_t start, limit, next;
    struct ks_range *ranges; // in order of placing
    size_t count, capacity;
    bool any_wanted; // some range was placed where its image asked for it
};

// The half of the space that belongs to the kernel of a machine.
void ks_address_space_init(struct ks_address_space *space, const struct kldr_allocator *allocator,
                           enum kldr_machine machine);
// Any range: start to limit.
void ks_address_space_init_at(struct ks_address_space *space,
                              const struct kldr_allocator *allocator, uint64_t start,
                              uint64_t limit);
void ks_address_space_fini(struct ks_address_space *space);

// Reserves size bytes: at preferred when that lies in the kernel's half and is free (A21), else at
// the next free address. KLDR_ERROR_LIMIT when the space is used up, KLDR_ERROR_OUT_OF_MEMORY.
kldr_status ks_address_space_place(struct ks_address_space *space, uint64_t preferred,
                                   uint32_t size, uint64_t *out_base);

// Marks the range as belonging to a gone module. name may be NULL (never listed: the range is
// forgotten).
void ks_address_space_vacate(struct ks_address_space *space, uint64_t base, uint32_t module_id,
                             const char *name);

// The most recent gone range that holds an address, or NULL.
const struct ks_range *ks_address_space_gone(const struct ks_address_space *space,
                                             uint64_t address);

#endif
