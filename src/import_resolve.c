// SPDX-License-Identifier: MIT
// The rules in one place: descriptors in file order (R2); a module found loaded is counted once per
// descriptor (R8) unless it is still loading (R9) or exempt by the policy; one not found is loaded,
// initialized, and its first count is the importer's (R14); any failure drops all that was counted
// (R15).
//
// Loading and initializing a dependency call out, so the target of a descriptor is found again by
// id after it. The importer itself stays LOADING, hence alive, until this returns.

#include "import_resolve.h"

#include "error_fields.h"
#include "import_look.h"
#include "import_resolve_count.h"
#include "import_resolve_gdi.h"
#include "import_search.h"

#include <stdio.h>
#include <string.h>

void kl_resolve_set_root(struct kl_session *session, const char *module, const char *symbol,
                         uint64_t value)
{
    if (session->has_root) {
        return;
    }
    session->has_root = true;
    snprintf(session->root_module, sizeof session->root_module, "%s", module);
    snprintf(session->root_symbol, sizeof session->root_symbol, "%s", symbol != NULL ? symbol : "");
    session->root_value = value;
}

struct resolve {
    struct kl_context *context;
    struct kl_session *session;
    const struct kl_resolve_operations *operations;
    struct kl_module *importer;
    struct kl_gdi_rule gdi;
    bool list_lost;     // R19
    bool tried_to_load; // the current descriptor's module was not listed
    bool looked;        // all that is missing has been told already
};

static void set_failure(struct resolve *resolve, const char *module, const char *symbol,
                        uint64_t value)
{
    struct kl_resolve_failure *failure = &resolve->session->failure;
    snprintf(failure->module, sizeof failure->module, "%s", module);
    snprintf(failure->symbol, sizeof failure->symbol, "%s", symbol != NULL ? symbol : "");
    failure->value = value;
    kl_resolve_set_root(resolve->session, module, symbol, value);
}

static kldr_status refuse_by_gdi_rule(struct resolve *resolve,
                                      const struct kldr_import_descriptor *descriptor)
{
    struct kldr_error *error = resolve->session->error;
    set_failure(resolve, descriptor->module, NULL, 0);
    if (error != NULL && error->status == KLDR_STATUS_SUCCESS) {
        kldr_error_set(
            error, KLDR_STATUS_PROCEDURE_NOT_FOUND, KLDR_ORIGIN_KERNEL, KLDR_STAGE_RESOLVE,
            "win32k and other imports must not be mixed, user-mode DLLs not imported (R4)");
        kl_error_names(error, descriptor->module, resolve->importer->base_name);
    }
    return KLDR_STATUS_PROCEDURE_NOT_FOUND;
}

// ---- one descriptor ----

static void emit_import(const struct resolve *resolve, enum kldr_event_kind kind,
                        const struct kldr_import_descriptor *descriptor, const char *how,
                        uint32_t bound, kldr_status status)
{
    if (!kl_context_listened(resolve->context)) {
        return;
    }
    struct kldr_event event = {.kind = kind, .importer_id = resolve->importer->id};
    event.importer = resolve->importer->base_name;
    event.module = descriptor->module;
    event.reason = how;
    if (kind == KLDR_EVENT_IMPORT_END) {
        event.value = bound;
        event.status = status;
        event.has =
            KLDR_EVENT_HAS_VALUE | (status != KLDR_STATUS_SUCCESS ? KLDR_EVENT_HAS_STATUS : 0u);
    }
    kl_context_emit(resolve->context, &event);
}

static bool is_missing_file(kldr_status status)
{
    return status == KLDR_STATUS_OBJECT_NAME_NOT_FOUND ||
           status == KLDR_STATUS_OBJECT_PATH_NOT_FOUND;
}

