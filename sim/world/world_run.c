// SPDX-License-Identifier: MIT
// Calling routines of loaded images, and where a call ends that nobody can answer.

#include "engine/native.h"
#include "platform.h"
#include "world/world_steps.h"

#include <stdio.h>
#include <string.h>

#define STOP_DRIVER_UNLOADED 0xCEu // DRIVER_UNLOADED_WITHOUT_CANCELLING_PENDING_OPERATIONS
#define TRAP_SPACING         16u

struct ks_instance *ks_world_instance(const struct kldr_world *world, uint32_t module_id)
{
    struct kldr_module_info info;
    return kldr_loader_module(world->loader, module_id, &info) ? info.cookie : NULL;
}

static bool gives_status(const struct ks_call *call)
{
    return call->kind == KS_CALL_DLLINITIALIZE || call->kind == KS_CALL_DLLUNLOAD ||
           call->kind == KS_CALL_DRIVERENTRY || call->returns_status;
}

static void tell_call(struct kldr_world *world, enum kldr_event_kind kind,
                      const struct ks_call *call, bool by_loader, uint64_t result)
{
    struct kldr_event event = {.kind = kind, .module_id = call->module_id, .module = call->module};
    event.symbol = call->routine;
    event.path = call->full_name;
    event.argument = call->registry_path;
    event.flag = by_loader;
    event.has = KLDR_EVENT_HAS_FLAG;
    if (kind == KLDR_EVENT_CALL_END && gives_status(call)) {
        event.status = (kldr_status)result;
        event.has |= KLDR_EVENT_HAS_STATUS;
    } else if (kind == KLDR_EVENT_CALL_END && call->kind == KS_CALL_ROUTINE) {
        event.value = result;
        event.has |= KLDR_EVENT_HAS_VALUE;
    }
    kldr_loader_emit(world->loader, &event);
}

kldr_status ks_world_check_time(struct kldr_world *world)
{
    if (world->deadline != 0 && ks_platform_now_ns() > world->deadline) {
        kldr_loader_stop(world->loader, KLDR_ERROR_LIMIT);
        return KLDR_ERROR_LIMIT;
    }
    return KLDR_STATUS_SUCCESS;
}

static kldr_status enter(struct kldr_world *world)
{
    kldr_status reason = KLDR_STATUS_SUCCESS;
    if (kldr_loader_stopped(world->loader, &reason)) {
        return reason;
    }
    if (world->call_depth >= world->options.limits.depth) {
        kldr_loader_stop(world->loader, KLDR_ERROR_LIMIT);
        return KLDR_ERROR_LIMIT;
    }
    return ks_world_check_time(world);
}

kldr_status ks_world_run(struct kldr_world *world, const struct kldr_module_info *module,
                         struct ks_call *call, bool by_loader, uint64_t *out_result)
{
    struct ks_instance *instance = module->cookie;
    uint64_t result = 0;
    kldr_status status = enter(world);
    if (status != KLDR_STATUS_SUCCESS) {
        return status;
    }
    call->module_id = module->id;
    call->module = module->base_name;
    if (instance == NULL || !instance->file->engine->runs_code) {
        world->uncalled = true;
        ks_world_note(world, "not-called", module->base_name, module->id, call->routine, NULL);
    } else {
        // The image may go while its routine runs; the file, and so the engine, stay as long as
        // this call needs them.
        struct ks_file *file = ks_file_retain(instance->file);
        char name[KLDR_NAME_SIZE], full_name[KLDR_PATH_SIZE], routine[KLDR_SYMBOL_SIZE];
        snprintf(name, sizeof name, "%s", module->base_name);
        snprintf(full_name, sizeof full_name, "%s", module->full_name);
        snprintf(routine, sizeof routine, "%s", call->routine);
        call->module = name;
        call->routine = routine;
        call->full_name = full_name;
        tell_call(world, KLDR_EVENT_CALL_BEGIN, call, by_loader, 0);
        world->call_depth++;
        status = file->engine->call(instance, call, &result);
        world->call_depth--;
        if (status == KLDR_STATUS_SUCCESS) {
            tell_call(world, KLDR_EVENT_CALL_END, call, by_loader, result);
        }
        ks_file_release(&world->allocator, file);
    }
    if (out_result != NULL) {
        *out_result = result;
    }
    return status;
}

