// SPDX-License-Identifier: MIT
#ifndef BUS_H
#define BUS_H

#include <ntddk.h>

#ifndef BUSAPI
#define BUSAPI DECLSPEC_IMPORT
#endif

BUSAPI ULONG NTAPI BusSlots(VOID);

#endif
