// SPDX-License-Identifier: MIT
// The runner's insides, for the files that run and judge scenarios.
#ifndef KS_SCENARIO_RUN_OBJECT_H
#define KS_SCENARIO_RUN_OBJECT_H

#include "scenario/arena.h"
#include "scenario/run.h"
#include "world/world_steps.h"

#define KS_RING_SIZE 50 // U14

// Data of the scenario as bytes, made once in a run.
struct ks_made_data {
    struct ks_made_data *next;
    const struct ks_piece *pieces; // which data
    const uint8_t *bytes;
    size_t size;
};

struct ks_runner {
    struct ks_event_log *log;
    struct ks_arena arena; // texts of the result; emptied at the next run
    struct ks_result result;
    struct ks_failure *failures;
    size_t failure_capacity;
    struct ks_accept_edit *edits;
    size_t edit_capacity;
    const struct ks_run_options *options;
    const struct ks_scenario *scenario;
    struct kldr_world *world;
    const char *ring[KS_RING_SIZE]; // names in the arena
    size_t ring_first, ring_count;
    size_t ring_seen; // events of the log that went into the ring
    bool out_of_memory;
    struct ks_made_data *made_data;
    struct ks_fault_sweep sweep;
    bool judged_bugcheck; // a step with an expectation on the bugcheck saw it
};

// How a step ended, for its expectations.
struct ks_step_outcome {
    bool has_status;
    kldr_status status;
    bool has_result;
    uint64_t result;
    bool has_found, found;
    const char *found_module;
    bool has_io; // a request came back
    struct ks_io_result io;
    size_t first_port_write;       // of the world's
    size_t first_event, end_event; // [first, end) in the log
};

// Runs steps in order: all of a scenario, or those inside a routine (by is the running routine,
// else NULL). KLDR_STATUS_SUCCESS, or a status that ended the simulation.
kldr_status ks_run_steps(struct ks_runner *runner, const struct ks_call *by,
                         const struct ks_step *steps, size_t count);

// Puts the scenario's images on the disk and its services into the world. On failure the result's
// outcome and reason are set and false is returned.
bool ks_run_fill_disk(struct ks_runner *runner);
// One image, at the path it names. error gets the reason.
kldr_status ks_run_add_image(struct ks_runner *runner, const struct ks_image *image,
                             struct kldr_error *error);
// The services in the registry, for code of drivers. False: the outcome was set.
bool ks_run_fill_registry(struct ks_runner *runner);
// The machine of the simulated system: the scenario's, else the first real image's, else x64. False
// when the outcome was set instead.
bool ks_run_find_machine(struct ks_runner *runner, enum kldr_machine *out_machine);

// Judges a step's expectations (and, without any, that it succeeded).
// error is the record of a failed action.
void ks_run_judge(struct ks_runner *runner, const struct ks_step *step,
                  const struct ks_step_outcome *outcome, const struct kldr_error *error);

// ---- devices and requests (run_io.c) ----

// Whether the world can do what all steps and images want of it, and files of data can be read;
// else the outcome is set.
bool ks_run_io_check(struct ks_runner *runner);
// Before a step of any kind.
void ks_run_io_begin(struct ks_runner *runner, struct ks_step_outcome *outcome);
// An action on devices. Fills what it brings back into *outcome, to be freed with ks_run_io_done.
kldr_status ks_run_io(struct ks_runner *runner, const struct ks_step *step,
                      struct ks_step_outcome *outcome, struct kldr_error *error);
void ks_run_io_done(struct ks_runner *runner, struct ks_step_outcome *outcome);
// The bytes of data, in the runner's arena. A file that cannot be read, and data that are too long,
// set the outcome and end the simulation.
kldr_status ks_run_data(struct ks_runner *runner, const struct ks_data *data,
                        const uint8_t **out_bytes, size_t *out_size);

// ---- texts and failures ----

// A formatted text in the runner's arena; "" when memory is out.
const char *ks_run_text(struct ks_runner *runner, const char *format, ...);
// Ends the run badly, unless a worse outcome (by the order of exit codes) is there already.
void ks_run_set_outcome(struct ks_runner *runner, enum ks_outcome outcome, const char *reason);
// Adds a failure; its place and texts must live in the model or the arena.
void ks_run_add_failure(struct ks_runner *runner, const struct ks_failure *failure);
void ks_run_add_edit(struct ks_runner *runner, const struct ks_accept_edit *edit);
// Adds the ring records that the log holds and the ring has not seen yet.
void ks_run_update_ring(struct ks_runner *runner);

#endif