// ---- calls to addresses ----

static bool module_at(const struct kldr_world *world, uint64_t address,
                      struct kldr_module_info *out_module)
{
    for (uint32_t id = kldr_loader_first(world->loader); id != 0;
         id = kldr_loader_next(world->loader, id)) {
        if (kldr_loader_module(world->loader, id, out_module) && address >= out_module->base &&
            address - out_module->base < out_module->size) {
            return true;
        }
    }
    return false;
}

static kldr_status stop_unloaded(struct kldr_world *world, uint64_t address)
{
    const struct ks_range *gone = ks_address_space_gone(&world->addresses, address);
    const uint64_t parameters[KLDR_EVENT_PARAMETERS] = {address, 8, address, 0}; // 8: execution
    char text[KLDR_NAME_SIZE + 64];
    snprintf(text, sizeof text, "code of %s ran after the image was unloaded",
             gone != NULL ? gone->name : "nobody");
    return ks_world_stop(world, STOP_DRIVER_UNLOADED, parameters, gone != NULL ? gone->name : NULL,
                         gone != NULL ? (uint32_t)(address - gone->base) : 0, text);
}

static uint64_t trap_base(const struct kldr_world *world)
{
    if (world->native != NULL) {
        return ks_native_trap_address(world->native, 0);
    }
    return world->options.machine == KLDR_MACHINE_X86 ? KS_ADDRESS_TRAPS_X86 : KS_ADDRESS_TRAPS;
}

uint64_t ks_world_show_address(const struct kldr_world *world, uint64_t address)
{
    return world->native != NULL ? ks_guest_show(&world->native->guest, address) : address;
}

kldr_status ks_world_add_trap(struct kldr_world *world, const struct kldr_missing_import *missing,
                              uint64_t *out_address)
{
    if (world->trap_count == world->trap_capacity) {
        size_t capacity = world->trap_capacity == 0 ? 16 : world->trap_capacity * 2;
        struct ks_trap *traps = world->allocator.reallocate(world->allocator.user, world->traps,
                                                            capacity * sizeof *traps);
        if (traps == NULL) {
            return KLDR_ERROR_OUT_OF_MEMORY;
        }
        world->traps = traps;
        world->trap_capacity = capacity;
    }
    char text[KLDR_NAME_SIZE + KLDR_SYMBOL_SIZE];
    if (missing->symbol != NULL) {
        snprintf(text, sizeof text, "%.259s!%.250s", missing->module, missing->symbol);
    } else {
        snprintf(text, sizeof text, "%.259s!#%u", missing->module, (unsigned)missing->ordinal);
    }
    char *copy = world->allocator.allocate(world->allocator.user, strlen(text) + 1);
    if (copy == NULL) {
        return KLDR_ERROR_OUT_OF_MEMORY;
    }
    kldr_status status =
        world->native != NULL ? ks_native_add_trap(world, world->trap_count) : KLDR_STATUS_SUCCESS;
    if (status != KLDR_STATUS_SUCCESS) {
        world->allocator.release(world->allocator.user, copy);
        return status;
    }
    world->traps[world->trap_count].text = strcpy(copy, text);
    *out_address = trap_base(world) + world->trap_count++ * TRAP_SPACING;
    return KLDR_STATUS_SUCCESS;
}

