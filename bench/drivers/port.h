// SPDX-License-Identifier: MIT
#ifndef PORT_H
#define PORT_H

#include <ntddk.h>

#ifndef PORTAPI
#define PORTAPI DECLSPEC_IMPORT
#endif

PORTAPI NTSTATUS NTAPI PortEnter(ULONG Number);
PORTAPI VOID NTAPI PortLeave(ULONG Number);
PORTAPI ULONG NTAPI PortTick(ULONG Value);

#endif
