// SPDX-License-Identifier: MIT
#ifndef RIGHT_H
#define RIGHT_H

#include <ntddk.h>

#ifndef RIGHTAPI
#define RIGHTAPI DECLSPEC_IMPORT
#endif

RIGHTAPI LONG NTAPI RightCount(LONG Rest);

#endif
