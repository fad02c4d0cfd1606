// SPDX-License-Identifier: MIT
// The rules that an image can break.
#include "cli/lint.h"

#include <string.h>

#define SECTION_EXECUTE UINT32_C(0x20000000)
#define SECTION_WRITE   UINT32_C(0x80000000)
#define IMPORTS_MOST    65536 // descriptors that are looked at

static char lower(char letter)
{
    return letter >= 'A' && letter <= 'Z' ? (char)(letter - 'A' + 'a') : letter;
}

static bool begins_with(const char *text, const char *prefix)
{
    for (; *prefix != '\0'; text++, prefix++) {
        if (lower(*text) != *prefix) {
            return false;
        }
    }
    return true;
}

// ---- exports ----

static void check_routine(struct ks_lint *lint, const struct ks_image_file *file, const char *name,
                          const struct ks_image_routine *routine)
{
    switch (routine->form) {
    case KS_ROUTINE_FORWARDED:
        ks_lint_add(lint, KS_LINT_FORWARDED_ROUTINE, file->path, 0, "%s is forwarded to %.200s",
                    name, routine->export.forwarder);
        break;
    case KS_ROUTINE_DECORATED:
        ks_lint_add(lint, KS_LINT_DECORATED_ROUTINE, file->path, 0, "%s is exported as %.200s only",
                    name, routine->export.name);
        break;
    case KS_ROUTINE_UNFOUND:
        ks_lint_add(lint, KS_LINT_UNSORTED_NAMES, file->path, 0,
                    "%s is in the name table, but the search does not find it", name);
        break;
    default:
        break;
    }
}

// True when something but the two routines is exported.
static bool exports_functions(const struct kldr_image *image)
{
    struct kldr_export export;
    for (uint32_t i = 0; kldr_image_export_at(image, i, &export); i++) {
        bool routine = export.name != NULL && (strcmp(export.name, "DllInitialize") == 0 ||
                                               strcmp(export.name, "DllUnload") == 0);
        if (export.rva != 0 && !routine) {
            return true;
        }
    }
    return false;
}

static void check_lifecycle(struct ks_lint *lint, const struct ks_image_file *file)
{
    struct ks_image_routine initialize, unload;
    ks_image_routine_find(file->image, "DllInitialize", &initialize);
    ks_image_routine_find(file->image, "DllUnload", &unload);
    check_routine(lint, file, "DllInitialize", &initialize);
    check_routine(lint, file, "DllUnload", &unload);
    bool has_initialize = initialize.form != KS_ROUTINE_ABSENT;
    bool has_unload = unload.form != KS_ROUTINE_ABSENT;
    if (has_initialize && !has_unload) {
        ks_lint_add(lint, KS_LINT_NO_DLLUNLOAD, file->path, 0,
                    "DllInitialize is exported, DllUnload is not");
    } else if (has_unload && !has_initialize) {
        ks_lint_add(lint, KS_LINT_NO_DLLINITIALIZE, file->path, 0,
                    "DllUnload is exported, DllInitialize is not");
    } else if (!has_unload && exports_functions(file->image)) {
        ks_lint_add(lint, KS_LINT_NO_LIFECYCLE, file->path, 0,
                    "functions are exported, DllInitialize and DllUnload are not");
    }
}

static void check_export_names(struct ks_lint *lint, const struct ks_image_file *file)
{
    struct kldr_export_info info;
    struct kldr_export first, second;
    if (!kldr_image_exports(file->image, &info)) {
        return;
    }
    if (info.dll_name[0] != '\0' && !ks_image_same_name(info.dll_name, file->base_name)) {
        ks_lint_add(lint, KS_LINT_LIBRARY_NAME, file->path, 0,
                    "the image calls itself %.150s, the file is %.150s", info.dll_name,
                    file->base_name);
    }
    for (uint32_t i = 1; i < info.name_count; i++) {
        if (kldr_image_export_name_at(file->image, i - 1, &first) &&
            kldr_image_export_name_at(file->image, i, &second) &&
            strcmp(first.name, second.name) > 0) {
            ks_lint_add(lint, KS_LINT_UNSORTED_NAMES, file->path, 0,
                        "%.150s stands before %.150s in the name table", first.name, second.name);
            return;
        }
    }
}

