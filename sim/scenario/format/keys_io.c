// SPDX-License-Identifier: MIT
// The key table, part for devices and requests. Bytes are in keys_data.c.
#include "scenario/format/keys.h"
#include "scenario/format/scalar.h"

#include <string.h>

#define COUNT_OF(array) (sizeof(array) / sizeof(array)[0])
#define BIT(key)        (UINT64_C(1) << (key))

#define NO "\\x00-\\x1f\\x7f-\\x9f"

// Defines a map: name_shape with its keys.
#define RECORD(id, words, table)                                                                   \
    {                                                                                              \
        .kind = KS_SHAPE_RECORD, .name = id, .what = words, .keys = table,                         \
        .key_count = COUNT_OF(table)                                                               \
    }

enum ks_io_key ks_keys_io_number(const char *name)
{
    static const char *const names[] = {
        [KS_IO_DEVICE] = "device",   [KS_IO_SURPRISE] = "surprise",
        [KS_IO_STATE] = "state",     [KS_IO_QUERY] = "query",
        [KS_IO_AS] = "as",           [KS_IO_LENGTH] = "length",
        [KS_IO_OFFSET] = "offset",   [KS_IO_DATA] = "data",
        [KS_IO_CODE] = "code",       [KS_IO_INPUT] = "input",
        [KS_IO_OUTPUT] = "output",   [KS_IO_INTERNAL] = "internal",
        [KS_IO_MAJOR] = "major",     [KS_IO_MINOR] = "minor",
        [KS_IO_OPEN] = "open",       [KS_IO_ARGUMENTS] = "arguments",
        [KS_IO_REPEAT] = "repeat",   [KS_IO_STRIDE] = "stride",
        [KS_IO_REQUEST] = "request", [KS_IO_STATUS] = "status",
        [KS_IO_BYTES] = "bytes",     [KS_IO_INFORMATION] = "information",
        [KS_IO_PORT] = "port",       [KS_IO_READS] = "reads",
        [KS_IO_WIDTH] = "width",
    };
    size_t key = 0;
    while (strcmp(names[key], name) != 0) {
        key++;
    }
    return (enum ks_io_key)key;
}

// ---- words and numbers ----

const struct ks_shape ks_label_shape = {.kind = KS_SHAPE_TEXT,
                                        .name = "label",
                                        .what = "a name",
                                        .doc = "A name that steps use for a device, a file or a "
                                               "request.",
                                        .pattern = "[^\\\\" NO "][^" NO "]*",
                                        .fits = ks_scalar_fits_label};

const struct ks_shape ks_object_name_shape = {.kind = KS_SHAPE_TEXT,
                                              .name = "object_name",
                                              .what = "the name of an object, such as \\Device\\X",
                                              .pattern = "\\\\[^" NO "]*[^\\\\" NO "]",
                                              .fits = ks_scalar_fits_object_name};

static const char *power_state_at(size_t index)
{
    static const char *const words[] = {"S0", "S1", "S2", "S3", "S4", "S5", "D0", "D1", "D2", "D3"};
    return index < COUNT_OF(words) ? words[index] : NULL;
}

static const char *width_at(size_t index)
{
    static const char *const words[] = {"1", "2", "4"};
    return index < COUNT_OF(words) ? words[index] : NULL;
}

static const struct ks_shape power_state_shape = {.kind = KS_SHAPE_WORD,
                                                  .name = "power_state",
                                                  .what = "a power state, S0 to S5 or D0 to D3",
                                                  .word_at = power_state_at};
static const struct ks_shape registry_type_shape = {.kind = KS_SHAPE_WORD,
                                                    .what = "a type of registry values",
                                                    .word_at = ks_irp_words_registry_at};
const struct ks_shape ks_width_shape = {
    .kind = KS_SHAPE_WORD, .name = "width", .what = "1, 2 or 4 bytes", .word_at = width_at};
const struct ks_shape ks_port_shape = {
    .kind = KS_SHAPE_NUMBER, .name = "port", .what = "a port from 0 to 0xFFFF", .max = UINT16_MAX};
static const struct ks_shape size_shape = {.kind = KS_SHAPE_NUMBER,
                                           .name = "size",
                                           .what = "a number of bytes up to 16777216",
                                           .max = KS_DATA_MAX};
static const struct ks_shape length_shape = {
    .kind = KS_SHAPE_NUMBER, .what = "a length from 1 on", .min = 1, .max = UINT64_MAX};
static const struct ks_shape *const minor_choices[] = {&ks_minor_shape, &ks_byte_shape, NULL};
static const struct ks_shape minor_shape = {.kind = KS_SHAPE_CHOICE,
                                            .what = "an IRP_MN_ name or a number from 0 to 255",
                                            .choices = minor_choices};
