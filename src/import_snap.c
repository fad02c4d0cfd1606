// SPDX-License-Identifier: MIT
// A cell is written once, when its thunk is bound and told: it may lie over the very names that
// told of it, so no text of the importer's is used after that. A failing load leaves the cells as
// they are, its memory goes away. What the cells hold is all that is remembered of a binding, apart
// from the few cells that were reached through a forwarder or bound to a trap, which the module
// marks.

#include "import_snap.h"

#include "error_fields.h"
#include "image.h"

#include <string.h>

static const char *const via_names[] = {
    [KLDR_VIA_HINT] = "hint", [KLDR_VIA_SEARCH] = "search", [KLDR_VIA_ORDINAL] = "ordinal"};

bool kl_snap_traps(const struct kl_context *context)
{
    return kl_context_knob(context, KLDR_KNOB_MISSING_IMPORTS) == KLDR_MISSING_IMPORTS_TRAP &&
           context->host.trap_import != NULL;
}

bool kl_snap_split_forwarder(const struct kl_context *context, const char *text,
                             struct kl_forwarder *out_forwarder)
{
    bool last = kl_context_knob(context, KLDR_KNOB_FORWARDER_SPLIT) == KLDR_FORWARDER_SPLIT_LAST;
    const char *dot = last ? strrchr(text, '.') : strchr(text, '.');
    if (dot == NULL) {
        return false;
    }
    size_t length = (size_t)(dot - text);
    *out_forwarder = (struct kl_forwarder){text, last ? length : length + 1, dot + 1, last};
    return true;
}

bool kl_snap_forwarder_fits(const struct kl_forwarder *forwarder, const char *base_name,
                            size_t base_length)
{
    if (!forwarder->at_last_dot) {
        return kl_module_list_has_prefix(base_name, base_length, forwarder->module,
                                         forwarder->module_length);
    }
    const char *dot = strrchr(base_name, '.');
    size_t stem = dot != NULL ? (size_t)(dot - base_name) : base_length;
    return kl_module_list_same_name(base_name, base_length, forwarder->module,
                                    forwarder->module_length) ||
           kl_module_list_same_name(base_name, stem, forwarder->module, forwarder->module_length);
}

struct kl_module *kl_snap_forwarder_module(const struct kl_context *context,
                                           const struct kl_forwarder *forwarder)
{
    struct kl_module *module = context->modules.first;
    while (module != NULL &&
           !kl_snap_forwarder_fits(forwarder, module->base_name, module->base_length)) {
        module = module->next;
    }
    return module;
}

static kldr_status find_direct(const struct kl_module *module,
                               const struct kldr_import_thunk *thunk,
                               struct kldr_export *out_export, struct kl_target *target,
                               struct kl_missing *missing)
{
    missing->symbol = thunk->name;
    missing->by_ordinal = thunk->name == NULL;
    if (thunk->name != NULL) {
        return kldr_image_find_export(module->image, thunk->name, thunk->name_length, thunk->hint,
                                      out_export, &target->via);
    }
    target->via = KLDR_VIA_ORDINAL;
    missing->ordinal_index = 0;
    return kldr_image_find_ordinal(module->image, thunk->ordinal, out_export,
                                   &missing->ordinal_index);
}

kldr_status kl_snap_find(const struct kl_context *context, struct kl_module *module,
                         const struct kldr_import_thunk *thunk, struct kl_target *out_target,
                         struct kl_missing *missing)
{
    struct kldr_export found;
    out_target->module = module;
    out_target->forwarded = false;
    missing->forwarder_cycle = false;
    missing->status = find_direct(module, thunk, &found, out_target, missing);
    for (unsigned length = 0; missing->status == KLDR_STATUS_SUCCESS && found.forwarder != NULL;
         length++) {
        struct kl_forwarder forwarder;
        struct kl_module *next = kl_snap_split_forwarder(context, found.forwarder, &forwarder)
                                     ? kl_snap_forwarder_module(context, &forwarder)
                                     : NULL;
        missing->forwarder_cycle = length == KLDR_FORWARDER_CHAIN_LIMIT;
        if (next == NULL || missing->forwarder_cycle) {
            missing->status = KLDR_STATUS_DRIVER_ENTRYPOINT_NOT_FOUND; // S8
            break;
        }
        // S9: by name with hint 0, also for "#12" forms; S10: only this module is tried.
        out_target->module = next;
        out_target->forwarded = true;
        missing->status = kldr_image_find_export(next->image, forwarder.function,
                                                 strlen(forwarder.function), 0, &found, NULL);
    }
    if (missing->status == KLDR_STATUS_SUCCESS) {
        out_target->rva = found.rva;
        out_target->symbol = found.name;
    }
    return missing->status;
}

