// SPDX-License-Identifier: MIT
// Names from Microsoft's published PE format specification.
#include "cli/inspect.h"

const struct ks_flag_name ks_inspect_section_flags[] = {
    {0x20000000, "execute"},     {0x40000000, "read"},      {0x80000000, "write"},
    {0x02000000, "discardable"}, {0x08000000, "not-paged"}, {0, NULL},
};

const struct ks_flag_name ks_inspect_characteristics[] = {
    {0x0001, "relocs-stripped"},
    {0x0002, "executable"},
    {0x0020, "large-address-aware"},
    {0x0100, "32-bit-machine"},
    {0x0200, "debug-stripped"},
    {0x1000, "system"},
    {0x2000, "dll"},
    {0x4000, "up-system-only"},
    {0, NULL},
};

const struct ks_flag_name ks_inspect_dll_characteristics[] = {
    {0x0020, "high-entropy-va"}, {0x0040, "dynamic-base"}, {0x0080, "force-integrity"},
    {0x0100, "nx-compat"},       {0x0400, "no-seh"},       {0x0800, "no-bind"},
    {0x2000, "wdm-driver"},      {0x4000, "guard-cf"},     {0, NULL},
};

const char *ks_inspect_subsystem(unsigned subsystem)
{
    switch (subsystem) {
    case 1:
        return "native";
    case 2:
        return "windows-gui";
    case 3:
        return "windows-console";
    default:
        return NULL;
    }
}

const char *ks_inspect_routine_form(enum ks_routine_form form)
{
    static const char *const names[] = {
        [KS_ROUTINE_ABSENT] = "absent",       [KS_ROUTINE_PRESENT] = "exported",
        [KS_ROUTINE_FORWARDED] = "forwarded", [KS_ROUTINE_UNFOUND] = "unfound",
        [KS_ROUTINE_DECORATED] = "decorated",
    };
    return names[form];
}
