// SPDX-License-Identifier: MIT
#ifndef PORT_H
#define PORT_H

#include <ntddk.h>

#ifndef PORTAPI
#define PORTAPI DECLSPEC_IMPORT
#endif

PORTAPI VOID NTAPI PortHello(VOID);

#endif
