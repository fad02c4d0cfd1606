// SPDX-License-Identifier: MIT
// hal.dll for arm64 as constant data.
#define CORE_NAMES           "kernel/image/hal_names.inc"
#define CORE_MODULE          "hal.dll"
#define CORE_MACHINE         0xaa64
#define CORE_CHARACTERISTICS 0x2000 // a DLL
#define CORE_OBJECT          ks_kernel_core_hal_arm64
#include "kernel/image/kernel_core_image.inc"
