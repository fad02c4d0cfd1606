// SPDX-License-Identifier: MIT
// Why a module is loaded or not: who holds it, which rule keeps it, why its DllUnload was or was
// not called, what would let it go. Everything is read from the world as it stands and from the
// run's events; nothing is guessed from the scenario.
//
// An answer lives in the runner's arena, until its next run. When memory is out texts are missing
// and runner->out_of_memory is set, as everywhere in a run.
#ifndef KS_WHY_H
#define KS_WHY_H

#include "output/text_buffer.h"
#include "scenario/run/run_object.h"

enum ks_why_presence {
    KS_WHY_LOADED,
    KS_WHY_WENT,   // it was loaded and went
    KS_WHY_FAILED, // its load failed
    KS_WHY_NEVER,  // nothing asked for it
};

// One sentence and the rule behind it.
struct ks_why_note {
    const char *text; // without the full stop
    const char *fact; // NULL: none
    unsigned step;    // in which it happened, from 1; 0: in none
    const char *when; // the same in words: "step 3 (unload mini2)"; ""
};

struct ks_why_notes {
    struct ks_why_note *items;
    size_t count, capacity;
};

// What a chain of holders ends at.
enum ks_why_root {
    KS_WHY_ROOT_DRIVER,     // a driver object
    KS_WHY_ROOT_LOAD_IMAGE, // a reference that load_image gave
    KS_WHY_ROOT_LOADING,    // a load that is still in progress
    KS_WHY_ROOT_NOBODY,     // a module that nothing holds and that stays by itself
};

struct ks_why_chain {
    const uint32_t *ids;      // from the direct holder to the last one; empty: held by the root
    const char *const *names; // of them
    size_t count;
    enum ks_why_root root;
    const char *root_name; // of the driver object, of the image that nothing holds
    const char *service;   // of the driver object
    unsigned times;        // counts that the first one holds
    const char *text;      // "b.sys is held by a.sys, which is held by driver object \Driver\a"
};

struct ks_why_chains {
    struct ks_why_chain *items;
    size_t count, capacity;
    bool more; // there are more than are kept
};

// A step that gives back one of the references at the ends of the chains.
struct ks_why_action {
    const char *verb;   // "unload", "close", "unload_image"
    const char *target; // service, or full path
    bool handles;       // handles are open on its device and have to be closed as well
};

struct ks_why {
    const char *module;    // BaseDllName, or the name that was asked for
    const char *full_name; // NULL unless loaded
    uint32_t module_id;    // of the instance spoken of; 0: none
    enum ks_why_presence presence;
    const char *state; // as the expectation `state` has it
    const char *count; // "2" or "inactive"; NULL unless loaded
    struct ks_why_chains chains;
    struct ks_why_notes loose;           // references that exist and hold no count
    struct ks_why_notes rules;           // what keeps it, or how it went, or why it never came
    struct ks_why_notes dllunload;       // why DllUnload was or was not called
    struct ks_why_notes release;         // what would let it go
    const struct ks_why_action *actions; // the same as steps, in order; none: nothing helps
    size_t action_count;
    const char *tried;   // what came of the actions (ks_why_try); NULL: not tried
    const char *summary; // one line
};

// Answers for the world of a run that is under way. module is a base name or a full path.
const struct ks_why *ks_why(struct ks_runner *runner, const char *module);

// Performs the actions of an answer in the world and puts into it what came of them. The world is
// of no other use afterwards.
void ks_why_try(struct ks_runner *runner, struct ks_why *why);

// For people, indented by two, and as the members of a JSON object that is open already.
void ks_why_write_text(struct ks_text_buffer *buffer, const struct ks_why *why);
struct ks_json;
void ks_why_write_json(struct ks_json *json, const struct ks_why *why);

#endif
