// SPDX-License-Identifier: MIT
// The key table, part for bytes: data of requests, what is expected of them, registry values.
#include "scenario/format/keys.h"
#include "scenario/format/scalar.h"

#define COUNT_OF(array) (sizeof(array) / sizeof(array)[0])
#define BIT(key)        (UINT64_C(1) << (key))

#define NO "\\x00-\\x1f\\x7f-\\x9f"

const struct ks_shape ks_byte_shape = {
    .kind = KS_SHAPE_NUMBER, .name = "byte", .what = "a number from 0 to 255", .max = UINT8_MAX};
static const struct ks_shape number16_shape = {
    .kind = KS_SHAPE_NUMBER, .name = "number16", .what = "a number of 16 bits", .max = UINT16_MAX};
static const struct ks_shape fill_length_shape = {
    .kind = KS_SHAPE_NUMBER, .what = "a number of bytes up to 16777216", .max = KS_DATA_MAX};

static const struct ks_shape hex_shape = {.kind = KS_SHAPE_TEXT,
                                          .name = "hex",
                                          .what = "hexadecimal digits in pairs",
                                          .pattern = "[0-9a-fA-F]{2}(?: ?[0-9a-fA-F]{2})*",
                                          .fits = ks_scalar_fits_hex};

// A number, or a list of them: id_shape.
#define NUMBERS(id, one, words)                                                                    \
    static const struct ks_shape id##_list_shape = {                                               \
        .kind = KS_SHAPE_LIST, .what = "a list of numbers", .item = one, .min = 1};                \
    static const struct ks_shape *const id##_choices[] = {one, &id##_list_shape, NULL};            \
    static const struct ks_shape id##_shape = {                                                    \
        .kind = KS_SHAPE_CHOICE, .what = words, .choices = id##_choices}

NUMBERS(u16, &number16_shape, "a number of 16 bits or a list of them");
NUMBERS(u32, &ks_number32_shape, "a number of 32 bits or a list of them");
NUMBERS(u64, &ks_number64_shape, "a number of 64 bits or a list of them");

#define PIECE_KEYS                                                                                 \
    [KS_PIECE_KEY_TEXT] = {"text", &ks_line_shape, "A text in UTF-8.", KS_KEY_ONE_OF, 0, 0},       \
    [KS_PIECE_KEY_WIDE] = {"wide", &ks_line_shape, "A text in UTF-16.", KS_KEY_ONE_OF, 0, 0},      \
    [KS_PIECE_KEY_U16] = {"u16", &u16_shape, "Numbers of 16 bits.", KS_KEY_ONE_OF, 0, 0},          \
    [KS_PIECE_KEY_U32] = {"u32", &u32_shape, "Numbers of 32 bits.", KS_KEY_ONE_OF, 0, 0},          \
    [KS_PIECE_KEY_U64] = {"u64", &u64_shape, "Numbers of 64 bits.", KS_KEY_ONE_OF, 0, 0},          \
    [KS_PIECE_KEY_FILL] = {"fill",        &ks_byte_shape,           "One byte many times.",        \
                           KS_KEY_ONE_OF, BIT(KS_PIECE_KEY_LENGTH), 0},                            \
    [KS_PIECE_KEY_LENGTH] = {"length", &fill_length_shape,     "How many times.",                  \
                             0,        BIT(KS_PIECE_KEY_FILL), 0},                                 \
    [KS_PIECE_KEY_FILE] = {"file",                                                                 \
                           &ks_name_shape,                                                         \
                           "A file of the host, relative to the scenario; ${NAME} and "            \
                           "$(NAME) are replaced.",                                                \
                           KS_KEY_ONE_OF,                                                          \
                           0,                                                                      \
                           0}

static const struct ks_key piece_keys[] = {PIECE_KEYS};
static const struct ks_shape piece_shape = {.kind = KS_SHAPE_RECORD,
                                            .name = "piece",
                                            .what = "a piece of data: {text: T}, {u32: N}, ...",
                                            .keys = piece_keys,
                                            .key_count = COUNT_OF(piece_keys)};
static const struct ks_shape *const item_choices[] = {&ks_byte_shape, &piece_shape, NULL};
static const struct ks_shape item_shape = {.kind = KS_SHAPE_CHOICE,
                                           .what = "a number from 0 to 255 or a piece of data",
                                           .choices = item_choices};
