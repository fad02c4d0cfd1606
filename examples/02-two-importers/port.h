// SPDX-License-Identifier: MIT
#ifndef PORT_H
#define PORT_H

#include <ntddk.h>

#ifndef PORTAPI
#define PORTAPI DECLSPEC_IMPORT
#endif

// How many drivers use the port now.
PORTAPI LONG NTAPI PortEnter(PCSTR Who);
PORTAPI LONG NTAPI PortLeave(PCSTR Who);

#endif
