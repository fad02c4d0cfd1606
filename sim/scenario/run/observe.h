// SPDX-License-Identifier: MIT
// What can be seen of a step: lists of texts and records made from its events and from the module
// list.
#ifndef KS_SCENARIO_OBSERVE_H
#define KS_SCENARIO_OBSERVE_H

#include "scenario/run/run_object.h"

#define KS_SEEN_FIELDS 8

struct ks_seen_field {
    const char *name;
    const char *text; // NULL: a number
    uint64_t number;
};

// One thing seen: a text (with the other form it may be written in), or a record.
struct ks_seen_item {
    const char *text;        // NULL: a record
    const char *alternative; // full name of a module, or NULL
    struct ks_seen_field fields[KS_SEEN_FIELDS];
    size_t field_count;
};

struct ks_seen {
    struct ks_seen_item *items; // in the runner's arena
    size_t count, capacity;
};

enum ks_view {
    KS_VIEW_CALLS,
    KS_VIEW_EVENTS,
    KS_VIEW_PRINTED,
    KS_VIEW_MODULES,
    KS_VIEW_UNLOADED,
    KS_VIEW_RING,
    KS_VIEW_NOTIFIED,
    KS_VIEW_OPENED,
    KS_VIEW_LOG,
    KS_VIEW_MISSING,
    KS_VIEW_FINDINGS,
    KS_VIEW_PORT_WRITES,
};

void ks_observe_add_text(struct ks_runner *runner, struct ks_seen *seen, const char *text);

// Everything of one kind that a step shows. In the runner's arena.
struct ks_seen ks_observe(struct ks_runner *runner, enum ks_view view,
                          const struct ks_step_outcome *outcome);

// The names in a module's import list, kernel images left out (A25).
struct ks_seen ks_observe_imports(struct ks_runner *runner, uint32_t module_id);

// The module a scenario names: by full name, else by base name. 0: not loaded. *out_ambiguous:
// several have that base name.
uint32_t ks_observe_module(const struct ks_runner *runner, const char *name, bool *out_ambiguous);

// A module's name as shown: the base name, or the full one where it is ambiguous.
const char *ks_observe_name(const struct ks_runner *runner, uint32_t module_id);

// "absent", "loading", "loaded", "resident" (A06).
const char *ks_observe_state(const struct ks_runner *runner, uint32_t module_id);

// What an import cell is bound to, as text ("b.sys!F", "b.sys+0x10", "unbound", ...) and as an
// address. False when the importer has no such import.
bool ks_observe_binding(struct ks_runner *runner, uint32_t importer_id, const char *symbol,
                        const char **out_text, uint64_t *out_address);

// Whether "module!export", "module!#7" or "module+0x12" names that address.
bool ks_observe_address_is(struct ks_runner *runner, uint64_t address, const char *wanted);

#endif
