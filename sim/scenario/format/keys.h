// SPDX-License-Identifier: MIT
// The key table of scenario format 1: every map, every key, every type, with its description. The
// parser's validation and the JSON Schema are both made from it; nothing else knows key names.
#ifndef KS_SCENARIO_KEYS_H
#define KS_SCENARIO_KEYS_H

#include "scenario/format/shape.h"

extern const struct ks_shape ks_scenario_shape; // a whole document

enum ks_scenario_key {
    KS_SCENARIO_KLDR,
    KS_SCENARIO_NAME,
    KS_SCENARIO_DESCRIPTION,
    KS_SCENARIO_PROFILES,
    KS_SCENARIO_POLICY,
    KS_SCENARIO_MACHINE,
    KS_SCENARIO_IMAGES,
    KS_SCENARIO_FILES,
    KS_SCENARIO_SERVICES,
    KS_SCENARIO_HARDWARE_IDS,
    KS_SCENARIO_BLOCKED,
    KS_SCENARIO_PROCESSOR,
    KS_SCENARIO_CHECKS,
    KS_SCENARIO_LIMITS,
    KS_SCENARIO_SKIP,
    KS_SCENARIO_STEPS,
};

enum ks_processor_key { KS_PROCESSOR_HYPERVISOR, KS_PROCESSOR_CPUID, KS_PROCESSOR_MSR };

enum ks_limits_key {
    KS_LIMITS_DEPTH,
    KS_LIMITS_MODULES,
    KS_LIMITS_STEPS,
    KS_LIMITS_SECONDS,
    KS_LIMITS_MEMORY,
};

enum ks_image_key {
    KS_IMAGE_FILE,
    KS_IMAGE_EXPORTS,
    KS_IMAGE_EXPORT_DIRECTORY,
    KS_IMAGE_IMPORTS,
    KS_IMAGE_DRIVER_ENTRY,
    KS_IMAGE_DRIVER_UNLOAD,
    KS_IMAGE_DLLINITIALIZE,
    KS_IMAGE_DLLUNLOAD,
    KS_IMAGE_ADD_DEVICE,
    KS_IMAGE_ROUTINES,
    KS_IMAGE_DISPATCH,
    KS_IMAGE_DEVICES,
    KS_IMAGE_MACHINE,
    KS_IMAGE_BASE,
    KS_IMAGE_BROKEN,
    KS_IMAGE_FLAGS,
    KS_IMAGE_DATA,
};

enum ks_export_directory_key {
    KS_EXPORT_DIRECTORY_ORDINAL_BASE,
    KS_EXPORT_DIRECTORY_SORTED,
    KS_EXPORT_DIRECTORY_ABSENT,
};

enum ks_import_key { KS_IMPORT_MODULE, KS_IMPORT_FUNCTIONS, KS_IMPORT_LOOKUP_TABLE };
enum ks_function_key { KS_FUNCTION_NAME, KS_FUNCTION_HINT, KS_FUNCTION_ORDINAL };

// The three kinds of routine maps have these keys at the same numbers; the shorter ones lack the
// last.
enum ks_routine_key {
    KS_ROUTINE_RAISE,
    KS_ROUTINE_DO,
    KS_ROUTINE_KEEP_ARGUMENT,
    KS_ROUTINE_QUEUE,
    KS_ROUTINE_STATUS,
    KS_ROUTINE_RETURNS,
    KS_ROUTINE_INFORMATION,
    KS_ROUTINE_BYTES,
    KS_ROUTINE_PASS_DOWN,
    KS_ROUTINE_ACROSS_LOADS,
    KS_ROUTINE_EXPORT_AS,
    KS_ROUTINE_FORWARD,
};

enum ks_service_key {
    KS_SERVICE_IMAGE_PATH,
    KS_SERVICE_TYPE,
    KS_SERVICE_START,
    KS_SERVICE_ERROR_CONTROL,
    KS_SERVICE_GROUP,
    KS_SERVICE_TAG,
    KS_SERVICE_OBJECT_NAME,
    KS_SERVICE_PARAMETERS,
};

