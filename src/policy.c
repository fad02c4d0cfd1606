// SPDX-License-Identifier: MIT
// The knob table: what differs between kernels, and nothing else. A new profile is a new column
// here. Values and rows follow section 11 of the behaviour sheet; `no_entry_point` is H17 as
// settled by A28.

#include <kldr/policy.h>

#include <kldr/nearest.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct kldr_knob_info knobs[KLDR_KNOB_COUNT] = {
    [KLDR_KNOB_COUNTING] = {"counting",
                            "which DLLs are unloaded automatically",
                            "C1 U10",
                            "[D][R][O]",
                            {"both", "dllunload"},
                            {KLDR_COUNTING_BOTH, KLDR_COUNTING_DLLUNLOAD, KLDR_COUNTING_DLLUNLOAD,
                             KLDR_COUNTING_DLLUNLOAD, KLDR_COUNTING_DLLUNLOAD}},
    [KLDR_KNOB_INIT_SUCCESS] = {"init_success",
                                "which DllInitialize statuses are success",
                                "C2 N7",
                                "[D][R][O]",
                                {"exact", "nonerror"},
                                {KLDR_SUCCESS_EXACT, KLDR_SUCCESS_NONERROR, KLDR_SUCCESS_NONERROR,
                                 KLDR_SUCCESS_NONERROR, KLDR_SUCCESS_NONERROR}},
    [KLDR_KNOB_UNLOAD_SUCCESS] = {"unload_success",
                                  "which DllUnload statuses let the DLL go",
                                  "C5 U9",
                                  "[D][R][O]",
                                  {"exact", "nonerror"},
                                  {KLDR_SUCCESS_EXACT, KLDR_SUCCESS_NONERROR, KLDR_SUCCESS_NONERROR,
                                   KLDR_SUCCESS_NONERROR, KLDR_SUCCESS_NONERROR}},
    [KLDR_KNOB_REFUSED] = {"refused",
                           "LoadCount after a refused unload, and whether DllUnload is asked again",
                           "U5 U7 U8",
                           "[R][O]",
                           {"zero-retry", "one-final"},
                           {KLDR_REFUSED_ZERO_RETRY, KLDR_REFUSED_ZERO_RETRY,
                            KLDR_REFUSED_ONE_FINAL, KLDR_REFUSED_ONE_FINAL,
                            KLDR_REFUSED_ZERO_RETRY}},
    [KLDR_KNOB_DROP_IMPORTS] =
        {"drop_imports",
         "when an unloading image drops its imports: after or before its own unmap",
         "U2 U3",
         "[O]",
         {"after", "before"},
         {KLDR_DROP_IMPORTS_AFTER, KLDR_DROP_IMPORTS_AFTER, KLDR_DROP_IMPORTS_BEFORE,
          KLDR_DROP_IMPORTS_BEFORE, KLDR_DROP_IMPORTS_AFTER}},
    [KLDR_KNOB_SEARCH] = {"search",
                          "where a DLL that is not loaded is looked for",
                          "C7 R11 R12 RD3",
                          "[D][R][O]",
                          {"drivers", "importer", "importer+drivers", "importer+subdir"},
                          {KLDR_SEARCH_DRIVERS, KLDR_SEARCH_IMPORTER, KLDR_SEARCH_IMPORTER_DRIVERS,
                           KLDR_SEARCH_IMPORTER_DRIVERS, KLDR_SEARCH_IMPORTER_SUBDIR}},
    [KLDR_KNOB_NEVER_COUNTED] = {"never_counted",
                                 "imports that hold no count",
                                 "R5",
                                 "[R][O]",
                                 {"exact", "prefix", "none", "sentinel"},
                                 {KLDR_NEVER_COUNTED_EXACT, KLDR_NEVER_COUNTED_PREFIX,
                                  KLDR_NEVER_COUNTED_NONE, KLDR_NEVER_COUNTED_SENTINEL,
                                  KLDR_NEVER_COUNTED_PREFIX}},
    [KLDR_KNOB_LAUNDER] = {"launder",
                           "whether failure statuses are laundered to 0xC000026C",
                           "L18",
                           "[O]",
                           {"no", "yes"},
                           {KLDR_KNOB_NO, KLDR_KNOB_YES, KLDR_KNOB_NO, KLDR_KNOB_NO, KLDR_KNOB_NO}},
    [KLDR_KNOB_GDI_CHECKS] =
        {"gdi_checks",
         "whether mixing win32k imports with others, and user-mode imports, is refused",
         "R4",
         "[R][O]",
         {"no", "yes"},
         {KLDR_KNOB_NO, KLDR_KNOB_YES, KLDR_KNOB_NO, KLDR_KNOB_NO, KLDR_KNOB_YES}},
    [KLDR_KNOB_EMPTY_EXPORTS] =
        {"empty_exports",
         "a dependency without export directory from which nothing is imported",
         "R16",
         "[O]",
         {"ok", "fail"},
         {KLDR_EMPTY_EXPORTS_OK, KLDR_EMPTY_EXPORTS_FAIL, KLDR_EMPTY_EXPORTS_OK,
          KLDR_EMPTY_EXPORTS_OK, KLDR_EMPTY_EXPORTS_FAIL}},
    [KLDR_KNOB_LOAD_IMPORTED] = {"load_imported",
                                 "NtLoadDriver of an image that is loaded already, for an import",
                                 "H3 H4 L5",
                                 "[R][O]",
                                 {"0xC000019D", "0xC0000034", "0xC000010E"},
                                 {KLDR_LOAD_IMPORTED_AS_DLL, KLDR_LOAD_IMPORTED_NOT_FOUND,
                                  KLDR_LOAD_IMPORTED_NOT_FOUND, KLDR_LOAD_IMPORTED_AS_DLL,
                                  KLDR_LOAD_IMPORTED_ALREADY}},
    [KLDR_KNOB_BOOT_IMPORTS] = {"boot_imports",
                                "how references among boot-loaded images are found",
                                "B2",
                                "[R][O]",
                                {"iat", "iat-self", "descriptors"},
                                {KLDR_BOOT_IMPORTS_IAT, KLDR_BOOT_IMPORTS_IAT_SELF,
                                 KLDR_BOOT_IMPORTS_IAT, KLDR_BOOT_IMPORTS_IAT,
                                 KLDR_BOOT_IMPORTS_DESCRIPTORS}},
    [KLDR_KNOB_REGISTRY_PREFIX] = {"registry_prefix",
                                   "spelling of DllInitialize's argument",
                                   "N4",
                                   "[R][O]",
                                   {"upper", "mixed"},
                                   {KLDR_REGISTRY_PREFIX_UPPER, KLDR_REGISTRY_PREFIX_UPPER,
                                    KLDR_REGISTRY_PREFIX_UPPER, KLDR_REGISTRY_PREFIX_UPPER,
                                    KLDR_REGISTRY_PREFIX_MIXED}},
    [KLDR_KNOB_EVENT_LOG] = {"event_log",
                             "event-log records when a load fails",
                             "L19 L20",
                             "[O]",
                             {"one", "per-level", "none"},
                             {KLDR_EVENT_LOG_ONE, KLDR_EVENT_LOG_PER_LEVEL, KLDR_EVENT_LOG_NONE,
                              KLDR_EVENT_LOG_NONE, KLDR_EVENT_LOG_NONE}},
    [KLDR_KNOB_FORWARDER_SPLIT] = {"forwarder_split",
                                   "at which dot a forwarder's text is split",
                                   "S7",
                                   "[R][O]",
                                   {"first", "last"},
                                   {KLDR_FORWARDER_SPLIT_FIRST, KLDR_FORWARDER_SPLIT_FIRST,
                                    KLDR_FORWARDER_SPLIT_FIRST, KLDR_FORWARDER_SPLIT_FIRST,
                                    KLDR_FORWARDER_SPLIT_FIRST}},
    [KLDR_KNOB_SECOND_UNLOAD] = {"second_unload",
                                 "NtUnloadDriver of a driver whose unload is pending",
                                 "H11",
                                 "[R][O]",
                                 {"success", "0xC0000056"},
                                 {KLDR_SECOND_UNLOAD_SUCCESS, KLDR_SECOND_UNLOAD_SUCCESS,
                                  KLDR_SECOND_UNLOAD_SUCCESS, KLDR_SECOND_UNLOAD_SUCCESS,
                                  KLDR_SECOND_UNLOAD_DELETE_PENDING}},
    [KLDR_KNOB_UNLOADED_RING] = {"unloaded_ring",
                                 "whether unloaded images are recorded in MmUnloadedDrivers",
                                 "U14",
                                 "[R][O]",
                                 {"no", "yes"},
                                 {KLDR_KNOB_YES, KLDR_KNOB_YES, KLDR_KNOB_YES, KLDR_KNOB_YES,
                                  KLDR_KNOB_NO}},
    [KLDR_KNOB_X86_STATUS] = {"x86_status",
                              "loading a 32-bit driver on a 64-bit system",
                              "H18",
                              "[O]",
                              {"0xC0000130", "0xC000036B"},
                              {KLDR_X86_STATUS_PROTECT, KLDR_X86_STATUS_BLOCKED,
                               KLDR_X86_STATUS_PROTECT, KLDR_X86_STATUS_PROTECT,
                               KLDR_X86_STATUS_PROTECT}},
    [KLDR_KNOB_MISSING_IMPORTS] =
        {"missing_imports",
         "an import that cannot be found: the load fails, or a trap is bound",
         "S3 S12",
         "[R][O]",
         {"fail", "trap"},
         {0}},
    [KLDR_KNOB_CHECKSUM] = {"checksum",
                            "a wrong PE checksum (zero is never wrong)",
                            "L9",
                            "[O]",
                            {"warn", "ignore", "enforce"},
                            {0}},
    [KLDR_KNOB_NO_ENTRY_POINT] = {"no_entry_point",
                                  "starting a driver whose AddressOfEntryPoint is zero",
                                  "H17",
                                  "[O]",
                                  {"success", "bugcheck"},
                                  {KLDR_NO_ENTRY_POINT_SUCCESS, KLDR_NO_ENTRY_POINT_BUGCHECK,
                                   KLDR_NO_ENTRY_POINT_SUCCESS, KLDR_NO_ENTRY_POINT_SUCCESS,
                                   KLDR_NO_ENTRY_POINT_SUCCESS}},
    [KLDR_KNOB_LOST_IMPORT_LIST] =
        {"lost_import_list",
         "no memory for an image's import list: its load fails, or it carries "
         "on and its counts are never dropped",
         "R19",
         "[O]",
         {"fail", "carry-on"},
         {KLDR_LOST_IMPORT_LIST_FAIL, KLDR_LOST_IMPORT_LIST_CARRY_ON, KLDR_LOST_IMPORT_LIST_FAIL,
          KLDR_LOST_IMPORT_LIST_FAIL, KLDR_LOST_IMPORT_LIST_CARRY_ON}},
};

