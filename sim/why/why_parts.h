// SPDX-License-Identifier: MIT
// Between the files of sim/why: each fills its part of an answer.
#ifndef KS_WHY_PARTS_H
#define KS_WHY_PARTS_H

#include "scenario/run/observe.h"
#include "why/why.h"

// Adds a note; text is in the arena or lives longer.
void ks_why_add(struct ks_runner *runner, struct ks_why_notes *notes, unsigned step,
                const char *fact, const char *text);

// "step 3 (unload mini2)"; "boot" is a step like any other.
const char *ks_why_step_text(struct ks_runner *runner, unsigned step);

// Writes "text (U7, reported, unverified)" into the arena.
const char *ks_why_note_text(struct ks_runner *runner, const struct ks_why_note *note);

// ---- holders (why_hold.c) ----

// How often the import list of holder names target.
unsigned ks_why_times_held(const struct ks_runner *runner, uint32_t holder, uint32_t target);
// Driver object, load_image or import list: something holds a count on it.
bool ks_why_is_held(const struct ks_runner *runner, uint32_t id);
void ks_why_find_holders(struct ks_runner *runner, struct ks_why *why);
void ks_why_find_loose(struct ks_runner *runner, struct ks_why *why);

// ---- rules (why_rule.c) ----

// The rule by which a module stays although nothing holds it; a note without text when there is
// none.
struct ks_why_note ks_why_rule_alone(struct ks_runner *runner, const struct kldr_module_info *info);
void ks_why_find_rules(struct ks_runner *runner, struct ks_why *why,
                       const struct kldr_module_info *info);
void ks_why_find_dllunload(struct ks_runner *runner, struct ks_why *why);

// ---- what would let it go (why_release.c) ----

void ks_why_find_release(struct ks_runner *runner, struct ks_why *why,
                         const struct kldr_module_info *info);

// ---- modules that are not there (why_past.c) ----

void ks_why_find_past(struct ks_runner *runner, struct ks_why *why);

#endif
