// SPDX-License-Identifier: MIT
// Host-compiled drivers and the simulated kernel: calls into it, and calls by it.

#include "engine/host_kernel.h"

#include "engine/host_slots.h"
#include "kernel/io/io_driver.h"
#include "kernel/ke/ke.h"
#include "kernel/nt.h"
#include "world/world_steps.h"

#include <string.h>

#if defined(_MSC_VER)
#define THREAD_LOCAL __declspec(thread)
#else
#define THREAD_LOCAL _Thread_local
#endif

static THREAD_LOCAL struct kldr_world *last_world; // for calls that no driver's routine makes

void ks_host_kernel_use(struct kldr_world *world)
{
    world->host_kernel = true;
    last_world = world;
}

void ks_host_kernel_forget(const struct kldr_world *world)
{
    if (last_world == world) {
        last_world = NULL;
    }
}

// ---- into the kernel ----

uint32_t kldr_host_kernel_find(const char *name)
{
    size_t index = 0;
    const struct ks_kernel_function *function = ks_function_find(name, &index);
    return function != NULL && function->run != NULL ? (uint32_t)index + 1 : 0;
}

uint64_t kldr_host_kernel_call(uint32_t number, const uint64_t *arguments)
{
    struct ks_host_frame *frame = ks_host_frame_innermost();
    struct kldr_world *world = frame != NULL ? frame->world : last_world;
    if (world == NULL) {
        return 0;
    }
    const struct ks_kernel_call call = {world, arguments, frame != NULL ? frame->base : 0};
    uint64_t result = number != 0 ? ks_ke_serve(number - 1, &call)
                                  : ks_nt_lacking(&call, "a kernel function that a driver called");
    frame = ks_host_frame_innermost();
    if (frame != NULL && kldr_loader_stopped(world->loader, NULL)) {
        longjmp(frame->back, 1);
    }
    return result;
}

// ---- functions that drivers get by address ----

#define BY_ADDRESS(name)                                                                           \
    static uint64_t call_##name(uint64_t a, uint64_t b, uint64_t c)                                \
    {                                                                                              \
        const uint64_t arguments[] = {a, b, c};                                                    \
        return kldr_host_kernel_call(kldr_host_kernel_find(#name), arguments);                     \
    }
#define KS_FUNCTION(name, function, arguments, status, source) BY_ADDRESS(name)
// clang-format off
#include "kernel/functions/hidden.inc"
#undef KS_FUNCTION
BY_ADDRESS(ExAllocatePoolWithTag)
BY_ADDRESS(ExFreePool)
// clang-format on

uint64_t ks_host_routine_address(const char *name)
{
    static const struct {
        const char *name;
        uint64_t (*code)(uint64_t, uint64_t, uint64_t);
    } routines[] = {
#define KS_FUNCTION(name, function, arguments, status, source) {#name, call_##name},
#include "kernel/functions/hidden.inc"
#undef KS_FUNCTION
        {"ExAllocatePoolWithTag", call_ExAllocatePoolWithTag},
        {"ExFreePool", call_ExFreePool},
    };
    for (size_t i = 0; i < sizeof routines / sizeof routines[0]; i++) {
        if (strcmp(routines[i].name, name) == 0) {
            return (uint64_t)(uintptr_t)routines[i].code;
        }
    }
    return 0;
}

// ---- out of the kernel ----

static bool has_routine(const struct ks_driver *driver, uint64_t function)
{
    const DRIVER_OBJECT *object = ks_io_driver_body(driver);
    if (object == NULL) {
        return false;
    }
    for (unsigned i = 0; i <= IRP_MJ_MAXIMUM_FUNCTION; i++) {
        if ((uint64_t)(uintptr_t)object->MajorFunction[i] == function) {
            return true;
        }
    }
    const DRIVER_EXTENSION *extension = ks_io_driver_extension(driver);
    return (uint64_t)(uintptr_t)object->DriverStartIo == function ||
           (uint64_t)(uintptr_t)object->DriverUnload == function ||
           (uint64_t)(uintptr_t)extension->AddDevice == function;
}

// Whose code it is, as far as driver objects tell; what calls it otherwise.
static uint64_t base_of(struct kldr_world *world, uint64_t function, uint64_t otherwise)
{
    struct kldr_module_info module;
    for (const struct ks_driver *driver = world->drivers; driver != NULL; driver = driver->next) {
        if (has_routine(driver, function) &&
            kldr_loader_module(world->loader, driver->module_id, &module)) {
            return module.base;
        }
    }
    return otherwise;
}

bool ks_host_call(struct kldr_world *world, uint64_t function, const uint64_t *arguments,
                  size_t count, uint64_t *out_result)
{
    typedef uint64_t (*routine)(uint64_t, uint64_t, uint64_t, uint64_t, uint64_t, uint64_t,
                                uint64_t, uint64_t);
    routine code = (routine)(uintptr_t)function;
    uint64_t a[8] = {0};
    struct ks_host_frame frame;
    for (size_t i = 0; i < count && i < 8; i++) {
        a[i] = arguments[i];
    }
    ks_host_frame_push(&frame, world);
    frame.base = base_of(world, function, frame.base);
    bool came_back = setjmp(frame.back) == 0;
    if (came_back) {
        *out_result = code(a[0], a[1], a[2], a[3], a[4], a[5], a[6], a[7]);
    }
    ks_host_frame_pop(&frame);
    return came_back && !kldr_loader_stopped(world->loader, NULL);
}
