// SPDX-License-Identifier: MIT
// A driver that borrows routines of another one, and the other one. Their names say what each does:
// "lender" goes without a word, "polite" takes back what it lent first. They meet at a callback
// object.
#include "check.h"

struct loan {
    PDRIVER_DISPATCH dispatch;
    PIO_COMPLETION_ROUTINE completion;
    PCALLBACK_FUNCTION callback;
};

static PDRIVER_OBJECT self;
static PCALLBACK_OBJECT meeting;
static PVOID borrowed, own;
static PDEVICE_OBJECT device;
static PIRP waiting;
static PDRIVER_DISPATCH before;

static NTSTATUS NTAPI dispatch(PDEVICE_OBJECT target, PIRP irp)
{
    UNREFERENCED_PARAMETER(target);
    irp->IoStatus.Status = STATUS_SUCCESS;
    IoCompleteRequest(irp, IO_NO_INCREMENT);
    return STATUS_SUCCESS;
}

static NTSTATUS NTAPI keep(PDEVICE_OBJECT target, PIRP irp)
{
    UNREFERENCED_PARAMETER(target);
    IoMarkIrpPending(irp);
    waiting = irp;
    return STATUS_PENDING;
}

static NTSTATUS NTAPI completion(PDEVICE_OBJECT target, PIRP irp, PVOID context)
{
    UNREFERENCED_PARAMETER(target);
    UNREFERENCED_PARAMETER(context);
    IoFreeIrp(irp);
    return STATUS_MORE_PROCESSING_REQUIRED;
}

static VOID NTAPI called(PVOID context, PVOID first, PVOID second)
{
    UNREFERENCED_PARAMETER(context);
    UNREFERENCED_PARAMETER(first);
    UNREFERENCED_PARAMETER(second);
}

// ---- who borrows ----

static void borrow(const struct loan *loan)
{
    PIRP irp = IoAllocateIrp(1, FALSE);
    IoGetNextIrpStackLocation(irp)->MajorFunction = IRP_MJ_WRITE;
    IoSetCompletionRoutine(irp, loan->completion, NULL, TRUE, TRUE, TRUE);
    CHECK(IoCallDriver(device, irp) == STATUS_PENDING);
    before = self->MajorFunction[IRP_MJ_READ];
    self->MajorFunction[IRP_MJ_READ] = self->MajorFunction[IRP_MJ_CLEANUP] = loan->dispatch;
    borrowed = ExRegisterCallback(meeting, loan->callback, NULL);
    CHECK(borrowed != NULL);
}

static void give_back(void)
{
    self->MajorFunction[IRP_MJ_READ] = self->MajorFunction[IRP_MJ_CLEANUP] = before;
    waiting->IoStatus.Status = STATUS_SUCCESS;
    IoCompleteRequest(waiting, IO_NO_INCREMENT);
    ExUnregisterCallback(borrowed);
}

static VOID NTAPI meet(PVOID context, PVOID first, PVOID second)
{
    UNREFERENCED_PARAMETER(context);
    UNREFERENCED_PARAMETER(second);
    if (first != NULL) {
        borrow(first);
    } else {
        give_back();
    }
}

// ---- who lends ----

static VOID NTAPI go(PDRIVER_OBJECT driver)
{
    if (driver->DriverName.Buffer[8] == 'p') {
        ExNotifyCallback(meeting, NULL, NULL);
    }
    ObDereferenceObject(meeting);
}

static void lend(PDRIVER_OBJECT driver)
{
    struct loan loan = {dispatch, completion, called};
    driver->DriverUnload = go;
    ExNotifyCallback(meeting, &loan, NULL);
}

static void check(PDRIVER_OBJECT driver, PUNICODE_STRING path)
{
    static WCHAR text[] = {'\\', 'C',  'a', 'l', 'l', 'b', 'a', 'c',
                           'k',  '\\', 'L', 'o', 'a', 'n', 0};
    UNICODE_STRING name;
    OBJECT_ATTRIBUTES attributes;
    UNREFERENCED_PARAMETER(path);
    self = driver;
    RtlInitUnicodeString(&name, text);
    InitializeObjectAttributes(&attributes, &name, OBJ_CASE_INSENSITIVE | OBJ_PERMANENT, NULL,
                               NULL);
    CHECK(ExCreateCallback(&meeting, &attributes, TRUE, TRUE) == STATUS_SUCCESS);
    if (driver->DriverName.Buffer[8] != 'h') { // \Driver\holder
        lend(driver);
        return;
    }
    driver->MajorFunction[IRP_MJ_WRITE] = keep;
    CHECK(IoCreateDevice(driver, 0, NULL, FILE_DEVICE_UNKNOWN, 0, FALSE, &device) == 0);
    own = ExRegisterCallback(meeting, meet, NULL);
    CHECK(own != NULL);
}
