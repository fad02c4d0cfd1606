// SPDX-License-Identifier: MIT

#include "context.h"

int kl_context_knob(const struct kl_context *context, enum kldr_knob knob)
{
    return context->policy.value[knob];
}

kldr_status kl_context_stop(struct kl_context *context, kldr_status reason)
{
    if (!context->stopped) {
        context->stopped = true;
        context->stop_reason = reason;
    }
    return context->stop_reason;
}

bool kl_context_is_stop(kldr_status status)
{
    return status == KLDR_ERROR_STOPPED || status == KLDR_ERROR_LIMIT ||
           status == KLDR_ERROR_INTERNAL || status == KLDR_ERROR_SCENARIO;
}

kldr_status kl_context_call(struct kl_context *context, const struct kldr_routine_call *call)
{
    kldr_status status = context->host.call_routine(context->host.user, call);
    // The end may have come deeper down, in a call that the routine made and did not look at.
    return kl_context_is_stop(status) || context->stopped ? kl_context_stop(context, status)
                                                          : status;
}

kldr_status kl_context_fault(const struct kl_context *context, enum kldr_fault fault)
{
    const struct kldr_host *host = &context->host;
    return host->inject_fault != NULL ? host->inject_fault(host->user, fault) : KLDR_STATUS_SUCCESS;
}

struct kl_module *kl_context_core(struct kl_context *context, const char *name, size_t name_length)
{
    const struct kldr_host *host = &context->host;
    return host->add_core != NULL && host->add_core(host->user, name, name_length)
               ? kl_module_list_by_base(&context->modules, name, name_length)
               : NULL;
}

bool kl_context_listened(const struct kl_context *context)
{
    return context->host.on_event != NULL && !context->stopped;
}

static bool outlives_the_end(enum kldr_event_kind kind)
{
    return kind == KLDR_EVENT_BUGCHECK || kind == KLDR_EVENT_STEP_END ||
           kind == KLDR_EVENT_FINDING || kind == KLDR_EVENT_NOTE;
}

void kl_context_emit(struct kl_context *context, struct kldr_event *event)
{
    if (context->host.on_event == NULL || (context->stopped && !outlives_the_end(event->kind))) {
        return;
    }
    event->seq = ++context->seq;
    event->depth = context->depth;
    bool inside = context->telling; // an observer may send events of its own
    context->telling = true;
    context->host.on_event(context->host.user, event);
    context->telling = inside;
}

void kl_context_emit_module(struct kl_context *context, enum kldr_event_kind kind,
                            const struct kl_module *module, bool flag)
{
    if (!kl_context_listened(context)) {
        return;
    }
    struct kldr_event event = {.kind = kind, .module_id = module->id, .module = module->base_name};
    event.path = module->full_name;
    if (kind == KLDR_EVENT_IMAGE_UNMAPPED) {
        event.has = KLDR_EVENT_HAS_FLAG;
        event.flag = flag;
    }
    kl_context_emit(context, &event);
}

void kl_context_emit_mapped(struct kl_context *context, const struct kl_module *module,
                            bool relocated)
{
    if (!kl_context_listened(context)) {
        return;
    }
    struct kldr_event event = {.kind = KLDR_EVENT_IMAGE_MAPPED, .module_id = module->id};
    event.module = module->base_name;
    event.path = module->full_name;
    event.has = KLDR_EVENT_HAS_ADDRESS | KLDR_EVENT_HAS_FLAG;
    event.address = module->mapping.base;
    event.size = module->mapping.size;
    event.flag = relocated;
    kl_context_emit(context, &event);
}

void kl_context_emit_open(struct kl_context *context, const char *path, kldr_status status)
{
    if (!kl_context_listened(context)) {
        return;
    }
    struct kldr_event event = {.kind = KLDR_EVENT_IMAGE_OPEN, .path = path, .status = status};
    event.has = KLDR_EVENT_HAS_STATUS;
    kl_context_emit(context, &event);
}

void kl_context_emit_reference(struct kl_context *context, enum kldr_event_kind kind,
                               const struct kl_module *module, const char *holder,
                               uint32_t holder_id, const char *reason, const char *fact)
{
    if (!kl_context_listened(context)) {
        return;
    }
    struct kldr_event event = {.kind = kind, .module_id = module->id, .module = module->base_name};
    event.holder = holder;
    event.importer_id = holder_id;
    event.reason = reason;
    event.fact = fact;
    event.count = module->load_count;
    event.has = KLDR_EVENT_HAS_COUNT | (module->inactive ? KLDR_EVENT_COUNT_INACTIVE : 0u);
    kl_context_emit(context, &event);
}