void kl_snap_emit_missing(struct kl_context *context, uint32_t importer_id, const char *importer,
                          const char *module, const struct kldr_import_thunk *thunk,
                          kldr_status status, const char *reason)
{
    if (!kl_context_listened(context)) {
        return;
    }
    struct kldr_event event = {.kind = KLDR_EVENT_IMPORT_MISSING, .importer_id = importer_id};
    event.importer = importer;
    event.module = module;
    event.status = status;
    event.reason = reason;
    event.has = KLDR_EVENT_HAS_STATUS;
    if (thunk != NULL && thunk->name != NULL) {
        event.symbol = thunk->name;
    } else if (thunk != NULL) {
        event.ordinal = thunk->ordinal;
        event.has |= KLDR_EVENT_HAS_ORDINAL;
    }
    kl_context_emit(context, &event);
}

// Everything about the descriptor being bound that stays the same over its thunks.
struct snap {
    struct kl_context *context;
    struct kl_module *importer;
    const struct kldr_import_descriptor *descriptor;
    struct kl_module *module; // NULL: nowhere, all thunks are stubbed
    const char *module_name; // BaseDllName of the direct import (S11), or the descriptor's spelling
    struct kl_missing *missing;
    uint32_t bound;
    struct kldr_error *error;
};

static void emit_bound(const struct snap *snap, const struct kldr_import_thunk *thunk,
                       const char *via, const struct kl_target *target, uint64_t address)
{
    if (!kl_context_listened(snap->context)) {
        return;
    }
    struct kldr_event event = {.kind = KLDR_EVENT_IMPORT_BOUND, .importer_id = snap->importer->id};
    event.importer = snap->importer->base_name;
    event.module = snap->module_name;
    event.module_id = snap->module != NULL ? snap->module->id : 0;
    event.symbol = thunk->name;
    event.ordinal = thunk->ordinal;
    event.has = KLDR_EVENT_HAS_ADDRESS | (thunk->name == NULL ? KLDR_EVENT_HAS_ORDINAL : 0u);
    event.reason = via;
    event.address = address;
    if (target != NULL) {
        event.target = target->module->base_name;
        event.target_id = target->module->id;
        event.detail = target->symbol;
        event.offset = target->rva;
    }
    kl_context_emit(snap->context, &event);
}

static kldr_status bind_trap(struct snap *snap, const struct kldr_import_thunk *thunk)
{
    struct kldr_missing_import missing = {snap->importer->id, snap->importer->base_name,
                                          snap->module_name, thunk->name, thunk->ordinal};
    uint64_t address = 0;
    kldr_status status =
        snap->context->host.trap_import(snap->context->host.user, &missing, &address);
    if (status != KLDR_STATUS_SUCCESS) {
        return status;
    }
    if (!kl_module_mark_cell(snap->context->allocator, snap->importer, thunk->cell_rva,
                             KL_CELL_TRAPPED)) {
        return KLDR_ERROR_OUT_OF_MEMORY;
    }
    emit_bound(snap, thunk, "trap", NULL, address);
    kldr_image_write_cell(snap->importer->image, thunk->cell_rva, address);
    snap->bound++;
    return KLDR_STATUS_SUCCESS;
}

// A kernel function that Windows has and this simulation lacks is kldr's limit, not Windows'
// answer.
static kldr_status ask_about_core(const struct snap *snap, const struct kldr_import_thunk *thunk,
                                  const struct kl_target *target)
{
    const struct kldr_host *host = &snap->context->host;
    if (!target->module->core || host->core_import == NULL) {
        return KLDR_STATUS_SUCCESS;
    }
    struct kldr_core_import import = {snap->importer->id, target->module->id, target->symbol,
                                      thunk->ordinal, target->rva};
    return host->core_import(host->user, &import);
}

static void explain_missing(struct snap *snap, const struct kldr_import_thunk *thunk,
                            kldr_status status)
{
    struct kldr_error *error = snap->error;
    if (error == NULL || error->status != KLDR_STATUS_SUCCESS) {
        return;
    }
    enum kldr_origin origin = KLDR_IS_OWN_STATUS(status) ? KLDR_ORIGIN_HOST : KLDR_ORIGIN_KERNEL;
    const char *near = thunk->name != NULL && snap->module != NULL
                           ? kldr_image_nearest_export(snap->module->image, thunk->name)
                           : NULL;
    bool exported = near != NULL && strcmp(near, thunk->name) == 0;
    kldr_error_set(error, status, origin, KLDR_STAGE_RESOLVE, "%s",
                   origin == KLDR_ORIGIN_HOST ? "kldr does not simulate this kernel function"
                   : exported ? "it is exported, and the loader does not find it: a forwarder that "
                                "leads nowhere, or names out of order"
                              : "no such export");
    kl_error_names(error, snap->module_name, snap->importer->base_name);
    kl_error_symbol(error, thunk->name, thunk->ordinal);
    if (origin == KLDR_ORIGIN_HOST) {
        kldr_error_advise(
            error, "the policy missing_imports=trap binds a stub that stops when it is called");
    } else if (near != NULL && !exported) {
        kldr_error_advise(error, "%s exports `%s`", snap->module_name, near);
    }
}

// A forwarder holds no count on its target (S8, 5.2); targets in kernel images never go.
static void tell_forwarded(const struct snap *snap, const struct kl_target *target)
{
    if (!target->module->core && !snap->context->booting) {
        kl_context_emit_reference(snap->context, KLDR_EVENT_REF_SKIP, target->module,
                                  snap->importer->base_name, snap->importer->id, "forwarder", "S8");
    }
}

