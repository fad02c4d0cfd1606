// SPDX-License-Identifier: MIT
// ntoskrnl.exe for x64 as constant data.
#define CORE_NAMES           "kernel/image/ntoskrnl_names.inc"
#define CORE_MODULE          "ntoskrnl.exe"
#define CORE_MACHINE         0x8664
#define CORE_CHARACTERISTICS 0
#define CORE_OBJECT          ks_kernel_core_ntoskrnl_x64
#include "kernel/image/kernel_core_image.inc"
