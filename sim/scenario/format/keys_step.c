// SPDX-License-Identifier: MIT
// The key table, third part: steps. Expectations are in keys_expect.c.
#include "kernel/ke/ke_fallible.h"
#include "scenario/format/keys.h"

#define COUNT_OF(array) (sizeof(array) / sizeof(array)[0])
#define BIT(key)        (UINT64_C(1) << (key))

// ---- the maps behind actions ----

static const struct ks_key load_keys[] = {
    [KS_LOAD_SERVICE] = {"service", &ks_name_shape, "Name of the service.", KS_KEY_SOME_OF, 0, 0},
    [KS_LOAD_IMAGE] = {"image", &ks_name_shape,
                       "ImagePath of an implicit service; a bare name means the drivers folder.",
                       KS_KEY_SOME_OF, 0, 0},
    [KS_LOAD_AS_SPELLED] = {"as_spelled", &ks_boolean_shape,
                            "true: the text of `image` is used literally.", 0, BIT(KS_LOAD_IMAGE),
                            0},
};
static const struct ks_shape load_record_shape = {.kind = KS_SHAPE_RECORD,
                                                  .name = "load",
                                                  .what = "{service: S, image: PATH}",
                                                  .keys = load_keys,
                                                  .key_count = COUNT_OF(load_keys)};
static const struct ks_shape *const load_choices[] = {&ks_name_shape, &load_record_shape, NULL};
static const struct ks_shape load_shape = {.kind = KS_SHAPE_CHOICE,
                                           .what = "a service or {service: S, image: PATH}",
                                           .choices = load_choices};

static const struct ks_key load_image_keys[] = {
    [KS_LOAD_IMAGE_PATH] = {"path", &ks_name_shape, "The image.", KS_KEY_ONE_OF, 0, 0},
    [KS_LOAD_IMAGE_IMAGE] = {"image", &ks_name_shape, "The same as `path`.", KS_KEY_ONE_OF, 0, 0},
    [KS_LOAD_IMAGE_AS_SPELLED] = {"as_spelled", &ks_boolean_shape,
                                  "true: the text of the path is used literally.", 0, 0, 0},
};
static const struct ks_shape load_image_record_shape = {.kind = KS_SHAPE_RECORD,
                                                        .name = "load_image",
                                                        .what = "{path: PATH}",
                                                        .keys = load_image_keys,
                                                        .key_count = COUNT_OF(load_image_keys)};
static const struct ks_shape *const load_image_choices[] = {&ks_name_shape,
                                                            &load_image_record_shape, NULL};
static const struct ks_shape load_image_shape = {
    .kind = KS_SHAPE_CHOICE, .what = "a path or {path: PATH}", .choices = load_image_choices};

static const struct ks_shape boot_shape = {
    .kind = KS_SHAPE_LIST, .what = "a list of modules", .item = &ks_name_shape, .min = 1};
static const struct ks_shape disk_shape = {.kind = KS_SHAPE_MAP,
                                           .name = "disk_change",
                                           .what = "a map of one path to its image",
                                           .key = &ks_image_path_shape,
                                           .item = &ks_image_shape,
                                           .min = 1,
                                           .max = 1,
                                           .fold = KS_FOLD_ALL};
static const struct ks_shape arguments_shape = {.kind = KS_SHAPE_LIST,
                                                .what = "a list of up to 8 numbers",
                                                .item = &ks_number64_shape,
                                                .max = 8};

// ---- fault injection ----

static const struct ks_key fault_keys[] = {
    [KS_FAULT_N] = {"n", &ks_positive_shape, "Which operation of the kind, from 1.",
                    KS_KEY_REQUIRED, 0, 0},
    [KS_FAULT_STATUS] = {"status", &ks_status_shape, "The status it fails with.", 0, 0, 0},
};
static const struct ks_shape fault_record_shape = {.kind = KS_SHAPE_RECORD,
                                                   .name = "fault",
                                                   .what = "{n: N, status: S}",
                                                   .keys = fault_keys,
                                                   .key_count = COUNT_OF(fault_keys)};
static const struct ks_shape *const fault_choices[] = {&ks_positive_shape, &fault_record_shape,
                                                       NULL};
static const struct ks_shape fault_shape = {.kind = KS_SHAPE_CHOICE,
                                            .what = "a number from 1 on, or {n: N, status: S}",
                                            .choices = fault_choices};

static const struct ks_shape operation_shape = {.kind = KS_SHAPE_WORD,
                                                .name = "operation",
                                                .what = "an operation that can fail",
                                                .word_at = ks_fallible_name_at};
static const struct ks_shape fail_shape = {.kind = KS_SHAPE_MAP,
                                           .name = "fail",
                                           .what = "a map of operations to their number",
                                           .doc = "Operations of the loader, `pool`, and kernel "
                                                  "functions that drivers call.",
                                           .key = &operation_shape,
                                           .item = &fault_shape,
                                           .min = 1};

static const struct ks_shape by_profile_shape = {.kind = KS_SHAPE_MAP,
                                                 .what = "a map of profiles to expectations",
                                                 .key = &ks_profile_shape,
                                                 .item = &ks_expect_shape};

// ---- steps ----

#define ACTION(shape, doc) shape, doc, KS_KEY_ONE_OF, 0, 0

