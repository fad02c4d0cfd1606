// SPDX-License-Identifier: MIT
// A scenario file as data: what was written, where it was written, nothing decided yet.
//
// The model is immutable once parsed and shared by all runs of a file. Everything in it lives in
// the file's own arena (ks_scenario_file_destroy frees all). Each value that a message or
// `--accept` may have to point at keeps its place: line and column for people, byte offsets for
// replacing.
#ifndef KS_SCENARIO_MODEL_H
#define KS_SCENARIO_MODEL_H

#include "scenario/model_io.h"
#include "scenario/model_machine.h"

#include <kldr/check.h>
#include <kldr/image.h>
#include <kldr/image_builder.h>
#include <kldr/policy.h>

struct ks_step;
struct ks_image;

// ---- routines ----

// What one call of a routine does.
struct ks_routine_entry {
    struct ks_place place;
    kldr_status status; // default STATUS_SUCCESS
    bool has_returns;   // `returns: N`, a 64-bit result; else the status is the result
    uint64_t returns;
    bool has_raise;
    uint32_t raise_code;
    const struct ks_step *steps; // `do`
    size_t step_count;
    bool keep_argument;
    const char *queue; // work item left behind; NULL: none
    // of dispatch routines
    bool pass_down;
    bool has_information; // else the number of bytes
    uint64_t information;
    struct ks_data bytes;
};

// A routine of a declared image.
struct ks_routine {
    struct ks_place place;
    bool absent; // written `absent`
    const struct ks_routine_entry
        *entries; // one per call, the last repeats; at least one unless absent
    size_t entry_count;
    bool across_loads;     // counts calls over all instances of the image (A96)
    const char *export_as; // exported under another name; NULL: its own
    const char *forward;   // exported as a forwarder with this text
};

struct ks_named_routine {
    const char *name;
    struct ks_place place;
    struct ks_routine routine;
};

// ---- images ----

struct ks_function {
    struct ks_place place;
    const char *name; // NULL: by ordinal
    uint32_t ordinal;
    bool has_hint; // else the right one is looked up in the declared exporter (A13)
    uint32_t hint;
};

struct ks_import {
    struct ks_place place;
    const char *module;
    const struct ks_function *functions;
    size_t function_count;
    bool no_lookup_table;
};

struct ks_export {
    struct ks_place place;
    const char *name;
    uint32_t ordinal; // 0: not given
    bool noname, data, private_;
    const char *forwarder; // text after '='; NULL: none
};

struct ks_dispatch {
    struct ks_place place;
    unsigned major;     // IRP_MJ_... number
    const char *module; // of "module!Routine"
    const char *routine;
};

struct ks_data_value {
    const char *name;
    struct ks_place place;
    uint64_t value;
};

struct ks_image {
    const char *key;       // as written: base name or full path
    struct ks_place place; // of the key
    const char *path;      // full NT path: the key, or \SystemRoot\System32\drivers\ + key
    const char *base_name; // last component
    bool real;             // `file` is given
    struct ks_text file;   // host path as written, variables not yet replaced

    // declared images
    const struct ks_export *exports;
    size_t export_count;
    bool has_exports;      // key given
    uint32_t ordinal_base; // 0: 1
    bool unsorted_names, no_export_directory;
    const struct ks_import *imports;
    size_t import_count;
    struct ks_routine driver_entry, driver_unload; // default present, STATUS_SUCCESS
    bool has_dllinitialize, has_dllunload;         // key given and not absent
    struct ks_routine dllinitialize, dllunload;
    struct ks_routine add_device;          // default absent, with the flag pnp present
    const struct ks_named_device *devices; // made by DriverEntry
    size_t device_count;
    const struct ks_named_routine *routines;
    size_t routine_count;
    const struct ks_dispatch *dispatch;
    size_t dispatch_count;
    enum kldr_machine machine; // UNKNOWN: the scenario's
    uint64_t base;             // 0: none given
    unsigned broken;           // KLDR_BROKEN_*
    bool flag_dependent, flag_pnp;
    const struct ks_data_value *data;
    size_t data_count;
};

// ---- services ----