// The actions stand in the order of enum ks_action.
enum ks_step_key {
    KS_STEP_LOAD,
    KS_STEP_UNLOAD,
    KS_STEP_LOAD_IMAGE,
    KS_STEP_UNLOAD_IMAGE,
    KS_STEP_BOOT,
    KS_STEP_CALL,
    KS_STEP_LOOKUP,
    KS_STEP_OPEN,
    KS_STEP_CLOSE,
    KS_STEP_START_DEVICE,
    KS_STEP_DELETE,
    KS_STEP_REPLACE,
    KS_STEP_CREATE,
    KS_STEP_RUN_QUEUED,
    KS_STEP_ADD_DEVICE,
    KS_STEP_REMOVE_DEVICE,
    KS_STEP_POWER,
    KS_STEP_OPEN_FILE,
    KS_STEP_CLOSE_FILE,
    KS_STEP_READ,
    KS_STEP_WRITE,
    KS_STEP_IOCTL,
    KS_STEP_IRP,
    KS_STEP_WAIT,
    KS_STEP_CANCEL,
    KS_STEP_COMPLETE,
    KS_STEP_ADVANCE,
    KS_STEP_SET_REGISTRY,
    KS_STEP_PORT_IO,
    KS_STEP_SHUTDOWN,
    KS_STEP_CHECK,
    KS_STEP_ARGS,
    KS_STEP_STATUS,
    KS_STEP_AS_SPELLED,
    KS_STEP_EXPECT,
    KS_STEP_EXPECT_BY_PROFILE,
    KS_STEP_NOTE,
    KS_STEP_ONLY,
    KS_STEP_FAIL,
};

enum ks_load_key { KS_LOAD_SERVICE, KS_LOAD_IMAGE, KS_LOAD_AS_SPELLED };
enum ks_load_image_key { KS_LOAD_IMAGE_PATH, KS_LOAD_IMAGE_IMAGE, KS_LOAD_IMAGE_AS_SPELLED };

enum ks_fault_key { KS_FAULT_N, KS_FAULT_STATUS };

enum ks_expect_key {
    KS_EXPECT_STATUS,
    KS_EXPECT_CALLS,
    KS_EXPECT_EVENTS,
    KS_EXPECT_PRINTED,
    KS_EXPECT_MODULES,
    KS_EXPECT_COUNTS,
    KS_EXPECT_IMPORTS,
    KS_EXPECT_STATE,
    KS_EXPECT_UNLOADED,
    KS_EXPECT_RING,
    KS_EXPECT_NOTIFIED,
    KS_EXPECT_OPENED,
    KS_EXPECT_LOG,
    KS_EXPECT_MISSING,
    KS_EXPECT_ARGUMENT,
    KS_EXPECT_BOUND,
    KS_EXPECT_FINDINGS,
    KS_EXPECT_BUGCHECK,
    KS_EXPECT_INFORMATION,
    KS_EXPECT_BYTES,
    KS_EXPECT_DEVICE_STACK,
    KS_EXPECT_DEVICES,
    KS_EXPECT_FILES,
    KS_EXPECT_POOL,
    KS_EXPECT_OBJECTS,
    KS_EXPECT_IRQL,
    KS_EXPECT_PORT_WRITES,
    KS_EXPECT_RESULT,
    KS_EXPECT_FOUND,
    KS_EXPECT_MODULE,
};

// The wrappers of an expected list, in the order of enum ks_list_mode from KS_LIST_CONTAINS on.
enum ks_wrapper_key { KS_WRAPPER_CONTAINS, KS_WRAPPER_ORDERED, KS_WRAPPER_NONE_OF };

enum ks_bugcheck_key { KS_BUGCHECK_CODE, KS_BUGCHECK_PARAMETERS, KS_BUGCHECK_MODULE };

// ---- words and plain shapes that several tables share (key_words.c) ----

extern const struct ks_shape ks_check_shape; // the name of a check of drivers
extern const struct ks_shape ks_boolean_shape, ks_status_shape, ks_statuses_shape,
    ks_number64_shape, ks_number32_shape, ks_positive_shape, ks_ordinal_shape,
    ks_export_ordinal_shape, ks_hint_shape;
extern const struct ks_shape ks_title_shape, ks_prose_shape, ks_line_shape, ks_name_shape,
    ks_absent_shape, ks_nothing_shape, ks_image_path_shape, ks_module_routine_shape,
    ks_function_name_shape, ks_forwarder_shape, ks_export_entry_shape, ks_bound_target_shape,
    ks_event_shape;