// Tries the places in order. The second is tried only when the dependency's own file was not there
// (A11); when every place fails the first one's status goes up (A10).
static void load_from_places(struct resolve *resolve, const struct kl_search *search,
                             struct kl_dependency *out_dependency)
{
    struct kl_dependency tried = {0};
    for (unsigned i = 0; i < search->count; i++) {
        resolve->operations->load(resolve->context, resolve->session, resolve->importer,
                                  search->paths[i], search->lengths[i], &tried);
        if (i == 0 || tried.opened || KLDR_IS_OWN_STATUS(tried.status)) {
            *out_dependency = tried;
        }
        if (tried.opened || tried.status != KLDR_STATUS_OBJECT_NAME_NOT_FOUND) {
            return;
        }
    }
}

static void tell_missing_module(struct resolve *resolve,
                                const struct kldr_import_descriptor *descriptor,
                                const struct kl_dependency *dependency, const char *path)
{
    struct kldr_error *error = resolve->session->error;
    kl_snap_emit_missing(resolve->context, resolve->importer->id, resolve->importer->base_name,
                         descriptor->module, NULL, dependency->status, NULL);
    if (error != NULL && error->status == KLDR_STATUS_SUCCESS && !kl_snap_traps(resolve->context)) {
        kldr_error_set(error, dependency->status, KLDR_ORIGIN_KERNEL, KLDR_STAGE_OPEN,
                       "no file %.400s", path);
        kl_error_names(error, descriptor->module, resolve->importer->base_name);
    }
}

// No file is there: what the host itself has under that name comes in now, or the descriptor is
// stubbed (missing_imports: trap), or the load fails.
static kldr_status go_without_file(struct resolve *resolve,
                                   const struct kldr_import_descriptor *descriptor,
                                   const struct kl_dependency *dependency, const char *path,
                                   struct kl_module **out_module)
{
    struct kl_context *context = resolve->context;
    *out_module = kl_context_core(context, descriptor->module, descriptor->module_length);
    if (*out_module != NULL) {
        return KLDR_STATUS_SUCCESS;
    }
    tell_missing_module(resolve, descriptor, dependency, path);
    if (kl_snap_traps(context)) {
        return KLDR_STATUS_SUCCESS;
    }
    set_failure(resolve, path, NULL, 0);
    return dependency->status;
}

// Loads what is not loaded yet and runs its DllInitialize. *out_module is NULL when the whole
// descriptor was stubbed.
static kldr_status load_missing(struct resolve *resolve,
                                const struct kldr_import_descriptor *descriptor,
                                struct kl_module **out_module)
{
    struct kl_context *context = resolve->context;
    struct kl_search search;
    struct kl_dependency dependency = {0};
    if (!kl_search_init(context, resolve->importer->full_name,
                        kl_module_directory_length(resolve->importer), descriptor->module,
                        descriptor->module_length, &search)) {
        return KLDR_ERROR_OUT_OF_MEMORY;
    }
    load_from_places(resolve, &search, &dependency);
    kldr_status status = dependency.status;
    if (status != KLDR_STATUS_SUCCESS && !kl_context_is_stop(status)) {
        if (!dependency.opened && is_missing_file(status)) {
            status = go_without_file(resolve, descriptor, &dependency, search.paths[0], out_module);
        } else {
            set_failure(resolve, search.paths[0], NULL, 0);
        }
    } else if (status == KLDR_STATUS_SUCCESS) {
        status = resolve->operations->initialize(context, resolve->session, dependency.id,
                                                 resolve->importer->base_name);
        *out_module = kl_module_list_by_id(&context->modules, dependency.id);
        if (status != KLDR_STATUS_SUCCESS && !kl_context_is_stop(status)) {
            set_failure(resolve, search.paths[0], NULL, 0);
        }
    }
    kl_search_fini(context, &search);
    return status;
}

