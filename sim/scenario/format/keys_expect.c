// SPDX-License-Identifier: MIT
// The key table, last part: expectations.
#include "kernel/io/io_request.h"
#include "scenario/format/keys.h"

#define COUNT_OF(array) (sizeof(array) / sizeof(array)[0])
#define BIT(key)        (UINT64_C(1) << (key))

static const char *any_at(size_t index)
{
    return index == 0 ? "any" : NULL;
}

static const char *count_word_at(size_t index)
{
    static const char *const words[] = {"inactive", "absent"};
    return index < COUNT_OF(words) ? words[index] : NULL;
}

// ---- lists: plain, or wrapped in what they are to be compared by ----

// Defines NAME_shape: a list of items, or {contains: list}, {ordered: list}, {none_of: list}.
#define EXPECTED_LIST(id, item_shape, words)                                                       \
    static const struct ks_shape id##_list_shape = {                                               \
        .kind = KS_SHAPE_LIST, .what = words, .item = item_shape};                                 \
    static const struct ks_key id##_wrapper_keys[] = {                                             \
        [KS_WRAPPER_CONTAINS] = {"contains", &id##_list_shape, "All of these, in any order.",      \
                                 KS_KEY_ONE_OF, 0, 0},                                             \
        [KS_WRAPPER_ORDERED] = {"ordered", &id##_list_shape,                                       \
                                "All of these in this order, with others between.", KS_KEY_ONE_OF, \
                                0, 0},                                                             \
        [KS_WRAPPER_NONE_OF] = {"none_of", &id##_list_shape, "None of these.", KS_KEY_ONE_OF, 0,   \
                                0},                                                                \
    };                                                                                             \
    static const struct ks_shape id##_wrapper_shape = {                                            \
        .kind = KS_SHAPE_RECORD,                                                                   \
        .what = "{contains: [...]}, {ordered: [...]} or {none_of: [...]}",                         \
        .keys = id##_wrapper_keys,                                                                 \
        .key_count = COUNT_OF(id##_wrapper_keys)};                                                 \
    static const struct ks_shape *const id##_choices[] = {&id##_list_shape, &id##_wrapper_shape,   \
                                                          NULL};                                   \
    static const struct ks_shape id##_shape = {                                                    \
        .kind = KS_SHAPE_CHOICE,                                                                   \
        .name = "expected_" #id,                                                                   \
        .what = words ", or one in {contains: }, {ordered: } or {none_of: }",                      \
        .choices = id##_choices}

EXPECTED_LIST(routines, &ks_module_routine_shape, "a list of module!Routine");
EXPECTED_LIST(events, &ks_event_shape, "a list of events");
EXPECTED_LIST(lines, &ks_line_shape, "a list of texts");
EXPECTED_LIST(names, &ks_name_shape, "a list of modules");

// ---- records ----

static const struct ks_shape log_value_shape = {.kind = KS_SHAPE_STATUS,
                                                .what = "a number or a status"};

static const struct ks_key log_keys[] = {
    {"image", &ks_name_shape, "The importer.", 0, 0, 0},
    {"missing_module", &ks_name_shape, "The module that could not be found.", 0, 0, 0},
    {"missing_procedure", &ks_name_shape, "The export that could not be found.", 0, 0, 0},
    {"value", &log_value_shape, "The record's unique value.", 0, 0, 0},
};
static const struct ks_shape log_record_shape = {
    .kind = KS_SHAPE_RECORD,
    .name = "log_record",
    .what = "{image, missing_module, missing_procedure, value}",
    .keys = log_keys,
    .key_count = COUNT_OF(log_keys)};
EXPECTED_LIST(log, &log_record_shape, "a list of event-log records");

enum { MISSING_IMPORTER, MISSING_MODULE, MISSING_EXPORT, MISSING_ORDINAL };

