// SPDX-License-Identifier: MIT
// The scalars of the format: word lists, numbers, and texts with a form of their own. Each pattern
// says what the function beside it checks; the mutation test holds the two together.
#include "scenario/format/keys.h"
#include "scenario/format/scalar.h"

#include <kldr/check.h>
#include <kldr/event.h>
#include <kldr/image_builder.h>
#include <kldr/policy.h>

#define COUNT_OF(array) (sizeof(array) / sizeof(array)[0])

// Pieces of patterns. NO: characters that names never contain.
#define NO  "\\x00-\\x1f\\x7f-\\x9f"
#define ANY "[^" NO "]"
#define TO_65535                                                                                   \
    "0*(?:[0-9]{1,4}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5])"
#define FORWARDER "[^ .=" NO "]+\\.[^ =" NO "]+"

// ---- words ----

static const char *check_at(size_t index)
{
    const struct kldr_check_info *info = kldr_check_info((enum kldr_check)index);
    return index < KLDR_CHECK_COUNT ? info->name : NULL;
}

static const char *profile_at(size_t index)
{
    return kldr_profile_name((enum kldr_profile)index);
}

static const char *broken_at(size_t index)
{
    return kldr_build_broken_name((unsigned)index);
}

static const char *event_at(size_t index)
{
    return index < KLDR_EVENT_KIND_COUNT ? kldr_event_name((enum kldr_event_kind)index) : NULL;
}

static const char *machine_at(size_t index)
{
    static const char *const words[] = {"x64", "arm64", "x86"};
    return index < COUNT_OF(words) ? words[index] : NULL;
}

static const char *boolean_at(size_t index)
{
    static const char *const words[] = {"false", "true"};
    return index < COUNT_OF(words) ? words[index] : NULL;
}

static const char *absent_at(size_t index)
{
    return index == 0 ? "absent" : NULL;
}

static const char *flag_at(size_t index)
{
    static const char *const words[] = {"dependent", "pnp"};
    return index < COUNT_OF(words) ? words[index] : NULL;
}

static const char *state_at(size_t index)
{
    static const char *const words[] = {"absent", "loading", "loaded", "resident",
                                        "unload-pending"};
    return index < COUNT_OF(words) ? words[index] : NULL;
}

static const char *finding_at(size_t index)
{
    static const char *const words[] = {
        "dangling-import",
        "dangling-forwarder",
        "unbound-import",
        "uncounted-reference",
        "resident-refused",
        "resident-no-dllunload",
        "counting-inactive",
        "dllunload-without-dllinitialize",
        "freed-without-dllunload",
        "second-copy",
        "kept-argument",
        "work-after-unload",
        "leaked-pool",
        "leaked-object",
        "dangling-routine",
        "pending-mismatch",
        "freed-pool-written",
        "forwarder-cycle",
    };
    return index < COUNT_OF(words) ? words[index] : NULL;
}

const struct ks_shape ks_check_shape = {
    .kind = KS_SHAPE_WORD, .name = "check", .what = "a check of drivers", .word_at = check_at};

const struct ks_shape ks_boolean_shape = {
    .kind = KS_SHAPE_BOOLEAN, .name = "boolean", .what = "true or false", .word_at = boolean_at};

const struct ks_shape ks_profile_shape = {
    .kind = KS_SHAPE_WORD,
    .name = "profile",
    .what = "a profile",
    .word_at = profile_at,
    .doc = "The name of a profile: a row of knobs that says how a kernel behaves."};

const struct ks_shape ks_profiles_shape = {.kind = KS_SHAPE_LIST,
                                           .what = "a list of profiles",
                                           .item = &ks_profile_shape,
                                           .min = 1,
                                           .unique = true};

const struct ks_shape ks_machine_shape = {
    .kind = KS_SHAPE_WORD, .name = "machine", .what = "a machine", .word_at = machine_at};

const struct ks_shape ks_finding_kind_shape = {
    .kind = KS_SHAPE_WORD,
    .name = "finding_kind",
    .what = "a kind of finding",
    .word_at = finding_at,
    .doc = "A kind of finding; `kldr explain` tells about each."};

const struct ks_shape ks_state_shape = {
    .kind = KS_SHAPE_WORD, .name = "state", .what = "a state", .word_at = state_at};

const struct ks_shape ks_absent_shape = {
    .kind = KS_SHAPE_WORD, .what = "`absent`", .word_at = absent_at};

static const struct ks_shape broken_shape = {
    .kind = KS_SHAPE_WORD, .name = "broken", .what = "a way to be broken", .word_at = broken_at};
static const struct ks_shape broken_list_shape = {
    .kind = KS_SHAPE_LIST, .what = "a list of ways to be broken", .item = &broken_shape};
static const struct ks_shape *const broken_choices[] = {&broken_shape, &broken_list_shape, NULL};
const struct ks_shape ks_brokens_shape = {.kind = KS_SHAPE_CHOICE,
                                          .what = "a way to be broken or a list of them",
                                          .choices = broken_choices};

static const struct ks_shape flag_shape = {
    .kind = KS_SHAPE_WORD, .name = "flag", .what = "a flag", .word_at = flag_at};
static const struct ks_shape flag_list_shape = {
    .kind = KS_SHAPE_LIST, .what = "a list of flags", .item = &flag_shape};
static const struct ks_shape *const flag_choices[] = {&flag_shape, &flag_list_shape, NULL};
const struct ks_shape ks_flags_shape = {
    .kind = KS_SHAPE_CHOICE, .what = "a flag or a list of them", .choices = flag_choices};

// ---- numbers ----

const struct ks_shape ks_number64_shape = {.kind = KS_SHAPE_NUMBER,
                                           .name = "number64",
                                           .what = "a number of 64 bits",
                                           .max = UINT64_MAX,
                                           .doc = "Decimal, or hexadecimal with 0x in front."};
