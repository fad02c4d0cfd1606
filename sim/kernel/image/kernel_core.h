// SPDX-License-Identifier: MIT
// The kernel images as the compiler lays them out: PE bytes that are constant data, so that a
// process which simulates a kernel starts without building, sorting or even copying anything.
//
// kernel_core_image.inc makes one such image out of a list of names. Everything in it is
// little-endian, whatever the host, so C code reads it through ks_kernel_core_u32.
#ifndef KS_KERNEL_CORE_H
#define KS_KERNEL_CORE_H

#include <kldr/image.h>

#define KS_KERNEL_CORE_PAGE     0x1000u // section and file alignment: file layout is mapped layout
#define KS_KERNEL_CORE_ROUTINE  16u     // bytes of .text for each name, variables included
#define KS_KERNEL_CORE_VARIABLE 256u    // bytes of .data for each DATA export

// One core image. All numbers but bytes are the same for every machine.
struct ks_kernel_core {
    const char *module;
    const uint8_t *bytes;
    uint32_t size;
    const uint8_t
        *headers_pe32; // what a PE32 image has in place of its first headers_pe32_size bytes
    uint32_t headers_pe32_size;
    uint32_t name_count;
    uint32_t functions; // offsets of the export tables; entry n of both is about name n
    uint32_t names;
    uint32_t code, code_size; // routine of name n: code + n * KS_KERNEL_CORE_ROUTINE
};

extern const struct ks_kernel_core ks_kernel_core_ntoskrnl_x64, ks_kernel_core_hal_x64;
extern const struct ks_kernel_core ks_kernel_core_ntoskrnl_arm64, ks_kernel_core_hal_arm64;
extern const struct ks_kernel_core ks_kernel_core_ntoskrnl_x86, ks_kernel_core_hal_x86;
extern const struct ks_kernel_core ks_kernel_core_wdfldr_x64, ks_kernel_core_wdfldr_arm64;
extern const struct ks_kernel_core ks_kernel_core_wdfldr_x86, ks_kernel_core_wdf01000_x64;
extern const struct ks_kernel_core ks_kernel_core_wdf01000_arm64, ks_kernel_core_wdf01000_x86;

static inline uint32_t ks_kernel_core_u32(const struct ks_kernel_core *core, uint32_t offset)
{
    const uint8_t *at = core->bytes + offset;
    return at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

// The name number index (from 0) of the sorted list.
static inline const char *ks_kernel_core_name(const struct ks_kernel_core *core, uint32_t index)
{
    return (const char *)core->bytes + ks_kernel_core_u32(core, core->names + 4 * index);
}

// Where the name's routine or variable lies.
static inline uint32_t ks_kernel_core_rva(const struct ks_kernel_core *core, uint32_t index)
{
    return ks_kernel_core_u32(core, core->functions + 4 * index);
}

static inline bool ks_kernel_core_is_code(const struct ks_kernel_core *core, uint32_t index)
{
    return ks_kernel_core_rva(core, index) - core->code < core->code_size;
}

#endif
