// SPDX-License-Identifier: MIT
// The rules that a .def file can break.
#include "cli/lint.h"

#include <string.h>

static void check_library(struct ks_lint *lint, const char *path, const struct ks_def_file *file)
{
    if (file->library_line == 0 || file->library == NULL || file->library[0] == '\0') {
        ks_lint_add(lint, KS_LINT_LIBRARY_NAME, path,
                    file->library_line == 0 ? 1 : file->library_line,
                    "no LIBRARY line gives the name: tools then add .dll");
        return;
    }
    size_t length = strlen(file->library);
    if (length < 4 || !ks_image_same_name(file->library + length - 4, ".sys")) {
        ks_lint_add(lint, KS_LINT_LIBRARY_NAME, path, file->library_line,
                    "\"%.200s\" does not end in .sys%s", file->library,
                    strchr(file->library, '.') == NULL ? ": importers look for it with .dll" : "");
    }
}

static void check_entry(struct ks_lint *lint, const char *path, const struct ks_def_entry *entry,
                        const char *routine)
{
    if (ks_image_routine_is_variant(entry->name, routine)) {
        ks_lint_add(lint, KS_LINT_DECORATED_ROUTINE, path, entry->line, "%.200s is not the name %s",
                    entry->name, routine);
        return;
    }
    if (strcmp(entry->name, routine) != 0) {
        return;
    }
    if (!entry->private_) {
        ks_lint_add(lint, KS_LINT_NOT_PRIVATE, path, entry->line, "%s is not PRIVATE", routine);
    }
    if (entry->forwarder != NULL) {
        ks_lint_add(lint, KS_LINT_FORWARDED_ROUTINE, path, entry->line, "%s is forwarded to %.200s",
                    routine, entry->forwarder);
    }
    if (entry->noname) {
        ks_lint_add(lint, KS_LINT_UNNAMED_ROUTINE, path, entry->line, "%s is NONAME", routine);
    }
    if (entry->data) {
        ks_lint_add(lint, KS_LINT_DATA_ROUTINE, path, entry->line, "%s is DATA", routine);
    }
}

// The line of a routine, under any spelling; 0 when it is not exported.
static unsigned find_line(const struct ks_def_file *file, const char *routine)
{
    for (size_t i = 0; i < file->entry_count; i++) {
        const char *name = file->entries[i].name;
        if (strcmp(name, routine) == 0 || ks_image_routine_is_variant(name, routine)) {
            return file->entries[i].line;
        }
    }
    return 0;
}

void ks_lint_def(struct ks_lint *lint, const char *path, const struct ks_def_file *file)
{
    unsigned initialize = find_line(file, "DllInitialize"), unload = find_line(file, "DllUnload");
    check_library(lint, path, file);
    for (size_t i = 0; i < file->entry_count; i++) {
        check_entry(lint, path, &file->entries[i], "DllInitialize");
        check_entry(lint, path, &file->entries[i], "DllUnload");
    }
    if (initialize != 0 && unload == 0) {
        ks_lint_add(lint, KS_LINT_NO_DLLUNLOAD, path, initialize,
                    "DllInitialize is exported, DllUnload is not");
    } else if (unload != 0 && initialize == 0) {
        ks_lint_add(lint, KS_LINT_NO_DLLINITIALIZE, path, unload,
                    "DllUnload is exported, DllInitialize is not");
    } else if (unload == 0 && file->entry_count > 0) {
        ks_lint_add(lint, KS_LINT_NO_LIFECYCLE, path, file->entries[0].line,
                    "functions are exported, DllInitialize and DllUnload are not");
    }
}
