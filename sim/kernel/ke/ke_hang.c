// SPDX-License-Identifier: MIT
// Ke: the simulated system hangs: whoever runs the step waits for something that cannot happen any
// more. Windows would wait for ever; kldr ends the step and says who waits for what.

#include "kernel/ke/ke_state.h"

#include "engine/native.h"
#include "world/world_steps.h"

#include <stdio.h>
#include <string.h>

struct report {
    struct ks_ke *ke;
    char text[KLDR_DETAIL_SIZE];
    size_t length;
    uint64_t owner; // of what the first thread waits for
};

static void add(struct report *report, const char *text)
{
    size_t room = sizeof report->text - report->length;
    int wrote = snprintf(report->text + report->length, room, "%s", text);
    report->length += wrote > 0 ? ((size_t)wrote < room ? (size_t)wrote : room - 1) : 0;
}

static void add_place(struct report *report, uint64_t address)
{
    char text[KLDR_NAME_SIZE + 32];
    struct kldr_module_info module;
    if (ks_native_module_at(report->ke->world, address, &module)) {
        snprintf(text, sizeof text, "%s+0x%llx", module.base_name,
                 (unsigned long long)(address - module.base));
        add(report, text);
    } else {
        add(report, "the kernel");
    }
}

static const char *kind_of(uint8_t type)
{
    switch (type) {
    case KS_KE_NOTIFICATION_EVENT:
    case KS_KE_SYNCHRONIZATION_EVENT:
        return "event";
    case KS_KE_MUTANT:
        return "mutex";
    case KS_KE_QUEUE:
        return "queue";
    case KS_KE_SEMAPHORE:
        return "semaphore";
    case KS_KE_THREAD:
        return "thread";
    case KS_KE_NOTIFICATION_TIMER:
    case KS_KE_SYNCHRONIZATION_TIMER:
        return "timer, which is not set";
    default:
        return "object";
    }
}

static void add_object(struct report *report, uint64_t object, bool first)
{
    const DISPATCHER_HEADER *header = ks_guest_pointer(object);
    char text[96];
    if (!ks_ke_reachable(report->ke, object, sizeof *header)) {
        add(report, "an object that is gone");
        return;
    }
    uint64_t shown = ks_world_show_address(report->ke->world, object);
    struct ks_ke_thread *thread = NULL;
    if (header->Type == KS_KE_MUTANT) {
        report->owner = ks_guest_number(object + offsetof(KMUTANT, OwnerThread), sizeof(PVOID));
        thread = ks_ke_thread_at(report->ke, report->owner);
    } else if (header->Type == KS_KE_THREAD) {
        thread = ks_ke_thread_at(report->ke, object);
    }
    report->owner = first && thread != NULL ? thread->object : report->owner;
    if (header->Type == KS_KE_THREAD && thread != NULL) {
        snprintf(text, sizeof text, "thread %u", (unsigned)thread->id);
    } else if (report->ke->world->native == NULL || shown == KS_ADDRESS_HOST) {
        snprintf(text, sizeof text, "%s %s",
                 header->Type <= KS_KE_SYNCHRONIZATION_EVENT ? "an" : "a", kind_of(header->Type));
    } else {
        snprintf(text, sizeof text, "the %s at 0x%llx", kind_of(header->Type),
                 (unsigned long long)shown);
    }
    add(report, text);
    if (header->Type == KS_KE_MUTANT && thread != NULL) {
        snprintf(text, sizeof text, ", which thread %u owns", (unsigned)thread->id);
        add(report, text);
    }
}

// A lock of which the object waited for is only a part.
static void add_lock(struct report *report, const struct ks_ke_thread *thread)
{
    char text[96];
    uint64_t shown = ks_world_show_address(report->ke->world, thread->wait_lock);
    const struct ks_ke_thread *owner = ks_ke_thread_at(report->ke, thread->wait_owner);
    if (report->ke->world->native == NULL) {
        snprintf(text, sizeof text, "a %s", thread->wait_what);
    } else {
        snprintf(text, sizeof text, "the %s at 0x%llx", thread->wait_what,
                 (unsigned long long)shown);
    }
    add(report, text);
    if (owner != NULL) {
        snprintf(text, sizeof text, ", which thread %u holds", (unsigned)owner->id);
        add(report, text);
    }
}

static void add_thread(struct report *report, const struct ks_ke_thread *thread)
{
    char text[32];
    snprintf(text, sizeof text, "thread %u (", (unsigned)thread->id);
    add(report, text);
    if (thread->plan.routine != 0) {
        add(report, "started at ");
        add_place(report, thread->plan.routine);
    } else {
        add(report, "the step's");
    }
    add(report, ") waits at ");
    add_place(report, thread->wait_caller);
    add(report, " for ");
    if (thread->wait_what != NULL && thread->block_count > 0) {
        add_lock(report, thread);
        return;
    }
    for (uint32_t i = 0; i < thread->block_count; i++) {
        add(report, i == 0 ? "" : thread->wait_all ? " and " : " or ");
        add_object(report, thread->blocks[i].object, thread == report->ke->first && i == 0);
    }
    if (thread->block_count == 0) {
        add(report, "somebody to wake it");
    }
}

void ks_ke_report_hang(struct ks_ke *ke)
{
    struct report report = {.ke = ke};
    uint64_t parameters[KLDR_EVENT_PARAMETERS] = {0};
    add(&report, "the simulated system hangs: ");
    for (const struct ks_ke_thread *thread = ke->first; thread != NULL; thread = thread->next) {
        if (thread->state == KS_KE_WAITING && !thread->worker) {
            add(&report, thread != ke->first ? "; " : "");
            add_thread(&report, thread);
        } else if (thread->state == KS_KE_WAITING && thread->block_count > 0) {
            add(&report, "; a worker, ");
            add_thread(&report, thread);
        }
    }
    if (ke->first->block_count > 0) {
        bool lock = ke->first->wait_what != NULL;
        parameters[0] = lock ? ke->first->wait_lock : ke->first->blocks[0].object;
        report.owner = lock ? ke->first->wait_owner : report.owner;
    }
    parameters[1] = ke->first->object;
    parameters[2] = report.owner;
    ks_native_stop(ke->world, ke->first->wait_caller, KLDR_ERROR_HANG, parameters, report.text);
}
