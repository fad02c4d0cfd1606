// SPDX-License-Identifier: MIT
// Objects that are left behind, or that go at the last moment.
#include "acts.h"

static KTIMER timer;
static KDPC dpc;
static ERESOURCE resource;
static NPAGED_LOOKASIDE_LIST list;
static UNICODE_STRING link_name = RTL_CONSTANT_STRING(u"\\??\\Check");
static UNICODE_STRING device_name = RTL_CONSTANT_STRING(u"\\Device\\link");

static VOID NTAPI nothing(PKDPC self, PVOID context, PVOID first, PVOID second)
{
    UNREFERENCED_PARAMETER(self);
    UNREFERENCED_PARAMETER(context);
    UNREFERENCED_PARAMETER(first);
    UNREFERENCED_PARAMETER(second);
}

static void set_timer(void)
{
    LARGE_INTEGER due = {.QuadPart = -600000000};
    KeInitializeTimer(&timer);
    KeInitializeDpc(&dpc, nothing, NULL);
    KeSetTimer(&timer, due, &dpc);
}

static void cancel_timer(void)
{
    KeCancelTimer(&timer);
}

static void link(void)
{
    IoCreateSymbolicLink(&link_name, &device_name);
}

static void unlink(void)
{
    IoDeleteSymbolicLink(&link_name);
}

static void make_resource(void)
{
    ExInitializeResourceLite(&resource);
}

static void delete_resource(void)
{
    ExDeleteResourceLite(&resource);
}

static void make_list(void)
{
    ExInitializeNPagedLookasideList(&list, NULL, NULL, 0, 32, TAG, 0);
}

static void delete_list(void)
{
    ExDeleteNPagedLookasideList(&list);
}

static PIO_WORKITEM item;

static void make_item(void)
{
    item = IoAllocateWorkItem(device);
    DbgPrint("made\n");
}

static void free_item(void)
{
    IoFreeWorkItem(item);
}

static const struct act acts[] = {
    {.name = "timer", .load = set_timer},
    {.name = "timer-not", .load = set_timer, .unload = cancel_timer},
    {.name = "link", .load = link},
    {.name = "link-not", .load = link, .unload = unlink},
    {.name = "resource", .load = make_resource},
    {.name = "resource-not", .load = make_resource, .unload = delete_resource},
    {.name = "list", .load = make_list},
    {.name = "item", .load = make_item},
    {.name = "item-not", .load = make_item, .unload = free_item},
    {.name = "list-not", .load = make_list, .unload = delete_list},
};

#include "entry.h"
