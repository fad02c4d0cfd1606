// SPDX-License-Identifier: MIT
// Names of requests and of types of registry values, with the numbers that drivers see.
#include "scenario/format/keys.h"

#include <string.h>

#define COUNT_OF(array) (sizeof(array) / sizeof(array)[0])

enum { MAJOR_POWER = 22, MAJOR_SYSTEM_CONTROL = 23, MAJOR_PNP = 27 };

// By number.
static const char *const majors[] = {
    "IRP_MJ_CREATE",
    "IRP_MJ_CREATE_NAMED_PIPE",
    "IRP_MJ_CLOSE",
    "IRP_MJ_READ",
    "IRP_MJ_WRITE",
    "IRP_MJ_QUERY_INFORMATION",
    "IRP_MJ_SET_INFORMATION",
    "IRP_MJ_QUERY_EA",
    "IRP_MJ_SET_EA",
    "IRP_MJ_FLUSH_BUFFERS",
    "IRP_MJ_QUERY_VOLUME_INFORMATION",
    "IRP_MJ_SET_VOLUME_INFORMATION",
    "IRP_MJ_DIRECTORY_CONTROL",
    "IRP_MJ_FILE_SYSTEM_CONTROL",
    "IRP_MJ_DEVICE_CONTROL",
    "IRP_MJ_INTERNAL_DEVICE_CONTROL",
    "IRP_MJ_SHUTDOWN",
    "IRP_MJ_LOCK_CONTROL",
    "IRP_MJ_CLEANUP",
    "IRP_MJ_CREATE_MAILSLOT",
    "IRP_MJ_QUERY_SECURITY",
    "IRP_MJ_SET_SECURITY",
    "IRP_MJ_POWER",
    "IRP_MJ_SYSTEM_CONTROL",
    "IRP_MJ_DEVICE_CHANGE",
    "IRP_MJ_QUERY_QUOTA",
    "IRP_MJ_SET_QUOTA",
    "IRP_MJ_PNP",
};