struct ks_service {
    const char *name;
    struct ks_place place;
    const char *image_path; // NULL: default (H2)
    bool type_absent;       // `Type: absent`
    uint32_t type;          // default 1
    uint32_t start, error_control, tag;
    bool has_start, has_error_control, has_tag;
    const char *group, *object_name;
    const struct ks_parameter {
        const char *name;
        struct ks_place place;
        const char *value; // as text
    } * parameters;
    size_t parameter_count;
};

// ---- expectations ----

enum ks_list_mode { KS_LIST_EXACT, KS_LIST_CONTAINS, KS_LIST_ORDERED, KS_LIST_NONE_OF };

struct ks_pair { // one entry of a map or record: field name -> value
    const char *name;
    struct ks_place name_place;
    const char *text; // scalar value as written (NULL when it is a list)
    struct ks_place place;
    bool is_number; // text reads as a number
    uint64_t number;
    const char *const *list; // list value (imports)
    const struct ks_place *list_places;
    size_t list_count;
    bool is_list;
    const struct ks_pair *pairs; // map value (pool, objects)
    size_t pair_count;
    bool is_map;
    enum ks_list_mode list_mode; // how a list value is to be compared
};

struct ks_item { // one entry of an expected list: a text or a record
    struct ks_place place;
    const char *text; // NULL: a record
    const struct ks_pair *fields;
    size_t field_count;
};

struct ks_list {
    bool given;
    struct ks_place place; // of the whole value, wrapper included
    enum ks_list_mode mode;
    const struct ks_item *items;
    size_t item_count;
};

struct ks_map {
    bool given;
    struct ks_place place;
    const struct ks_pair *pairs;
    size_t pair_count;
};

struct ks_expect_status {
    bool given;
    bool any;
    kldr_status value;
    struct ks_place place;
};

struct ks_expect_number { // result, information, irql
    bool given;
    uint64_t value;
    struct ks_place place;
};

struct ks_expect_bugcheck {
    bool given;
    struct ks_place place;
    uint32_t code;
    bool has_parameters;
    const uint64_t *parameters;
    bool any_parameter[4]; // whatever it is
    size_t parameter_count;
    const char *module; // NULL: not compared
};

struct ks_expect {
    bool given;
    struct ks_place place; // of the expect map
    struct ks_expect_status status;
    struct ks_list calls, events, printed, modules, unloaded, ring, notified, opened, log, missing,
        findings, port_writes;
    struct ks_map counts, imports, state, argument, bound, device_stack, devices, pool, objects;
    struct ks_expect_bugcheck bugcheck;
    struct ks_expect_number result, information, irql;
    struct ks_expect_bytes bytes;
    const struct ks_expect_file *files;
    size_t file_count;
    bool has_found, found;
    struct ks_place found_place;
    struct ks_text module; // of lookup
};

// ---- steps ----

enum ks_action {
    KS_ACTION_LOAD,
    KS_ACTION_UNLOAD,
    KS_ACTION_LOAD_IMAGE,
    KS_ACTION_UNLOAD_IMAGE,
    KS_ACTION_BOOT,
    KS_ACTION_CALL,
    KS_ACTION_LOOKUP,
    KS_ACTION_OPEN,
    KS_ACTION_CLOSE,
    KS_ACTION_START_DEVICE,
    KS_ACTION_DELETE,
    KS_ACTION_REPLACE,
    KS_ACTION_CREATE,
    KS_ACTION_RUN_QUEUED,
    KS_ACTION_ADD_DEVICE,
    KS_ACTION_REMOVE_DEVICE,
    KS_ACTION_POWER,
    KS_ACTION_OPEN_FILE,
    KS_ACTION_CLOSE_FILE,
    KS_ACTION_READ,
    KS_ACTION_WRITE,
    KS_ACTION_IOCTL,
    KS_ACTION_IRP,
    KS_ACTION_WAIT,
    KS_ACTION_CANCEL,
    KS_ACTION_COMPLETE,
    KS_ACTION_ADVANCE,
    KS_ACTION_SET_REGISTRY,
    KS_ACTION_PORT_IO,
    KS_ACTION_SHUTDOWN,
    KS_ACTION_CHECK,
};

// "load", "unload_image", ...
const char *ks_action_name(enum ks_action action);

struct ks_fault {
    uint32_t operation; // ks_fallible_at
    struct ks_place place;
    uint32_t n; // from 1
    kldr_status status;
};

