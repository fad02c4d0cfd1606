// SPDX-License-Identifier: MIT
#ifndef CLOCK_H
#define CLOCK_H

#include <ntddk.h>

#ifndef CLOCKAPI
#define CLOCKAPI DECLSPEC_IMPORT
#endif

CLOCKAPI VOID NTAPI ClockStart(VOID);
CLOCKAPI LONGLONG NTAPI ClockTime(VOID);

#endif
