// SPDX-License-Identifier: MIT
// The key table, second part: images, their exports and imports, and routines.
#include "scenario/format/keys.h"

#define COUNT_OF(array) (sizeof(array) / sizeof(array)[0])
#define BIT(key)        (UINT64_C(1) << (key))

// ---- imports ----

static const struct ks_key function_keys[] = {
    [KS_FUNCTION_NAME] = {"name", &ks_name_shape, "Import by name.", KS_KEY_ONE_OF, 0, 0},
    [KS_FUNCTION_HINT] = {"hint", &ks_hint_shape,
                          "Where the name is looked for first; default: where it is, when the "
                          "exporter is declared, else 0.",
                          0, BIT(KS_FUNCTION_NAME), 0},
    [KS_FUNCTION_ORDINAL] = {"ordinal", &ks_ordinal_shape, "Import by ordinal.", KS_KEY_ONE_OF, 0,
                             0},
};
static const struct ks_shape function_record_shape = {.kind = KS_SHAPE_RECORD,
                                                      .name = "function",
                                                      .what = "{name: F, hint: N} or {ordinal: N}",
                                                      .keys = function_keys,
                                                      .key_count = COUNT_OF(function_keys)};
static const struct ks_shape *const function_choices[] = {&ks_function_name_shape,
                                                          &function_record_shape, NULL};
static const struct ks_shape function_shape = {
    .kind = KS_SHAPE_CHOICE,
    .what = "a function: Name, {ordinal: 7}, \"#7\" or {name: F, hint: 3}",
    .choices = function_choices};
static const struct ks_shape functions_shape = {.kind = KS_SHAPE_LIST,
                                                .name = "functions",
                                                .what = "a list of functions",
                                                .item = &function_shape};

static const struct ks_key import_keys[] = {
    [KS_IMPORT_MODULE] = {"module", &ks_name_shape, "The module imported from.", KS_KEY_REQUIRED, 0,
                          0},
    [KS_IMPORT_FUNCTIONS] = {"functions", &functions_shape, "What is imported.", KS_KEY_REQUIRED, 0,
                             0},
    [KS_IMPORT_LOOKUP_TABLE] = {"lookup_table", &ks_boolean_shape,
                                "false: the descriptor has no lookup table, only an address table.",
                                0, 0, 0},
};
static const struct ks_shape import_record_shape = {.kind = KS_SHAPE_RECORD,
                                                    .name = "import",
                                                    .what = "{module: M, functions: [...]}",
                                                    .keys = import_keys,
                                                    .key_count = COUNT_OF(import_keys)};
static const struct ks_shape imports_map_shape = {.kind = KS_SHAPE_MAP,
                                                  .what = "a map of modules to functions",
                                                  .key = &ks_name_shape,
                                                  .item = &functions_shape,
                                                  .fold = KS_FOLD_ALL};
static const struct ks_shape import_entry_shape = {.kind = KS_SHAPE_MAP,
                                                   .what = "a map of one module to its functions",
                                                   .key = &ks_name_shape,
                                                   .item = &functions_shape,
                                                   .min = 1,
                                                   .max = 1};
static const struct ks_shape *const import_item_choices[] = {&import_record_shape,
                                                             &import_entry_shape, NULL};
static const struct ks_shape import_item_shape = {
    .kind = KS_SHAPE_CHOICE,
    .what = "{module: [functions]} or {module: M, functions: [...]}",
    .choices = import_item_choices,
    .selector = "module"};
static const struct ks_shape imports_list_shape = {
    .kind = KS_SHAPE_LIST, .what = "a list of imports", .item = &import_item_shape};
static const struct ks_shape *const imports_choices[] = {&import_record_shape, &imports_map_shape,
                                                         &imports_list_shape, NULL};
static const struct ks_shape imports_shape = {
    .kind = KS_SHAPE_CHOICE,
    .what = "a map of modules to functions, or a list of one-entry maps",
    .choices = imports_choices,
    .selector = "module"};

// ---- routines ----

