// SPDX-License-Identifier: MIT
// The way up: completion routines, then what the system does with an IRP at its end.

#include "kernel/io/io_pending.h"

#include "kernel/ke/ke.h"
#include "kernel/ke/ke_return.h"
#include "kernel/mm/mm_mdl.h"

#include <string.h>

#define STOP_IRQL                  0x0Au
#define STOP_MULTIPLE_IRP_COMPLETE 0x44u
#define STOP_VERIFIER_IO           0xC9u
#define VERIFIER_PENDING           6u
#define VERIFIER_CANCEL_ROUTINE    7u

static void stop(const struct ks_io_actor *actor, uint32_t code, uint64_t first, uint64_t second,
                 uint64_t third, const char *text)
{
    const struct ks_kernel_call call = ks_io_actor_call(actor);
    ks_nt_stop(&call, code, first, second, third, 0, text);
}

// ---- the end of an IRP ----

static void copy_output(const IRP *irp)
{
    ULONG wanted = IRP_BUFFERED_IO | IRP_INPUT_OPERATION;
    if ((irp->Flags & wanted) == wanted && !NT_ERROR(irp->IoStatus.Status) &&
        irp->IoStatus.Status != (NTSTATUS)STATUS_VERIFY_REQUIRED) {
        memcpy(irp->UserBuffer, irp->AssociatedIrp.SystemBuffer, irp->IoStatus.Information);
    }
}

static void free_buffers(struct kldr_world *world, IRP *irp)
{
    if ((irp->Flags & IRP_DEALLOCATE_BUFFER) != 0) {
        ks_nt_give(world, ks_io_address(irp->AssociatedIrp.SystemBuffer));
    }
    for (MDL *mdl = irp->MdlAddress, *next; mdl != NULL; mdl = next) {
        next = mdl->Next;
        ks_mm_mdl_free(world, ks_io_address(mdl));
    }
    irp->MdlAddress = NULL;
}

static void free_irp(struct kldr_world *world, IRP *irp)
{
    struct ks_io_irp *known = ks_io_irp_find(world, ks_io_address(irp));
    if (known != NULL) {
        ks_io_irp_free(world, known);
    }
}

// Results go back to the thread that asked. A request that failed before it was pending is told by
// the status of the call alone.
static void finish_threaded(struct kldr_world *world, IRP *irp)
{
    IO_STATUS_BLOCK result = irp->IoStatus, *block = irp->UserIosb;
    KEVENT *event = irp->UserEvent;
    bool tell = !NT_ERROR(result.Status) || irp->PendingReturned;
    if (tell && block != NULL) {
        *block = result;
    }
    ks_io_complete_deliver(world, ks_io_address(irp));
    if (tell && event != NULL) {
        ks_ke_event_set(world, ks_io_address(event));
    }
}

void ks_io_complete_deliver(struct kldr_world *world, uint64_t address)
{
    IRP *irp = ks_guest_pointer(address);
    copy_output(irp);
    free_buffers(world, irp);
    free_irp(world, irp);
}

// One of a master IRP's parts: the last of them completes it.
static void finish_associated(const struct ks_io_actor *actor, IRP *irp)
{
    IRP *master = irp->AssociatedIrp.MasterIrp;
    LONG left = --master->AssociatedIrp.IrpCount;
    free_buffers(actor->world, irp);
    free_irp(actor->world, irp);
    if (left == 0) {
        ks_io_complete(actor, ks_io_address(master));
    }
}

static void unlock_all(IRP *irp)
{
    for (MDL *mdl = irp->MdlAddress; mdl != NULL; mdl = mdl->Next) {
        if ((mdl->MdlFlags & MDL_PAGES_LOCKED) != 0) {
            ks_mm_mdl_unlock(mdl);
        }
    }
}

static void finish(const struct ks_io_actor *actor, IRP *irp)
{
    struct ks_io_irp *known = ks_io_irp_find(actor->world, ks_io_address(irp));
    if (known != NULL) {
        known->sent = false;
    }
    if ((irp->Flags & IRP_ASSOCIATED_IRP) != 0) {
        finish_associated(actor, irp);
        return;
    }
    unlock_all(irp);
    if (known != NULL && known->done != NULL) {
        known->ended = true;
        known->done(actor->world, known);
    } else if (irp->Tail.Overlay.Thread == NULL) {
        stop(actor, STOP_IRQL, 0, KS_DISPATCH_LEVEL, 0,
             "completed an IRP to its end that belongs to no thread: a completion routine has to "
             "answer STATUS_MORE_PROCESSING_REQUIRED and free it");
    } else {
        finish_threaded(actor->world, irp);
    }
}

// ---- the way ----

