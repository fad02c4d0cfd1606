// SPDX-License-Identifier: MIT
// FsRtl: byte range locks, which file systems keep in a FILE_LOCK for each file.

#include "kernel/fs/fsrtl_lock.h"

#include "kernel/ke/ke.h"
#include "kernel/ob/ob_call.h"
#include "world/world_object.h"

#define TAG_LOCK   0x6B4C7346u // 'FsLk'
#define MOST_LOCKS 65536u      // of a world

// ---- the list ----

static struct ks_fsrtl_lock **list_of(struct kldr_world *world)
{
    return &ks_io_state(world)->locks;
}

void ks_fsrtl_lock_free_all(struct kldr_world *world, struct ks_io_state *state)
{
    while (state->locks != NULL) {
        struct ks_fsrtl_lock *lock = state->locks;
        state->locks = lock->next;
        world->allocator.release(world->allocator.user, lock);
    }
}

static bool overlaps(struct ks_fsrtl_range a, struct ks_fsrtl_range b)
{
    return a.length != 0 && b.length != 0 && a.start <= b.start + (b.length - 1) &&
           b.start <= a.start + (a.length - 1);
}

static bool same_owner(const struct ks_fsrtl_owner *a, const struct ks_fsrtl_owner *b)
{
    return a->file == b->file && a->process == b->process && a->key == b->key;
}

// An exclusive lock bears no other; a shared one bears shared ones, and its owner's exclusive ones.
static bool conflicts(const struct ks_fsrtl_lock *there, const struct ks_fsrtl_lock *wanted)
{
    if (there->irp != 0 || there->file_lock != wanted->file_lock ||
        !overlaps(there->range, wanted->range)) {
        return false;
    }
    return wanted->exclusive || (there->exclusive && !same_owner(&there->owner, &wanted->owner));
}

static bool can_be_granted(struct kldr_world *world, const struct ks_fsrtl_lock *wanted)
{
    const struct ks_fsrtl_lock *lock = *list_of(world);
    while (lock != NULL && !conflicts(lock, wanted)) {
        lock = lock->next;
    }
    return lock == NULL;
}

// The state that drivers may look at.
static void show(struct kldr_world *world, uint64_t file_lock)
{
    const struct ks_fsrtl_lock *lock = *list_of(world);
    while (lock != NULL && lock->file_lock != file_lock) {
        lock = lock->next;
    }
    ((FILE_LOCK *)ks_guest_pointer(file_lock))->FastIoIsQuestionable = lock != NULL;
}

static bool add(struct kldr_world *world, const struct ks_fsrtl_lock *plan)
{
    struct ks_fsrtl_lock **link = list_of(world);
    unsigned count = 0;
    struct ks_fsrtl_lock *lock = world->allocator.allocate(world->allocator.user, sizeof *lock);
    for (; *link != NULL; link = &(*link)->next) {
        count++;
    }
    if (lock == NULL || count >= MOST_LOCKS) {
        world->allocator.release(world->allocator.user, lock);
        return false;
    }
    *lock = *plan;
    lock->next = NULL;
    *link = lock;
    FILE_OBJECT *file = ks_guest_pointer(plan->owner.file);
    file->LockOperation = true;
    show(world, plan->file_lock);
    return true;
}

static void drop(struct kldr_world *world, struct ks_fsrtl_lock **link)
{
    struct ks_fsrtl_lock *lock = *link;
    *link = lock->next;
    world->allocator.release(world->allocator.user, lock);
}

// ---- requests ----

// The driver's routine completes the request, or the kernel. False: a lock that was granted is not
// wanted any more.
static bool complete(const struct ks_kernel_call *call, uint64_t file_lock, uint64_t address,
                     uint64_t context, NTSTATUS status)
{
    const struct ks_io_actor actor = {call->world, call->caller};
    const FILE_LOCK *lock = ks_guest_pointer(file_lock);
    IRP *irp = ks_guest_pointer(address);
    uint64_t routine = (uint64_t)(uintptr_t)lock->CompleteLockIrpRoutine, result = 0;
    const uint64_t arguments[] = {context, address};
    irp->IoStatus.Status = status;
    irp->IoStatus.Information = 0;
    if (routine == 0) {
        ks_io_complete(&actor, address);
        return true;
    }
    return ks_nt_call(call->world, routine, arguments, 2, &result) &&
           NT_SUCCESS((NTSTATUS)(uint32_t)result);
}