struct ks_step {
    struct ks_place place; // of the step
    enum ks_action action;
    struct ks_place action_place; // of the action's value
    const char *target;  // service, path, name, "module!Name": by action; NULL when it has none
    const char *service; // load: the service's name (always set for load)
    struct ks_place service_place, image_place; // load: where they are written, if they are
    // load: the ImagePath to use; NULL: the declared service's own. Always set for an implicit
    // service, whose path it is the full one of unless as_spelled.
    const char *image;
    bool as_spelled;            // image/path is used literally
    const char *const *modules; // boot
    size_t module_count;
    const char *call_module, *call_routine; // call
    const uint64_t *arguments;              // call
    size_t argument_count;
    bool has_status; // start_device: the status it fails with; complete: the request's
    kldr_status status;
    const struct ks_image *disk_image; // create, replace: the image written inline
    struct ks_step_io *io;             // actions from add_device to port_io
    unsigned io_needs;                 // KS_IO_NEEDS_*: of the action and its expectations
    const char *note;
    const char *const *only; // profile names; NULL: all
    size_t only_count;
    const struct ks_fault *faults;
    size_t fault_count;
    struct ks_expect expect;
    // expect with expect_by_profile laid over it, key by key; [p] is used when by_profile[p].given.
    // Its place is that of the map written for p; a key taken over from expect keeps its place
    // there.
    const struct ks_expect *by_profile; // KLDR_PROFILE_COUNT of them
    struct ks_place by_profile_place;   // value of expect_by_profile; all zero when not written
};

// The expectations of a step that hold for a profile (overlay already applied).
const struct ks_expect *ks_step_expect(const struct ks_step *step, enum kldr_profile profile);

// ---- scenarios and files ----

struct ks_policy_override {
    struct ks_place place;
    const char *knob, *value;
};

struct ks_scenario {
    const struct ks_scenario_file *file;
    size_t index; // document number in the file, from 0
    struct ks_place place;
    const char *name;
    const char *description; // "" when not given
    const enum kldr_profile *profiles;
    size_t profile_count;
    bool has_profiles; // key given
    const struct ks_policy_override *policy;
    size_t policy_count;
    enum kldr_machine machine; // UNKNOWN: not given
    const struct ks_image *images;
    size_t image_count;
    const struct ks_data_file *files;
    size_t file_count;
    const struct ks_service *services;
    size_t service_count;
    const struct ks_scenario_hardware *hardware;
    size_t hardware_count;
    const struct ks_text *blocked;
    size_t blocked_count;
    struct ks_scenario_processor processor;
    struct kldr_checks checks;
    struct ks_limits limits;
    const char *skip_all;                         // reason, NULL: not skipped
    const char *skip_profile[KLDR_PROFILE_COUNT]; // reason per profile
    const struct ks_step *steps;
    size_t step_count;
    const struct ks_step *const *io_steps; // all with io_needs, nested ones too
    size_t io_step_count;
    const struct ks_data *file_data; // all with a file among their pieces
    size_t file_data_count;
};

struct ks_scenario_file {
    const char *path; // as given by the user, for messages
    const char *text; // the bytes of the file
    size_t size;
    const struct ks_scenario *scenarios;
    size_t scenario_count;
};

// ---- messages ----

// Who can find it: everybody who reads YAML carefully; everybody who has the JSON Schema; only the
// parser.
enum ks_diagnostic_kind {
    KS_DIAGNOSTIC_YAML, // not YAML, or more of YAML than a scenario may use
    KS_DIAGNOSTIC_FORM, // unknown key, wrong type, value out of range: the schema says so as well
    KS_DIAGNOSTIC_REFERENCE, // names that do not exist, rules between several values
};

// One thing that is wrong with a file.
struct ks_diagnostic {
    enum ks_diagnostic_kind kind;
    struct ks_place place;
    const char *key_path; // "images.port.sys.exports[2]"
    const char *message;  // what is wrong and what was expected
    const char *advice;   // nearest known name, quoted form, ...; "" when there is none
};

struct ks_diagnostics {
    const struct ks_diagnostic *items;
    size_t count;
    bool truncated; // more were found than are kept
};

#endif