static const struct ks_key missing_keys[] = {
    [MISSING_IMPORTER] = {"importer", &ks_name_shape, "Who imports it.", 0, 0, 0},
    [MISSING_MODULE] = {"module", &ks_name_shape,
                        "The module that is missing, or lacks the export.", KS_KEY_REQUIRED, 0, 0},
    [MISSING_EXPORT] = {"export", &ks_name_shape, "The export's name.", 0, 0, BIT(MISSING_ORDINAL)},
    [MISSING_ORDINAL] = {"ordinal", &ks_ordinal_shape, "The export's ordinal.", 0, 0,
                         BIT(MISSING_EXPORT)},
};
static const struct ks_shape missing_record_shape = {
    .kind = KS_SHAPE_RECORD,
    .name = "missing_record",
    .what = "{importer, module} with export or ordinal",
    .keys = missing_keys,
    .key_count = COUNT_OF(missing_keys)};
EXPECTED_LIST(missing, &missing_record_shape, "a list of what is missing");

static const struct ks_key finding_keys[] = {
    {"kind", &ks_finding_kind_shape, "What was found.", KS_KEY_REQUIRED, 0, 0},
    {"module", &ks_name_shape, "The module it is about.", 0, 0, 0},
    {"target", &ks_name_shape, "The other module.", 0, 0, 0},
    {"export", &ks_function_name_shape, "The export, or #ordinal.", 0, 0, 0},
    {"reason", &ks_name_shape, "Why a reference holds no count.", 0, 0, 0},
    {"tag", &ks_name_shape, "Pool tag of what leaked.", 0, 0, 0},
    {"bytes", &ks_number64_shape, "How many bytes leaked.", 0, 0, 0},
    {"count", &ks_number64_shape, "How many allocations or objects leaked.", 0, 0, 0},
};
static const struct ks_shape finding_record_shape = {.kind = KS_SHAPE_RECORD,
                                                     .name = "finding",
                                                     .what = "{kind, module, ...}",
                                                     .keys = finding_keys,
                                                     .key_count = COUNT_OF(finding_keys)};
static const struct ks_shape *const finding_choices[] = {&ks_finding_kind_shape,
                                                         &finding_record_shape, NULL};
static const struct ks_shape finding_shape = {.kind = KS_SHAPE_CHOICE,
                                              .what = "a kind of finding or {kind, module, ...}",
                                              .choices = finding_choices};
EXPECTED_LIST(findings, &finding_shape, "a list of findings");

// ---- maps ----

static const struct ks_shape count_number_shape = {
    .kind = KS_SHAPE_NUMBER, .what = "a count from 0 to 65535", .max = UINT16_MAX};
static const struct ks_shape count_word_shape = {
    .kind = KS_SHAPE_WORD, .what = "`inactive` or `absent`", .word_at = count_word_at};
static const struct ks_shape *const count_choices[] = {&count_number_shape, &count_word_shape,
                                                       NULL};
static const struct ks_shape count_shape = {.kind = KS_SHAPE_CHOICE,
                                            .name = "count",
                                            .what =
                                                "a count from 0 to 65535, `inactive` or `absent`",
                                            .choices = count_choices};
static const struct ks_shape counts_shape = {.kind = KS_SHAPE_MAP,
                                             .what = "a map of modules to counts",
                                             .key = &ks_name_shape,
                                             .item = &count_shape,
                                             .fold = KS_FOLD_ALL};
static const struct ks_shape imports_shape = {.kind = KS_SHAPE_MAP,
                                              .what = "a map of modules to import lists",
                                              .key = &ks_name_shape,
                                              .item = &names_shape,
                                              .fold = KS_FOLD_ALL};
static const struct ks_shape states_shape = {.kind = KS_SHAPE_MAP,
                                             .what = "a map of modules to states",
                                             .key = &ks_name_shape,
                                             .item = &ks_state_shape,
                                             .fold = KS_FOLD_ALL};
