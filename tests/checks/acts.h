// SPDX-License-Identifier: MIT
// What the drivers of this folder have in common. Each has acts, and does the one that has the name
// of its service. A source defines its table `acts` and
// includes entry.h behind it.
#ifndef KLDR_TESTS_CHECKS_ACTS_H
#define KLDR_TESTS_CHECKS_ACTS_H

#include <ntddk.h>

#define TAG 0x6B636843u // 'Chck'

struct act {
    const char *name;
    void (*load)(void);
    NTSTATUS(*write)
    (PDEVICE_OBJECT device, PIRP irp); // of its device, which has its name too; NULL: it completes
    void (*unload)(void);
};

static PDRIVER_OBJECT driver;
static PDEVICE_OBJECT device;

static NTSTATUS complete(PIRP irp, NTSTATUS status)
{
    irp->IoStatus.Status = status;
    irp->IoStatus.Information = 0;
    IoCompleteRequest(irp, IO_NO_INCREMENT);
    return status;
}

#endif
