// SPDX-License-Identifier: MIT
// Timers of devices: a routine that is called every second, as a DPC.

#include "kernel/io/io_driver.h"

#include "engine/native.h"
#include "world/world_object.h"

#define TAG_TIMER          0x69546F49u // 'IoTi'
#define SECOND             INT64_C(-10000000)
#define PERIOD_MS          1000u
#define STOP_VERIFIER_IO   0xC9u
#define VERIFIER_HAS_TIMER 0x0Au

struct timer {
    KTIMER timer;
    KDPC dpc;
    uint64_t routine, context;
};

static struct timer *timer_of(const struct ks_kernel_call *call, struct ks_io_device **out_device)
{
    *out_device = ks_io_call_device(call, call->arguments[0]);
    return *out_device != NULL ? ks_guest_pointer((*out_device)->timer) : NULL;
}

// IoInitializeTimer(DeviceObject, TimerRoutine, Context)
uint64_t ks_io_timer_initialize(const struct ks_kernel_call *call)
{
    struct ks_io_device *device;
    struct timer *timer = timer_of(call, &device);
    uint64_t dpc_routine =
        call->world->native != NULL ? ks_native_routine_address(call->world, "IopTimerDpc") : 0;
    if (device == NULL || timer != NULL) {
        return device == NULL
                   ? 0
                   : ks_nt_stop(call, STOP_VERIFIER_IO, VERIFIER_HAS_TIMER, call->arguments[0], 0,
                                0, "initialized the timer of a device that has one");
    }
    device->timer = dpc_routine != 0 ? ks_nt_take(call->world, sizeof(struct timer), TAG_TIMER) : 0;
    if (device->timer == 0) {
        return (uint32_t)STATUS_INSUFFICIENT_RESOURCES;
    }
    timer = ks_guest_pointer(device->timer);
    timer->routine = call->arguments[1];
    timer->context = call->arguments[2];
    const uint64_t timer_arguments[] = {ks_io_address(&timer->timer), 0};
    const uint64_t dpc_arguments[] = {ks_io_address(&timer->dpc), dpc_routine, call->arguments[0]};
    ks_io_run(call, "KeInitializeTimerEx", timer_arguments);
    ks_io_run(call, "KeInitializeDpc", dpc_arguments);
    ks_io_device_body(device)->Timer = ks_guest_pointer(device->timer);
    return STATUS_SUCCESS;
}

uint64_t ks_io_timer_start(const struct ks_kernel_call *call)
{
    struct ks_io_device *device;
    struct timer *timer = timer_of(call, &device);
    if (timer != NULL) {
        const uint64_t arguments[] = {ks_io_address(&timer->timer), (uint64_t)SECOND, PERIOD_MS,
                                      ks_io_address(&timer->dpc)};
        ks_io_run(call, "KeSetTimerEx", arguments);
    }
    return 0;
}

uint64_t ks_io_timer_stop(const struct ks_kernel_call *call)
{
    struct ks_io_device *device;
    struct timer *timer = timer_of(call, &device);
    if (timer != NULL) {
        const uint64_t arguments[] = {ks_io_address(&timer->timer)};
        ks_io_run(call, "KeCancelTimer", arguments);
    }
    return 0;
}

void ks_io_timer_end(struct kldr_world *world, struct ks_io_device *device)
{
    if (device->timer != 0) {
        const struct timer *timer = ks_guest_pointer(device->timer);
        const uint64_t arguments[] = {ks_io_address(&timer->timer)};
        const struct ks_kernel_call call = {.world = world};
        ks_io_run(&call, "KeCancelTimer", arguments);
        ks_nt_give(world, device->timer);
        device->timer = 0;
    }
}

// The DPC: (Dpc, DeviceObject, ...)
uint64_t ks_io_timer_dpc(const struct ks_kernel_call *call)
{
    const struct ks_io_device *device = ks_io_device_find(call->world, call->arguments[1]);
    const struct timer *timer = device != NULL ? ks_guest_pointer(device->timer) : NULL;
    if (timer != NULL) {
        const uint64_t arguments[] = {call->arguments[1], timer->context};
        ks_nt_call(call->world, timer->routine, arguments, 2, NULL);
    }
    return 0;
}
