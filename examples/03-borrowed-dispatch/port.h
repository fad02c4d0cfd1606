// SPDX-License-Identifier: MIT
// The dispatch routines that port.sys lends to its miniports.
#ifndef PORT_H
#define PORT_H

#include <ntddk.h>

#ifndef PORTAPI
#define PORTAPI DECLSPEC_IMPORT
#endif

PORTAPI NTSTATUS NTAPI PortCreateClose(PDEVICE_OBJECT Device, PIRP Irp);
PORTAPI NTSTATUS NTAPI PortRead(PDEVICE_OBJECT Device, PIRP Irp);

#endif
