// SPDX-License-Identifier: MIT
// Ke: device queues. The first entry makes the queue busy and is not queued; whoever takes one from
// an empty queue makes it idle again.

#include "kernel/ke/ke_state.h"

#define TYPE_DEVICE_QUEUE 20

#define ARGUMENT(n) (call->arguments[n])

static KDEVICE_QUEUE *queue_of(const struct ks_kernel_call *call)
{
    return ks_guest_pointer(ARGUMENT(0));
}

static KDEVICE_QUEUE_ENTRY *entry_of(LIST_ENTRY *link)
{
    return CONTAINING_RECORD(link, KDEVICE_QUEUE_ENTRY, DeviceListEntry);
}

static void insert_before(LIST_ENTRY *next, KDEVICE_QUEUE_ENTRY *entry)
{
    entry->DeviceListEntry.Flink = next;
    entry->DeviceListEntry.Blink = next->Blink;
    next->Blink->Flink = &entry->DeviceListEntry;
    next->Blink = &entry->DeviceListEntry;
    entry->Inserted = TRUE;
}

static uint64_t take(LIST_ENTRY *link)
{
    KDEVICE_QUEUE_ENTRY *entry = entry_of(link);
    link->Blink->Flink = link->Flink;
    link->Flink->Blink = link->Blink;
    entry->Inserted = FALSE;
    return (uint64_t)(uintptr_t)entry;
}

uint64_t ks_ke_device_queue_initialize(const struct ks_kernel_call *call)
{
    KDEVICE_QUEUE *queue = queue_of(call);
    queue->Type = TYPE_DEVICE_QUEUE;
    queue->Size = sizeof *queue;
    queue->DeviceListHead.Flink = queue->DeviceListHead.Blink = &queue->DeviceListHead;
    queue->Lock = 0;
    queue->Busy = FALSE;
    return 0;
}

// False: the queue was not busy. It is now, with this one.
static bool make_busy(const struct ks_kernel_call *call)
{
    KDEVICE_QUEUE *queue = queue_of(call);
    KDEVICE_QUEUE_ENTRY *entry = ks_guest_pointer(ARGUMENT(1));
    bool was_busy = queue->Busy;
    queue->Busy = TRUE;
    entry->Inserted = FALSE;
    return was_busy;
}

uint64_t ks_ke_device_queue_insert(const struct ks_kernel_call *call)
{
    if (!make_busy(call)) {
        return FALSE;
    }
    insert_before(&queue_of(call)->DeviceListHead, ks_guest_pointer(ARGUMENT(1)));
    return TRUE;
}

uint64_t ks_ke_device_queue_insert_by_key(const struct ks_kernel_call *call)
{
    KDEVICE_QUEUE *queue = queue_of(call);
    KDEVICE_QUEUE_ENTRY *entry = ks_guest_pointer(ARGUMENT(1));
    LIST_ENTRY *link = queue->DeviceListHead.Flink;
    entry->SortKey = (ULONG)ARGUMENT(2);
    if (!make_busy(call)) {
        return FALSE;
    }
    while (link != &queue->DeviceListHead && entry_of(link)->SortKey <= entry->SortKey) {
        link = link->Flink;
    }
    insert_before(link, entry);
    return TRUE;
}

uint64_t ks_ke_device_queue_remove(const struct ks_kernel_call *call)
{
    KDEVICE_QUEUE *queue = queue_of(call);
    if (queue->DeviceListHead.Flink == &queue->DeviceListHead) {
        queue->Busy = FALSE;
        return 0;
    }
    return take(queue->DeviceListHead.Flink);
}

// The first whose key is not lower, else the first of all.
uint64_t ks_ke_device_queue_remove_by_key(const struct ks_kernel_call *call)
{
    KDEVICE_QUEUE *queue = queue_of(call);
    LIST_ENTRY *head = &queue->DeviceListHead, *link = head->Flink;
    while (link != head && entry_of(link)->SortKey < (ULONG)ARGUMENT(1)) {
        link = link->Flink;
    }
    return link != head ? take(link) : ks_ke_device_queue_remove(call);
}

uint64_t ks_ke_device_queue_remove_by_key_if_busy(const struct ks_kernel_call *call)
{
    return queue_of(call)->Busy ? ks_ke_device_queue_remove_by_key(call) : 0;
}

uint64_t ks_ke_device_queue_remove_entry(const struct ks_kernel_call *call)
{
    KDEVICE_QUEUE_ENTRY *entry = ks_guest_pointer(ARGUMENT(1));
    if (!entry->Inserted) {
        return FALSE;
    }
    take(&entry->DeviceListEntry);
    return TRUE;
}