static const struct {
    const char *name, *meaning;
} profiles[KLDR_PROFILE_COUNT] = {
    [KLDR_PROFILE_DOCUMENTED] = {"documented",
                                 "the contract as Microsoft's documentation states it (default)"},
    [KLDR_PROFILE_NT52] = {"nt52", "kernels of the Windows Server 2003 era"},
    [KLDR_PROFILE_NT62] = {"nt62", "Windows 8 to Windows 11 23H2"},
    [KLDR_PROFILE_24H2] = {"24h2", "Windows 11 24H2, 25H2 and newer"},
    [KLDR_PROFILE_REACTOS] = {"reactos", "ReactOS as its sources intend, without the known bugs"},
};

const struct kldr_knob_info *kldr_knob_info(enum kldr_knob knob)
{
    return (unsigned)knob < KLDR_KNOB_COUNT ? &knobs[knob] : NULL;
}

const char *kldr_profile_name(enum kldr_profile profile)
{
    return (unsigned)profile < KLDR_PROFILE_COUNT ? profiles[profile].name : NULL;
}

const char *kldr_profile_meaning(enum kldr_profile profile)
{
    return (unsigned)profile < KLDR_PROFILE_COUNT ? profiles[profile].meaning : NULL;
}

bool kldr_profile_find(const char *name, enum kldr_profile *out_profile)
{
    for (unsigned i = 0; i < KLDR_PROFILE_COUNT; i++) {
        if (strcmp(profiles[i].name, name) == 0) {
            *out_profile = (enum kldr_profile)i;
            return true;
        }
    }
    return false;
}

