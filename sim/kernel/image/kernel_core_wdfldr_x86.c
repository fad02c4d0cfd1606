// SPDX-License-Identifier: MIT
// WDFLDR.SYS for x86 as constant data.
#define CORE_NAMES           "kernel/image/wdfldr_names.inc"
#define CORE_MODULE          "WDFLDR.SYS"
#define CORE_MACHINE         0x014c
#define CORE_CHARACTERISTICS 0
#define CORE_OBJECT          ks_kernel_core_wdfldr_x86
#include "kernel/image/kernel_core_image.inc"