// The stub behind a missing import: kldr's own stop, not one of Windows.
static kldr_status stop_trapped(struct kldr_world *world, const char *caller,
                                const struct ks_trap *trap)
{
    const uint64_t parameters[KLDR_EVENT_PARAMETERS] = {0};
    char text[KLDR_NAME_SIZE * 2 + KLDR_SYMBOL_SIZE];
    snprintf(text, sizeof text, "the missing import %s was called (missing_imports: trap)",
             trap->text);
    return ks_world_stop(world, KLDR_ERROR_NOT_IMPLEMENTED, parameters, caller, 0, text);
}

static const char *name_of(const struct ks_instance *instance, uint32_t rva)
{
    return instance->file->engine->routine_name != NULL
               ? instance->file->engine->routine_name(instance, rva)
               : NULL;
}

static kldr_status call_in_module(struct kldr_world *world, const struct kldr_module_info *module,
                                  uint32_t rva, struct ks_call *call, uint64_t *out_result)
{
    char address[32];
    call->rva = rva;
    call->routine = module->cookie != NULL ? name_of(module->cookie, rva) : NULL;
    if (call->routine == NULL) {
        snprintf(address, sizeof address, "+0x%x", (unsigned)rva);
        call->routine = address;
    }
    return ks_world_run(world, module, call, false, out_result);
}

static kldr_status call_at(struct kldr_world *world, const char *caller, uint64_t address,
                           struct ks_call *call, uint64_t *out_result)
{
    struct kldr_module_info module;
    if (address >= trap_base(world) &&
        (address - trap_base(world)) / TRAP_SPACING < world->trap_count) {
        return stop_trapped(world, caller,
                            &world->traps[(address - trap_base(world)) / TRAP_SPACING]);
    }
    if (!module_at(world, address, &module)) {
        return stop_unloaded(world, address);
    }
    if (module.core) {
        // Declared code calls a kernel function: it is known by name only and does nothing.
        *out_result = 0;
        return KLDR_STATUS_SUCCESS;
    }
    return call_in_module(world, &module, (uint32_t)(address - module.base), call, out_result);
}

kldr_status ks_world_call_address(struct kldr_world *world, const char *caller, uint64_t address,
                                  const uint64_t *arguments, size_t argument_count,
                                  uint64_t *out_result)
{
    struct ks_call call = {
        .kind = KS_CALL_ROUTINE, .arguments = arguments, .argument_count = argument_count};
    return call_at(world, caller, address, &call, out_result);
}

kldr_status ks_world_call_dispatch(struct kldr_world *world, uint64_t address,
                                   const uint64_t *arguments, size_t argument_count,
                                   struct ks_io_answer *answer, uint64_t *out_result)
{
    struct ks_call call = {.kind = KS_CALL_ROUTINE,
                           .arguments = arguments,
                           .argument_count = argument_count,
                           .returns_status = true,
                           .answer = answer};
    return call_at(world, NULL, address, &call, out_result);
}

// ---- calls by name ----

static kldr_status not_there(const char *module, const char *routine, struct kldr_error *error)
{
    kldr_error_set(error, KLDR_STATUS_OBJECT_NAME_NOT_FOUND, KLDR_ORIGIN_HOST, KLDR_STAGE_INPUT,
                   routine == NULL ? "%.200s is not loaded" : "%.200s has no routine %.200s",
                   module, routine);
    return KLDR_STATUS_OBJECT_NAME_NOT_FOUND;
}

// The loaded module that a forwarder's text names: its text up to the first dot begins the base
// name (S7).
static bool forwarder_module(const struct kldr_world *world, const char *text,
                             struct kldr_module_info *out_module)
{
    size_t length = strcspn(text, ".") + 1;
    for (uint32_t id = kldr_loader_first(world->loader); id != 0;
         id = kldr_loader_next(world->loader, id)) {
        char prefix[KLDR_NAME_SIZE], begin[KLDR_NAME_SIZE];
        if (length < sizeof prefix && kldr_loader_module(world->loader, id, out_module)) {
            snprintf(prefix, length + 1, "%s", text);
            snprintf(begin, length + 1, "%s", out_module->base_name);
            if (ks_same_name(prefix, begin)) {
                return true;
            }
        }
    }
    return false;
}

