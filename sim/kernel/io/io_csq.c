// SPDX-License-Identifier: MIT
// Cancel-safe queues: the driver keeps the queue, Io the rules of cancelling.

#include "kernel/io/io_irp.h"

#include "kernel/ke/ke.h"
#include "world/world_object.h"

#define TYPE_CSQ         1u
#define TYPE_CSQ_CONTEXT 2u
#define TYPE_CSQ_EX      3u
#define CSQ_SLOT         3u // of DriverContext, where a queued IRP has its queue or context

static uint64_t call_csq(const struct ks_kernel_call *call, const void *function, uint64_t a,
                         uint64_t b, uint64_t c)
{
    const uint64_t arguments[] = {a, b, c};
    uint64_t result = 0;
    ks_nt_call(call->world, (uint64_t)(uintptr_t)function, arguments, 3, &result);
    return result;
}

static KIRQL acquire(const struct ks_kernel_call *call, IO_CSQ *csq)
{
    KIRQL irql = PASSIVE_LEVEL;
    call_csq(call, (const void *)(uintptr_t)csq->CsqAcquireLock, ks_io_address(csq),
             ks_io_address(&irql), 0);
    return irql;
}

static void release(const struct ks_kernel_call *call, IO_CSQ *csq, KIRQL irql)
{
    call_csq(call, (const void *)(uintptr_t)csq->CsqReleaseLock, ks_io_address(csq), irql, 0);
}

static void remove_irp(const struct ks_kernel_call *call, IO_CSQ *csq, IRP *irp)
{
    IO_CSQ_IRP_CONTEXT *context = irp->Tail.Overlay.DriverContext[CSQ_SLOT];
    call_csq(call, (const void *)(uintptr_t)csq->CsqRemoveIrp, ks_io_address(csq),
             ks_io_address(irp), 0);
    if (context != NULL && context->Type == TYPE_CSQ_CONTEXT) {
        context->Irp = NULL;
    }
    irp->Tail.Overlay.DriverContext[CSQ_SLOT] = NULL;
}

// Whether the cancel routine was still there, so that nobody is cancelling the IRP.
static bool take_cancel_routine(IRP *irp)
{
    bool there = irp->CancelRoutine != NULL;
    irp->CancelRoutine = NULL;
    return there;
}

static void complete_canceled(const struct ks_kernel_call *call, IO_CSQ *csq, IRP *irp)
{
    call_csq(call, (const void *)(uintptr_t)csq->CsqCompleteCanceledIrp, ks_io_address(csq),
             ks_io_address(irp), 0);
}

// The cancel routine of queued IRPs: (DeviceObject, Irp)
uint64_t ks_io_csq_cancel(const struct ks_kernel_call *call)
{
    IRP *irp = ks_guest_pointer(call->arguments[1]);
    const uint64_t old_irql[] = {irp->CancelIrql};
    IO_CSQ *csq = irp->Tail.Overlay.DriverContext[CSQ_SLOT];
    ks_io_run(call, "IoReleaseCancelSpinLock", old_irql);
    if (csq->Type == TYPE_CSQ_CONTEXT) {
        csq = ((IO_CSQ_IRP_CONTEXT *)(void *)csq)->Csq;
    }
    KIRQL irql = acquire(call, csq);
    remove_irp(call, csq, irp);
    release(call, csq, irql);
    complete_canceled(call, csq, irp);
    return 0;
}

// IoCsqInitialize(Csq, InsertIrp, RemoveIrp, PeekNextIrp, AcquireLock, ReleaseLock,
// CompleteCanceledIrp)
static uint64_t initialize(const struct ks_kernel_call *call, ULONG type)
{
    const uint64_t *a = call->arguments;
    IO_CSQ *csq = ks_guest_pointer(a[0]);
    *csq = (IO_CSQ){.Type = type,
                    .CsqInsertIrp = (PIO_CSQ_INSERT_IRP)(uintptr_t)a[1],
                    .CsqRemoveIrp = (PIO_CSQ_REMOVE_IRP)(uintptr_t)a[2],
                    .CsqPeekNextIrp = (PIO_CSQ_PEEK_NEXT_IRP)(uintptr_t)a[3],
                    .CsqAcquireLock = (PIO_CSQ_ACQUIRE_LOCK)(uintptr_t)a[4],
                    .CsqReleaseLock = (PIO_CSQ_RELEASE_LOCK)(uintptr_t)a[5],
                    .CsqCompleteCanceledIrp = (PIO_CSQ_COMPLETE_CANCELED_IRP)(uintptr_t)a[6]};
    return STATUS_SUCCESS;
}