static const struct ks_shape argument_shape = {.kind = KS_SHAPE_MAP,
                                               .what = "a map of module!DllInitialize to paths",
                                               .key = &ks_module_routine_shape,
                                               .item = &ks_name_shape,
                                               .fold = KS_FOLD_MODULE};
static const struct ks_shape bound_shape = {.kind = KS_SHAPE_MAP,
                                            .what = "a map of importer!export to module!export",
                                            .key = &ks_module_routine_shape,
                                            .item = &ks_bound_target_shape,
                                            .fold = KS_FOLD_MODULE};

// ---- single values ----

static const struct ks_shape any_shape = {
    .kind = KS_SHAPE_WORD, .what = "`any`", .word_at = any_at};
static const struct ks_shape *const status_choices[] = {&any_shape, &ks_status_shape, NULL};
static const struct ks_shape status_shape = {.kind = KS_SHAPE_CHOICE,
                                             .what = "a status name or number, or `any`",
                                             .choices = status_choices};

static const struct ks_shape stop_shape = {
    .kind = KS_SHAPE_STOP, .name = "stop_code", .what = "a stop code's name or number"};
static const struct ks_shape *const parameter_choices[] = {&any_shape, &ks_number64_shape, NULL};
static const struct ks_shape parameter_shape = {
    .kind = KS_SHAPE_CHOICE, .what = "a number, or `any`", .choices = parameter_choices};
static const struct ks_shape parameters_shape = {.kind = KS_SHAPE_LIST,
                                                 .what = "a list of up to 4 numbers, or `any`",
                                                 .item = &parameter_shape,
                                                 .max = 4};
static const struct ks_key bugcheck_keys[] = {
    [KS_BUGCHECK_CODE] = {"code", &stop_shape, "The stop code.", KS_KEY_REQUIRED, 0, 0},
    [KS_BUGCHECK_PARAMETERS] = {"parameters", &parameters_shape, "Its parameters, from the first.",
                                0, 0, 0},
    [KS_BUGCHECK_MODULE] = {"module", &ks_name_shape, "The module to blame.", 0, 0, 0},
};
static const struct ks_shape bugcheck_record_shape = {.kind = KS_SHAPE_RECORD,
                                                      .name = "bugcheck",
                                                      .what = "{code, parameters, module}",
                                                      .keys = bugcheck_keys,
                                                      .key_count = COUNT_OF(bugcheck_keys)};
static const struct ks_shape *const bugcheck_choices[] = {&stop_shape, &bugcheck_record_shape,
                                                          NULL};
static const struct ks_shape bugcheck_shape = {.kind = KS_SHAPE_CHOICE,
                                               .what = "a stop code or {code, parameters, module}",
                                               .choices = bugcheck_choices};

static const struct ks_shape *const result_choices[] = {&ks_number64_shape, &ks_status_shape, NULL};
static const struct ks_shape result_shape = {
    .kind = KS_SHAPE_CHOICE, .what = "a number of 64 bits or a status", .choices = result_choices};

// ---- devices and requests ----

static const struct ks_shape *const stack_choices[] = {&ks_absent_shape, &names_list_shape,
                                                       &names_wrapper_shape, NULL};
static const struct ks_shape stack_shape = {
    .kind = KS_SHAPE_CHOICE, .what = "a list of modules or `absent`", .choices = stack_choices};
static const struct ks_shape stacks_shape = {.kind = KS_SHAPE_MAP,
                                             .what = "a map of devices to lists of modules",
                                             .key = &ks_name_shape,
                                             .item = &stack_shape,
                                             .fold = KS_FOLD_ALL};
EXPECTED_LIST(devices, &ks_name_shape, "a list of names of device objects");
static const struct ks_shape devices_map_shape = {.kind = KS_SHAPE_MAP,
                                                  .what =
                                                      "a map of modules to their device objects",
                                                  .key = &ks_name_shape,
                                                  .item = &devices_shape,
                                                  .fold = KS_FOLD_ALL};