// The routine's address in a loaded module: an export, forwarders followed over loaded modules,
// else a routine the engine knows by name.
static bool find_routine(const struct kldr_world *world, const struct kldr_module_info *module,
                         const char *routine, uint64_t *out_address)
{
    struct kldr_export found;
    struct kldr_module_info holder = *module;
    const struct ks_instance *instance = module->cookie;
    const char *name = routine;
    for (unsigned i = 0;
         i < KLDR_FORWARDER_CHAIN_LIMIT && kldr_image_export_listed(holder.image, name, &found);
         i++) {
        if (found.forwarder == NULL) {
            *out_address = holder.base + found.rva;
            return true;
        }
        name = strchr(found.forwarder, '.');
        if (name == NULL || !forwarder_module(world, found.forwarder, &holder)) {
            return false;
        }
        name++;
    }
    uint32_t rva = instance != NULL && instance->file->engine->routine_rva != NULL
                       ? instance->file->engine->routine_rva(instance, routine)
                       : 0;
    *out_address = module->base + rva;
    return rva != 0;
}

static bool find_module(const struct kldr_world *world, const char *module,
                        struct kldr_module_info *out_info)
{
    uint32_t id = module[0] == '\\' ? kldr_loader_find_full(world->loader, module)
                                    : kldr_loader_find(world->loader, module);
    return kldr_loader_module(world->loader, id, out_info);
}

bool ks_world_find_routine(const struct kldr_world *world, const char *module, const char *routine,
                           uint64_t *out_address)
{
    struct kldr_module_info info;
    uint64_t address = 0;
    bool found = find_module(world, module, &info) && find_routine(world, &info, routine, &address);
    *out_address = found ? address : 0;
    return found;
}

kldr_status kldr_world_call(struct kldr_world *world, const char *module, const char *routine,
                            const uint64_t *arguments, size_t argument_count, uint64_t *out_result,
                            struct kldr_error *error)
{
    struct kldr_module_info info;
    uint64_t address = 0, result = 0;
    kldr_error_clear(error);
    if (!find_module(world, module, &info)) {
        return not_there(module, NULL, error);
    }
    if (!find_routine(world, &info, routine, &address)) {
        return not_there(module, routine, error);
    }
    kldr_status status =
        ks_world_call_address(world, NULL, address, arguments, argument_count, &result);
    if (out_result != NULL) {
        *out_result = result;
    }
    return status;
}

struct cell_search {
    const char *module, *routine;
    uint64_t address;
    bool found;
};

static bool see_cell(void *user, const struct kldr_binding *binding)
{
    struct cell_search *search = user;
    char ordinal[16];
    const char *symbol = binding->symbol;
    if (symbol == NULL) {
        snprintf(ordinal, sizeof ordinal, "#%u", (unsigned)binding->ordinal);
        symbol = ordinal;
    }
    search->found = binding->bound && ks_same_name(binding->module, search->module) &&
                    strcmp(symbol, search->routine) == 0;
    search->address = binding->address;
    return !search->found;
}

kldr_status ks_world_call_from(struct kldr_world *world, uint32_t caller_id, const char *module,
                               const char *routine, const uint64_t *arguments,
                               size_t argument_count, uint64_t *out_result,
                               struct kldr_error *error)
{
    struct cell_search search = {.module = module, .routine = routine};
    struct kldr_module_info caller;
    if (kldr_loader_module(world->loader, caller_id, &caller)) {
        kldr_loader_bindings(world->loader, caller_id, see_cell, &search);
    }
    return search.found ? ks_world_call_address(world, caller.base_name, search.address, arguments,
                                                argument_count, out_result)
                        : kldr_world_call(world, module, routine, arguments, argument_count,
                                          out_result, error);
}
