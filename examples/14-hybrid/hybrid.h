// SPDX-License-Identifier: MIT
// What a client sees of the hybrid.
#ifndef HYBRID_H
#define HYBRID_H

#include <ntddk.h>

#ifndef HYBRIDAPI
#define HYBRIDAPI DECLSPEC_IMPORT
#endif

// Whether the hybrid's own DriverEntry has run, so that there is a device.
HYBRIDAPI BOOLEAN NTAPI HybridIsStarted(VOID);

#endif