#define ROUTINE_KEYS                                                                               \
    [KS_ROUTINE_RAISE] =                                                                           \
        {"raise", &ks_status_shape, "Raises this exception code instead of returning.", 0, 0, 0},  \
    [KS_ROUTINE_DO] = {"do",                                                                       \
                       &ks_steps_shape,                                                            \
                       "Steps performed inside the routine, before it returns.",                   \
                       0,                                                                          \
                       0,                                                                          \
                       0},                                                                         \
    [KS_ROUTINE_KEEP_ARGUMENT] = {"keep_argument",                                                 \
                                  &ks_boolean_shape,                                               \
                                  "true: keeps the pointer to the registry path and reads it "     \
                                  "when called again.",                                            \
                                  0,                                                               \
                                  0,                                                               \
                                  0},                                                              \
    [KS_ROUTINE_QUEUE] = {"queue",                                                                 \
                          &ks_name_shape,                                                          \
                          "Leaves a work item of this name behind, for `run_queued`.",             \
                          0,                                                                       \
                          0,                                                                       \
                          0}

#define RESULT_KEYS(status_shape, returns_shape)                                                   \
    [KS_ROUTINE_STATUS] = {"status", status_shape,           "What it returns.", 0,                \
                           0,        BIT(KS_ROUTINE_RETURNS)},                                     \
    [KS_ROUTINE_RETURNS] = {"returns", returns_shape,         "A result of 64 bits.", 0,           \
                            0,         BIT(KS_ROUTINE_STATUS)},                                    \
    [KS_ROUTINE_INFORMATION] = {"information",                                                     \
                                &ks_number64_shape,                                                \
                                "Of a dispatch routine: the request's Information; default: the "  \
                                "number of `bytes`.",                                              \
                                0,                                                                 \
                                0,                                                                 \
                                BIT(KS_ROUTINE_PASS_DOWN)},                                        \
    [KS_ROUTINE_BYTES] = {"bytes",                                                                 \
                          &ks_data_shape,                                                          \
                          "Of a dispatch routine: what the request brings back.",                  \
                          0,                                                                       \
                          0,                                                                       \
                          BIT(KS_ROUTINE_PASS_DOWN)},                                              \
    [KS_ROUTINE_PASS_DOWN] = {"pass_down",                                                         \
                              &ks_boolean_shape,                                                   \
                              "true: the dispatch routine gives the request to the device below.", \
                              0,                                                                   \
                              0,                                                                   \
                              BIT(KS_ROUTINE_STATUS) | BIT(KS_ROUTINE_RETURNS)}

static const struct ks_shape returns_list_shape = {
    .kind = KS_SHAPE_LIST, .what = "a list of numbers", .item = &ks_number64_shape, .min = 1};
static const struct ks_shape *const returns_choices[] = {&ks_number64_shape, &returns_list_shape,
                                                         NULL};
static const struct ks_shape returns_shape = {.kind = KS_SHAPE_CHOICE,
                                              .what = "a number, or a list with one for each call",
                                              .choices = returns_choices};

// One entry of a list: what one call does.
static const struct ks_key call_keys[] = {
    ROUTINE_KEYS,
    RESULT_KEYS(&ks_status_shape, &ks_number64_shape),
};
static const struct ks_shape call_record_shape = {.kind = KS_SHAPE_RECORD,
                                                  .name = "routine_call",
                                                  .what = "a map that describes one call",
                                                  .keys = call_keys,
                                                  .key_count = COUNT_OF(call_keys)};
static const struct ks_shape *const call_choices[] = {&ks_status_shape, &call_record_shape, NULL};
static const struct ks_shape call_shape = {
    .kind = KS_SHAPE_CHOICE, .what = "a status or a map", .choices = call_choices};
static const struct ks_shape calls_shape = {.kind = KS_SHAPE_LIST,
                                            .what = "a list with one entry for each call",
                                            .item = &call_shape,
                                            .min = 1};

#define ACROSS_LOADS_KEY                                                                           \
    [KS_ROUTINE_ACROSS_LOADS] = {"across_loads",                                                   \
                                 &ks_boolean_shape,                                                \
                                 "true: calls are counted over all instances of the image.",       \
                                 0,                                                                \
                                 0,                                                                \
                                 0}

static const struct ks_key routine_keys[] = {
    ROUTINE_KEYS, RESULT_KEYS(&ks_statuses_shape, &returns_shape), ACROSS_LOADS_KEY};
static const struct ks_shape routine_record_shape = {.kind = KS_SHAPE_RECORD,
                                                     .name = "routine_map",
                                                     .what = "a map that describes a routine",
                                                     .keys = routine_keys,
                                                     .key_count = COUNT_OF(routine_keys)};
