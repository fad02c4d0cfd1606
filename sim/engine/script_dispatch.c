// SPDX-License-Identifier: MIT
// What declared drivers say to requests and devices, for both tables of functions.
#include "engine/script.h"

#include "kernel/io/io.h"
#include "kernel/io/io_request.h"
#include "world/world_steps.h"

#define STOP_SYSTEM_THREAD_EXCEPTION 0x7Eu
#define EXCEPTION_ACCESS_VIOLATION   0xC0000005u

enum { MAJOR_POWER = 22, MAJOR_SYSTEM_CONTROL = 23, MAJOR_PNP = 27 };

bool ks_io_is_declared(const struct kldr_world *world, const struct ks_driver *driver)
{
    const struct ks_instance *instance = ks_world_instance(world, driver->module_id);
    return instance != NULL && instance->file->engine == &ks_engine_script;
}

// Requests that a whole stack is to see.
static bool is_for_all(uint8_t major)
{
    return major == MAJOR_PNP || major == MAJOR_POWER || major == MAJOR_SYSTEM_CONTROL;
}

kldr_status ks_io_ask_declared(struct kldr_world *world, const struct ks_driver *driver,
                               uint8_t major, uint64_t device, uint64_t irp,
                               struct ks_io_answer *out_answer)
{
    const uint64_t arguments[] = {device, irp};
    uint64_t address = ks_script_dispatch(ks_world_instance(world, driver->module_id), major);
    struct ks_io_answer answer = {.declared = true,
                                  .pass_down = is_for_all(major),
                                  .status = KLDR_STATUS_INVALID_DEVICE_REQUEST};
    kldr_status status = KLDR_STATUS_SUCCESS;
    if (address != 0) {
        uint64_t result = 0;
        answer = (struct ks_io_answer){.declared = false};
        status = ks_world_call_dispatch(world, address, arguments, 2, &answer, &result);
        answer.status = answer.declared ? answer.status : (kldr_status)result;
        bool goes_on = is_for_all(major) && answer.declared && KLDR_NT_SUCCESS(answer.status) &&
                       answer.status != KLDR_STATUS_PENDING;
        answer.pass_down = answer.pass_down || goes_on;
    }
    *out_answer = answer;
    return status;
}

kldr_status ks_io_end_declared(struct kldr_world *world, const struct ks_driver *driver,
                               uint8_t major, const struct ks_io_answer *answer)
{
    const uint64_t parameters[KLDR_EVENT_PARAMETERS] = {EXCEPTION_ACCESS_VIOLATION, 0, 0, 0};
    struct kldr_module_info module;
    bool known = kldr_loader_module(world->loader, driver->module_id, &module);
    return is_for_all(major) || !answer->pass_down
               ? KLDR_STATUS_SUCCESS
               : ks_world_stop(world, STOP_SYSTEM_THREAD_EXCEPTION, parameters,
                               known ? module.base_name : NULL, 0,
                               "a request was passed down where there is no device below");
}

kldr_status ks_io_add_declared(struct kldr_world *world, const struct ks_driver *driver,
                               kldr_status *out_answer)
{
    struct kldr_module_info module;
    const struct ks_instance *instance = ks_world_instance(world, driver->module_id);
    uint64_t result = 0;
    if (!kldr_loader_module(world->loader, driver->module_id, &module)) {
        return KLDR_ERROR_INTERNAL;
    }
    struct ks_call call = {.kind = KS_CALL_ROUTINE, .routine = "AddDevice", .returns_status = true};
    call.rva = ks_engine_script.routine_rva(instance, "AddDevice");
    kldr_status status = ks_world_run(world, &module, &call, false, &result);
    *out_answer = (kldr_status)result;
    return status;
}
