// SPDX-License-Identifier: MIT
// The checker: turns events and the module list into findings (scenario-format section 6). It sees
// every event after it was recorded and sends `finding` events of its own through the loader.
#ifndef KS_CHECK_FINDINGS_H
#define KS_CHECK_FINDINGS_H

#include <kldr/loader.h>

struct ks_address_space;

// Sets of module ids and of pairs of them.
struct ks_id_set {
    uint32_t *ids;
    size_t count, capacity;
};
bool ks_id_set_add(const struct kldr_allocator *allocator, struct ks_id_set *set, uint32_t id);
bool ks_id_set_has(const struct ks_id_set *set, uint32_t id);
void ks_id_set_remove(struct ks_id_set *set, uint32_t id);
void ks_id_set_fini(const struct kldr_allocator *allocator, struct ks_id_set *set);

struct ks_id_pairs {
    struct ks_id_set left, right; // element i of both belong together
};

struct ks_findings {
    const struct kldr_allocator *allocator;
    struct kldr_loader *loader;
    const struct ks_address_space *addresses;
    struct ks_id_pairs uncounted;        // importer, target: reported already
    struct ks_id_pairs dangling;         // importer, vanished module: reported already
    struct ks_id_set inactive_this_step; // reported in this outermost step
    uint32_t went;                       // images that went since dangling references were judged
    uint32_t failed_initialize_id;       // the last module whose DllInitialize failed (N8)
    uint32_t cycle_importer_id;          // the last importer that met a circle of forwarders
};

void ks_findings_init(struct ks_findings *findings, const struct kldr_allocator *allocator,
                      const struct ks_address_space *addresses);
void ks_findings_fini(struct ks_findings *findings);

// Sees one event. The loader must be set.
void ks_findings_observe(struct ks_findings *findings, const struct kldr_event *event);

// Judges dangling references: at the end of each outermost step, once per importer and vanished
// image (A63).
void ks_findings_judge_dangling(struct ks_findings *findings);

// Sends a finding that only the caller can know of (kept-argument, work-after-unload, second-copy).
// target and detail may be NULL.
void ks_findings_report(struct ks_findings *findings, const char *kind, const char *module,
                        uint32_t module_id, const char *target, const char *detail,
                        const char *fact);

#endif
