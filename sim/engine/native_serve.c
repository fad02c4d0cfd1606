// SPDX-License-Identifier: MIT
// What driver code reaches that is not code of a real image.

#include "engine/native.h"

#include "kernel/ke/ke.h"
#include "world/world_steps.h"

#include <stdio.h>
#include <string.h>

// ---- stops ----

kldr_status ks_native_stop(struct kldr_world *world, uint64_t address, uint32_t code,
                           const uint64_t parameters[KLDR_EVENT_PARAMETERS], const char *text)
{
    struct kldr_module_info module;
    if (!ks_native_module_at(world, address, &module)) {
        return ks_world_stop(world, code, parameters, NULL, 0, text);
    }
    return ks_world_stop(world, code, parameters, module.base_name,
                         (uint32_t)(address - module.base), text);
}

static void stop_lacking(struct kldr_world *world, uint64_t caller, const char *what,
                         const char *name)
{
    static const uint64_t none[KLDR_EVENT_PARAMETERS];
    char text[KLDR_NAME_SIZE + KLDR_SYMBOL_SIZE + 64];
    snprintf(text, sizeof text, "%s %.400s was called", what, name);
    ks_native_stop(world, caller, KLDR_ERROR_NOT_IMPLEMENTED, none, text);
}

kldr_status ks_native_stop_closed(struct kldr_world *world, uint64_t address)
{
    static const uint64_t none[KLDR_EVENT_PARAMETERS];
    return ks_native_stop(
        world, address, KLDR_ERROR_NOT_IMPLEMENTED, none,
        "kldr does not simulate exceptions that leave this kernel function, which "
        "had called the driver");
}

// ---- kernel functions ----

// A missing import is called. One that would raise an exception stops as that exception would, for
// that is all that is lacking.
static void serve_trap(const struct ks_kernel_call *call, size_t trap)
{
    const char *name = trap < call->world->trap_count ? call->world->traps[trap].text : "?";
    const char *symbol = strrchr(name, '!');
    if (symbol != NULL && strcmp(symbol, "!RaiseException") == 0) {
        ks_rtl_raise_status(call);
    } else {
        stop_lacking(call->world, call->caller, "the missing import", name);
    }
}

uint64_t ks_native_serve(struct kldr_world *world, uint32_t index, const uint64_t *arguments,
                         uint64_t caller)
{
    const struct ks_kernel_call call = {world, arguments, caller};
    if (index >= KS_NATIVE_TRAP) {
        serve_trap(&call, index - KS_NATIVE_TRAP);
        return 0;
    }
    const struct ks_kernel_function *function = ks_function_at(index);
    if (function != NULL && function->run != NULL) {
        return ks_ke_serve(index, &call);
    }
    enum ks_kernel_module module;
    const char *name = ks_native_name_of_number(index, &module);
    stop_lacking(world, call.caller,
                 module < KS_KERNEL_ALWAYS ? "kldr does not simulate the kernel function, and"
                                           : "kldr does not simulate the framework's function, and",
                 name != NULL ? name : "?");
    return 0;
}

bool ks_native_call_foreign(struct kldr_world *world, uint64_t target, const uint64_t *arguments,
                            uint64_t caller, uint64_t *out_result)
{
    struct kldr_module_info module, calling = {0};
    if (!ks_native_module_at(world, target, &module) || module.cookie == NULL ||
        ((const struct ks_instance *)module.cookie)->file->engine == &ks_engine_native) {
        return false;
    }
    bool known = ks_native_module_at(world, caller, &calling);
    ks_world_call_address(world, known ? calling.base_name : NULL, target, arguments, 4,
                          out_result);
    return true;
}
