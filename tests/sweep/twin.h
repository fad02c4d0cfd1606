// SPDX-License-Identifier: MIT
// Each source of this folder is two drivers: with FAULTY 1 it does one thing wrong when one
// function fails, with FAULTY 0 it does it right. Nothing else differs.
#ifndef KLDR_TESTS_SWEEP_TWIN_H
#define KLDR_TESTS_SWEEP_TWIN_H

#include <ntddk.h>

#define TAG 0x6E697754u // 'Twin'

DRIVER_INITIALIZE DriverEntry;

#endif
