// SPDX-License-Identifier: MIT
// Po: routines that want to be told of power settings. Each is told the value at once; on the
// simulated machine, which is plugged in, with its lid open and its screen lit, none ever changes.

#include "kernel/registered.h"

#include "kernel/ke/ke.h"

#include <kldr/ddk/wdm.h>

#include <string.h>

#define TAG_SETTING 0x74655350u // 'PSet'
#define VALUE_AT    sizeof(GUID)
#define BLOCK_SIZE  (2 * sizeof(GUID))

#define NUMBER(value)                                                                              \
    4,                                                                                             \
    {                                                                                              \
        (value), 0, 0,                                                                             \
        {                                                                                          \
            0                                                                                      \
        }                                                                                          \
    }

static const struct {
    GUID setting;
    uint32_t size;
    GUID value; // a number is its first part
} settings[] = {
    // GUID_ACDC_POWER_SOURCE: PoAc
    {{0x5D3E9A59, 0xE9D5, 0x4B00, {0xA6, 0xBD, 0xFF, 0x34, 0xFF, 0x51, 0x65, 0x48}}, NUMBER(0)},
    // GUID_LIDSWITCH_STATE_CHANGE: open
    {{0xBA3E0F4D, 0xB817, 0x4094, {0xA2, 0xD1, 0xD5, 0x63, 0x79, 0xE6, 0xA0, 0xF3}}, NUMBER(1)},
    // GUID_MONITOR_POWER_ON: on
    {{0x02731015, 0x4510, 0x4526, {0x99, 0xE6, 0xE5, 0xA1, 0x7E, 0xBD, 0x1A, 0xEA}}, NUMBER(1)},
    // GUID_CONSOLE_DISPLAY_STATE: on
    {{0x6FE69556, 0x704A, 0x47A0, {0x8F, 0x24, 0xC2, 0x8D, 0x93, 0x6F, 0xDA, 0x47}}, NUMBER(1)},
    // GUID_BATTERY_PERCENTAGE_REMAINING
    {{0xA7AD8041, 0xB45A, 0x4CAE, {0x87, 0xA3, 0xEE, 0xCB, 0xB4, 0x68, 0xA9, 0xE1}}, NUMBER(100)},
    // GUID_SYSTEM_AWAYMODE: off
    {{0x98A7F580, 0x01F7, 0x48AA, {0x9C, 0x0F, 0x44, 0x35, 0x2C, 0x29, 0xE5, 0xC0}}, NUMBER(0)},
    // GUID_POWER_SAVING_STATUS: off
    {{0xE00958C0, 0xC213, 0x4ACE, {0xAC, 0x77, 0xFE, 0xCC, 0xED, 0x2E, 0xEE, 0xA5}}, NUMBER(0)},
    // GUID_POWERSCHEME_PERSONALITY: GUID_TYPICAL_POWER_SAVINGS
    {{0x245D8541, 0x3943, 0x4422, {0xB0, 0x25, 0x13, 0xA7, 0x84, 0xF6, 0x79, 0xB7}},
     16,
     {0x381B4222, 0xF694, 0x41F0, {0x96, 0x85, 0xFF, 0x5B, 0xB2, 0x60, 0xDF, 0x2E}}},
};

// A setting whose value kldr does not know is never told, as one that nobody has set.
static void tell(const struct ks_kernel_call *call, const GUID *setting)
{
    size_t i = 0;
    while (i < sizeof settings / sizeof settings[0] &&
           memcmp(&settings[i].setting, setting, sizeof *setting) != 0) {
        i++;
    }
    if (i == sizeof settings / sizeof settings[0]) {
        return;
    }
    uint64_t block = ks_nt_take(call->world, BLOCK_SIZE, TAG_SETTING);
    if (block == 0) {
        return;
    }
    memcpy(ks_guest_pointer(block), setting, sizeof *setting);
    memcpy(ks_guest_pointer(block + VALUE_AT), &settings[i].value, settings[i].size);
    const uint64_t arguments[] = {block, block + VALUE_AT, settings[i].size, call->arguments[3]};
    ks_nt_call(call->world, call->arguments[2], arguments, 4, NULL);
    ks_nt_give(call->world, block);
}

// (device object, setting, routine, context, handle)
uint64_t ks_po_setting_register(const struct ks_kernel_call *call)
{
    const GUID setting = *(const GUID *)ks_guest_pointer(call->arguments[1]);
    uint64_t out = call->arguments[4];
    (void)ks_guest_number(out, sizeof(PVOID));
    struct ks_registration *made = ks_registered_add(call, KS_REGISTERED_POWER_SETTING,
                                                     call->arguments[2], call->arguments[3]);
    if (made == NULL) {
        return KS_STATUS(STATUS_INSUFFICIENT_RESOURCES);
    }
    ks_guest_put_number(out, sizeof(PVOID), made->handle);
    tell(call, &setting);
    return KS_STATUS(STATUS_SUCCESS);
}

uint64_t ks_po_setting_unregister(const struct ks_kernel_call *call)
{
    struct ks_registration *found =
        ks_registered_find(call->world, KS_REGISTERED_POWER_SETTING, call->arguments[0]);
    if (found == NULL) {
        return KS_STATUS(STATUS_INVALID_PARAMETER);
    }
    ks_registered_drop(call->world, found);
    return KS_STATUS(STATUS_SUCCESS);
}