void kldr_policy_init(struct kldr_policy *policy, enum kldr_profile profile)
{
    policy->profile = profile;
    for (unsigned i = 0; i < KLDR_KNOB_COUNT; i++) {
        policy->value[i] = knobs[i].row[profile];
    }
}

bool kldr_knob_find(const char *id, enum kldr_knob *out_knob)
{
    for (unsigned i = 0; i < KLDR_KNOB_COUNT; i++) {
        if (strcmp(knobs[i].id, id) == 0) {
            *out_knob = (enum kldr_knob)i;
            return true;
        }
    }
    return false;
}

static const char *knob_id_at(void *user, size_t index)
{
    (void)user;
    return knobs[index].id;
}

static const char *value_at(void *user, size_t index)
{
    const struct kldr_knob_info *knob = user;
    return knob->values[index];
}

// Says which name is nearest, if one is, and which there are. all: also then.
static void advise(struct kldr_error *error, const char *name, bool all, size_t count,
                   const char *(*at)(void *user, size_t index), void *user)
{
    char known[KLDR_DETAIL_SIZE * 3 / 4] = "";
    const char *near = kldr_nearest(name, count, at, user);
    size_t length = 0;
    for (size_t i = 0; (near == NULL || all) && i < count && length < sizeof known; i++) {
        length += (size_t)snprintf(known + length, sizeof known - length, "%s%s",
                                   i == 0 ? "known: " : ", ", at(user, i));
    }
    kldr_error_advise(error, near != NULL ? "did you mean `%s`?%s%s" : "%s%s%s",
                      near != NULL ? near : "", near != NULL && all ? " " : "", known);
}