static const struct ks_shape arguments_shape = {.kind = KS_SHAPE_LIST,
                                                .what = "a list of up to 4 numbers",
                                                .item = &ks_number64_shape,
                                                .min = 1,
                                                .max = 4};
const struct ks_shape ks_advance_shape = {.kind = KS_SHAPE_TEXT,
                                          .name = "time",
                                          .what = "a time such as 5s",
                                          .doc = "A number and us, ms, s, min or h.",
                                          .pattern = "[0-9]{1,9}(?:us|ms|s|min|h)",
                                          .fits = ks_scalar_fits_time};

// ---- devices ----

static const struct ks_key resource_keys[] = {
    [KS_RESOURCE_PORT] = {"port", &ks_port_shape, "The first of some ports.", KS_KEY_ONE_OF, 0, 0},
    [KS_RESOURCE_MEMORY] = {"memory", &ks_number64_shape, "Physical address of device memory.",
                            KS_KEY_ONE_OF, 0, 0},
    [KS_RESOURCE_INTERRUPT] = {"interrupt", &ks_byte_shape, "Vector of an interrupt.",
                               KS_KEY_ONE_OF, 0, 0},
    [KS_RESOURCE_LENGTH] = {"length", &length_shape, "How many ports, or bytes; default: 1.", 0,
                            BIT(KS_RESOURCE_PORT) | BIT(KS_RESOURCE_MEMORY), 0},
};
static const struct ks_shape resource_shape = RECORD(
    "resource", "{port: N, length: N}, {memory: N, length: N} or {interrupt: N}", resource_keys);
static const struct ks_shape resources_shape = {
    .kind = KS_SHAPE_LIST, .what = "a list of resources", .item = &resource_shape, .max = 64};
static const struct ks_shape stack_shape = {.kind = KS_SHAPE_LIST,
                                            .what = "a list of services, the lowest first",
                                            .item = &ks_name_shape,
                                            .min = 1,
                                            .max = 16};

static const struct ks_shape *const hardware_choices[] = {&ks_name_shape, &stack_shape, NULL};
static const struct ks_shape hardware_item_shape = {
    .kind = KS_SHAPE_CHOICE,
    .what = "a service or a list of services, the lowest first",
    .choices = hardware_choices};
const struct ks_shape ks_hardware_shape = {.kind = KS_SHAPE_MAP,
                                           .what = "a map of hardware IDs to services",
                                           .key = &ks_name_shape,
                                           .item = &hardware_item_shape,
                                           .fold = KS_FOLD_ALL};

static const struct ks_key add_device_keys[] = {
    [KS_ADD_DEVICE_SERVICE] = {"service", &ks_name_shape, "The driver's service.", KS_KEY_ONE_OF, 0,
                               0},
    [KS_ADD_DEVICE_STACK] = {"stack", &stack_shape, "Services of all drivers, the lowest first.",
                             KS_KEY_ONE_OF, 0, 0},
    [KS_ADD_DEVICE_NAME] = {"name", &ks_label_shape,
                            "Name of the device; default: the service's, of a stack the first "
                            "one's.",
                            0, 0, 0},
    [KS_ADD_DEVICE_HARDWARE_ID] = {"hardware_id", &ks_name_shape,
                                   "What kldr's bus answers to IRP_MN_QUERY_ID; default: KLDR\\ "
                                   "and the name.",
                                   0, 0, 0},
    [KS_ADD_DEVICE_RESOURCES] = {"resources", &resources_shape,
                                 "Hardware resources that the device is started with.", 0, 0, 0},
    [KS_ADD_DEVICE_START] = {"start", &ks_boolean_shape, "false: the device is not started.", 0, 0,
                             0},
};
static const struct ks_shape add_device_record_shape =
    RECORD("add_device", "{service: S, ...} or {stack: [...], ...}", add_device_keys);
static const struct ks_shape *const add_device_choices[] = {&ks_name_shape,
                                                            &add_device_record_shape, NULL};
const struct ks_shape ks_add_device_shape = {.kind = KS_SHAPE_CHOICE,
                                             .what = "a service or {service: S, ...}",
                                             .choices = add_device_choices};

#define DEVICE_KEY                                                                                 \
    {                                                                                              \
        "device", &ks_name_shape,                                                                  \
            "The device: as add_device or open_file names it, \\Device\\X, \\??\\X or "            \
            "\\DosDevices\\X.",                                                                    \
            KS_KEY_REQUIRED, 0, 0                                                                  \
    }

static const struct ks_key remove_device_keys[] = {
    DEVICE_KEY,
    {"surprise", &ks_boolean_shape, "true: it is pulled out.", 0, 0, 0},
};
static const struct ks_shape remove_device_record_shape =
    RECORD("remove_device", "{device: D, surprise: true}", remove_device_keys);
