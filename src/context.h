// SPDX-License-Identifier: MIT
// What all parts of one loader share, and how they send events. Layer 2: modules are known here,
// what is done with them is not.
#ifndef KL_CONTEXT_H
#define KL_CONTEXT_H

#include "module_list.h"

struct kl_context {
    struct kldr_host host;
    const struct kldr_allocator *allocator;
    struct kldr_policy policy;
    enum kldr_machine machine;
    struct kldr_loader_limits limits;
    struct kl_module_list modules;
    uint64_t seq;
    uint32_t depth; // nesting of loads and unloads
    bool booting;   // bindings are the OS loader's: forwarders are counted like anything else (B2)
    bool telling;   // an event is being delivered: nothing may be loaded or unloaded
    bool stopped;   // the simulated system has ended: no further event, no further call
    kldr_status stop_reason;
};

// The current value of a knob.
int kl_context_knob(const struct kl_context *context, enum kldr_knob knob);

// Ends the simulation and returns the reason (the first one when it had ended before).
kldr_status kl_context_stop(struct kl_context *context, kldr_status reason);

// True for a status that ends the simulation.
bool kl_context_is_stop(kldr_status status);

// Runs a routine. Returns its status, or the reason for the end when the simulation has ended in
// it.
kldr_status kl_context_call(struct kl_context *context, const struct kldr_routine_call *call);

// The status with which the next operation of a kind is to fail; STATUS_SUCCESS: it is not.
kldr_status kl_context_fault(const struct kl_context *context, enum kldr_fault fault);

// The core image that the host adds for an import of a module that is nowhere, or NULL.
struct kl_module *kl_context_core(struct kl_context *context, const char *name, size_t name_length);

// Numbers and delivers an event. Nothing is sent once the simulation has ended, except a bugcheck,
// which is the end, and what the world says of its own steps.
void kl_context_emit(struct kl_context *context, struct kldr_event *event);

// True when somebody listens: lets callers skip the work of describing what nobody reads.
bool kl_context_listened(const struct kl_context *context);

// Events about one module. reason and fact may be NULL.
void kl_context_emit_module(struct kl_context *context, enum kldr_event_kind kind,
                            const struct kl_module *module, bool flag);
// image.mapped with placement.
void kl_context_emit_mapped(struct kl_context *context, const struct kl_module *module,
                            bool relocated);
void kl_context_emit_open(struct kl_context *context, const char *path, kldr_status status);

// ref.add, ref.drop, ref.skip, image.resident: module's count and who holds it.
void kl_context_emit_reference(struct kl_context *context, enum kldr_event_kind kind,
                               const struct kl_module *module, const char *holder,
                               uint32_t holder_id, const char *reason, const char *fact);

#endif