static bool wants_to_know(const IRP *irp, UCHAR control)
{
    return ((control & SL_INVOKE_ON_SUCCESS) != 0 && NT_SUCCESS(irp->IoStatus.Status)) ||
           ((control & SL_INVOKE_ON_ERROR) != 0 && !NT_SUCCESS(irp->IoStatus.Status)) ||
           ((control & SL_INVOKE_ON_CANCEL) != 0 && irp->Cancel);
}

static void clear(IO_STACK_LOCATION *location)
{
    location->MinorFunction = location->Flags = location->Control = 0;
    memset(&location->Parameters, 0, sizeof location->Parameters);
    location->FileObject = NULL;
}

// Calls the routine that the driver above left in a location. False: the IRP is that driver's now,
// or the system stopped.
static bool call_routine(const struct ks_io_actor *actor, IRP *irp, IO_STACK_LOCATION *location)
{
    bool top = irp->CurrentLocation == irp->StackCount + 1;
    uint64_t device = top ? 0 : ks_io_address(irp->Tail.Overlay.CurrentStackLocation->DeviceObject);
    uint64_t arguments[] = {device, ks_io_address(irp), ks_io_address(location->Context)};
    uint64_t function = (uint64_t)(uintptr_t)location->CompletionRoutine, result = 0;
    struct ks_io_irp *known = top ? ks_io_irp_find(actor->world, ks_io_address(irp)) : NULL;
    clear(location);
    if (known != NULL) {
        known->arrived = true; // the routine may free it
    }
    const struct ks_ke_kept kept = ks_ke_keep(actor->world);
    return ks_nt_call_open(actor->world, function, arguments, 3, &result) &&
           ks_ke_is_kept(actor->world, &kept, KS_KE_COMPLETION_ROUTINE, function, 0) &&
           (NTSTATUS)(uint32_t)result != STATUS_MORE_PROCESSING_REQUIRED;
}

static bool go_up(const struct ks_io_actor *actor, IRP *irp)
{
    struct ks_io_irp *known = ks_io_irp_find(actor->world, ks_io_address(irp));
    while (irp->CurrentLocation <= irp->StackCount) {
        IO_STACK_LOCATION *location = irp->Tail.Overlay.CurrentStackLocation++;
        irp->CurrentLocation++;
        irp->PendingReturned = (location->Control & SL_PENDING_RETURNED) != 0;
        ks_io_pending_pass(actor->world, known, irp->CurrentLocation - 1, location);
        if (wants_to_know(irp, location->Control)) {
            if (!call_routine(actor, irp, location)) {
                return false;
            }
        } else {
            if (irp->PendingReturned && irp->CurrentLocation <= irp->StackCount) {
                irp->Tail.Overlay.CurrentStackLocation->Control |= SL_PENDING_RETURNED;
            }
            clear(location);
        }
    }
    return true;
}

// Whether it was completed before.
static bool is_complete(const IRP *irp, const struct ks_io_irp *known)
{
    return irp->Type != IO_TYPE_IRP || irp->CurrentLocation > irp->StackCount + 1 ||
           (known != NULL && (known->ended || (known->arrived && !known->threaded)));
}

static bool is_fit(const struct ks_io_actor *actor, const IRP *irp, bool complete)
{
    uint64_t address = ks_io_address(irp);
    if (complete) {
        stop(actor, STOP_MULTIPLE_IRP_COMPLETE, address, 0, 0,
             "completed an IRP that was completed before");
    } else if (irp->IoStatus.Status == STATUS_PENDING || irp->IoStatus.Status == -1) {
        stop(actor, STOP_VERIFIER_IO, VERIFIER_PENDING, (uint32_t)irp->IoStatus.Status, address,
             "completed an IRP with a status that says it is pending");
    } else if (irp->CancelRoutine != NULL) {
        stop(actor, STOP_VERIFIER_IO, VERIFIER_CANCEL_ROUTINE,
             (uint64_t)(uintptr_t)irp->CancelRoutine, address,
             "completed an IRP whose cancel routine was still set");
    } else {
        return true;
    }
    return false;
}

void ks_io_complete(const struct ks_io_actor *actor, uint64_t address)
{
    IRP *irp = ks_guest_pointer(address);
    bool complete = is_complete(irp, ks_io_irp_find(actor->world, address));
    bool fit = KS_CHECKED(actor->world, IRP_COMPLETION) ? is_fit(actor, irp, complete) : !complete;
    if (fit && go_up(actor, irp)) {
        finish(actor, irp);
    }
}

// IofCompleteRequest(Irp, PriorityBoost)
uint64_t ks_io_complete_complete_request(const struct ks_kernel_call *call)
{
    const struct ks_io_actor actor = {call->world, call->caller};
    ks_io_complete(&actor, call->arguments[0]);
    return 0;
}
