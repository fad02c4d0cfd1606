// SPDX-License-Identifier: MIT
// The header that comes with somebody else's port driver.
#ifndef PORT_H
#define PORT_H

#include <ntddk.h>

#ifndef PORTAPI
#define PORTAPI DECLSPEC_IMPORT
#endif

typedef struct PORT_ADAPTER *PPORT_ADAPTER;

PORTAPI extern ULONG PortVersion;
PORTAPI PPORT_ADAPTER NTAPI PortAllocateAdapter(PDRIVER_OBJECT Driver); // NULL: there is none
PORTAPI VOID NTAPI PortFreeAdapter(PPORT_ADAPTER Adapter);
PORTAPI NTSTATUS NTAPI PortStartQueue(PPORT_ADAPTER Adapter, ULONG Queue);
PORTAPI VOID NTAPI PortStopQueue(PPORT_ADAPTER Adapter, ULONG Queue);

#endif
