// SPDX-License-Identifier: MIT
// Just enough of the kernel's types to compile the sample drivers with any C compiler for Windows.
#ifndef SAMPLE_DRIVER_H
#define SAMPLE_DRIVER_H

typedef int NTSTATUS;
typedef unsigned int ULONG;
typedef struct UNICODE_STRING UNICODE_STRING;
typedef struct DRIVER_OBJECT DRIVER_OBJECT;

#define STATUS_SUCCESS ((NTSTATUS)0)
#define IMPORT         __declspec(dllimport)

IMPORT ULONG DbgPrint(const char *format, ...);

#endif