static const struct ks_shape *const remove_device_choices[] = {&ks_name_shape,
                                                               &remove_device_record_shape, NULL};
const struct ks_shape ks_remove_device_shape = {.kind = KS_SHAPE_CHOICE,
                                                .what = "a device or {device: D, surprise: true}",
                                                .choices = remove_device_choices};

static const struct ks_key power_keys[] = {
    DEVICE_KEY,
    {"state", &power_state_shape, "S0 to S5: of the system. D0 to D3: of the device.",
     KS_KEY_REQUIRED, 0, 0},
    {"query", &ks_boolean_shape, "true: the driver is asked only.", 0, 0, 0},
};
const struct ks_shape ks_power_shape = RECORD("power", "{device: D, state: S}", power_keys);

static const struct ks_key open_file_keys[] = {
    DEVICE_KEY,
    {"as", &ks_label_shape, "Name of the file.", KS_KEY_REQUIRED, 0, 0},
};
const struct ks_shape ks_open_file_shape =
    RECORD("open_file", "{device: D, as: NAME}", open_file_keys);

// ---- requests ----

// Keys that several requests have. Those of exclusions are always the last ones, in this order.
#define AS_KEY                                                                                     \
    {                                                                                              \
        "as", &ks_label_shape, "It is not waited for and has this name.", 0, 0, 0                  \
    }
#define REPEAT_KEY(as)                                                                             \
    {                                                                                              \
        "repeat", &ks_positive_shape, "So many times, until one fails.", 0, 0, BIT(as)             \
    }
#define OPEN_KEY                                                                                   \
    {                                                                                              \
        "open", &ks_boolean_shape, "false: the device is not opened for it.", 0, 0, 0              \
    }
#define OFFSET_KEY                                                                                 \
    {                                                                                              \
        "offset", &ks_number64_shape, "ByteOffset; default: 0.", 0, 0, 0                           \
    }
#define STRIDE_KEY(repeat)                                                                         \
    {                                                                                              \
        "stride", &ks_number64_shape, "Added to `offset` each time; default: 0.", 0, BIT(repeat),  \
            0                                                                                      \
    }

enum { READ_DEVICE, READ_LENGTH, READ_OFFSET, READ_OPEN, READ_AS, READ_REPEAT, READ_STRIDE };
static const struct ks_key read_keys[] = {
    [READ_DEVICE] = DEVICE_KEY,
    [READ_LENGTH] = {"length", &size_shape, "Bytes to read.", KS_KEY_REQUIRED, 0, 0},
    [READ_OFFSET] = OFFSET_KEY,
    [READ_OPEN] = OPEN_KEY,
    [READ_AS] = AS_KEY,
    [READ_REPEAT] = REPEAT_KEY(READ_AS),
    [READ_STRIDE] = STRIDE_KEY(READ_REPEAT),
};
const struct ks_shape ks_read_shape = RECORD("read", "{device: D, length: N}", read_keys);

enum { WRITE_DEVICE, WRITE_DATA, WRITE_OFFSET, WRITE_OPEN, WRITE_AS, WRITE_REPEAT, WRITE_STRIDE };
static const struct ks_key write_keys[] = {
    [WRITE_DEVICE] = DEVICE_KEY,
    [WRITE_DATA] = {"data", &ks_data_shape, "What is written.", KS_KEY_REQUIRED, 0, 0},
    [WRITE_OFFSET] = OFFSET_KEY,
    [WRITE_OPEN] = OPEN_KEY,
    [WRITE_AS] = AS_KEY,
    [WRITE_REPEAT] = REPEAT_KEY(WRITE_AS),
    [WRITE_STRIDE] = STRIDE_KEY(WRITE_REPEAT),
};
const struct ks_shape ks_write_shape = RECORD("write", "{device: D, data: DATA}", write_keys);

enum {
    IOCTL_DEVICE,
    IOCTL_CODE,
    IOCTL_INPUT,
    IOCTL_OUTPUT,
    IOCTL_INTERNAL,
    IOCTL_OPEN,
    IOCTL_AS,
    IOCTL_REPEAT
};
static const struct ks_key ioctl_keys[] = {
    [IOCTL_DEVICE] = DEVICE_KEY,
    [IOCTL_CODE] = {"code", &ks_number32_shape, "The control code.", KS_KEY_REQUIRED, 0, 0},
    [IOCTL_INPUT] = {"input", &ks_data_shape, "What the driver gets; default: nothing.", 0, 0, 0},
    [IOCTL_OUTPUT] = {"output", &size_shape, "Room for what comes back; default: 0.", 0, 0, 0},
    [IOCTL_INTERNAL] = {"internal", &ks_boolean_shape, "true: IRP_MJ_INTERNAL_DEVICE_CONTROL.", 0,
                        0, 0},
    [IOCTL_OPEN] = OPEN_KEY,
    [IOCTL_AS] = AS_KEY,
    [IOCTL_REPEAT] = REPEAT_KEY(IOCTL_AS),
};
const struct ks_shape ks_ioctl_shape = RECORD("ioctl", "{device: D, code: N}", ioctl_keys);