static const struct {
    const char *name;
    unsigned major, minor;
} minors[] = {
    {"IRP_MN_START_DEVICE", MAJOR_PNP, 0x00},
    {"IRP_MN_QUERY_REMOVE_DEVICE", MAJOR_PNP, 0x01},
    {"IRP_MN_REMOVE_DEVICE", MAJOR_PNP, 0x02},
    {"IRP_MN_CANCEL_REMOVE_DEVICE", MAJOR_PNP, 0x03},
    {"IRP_MN_STOP_DEVICE", MAJOR_PNP, 0x04},
    {"IRP_MN_QUERY_STOP_DEVICE", MAJOR_PNP, 0x05},
    {"IRP_MN_CANCEL_STOP_DEVICE", MAJOR_PNP, 0x06},
    {"IRP_MN_QUERY_DEVICE_RELATIONS", MAJOR_PNP, 0x07},
    {"IRP_MN_QUERY_INTERFACE", MAJOR_PNP, 0x08},
    {"IRP_MN_QUERY_CAPABILITIES", MAJOR_PNP, 0x09},
    {"IRP_MN_QUERY_RESOURCES", MAJOR_PNP, 0x0a},
    {"IRP_MN_QUERY_RESOURCE_REQUIREMENTS", MAJOR_PNP, 0x0b},
    {"IRP_MN_QUERY_DEVICE_TEXT", MAJOR_PNP, 0x0c},
    {"IRP_MN_FILTER_RESOURCE_REQUIREMENTS", MAJOR_PNP, 0x0d},
    {"IRP_MN_READ_CONFIG", MAJOR_PNP, 0x0f},
    {"IRP_MN_WRITE_CONFIG", MAJOR_PNP, 0x10},
    {"IRP_MN_EJECT", MAJOR_PNP, 0x11},
    {"IRP_MN_SET_LOCK", MAJOR_PNP, 0x12},
    {"IRP_MN_QUERY_ID", MAJOR_PNP, 0x13},
    {"IRP_MN_QUERY_PNP_DEVICE_STATE", MAJOR_PNP, 0x14},
    {"IRP_MN_QUERY_BUS_INFORMATION", MAJOR_PNP, 0x15},
    {"IRP_MN_DEVICE_USAGE_NOTIFICATION", MAJOR_PNP, 0x16},
    {"IRP_MN_SURPRISE_REMOVAL", MAJOR_PNP, 0x17},
    {"IRP_MN_DEVICE_ENUMERATED", MAJOR_PNP, 0x19},
    {"IRP_MN_WAIT_WAKE", MAJOR_POWER, 0x00},
    {"IRP_MN_POWER_SEQUENCE", MAJOR_POWER, 0x01},
    {"IRP_MN_SET_POWER", MAJOR_POWER, 0x02},
    {"IRP_MN_QUERY_POWER", MAJOR_POWER, 0x03},
    {"IRP_MN_QUERY_ALL_DATA", MAJOR_SYSTEM_CONTROL, 0x00},
    {"IRP_MN_QUERY_SINGLE_INSTANCE", MAJOR_SYSTEM_CONTROL, 0x01},
    {"IRP_MN_CHANGE_SINGLE_INSTANCE", MAJOR_SYSTEM_CONTROL, 0x02},
    {"IRP_MN_CHANGE_SINGLE_ITEM", MAJOR_SYSTEM_CONTROL, 0x03},
    {"IRP_MN_ENABLE_EVENTS", MAJOR_SYSTEM_CONTROL, 0x04},
    {"IRP_MN_DISABLE_EVENTS", MAJOR_SYSTEM_CONTROL, 0x05},
    {"IRP_MN_ENABLE_COLLECTION", MAJOR_SYSTEM_CONTROL, 0x06},
    {"IRP_MN_DISABLE_COLLECTION", MAJOR_SYSTEM_CONTROL, 0x07},
    {"IRP_MN_REGINFO", MAJOR_SYSTEM_CONTROL, 0x08},
    {"IRP_MN_EXECUTE_METHOD", MAJOR_SYSTEM_CONTROL, 0x09},
    {"IRP_MN_REGINFO_EX", MAJOR_SYSTEM_CONTROL, 0x0b},
};

static const char *const registry_types[] = {
    "REG_SZ", "REG_EXPAND_SZ", "REG_BINARY", "REG_DWORD", "REG_MULTI_SZ", "REG_QWORD",
};
static const unsigned registry_numbers[] = {1, 2, 3, 4, 7, 11};

const char *ks_irp_words_major_at(size_t index)
{
    return index < COUNT_OF(majors) ? majors[index] : NULL;
}

unsigned ks_irp_words_major(const char *name)
{
    unsigned major = 0;
    while (strcmp(majors[major], name) != 0) {
        major++;
    }
    return major;
}

static const char *minor_at(size_t index)
{
    return index < COUNT_OF(minors) ? minors[index].name : NULL;
}

unsigned ks_irp_words_minor(const char *name, unsigned *out_major)
{
    size_t index = 0;
    while (strcmp(minors[index].name, name) != 0) {
        index++;
    }
    *out_major = minors[index].major;
    return minors[index].minor;
}

const char *ks_irp_words_registry_at(size_t index)
{
    return index < COUNT_OF(registry_types) ? registry_types[index] : NULL;
}

uint32_t ks_irp_words_registry(const char *name)
{
    size_t index = 0;
    while (strcmp(registry_types[index], name) != 0) {
        index++;
    }
    return registry_numbers[index];
}

const struct ks_shape ks_major_shape = {.kind = KS_SHAPE_WORD,
                                        .name = "major_function",
                                        .what = "an IRP_MJ_ name",
                                        .word_at = ks_irp_words_major_at};

const struct ks_shape ks_minor_shape = {.kind = KS_SHAPE_WORD,
                                        .name = "minor_function",
                                        .what = "an IRP_MN_ name",
                                        .word_at = minor_at};
