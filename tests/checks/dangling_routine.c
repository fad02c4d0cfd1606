// SPDX-License-Identifier: MIT
// Routines of another driver in this one's dispatch table; a write gives them back.
#include "acts.h"

static PDRIVER_DISPATCH own;

static void borrow(void)
{
    UNICODE_STRING name = RTL_CONSTANT_STRING(u"\\Device\\lender");
    PFILE_OBJECT file = NULL;
    PDEVICE_OBJECT lender = NULL;
    if (NT_SUCCESS(IoGetDeviceObjectPointer(&name, FILE_READ_DATA, &file, &lender))) {
        own = driver->MajorFunction[IRP_MJ_READ];
        driver->MajorFunction[IRP_MJ_READ] = lender->DriverObject->MajorFunction[IRP_MJ_READ];
        ObDereferenceObject(file);
    }
}

static NTSTATUS give_back(PDEVICE_OBJECT target, PIRP irp)
{
    UNREFERENCED_PARAMETER(target);
    driver->MajorFunction[IRP_MJ_READ] = own;
    return complete(irp, STATUS_SUCCESS);
}

static const struct act acts[] = {
    {.name = "lender"},
    {.name = "borrower", .load = borrow, .write = give_back},
};

#include "entry.h"
