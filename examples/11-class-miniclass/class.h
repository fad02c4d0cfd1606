// SPDX-License-Identifier: MIT
// The interface between the class driver and its miniclass drivers. A miniclass driver knows how
// its device measures; queueing, timing and cancelling of reads are the class driver's.
#ifndef SENSOR_CLASS_H
#define SENSOR_CLASS_H

#include <ntddk.h>

#ifndef CLASSAPI
#define CLASSAPI DECLSPEC_IMPORT
#endif

// Called at DISPATCH_LEVEL.
typedef ULONG NTAPI CLASS_MEASURE(ULONG Sample);

typedef struct _CLASS_REGISTRATION {
    ULONG Size; // of this structure
    PCWSTR DeviceName;
    PCWSTR LinkName;
    ULONG PeriodMs; // between two samples
    CLASS_MEASURE *Measure;
} CLASS_REGISTRATION, *PCLASS_REGISTRATION;

// A miniclass driver's DriverEntry calls it, and returns what it returns. From then on a read of
// the device gives the next sample, a ULONG, as soon as it is measured.
CLASSAPI NTSTATUS NTAPI ClassRegister(PDRIVER_OBJECT DriverObject,
                                      PCLASS_REGISTRATION Registration);

#endif
