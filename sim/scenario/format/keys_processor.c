// SPDX-License-Identifier: MIT
// The key table, part for the simulated processor.
#include "scenario/format/keys.h"
#include "scenario/format/scalar.h"

#define COUNT_OF(array) (sizeof(array) / sizeof(array)[0])
#define ENTRIES_MAX     1024 // of a map

static const struct ks_shape hypervisor_shape = {.kind = KS_SHAPE_TEXT,
                                                 .name = "hypervisor",
                                                 .what = "1 to 12 printable ASCII characters",
                                                 .pattern = "[ -~]{1,12}",
                                                 .fits = ks_scalar_fits_signature};

static const struct ks_shape registers_shape = {.kind = KS_SHAPE_LIST,
                                                .name = "cpuid_registers",
                                                .what = "four numbers: EAX, EBX, ECX, EDX",
                                                .item = &ks_number32_shape,
                                                .min = 4,
                                                .max = 4};
static const struct ks_shape subleaves_shape = {.kind = KS_SHAPE_MAP,
                                                .what = "a map of subleaves to four numbers",
                                                .key = &ks_number32_shape,
                                                .item = &registers_shape,
                                                .min = 1,
                                                .max = ENTRIES_MAX};
static const struct ks_shape *const leaf_choices[] = {&registers_shape, &subleaves_shape, NULL};
static const struct ks_shape leaf_shape = {
    .kind = KS_SHAPE_CHOICE,
    .what = "four numbers (EAX, EBX, ECX, EDX), or a map of subleaves to them",
    .choices = leaf_choices};
static const struct ks_shape leaves_shape = {.kind = KS_SHAPE_MAP,
                                             .what = "a map of leaves to what they give",
                                             .key = &ks_number32_shape,
                                             .item = &leaf_shape,
                                             .min = 1,
                                             .max = ENTRIES_MAX};
static const struct ks_shape msrs_shape = {.kind = KS_SHAPE_MAP,
                                           .what = "a map of registers to their values",
                                           .key = &ks_number32_shape,
                                           .item = &ks_number64_shape,
                                           .min = 1,
                                           .max = ENTRIES_MAX};

static const struct ks_key processor_keys[] = {
    [KS_PROCESSOR_HYPERVISOR] = {"hypervisor", &hypervisor_shape,
                                 "CPUID tells of a hypervisor with this signature, such as "
                                 "Microsoft Hv, at leaf 0x40000000.",
                                 KS_KEY_SOME_OF, 0, 0},
    [KS_PROCESSOR_CPUID] =
        {"cpuid", &leaves_shape,
         "What CPUID gives, by leaf: [EAX, EBX, ECX, EDX], or a map of subleaves "
         "to that.",
         KS_KEY_SOME_OF, 0, 0},
    [KS_PROCESSOR_MSR] = {"msr", &msrs_shape,
                          "Model-specific registers by index, with what they hold at first.",
                          KS_KEY_SOME_OF, 0, 0},
};
const struct ks_shape ks_processor_shape = {.kind = KS_SHAPE_RECORD,
                                            .name = "processor",
                                            .what = "a map: what differs at the processor",
                                            .keys = processor_keys,
                                            .key_count = COUNT_OF(processor_keys)};
