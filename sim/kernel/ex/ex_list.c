// SPDX-License-Identifier: MIT
// Ex: lists that are changed under a spin lock, numbers too, and S-lists. There is one processor
// and a kernel function is not interrupted, so the lock is only looked at: one that is held would
// be waited for for ever.

#include "kernel/ex/ex_list.h"

#include "kernel/nt.h"

#include <kldr/ddk/wdm.h>

#define STOP_SPIN_LOCK_ALREADY_OWNED 0x0Fu
#define STOP_CORRUPT_LIST            0x139u
#define CORRUPT_LIST_ENTRY           3u // FAST_FAIL_CORRUPT_LIST_ENTRY

// False: the system stopped.
static bool may_lock(const struct ks_kernel_call *call, unsigned argument)
{
    uint64_t lock = call->arguments[argument];
    if (lock != 0 && ks_guest_number(lock, 8) != 0) {
        ks_nt_stop(call, STOP_SPIN_LOCK_ALREADY_OWNED, lock, 0, 0, 0,
                   "used a list whose spin lock is held: on this one processor it never gets free");
        return false;
    }
    return true;
}

static uint64_t corrupt(const struct ks_kernel_call *call)
{
    return ks_nt_stop(call, STOP_CORRUPT_LIST, CORRUPT_LIST_ENTRY, 0, 0, 0,
                      "a list whose entries do not point to each other");
}

static uint64_t insert(const struct ks_kernel_call *call, LIST_ENTRY *before, LIST_ENTRY *after,
                       LIST_ENTRY *neighbour)
{
    LIST_ENTRY *head = ks_guest_pointer(call->arguments[0]);
    LIST_ENTRY *entry = ks_guest_pointer(call->arguments[1]);
    if (before->Flink != after || after->Blink != before) {
        return corrupt(call);
    }
    *entry = (LIST_ENTRY){after, before};
    before->Flink = entry;
    after->Blink = entry;
    return neighbour == head ? 0 : (uint64_t)(uintptr_t)neighbour;
}

uint64_t ks_ex_insert_head(const struct ks_kernel_call *call)
{
    LIST_ENTRY *head = ks_guest_pointer(call->arguments[0]);
    return may_lock(call, 2) ? insert(call, head, head->Flink, head->Flink) : 0;
}

uint64_t ks_ex_insert_tail(const struct ks_kernel_call *call)
{
    LIST_ENTRY *head = ks_guest_pointer(call->arguments[0]);
    return may_lock(call, 2) ? insert(call, head->Blink, head, head->Blink) : 0;
}

uint64_t ks_ex_remove_head(const struct ks_kernel_call *call)
{
    LIST_ENTRY *head = ks_guest_pointer(call->arguments[0]), *entry = head->Flink;
    if (!may_lock(call, 1) || entry == head) {
        return 0;
    }
    if (entry->Blink != head || entry->Flink->Blink != entry) {
        return corrupt(call);
    }
    head->Flink = entry->Flink;
    entry->Flink->Blink = head;
    return (uint64_t)(uintptr_t)entry;
}

uint64_t ks_ex_push_entry(const struct ks_kernel_call *call)
{
    SINGLE_LIST_ENTRY *head = ks_guest_pointer(call->arguments[0]), *first = head->Next;
    SINGLE_LIST_ENTRY *entry = ks_guest_pointer(call->arguments[1]);
    if (may_lock(call, 2)) {
        entry->Next = first;
        head->Next = entry;
    }
    return (uint64_t)(uintptr_t)first;
}

uint64_t ks_ex_pop_entry(const struct ks_kernel_call *call)
{
    SINGLE_LIST_ENTRY *head = ks_guest_pointer(call->arguments[0]), *first = head->Next;
    if (may_lock(call, 1) && first != NULL) {
        head->Next = first->Next;
    }
    return (uint64_t)(uintptr_t)first;
}

uint64_t ks_ex_add_ulong(const struct ks_kernel_call *call)
{
    uint64_t before = ks_guest_number(call->arguments[0], 4);
    if (may_lock(call, 2)) {
        ks_guest_put_number(call->arguments[0], 4, before + (uint32_t)call->arguments[1]);
    }
    return before;
}

uint64_t ks_ex_add_large_integer(const struct ks_kernel_call *call)
{
    uint64_t before = ks_guest_number(call->arguments[0], 8);
    if (may_lock(call, 2)) {
        ks_guest_put_number(call->arguments[0], 8, before + call->arguments[1]);
    }
    return before;
}

// ---- S-lists: depth and sequence in the first word, the first entry in the second ----

static void put_header(uint64_t header, uint16_t depth, uint64_t first)
{
    uint64_t sequence = (ks_guest_number(header, 8) >> 16) + 1;
    ks_guest_put_number(header, 8, sequence << 16 | depth);
    ks_guest_put_number(header + 8, 8, first | 1); // a header of 16 bytes
}

uint16_t ks_ex_slist_depth(uint64_t header)
{
    return ks_guest_u16(header);
}

uint64_t ks_ex_slist_first(uint64_t header)
{
    return ks_guest_number(header + 8, 8) & ~UINT64_C(15);
}

uint64_t ks_ex_slist_pop(uint64_t header)
{
    uint64_t first = ks_ex_slist_first(header);
    if (first != 0) {
        put_header(header, (uint16_t)(ks_ex_slist_depth(header) - 1), ks_guest_number(first, 8));
    }
    return first;
}

uint64_t ks_ex_slist_push(uint64_t header, uint64_t entry)
{
    uint64_t first = ks_ex_slist_first(header);
    ks_guest_put_number(entry, 8, first);
    put_header(header, (uint16_t)(ks_ex_slist_depth(header) + 1), entry);
    return first;
}

uint64_t ks_ex_initialize_slist(const struct ks_kernel_call *call)
{
    ks_guest_put_number(call->arguments[0], 8, 0);
    ks_guest_put_number(call->arguments[0] + 8, 8, 0);
    return 0;
}

uint64_t ks_ex_push_slist(const struct ks_kernel_call *call)
{
    if ((call->arguments[1] & 15) != 0) {
        return ks_nt_stop(call, 0x1Eu, 0x80000002u, call->caller, call->arguments[1], 0,
                          "an entry of an S-list must lie at a multiple of 16");
    }
    return ks_ex_slist_push(call->arguments[0], call->arguments[1]);
}

uint64_t ks_ex_pop_slist(const struct ks_kernel_call *call)
{
    return ks_ex_slist_pop(call->arguments[0]);
}

// All entries at once.
uint64_t ks_ex_flush_slist(const struct ks_kernel_call *call)
{
    uint64_t first = ks_ex_slist_first(call->arguments[0]);
    if (first != 0) {
        put_header(call->arguments[0], 0, 0);
    }
    return first;
}

uint64_t ks_ex_query_depth_slist(const struct ks_kernel_call *call)
{
    return ks_ex_slist_depth(call->arguments[0]);
}
