// SPDX-License-Identifier: MIT
// FsRtl: making and ending FILE_LOCKs, asking what byte range locks forbid, and listing them.

#include "kernel/fs/fsrtl_lock.h"

#include "kernel/ke/ke.h"
#include "world/world_object.h"

#include <string.h>

#define TAG_LOCK 0x6B4C7346u // 'FsLk'

// ---- life ----

// FsRtlInitializeFileLock(FileLock, CompleteLockIrpRoutine, UnlockRoutine)
uint64_t ks_fsrtl_lock_initialize(const struct ks_kernel_call *call)
{
    FILE_LOCK *lock = ks_guest_pointer(call->arguments[0]);
    *lock = (FILE_LOCK){.CompleteLockIrpRoutine =
                            (PCOMPLETE_LOCK_IRP_ROUTINE)(uintptr_t)call->arguments[1],
                        .UnlockRoutine = (PUNLOCK_ROUTINE)(uintptr_t)call->arguments[2]};
    return 0;
}

// Locks go without a word; requests that wait end.
uint64_t ks_fsrtl_lock_uninitialize(const struct ks_kernel_call *call)
{
    const struct ks_io_actor actor = {call->world, call->caller};
    struct ks_fsrtl_lock **link = &ks_io_state(call->world)->locks;
    while (*link != NULL) {
        struct ks_fsrtl_lock *lock = *link;
        uint64_t irp = lock->irp;
        if (lock->file_lock != call->arguments[0]) {
            link = &lock->next;
            continue;
        }
        *link = lock->next;
        call->world->allocator.release(call->world->allocator.user, lock);
        if (irp != 0) {
            IRP *waiting = ks_guest_pointer(irp);
            waiting->CancelRoutine = NULL;
            waiting->IoStatus.Status = STATUS_RANGE_NOT_LOCKED;
            ks_io_complete(&actor, irp);
            link = &ks_io_state(call->world)->locks;
        }
    }
    return 0;
}

// FsRtlAllocateFileLock(CompleteLockIrpRoutine, UnlockRoutine)
uint64_t ks_fsrtl_lock_allocate(const struct ks_kernel_call *call)
{
    uint64_t block = ks_ex_take(call, sizeof(FILE_LOCK), TAG_LOCK);
    if (block != 0) {
        const uint64_t arguments[] = {block, call->arguments[0], call->arguments[1]};
        ks_io_run(call, "FsRtlInitializeFileLock", arguments);
    }
    return block;
}

uint64_t ks_fsrtl_lock_free(const struct ks_kernel_call *call)
{
    const uint64_t arguments[] = {call->arguments[0], TAG_LOCK};
    ks_fsrtl_lock_uninitialize(call);
    return ks_io_run(call, "ExFreePoolWithTag", arguments);
}

// ---- what is forbidden ----

struct access {
    uint64_t file_lock;
    struct ks_fsrtl_range range;
    struct ks_fsrtl_owner owner;
    bool write;
};

static bool touches(const struct ks_fsrtl_lock *lock, const struct access *access)
{
    return lock->irp == 0 && lock->file_lock == access->file_lock && lock->range.length != 0 &&
           access->range.length != 0 &&
           lock->range.start <= access->range.start + (access->range.length - 1) &&
           access->range.start <= lock->range.start + (lock->range.length - 1);
}

// An exclusive lock is for its owner alone; what is locked for sharing is written by nobody.
static bool is_allowed(struct kldr_world *world, const struct access *access)
{
    for (const struct ks_fsrtl_lock *lock = ks_io_state(world)->locks; lock != NULL;
         lock = lock->next) {
        bool own = lock->owner.file == access->owner.file &&
                   lock->owner.process == access->owner.process &&
                   lock->owner.key == access->owner.key;
        if (touches(lock, access) && (lock->exclusive ? !own : access->write)) {
            return false;
        }
    }
    return true;
}

// (FileLock, Irp)
static uint64_t check_request(const struct ks_kernel_call *call, bool write)
{
    const IRP *irp = ks_guest_pointer(call->arguments[1]);
    const IO_STACK_LOCATION *location = irp->Tail.Overlay.CurrentStackLocation;
    const struct access access = {.file_lock = call->arguments[0],
                                  .range = {(uint64_t)location->Parameters.Read.ByteOffset.QuadPart,
                                            location->Parameters.Read.Length},
                                  .owner = {ks_io_address(location->FileObject),
                                            ks_ke_system_process(call->world),
                                            location->Parameters.Read.Key},
                                  .write = write};
    return is_allowed(call->world, &access);
}

uint64_t ks_fsrtl_lock_check_read(const struct ks_kernel_call *call)
{
    return check_request(call, false);
}

uint64_t ks_fsrtl_lock_check_write(const struct ks_kernel_call *call)
{
    return check_request(call, true);
}

// (FileLock, StartingByte, Length, Key, FileObject, Process)
static uint64_t check_fast(const struct ks_kernel_call *call, bool write)
{
    const uint64_t *a = call->arguments;
    const struct access access = {.file_lock = a[0],
                                  .range = {ks_guest_number(a[1], 8), ks_guest_number(a[2], 8)},
                                  .owner = {a[4], a[5], (uint32_t)a[3]},
                                  .write = write};
    return is_allowed(call->world, &access);
}

uint64_t ks_fsrtl_lock_fast_check_read(const struct ks_kernel_call *call)
{
    return check_fast(call, false);
}

uint64_t ks_fsrtl_lock_fast_check_write(const struct ks_kernel_call *call)
{
    return check_fast(call, true);
}

// ---- listing ----

void ks_fsrtl_lock_fill(const struct ks_fsrtl_lock *lock, FILE_LOCK_INFO *to)
{
    memset(to, 0, sizeof *to);
    to->StartingByte.QuadPart = (LONGLONG)lock->range.start;
    to->Length.QuadPart = (LONGLONG)lock->range.length;
    to->EndingByte.QuadPart = (LONGLONG)(lock->range.start + lock->range.length - 1);
    to->ExclusiveLock = lock->exclusive;
    to->Key = lock->owner.key;
    to->FileObject = ks_guest_pointer(lock->owner.file);
    to->ProcessId = ks_guest_pointer(lock->owner.process);
}

// FsRtlGetNextFileLock(FileLock, Restart): in order of granting, one with each call. The number of
// the last one is kept where the FILE_LOCK has room for it.
uint64_t ks_fsrtl_lock_get_next(const struct ks_kernel_call *call)
{
    FILE_LOCK *file_lock = ks_guest_pointer(call->arguments[0]);
    uintptr_t skip = (call->arguments[1] & 0xFF) != 0 ? 0 : (uintptr_t)file_lock->LastReturnedLock;
    uintptr_t seen = 0;
    for (const struct ks_fsrtl_lock *lock = ks_io_state(call->world)->locks; lock != NULL;
         lock = lock->next) {
        if (lock->file_lock == call->arguments[0] && lock->irp == 0 && seen++ == skip) {
            ks_fsrtl_lock_fill(lock, &file_lock->LastReturnedLockInfo);
            file_lock->LastReturnedLock = ks_guest_pointer(seen);
            return ks_io_address(&file_lock->LastReturnedLockInfo);
        }
    }
    return 0;
}