// The granted lock that is exactly this one. *link NULL: there is none.
static struct ks_fsrtl_lock **find_exact(struct kldr_world *world,
                                         const struct ks_fsrtl_lock *wanted)
{
    struct ks_fsrtl_lock **link = list_of(world);
    while (*link != NULL && ((*link)->irp != 0 || (*link)->file_lock != wanted->file_lock ||
                             !same_owner(&(*link)->owner, &wanted->owner) ||
                             (*link)->range.start != wanted->range.start ||
                             (*link)->range.length != wanted->range.length)) {
        link = &(*link)->next;
    }
    return link;
}

// Those that wait, in their order, now that something was unlocked.
static void grant_waiting(const struct ks_kernel_call *call, uint64_t file_lock)
{
    struct ks_fsrtl_lock *lock = *list_of(call->world);
    while (lock != NULL && !kldr_loader_stopped(call->world->loader, NULL)) {
        if (lock->irp == 0 || lock->file_lock != file_lock || !can_be_granted(call->world, lock)) {
            lock = lock->next;
            continue;
        }
        const struct ks_fsrtl_lock granted = *lock;
        ((IRP *)ks_guest_pointer(lock->irp))->CancelRoutine = NULL;
        lock->irp = 0;
        if (!complete(call, file_lock, granted.irp, granted.context, STATUS_SUCCESS)) {
            struct ks_fsrtl_lock **link = find_exact(call->world, &granted);
            if (*link != NULL) {
                drop(call->world, link);
            }
        }
        lock = *list_of(call->world); // the routine may have changed the list
    }
}

static bool wait_for(const struct ks_kernel_call *call, const struct ks_fsrtl_lock *wanted)
{
    IRP *irp = ks_guest_pointer(wanted->irp);
    if (!add(call->world, wanted)) {
        return false;
    }
    irp->Tail.Overlay.CurrentStackLocation->Control |= SL_PENDING_RETURNED;
    irp->CancelRoutine =
        (PDRIVER_CANCEL)(uintptr_t)ks_nt_routine_address(call->world, "FsRtlpCancelLock");
    return true;
}

// The cancel routine of requests that wait: (DeviceObject, Irp)
uint64_t ks_fsrtl_lock_cancel(const struct ks_kernel_call *call)
{
    const IRP *irp = ks_guest_pointer(call->arguments[1]);
    const uint64_t old_irql[] = {irp->CancelIrql};
    struct ks_fsrtl_lock **link = list_of(call->world);
    ks_io_run(call, "IoReleaseCancelSpinLock", old_irql);
    while (*link != NULL && (*link)->irp != call->arguments[1]) {
        link = &(*link)->next;
    }
    if (*link != NULL) {
        const struct ks_fsrtl_lock lock = **link;
        drop(call->world, link);
        show(call->world, lock.file_lock);
        complete(call, lock.file_lock, lock.irp, lock.context, STATUS_CANCELLED);
    }
    return 0;
}

// ---- locking ----

// STATUS_PENDING: it waits.
static NTSTATUS lock_range(const struct ks_kernel_call *call, struct ks_fsrtl_lock *wanted,
                           bool fail_immediately)
{
    uint64_t irp = wanted->irp;
    if (can_be_granted(call->world, wanted)) {
        wanted->irp = 0;
        return add(call->world, wanted) ? STATUS_SUCCESS : STATUS_INSUFFICIENT_RESOURCES;
    }
    if (fail_immediately || irp == 0) {
        return STATUS_LOCK_NOT_GRANTED;
    }
    return wait_for(call, wanted) ? STATUS_PENDING : STATUS_INSUFFICIENT_RESOURCES;
}