static const struct ks_shape *const routine_choices[] = {&ks_absent_shape, &ks_status_shape,
                                                         &calls_shape, &routine_record_shape, NULL};
static const struct ks_shape routine_shape = {.kind = KS_SHAPE_CHOICE,
                                              .name = "routine",
                                              .what = "a status, `absent`, a list or a map",
                                              .choices = routine_choices};

static const struct ks_key dll_routine_keys[] = {
    ROUTINE_KEYS,
    RESULT_KEYS(&ks_statuses_shape, &returns_shape),
    ACROSS_LOADS_KEY,
    [KS_ROUTINE_EXPORT_AS] = {"export_as", &ks_name_shape, "Exported under this name instead.", 0,
                              0, 0},
    [KS_ROUTINE_FORWARD] = {"forward", &ks_forwarder_shape, "The export is a forwarder to this.", 0,
                            0, 0},
};
static const struct ks_shape dll_routine_record_shape = {.kind = KS_SHAPE_RECORD,
                                                         .name = "dll_routine_map",
                                                         .what = "a map that describes a routine",
                                                         .keys = dll_routine_keys,
                                                         .key_count = COUNT_OF(dll_routine_keys)};
static const struct ks_shape *const dll_routine_choices[] = {
    &ks_absent_shape, &ks_status_shape, &calls_shape, &dll_routine_record_shape, NULL};
static const struct ks_shape dll_routine_shape = {.kind = KS_SHAPE_CHOICE,
                                                  .name = "dll_routine",
                                                  .what = "a status, `absent`, a list or a map",
                                                  .choices = dll_routine_choices};

// DriverUnload returns nothing.
static const struct ks_key unload_keys[] = {ROUTINE_KEYS};
static const struct ks_shape unload_record_shape = {.kind = KS_SHAPE_RECORD,
                                                    .name = "driver_unload_map",
                                                    .what = "a map (DriverUnload has no status)",
                                                    .keys = unload_keys,
                                                    .key_count = COUNT_OF(unload_keys)};
static const struct ks_shape unload_list_shape = {.kind = KS_SHAPE_LIST,
                                                  .what = "a list with one map for each call",
                                                  .item = &unload_record_shape,
                                                  .min = 1};
static const struct ks_shape *const unload_choices[] = {&ks_absent_shape, &unload_list_shape,
                                                        &unload_record_shape, NULL};
static const struct ks_shape unload_shape = {
    .kind = KS_SHAPE_CHOICE,
    .name = "driver_unload",
    .what = "`absent`, a map or a list (DriverUnload has no status)",
    .choices = unload_choices};

// ---- images ----

static const struct ks_shape exports_shape = {
    .kind = KS_SHAPE_LIST, .what = "a list of exports", .item = &ks_export_entry_shape};

static const struct ks_key export_directory_keys[] = {
    [KS_EXPORT_DIRECTORY_ORDINAL_BASE] = {"ordinal_base", &ks_export_ordinal_shape,
                                          "The lowest ordinal; default: 1.", 0, 0, 0},
    [KS_EXPORT_DIRECTORY_SORTED] = {"sorted", &ks_boolean_shape,
                                    "false: the name table is in the order given.", 0, 0, 0},
    [KS_EXPORT_DIRECTORY_ABSENT] = {"absent", &ks_boolean_shape,
                                    "true: there is no export directory.", 0, 0, 0},
};
static const struct ks_shape export_directory_shape = {.kind = KS_SHAPE_RECORD,
                                                       .name = "export_directory",
                                                       .what = "a map",
                                                       .keys = export_directory_keys,
                                                       .key_count =
                                                           COUNT_OF(export_directory_keys)};

static const struct ks_shape routines_shape = {.kind = KS_SHAPE_MAP,
                                               .what = "a map of names to routines",
                                               .key = &ks_name_shape,
                                               .item = &routine_shape};
static const struct ks_shape dispatch_shape = {.kind = KS_SHAPE_MAP,
                                               .what = "a map of IRP_MJ_ names to module!Routine",
                                               .key = &ks_major_shape,
                                               .item = &ks_module_routine_shape};
static const struct ks_shape data_shape = {.kind = KS_SHAPE_MAP,
                                           .what = "a map of DATA exports to numbers",
                                           .key = &ks_name_shape,
                                           .item = &ks_number64_shape};