uint64_t ks_io_csq_initialize(const struct ks_kernel_call *call)
{
    return initialize(call, TYPE_CSQ);
}

// The same for a routine that may refuse to insert, and gets a context.
uint64_t ks_io_csq_initialize_ex(const struct ks_kernel_call *call)
{
    return initialize(call, TYPE_CSQ_EX);
}

// Puts it into the driver's queue, if the driver takes it.
static NTSTATUS put(const struct ks_kernel_call *call, IO_CSQ *csq, IRP *irp, uint64_t context)
{
    irp->Tail.Overlay.CurrentStackLocation->Control |= SL_PENDING_RETURNED;
    uint64_t result = call_csq(call, (const void *)(uintptr_t)csq->CsqInsertIrp, ks_io_address(csq),
                               ks_io_address(irp), context);
    NTSTATUS status =
        csq->Type == TYPE_CSQ_EX ? (NTSTATUS)(uint32_t)result : STATUS_SUCCESS; // else it is void
    if (!NT_SUCCESS(status)) {
        irp->Tail.Overlay.CurrentStackLocation->Control &= (UCHAR)~SL_PENDING_RETURNED;
        irp->Tail.Overlay.DriverContext[CSQ_SLOT] = NULL;
    }
    return status;
}

static NTSTATUS insert(const struct ks_kernel_call *call, uint64_t insert_context)
{
    IO_CSQ *csq = ks_guest_pointer(call->arguments[0]);
    IRP *irp = ks_guest_pointer(call->arguments[1]);
    IO_CSQ_IRP_CONTEXT *context = ks_guest_pointer(call->arguments[2]);
    uint64_t cancel = ks_nt_routine_address(call->world, "IopCsqCancel");
    irp->Tail.Overlay.DriverContext[CSQ_SLOT] = context != NULL ? (void *)context : (void *)csq;
    if (context != NULL) {
        *context = (IO_CSQ_IRP_CONTEXT){.Type = TYPE_CSQ_CONTEXT, .Irp = irp, .Csq = csq};
    }
    KIRQL irql = acquire(call, csq);
    NTSTATUS status = put(call, csq, irp, insert_context);
    bool cancelled = false;
    if (NT_SUCCESS(status)) {
        irp->CancelRoutine = (PDRIVER_CANCEL)(uintptr_t)cancel;
        cancelled = irp->Cancel && take_cancel_routine(irp);
    }
    if (cancelled) {
        remove_irp(call, csq, irp);
    }
    release(call, csq, irql);
    if (cancelled) {
        complete_canceled(call, csq, irp);
    }
    return status;
}

// IoCsqInsertIrp(Csq, Irp, Context)
uint64_t ks_io_csq_insert(const struct ks_kernel_call *call)
{
    insert(call, 0);
    return 0;
}

// IoCsqInsertIrpEx(Csq, Irp, Context, InsertContext)
uint64_t ks_io_csq_insert_ex(const struct ks_kernel_call *call)
{
    return KS_STATUS(insert(call, call->arguments[3]));
}

// IoCsqRemoveNextIrp(Csq, PeekContext)
uint64_t ks_io_csq_remove_next(const struct ks_kernel_call *call)
{
    IO_CSQ *csq = ks_guest_pointer(call->arguments[0]);
    KIRQL irql = acquire(call, csq);
    IRP *irp = NULL;
    do {
        irp =
            ks_guest_pointer(call_csq(call, (const void *)(uintptr_t)csq->CsqPeekNextIrp,
                                      ks_io_address(csq), ks_io_address(irp), call->arguments[1]));
    } while (irp != NULL && !take_cancel_routine(irp));
    if (irp != NULL) {
        remove_irp(call, csq, irp);
    }
    release(call, csq, irql);
    return ks_io_address(irp);
}

// IoCsqRemoveIrp(Csq, Context): NULL when the IRP was cancelled meanwhile.
uint64_t ks_io_csq_remove(const struct ks_kernel_call *call)
{
    IO_CSQ *csq = ks_guest_pointer(call->arguments[0]);
    IO_CSQ_IRP_CONTEXT *context = ks_guest_pointer(call->arguments[1]);
    KIRQL irql = acquire(call, csq);
    IRP *irp = context->Irp;
    if (irp != NULL && take_cancel_routine(irp)) {
        remove_irp(call, csq, irp);
    } else {
        irp = NULL;
    }
    release(call, csq, irql);
    return ks_io_address(irp);
}