static kldr_status bind_found(struct snap *snap, const struct kldr_import_thunk *thunk,
                              const struct kl_target *target)
{
    uint64_t address =
        target->module->mapping.base + target->rva; // a hole yields the base (S5, A13)
    if (target->forwarded && !kl_module_mark_cell(snap->context->allocator, snap->importer,
                                                  thunk->cell_rva, KL_CELL_FORWARDED)) {
        return KLDR_ERROR_OUT_OF_MEMORY;
    }
    if (kl_context_listened(snap->context)) {
        emit_bound(snap, thunk, target->forwarded ? "forwarder" : via_names[target->via], target,
                   address);
        if (target->forwarded) {
            tell_forwarded(snap, target);
        }
    }
    kldr_image_write_cell(snap->importer->image, thunk->cell_rva, address);
    snap->bound++;
    return KLDR_STATUS_SUCCESS;
}

// Binds one thunk, or finds it missing. Once one is missing the others are only looked at (S12,
// A22).
static kldr_status snap_thunk(struct snap *snap, const struct kldr_import_thunk *thunk)
{
    struct kl_target target;
    struct kl_missing missing = {0};
    kldr_status status = kl_snap_find(snap->context, snap->module, thunk, &target, &missing);
    if (status == KLDR_STATUS_SUCCESS) {
        status = ask_about_core(snap, thunk, &target);
    }
    if (status == KLDR_STATUS_SUCCESS) {
        return snap->missing->status == KLDR_STATUS_SUCCESS ? bind_found(snap, thunk, &target)
                                                            : KLDR_STATUS_SUCCESS;
    }
    kl_snap_emit_missing(snap->context, snap->importer->id, snap->importer->base_name,
                         snap->module_name, thunk, status,
                         missing.forwarder_cycle ? "forwarder-cycle" : NULL);
    if (kl_snap_traps(snap->context) &&
        (!KLDR_IS_OWN_STATUS(status) || status == KLDR_ERROR_NOT_IMPLEMENTED)) {
        return snap->missing->status == KLDR_STATUS_SUCCESS ? bind_trap(snap, thunk)
                                                            : KLDR_STATUS_SUCCESS;
    }
    explain_missing(snap, thunk, status);
    if (snap->missing->status == KLDR_STATUS_SUCCESS) {
        *snap->missing = missing;
        snap->missing->status = status;
    }
    return KLDR_STATUS_SUCCESS;
}

// Descriptors may share one table, so a small image can name very many functions.
#define FUNCTION_LIMIT 262144u

static kldr_status refuse_so_many(const struct snap *snap)
{
    if (snap->error != NULL && snap->error->status == KLDR_STATUS_SUCCESS) {
        kldr_error_set(snap->error, KLDR_ERROR_LIMIT, KLDR_ORIGIN_HOST, KLDR_STAGE_RESOLVE,
                       "more than %u functions are imported", FUNCTION_LIMIT);
        kl_error_names(snap->error, snap->importer->base_name, NULL);
    }
    return KLDR_ERROR_LIMIT;
}

static kldr_status snap_all(struct snap *snap,
                            kldr_status (*one)(struct snap *, const struct kldr_import_thunk *))
{
    for (uint32_t i = 0;; i++) {
        struct kldr_import_thunk thunk;
        kldr_status status =
            kldr_image_thunk(snap->importer->image, snap->descriptor, i, &thunk, snap->error);
        if (status == KLDR_ERROR_END) {
            return snap->missing != NULL ? snap->missing->status : KLDR_STATUS_SUCCESS;
        }
        if (status == KLDR_STATUS_SUCCESS) {
            status = snap->importer->functions_seen++ < FUNCTION_LIMIT ? one(snap, &thunk)
                                                                       : refuse_so_many(snap);
        }
        if (status != KLDR_STATUS_SUCCESS) {
            return status;
        }
    }
}

kldr_status kl_snap_descriptor(struct kl_context *context, struct kl_module *importer,
                               const struct kldr_import_descriptor *descriptor,
                               struct kl_module *module, struct kl_missing *out_missing,
                               uint32_t *out_bound, struct kldr_error *error)
{
    *out_missing = (struct kl_missing){0};
    struct snap snap = {context,           importer,    descriptor, module,
                        module->base_name, out_missing, 0,          error};
    kl_image_prefetch_exports(module->image);
    kldr_status status = snap_all(&snap, snap_thunk);
    *out_bound = snap.bound;
    return status;
}

kldr_status kl_snap_stub_descriptor(struct kl_context *context, struct kl_module *importer,
                                    const struct kldr_import_descriptor *descriptor,
                                    uint32_t *out_bound, struct kldr_error *error)
{
    struct snap snap = {context, importer, descriptor, NULL, descriptor->module, NULL, 0, error};
    kldr_status status = snap_all(&snap, bind_trap);
    *out_bound = snap.bound;
    return status;
}
