// SPDX-License-Identifier: MIT
// Ex: lookaside lists. Drivers take from and give to them inline, by the layout of the list: pop
// and push of its S-list, and its two routines when that is empty or full.

#include "kernel/ex/ex_list.h"
#include "kernel/ex/ex_tracked.h"
#include "kernel/nt.h"
#include "world/world_object.h"

#include <kldr/ddk/wdm.h>

#define SMALLEST      8u // bytes of an entry: its link
#define DEPTH         4u // entries that a list keeps; Windows adapts it to the load
#define LARGEST_DEPTH 256u

static GENERAL_LOOKASIDE *list_of(const struct ks_kernel_call *call)
{
    return ks_guest_pointer(call->arguments[0]);
}

static PVOID routine(struct kldr_world *world, const char *name)
{
    return ks_guest_pointer(ks_nt_routine_address(world, name));
}

static void fill(GENERAL_LOOKASIDE *list, uint32_t type, uint32_t tag, uint64_t size)
{
    *list = (GENERAL_LOOKASIDE){0};
    list->Depth = DEPTH;
    list->MaximumDepth = LARGEST_DEPTH;
    list->Type = (POOL_TYPE)type;
    list->Tag = tag;
    list->Size = (ULONG)(size < SMALLEST ? SMALLEST : size);
    list->ListEntry = (LIST_ENTRY){&list->ListEntry, &list->ListEntry};
}

// (list, allocate, free, flags, size, tag, depth)
static uint64_t initialize(const struct ks_kernel_call *call, POOL_TYPE type)
{
    GENERAL_LOOKASIDE *list = list_of(call);
    uint32_t flags = (uint32_t)call->arguments[3];
    PVOID allocate = ks_guest_pointer(call->arguments[1]);
    PVOID release = ks_guest_pointer(call->arguments[2]);
    fill(list, (uint32_t)type | flags, (uint32_t)call->arguments[5], call->arguments[4]);
    list->Allocate = allocate != NULL ? allocate : routine(call->world, "ExAllocatePoolWithTag");
    list->Free = release != NULL ? release : routine(call->world, "ExFreePool");
    ks_ex_track(call, KS_EX_LOOKASIDE_LIST, call->arguments[0]);
    return 0;
}

uint64_t ks_ex_initialize_npaged_lookaside(const struct ks_kernel_call *call)
{
    return initialize(call, NonPagedPool);
}

uint64_t ks_ex_initialize_paged_lookaside(const struct ks_kernel_call *call)
{
    return initialize(call, PagedPool);
}

static uint64_t free_entries(const struct ks_kernel_call *call, bool extended)
{
    GENERAL_LOOKASIDE *list = list_of(call);
    uint64_t release = (uint64_t)(uintptr_t)list->Free, entry;
    while ((entry = ks_ex_slist_pop(call->arguments[0])) != 0) {
        const uint64_t arguments[] = {entry, call->arguments[0]};
        if (!ks_nt_call(call->world, release, arguments, extended ? 2 : 1, NULL)) {
            break;
        }
    }
    return 0;
}

uint64_t ks_ex_delete_lookaside(const struct ks_kernel_call *call)
{
    ks_ex_untrack(call->world, call->arguments[0]);
    return free_entries(call, false);
}

// ---- LOOKASIDE_LIST_EX: its routines get the list as well ----

// (list, allocate, free, pool type, flags, size, tag, depth)
uint64_t ks_ex_initialize_lookaside_ex(const struct ks_kernel_call *call)
{
    GENERAL_LOOKASIDE *list = list_of(call);
    PVOID allocate = ks_guest_pointer(call->arguments[1]);
    PVOID release = ks_guest_pointer(call->arguments[2]);
    uint32_t flags = (uint32_t)call->arguments[4];
    if (flags > EX_LOOKASIDE_LIST_EX_FLAGS_FAIL_NO_RAISE ||
        (allocate == NULL) != (release == NULL)) {
        return KS_STATUS(STATUS_INVALID_PARAMETER);
    }
    if (allocate == NULL) { // pool; the list, which comes after their arguments, means nothing
        allocate = routine(call->world, "ExAllocatePoolWithTag");
        release = routine(call->world, "ExFreePool");
    }
    uint32_t type = (uint32_t)call->arguments[3] |
                    (flags == EX_LOOKASIDE_LIST_EX_FLAGS_RAISE_ON_FAIL ? 16u : 0u);
    fill(list, type, (uint32_t)call->arguments[6], call->arguments[5]);
    list->Allocate = allocate;
    list->Free = release;
    ks_ex_track(call, KS_EX_LOOKASIDE_LIST, call->arguments[0]);
    return KS_STATUS(STATUS_SUCCESS);
}

uint64_t ks_ex_flush_lookaside_ex(const struct ks_kernel_call *call)
{
    return free_entries(call, true);
}

uint64_t ks_ex_delete_lookaside_ex(const struct ks_kernel_call *call)
{
    ks_ex_untrack(call->world, call->arguments[0]);
    return free_entries(call, true);
}
