// SPDX-License-Identifier: MIT
// Binding ("snapping") the thunks of one import descriptor to the module it was resolved to (facts
// S).
#ifndef KL_IMPORT_SNAP_H
#define KL_IMPORT_SNAP_H

#include "context.h"

// Where an export leads once forwarders are followed.
struct kl_target {
    struct kl_module *module;
    uint32_t rva;
    const char *symbol; // the name found there, NULL by ordinal
    bool forwarded;
    enum kldr_lookup_via via;
};

// What is missing, for the caller's status and log record. Names point into images.
struct kl_missing {
    kldr_status status;     // STATUS_SUCCESS: nothing is missing
    const char *symbol;     // as imported; NULL by ordinal
    uint32_t ordinal_index; // zero-based, 16 bits (L19)
    bool by_ordinal;
    bool forwarder_cycle; // A29
};

// Follows forwarders over loaded modules (S6 to S10): never loads, never counts. Chains longer than
// 32 answer STATUS_DRIVER_ENTRYPOINT_NOT_FOUND with *out_cycle set (A29).
kldr_status kl_snap_find(const struct kl_context *context, struct kl_module *module,
                         const struct kldr_import_thunk *thunk, struct kl_target *out_target,
                         struct kl_missing *missing);

// A forwarder's text, taken apart by knob forwarder_split.
struct kl_forwarder {
    const char *module; // "port." or, with `last`, "port"
    size_t module_length;
    const char *function;
    bool at_last_dot;
};

// False when there is no dot to split at.
bool kl_snap_split_forwarder(const struct kl_context *context, const char *text,
                             struct kl_forwarder *out_forwarder);
// True when the forwarder leads to a module of that BaseDllName: its text is a prefix (S7), or all
// of it but the extension (A02).
bool kl_snap_forwarder_fits(const struct kl_forwarder *forwarder, const char *base_name,
                            size_t base_length);
// The first module in list order that fits (S10), or NULL.
struct kl_module *kl_snap_forwarder_module(const struct kl_context *context,
                                           const struct kl_forwarder *forwarder);

// The descriptor's module name must not lie in the importer's image: cells may be written over it.

// Binds every thunk of a descriptor. The first missing one decides *out_missing (S12); the rest of
// the thunks are still looked at and every missing one is told as an event. Returns STATUS_SUCCESS,
// *out_missing's status, STATUS_INVALID_IMAGE_FORMAT, or one of kldr's own statuses. *out_bound
// gets the number of bound functions.
kldr_status kl_snap_descriptor(struct kl_context *context, struct kl_module *importer,
                               const struct kldr_import_descriptor *descriptor,
                               struct kl_module *module, struct kl_missing *out_missing,
                               uint32_t *out_bound, struct kldr_error *error);

// Binds every thunk of a descriptor whose module is nowhere to traps (missing_imports: trap).
kldr_status kl_snap_stub_descriptor(struct kl_context *context, struct kl_module *importer,
                                    const struct kldr_import_descriptor *descriptor,
                                    uint32_t *out_bound, struct kldr_error *error);

// True when missing imports are bound to traps instead of failing.
bool kl_snap_traps(const struct kl_context *context);

// Tells a missing import as an event. module is the direct import's name (S11). thunk NULL: the
// module itself.
void kl_snap_emit_missing(struct kl_context *context, uint32_t importer_id, const char *importer,
                          const char *module, const struct kldr_import_thunk *thunk,
                          kldr_status status, const char *reason);

#endif
