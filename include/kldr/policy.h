// SPDX-License-Identifier: MIT
// What differs between kernels, as data: a profile is a row of knobs (behaviour sheet, section 11).
// No code of kldr asks for a profile's name; it asks for knobs.
#ifndef KLDR_POLICY_H
#define KLDR_POLICY_H

#include <kldr/error.h>

// The knobs, in the order of section 11.
enum kldr_knob {
    KLDR_KNOB_COUNTING,
    KLDR_KNOB_INIT_SUCCESS,
    KLDR_KNOB_UNLOAD_SUCCESS,
    KLDR_KNOB_REFUSED,
    KLDR_KNOB_DROP_IMPORTS,
    KLDR_KNOB_SEARCH,
    KLDR_KNOB_NEVER_COUNTED,
    KLDR_KNOB_LAUNDER,
    KLDR_KNOB_GDI_CHECKS,
    KLDR_KNOB_EMPTY_EXPORTS,
    KLDR_KNOB_LOAD_IMPORTED,
    KLDR_KNOB_BOOT_IMPORTS,
    KLDR_KNOB_REGISTRY_PREFIX,
    KLDR_KNOB_EVENT_LOG,
    KLDR_KNOB_FORWARDER_SPLIT,
    KLDR_KNOB_SECOND_UNLOAD,
    KLDR_KNOB_UNLOADED_RING,
    KLDR_KNOB_X86_STATUS,
    KLDR_KNOB_MISSING_IMPORTS,
    KLDR_KNOB_CHECKSUM,
    KLDR_KNOB_NO_ENTRY_POINT,
    KLDR_KNOB_LOST_IMPORT_LIST,
    KLDR_KNOB_COUNT
};

// The values, one enum per knob; the text names are in the knob table.
enum { KLDR_COUNTING_BOTH, KLDR_COUNTING_DLLUNLOAD };
enum { KLDR_SUCCESS_EXACT, KLDR_SUCCESS_NONERROR }; // init_success and unload_success
enum { KLDR_REFUSED_ZERO_RETRY, KLDR_REFUSED_ONE_FINAL };
enum { KLDR_DROP_IMPORTS_AFTER, KLDR_DROP_IMPORTS_BEFORE };
enum {
    KLDR_SEARCH_DRIVERS,
    KLDR_SEARCH_IMPORTER,
    KLDR_SEARCH_IMPORTER_DRIVERS,
    KLDR_SEARCH_IMPORTER_SUBDIR
};
enum {
    KLDR_NEVER_COUNTED_EXACT,
    KLDR_NEVER_COUNTED_PREFIX,
    KLDR_NEVER_COUNTED_NONE,
    KLDR_NEVER_COUNTED_SENTINEL
};
enum { KLDR_KNOB_NO, KLDR_KNOB_YES }; // launder, gdi_checks, unloaded_ring
enum { KLDR_EMPTY_EXPORTS_OK, KLDR_EMPTY_EXPORTS_FAIL };
enum { KLDR_LOAD_IMPORTED_AS_DLL, KLDR_LOAD_IMPORTED_NOT_FOUND, KLDR_LOAD_IMPORTED_ALREADY };
enum { KLDR_BOOT_IMPORTS_IAT, KLDR_BOOT_IMPORTS_IAT_SELF, KLDR_BOOT_IMPORTS_DESCRIPTORS };
enum { KLDR_REGISTRY_PREFIX_UPPER, KLDR_REGISTRY_PREFIX_MIXED };
enum { KLDR_EVENT_LOG_ONE, KLDR_EVENT_LOG_PER_LEVEL, KLDR_EVENT_LOG_NONE };
enum { KLDR_FORWARDER_SPLIT_FIRST, KLDR_FORWARDER_SPLIT_LAST };
enum { KLDR_SECOND_UNLOAD_SUCCESS, KLDR_SECOND_UNLOAD_DELETE_PENDING };
enum { KLDR_X86_STATUS_PROTECT, KLDR_X86_STATUS_BLOCKED };
enum { KLDR_MISSING_IMPORTS_FAIL, KLDR_MISSING_IMPORTS_TRAP };
enum { KLDR_CHECKSUM_WARN, KLDR_CHECKSUM_IGNORE, KLDR_CHECKSUM_ENFORCE };
enum { KLDR_NO_ENTRY_POINT_SUCCESS, KLDR_NO_ENTRY_POINT_BUGCHECK };  // H17, A28
enum { KLDR_LOST_IMPORT_LIST_FAIL, KLDR_LOST_IMPORT_LIST_CARRY_ON }; // R19

enum kldr_profile {
    KLDR_PROFILE_DOCUMENTED, // the default
    KLDR_PROFILE_NT52,
    KLDR_PROFILE_NT62,
    KLDR_PROFILE_24H2,
    KLDR_PROFILE_REACTOS,
    KLDR_PROFILE_COUNT
};

// A chosen value for each knob. Plain data: copy it freely.
struct kldr_policy {
    enum kldr_profile profile; // the row it started from
    uint8_t value[KLDR_KNOB_COUNT];
};

#define KLDR_KNOB_MAX_VALUES 4

struct kldr_knob_info {
    const char *id;      // "counting"
    const char *meaning; // one line
    const char *facts;   // "C1 U10"
    const char *grade;   // "[D]", "[R][O]", ... of the kernel profiles' values
    const char *values[KLDR_KNOB_MAX_VALUES + 1]; // names by value, NULL after the last
    uint8_t row[KLDR_PROFILE_COUNT];              // the profiles' values
};

const struct kldr_knob_info *kldr_knob_info(enum kldr_knob knob);

const char *kldr_profile_name(enum kldr_profile profile);
const char *kldr_profile_meaning(enum kldr_profile profile);
// False when no profile has that name (exact).
bool kldr_profile_find(const char *name, enum kldr_profile *out_profile);

// Sets every knob to the profile's row.
void kldr_policy_init(struct kldr_policy *policy, enum kldr_profile profile);

// Finds a knob by id. False when there is none.
bool kldr_knob_find(const char *id, enum kldr_knob *out_knob);

// Sets one knob by text. KLDR_ERROR_BAD_ARGUMENT with the known ids or values and the nearest one
// in error when id or value is unknown; policy is then unchanged. Status values compare as numbers
// ("0xc000010e" fits).
kldr_status kldr_policy_set(struct kldr_policy *policy, const char *id, const char *value,
                            struct kldr_error *error);

// The name of a knob's current value.
const char *kldr_policy_value_name(const struct kldr_policy *policy, enum kldr_knob knob);

#endif
