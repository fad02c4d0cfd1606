// SPDX-License-Identifier: MIT
// The key table, first part: documents, services, policy and limits. Images and routines are in
// keys_image.c, steps and expectations in keys_step.c.
#include "scenario/format/keys.h"

#define COUNT_OF(array) (sizeof(array) / sizeof(array)[0])

static const char *format_at(size_t index)
{
    return index == 0 ? "1" : NULL;
}

static const struct ks_shape format_shape = {
    .kind = KS_SHAPE_WORD, .what = "1, the only format there is", .word_at = format_at};

static const struct ks_shape policy_shape = {
    .kind = KS_SHAPE_POLICY, .name = "policy", .what = "a map of knobs to their values"};

// ---- services ----

static const struct ks_shape type_number_shape = {
    .kind = KS_SHAPE_NUMBER, .what = "a service type", .max = UINT32_MAX};
static const struct ks_shape *const type_choices[] = {&type_number_shape, &ks_absent_shape, NULL};
static const struct ks_shape type_shape = {
    .kind = KS_SHAPE_CHOICE, .what = "a number or `absent`", .choices = type_choices};
static const struct ks_shape start_shape = {
    .kind = KS_SHAPE_NUMBER, .what = "a number from 0 to 4", .max = 4};
static const struct ks_shape error_control_shape = {
    .kind = KS_SHAPE_NUMBER, .what = "a number from 0 to 3", .max = 3};
static const struct ks_shape parameters_shape = {.kind = KS_SHAPE_MAP,
                                                 .what = "a map of names to values",
                                                 .key = &ks_name_shape,
                                                 .item = &ks_line_shape,
                                                 .fold = KS_FOLD_ALL};

static const struct ks_key service_keys[] = {
    [KS_SERVICE_IMAGE_PATH] =
        {"ImagePath", &ks_name_shape,
         "The driver's file; \\SystemRoot\\ is put in front unless it begins with a backslash. "
         "Default: \\SystemRoot\\System32\\Drivers\\<service>.SYS.",
         0, 0, 0},
    [KS_SERVICE_TYPE] = {"Type", &type_shape,
                         "1 (default): kernel driver, 2: file system driver; `absent` leaves the "
                         "value out, which makes the service unusable.",
                         0, 0, 0},
    [KS_SERVICE_START] = {"Start", &start_shape, "When Windows would start it.", 0, 0, 0},
    [KS_SERVICE_ERROR_CONTROL] = {"ErrorControl", &error_control_shape,
                                  "How severe a failure to start is.", 0, 0, 0},
    [KS_SERVICE_GROUP] = {"Group", &ks_name_shape, "The load order group.", 0, 0, 0},
    [KS_SERVICE_TAG] = {"Tag", &ks_number32_shape, "The place within the group.", 0, 0, 0},
    [KS_SERVICE_OBJECT_NAME] = {"ObjectName", &ks_name_shape,
                                "Name of the driver object, instead of the one made from the type.",
                                0, 0, 0},
    [KS_SERVICE_PARAMETERS] = {"Parameters", &parameters_shape, "Values that driver code can read.",
                               0, 0, 0},
};
static const struct ks_shape service_shape = {.kind = KS_SHAPE_RECORD,
                                              .name = "service",
                                              .what = "a map of service values",
                                              .keys = service_keys,
                                              .key_count = COUNT_OF(service_keys)};
static const struct ks_shape services_shape = {.kind = KS_SHAPE_MAP,
                                               .what = "a map of service names to services",
                                               .key = &ks_name_shape,
                                               .item = &service_shape,
                                               .fold = KS_FOLD_ALL};

// ---- limits and skip ----

static const struct ks_shape memory_shape = {
    .kind = KS_SHAPE_NUMBER, .what = "a number of bytes", .min = 1, .max = UINT64_MAX};