static void check_file_name(struct ks_lint *lint, const struct ks_image_file *file)
{
    static const char *const prefixes[] = {"ntoskrnl", "win32k", "hal"};
    const char *name = file->base_name;
    struct kldr_export_info info;
    if (!kldr_image_exports(file->image, &info)) {
        return;
    }
    for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++) {
        char after = name[begins_with(name, prefixes[i]) ? strlen(prefixes[i]) : 0];
        if (begins_with(name, prefixes[i]) && after != '.') {
            ks_lint_add(lint, KS_LINT_NAME_PREFIX, file->path, 0, "%.200s begins with \"%s\"", name,
                        prefixes[i]);
        }
    }
    const char *dot = strchr(name, '.');
    if (dot != NULL && strchr(dot + 1, '.') != NULL) {
        ks_lint_add(lint, KS_LINT_DOTTED_NAME, file->path, 0,
                    "%.150s has more than one dot: the key is that of \"%.*s\"", name,
                    (int)(dot - name < 150 ? dot - name : 150), name);
    }
}

// ---- imports ----

static void check_import(struct ks_lint *lint, const struct ks_image_file *file,
                         const struct kldr_import_descriptor *descriptor)
{
    static const char *const user_mode[] = {"ntdll",    "winsrv", "advapi32",
                                            "kernel32", "user32", "gdi32"};
    for (size_t i = 0; i < sizeof(user_mode) / sizeof(user_mode[0]); i++) {
        if (begins_with(descriptor->module, user_mode[i])) {
            ks_lint_add(lint, KS_LINT_USER_MODE_IMPORT, file->path, 0, "%.200s is imported",
                        descriptor->module);
        }
    }
    if (ks_image_same_name(descriptor->module, file->base_name)) {
        ks_lint_add(lint, KS_LINT_SELF_IMPORT, file->path, 0, "%.200s imports itself",
                    file->base_name);
    }
}

static void check_imports(struct ks_lint *lint, const struct ks_image_file *file)
{
    struct kldr_import_descriptor descriptor;
    uint32_t count = 0;
    bool ended = false;
    while (count < IMPORTS_MOST &&
           kldr_image_import(file->image, count, &descriptor, NULL) == KLDR_STATUS_SUCCESS) {
        check_import(lint, file, &descriptor);
        if (descriptor.lookup_table == 0 && !ended) {
            ks_lint_add(lint, KS_LINT_NO_LOOKUP_TABLE, file->path, 0,
                        "the imports of %.200s have no lookup table", descriptor.module);
            ended = true;
        }
        count++;
    }
    if (count > 0 && kldr_image_info(file->image)->directory[KLDR_DIRECTORY_IAT].rva == 0) {
        ks_lint_add(lint, KS_LINT_NO_IAT_DIRECTORY, file->path, 0,
                    "there are imports, and no import address table directory");
    }
}

// ---- the rest ----

static void check_relocations(struct ks_lint *lint, const struct ks_image_file *file)
{
    struct kldr_reloc_summary summary;
    kldr_image_reloc_summary(file->image, &summary);
    if (summary.stripped) {
        ks_lint_add(lint, KS_LINT_NO_RELOCATIONS, file->path, 0, "the relocations are stripped");
    } else if (summary.malformed || summary.other > 0) {
        ks_lint_add(lint, KS_LINT_BAD_RELOCATIONS, file->path, 0,
                    "the relocation table is malformed");
    }
}

static void check_checksum(struct ks_lint *lint, const struct ks_image_file *file)
{
    uint32_t stored = 0, computed = 0;
    if (kldr_image_checksum(file->bytes, file->size, &stored, &computed) && stored != 0 &&
        stored != computed) {
        ks_lint_add(lint, KS_LINT_BAD_CHECKSUM, file->path, 0,
                    "the checksum is 0x%08lX, that of the file 0x%08lX", (unsigned long)stored,
                    (unsigned long)computed);
    }
}

static void check_sections(struct ks_lint *lint, const struct ks_image_file *file)
{
    struct kldr_section section;
    for (unsigned i = 0; kldr_image_section(file->image, i, &section); i++) {
        if ((section.characteristics & SECTION_EXECUTE) != 0 &&
            (section.characteristics & SECTION_WRITE) != 0) {
            ks_lint_add(lint, KS_LINT_WRITABLE_CODE, file->path, 0,
                        "section %s is writable and executable", section.name);
        }
    }
}

void ks_lint_image(struct ks_lint *lint, const struct ks_image_file *file)
{
    check_export_names(lint, file);
    check_lifecycle(lint, file);
    check_file_name(lint, file);
    if (kldr_image_info(file->image)->entry_rva == 0) {
        ks_lint_add(lint, KS_LINT_NO_ENTRY_POINT, file->path, 0, "the image has no entry point");
    }
    check_imports(lint, file);
    check_relocations(lint, file);
    check_checksum(lint, file);
    check_sections(lint, file);
}