// Finds or loads the module of a descriptor and takes the reference. *out_module NULL: stubbed.
static kldr_status acquire(struct resolve *resolve, const struct kldr_import_descriptor *descriptor,
                           struct kl_module **out_module, const char **out_how)
{
    struct kl_module *module = kl_module_list_by_base(
        &resolve->context->modules, descriptor->module, descriptor->module_length);
    bool fresh = module == NULL;
    resolve->tried_to_load = fresh;
    *out_how = "already";
    if (fresh) {
        // Its first count is the importer's (R14): once it is there, nothing may prevent the list
        // from naming it.
        if (!kl_id_list_reserve(resolve->context->allocator, &resolve->importer->imports)) {
            return KLDR_ERROR_OUT_OF_MEMORY;
        }
        kldr_status status = load_missing(resolve, descriptor, &module);
        *out_how = module != NULL ? "loaded" : "stubbed";
        if (status != KLDR_STATUS_SUCCESS || module == NULL) {
            *out_module = NULL;
            return status;
        }
    } else if (module->state == KLDR_MODULE_LOADING) {
        *out_how = "in-progress";
    }
    *out_module = module;
    struct kl_count_request request = {resolve->importer, descriptor, module, fresh,
                                       resolve->list_lost};
    return kl_count_reference(resolve->context, &request);
}

// R16: without export directory the dependency is refused even when nothing is imported from it.
static bool lacks_needed_exports(const struct resolve *resolve, const struct kl_module *module)
{
    struct kldr_export_info info;
    return kl_context_knob(resolve->context, KLDR_KNOB_EMPTY_EXPORTS) == KLDR_EMPTY_EXPORTS_FAIL &&
           !kldr_image_exports(module->image, &info);
}

static kldr_status snap(struct resolve *resolve, const struct kldr_import_descriptor *descriptor,
                        struct kl_module *module, uint32_t *out_bound)
{
    if (module == NULL) {
        return kl_snap_stub_descriptor(resolve->context, resolve->importer, descriptor, out_bound,
                                       resolve->session->error);
    }
    struct kl_missing missing;
    kldr_status status = kl_snap_descriptor(resolve->context, resolve->importer, descriptor, module,
                                            &missing, out_bound, resolve->session->error);
    if (missing.status != KLDR_STATUS_SUCCESS) {
        set_failure(resolve, module->base_name, missing.symbol,
                    missing.by_ordinal ? missing.ordinal_index : 0);
    } else if (status == KLDR_STATUS_SUCCESS && lacks_needed_exports(resolve, module)) {
        set_failure(resolve, module->base_name, NULL, 0);
        status = KLDR_STATUS_DRIVER_ENTRYPOINT_NOT_FOUND;
    }
    return status;
}

// What else is missing is worth telling, unless kldr itself is in trouble.
static bool is_worth_looking(kldr_status status)
{
    return !KLDR_IS_OWN_STATUS(status) || status == KLDR_ERROR_NOT_IMPLEMENTED;
}

// The descriptor with a module name of our own: binding may write over the image's. Cut to fit.
static struct kldr_import_descriptor named(const struct resolve *resolve,
                                           const struct kldr_import_descriptor *descriptor)
{
    struct kldr_import_descriptor copy = *descriptor;
    struct kl_session *session = resolve->session;
    if (copy.module_length >= sizeof session->name) {
        copy.module_length = sizeof session->name - 1;
    }
    memcpy(session->name, descriptor->module, copy.module_length);
    session->name[copy.module_length] = '\0';
    copy.module = session->name;
    return copy;
}

static kldr_status resolve_descriptor(struct resolve *resolve,
                                      const struct kldr_import_descriptor *descriptor)
{
    struct kl_context *context = resolve->context;
    if (kl_context_knob(context, KLDR_KNOB_GDI_CHECKS) == KLDR_KNOB_YES &&
        !kl_gdi_rule_passes(context, &resolve->gdi, descriptor)) {
        return refuse_by_gdi_rule(resolve, descriptor);
    }
    emit_import(resolve, KLDR_EVENT_IMPORT_BEGIN, descriptor, NULL, 0, 0);
    struct kl_module *module = NULL;
    const char *how = NULL;
    uint32_t bound = 0;
    kldr_status status = acquire(resolve, descriptor, &module, &how);
    bool acquired = status == KLDR_STATUS_SUCCESS;
    struct kldr_import_descriptor told = named(resolve, descriptor);
    if (acquired &&
        !kl_id_list_add(context->allocator, &resolve->importer->targets, module ? module->id : 0)) {
        status = KLDR_ERROR_OUT_OF_MEMORY;
    } else if (acquired) {
        status = snap(resolve, &told, module, &bound);
    }
    if (kl_context_is_stop(status)) {
        return status;
    }
    emit_import(resolve, KLDR_EVENT_IMPORT_END, &told,
                status == KLDR_STATUS_SUCCESS ? how : "failed", bound, status);
    if (status != KLDR_STATUS_SUCCESS && !acquired && resolve->tried_to_load &&
        is_worth_looking(status)) {
        kl_look_at_imports(context, resolve->session, resolve->importer, descriptor->index, true);
        resolve->looked = true;
    }
    return status;
}

