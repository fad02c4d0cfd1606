// SPDX-License-Identifier: MIT
// The framework's own checks of what it is called with: bug check 0x10D, WDF_VIOLATION.
#include "kernel/wdf/wdf.h"

#include <stdio.h>

#define STOP_WDF_VIOLATION 0x10Du

uint64_t ks_wdf_violation(const struct ks_kernel_call *call, uint64_t kind, uint64_t second,
                          uint64_t third, const char *text)
{
    return ks_nt_stop(call, STOP_WDF_VIOLATION, kind, second, third, 0, text);
}

struct ks_wdf_object *ks_wdf_argument(const struct ks_kernel_call *call, unsigned index,
                                      enum ks_wdf_type type)
{
    static const char *const names[KS_WDF_TYPES] = {
        "an object",   "a driver",  "a general object", "memory",         "a spin lock",
        "a wait lock", "a string",  "a collection",     "a registry key", "a device",
        "a queue",     "a request", "a file object"};
    uint64_t handle = call->arguments[index];
    struct ks_wdf_object *object = handle != 0 ? ks_wdf_object_find(call->world, handle) : NULL;
    if (object != NULL && (type == KS_WDF_ANY || object->type == type)) {
        return object;
    }
    char text[128];
    snprintf(text, sizeof text, "gave the framework a handle that is not that of %s", names[type]);
    ks_wdf_violation(call, handle != 0 ? WDF_INVALID_HANDLE : WDF_REQUIRED_PARAMETER_IS_NULL,
                     handle, handle != 0 ? 0 : call->caller, text);
    return NULL;
}

bool ks_wdf_given(const struct ks_kernel_call *call, unsigned count, const unsigned *indexes)
{
    for (unsigned i = 0; i < count; i++) {
        if (call->arguments[indexes[i]] == 0) {
            ks_wdf_violation(call, WDF_REQUIRED_PARAMETER_IS_NULL, 0, call->caller,
                             "gave the framework NULL for a parameter that must not be");
            return false;
        }
    }
    return true;
}

void ks_wdf_put_handle(const struct ks_kernel_call *call, unsigned index, uint64_t handle)
{
    if (call->arguments[index] != 0) {
        ks_guest_put_number(call->arguments[index], sizeof(PVOID), handle);
    }
}
