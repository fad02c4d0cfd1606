// SPDX-License-Identifier: MIT
// What the scenario runner and the kernel part ask of a world beyond <kldr/world.h>.
#ifndef KS_WORLD_STEPS_H
#define KS_WORLD_STEPS_H

#include "kernel/io/io.h"
#include "world/world_object.h"

// ---- running routines ----

// Runs a routine through its image's engine, with call.begin and call.end around it. by_loader
// tells the checker that the loader asked. *out_result may be NULL. KLDR_STATUS_SUCCESS when it
// came back.
kldr_status ks_world_run(struct kldr_world *world, const struct kldr_module_info *module,
                         struct ks_call *call, bool by_loader, uint64_t *out_result);

// The instance of a loaded module; NULL for kernel images.
struct ks_instance *ks_world_instance(const struct kldr_world *world, uint32_t module_id);

// Finds the routine at a simulated address and calls it, as code that jumps there would. caller
// NULL: nobody's code. An address inside an image that is gone is stop code 0xCE.
kldr_status ks_world_call_address(struct kldr_world *world, const char *caller, uint64_t address,
                                  const uint64_t *arguments, size_t argument_count,
                                  uint64_t *out_result);

// The same for a dispatch routine; answer is filled when it is a declared one.
kldr_status ks_world_call_dispatch(struct kldr_world *world, uint64_t address,
                                   const uint64_t *arguments, size_t argument_count,
                                   struct ks_io_answer *answer, uint64_t *out_result);

// The address of a routine or export of a loaded module. False when there is none.
bool ks_world_find_routine(const struct kldr_world *world, const char *module, const char *routine,
                           uint64_t *out_address);

// `call` inside a routine: through the caller's own import cell when it imports the target, else
// directly.
kldr_status ks_world_call_from(struct kldr_world *world, uint32_t caller_id, const char *module,
                               const char *routine, const uint64_t *arguments,
                               size_t argument_count, uint64_t *out_result,
                               struct kldr_error *error);

// The callbacks of a world for its loader.
struct kldr_host ks_world_host(struct kldr_world *world);

// A module of the simulated kernel comes into the world, at most once.
kldr_status ks_world_add_core(struct kldr_world *world, enum ks_kernel_module module);

// Whether drivers are served by the simulated kernel: code of real images or of the host runs.
bool ks_world_has_kernel(const struct kldr_world *world);

// Whether an operation (ke_fallible.h) is to fail now, and with which status: scenario key `fail`,
// a sweep. caller: where driver code asked; 0: the loader asks.
kldr_status ks_world_inject_fault(struct kldr_world *world, uint32_t operation, uint64_t caller);

// An address as people see it: under cpu native its place in guest memory.
uint64_t ks_world_show_address(const struct kldr_world *world, uint64_t address);

// An address for a missing import (missing_imports: trap).
kldr_status ks_world_add_trap(struct kldr_world *world, const struct kldr_missing_import *missing,
                              uint64_t *out_address);

// ---- the end ----

// KLDR_ERROR_LIMIT, which ends the simulation, when the world's deadline has passed.
kldr_status ks_world_check_time(struct kldr_world *world);

// The simulated system stops. Returns KLDR_ERROR_STOPPED.
kldr_status ks_world_stop(struct kldr_world *world, uint32_t code,
                          const uint64_t parameters[KLDR_EVENT_PARAMETERS], const char *module,
                          uint32_t offset, const char *text);

// ---- work items (U12) ----

kldr_status ks_world_queue(struct kldr_world *world, const char *name, const struct ks_call *by);
// Runs the oldest item of that name. STATUS_OBJECT_NAME_NOT_FOUND when none is queued.
kldr_status ks_world_run_queued(struct kldr_world *world, const char *name);

// Frees work items and traps.
void ks_world_free_leftovers(struct kldr_world *world);

// ---- steps ----

// The three end one step; step_depth 0 is an outermost one.
void ks_world_step_begin(struct kldr_world *world, const char *action, const char *target);
void ks_world_step_end(struct kldr_world *world, const char *action, const char *target,
                       bool has_status, kldr_status status);
void ks_world_note(struct kldr_world *world, const char *kind, const char *module,
                   uint32_t module_id, const char *text, const char *fact);

// Puts a file on the disk. The world takes the caller's reference, also on failure.
kldr_status ks_world_add_file(struct kldr_world *world, struct ks_file *file);

#endif
