// SPDX-License-Identifier: MIT
// Remove locks: a count of who uses a device, and an event for when nobody does any more. The count
// begins with one for the device itself.

#include "kernel/io/io_state.h"

#include "kernel/ke/ke.h"

static IO_REMOVE_LOCK_COMMON_BLOCK *common(const struct ks_kernel_call *call)
{
    return &((IO_REMOVE_LOCK *)ks_guest_pointer(call->arguments[0]))->Common;
}

// IoInitializeRemoveLockEx(Lock, AllocateTag, MaxLockedMinutes, HighWatermark, RemlockSize)
uint64_t ks_io_lock_initialize(const struct ks_kernel_call *call)
{
    IO_REMOVE_LOCK_COMMON_BLOCK *lock = common(call);
    lock->Removed = FALSE;
    lock->IoCount = 1;
    ks_ke_event_init(ks_io_address(&lock->RemoveEvent), true, false);
    return 0;
}

static void give_back(const struct ks_kernel_call *call, IO_REMOVE_LOCK_COMMON_BLOCK *lock)
{
    if (--lock->IoCount == 0) {
        ks_ke_event_set(call->world, ks_io_address(&lock->RemoveEvent));
    }
}

// IoAcquireRemoveLockEx(RemoveLock, Tag, File, Line, RemlockSize)
uint64_t ks_io_lock_acquire(const struct ks_kernel_call *call)
{
    IO_REMOVE_LOCK_COMMON_BLOCK *lock = common(call);
    lock->IoCount++;
    if (!lock->Removed) {
        return STATUS_SUCCESS;
    }
    give_back(call, lock);
    return (uint32_t)STATUS_DELETE_PENDING;
}

// IoReleaseRemoveLockEx(RemoveLock, Tag, RemlockSize)
uint64_t ks_io_lock_release(const struct ks_kernel_call *call)
{
    give_back(call, common(call));
    return 0;
}

// IoReleaseRemoveLockAndWaitEx(RemoveLock, Tag, RemlockSize): the caller's own, and the device's.
uint64_t ks_io_lock_release_and_wait(const struct ks_kernel_call *call)
{
    IO_REMOVE_LOCK_COMMON_BLOCK *lock = common(call);
    lock->Removed = TRUE;
    lock->IoCount -= 2;
    if (lock->IoCount > 0) {
        ks_ke_wait(call->world, ks_io_address(&lock->RemoveEvent), NULL, false);
    }
    return 0;
}
