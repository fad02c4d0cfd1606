// SPDX-License-Identifier: MIT
// ntoskrnl.exe for arm64 as constant data.
#define CORE_NAMES           "kernel/image/ntoskrnl_names.inc"
#define CORE_MODULE          "ntoskrnl.exe"
#define CORE_MACHINE         0xaa64
#define CORE_CHARACTERISTICS 0
#define CORE_OBJECT          ks_kernel_core_ntoskrnl_arm64
#include "kernel/image/kernel_core_image.inc"