static const struct ks_shape items_shape = {.kind = KS_SHAPE_LIST,
                                            .name = "data_list",
                                            .what = "a list of bytes and pieces of data",
                                            .item = &item_shape};
static const struct ks_shape *const data_choices[] = {&hex_shape, &items_shape, &piece_shape, NULL};
const struct ks_shape ks_data_shape = {
    .kind = KS_SHAPE_CHOICE,
    .name = "data",
    .what = "data: hexadecimal digits in pairs, a piece, or a list of bytes and pieces",
    .doc = "Bytes: hexadecimal digits in pairs, a piece, or a list of bytes and pieces.",
    .choices = data_choices};

// ---- what is expected ----

static const struct ks_shape at_shape = {.kind = KS_SHAPE_MAP,
                                         .what = "a map of offsets to data",
                                         .key = &ks_number32_shape,
                                         .item = &ks_data_shape,
                                         .min = 1};
static const struct ks_key expected_keys[] = {
    PIECE_KEYS,
    [KS_PIECE_KEY_AT] = {"at", &at_shape, "Only these bytes, by offset.", KS_KEY_ONE_OF, 0, 0},
    [KS_PIECE_KEY_CONTAINS] = {"contains", &ks_data_shape, "These bytes somewhere.", KS_KEY_ONE_OF,
                               0, 0},
};
static const struct ks_shape expected_record_shape = {
    .kind = KS_SHAPE_RECORD,
    .name = "expected_bytes",
    .what = "a piece of data, {at: {OFFSET: DATA}} or {contains: DATA}",
    .keys = expected_keys,
    .key_count = COUNT_OF(expected_keys)};
static const struct ks_shape *const expected_choices[] = {&hex_shape, &items_shape,
                                                          &expected_record_shape, NULL};
const struct ks_shape ks_expected_bytes_shape = {
    .kind = KS_SHAPE_CHOICE,
    .what = "data, {at: {OFFSET: DATA}} or {contains: DATA}",
    .choices = expected_choices};

// ---- files of the disk ----

const struct ks_shape ks_data_files_shape = {.kind = KS_SHAPE_MAP,
                                             .what = "a map of paths to data",
                                             .key = &ks_image_path_shape,
                                             .item = &ks_data_shape,
                                             .fold = KS_FOLD_ALL};
static const struct ks_shape *const expected_file_choices[] = {
    &ks_absent_shape, &hex_shape, &items_shape, &expected_record_shape, NULL};
static const struct ks_shape expected_file_shape = {
    .kind = KS_SHAPE_CHOICE,
    .what = "`absent`, data, {at: {OFFSET: DATA}} or {contains: DATA}",
    .choices = expected_file_choices};
const struct ks_shape ks_expected_files_shape = {.kind = KS_SHAPE_MAP,
                                                 .what = "a map of paths to what files hold",
                                                 .key = &ks_image_path_shape,
                                                 .item = &expected_file_shape,
                                                 .fold = KS_FOLD_ALL};

// ---- registry ----

const struct ks_shape ks_registry_path_shape = {
    .kind = KS_SHAPE_TEXT,
    .name = "registry_path",
    .what = "a path \\Registry\\...",
    .pattern = "\\\\[Rr][Ee][Gg][Ii][Ss][Tt][Rr][Yy]\\\\[^" NO "]*[^\\\\" NO "]",
    .fits = ks_scalar_fits_registry_path};

static const struct ks_shape *const registry_item_choices[] = {&ks_line_shape, &piece_shape, NULL};
static const struct ks_shape registry_item_shape = {
    .kind = KS_SHAPE_CHOICE, .what = "a text or a piece of data", .choices = registry_item_choices};
static const struct ks_shape registry_list_shape = {
    .kind = KS_SHAPE_LIST, .what = "a list of texts or of data", .item = &registry_item_shape};
static const struct ks_shape *const registry_choices[] = {&ks_line_shape, &registry_list_shape,
                                                          &piece_shape, NULL};
const struct ks_shape ks_registry_data_shape = {.kind = KS_SHAPE_CHOICE,
                                                .name = "registry_data",
                                                .what = "a number, a text, a list or data",
                                                .choices = registry_choices};