static const struct ks_key step_keys[] = {
    [KS_STEP_LOAD] = {"load", ACTION(&load_shape, "NtLoadDriver of a service.")},
    [KS_STEP_UNLOAD] = {"unload", ACTION(&ks_name_shape, "NtUnloadDriver of a service.")},
    [KS_STEP_LOAD_IMAGE] = {"load_image",
                            ACTION(&load_image_shape, "The image loader alone: no driver object, "
                                                      "no DriverEntry.")},
    [KS_STEP_UNLOAD_IMAGE] = {"unload_image",
                              ACTION(&load_image_shape, "Gives back one load_image reference.")},
    [KS_STEP_BOOT] = {"boot", ACTION(&boot_shape, "The boot phase, in the OS loader's order.")},
    [KS_STEP_CALL] = {"call", ACTION(&ks_module_routine_shape, "Calls an export or a routine.")},
    [KS_STEP_LOOKUP] = {"lookup", ACTION(&ks_name_shape, "MmGetSystemRoutineAddress.")},
    [KS_STEP_OPEN] = {"open", ACTION(&ks_name_shape, "Opens a handle on the service's device.")},
    [KS_STEP_CLOSE] = {"close", ACTION(&ks_name_shape, "Closes one of its handles.")},
    [KS_STEP_START_DEVICE] = {"start_device",
                              ACTION(&ks_name_shape, "PnP start of the driver's device.")},
    [KS_STEP_DELETE] = {"delete", ACTION(&ks_image_path_shape, "Removes a file from the disk.")},
    [KS_STEP_REPLACE] = {"replace", ACTION(&disk_shape, "Replaces a file on the disk.")},
    [KS_STEP_CREATE] = {"create", ACTION(&disk_shape, "Adds a file to the disk.")},
    [KS_STEP_RUN_QUEUED] = {"run_queued",
                            ACTION(&ks_name_shape, "Runs a work item that was left behind.")},
    [KS_STEP_ADD_DEVICE] = {"add_device", ACTION(&ks_add_device_shape,
                                                 "A device comes: its drivers are loaded, their "
                                                 "AddDevice is called, it is started.")},
    [KS_STEP_REMOVE_DEVICE] = {"remove_device", ACTION(&ks_remove_device_shape, "A device goes.")},
    [KS_STEP_POWER] = {"power", ACTION(&ks_power_shape, "A device's power state changes.")},
    [KS_STEP_OPEN_FILE] = {"open_file",
                           ACTION(&ks_open_file_shape, "IRP_MJ_CREATE; the file stays open.")},
    [KS_STEP_CLOSE_FILE] = {"close_file",
                            ACTION(&ks_label_shape, "IRP_MJ_CLEANUP and IRP_MJ_CLOSE.")},
    [KS_STEP_READ] = {"read", ACTION(&ks_read_shape, "Reads from a device.")},
    [KS_STEP_WRITE] = {"write", ACTION(&ks_write_shape, "Writes to a device.")},
    [KS_STEP_IOCTL] = {"ioctl", ACTION(&ks_ioctl_shape, "Sends a control code to a device.")},
    [KS_STEP_IRP] = {"irp", ACTION(&ks_irp_shape, "Sends any request, as a driver does.")},
    [KS_STEP_WAIT] = {"wait", ACTION(&ks_label_shape, "Waits until a request is completed.")},
    [KS_STEP_CANCEL] = {"cancel", ACTION(&ks_label_shape, "IoCancelIrp.")},
    [KS_STEP_COMPLETE] = {"complete",
                          ACTION(&ks_complete_shape, "A declared driver completes a request that "
                                                     "it left pending.")},
    [KS_STEP_ADVANCE] = {"advance", ACTION(&ks_advance_shape, "The clock moves on.")},
    [KS_STEP_SET_REGISTRY] = {"set_registry",
                              ACTION(&ks_set_registry_shape, "Sets or removes a registry value.")},
    [KS_STEP_PORT_IO] = {"port_io", ACTION(&ks_port_io_shape, "What reading a port gives.")},
    [KS_STEP_SHUTDOWN] = {"shutdown",
                          ACTION(&ks_nothing_shape, "The end of the world: devices "
                                                    "that registered for it are told, "
                                                    "what is still loaded is reported.")},
    [KS_STEP_CHECK] = {"check", ACTION(&ks_nothing_shape, "Nothing is done, only expected.")},
    [KS_STEP_ARGS] = {"args", &arguments_shape, "Arguments of `call`.", 0, BIT(KS_STEP_CALL), 0},
    [KS_STEP_STATUS] = {"status", &ks_status_shape, "Makes `start_device` fail with this status.",
                        0, BIT(KS_STEP_START_DEVICE), 0},
    [KS_STEP_AS_SPELLED] = {"as_spelled", &ks_boolean_shape,
                            "true: the text of the path is used literally.", 0,
                            BIT(KS_STEP_LOAD_IMAGE) | BIT(KS_STEP_UNLOAD_IMAGE), 0},
    [KS_STEP_EXPECT] = {"expect", &ks_expect_shape, "What must be true afterwards.", 0, 0, 0},
    [KS_STEP_EXPECT_BY_PROFILE] = {"expect_by_profile", &by_profile_shape,
                                   "Laid over `expect` for single profiles, key by key.", 0, 0, 0},
    [KS_STEP_NOTE] = {"note", &ks_prose_shape, "Shown in reports.", 0, 0, 0},
    [KS_STEP_ONLY] = {"only", &ks_profiles_shape, "The profiles under which the step is done.", 0,
                      0, 0},
    [KS_STEP_FAIL] = {"fail", &fail_shape, "Makes the n-th operation of a kind fail.", 0, 0, 0},
};
static const struct ks_shape step_shape = {.kind = KS_SHAPE_RECORD,
                                           .name = "step",
                                           .what = "a map with one action",
                                           .keys = step_keys,
                                           .key_count = COUNT_OF(step_keys)};
const struct ks_shape ks_steps_shape = {
    .kind = KS_SHAPE_LIST, .name = "steps", .what = "a list of steps", .item = &step_shape};
