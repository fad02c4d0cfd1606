// SPDX-License-Identifier: MIT

#include "check/findings.h"

#include "world/address_space.h"

#include <stdio.h>
#include <string.h>

void ks_findings_init(struct ks_findings *findings, const struct kldr_allocator *allocator,
                      const struct ks_address_space *addresses)
{
    *findings = (struct ks_findings){.allocator = allocator, .addresses = addresses};
}

void ks_findings_fini(struct ks_findings *findings)
{
    const struct kldr_allocator *allocator = findings->allocator;
    ks_id_set_fini(allocator, &findings->uncounted.left);
    ks_id_set_fini(allocator, &findings->uncounted.right);
    ks_id_set_fini(allocator, &findings->dangling.left);
    ks_id_set_fini(allocator, &findings->dangling.right);
    ks_id_set_fini(allocator, &findings->inactive_this_step);
}

// Adds a pair. False when it was there already, or memory is out (then it may be reported twice).
static bool add_pair(struct ks_findings *findings, struct ks_id_pairs *pairs, uint32_t left,
                     uint32_t right)
{
    for (size_t i = 0; i < pairs->right.count; i++) {
        if (pairs->left.ids[i] == left && pairs->right.ids[i] == right) {
            return false;
        }
    }
    if (ks_id_set_add(findings->allocator, &pairs->left, left) &&
        !ks_id_set_add(findings->allocator, &pairs->right, right)) {
        pairs->left.count--;
    }
    return true;
}

static void send(struct ks_findings *findings, struct kldr_event *event)
{
    event->kind = KLDR_EVENT_FINDING;
    kldr_loader_emit(findings->loader, event);
}

void ks_findings_report(struct ks_findings *findings, const char *kind, const char *module,
                        uint32_t module_id, const char *target, const char *detail,
                        const char *fact)
{
    struct kldr_event event = {.reason = kind, .module = module, .module_id = module_id};
    event.target = target;
    event.detail = detail;
    event.fact = fact;
    send(findings, &event);
}

// ---- references that hold no count ----

static void see_skipped_reference(struct ks_findings *findings, const struct kldr_event *event)
{
    static const char *const uncounted[] = {"self", "cycle", "forwarder", "never-counted"};
    if (strcmp(event->reason, "inactive") == 0) {
        if (!ks_id_set_has(&findings->inactive_this_step, event->module_id)) {
            ks_id_set_add(findings->allocator, &findings->inactive_this_step, event->module_id);
            ks_findings_report(findings, "counting-inactive", event->module, event->module_id, NULL,
                               NULL, "C1");
        }
        return;
    }
    if ((event->has & KLDR_EVENT_HAS_FLAG) != 0 && !event->flag) {
        return; // named, but nothing is bound
    }
    for (size_t i = 0; i < sizeof uncounted / sizeof uncounted[0]; i++) {
        if (strcmp(event->reason, uncounted[i]) == 0 &&
            add_pair(findings, &findings->uncounted, event->importer_id, event->module_id)) {
            ks_findings_report(findings, "uncounted-reference", event->holder, event->importer_id,
                               event->module, event->reason, event->fact);
        }
    }
}

// ---- unresolved cells of a load that succeeded (R2) ----

static bool named_before(const struct kldr_image *image, uint32_t first, uint32_t index,
                         const char *name)
{
    struct kldr_import_descriptor other;
    for (uint32_t i = first; i < index; i++) {
        if (kldr_image_import(image, i, &other, NULL) == KLDR_STATUS_SUCCESS &&
            strcmp(other.module, name) == 0) {
            return true;
        }
    }
    return false;
}

static void see_loaded(struct ks_findings *findings, const struct kldr_event *event)
{
    struct kldr_module_info info;
    struct kldr_import_descriptor descriptor;
    uint32_t end = UINT32_MAX; // the descriptor at which the loader's walk ended
    if (!kldr_loader_module(findings->loader, event->module_id, &info)) {
        return;
    }
    for (uint32_t i = 0; kldr_image_import(info.image, i, &descriptor, NULL) == KLDR_STATUS_SUCCESS;
         i++) {
        if (descriptor.lookup_table == 0 && end == UINT32_MAX) {
            end = i;
        }
        if (i >= end && !named_before(info.image, end, i, descriptor.module)) {
            ks_findings_report(findings, "unbound-import", info.base_name, info.id,
                               descriptor.module, NULL, "R2");
        }
    }
}

// ---- images that go ----

static void see_unmapped(struct ks_findings *findings, const struct kldr_event *event)
{
    struct kldr_module_info info;
    findings->went++;
    // A failed load is off the list by now (L15) and a failed DllInitialize was seen before:
    // neither counts (A03).
    if (kldr_loader_module(findings->loader, event->module_id, &info) && info.has_dllunload &&
        !info.unload_asked && findings->failed_initialize_id != event->module_id) {
        ks_findings_report(findings, "freed-without-dllunload", info.base_name, info.id, NULL, NULL,
                           "U11");
    }
}

