// SPDX-License-Identifier: MIT
// Cancel-safe queues, and what a driver registers to be called for after its start and at the end.
#include "check.h"

static IO_CSQ csq;
static LIST_ENTRY queue;
static KSPIN_LOCK lock;
static ULONG cancelled;

static VOID NTAPI insert(PIO_CSQ target, PIRP irp)
{
    CHECK(target == &csq && KeGetCurrentIrql() == DISPATCH_LEVEL);
    InsertTailList(&queue, &irp->Tail.Overlay.ListEntry);
}

static VOID NTAPI take_out(PIO_CSQ target, PIRP irp)
{
    CHECK(target == &csq);
    RemoveEntryList(&irp->Tail.Overlay.ListEntry);
}

static PIRP NTAPI peek(PIO_CSQ target, PIRP irp, PVOID context)
{
    PLIST_ENTRY next = irp != NULL ? irp->Tail.Overlay.ListEntry.Flink : queue.Flink;
    CHECK(target == &csq && context == &cancelled);
    return next != &queue ? CONTAINING_RECORD(next, IRP, Tail.Overlay.ListEntry) : NULL;
}

static VOID NTAPI acquire(PIO_CSQ target, PKIRQL irql)
{
    CHECK(target == &csq);
    KeAcquireSpinLock(&lock, irql);
}

static VOID NTAPI release(PIO_CSQ target, KIRQL irql)
{
    CHECK(target == &csq);
    KeReleaseSpinLock(&lock, irql);
}

static VOID NTAPI complete_canceled(PIO_CSQ target, PIRP irp)
{
    CHECK(target == &csq && irp->Cancel);
    cancelled++;
}

static PIRP make(PIO_CSQ_IRP_CONTEXT context)
{
    PIRP irp = IoAllocateIrp(1, FALSE);
    IoSetNextIrpStackLocation(irp);
    IoCsqInsertIrp(&csq, irp, context);
    return irp;
}

static void check_queue(void)
{
    IO_CSQ_IRP_CONTEXT context, gone;
    PIRP first, second, third, early;
    InitializeListHead(&queue);
    KeInitializeSpinLock(&lock);
    CHECK(IoCsqInitialize(&csq, insert, take_out, peek, acquire, release, complete_canceled) ==
          STATUS_SUCCESS);
    CHECK(IoCsqRemoveNextIrp(&csq, &cancelled) == NULL);
    first = make(NULL);
    second = make(&context);
    third = make(&gone);
    CHECK(IoGetCurrentIrpStackLocation(first)->Control & SL_PENDING_RETURNED);
    CHECK(IoCsqRemoveNextIrp(&csq, &cancelled) == first && first->CancelRoutine == NULL);
    CHECK(IoCsqRemoveIrp(&csq, &context) == second && context.Irp == NULL);
    CHECK(IoCsqRemoveIrp(&csq, &context) == NULL);
    CHECK(IoCancelIrp(third) && cancelled == 1 && IsListEmpty(&queue));
    CHECK(IoCsqRemoveIrp(&csq, &gone) == NULL && KeGetCurrentIrql() == PASSIVE_LEVEL);
    early = IoAllocateIrp(1, FALSE);
    IoSetNextIrpStackLocation(early);
    early->Cancel = TRUE;
    IoCsqInsertIrp(&csq, early, NULL);
    CHECK(cancelled == 2 && IsListEmpty(&queue));
    IoFreeIrp(first);
    IoFreeIrp(second);
    IoFreeIrp(third);
    IoFreeIrp(early);
}

static VOID NTAPI again(PDRIVER_OBJECT driver, PVOID context, ULONG count)
{
    UNREFERENCED_PARAMETER(driver);
    DbgPrint("again %d %d\n", context == &cancelled, (int)count);
    if (count == 1) {
        IoRegisterDriverReinitialization(driver, again, context);
    }
}

static void check(PDRIVER_OBJECT driver, PUNICODE_STRING path)
{
    PDEVICE_OBJECT device = NULL;
    UNREFERENCED_PARAMETER(path);
    check_queue();
    CHECK(IoCreateDevice(driver, 0, NULL, FILE_DEVICE_UNKNOWN, 0, FALSE, &device) == 0);
    CHECK(IoRegisterShutdownNotification(device) == STATUS_SUCCESS);
    CHECK(device->Flags & DO_SHUTDOWN_REGISTERED);
    IoUnregisterShutdownNotification(device);
    CHECK((device->Flags & DO_SHUTDOWN_REGISTERED) == 0);
    IoUnregisterShutdownNotification(device); // does nothing
    IoDeleteDevice(device);
    IoRegisterDriverReinitialization(driver, again, &cancelled);
}