extern const struct ks_shape ks_profile_shape, ks_profiles_shape, ks_machine_shape, ks_major_shape,
    ks_minor_shape, ks_finding_kind_shape, ks_state_shape, ks_brokens_shape, ks_flags_shape;

// "IRP_MJ_CREATE", ... by number (irp_words.c).
const char *ks_irp_words_major_at(size_t index);
unsigned ks_irp_words_major(const char *name);
// The number of a name such as IRP_MN_START_DEVICE, and of the major function that it belongs to.
unsigned ks_irp_words_minor(const char *name, unsigned *out_major);
// "REG_SZ", ...; and the number of such a name.
const char *ks_irp_words_registry_at(size_t index);
uint32_t ks_irp_words_registry(const char *name);

// ---- devices and requests (keys_io.c, keys_data.c) ----

enum ks_add_device_key {
    KS_ADD_DEVICE_SERVICE,
    KS_ADD_DEVICE_STACK,
    KS_ADD_DEVICE_NAME,
    KS_ADD_DEVICE_HARDWARE_ID,
    KS_ADD_DEVICE_RESOURCES,
    KS_ADD_DEVICE_START,
};
// The first three in the order of enum ks_io_resource_kind.
enum ks_resource_key {
    KS_RESOURCE_PORT,
    KS_RESOURCE_MEMORY,
    KS_RESOURCE_INTERRUPT,
    KS_RESOURCE_LENGTH,
};

// The maps of power and of the requests have different keys; what a key is called, it means the
// same in all of them.
enum ks_io_key {
    KS_IO_DEVICE,
    KS_IO_SURPRISE,
    KS_IO_STATE,
    KS_IO_QUERY,
    KS_IO_AS,
    KS_IO_LENGTH,
    KS_IO_OFFSET,
    KS_IO_DATA,
    KS_IO_CODE,
    KS_IO_INPUT,
    KS_IO_OUTPUT,
    KS_IO_INTERNAL,
    KS_IO_MAJOR,
    KS_IO_MINOR,
    KS_IO_ARGUMENTS,
    KS_IO_OPEN,
    KS_IO_REPEAT,
    KS_IO_STRIDE,
    KS_IO_REQUEST,
    KS_IO_STATUS,
    KS_IO_INFORMATION,
    KS_IO_BYTES,
    KS_IO_PORT,
    KS_IO_READS,
    KS_IO_WIDTH,
};
// The number of a key of these maps.
enum ks_io_key ks_keys_io_number(const char *name);

enum ks_registry_key {
    KS_REGISTRY_SERVICE,
    KS_REGISTRY_KEY,
    KS_REGISTRY_VALUE,
    KS_REGISTRY_TYPE,
    KS_REGISTRY_DATA,
    KS_REGISTRY_ABSENT,
};

enum ks_piece_key {
    KS_PIECE_KEY_TEXT,
    KS_PIECE_KEY_WIDE,
    KS_PIECE_KEY_U16,
    KS_PIECE_KEY_U32,
    KS_PIECE_KEY_U64,
    KS_PIECE_KEY_FILL,
    KS_PIECE_KEY_LENGTH,
    KS_PIECE_KEY_FILE,
    // in `bytes` of expectations only
    KS_PIECE_KEY_AT,
    KS_PIECE_KEY_CONTAINS,
};

#define KS_DATA_MAX 16777216 // bytes of one piece, and of all pieces together

extern const struct ks_shape ks_data_shape, ks_data_files_shape, ks_expected_files_shape,
    ks_expected_bytes_shape, ks_byte_shape, ks_registry_path_shape, ks_registry_data_shape,
    ks_port_shape, ks_width_shape;
extern const struct ks_shape ks_hardware_shape, ks_add_device_shape, ks_remove_device_shape,
    ks_power_shape, ks_open_file_shape, ks_read_shape, ks_write_shape, ks_ioctl_shape, ks_irp_shape,
    ks_complete_shape, ks_advance_shape, ks_set_registry_shape, ks_port_io_shape;
// A name that stands for a device or request: no backslash in front. The name of an object: with
// one.
extern const struct ks_shape ks_label_shape, ks_object_name_shape;

// ---- further tables (keys_image.c, keys_processor.c, keys_step.c) ----

extern const struct ks_shape ks_image_shape, ks_images_shape, ks_processor_shape;
extern const struct ks_shape ks_steps_shape, ks_expect_shape;

#endif