static const struct ks_shape tags_shape = {.kind = KS_SHAPE_MAP,
                                           .what = "a map of pool tags to numbers of bytes",
                                           .key = &ks_name_shape,
                                           .item = &ks_number64_shape};
static const struct ks_shape *const pool_choices[] = {&ks_number64_shape, &tags_shape, NULL};
static const struct ks_shape pool_shape = {.kind = KS_SHAPE_CHOICE,
                                           .what =
                                               "a number of bytes, or a map of pool tags to them",
                                           .choices = pool_choices};
static const struct ks_shape pools_shape = {.kind = KS_SHAPE_MAP,
                                            .what = "a map of modules to their pool",
                                            .key = &ks_name_shape,
                                            .item = &pool_shape,
                                            .fold = KS_FOLD_ALL};

static const struct ks_shape object_kind_shape = {.kind = KS_SHAPE_WORD,
                                                  .name = "object_kind",
                                                  .what = "a kind of objects",
                                                  .word_at = ks_io_object_kind};
static const struct ks_shape kinds_shape = {.kind = KS_SHAPE_MAP,
                                            .what = "a map of kinds of objects to numbers",
                                            .key = &object_kind_shape,
                                            .item = &ks_number32_shape};
static const struct ks_shape *const objects_choices[] = {&ks_number32_shape, &kinds_shape, NULL};
static const struct ks_shape objects_shape = {
    .kind = KS_SHAPE_CHOICE,
    .what = "a number of objects, or a map of kinds of them to numbers",
    .choices = objects_choices};
static const struct ks_shape objects_map_shape = {
    .kind = KS_SHAPE_MAP,
    .what = "a map of modules to what is left of their objects",
    .key = &ks_name_shape,
    .item = &objects_shape,
    .fold = KS_FOLD_ALL};

static const struct ks_shape irql_word_shape = {
    .kind = KS_SHAPE_WORD, .what = "a level", .word_at = ks_io_irql_name};
static const struct ks_shape irql_number_shape = {
    .kind = KS_SHAPE_NUMBER, .what = "a level from 0 to 31", .max = 31};
static const struct ks_shape *const irql_choices[] = {&irql_word_shape, &irql_number_shape, NULL};
static const struct ks_shape irql_shape = {
    .kind = KS_SHAPE_CHOICE, .what = "a level, name or number", .choices = irql_choices};

static const struct ks_key port_write_keys[] = {
    {"port", &ks_port_shape, "The port.", KS_KEY_SOME_OF, 0, 0},
    {"value", &ks_number32_shape, "What was written.", KS_KEY_SOME_OF, 0, 0},
    {"width", &ks_width_shape, "In how many bytes.", KS_KEY_SOME_OF, 0, 0},
};
static const struct ks_shape port_write_shape = {.kind = KS_SHAPE_RECORD,
                                                 .name = "port_write",
                                                 .what = "{port, value, width}",
                                                 .keys = port_write_keys,
                                                 .key_count = COUNT_OF(port_write_keys)};
EXPECTED_LIST(port_writes, &port_write_shape, "a list of writes to ports");