// FsRtlPrivateLock(FileLock, FileObject, FileOffset, Length, Process, Key, FailImmediately,
// ExclusiveLock, Iosb, Irp, Context, AlreadySynchronized): TRUE when it is decided, FALSE when it
// waits, or would have to without a request.
uint64_t ks_fsrtl_lock_private(const struct ks_kernel_call *call)
{
    const uint64_t *a = call->arguments;
    struct ks_fsrtl_lock wanted = {.file_lock = a[0],
                                   .range = {ks_guest_number(a[2], 8), ks_guest_number(a[3], 8)},
                                   .owner = {a[1], a[4], (uint32_t)a[5]},
                                   .exclusive = (a[7] & 0xFF) != 0,
                                   .irp = a[9],
                                   .context = a[10]};
    IO_STATUS_BLOCK *block = ks_guest_pointer(a[8]);
    bool fails = (a[6] & 0xFF) != 0;
    ks_ob_probe(a[8], sizeof *block);
    NTSTATUS status = lock_range(call, &wanted, fails);
    block->Status = status;
    block->Information = 0;
    if (a[9] == 0) {
        return status != STATUS_LOCK_NOT_GRANTED || fails;
    }
    if (status != STATUS_PENDING) {
        complete(call, a[0], a[9], a[10], status);
    }
    return status != STATUS_PENDING;
}

// ---- unlocking ----

static void tell_unlocked(const struct ks_kernel_call *call, const struct ks_fsrtl_lock *lock,
                          uint64_t context)
{
    const FILE_LOCK *file_lock = ks_guest_pointer(lock->file_lock);
    uint64_t routine = (uint64_t)(uintptr_t)file_lock->UnlockRoutine;
    uint64_t block = routine != 0 ? ks_nt_take(call->world, sizeof(FILE_LOCK_INFO), TAG_LOCK) : 0;
    if (block == 0) {
        return;
    }
    ks_fsrtl_lock_fill(lock, ks_guest_pointer(block));
    const uint64_t arguments[] = {context, block};
    ks_nt_call(call->world, routine, arguments, 2, NULL);
    ks_nt_give(call->world, block);
}

static NTSTATUS unlock_single(const struct ks_kernel_call *call, const struct ks_fsrtl_lock *wanted)
{
    struct ks_fsrtl_lock **link = find_exact(call->world, wanted);
    if (*link == NULL) {
        return STATUS_RANGE_NOT_LOCKED;
    }
    const struct ks_fsrtl_lock lock = **link;
    drop(call->world, link);
    show(call->world, wanted->file_lock);
    tell_unlocked(call, &lock, wanted->context);
    grant_waiting(call, wanted->file_lock);
    return STATUS_SUCCESS;
}

// All of a file object and process, or those with a key; requests that wait go, too.
static NTSTATUS unlock_all(const struct ks_kernel_call *call, const struct ks_fsrtl_lock *whose,
                           bool by_key)
{
    struct ks_fsrtl_lock **link = list_of(call->world);
    NTSTATUS status = STATUS_RANGE_NOT_LOCKED;
    while (*link != NULL) {
        const struct ks_fsrtl_lock lock = **link;
        if (lock.file_lock != whose->file_lock || lock.owner.file != whose->owner.file ||
            lock.owner.process != whose->owner.process ||
            (by_key && lock.owner.key != whose->owner.key)) {
            link = &(*link)->next;
            continue;
        }
        drop(call->world, link);
        status = STATUS_SUCCESS;
        if (lock.irp == 0) {
            tell_unlocked(call, &lock, whose->context);
        } else {
            ((IRP *)ks_guest_pointer(lock.irp))->CancelRoutine = NULL;
            complete(call, lock.file_lock, lock.irp, lock.context, STATUS_RANGE_NOT_LOCKED);
        }
        if (kldr_loader_stopped(call->world->loader, NULL)) {
            return status;
        }
        link = list_of(call->world);
    }
    show(call->world, whose->file_lock);
    grant_waiting(call, whose->file_lock);
    return status;
}

