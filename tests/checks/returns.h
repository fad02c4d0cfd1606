// SPDX-License-Identifier: MIT
// Routines of each kind that return in a state that enter() makes, and ones that leave() it in
// time, which who includes this defines before.
#ifndef KLDR_TESTS_CHECKS_RETURNS_H
#define KLDR_TESTS_CHECKS_RETURNS_H

#include "acts.h"

static void enter(void);
static void leave(void);

static WORK_QUEUE_ITEM item;
static KEVENT done;
static KDPC dpc;

// ---- a dispatch routine ----

static NTSTATUS dispatch_wrong(PDEVICE_OBJECT target, PIRP irp)
{
    UNREFERENCED_PARAMETER(target);
    enter();
    return complete(irp, STATUS_SUCCESS);
}

static NTSTATUS dispatch_right(PDEVICE_OBJECT target, PIRP irp)
{
    UNREFERENCED_PARAMETER(target);
    enter();
    leave();
    return complete(irp, STATUS_SUCCESS);
}

// ---- a completion routine ----

static NTSTATUS NTAPI on_completion(PDEVICE_OBJECT target, PIRP irp, PVOID wrong)
{
    UNREFERENCED_PARAMETER(target);
    enter();
    if (wrong == NULL) {
        leave();
    }
    IoFreeIrp(irp);
    return STATUS_MORE_PROCESSING_REQUIRED;
}

static void send(PVOID wrong)
{
    PIRP irp = IoAllocateIrp(1, FALSE);
    IoGetNextIrpStackLocation(irp)->MajorFunction = IRP_MJ_READ;
    IoSetCompletionRoutine(irp, on_completion, wrong, TRUE, TRUE, TRUE);
    IoCallDriver(device, irp);
}

static void completion_wrong(void)
{
    send(&item);
}

static void completion_right(void)
{
    send(NULL);
}

// ---- a DPC ----

static VOID NTAPI on_dpc(PKDPC self, PVOID wrong, PVOID first, PVOID second)
{
    UNREFERENCED_PARAMETER(self);
    UNREFERENCED_PARAMETER(first);
    UNREFERENCED_PARAMETER(second);
    enter();
    if (wrong == NULL) {
        leave();
    }
}

static void run_dpc(PVOID wrong)
{
    KeInitializeDpc(&dpc, on_dpc, wrong);
    KeInsertQueueDpc(&dpc, NULL, NULL);
}

static void dpc_wrong(void)
{
    run_dpc(&item);
}

static void dpc_right(void)
{
    run_dpc(NULL);
}

// ---- a work item ----

static VOID NTAPI on_item(PVOID wrong)
{
    KeSetEvent(&done, IO_NO_INCREMENT, FALSE);
    enter();
    if (wrong == NULL) {
        leave();
    }
}

static void run_item(PVOID wrong)
{
    KeInitializeEvent(&done, NotificationEvent, FALSE);
    ExInitializeWorkItem(&item, on_item, wrong);
    ExQueueWorkItem(&item, DelayedWorkQueue);
    KeWaitForSingleObject(&done, Executive, KernelMode, FALSE, NULL);
}

static void item_wrong(void)
{
    run_item(&item);
}

static void item_right(void)
{
    run_item(NULL);
}

// ---- AddDevice ----

static NTSTATUS NTAPI add_wrong(PDRIVER_OBJECT self, PDEVICE_OBJECT physical)
{
    UNREFERENCED_PARAMETER(self);
    UNREFERENCED_PARAMETER(physical);
    enter();
    return STATUS_NO_SUCH_DEVICE;
}

static NTSTATUS NTAPI add_right(PDRIVER_OBJECT self, PDEVICE_OBJECT physical)
{
    UNREFERENCED_PARAMETER(self);
    UNREFERENCED_PARAMETER(physical);
    enter();
    leave();
    return STATUS_NO_SUCH_DEVICE;
}

static void set_add_wrong(void)
{
    driver->DriverExtension->AddDevice = add_wrong;
}

static void set_add_right(void)
{
    driver->DriverExtension->AddDevice = add_right;
}

// ---- DriverUnload ----

static void unload_wrong(void)
{
    enter();
}

static void unload_right(void)
{
    enter();
    leave();
}

static const struct act acts[] = {
    {.name = "dispatch", .write = dispatch_wrong},
    {.name = "dispatch-not", .write = dispatch_right},
    {.name = "completion", .load = completion_wrong},
    {.name = "completion-not", .load = completion_right},
    {.name = "dpc", .load = dpc_wrong},
    {.name = "dpc-not", .load = dpc_right},
    {.name = "item", .load = item_wrong},
    {.name = "item-not", .load = item_right},
    {.name = "add", .load = set_add_wrong},
    {.name = "add-not", .load = set_add_right},
    {.name = "unload", .unload = unload_wrong},
    {.name = "unload-not", .unload = unload_right},
};

#include "entry.h"

#endif