static const struct ks_key expect_keys[] = {
    [KS_EXPECT_STATUS] = {"status", &status_shape,
                          "Status of the action; without it the action must succeed.", 0, 0, 0},
    [KS_EXPECT_CALLS] = {"calls", &routines_shape, "Routines that started, in order.", 0, 0, 0},
    [KS_EXPECT_EVENTS] = {"events", &events_shape, "Events; a plain list means `ordered` here.", 0,
                          0, 0},
    [KS_EXPECT_PRINTED] = {"printed", &lines_shape, "Lines printed by DbgPrint and relatives.", 0,
                           0, 0},
    [KS_EXPECT_MODULES] = {"modules", &names_shape,
                           "The module list without the kernel images, in list order.", 0, 0, 0},
    [KS_EXPECT_COUNTS] = {"counts", &counts_shape,
                          "LoadCount; `inactive` where counting is not active, `absent` when not "
                          "loaded.",
                          0, 0, 0},
    [KS_EXPECT_IMPORTS] = {"imports", &imports_shape, "What modules hold counts on, in order.", 0,
                           0, 0},
    [KS_EXPECT_STATE] = {"state", &states_shape, "States of modules.", 0, 0, 0},
    [KS_EXPECT_UNLOADED] = {"unloaded", &names_shape,
                            "What this step recorded in the unloaded-drivers ring.", 0, 0, 0},
    [KS_EXPECT_RING] = {"ring", &names_shape, "The whole ring, oldest first.", 0, 0, 0},
    [KS_EXPECT_NOTIFIED] = {"notified", &names_shape, "Images reported to load-image callbacks.", 0,
                            0, 0},
    [KS_EXPECT_OPENED] = {"opened", &names_shape, "Files opened, in order.", 0, 0, 0},
    [KS_EXPECT_LOG] = {"log", &log_shape, "Event-log records; given fields only.", 0, 0, 0},
    [KS_EXPECT_MISSING] = {"missing", &missing_shape, "All that resolution could not find.", 0, 0,
                           0},
    [KS_EXPECT_ARGUMENT] = {"argument", &argument_shape, "Registry paths that were passed.", 0, 0,
                            0},
    [KS_EXPECT_BOUND] = {"bound", &bound_shape, "Where imports are bound to.", 0, 0, 0},
    [KS_EXPECT_FINDINGS] = {"findings", &findings_shape, "Findings of this step.", 0, 0, 0},
    [KS_EXPECT_BUGCHECK] = {"bugcheck", &bugcheck_shape, "The system stops with this code.", 0, 0,
                            0},
    [KS_EXPECT_INFORMATION] = {"information", &ks_number64_shape,
                               "IoStatus.Information of the request.", 0, 0, 0},
    [KS_EXPECT_BYTES] = {"bytes", &ks_expected_bytes_shape, "What the request brought back.", 0, 0,
                         0},
    [KS_EXPECT_DEVICE_STACK] = {"device_stack", &stacks_shape,
                                "Modules in the stacks of devices, the lowest first.", 0, 0, 0},
    [KS_EXPECT_DEVICES] = {"devices", &devices_map_shape,
                           "Names of modules' device objects; `unnamed` for one without.", 0, 0, 0},
    [KS_EXPECT_FILES] = {"files", &ks_expected_files_shape,
                         "What files of the simulated disk hold.", 0, 0, 0},
    [KS_EXPECT_POOL] = {"pool", &pools_shape,
                        "Bytes of pool that modules have not freed, all together or by tag.", 0, 0,
                        0},
    [KS_EXPECT_OBJECTS] = {"objects", &objects_map_shape,
                           "Objects of modules that are left, all together or by kind.", 0, 0, 0},
    [KS_EXPECT_IRQL] = {"irql", &irql_shape, "The level after the step.", 0, 0, 0},
    [KS_EXPECT_PORT_WRITES] = {"port_writes", &port_writes_shape,
                               "What was written to ports; given fields only.", 0, 0, 0},
    [KS_EXPECT_RESULT] = {"result", &result_shape, "What `call` returned.", 0, 0, 0},
    [KS_EXPECT_FOUND] = {"found", &ks_boolean_shape, "Whether `lookup` found the name.", 0, 0, 0},
    [KS_EXPECT_MODULE] = {"module", &ks_name_shape, "Where `lookup` found it.", 0, 0, 0},
};
const struct ks_shape ks_expect_shape = {.kind = KS_SHAPE_RECORD,
                                         .name = "expect",
                                         .what = "a map of expectations",
                                         .keys = expect_keys,
                                         .key_count = COUNT_OF(expect_keys)};
