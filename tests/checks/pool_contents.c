// SPDX-License-Identifier: MIT
// Pool that is freed with something live in it, and with the same no longer live.
#include "acts.h"

struct contents {
    ULONG64 before;
    KTIMER timer;
    KDPC dpc;
    ERESOURCE resource;
    NPAGED_LOOKASIDE_LIST list;
    WORK_QUEUE_ITEM item;
};

static struct contents *contents;

static VOID NTAPI nothing(PKDPC self, PVOID context, PVOID first, PVOID second)
{
    UNREFERENCED_PARAMETER(self);
    UNREFERENCED_PARAMETER(context);
    UNREFERENCED_PARAMETER(first);
    UNREFERENCED_PARAMETER(second);
}

static VOID NTAPI item_nothing(PVOID context)
{
    UNREFERENCED_PARAMETER(context);
}

static void take(void)
{
    LARGE_INTEGER due = {.QuadPart = -600000000};
    contents = ExAllocatePoolWithTag(NonPagedPool, sizeof *contents, TAG);
    KeInitializeTimer(&contents->timer);
    KeInitializeDpc(&contents->dpc, nothing, NULL);
    ExInitializeWorkItem(&contents->item, item_nothing, NULL);
    KeSetTimer(&contents->timer, due, NULL);
    ExInitializeResourceLite(&contents->resource);
    ExInitializeNPagedLookasideList(&contents->list, NULL, NULL, 0, 32, TAG, 0);
}

// What is left is what the name says.
static void clear(BOOLEAN timer, BOOLEAN resource, BOOLEAN list)
{
    if (!timer) {
        KeCancelTimer(&contents->timer);
    }
    if (!resource) {
        ExDeleteResourceLite(&contents->resource);
    }
    if (!list) {
        ExDeleteNPagedLookasideList(&contents->list);
    }
}

static void give(void)
{
    ExFreePoolWithTag(contents, TAG);
}

static void give_timer(void)
{
    clear(TRUE, FALSE, FALSE);
    give();
}

static void give_resource(void)
{
    clear(FALSE, TRUE, FALSE);
    give();
}

static void give_list(void)
{
    clear(FALSE, FALSE, TRUE);
    give();
}

static void give_item(void)
{
    clear(FALSE, FALSE, FALSE);
    ExQueueWorkItem(&contents->item, DelayedWorkQueue);
    give();
}

static void give_dpc(void)
{
    KIRQL before;
    clear(FALSE, FALSE, FALSE);
    KeRaiseIrql(DISPATCH_LEVEL, &before);
    KeInsertQueueDpc(&contents->dpc, NULL, NULL);
    give();
    KeLowerIrql(before);
}

// All of it was live, and is no longer.
static void give_cleared(void)
{
    KIRQL before;
    clear(FALSE, FALSE, FALSE);
    KeRaiseIrql(DISPATCH_LEVEL, &before);
    KeInsertQueueDpc(&contents->dpc, NULL, NULL);
    KeRemoveQueueDpc(&contents->dpc);
    KeLowerIrql(before);
    give();
}

static const struct act acts[] = {
    {.name = "timer", .load = take, .unload = give_timer},
    {.name = "resource", .load = take, .unload = give_resource},
    {.name = "list", .load = take, .unload = give_list},
    {.name = "item", .load = take, .unload = give_item},
    {.name = "dpc", .load = take, .unload = give_dpc},
    {.name = "cleared", .load = take, .unload = give_cleared},
};

#include "entry.h"
