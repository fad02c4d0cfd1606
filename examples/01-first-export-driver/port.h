// SPDX-License-Identifier: MIT
// What port.sys offers to its miniports.
#ifndef PORT_H
#define PORT_H

#include <ntddk.h>

// Importers call through their import cell; port.c itself says PORTAPI is nothing.
#ifndef PORTAPI
#define PORTAPI DECLSPEC_IMPORT
#endif

PORTAPI NTSTATUS NTAPI PortRegister(PDRIVER_OBJECT Driver);
PORTAPI VOID NTAPI PortUnregister(PDRIVER_OBJECT Driver);

#endif
