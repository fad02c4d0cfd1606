// SPDX-License-Identifier: MIT
// hal.dll for x86 as constant data.
#define CORE_NAMES           "kernel/image/hal_names.inc"
#define CORE_MODULE          "hal.dll"
#define CORE_MACHINE         0x014c
#define CORE_CHARACTERISTICS 0x2000 // a DLL
#define CORE_OBJECT          ks_kernel_core_hal_x86
#include "kernel/image/kernel_core_image.inc"