enum {
    IRP_DEVICE,
    IRP_MAJOR,
    IRP_MINOR,
    IRP_DATA,
    IRP_LENGTH,
    IRP_OFFSET,
    IRP_ARGUMENTS,
    IRP_AS,
    IRP_REPEAT
};
static const struct ks_key irp_keys[] = {
    [IRP_DEVICE] = DEVICE_KEY,
    [IRP_MAJOR] = {"major", &ks_major_shape, "The major function.", KS_KEY_SOME_OF, 0, 0},
    [IRP_MINOR] = {"minor", &minor_shape, "The minor function; default: 0.", KS_KEY_SOME_OF, 0, 0},
    [IRP_DATA] = {"data", &ks_data_shape, "What the driver gets in the buffer.", 0, 0, 0},
    [IRP_LENGTH] = {"length", &size_shape, "Room for what comes back; default: 0.", 0, 0, 0},
    [IRP_OFFSET] = OFFSET_KEY,
    [IRP_ARGUMENTS] = {"arguments", &arguments_shape,
                       "The stack location's parameters as they are.", 0, 0, 0},
    [IRP_AS] = AS_KEY,
    [IRP_REPEAT] = REPEAT_KEY(IRP_AS),
};
const struct ks_shape ks_irp_shape = RECORD("irp", "{device: D, major: IRP_MJ_...}", irp_keys);

static const struct ks_key complete_keys[] = {
    {"request", &ks_label_shape, "The request, as `as` names it.", KS_KEY_REQUIRED, 0, 0},
    {"status", &ks_status_shape, "Its status; default: STATUS_SUCCESS.", 0, 0, 0},
    {"information", &ks_number64_shape, "Its Information; default: the number of `bytes`.", 0, 0,
     0},
    {"bytes", &ks_data_shape, "What comes back; default: nothing.", 0, 0, 0},
};
static const struct ks_shape complete_record_shape =
    RECORD("complete", "{request: NAME, ...}", complete_keys);
static const struct ks_shape *const complete_choices[] = {&ks_label_shape, &complete_record_shape,
                                                          NULL};
const struct ks_shape ks_complete_shape = {.kind = KS_SHAPE_CHOICE,
                                           .what = "a request or {request: NAME, ...}",
                                           .choices = complete_choices};

// ---- the registry and ports ----

static const struct ks_key registry_keys[] = {
    [KS_REGISTRY_SERVICE] = {"service", &ks_name_shape, "The service whose Parameters are meant.",
                             KS_KEY_ONE_OF, 0, 0},
    [KS_REGISTRY_KEY] = {"key", &ks_registry_path_shape, "A key: \\Registry\\Machine\\...",
                         KS_KEY_ONE_OF, 0, 0},
    [KS_REGISTRY_VALUE] = {"value", &ks_name_shape, "The value's name.", 0, 0, 0},
    [KS_REGISTRY_TYPE] = {"type", &registry_type_shape,
                          "Its type; default: REG_DWORD for a number, REG_MULTI_SZ for a list, "
                          "else REG_SZ.",
                          0, BIT(KS_REGISTRY_DATA), 0},
    [KS_REGISTRY_DATA] = {"data", &ks_registry_data_shape, "What it holds.", 0,
                          BIT(KS_REGISTRY_VALUE), BIT(KS_REGISTRY_ABSENT)},
    [KS_REGISTRY_ABSENT] = {"absent", &ks_boolean_shape, "true: value or key are removed.", 0, 0,
                            0},
};
const struct ks_shape ks_set_registry_shape =
    RECORD("set_registry", "{service: S, value: V, data: DATA}", registry_keys);

static const struct ks_shape reads_shape = {
    .kind = KS_SHAPE_LIST, .what = "a list of numbers", .item = &ks_number32_shape, .min = 1};
static const struct ks_key port_io_keys[] = {
    {"port", &ks_port_shape, "The port.", KS_KEY_REQUIRED, 0, 0},
    {"reads", &reads_shape, "What reading gives, one after the other; the last repeats.",
     KS_KEY_REQUIRED, 0, 0},
    {"width", &ks_width_shape, "Bytes of one read; default: 1.", 0, 0, 0},
};
const struct ks_shape ks_port_io_shape = RECORD("port_io", "{port: N, reads: [N]}", port_io_keys);
