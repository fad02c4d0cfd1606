// SPDX-License-Identifier: MIT
#include "kernel/ke/ke_fallible.h"

#include <kldr/ddk/wdm.h>

#include <assert.h>
#include <string.h>

static const struct ks_fallible operations[] = {
    [KLDR_FAULT_ALLOCATION] = {"allocation", KS_FALLIBLE_LOADER,
                               (kldr_status)STATUS_INSUFFICIENT_RESOURCES, KS_FALLIBLE_ALWAYS},
    [KLDR_FAULT_MAP] = {"map", KS_FALLIBLE_LOADER, (kldr_status)STATUS_INSUFFICIENT_RESOURCES,
                        KS_FALLIBLE_ALWAYS},
    [KLDR_FAULT_READ] = {"read", KS_FALLIBLE_LOADER, (kldr_status)STATUS_IO_DEVICE_ERROR,
                         KS_FALLIBLE_ALWAYS},
    [KLDR_FAULT_IMPORT_LIST] = {"import_list", KS_FALLIBLE_LOADER,
                                (kldr_status)STATUS_INSUFFICIENT_RESOURCES, KS_FALLIBLE_ALWAYS},
    [KLDR_FAULT_POOL] = {"pool", KS_FALLIBLE_POOL, (kldr_status)STATUS_INSUFFICIENT_RESOURCES,
                         KS_FALLIBLE_ALWAYS},
#define KS_FALLIBLE(name, kind, status, when, header)                                              \
    {#name, KS_FALLIBLE_##kind, (kldr_status)STATUS_##status, KS_FALLIBLE_##when},
#include "kernel/ke/fallible.inc"
#undef KS_FALLIBLE
};

#define COUNT (sizeof operations / sizeof operations[0])

static_assert(COUNT <= KS_FALLIBLE_MOST, "counters are kept for each");

const struct ks_fallible *ks_fallible_at(uint32_t number)
{
    return number < COUNT ? &operations[number] : NULL;
}

const char *ks_fallible_name_at(size_t number)
{
    return number < COUNT ? operations[number].name : NULL;
}

bool ks_fallible_find(const char *name, uint32_t *out_number)
{
    for (uint32_t i = 0; i < COUNT; i++) {
        if (strcmp(operations[i].name, name) == 0) {
            *out_number = i;
            return true;
        }
    }
    return false;
}

bool ks_fallible_takes_status(const struct ks_fallible *fallible)
{
    return fallible->kind == KS_FALLIBLE_LOADER || fallible->kind == KS_FALLIBLE_STATUS ||
           fallible->kind == KS_FALLIBLE_RAISE;
}

bool ks_fallible_applies(const struct ks_fallible *fallible, const struct ks_kernel_call *call)
{
    const uint64_t *a = call->arguments;
    switch (fallible->when) {
    case KS_FALLIBLE_ENABLES: // IoSetDeviceInterfaceState(SymbolicLinkName, Enable)
        return (uint8_t)a[1] != 0;
    case KS_FALLIBLE_MAPS_FOR_KERNEL: // (Mdl, AccessMode, CacheType, Address, BugCheckOnFailure,
                                      // ..)
        return (uint8_t)a[1] == KernelMode && (uint32_t)a[4] == 0;
    default:
        return true;
    }
}