// FsRtlFastUnlockSingle(FileLock, FileObject, FileOffset, Length, Process, Key, Context, ...)
uint64_t ks_fsrtl_lock_unlock_single(const struct ks_kernel_call *call)
{
    const uint64_t *a = call->arguments;
    const struct ks_fsrtl_lock wanted = {
        .file_lock = a[0],
        .range = {ks_guest_number(a[2], 8), ks_guest_number(a[3], 8)},
        .owner = {a[1], a[4], (uint32_t)a[5]},
        .context = a[6]};
    return KS_STATUS(unlock_single(call, &wanted));
}

// FsRtlFastUnlockAll(FileLock, FileObject, Process, Context)
uint64_t ks_fsrtl_lock_unlock_all(const struct ks_kernel_call *call)
{
    const uint64_t *a = call->arguments;
    const struct ks_fsrtl_lock whose = {
        .file_lock = a[0], .owner = {a[1], a[2], 0}, .context = a[3]};
    return KS_STATUS(unlock_all(call, &whose, false));
}

// FsRtlFastUnlockAllByKey(FileLock, FileObject, Process, Key, Context)
uint64_t ks_fsrtl_lock_unlock_by_key(const struct ks_kernel_call *call)
{
    const uint64_t *a = call->arguments;
    const struct ks_fsrtl_lock whose = {
        .file_lock = a[0], .owner = {a[1], a[2], (uint32_t)a[3]}, .context = a[4]};
    return KS_STATUS(unlock_all(call, &whose, true));
}

// ---- IRP_MJ_LOCK_CONTROL ----

static NTSTATUS process(const struct ks_kernel_call *call, const IO_STACK_LOCATION *location,
                        struct ks_fsrtl_lock *wanted)
{
    bool fails = (location->Flags & SL_FAIL_IMMEDIATELY) != 0;
    switch (location->MinorFunction) {
    case IRP_MN_LOCK:
        wanted->exclusive = (location->Flags & SL_EXCLUSIVE_LOCK) != 0;
        return lock_range(call, wanted, fails);
    case IRP_MN_UNLOCK_SINGLE:
        return unlock_single(call, wanted);
    case IRP_MN_UNLOCK_ALL:
        return unlock_all(call, wanted, false);
    case IRP_MN_UNLOCK_ALL_BY_KEY:
        return unlock_all(call, wanted, true);
    default:
        return STATUS_INVALID_DEVICE_REQUEST;
    }
}

// FsRtlProcessFileLock(FileLock, Irp, Context): completes the request, or keeps it.
uint64_t ks_fsrtl_lock_process(const struct ks_kernel_call *call)
{
    const uint64_t *a = call->arguments;
    const IRP *irp = ks_guest_pointer(a[1]);
    const IO_STACK_LOCATION *location = irp->Tail.Overlay.CurrentStackLocation;
    bool locks =
        location->MinorFunction == IRP_MN_LOCK || location->MinorFunction == IRP_MN_UNLOCK_SINGLE;
    struct ks_fsrtl_lock wanted = {.file_lock = a[0],
                                   .owner = {ks_io_address(location->FileObject),
                                             ks_ke_system_process(call->world),
                                             location->Parameters.LockControl.Key},
                                   .irp = a[1],
                                   .context = a[2]};
    if (locks) {
        wanted.range.start = (uint64_t)location->Parameters.LockControl.ByteOffset.QuadPart;
        wanted.range.length = (uint64_t)location->Parameters.LockControl.Length->QuadPart;
    }
    NTSTATUS status = process(call, location, &wanted);
    if (status != STATUS_PENDING && !kldr_loader_stopped(call->world->loader, NULL)) {
        complete(call, a[0], a[1], a[2], status);
    }
    return KS_STATUS(status);
}
