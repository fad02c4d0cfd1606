// SPDX-License-Identifier: MIT
// Work items, the end of the simulated system, notes and steps.

#include "engine/native_report.h"
#include "kernel/ke/ke.h"
#include "kernel/nt.h"
#include "world/world_steps.h"

#include <stdio.h>
#include <string.h>

#define STOP_DRIVER_UNLOADED 0xCEu

// ---- the end ----

kldr_status ks_world_stop(struct kldr_world *world, uint32_t code,
                          const uint64_t parameters[KLDR_EVENT_PARAMETERS], const char *module,
                          uint32_t offset, const char *text)
{
    if (world->has_bugcheck) {
        return KLDR_ERROR_STOPPED;
    }
    char registers[KS_NATIVE_REGISTERS_SIZE], stack[KS_NATIVE_STACK_SIZE];
    struct kldr_event event = {
        .kind = KLDR_EVENT_BUGCHECK, .module = module, .text = text, .value = code};
    if (world->native != NULL && ks_native_report(world, registers, stack)) {
        event.registers = registers;
        event.stack = stack;
    }
    event.offset = offset;
    event.has = KLDR_EVENT_HAS_VALUE | (module != NULL ? KLDR_EVENT_HAS_OFFSET : 0u);
    world->has_bugcheck = true;
    world->bugcheck.code = code;
    world->bugcheck.offset = offset;
    for (size_t i = 0; i < KLDR_EVENT_PARAMETERS; i++) {
        world->bugcheck.parameters[i] = event.parameters[i] =
            ks_world_show_address(world, parameters[i]);
    }
    snprintf(world->bugcheck.module, sizeof world->bugcheck.module, "%s",
             module != NULL ? module : "");
    kldr_loader_emit(world->loader, &event);
    kldr_loader_stop(world->loader, KLDR_ERROR_STOPPED);
    return KLDR_ERROR_STOPPED;
}

// ---- work items ----

static char *copy_text(struct kldr_world *world, const char *text)
{
    char *copy = world->allocator.allocate(world->allocator.user, strlen(text) + 1);
    return copy != NULL ? strcpy(copy, text) : NULL;
}

static void free_item(struct kldr_world *world, struct ks_work_item *item)
{
    world->allocator.release(world->allocator.user, item->name);
    world->allocator.release(world->allocator.user, item->module);
    world->allocator.release(world->allocator.user, item);
}

kldr_status ks_world_queue(struct kldr_world *world, const char *name, const struct ks_call *by)
{
    struct ks_work_item *item = world->allocator.allocate(world->allocator.user, sizeof *item);
    if (item == NULL) {
        return KLDR_ERROR_OUT_OF_MEMORY;
    }
    *item = (struct ks_work_item){.module_id = by->module_id};
    item->name = copy_text(world, name);
    item->module = copy_text(world, by->module);
    if (item->name == NULL || item->module == NULL) {
        free_item(world, item);
        return KLDR_ERROR_OUT_OF_MEMORY;
    }
    struct ks_work_item **link = &world->work_items;
    while (*link != NULL) {
        link = &(*link)->next;
    }
    *link = item;
    return KLDR_STATUS_SUCCESS;
}

static kldr_status run_item(struct kldr_world *world, const struct ks_work_item *item)
{
    struct kldr_module_info module;
    if (!kldr_loader_module(world->loader, item->module_id, &module)) {
        const uint64_t parameters[KLDR_EVENT_PARAMETERS] = {0, 8, 0, 0};
        char text[KLDR_NAME_SIZE + 64];
        snprintf(text, sizeof text, "a work item of %.200s ran after the image was unloaded",
                 item->module);
        ks_findings_report(&world->findings, "work-after-unload", item->module, item->module_id,
                           NULL, item->name, "U12");
        return ks_world_stop(world, STOP_DRIVER_UNLOADED, parameters, item->module, 0, text);
    }
    const struct ks_instance *instance = module.cookie;
    struct ks_call call = {.kind = KS_CALL_ROUTINE, .routine = item->name};
    if (instance->file->engine->routine_rva != NULL) {
        call.rva = instance->file->engine->routine_rva(instance, item->name);
    }
    return ks_world_run(world, &module, &call, false, NULL);
}

kldr_status ks_world_run_queued(struct kldr_world *world, const char *name)
{
    struct ks_work_item **link = &world->work_items;
    while (*link != NULL && strcmp((*link)->name, name) != 0) {
        link = &(*link)->next;
    }
    struct ks_work_item *item = *link;
    if (item == NULL) {
        return KLDR_STATUS_OBJECT_NAME_NOT_FOUND;
    }
    *link = item->next;
    kldr_status status = run_item(world, item);
    free_item(world, item);
    return status;
}

void ks_world_free_leftovers(struct kldr_world *world)
{
    while (world->work_items != NULL) {
        struct ks_work_item *item = world->work_items;
        world->work_items = item->next;
        free_item(world, item);
    }
    for (size_t i = 0; i < world->trap_count; i++) {
        world->allocator.release(world->allocator.user, world->traps[i].text);
    }
    world->allocator.release(world->allocator.user, world->traps);
}

// ---- notes and steps ----

void ks_world_note(struct kldr_world *world, const char *kind, const char *module,
                   uint32_t module_id, const char *text, const char *fact)
{
    struct kldr_event event = {
        .kind = KLDR_EVENT_NOTE, .reason = kind, .module = module, .module_id = module_id};
    event.text = text;
    event.fact = fact;
    kldr_loader_emit(world->loader, &event);
}

void ks_world_step_begin(struct kldr_world *world, const char *action, const char *target)
{
    struct kldr_event event = {.kind = KLDR_EVENT_STEP_BEGIN, .text = action, .target = target};
    if (world->step_depth == 0) {
        world->step_number++;
    }
    kldr_loader_emit(world->loader, &event);
    world->step_depth++;
}

void ks_world_step_end(struct kldr_world *world, const char *action, const char *target,
                       bool has_status, kldr_status status)
{
    struct kldr_event event = {
        .kind = KLDR_EVENT_STEP_END, .text = action, .target = target, .status = status};
    event.has = has_status ? KLDR_EVENT_HAS_STATUS : 0u;
    if (world->step_depth == 1) {
        ks_ke_run_until_idle(world);
        ks_findings_judge_dangling(&world->findings); // A63
        if (world->nt != NULL && !kldr_loader_stopped(world->loader, NULL)) {
            ks_pool_look_at_freed(&world->nt->pool);
        }
    }
    world->step_depth--;
    kldr_loader_emit(world->loader, &event);
}