static const struct ks_shape device_list_shape = {.kind = KS_SHAPE_LIST,
                                                  .what = "a list of names of device objects",
                                                  .item = &ks_object_name_shape,
                                                  .unique = true};
static const struct ks_shape device_map_shape = {.kind = KS_SHAPE_MAP,
                                                 .what = "a map of names to symbolic links",
                                                 .key = &ks_object_name_shape,
                                                 .item = &ks_object_name_shape,
                                                 .fold = KS_FOLD_ALL};
static const struct ks_shape *const devices_choices[] = {&device_list_shape, &device_map_shape,
                                                         NULL};
static const struct ks_shape devices_shape = {
    .kind = KS_SHAPE_CHOICE,
    .what = "a list of names of device objects, or a map of them to symbolic links",
    .choices = devices_choices};

static const struct ks_key image_keys[] = {
    [KS_IMAGE_FILE] = {"file", &ks_name_shape,
                       "A real image: the host's file, relative to the scenario; ${NAME} and "
                       "$(NAME) are replaced.",
                       0, 0, ~BIT(KS_IMAGE_FILE)},
    [KS_IMAGE_EXPORTS] = {"exports", &exports_shape,
                          "Entries in the syntax of a .def file's EXPORTS section.", 0, 0, 0},
    [KS_IMAGE_EXPORT_DIRECTORY] = {"export_directory", &export_directory_shape,
                                   "How the export directory is laid out.", 0, 0, 0},
    [KS_IMAGE_IMPORTS] = {"imports", &imports_shape, "Modules and what is imported from them.", 0,
                          0, 0},
    [KS_IMAGE_DRIVER_ENTRY] = {"DriverEntry", &routine_shape, "Default: present, STATUS_SUCCESS.",
                               0, 0, 0},
    [KS_IMAGE_DRIVER_UNLOAD] = {"DriverUnload", &unload_shape,
                                "Default: present; `absent` for none.", 0, 0, 0},
    [KS_IMAGE_DLLINITIALIZE] = {"DllInitialize", &dll_routine_shape, "Default: not exported.", 0, 0,
                                0},
    [KS_IMAGE_DLLUNLOAD] = {"DllUnload", &dll_routine_shape, "Default: not exported.", 0, 0, 0},
    [KS_IMAGE_ADD_DEVICE] = {"AddDevice", &routine_shape,
                             "Makes it a PnP driver; default: none, with the flag pnp one that "
                             "succeeds.",
                             0, 0, 0},
    [KS_IMAGE_ROUTINES] = {"routines", &routines_shape,
                           "What exports do, and routines that are not exported.", 0, 0, 0},
    [KS_IMAGE_DISPATCH] = {"dispatch", &dispatch_shape,
                           "What DriverEntry puts into the driver's dispatch table.", 0, 0, 0},
    [KS_IMAGE_DEVICES] = {"devices", &devices_shape,
                          "Names of device objects that DriverEntry creates, or a map of them to "
                          "symbolic links.",
                          0, 0, 0},
    [KS_IMAGE_MACHINE] = {"machine", &ks_machine_shape, "Default: the scenario's.", 0, 0, 0},
    [KS_IMAGE_BASE] = {"base", &ks_number64_shape, "Preferred load address.", 0, 0, 0},
    [KS_IMAGE_BROKEN] = {"broken", &ks_brokens_shape, "What is wrong with the file on purpose.", 0,
                         0, 0},
    [KS_IMAGE_FLAGS] = {"flags", &ks_flags_shape,
                        "dependent: loaded by the boot loader for an import; pnp: has AddDevice.",
                        0, 0, 0},
    [KS_IMAGE_DATA] = {"data", &data_shape, "Values of DATA exports.", 0, 0, 0},
};

const struct ks_shape ks_image_shape = {.kind = KS_SHAPE_RECORD,
                                        .name = "image",
                                        .what = "a map that describes an image",
                                        .keys = image_keys,
                                        .key_count = COUNT_OF(image_keys)};

const struct ks_shape ks_images_shape = {.kind = KS_SHAPE_MAP,
                                         .name = "images",
                                         .what = "a map of paths to images",
                                         .key = &ks_image_path_shape,
                                         .item = &ks_image_shape,
                                         .fold = KS_FOLD_ALL};
