// SPDX-License-Identifier: MIT
#ifndef LEFT_H
#define LEFT_H

#include <ntddk.h>

#ifndef LEFTAPI
#define LEFTAPI DECLSPEC_IMPORT
#endif

LEFTAPI LONG NTAPI LeftCount(LONG Rest);

#endif
