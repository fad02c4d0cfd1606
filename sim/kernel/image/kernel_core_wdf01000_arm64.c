// SPDX-License-Identifier: MIT
// Wdf01000.sys for arm64 as constant data.
#define CORE_NAMES           "kernel/image/wdf01000_core_names.inc"
#define CORE_MODULE          "Wdf01000.sys"
#define CORE_MACHINE         0xaa64
#define CORE_CHARACTERISTICS 0
#define CORE_OBJECT          ks_kernel_core_wdf01000_arm64
#include "kernel/image/kernel_core_image.inc"
