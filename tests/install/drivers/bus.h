// SPDX-License-Identifier: MIT
#ifndef BUS_H
#define BUS_H

#include <ntddk.h>

#ifndef BUSAPI
#define BUSAPI DECLSPEC_IMPORT
#endif

BUSAPI NTSTATUS NTAPI BusAttach(PDRIVER_OBJECT Driver, PCUNICODE_STRING Name);

#endif