const struct ks_shape ks_number32_shape = {
    .kind = KS_SHAPE_NUMBER, .name = "number32", .what = "a number of 32 bits", .max = UINT32_MAX};
const struct ks_shape ks_positive_shape = {.kind = KS_SHAPE_NUMBER,
                                           .name = "positive",
                                           .what = "a number from 1 on",
                                           .min = 1,
                                           .max = UINT32_MAX};
const struct ks_shape ks_ordinal_shape = {.kind = KS_SHAPE_NUMBER,
                                          .name = "ordinal",
                                          .what = "an ordinal from 0 to 65535",
                                          .max = UINT16_MAX};
const struct ks_shape ks_export_ordinal_shape = {.kind = KS_SHAPE_NUMBER,
                                                 .name = "export_ordinal",
                                                 .what = "an ordinal from 1 to 65535",
                                                 .min = 1,
                                                 .max = UINT16_MAX};
const struct ks_shape ks_hint_shape = {
    .kind = KS_SHAPE_NUMBER, .name = "hint", .what = "a hint from 0 to 65535", .max = UINT16_MAX};

// ---- statuses ----

const struct ks_shape ks_status_shape = {
    .kind = KS_SHAPE_STATUS,
    .name = "status",
    .what = "a status name or number",
    .doc = "An NTSTATUS: a name such as STATUS_SUCCESS, or a number of 32 bits. Whether a name is "
           "known is for kldr to say."};
static const struct ks_shape status_list_shape = {
    .kind = KS_SHAPE_LIST, .what = "a list of statuses", .item = &ks_status_shape, .min = 1};
static const struct ks_shape *const statuses_choices[] = {&ks_status_shape, &status_list_shape,
                                                          NULL};
const struct ks_shape ks_statuses_shape = {.kind = KS_SHAPE_CHOICE,
                                           .what = "a status, or a list with one for each call",
                                           .choices = statuses_choices};

// ---- texts ----

const struct ks_shape ks_nothing_shape = {
    .kind = KS_SHAPE_NOTHING, .name = "nothing", .what = "no value"};
const struct ks_shape ks_title_shape = {
    .kind = KS_SHAPE_TEXT, .name = "text", .what = "a text", .pattern = ANY "+"};
const struct ks_shape ks_prose_shape = {.kind = KS_SHAPE_TEXT,
                                        .name = "prose",
                                        .what = "a text",
                                        .lines = true,
                                        .pattern = "[^\\x00-\\x08\\x0b-\\x1f\\x7f-\\x9f]+"};
const struct ks_shape ks_line_shape = {
    .kind = KS_SHAPE_TEXT, .name = "line", .what = "a text", .any_text = true};
const struct ks_shape ks_name_shape = {
    .kind = KS_SHAPE_TEXT, .name = "name", .what = "a name", .pattern = ANY "+"};

const struct ks_shape ks_image_path_shape = {
    .kind = KS_SHAPE_TEXT,
    .name = "image_path",
    .what = "an image's base name or full path",
    .doc = "A base name (the file lies in \\SystemRoot\\System32\\drivers\\) or a full NT path.",
    .pattern = "\\\\" ANY "*[^\\\\" NO "]|[^\\\\/:" NO "]+",
    .fits = ks_scalar_fits_image_path};

const struct ks_shape ks_module_routine_shape = {.kind = KS_SHAPE_TEXT,
                                                 .name = "module_routine",
                                                 .what = "module!Routine",
                                                 .pattern = "[^!" NO "]+!" ANY "+",
                                                 .fits = ks_scalar_fits_module_routine};

const struct ks_shape ks_function_name_shape = {.kind = KS_SHAPE_TEXT,
                                                .name = "function_name",
                                                .what = "a function's name or \"#ordinal\"",
                                                .pattern = "#" TO_65535 "|[^#" NO "]" ANY "*",
                                                .fits = ks_scalar_fits_function_name};

const struct ks_shape ks_forwarder_shape = {.kind = KS_SHAPE_TEXT,
                                            .name = "forwarder",
                                            .what = "module.Function",
                                            .pattern = FORWARDER,
                                            .fits = ks_scalar_fits_forwarder};

const struct ks_shape ks_export_entry_shape = {
    .kind = KS_SHAPE_TEXT,
    .name = "export",
    .what = "an entry of a .def file's EXPORTS section",
    .doc = "Name [= module.Function] [@ordinal [NONAME]] [DATA] [PRIVATE]",
    .pattern = " *(?!#|@[0-9]*(?:[ =]|$))[^ =" NO "]+(?: *= *" FORWARDER ")?"
               "(?: +@ *(?!0+(?: |$))" TO_65535 "(?: +NONAME)?)?"
               "(?: +(?:DATA(?: +PRIVATE)?|PRIVATE(?: +DATA)?))? *",
    .fits = ks_scalar_fits_export_entry};

const struct ks_shape ks_bound_target_shape = {.kind = KS_SHAPE_TEXT,
                                               .name = "bound_target",
                                               .what = "module!export or module+0x123",
                                               .pattern = "[^!" NO "]+!" ANY "+|[^!" NO
                                                          "]+\\+0[xX][0-9a-fA-F]{1,8}",
                                               .fits = ks_scalar_fits_bound_target};

// The words are what the first word may be.
const struct ks_shape ks_event_shape = {
    .kind = KS_SHAPE_TEXT,
    .name = "event",
    .what = "an event's name, or its name and module",
    .word_at = event_at,
    .doc = "`name` or `name module`: image.* and import.* and ref.* with a base name, call.* with "
           "module!Routine, driver.* with a service."};
