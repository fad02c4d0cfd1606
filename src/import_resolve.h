// SPDX-License-Identifier: MIT
// From import descriptors to loaded modules, counted references and bound cells (facts R). Loading,
// initializing and dropping belong to the layer above, which hands them in as operations.
#ifndef KL_IMPORT_RESOLVE_H
#define KL_IMPORT_RESOLVE_H

#include "import_snap.h"

// Why one level's resolution failed, for its log record (L19). Texts are cut to fit.
struct kl_resolve_failure {
    char module[KLDR_PATH_SIZE]; // the missing module: a path when a file is missing (L20), else a
                                 // base name (S11)
    char symbol[KLDR_SYMBOL_SIZE]; // "" when it is not about one
    uint64_t value;                // the 16-bit index of a missing ordinal, else 0
};

// What one outermost load has found out so far; shared by all its nested loads, so that a level of
// them needs little stack.
struct kl_session {
    struct kldr_error *error; // the caller's; may be NULL
    // What is really missing, for the log record that names it (event_log: one).
    bool has_root;
    char root_module[KLDR_PATH_SIZE];
    char root_symbol[KLDR_SYMBOL_SIZE];
    uint64_t root_value;
    struct kl_resolve_failure failure; // of the level that failed last
    char name[KLDR_NAME_SIZE];         // of the module whose functions are being bound
    struct kl_look *look; // files looked at to list all that is missing (A22); NULL until needed
};

// How loading a dependency ended.
struct kl_dependency {
    uint32_t id; // the module, on success
    kldr_status status;
    bool opened; // its own file could be opened (A11)
};

struct kl_resolve_operations {
    // Loads one path for an import (R11): the image, its imports, its notification; not its
    // DllInitialize.
    void (*load)(struct kl_context *context, struct kl_session *session,
                 const struct kl_module *importer, const char *path, size_t path_length,
                 struct kl_dependency *out_dependency);
    // Calls DllInitialize of a freshly loaded dependency, if it has one (N1 to N5). A failing DLL
    // is unloaded without DllUnload (N8). Returns STATUS_SUCCESS, the status the importer's load
    // fails with, or the end.
    kldr_status (*initialize)(struct kl_context *context, struct kl_session *session, uint32_t id,
                              const char *importer);
    // Drops the counted references in ids, in order (U4, U5, U7, R15), and frees the list.
    // Returns STATUS_SUCCESS or the end of the simulation.
    kldr_status (*drop)(struct kl_context *context, struct kl_id_list *ids, const char *holder,
                        uint32_t holder_id);
};

// Resolves all imports of a LOADING module. On success its import list holds what was counted. On
// failure everything counted has been dropped again, the last loaded DLL included (R15), and
// session->failure says why. A status of kldr's that ends the simulation comes back without any
// unwinding.
kldr_status kl_resolve_imports(struct kl_context *context, struct kl_session *session,
                               const struct kl_resolve_operations *operations,
                               struct kl_module *importer);

// Remembers what is really missing, the first time only.
void kl_resolve_set_root(struct kl_session *session, const char *module, const char *symbol,
                         uint64_t value);

#endif
