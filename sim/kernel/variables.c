// SPDX-License-Identifier: MIT
// The variables that the kernel exports, with what they hold in a new world. All but pointers to
// objects are constants of a system that has started and is not being debugged.

#include "kernel/functions.h"

#include "kernel/ke/ke.h"
#include "kernel/mm/mm_probe.h"
#include "kernel/ob/ob.h"
#include "kernel/se_exports.h"

#include <string.h>

#define TAG_NLS        0x20736C4Eu // 'Nls '
#define LEAD_BYTES     512u        // 256 numbers, none of which is a lead byte's
#define WINDOWS_1252   1252u
#define OEM_437        437u
#define BUILD          19041u
#define CHECKED_OR_NOT 0xF0000000u // of a free build

static uint64_t system_process(struct kldr_world *world, const char *name)
{
    (void)name;
    return ks_ke_system_process(world);
}

static uint64_t processors(struct kldr_world *world, const char *name)
{
    (void)name;
    return ks_ke_processor_count(world);
}

// Code pages of single bytes: each byte's entry is 0.
static uint64_t lead_bytes(struct kldr_world *world, const char *name)
{
    (void)name;
    return ks_nt_take(world, LEAD_BYTES, TAG_NLS);
}

// A variable holds a number that is the same everywhere, a text, or what is made for each world.
static const struct {
    const char *name;
    uint64_t value;
    uint64_t (*make)(struct kldr_world *world, const char *name);
    const char *text;
} variables[] = {
    {"CmKeyObjectType", 0, ks_ob_type_variable, NULL},
    {"ExEventObjectType", 0, ks_ob_type_variable, NULL},
    {"ExSemaphoreObjectType", 0, ks_ob_type_variable, NULL},
    {"ExTimerObjectType", 0, ks_ob_type_variable, NULL},
    {"InitSafeBootMode", 0, NULL, NULL},
    {"IoDeviceObjectType", 0, ks_ob_type_variable, NULL},
    {"IoDriverObjectType", 0, ks_ob_type_variable, NULL},
    {"IoFileObjectType", 0, ks_ob_type_variable, NULL},
    {"KdComPortInUse", 0, NULL, NULL},
    {"KdDebuggerEnabled", 0, NULL, NULL},
    {"KdDebuggerNotPresent", 1, NULL, NULL},
    {"KdEnteredDebugger", 0, NULL, NULL},
    {"KeLoaderBlock", 0, NULL, NULL}, // gone once the system has started
    {"KeNumberProcessors", 1, processors, NULL},
    {"KiBugCheckData", 0, NULL, NULL}, // five numbers, 0 until the system stops
    {"MmHighestUserAddress", 0, ks_mm_address_variable, NULL},
    {"MmSectionObjectType", 0, ks_ob_type_variable, NULL},
    {"MmSystemRangeStart", 0, ks_mm_address_variable, NULL},
    {"MmUserProbeAddress", 0, ks_mm_address_variable, NULL},
    {"NlsAnsiCodePage", WINDOWS_1252, NULL, NULL},
    {"NlsLeadByteInfo", 0, lead_bytes, NULL},
    {"NlsMbCodePageTag", 0, NULL, NULL},
    {"NlsMbOemCodePageTag", 0, NULL, NULL},
    {"NlsOemCodePage", OEM_437, NULL, NULL},
    {"NlsOemLeadByteInfo", 0, lead_bytes, NULL},
    {"NtBuildLab", 0, NULL, "19041.1.amd64fre.vb_release.191206-1406"},
    {"NtBuildNumber", CHECKED_OR_NOT + BUILD, NULL, NULL},
    {"NtGlobalFlag", 0, NULL, NULL},
    {"PsInitialSystemProcess", 0, system_process, NULL},
    {"PsProcessType", 0, ks_ob_type_variable, NULL},
    {"PsThreadType", 0, ks_ob_type_variable, NULL},
    {"SeExports", 0, ks_se_exports_make, NULL},
    {"SeTokenObjectType", 0, ks_ob_type_variable, NULL},
};

#define NOWHERE (sizeof variables / sizeof variables[0])

static size_t find(const char *name)
{
    size_t i = 0;
    while (i < NOWHERE && strcmp(variables[i].name, name) != 0) {
        i++;
    }
    return i;
}

bool ks_function_variable(struct kldr_world *world, const char *name, uint64_t *out_value)
{
    size_t i = find(name);
    if (i != NOWHERE) {
        bool made = world != NULL && variables[i].make != NULL;
        *out_value = made ? variables[i].make(world, name) : variables[i].value;
    }
    return i != NOWHERE;
}

bool ks_function_put_variable(struct kldr_world *world, const char *name, uint64_t address)
{
    size_t i = find(name);
    uint64_t value = 0;
    if (i != NOWHERE && variables[i].text != NULL) {
        memcpy(ks_guest_pointer(address), variables[i].text, strlen(variables[i].text) + 1);
    } else if (ks_function_variable(world, name, &value)) {
        ks_guest_put_number(address, sizeof value, value);
    }
    return i != NOWHERE;
}
