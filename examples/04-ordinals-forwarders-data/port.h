// SPDX-License-Identifier: MIT
#ifndef PORT_H
#define PORT_H

#include <ntddk.h>

#ifndef PORTAPI
#define PORTAPI DECLSPEC_IMPORT
#endif

PORTAPI NTSTATUS NTAPI PortRegister(VOID);
PORTAPI NTSTATUS NTAPI PortSecret(ULONG Value); // by ordinal only
PORTAPI LONGLONG NTAPI PortTime(VOID);          // forwarded to clock.sys
PORTAPI extern ULONG PortVersion;               // a variable

#endif