static const struct ks_key limits_keys[] = {
    [KS_LIMITS_DEPTH] = {"depth", &ks_positive_shape, "Nested loads, unloads and routines.", 0, 0,
                         0},
    [KS_LIMITS_MODULES] = {"modules", &ks_positive_shape, "Modules loaded at once.", 0, 0, 0},
    [KS_LIMITS_STEPS] = {"steps", &ks_positive_shape, "Steps run, nested ones included.", 0, 0, 0},
    [KS_LIMITS_SECONDS] = {"seconds", &ks_positive_shape, "Time on the clock.", 0, 0, 0},
    [KS_LIMITS_MEMORY] = {"memory", &memory_shape, "Bytes of images.", 0, 0, 0},
};
static const struct ks_shape limits_shape = {.kind = KS_SHAPE_RECORD,
                                             .name = "limits",
                                             .what = "a map of limits",
                                             .keys = limits_keys,
                                             .key_count = COUNT_OF(limits_keys)};

static const struct ks_shape skip_map_shape = {.kind = KS_SHAPE_MAP,
                                               .what = "a map of profiles to reasons",
                                               .key = &ks_profile_shape,
                                               .item = &ks_prose_shape};
static const struct ks_shape *const skip_choices[] = {&ks_prose_shape, &skip_map_shape, NULL};
static const struct ks_shape skip_shape = {.kind = KS_SHAPE_CHOICE,
                                           .what = "a reason, or a map of profiles to reasons",
                                           .choices = skip_choices};

static const struct ks_shape blocked_shape = {
    .kind = KS_SHAPE_LIST, .what = "a list of images", .item = &ks_image_path_shape};

static const struct ks_shape checks_shape = {.kind = KS_SHAPE_MAP,
                                             .what = "a map of checks to true or false",
                                             .key = &ks_check_shape,
                                             .item = &ks_boolean_shape};

// ---- the document ----

static const struct ks_key scenario_keys[] = {
    [KS_SCENARIO_KLDR] = {"kldr", &format_shape, "Version of the format.", KS_KEY_REQUIRED, 0, 0},
    [KS_SCENARIO_NAME] = {"name", &ks_title_shape,
                          "Name of the scenario; default: the file's base name.", 0, 0, 0},
    [KS_SCENARIO_DESCRIPTION] = {"description", &ks_prose_shape, "Shown in reports.", 0, 0, 0},
    [KS_SCENARIO_PROFILES] = {"profiles", &ks_profiles_shape,
                              "The scenario runs once for each; default: [documented].", 0, 0, 0},
    [KS_SCENARIO_POLICY] = {"policy", &policy_shape, "Single knobs that differ from the profile.",
                            0, 0, 0},
    [KS_SCENARIO_MACHINE] = {"machine", &ks_machine_shape,
                             "The simulated system; default: of the first real image, else x64.", 0,
                             0, 0},
    [KS_SCENARIO_IMAGES] = {"images", &ks_images_shape, "The files of the simulated disk.", 0, 0,
                            0},
    [KS_SCENARIO_FILES] = {"files", &ks_data_files_shape,
                           "Files of the simulated disk that are no images.", 0, 0, 0},
    [KS_SCENARIO_SERVICES] = {"services", &services_shape, "The service keys of the registry.", 0,
                              0, 0},
    [KS_SCENARIO_HARDWARE_IDS] = {"hardware_ids", &ks_hardware_shape,
                                  "Which drivers devices get that a driver reports.", 0, 0, 0},
    [KS_SCENARIO_BLOCKED] = {"blocked", &blocked_shape, "Images that the driver database refuses.",
                             0, 0, 0},
    [KS_SCENARIO_PROCESSOR] = {"processor", &ks_processor_shape,
                               "What the simulated processor tells that differs from kldr's own.",
                               0, 0, 0},
    [KS_SCENARIO_CHECKS] = {"checks", &checks_shape,
                            "Checks of drivers that are switched on or off.", 0, 0, 0},
    [KS_SCENARIO_LIMITS] = {"limits", &limits_shape, "How far a run may go.", 0, 0, 0},
    [KS_SCENARIO_SKIP] = {"skip", &skip_shape,
                          "Why it is not run, at all or under single profiles.", 0, 0, 0},
    [KS_SCENARIO_STEPS] = {"steps", &ks_steps_shape, "What is done, and what must be true then.", 0,
                           0, 0},
};

const struct ks_shape ks_scenario_shape = {.kind = KS_SHAPE_RECORD,
                                           .name = "scenario",
                                           .what = "a map: a scenario",
                                           .keys = scenario_keys,
                                           .key_count = COUNT_OF(scenario_keys)};