// ---- the walk ----

// R2: descriptors behind the end of the walk stay unresolved. They are told, so that nobody has to
// guess.
static void tell_unbound(const struct resolve *resolve, uint32_t index)
{
    struct kldr_import_descriptor descriptor;
    while (kl_context_listened(resolve->context) &&
           kldr_image_import(resolve->importer->image, index++, &descriptor, NULL) ==
               KLDR_STATUS_SUCCESS) {
        emit_import(resolve, KLDR_EVENT_IMPORT_UNBOUND, &descriptor, NULL, 0, 0);
    }
}

// R19: the import list cannot be allocated. An image without imports needs none.
static kldr_status lose_list(struct resolve *resolve)
{
    struct kl_context *context = resolve->context;
    struct kldr_import_descriptor first;
    if (kldr_image_import(resolve->importer->image, 0, &first, NULL) != KLDR_STATUS_SUCCESS) {
        return KLDR_STATUS_SUCCESS;
    }
    kldr_status status = kl_context_fault(context, KLDR_FAULT_IMPORT_LIST);
    resolve->list_lost = status != KLDR_STATUS_SUCCESS;
    bool carry_on =
        kl_context_knob(context, KLDR_KNOB_LOST_IMPORT_LIST) == KLDR_LOST_IMPORT_LIST_CARRY_ON;
    return carry_on ? KLDR_STATUS_SUCCESS : status;
}

static kldr_status walk(struct resolve *resolve)
{
    kldr_status lost = lose_list(resolve);
    if (lost != KLDR_STATUS_SUCCESS) {
        return lost;
    }
    for (uint32_t index = 0;; index++) {
        struct kldr_import_descriptor descriptor;
        kldr_status status = kldr_image_import(resolve->importer->image, index, &descriptor,
                                               resolve->session->error);
        if (status == KLDR_ERROR_END) {
            return KLDR_STATUS_SUCCESS;
        }
        if (status != KLDR_STATUS_SUCCESS) {
            return status;
        }
        if (descriptor.lookup_table == 0) {
            tell_unbound(resolve, index);
            return KLDR_STATUS_SUCCESS;
        }
        status = resolve_descriptor(resolve, &descriptor);
        if (status != KLDR_STATUS_SUCCESS) {
            if (!resolve->looked && is_worth_looking(status)) {
                kl_look_at_imports(resolve->context, resolve->session, resolve->importer, index + 1,
                                   false);
            }
            return status;
        }
    }
}

kldr_status kl_resolve_imports(struct kl_context *context, struct kl_session *session,
                               const struct kl_resolve_operations *operations,
                               struct kl_module *importer)
{
    struct resolve resolve = {.context = context, .session = session, .operations = operations};
    resolve.importer = importer;
    session->failure = (struct kl_resolve_failure){0};
    kldr_status status = walk(&resolve);
    kl_module_sort_cells(importer);
    if (status == KLDR_STATUS_SUCCESS || kl_context_is_stop(status)) {
        return status;
    }
    struct kl_id_list taken = importer->imports;
    importer->imports = (struct kl_id_list){0};
    kldr_status dropped = operations->drop(context, &taken, importer->base_name, importer->id);
    return kl_context_is_stop(dropped) ? dropped : status;
}
