// SPDX-License-Identifier: MIT
// Framework spin locks and wait locks. Misuse is judged as with the framework's verifier on.
#include "kernel/io/io_driver.h"
#include "kernel/ke/ke.h"
#include "kernel/wdf/wdf.h"

#define RELEASED_BY_ANOTHER 1u // third parameter of WDF_INVALID_LOCK_OPERATION

static uint64_t create(const struct ks_kernel_call *call, enum ks_wdf_type type)
{
    const uint64_t *a = call->arguments;
    struct ks_wdf_client *client = ks_wdf_client(call);
    struct ks_wdf_object *object;
    if (client == NULL || !ks_wdf_given(call, 1, (const unsigned[]){2})) {
        return 0;
    }
    ks_wdf_put_handle(call, 2, 0);
    NTSTATUS status = ks_wdf_object_check(call, a[1], KS_WDF_PARENT);
    if (status == STATUS_SUCCESS) {
        status = ks_wdf_object_make(call, client, type, a[1], NULL, &object);
    }
    if (status == STATUS_SUCCESS && type == KS_WDF_WAIT_LOCK) {
        uint64_t event = ks_nt_take(call->world, sizeof(KEVENT), KS_WDF_TAG);
        const uint64_t arguments[] = {event, SynchronizationEvent, TRUE};
        object->data.lock.event = event;
        if (event == 0) {
            ks_wdf_object_free(call->world, object);
            return KS_STATUS(STATUS_INSUFFICIENT_RESOURCES);
        }
        ks_io_run(call, "KeInitializeEvent", arguments);
    }
    if (status == STATUS_SUCCESS) {
        ks_wdf_put_handle(call, 2, object->handle);
    }
    return KS_STATUS(status);
}

static uint64_t stop_recursive(const struct ks_kernel_call *call,
                               const struct ks_wdf_object *object)
{
    return ks_wdf_violation(call, WDF_RECURSIVE_LOCK, object->handle, 0,
                            "took a framework lock that the thread holds already");
}

static uint64_t stop_not_held(const struct ks_kernel_call *call, const struct ks_wdf_object *object)
{
    return ks_wdf_violation(call, WDF_INVALID_LOCK_OPERATION, object->handle, RELEASED_BY_ANOTHER,
                            "released a framework lock that the thread does not hold");
}

// ---- spin locks ----

// WdfSpinLockCreate(Globals, SpinLockAttributes, SpinLock)
uint64_t ks_wdf_lock_create_spin(const struct ks_kernel_call *call)
{
    return create(call, KS_WDF_SPIN_LOCK);
}

// On the one processor nobody else can hold it: whoever does raised the IRQL, and still runs.
static uint64_t acquire_spin(const struct ks_kernel_call *call, struct ks_wdf_object *object)
{
    struct ks_nt *nt = ks_nt(call->world);
    if (object->data.lock.held) {
        return stop_recursive(call, object);
    }
    object->data.lock.held = true;
    object->data.lock.irql = nt->irql;
    nt->irql = nt->irql > DISPATCH_LEVEL ? nt->irql : DISPATCH_LEVEL;
    return 0;
}

static uint64_t release_spin(const struct ks_kernel_call *call, struct ks_wdf_object *object)
{
    if (!object->data.lock.held) {
        return stop_not_held(call, object);
    }
    object->data.lock.held = false;
    ks_nt(call->world)->irql = object->data.lock.irql;
    return 0;
}

// WdfSpinLockAcquire(Globals, SpinLock)
uint64_t ks_wdf_lock_acquire_spin(const struct ks_kernel_call *call)
{
    struct ks_wdf_object *object = ks_wdf_argument(call, 1, KS_WDF_SPIN_LOCK);
    return object != NULL ? acquire_spin(call, object) : 0;
}

// WdfSpinLockRelease(Globals, SpinLock)
uint64_t ks_wdf_lock_release_spin(const struct ks_kernel_call *call)
{
    struct ks_wdf_object *object = ks_wdf_argument(call, 1, KS_WDF_SPIN_LOCK);
    return object != NULL ? release_spin(call, object) : 0;
}

// ---- wait locks ----

// WdfWaitLockCreate(Globals, LockAttributes, Lock)
uint64_t ks_wdf_lock_create_wait(const struct ks_kernel_call *call)
{
    return create(call, KS_WDF_WAIT_LOCK);
}

// WdfWaitLockAcquire(Globals, Lock, Timeout): whoever holds it is in a critical region.
uint64_t ks_wdf_lock_acquire_wait(const struct ks_kernel_call *call)
{
    struct ks_wdf_object *object = ks_wdf_argument(call, 1, KS_WDF_WAIT_LOCK);
    if (object == NULL) {
        return 0;
    }
    uint64_t thread = ks_ke_current_thread(call->world);
    if (object->data.lock.owner == thread) {
        return stop_recursive(call, object);
    }
    const uint64_t wait[] = {object->data.lock.event, Executive, KernelMode, FALSE,
                             call->arguments[2]};
    ks_wdf_object_reference(object); // it may be deleted meanwhile
    ks_io_run(call, "KeEnterCriticalRegion", wait);
    uint64_t status = ks_io_run(call, "KeWaitForSingleObject", wait);
    if (status == STATUS_SUCCESS && !kldr_loader_stopped(kldr_world_loader(call->world), NULL)) {
        object->data.lock.owner = thread;
    } else {
        ks_io_run(call, "KeLeaveCriticalRegion", wait);
    }
    ks_wdf_object_release(call, object);
    return status;
}

// WdfWaitLockRelease(Globals, Lock)
uint64_t ks_wdf_lock_release_wait(const struct ks_kernel_call *call)
{
    struct ks_wdf_object *object = ks_wdf_argument(call, 1, KS_WDF_WAIT_LOCK);
    if (object == NULL) {
        return 0;
    }
    if (object->data.lock.owner != ks_ke_current_thread(call->world)) {
        return stop_not_held(call, object);
    }
    const uint64_t set[] = {object->data.lock.event, 0, FALSE};
    object->data.lock.owner = 0;
    ks_io_run(call, "KeSetEvent", set);
    ks_io_run(call, "KeLeaveCriticalRegion", set);
    return 0;
}
