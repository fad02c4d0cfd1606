// SPDX-License-Identifier: MIT
// The life of a module: load, initialize, reference, dereference, unload.
//
//   (no entry) --load--> LOADING --imports resolved--> LOADED --last reference--> UNLOADING --> (no
//   entry)
//                           |                            ^  |
//                           | a failed import (L15)      |  | DllUnload refuses or is missing (U5,
//                           U7) v                            +--+
//                       (no entry)
//
// LOADING    listed, LOAD_IN_PROGRESS: imports of it are bound but not counted (R9).
// LOADED     from the moment its own imports are resolved: its DllInitialize already sees it so.
// UNLOADING  DllUnload agreed or the I/O manager dropped the last reference: it goes, whatever is
// imported
//            from it meanwhile (A30).
//
// Everything here may call out to a driver's routine, which may load and unload again. After any
// call out a module is looked up again by id; only a module that the caller itself keeps in LOADING
// or UNLOADING may be used through a pointer across a call out: such a module is freed by nobody
// else.
#ifndef KL_LIFECYCLE_H
#define KL_LIFECYCLE_H

#include "import_resolve.h"

// MmLoadSystemImage for the I/O manager or alone. See kldr_loader_load.
kldr_status kl_lifecycle_load(struct kl_context *context, const char *path,
                              enum kldr_load_purpose purpose, uint32_t *out_id,
                              struct kldr_error *error);

// MmUnloadSystemImage for the reference kl_lifecycle_load gave (U1). See kldr_loader_unload.
kldr_status kl_lifecycle_unload(struct kl_context *context, uint32_t id,
                                enum kldr_load_purpose purpose);

// The operations that import resolution needs of this layer.
extern const struct kl_resolve_operations kl_lifecycle_operations;

// ---- between the files of this layer ----

// Drops the counted references in ids, in order (U4, U5, U7, R15), and frees the list.
// Returns STATUS_SUCCESS or the end of the simulation.
kldr_status kl_lifecycle_drop_references(struct kl_context *context, struct kl_id_list *ids,
                                         const char *holder, uint32_t holder_id);

// Calls a module's DllInitialize, if it is still listed and exports one (N2 to N5). Its status as
// it is, STATUS_SUCCESS without one, or the end of the simulation.
kldr_status kl_lifecycle_call_initialize(struct kl_context *context, uint32_t id);

// Calls DllInitialize of a freshly loaded dependency, if it has one (N1 to N8).
kldr_status kl_lifecycle_initialize(struct kl_context *context, struct kl_session *session,
                                    uint32_t id, const char *importer);

// The unload routine (U2, U3): the module goes, whatever its count; its imports are dropped.
kldr_status kl_lifecycle_remove(struct kl_context *context, struct kl_module *module);

// Asks a module's DllUnload whether it may go (U5, U7, U9, U10). STATUS_SUCCESS when the answer was
// had (in *out_agreed; the module is then still listed) or the end of the simulation.
kldr_status kl_lifecycle_ask(struct kl_context *context, struct kl_module *module,
                             bool *out_agreed);

#endif
