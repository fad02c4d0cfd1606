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
    KS_SCENARIO_SERVICES,
    KS_SCENARIO_BLOCKED,
    KS_SCENARIO_LIMITS,
    KS_SCENARIO_SKIP,
    KS_SCENARIO_STEPS,
};

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
    KS_IMAGE_ROUTINES,
    KS_IMAGE_DISPATCH,
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

// In the order of enum ks_fault_kind.
enum ks_fail_key {
    KS_FAIL_ALLOCATION,
    KS_FAIL_MAP,
    KS_FAIL_READ,
    KS_FAIL_IMPORT_LIST,
    KS_FAIL_POOL,
};
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
    KS_EXPECT_RESULT,
    KS_EXPECT_FOUND,
    KS_EXPECT_MODULE,
};

// The wrappers of an expected list, in the order of enum ks_list_mode from KS_LIST_CONTAINS on.
enum ks_wrapper_key { KS_WRAPPER_CONTAINS, KS_WRAPPER_ORDERED, KS_WRAPPER_NONE_OF };

enum ks_bugcheck_key { KS_BUGCHECK_CODE, KS_BUGCHECK_PARAMETERS, KS_BUGCHECK_MODULE };

// ---- words and plain shapes that several tables share (key_words.c) ----

extern const struct ks_shape ks_boolean_shape, ks_status_shape, ks_statuses_shape,
    ks_number64_shape, ks_number32_shape, ks_positive_shape, ks_ordinal_shape,
    ks_export_ordinal_shape, ks_hint_shape;
extern const struct ks_shape ks_title_shape, ks_prose_shape, ks_line_shape, ks_name_shape,
    ks_absent_shape, ks_nothing_shape, ks_image_path_shape, ks_module_routine_shape,
    ks_function_name_shape, ks_forwarder_shape, ks_export_entry_shape, ks_bound_target_shape,
    ks_event_shape;
extern const struct ks_shape ks_profile_shape, ks_profiles_shape, ks_machine_shape, ks_major_shape,
    ks_finding_kind_shape, ks_state_shape, ks_brokens_shape, ks_flags_shape;

// "IRP_MJ_CREATE", ... by number.
const char *ks_key_words_major_at(size_t index);

// ---- further tables (keys_image.c, keys_step.c) ----

extern const struct ks_shape ks_image_shape, ks_images_shape;
extern const struct ks_shape ks_steps_shape, ks_expect_shape;

#endif