static void see_call(struct ks_findings *findings, const struct kldr_event *event)
{
    struct kldr_module_info info;
    bool by_loader = (event->has & KLDR_EVENT_HAS_FLAG) != 0 && event->flag;
    if (by_loader && strcmp(event->symbol, "DllUnload") == 0 &&
        kldr_loader_module(findings->loader, event->module_id, &info) && info.has_dllinitialize &&
        !info.initialized) {
        ks_findings_report(findings, "dllunload-without-dllinitialize", info.base_name, info.id,
                           NULL, NULL, "H8");
    }
}

// Only the descriptor at which a load fails is told with its reason: one finding for it (A62).
static void see_missing(struct ks_findings *findings, const struct kldr_event *event)
{
    char ordinal[16];
    struct kldr_event finding = {.reason = "forwarder-cycle", .fact = "S9"};
    if (event->reason == NULL || strcmp(event->reason, "forwarder-cycle") != 0 ||
        findings->cycle_importer_id == event->importer_id) {
        return;
    }
    findings->cycle_importer_id = event->importer_id;
    finding.module = event->importer;
    finding.module_id = event->importer_id;
    finding.target = event->module;
    finding.symbol = event->symbol;
    if (event->symbol == NULL) {
        snprintf(ordinal, sizeof ordinal, "#%u", (unsigned)event->ordinal);
        finding.symbol = ordinal;
    }
    send(findings, &finding);
}

void ks_findings_observe(struct ks_findings *findings, const struct kldr_event *event)
{
    switch (event->kind) {
    case KLDR_EVENT_REF_SKIP:
        see_skipped_reference(findings, event);
        break;
    case KLDR_EVENT_REF_DROP:
        if (strcmp(event->reason, "dllinitialize-failed") == 0) {
            findings->failed_initialize_id = event->module_id;
        }
        break;
    case KLDR_EVENT_IMAGE_NOTIFY:
        see_loaded(findings, event);
        break;
    case KLDR_EVENT_IMAGE_UNMAPPED:
        see_unmapped(findings, event);
        break;
    case KLDR_EVENT_IMAGE_RESIDENT:
        ks_findings_report(findings,
                           strcmp(event->reason, "refused") == 0 ? "resident-refused"
                                                                 : "resident-no-dllunload",
                           event->module, event->module_id, NULL, NULL, event->fact);
        break;
    case KLDR_EVENT_CALL_BEGIN:
        see_call(findings, event);
        break;
    case KLDR_EVENT_IMPORT_MISSING:
        see_missing(findings, event);
        break;
    default:
        break;
    }
}

// ---- dangling references (V5, U13, S8) ----

struct judge {
    struct ks_findings *findings;
    const struct kldr_module_info *importer;
};

static void report_dangling(struct judge *judge, const struct kldr_binding *binding,
                            const struct ks_range *gone)
{
    char ordinal[16];
    struct kldr_event event = {.module = judge->importer->base_name,
                               .module_id = judge->importer->id};
    event.reason = binding->forwarded ? "dangling-forwarder" : "dangling-import";
    event.target = gone->name;
    event.target_id = gone->module_id;
    event.symbol = binding->symbol;
    event.fact = binding->forwarded ? "S8" : "U13";
    if (binding->symbol == NULL) {
        snprintf(ordinal, sizeof ordinal, "#%u", (unsigned)binding->ordinal);
        event.symbol = ordinal;
    }
    send(judge->findings, &event);
}

static bool judge_cell(void *user, const struct kldr_binding *binding)
{
    struct judge *judge = user;
    struct ks_findings *findings = judge->findings;
    struct kldr_module_info target;
    if (!binding->bound || binding->trapped) {
        return true;
    }
    if (!binding->forwarded && kldr_loader_module(findings->loader, binding->direct_id, &target)) {
        return true;
    }
    const struct ks_range *gone = ks_address_space_gone(findings->addresses, binding->address);
    if (gone != NULL &&
        add_pair(findings, &findings->dangling, judge->importer->id, gone->module_id)) {
        report_dangling(judge, binding, gone);
    }
    return true;
}

void ks_findings_judge_dangling(struct ks_findings *findings)
{
    findings->inactive_this_step.count = 0;
    if (findings->went == 0) {
        return;
    }
    findings->went = 0;
    for (uint32_t id = kldr_loader_first(findings->loader); id != 0;
         id = kldr_loader_next(findings->loader, id)) {
        struct kldr_module_info importer;
        if (kldr_loader_module(findings->loader, id, &importer) && !importer.core) {
            struct judge judge = {findings, &importer};
            kldr_loader_bindings(findings->loader, id, judge_cell, &judge);
        }
    }
}