static kldr_status unknown_knob(const char *id, struct kldr_error *error)
{
    kldr_error_set(error, KLDR_ERROR_BAD_ARGUMENT, KLDR_ORIGIN_HOST, KLDR_STAGE_INPUT,
                   "unknown policy `%.64s`", id);
    advise(error, id, false, KLDR_KNOB_COUNT, knob_id_at, NULL);
    return KLDR_ERROR_BAD_ARGUMENT;
}

// Status values may be spelled in any case and with or without leading zeros.
static bool same_value(const char *known, const char *given)
{
    if (strcmp(known, given) == 0) {
        return true;
    }
    if (strncmp(known, "0x", 2) != 0 ||
        (strncmp(given, "0x", 2) != 0 && strncmp(given, "0X", 2) != 0)) {
        return false;
    }
    const char *digits = given + 2;
    size_t length = strspn(digits, "0123456789abcdefABCDEF");
    return length > 0 && digits[length] == '\0' &&
           strtoull(digits, NULL, 16) == strtoull(known + 2, NULL, 16);
}

static kldr_status unknown_value(const struct kldr_knob_info *knob, const char *value,
                                 struct kldr_error *error)
{
    size_t count = 0;
    while (knob->values[count] != NULL) {
        count++;
    }
    kldr_error_set(error, KLDR_ERROR_BAD_ARGUMENT, KLDR_ORIGIN_HOST, KLDR_STAGE_INPUT,
                   "policy `%s` has no value `%.64s`", knob->id, value);
    advise(error, value, true, count, value_at, (void *)(uintptr_t)knob);
    return KLDR_ERROR_BAD_ARGUMENT;
}

kldr_status kldr_policy_set(struct kldr_policy *policy, const char *id, const char *value,
                            struct kldr_error *error)
{
    enum kldr_knob knob;
    if (!kldr_knob_find(id, &knob)) {
        return unknown_knob(id, error);
    }
    for (unsigned i = 0; knobs[knob].values[i] != NULL; i++) {
        if (same_value(knobs[knob].values[i], value)) {
            policy->value[knob] = (uint8_t)i;
            return KLDR_STATUS_SUCCESS;
        }
    }
    return unknown_value(&knobs[knob], value, error);
}

const char *kldr_policy_value_name(const struct kldr_policy *policy, enum kldr_knob knob)
{
    return knobs[knob].values[policy->value[knob]];
}
