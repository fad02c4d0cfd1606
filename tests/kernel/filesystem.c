// SPDX-License-Identifier: MIT
// A small file system: it is mounted on a disk, its one file is cached, and has byte range locks.
#include "check.h"

DECLSPEC_IMPORT PEPROCESS NTAPI IoGetCurrentProcess(void);

#define UNRECOGNIZED ((NTSTATUS)0xC000014F)

static PDEVICE_OBJECT disk, control, volume;
static SECTION_OBJECT_POINTERS pointers;
static FSRTL_COMMON_FCB_HEADER header;
static CC_FILE_SIZES sizes;
static CACHE_MANAGER_CALLBACKS callbacks;
static FILE_LOCK lock;
static UCHAR data[3 * PAGE_SIZE];
static int mounts, paging_reads, paging_writes, unlocked;
static BOOLEAN gone;
static IO_STATUS_BLOCK block;

// ---- the file system ----

static NTSTATUS finish(PIRP irp, NTSTATUS status, ULONG_PTR information)
{
    irp->IoStatus.Status = status;
    irp->IoStatus.Information = information;
    IoCompleteRequest(irp, IO_NO_INCREMENT);
    return status;
}

static NTSTATUS mount(PIRP irp, PIO_STACK_LOCATION location)
{
    PVPB vpb = location->Parameters.MountVolume.Vpb;
    CHECK(location->MinorFunction == IRP_MN_MOUNT_VOLUME && vpb->RealDevice == disk);
    CHECK(location->Parameters.MountVolume.DeviceObject == disk);
    if (++mounts == 1) {
        return finish(irp, UNRECOGNIZED, 0);
    }
    CHECK(IoCreateDevice(control->DriverObject, 0, NULL, FILE_DEVICE_DISK_FILE_SYSTEM, 0, FALSE,
                         &volume) == STATUS_SUCCESS);
    volume->StackSize = (CCHAR)(disk->StackSize + 1);
    volume->Flags &= ~(ULONG)DO_DEVICE_INITIALIZING;
    vpb->DeviceObject = volume;
    return finish(irp, STATUS_SUCCESS, 0);
}

static NTSTATUS create(PIRP irp, PFILE_OBJECT file)
{
    file->FsContext = &header;
    file->SectionObjectPointer = &pointers;
    file->Vpb = disk->Vpb;
    CcInitializeCacheMap(file, &sizes, FALSE, &callbacks, NULL);
    CHECK(CcIsFileCached(file));
    return finish(irp, STATUS_SUCCESS, FILE_OPENED);
}

static NTSTATUS page(PIRP irp, PIO_STACK_LOCATION location, BOOLEAN write)
{
    PUCHAR bytes = MmGetSystemAddressForMdlSafe(irp->MdlAddress, NormalPagePriority);
    ULONG at = location->Parameters.Read.ByteOffset.u.LowPart;
    ULONG length = location->Parameters.Read.Length;
    CHECK((irp->Flags & (IRP_PAGING_IO | IRP_NOCACHE)) == (IRP_PAGING_IO | IRP_NOCACHE));
    CHECK(length % PAGE_SIZE == 0 && at % PAGE_SIZE == 0);
    if (write) {
        paging_writes++;
        RtlCopyMemory(data + at, bytes, length);
    } else {
        paging_reads++;
        RtlCopyMemory(bytes, data + at, length);
    }
    return finish(irp, STATUS_SUCCESS, length);
}

static NTSTATUS read(PIRP irp, PIO_STACK_LOCATION location)
{
    if (!FsRtlCheckLockForReadAccess(&lock, irp)) {
        return finish(irp, STATUS_FILE_LOCK_CONFLICT, 0);
    }
    if (location->Parameters.Read.ByteOffset.QuadPart >= sizes.FileSize.QuadPart) {
        return finish(irp, STATUS_END_OF_FILE, 0);
    }
    CHECK(CcCopyRead(location->FileObject, &location->Parameters.Read.ByteOffset,
                     location->Parameters.Read.Length, TRUE, irp->UserBuffer, &irp->IoStatus));
    return finish(irp, irp->IoStatus.Status, irp->IoStatus.Information);
}

static NTSTATUS write(PIRP irp, PIO_STACK_LOCATION location)
{
    LONGLONG end =
        location->Parameters.Write.ByteOffset.QuadPart + location->Parameters.Write.Length;
    if (!FsRtlCheckLockForWriteAccess(&lock, irp)) {
        return finish(irp, STATUS_FILE_LOCK_CONFLICT, 0);
    }
    if (end > sizes.FileSize.QuadPart) {
        sizes.FileSize.QuadPart = sizes.ValidDataLength.QuadPart = end;
        CcSetFileSizes(location->FileObject, &sizes);
    }
    CHECK(CcCanIWrite(location->FileObject, location->Parameters.Write.Length, TRUE, FALSE));
    CHECK(CcCopyWrite(location->FileObject, &location->Parameters.Write.ByteOffset,
                      location->Parameters.Write.Length, TRUE, irp->UserBuffer));
    return finish(irp, STATUS_SUCCESS, location->Parameters.Write.Length);
}

static NTSTATUS cleanup(PIRP irp, PFILE_OBJECT file)
{
    FsRtlFastUnlockAll(&lock, file, IoGetRequestorProcess(irp), NULL);
    gone = CcUninitializeCacheMap(file, NULL, NULL);
    return finish(irp, STATUS_SUCCESS, 0);
}

static NTSTATUS NTAPI dispatch(PDEVICE_OBJECT device, PIRP irp)
{
    PIO_STACK_LOCATION location = IoGetCurrentIrpStackLocation(irp);
    BOOLEAN paging = (irp->Flags & IRP_PAGING_IO) != 0;
    if (device == control) {
        return mount(irp, location);
    }
    switch (location->MajorFunction) {
    case IRP_MJ_CREATE:
        return device == volume ? create(irp, location->FileObject)
                                : finish(irp, STATUS_SUCCESS, 0);
    case IRP_MJ_READ:
        return paging ? page(irp, location, FALSE) : read(irp, location);
    case IRP_MJ_WRITE:
        return paging ? page(irp, location, TRUE) : write(irp, location);
    case IRP_MJ_LOCK_CONTROL:
        return FsRtlProcessFileLock(&lock, irp, NULL);
    case IRP_MJ_CLEANUP:
        return device == volume ? cleanup(irp, location->FileObject)
                                : finish(irp, STATUS_SUCCESS, 0);
    default:
        return finish(irp, STATUS_SUCCESS, 0);
    }
}

// ---- the cache ----

static NTSTATUS open(PHANDLE file)
{
    UNICODE_STRING name;
    OBJECT_ATTRIBUTES given;
    RtlInitUnicodeString(&name, L"\\Device\\TestDisk\\file");
    InitializeObjectAttributes(&given, &name, OBJ_CASE_INSENSITIVE | OBJ_KERNEL_HANDLE, NULL, NULL);
    return ZwOpenFile(file, GENERIC_READ | GENERIC_WRITE | SYNCHRONIZE, &given, &block, 0,
                      FILE_SYNCHRONOUS_IO_NONALERT);
}

static NTSTATUS transfer(HANDLE file, LONGLONG at, char *bytes, ULONG size, BOOLEAN write)
{
    LARGE_INTEGER offset;
    offset.QuadPart = at;
    return write ? ZwWriteFile(file, NULL, NULL, NULL, &block, bytes, size, &offset, NULL)
                 : ZwReadFile(file, NULL, NULL, NULL, &block, bytes, size, &offset, NULL);
}

static void check_cache(HANDLE file, PFILE_OBJECT object)
{
    char text[8] = {0};
    LARGE_INTEGER at;
    CHECK(transfer(file, 1, text, 3, FALSE) == STATUS_SUCCESS && block.Information == 3);
    CHECK(memcmp(text, "bcd", 3) == 0 && paging_reads == 1);
    CHECK(transfer(file, 0, text, 3, FALSE) == STATUS_SUCCESS && paging_reads == 1); // cached
    CHECK(transfer(file, 4094, text, 8, FALSE) == STATUS_SUCCESS && block.Information == 6);
    CHECK(paging_reads == 2);
    CHECK(transfer(file, 4100, text, 8, FALSE) == STATUS_END_OF_FILE);
    CHECK(transfer(file, 2, "XY", 2, TRUE) == STATUS_SUCCESS && paging_writes == 1);
    CHECK(memcmp(data, "abXYe", 5) == 0);
    CHECK(transfer(file, 8190, "1234", 4, TRUE) == STATUS_SUCCESS); // the file grows
    CHECK(memcmp(data + 8190, "1234", 4) == 0 && sizes.FileSize.QuadPart == 8194);
    data[0] = 'Z'; // behind the cache's back
    CHECK(transfer(file, 0, text, 1, FALSE) == STATUS_SUCCESS && text[0] == 'a');
    at.QuadPart = 0;
    CcFlushCache(&pointers, NULL, 0, &block);
    CHECK(block.Status == STATUS_SUCCESS && data[0] == 'Z');
    CHECK(CcPurgeCacheSection(&pointers, &at, 1, 0));
    CHECK(!CcCopyRead(object, &at, 1, FALSE, text, &block)); // not without waiting
    CHECK(transfer(file, 0, text, 1, FALSE) == STATUS_SUCCESS && text[0] == 'Z');
    CHECK(CcCopyRead(object, &at, 1, FALSE, text, &block) && block.Information == 1);
    CHECK(CcPurgeCacheSection(&pointers, NULL, 0, 0));
}

// ---- locks ----

static PEPROCESS process;

static NTSTATUS take(PFILE_OBJECT object, LONGLONG at, LONGLONG size, ULONG key, BOOLEAN exclusive)
{
    LARGE_INTEGER offset, length;
    offset.QuadPart = at;
    length.QuadPart = size;
    CHECK(FsRtlPrivateLock(&lock, object, &offset, &length, process, key, TRUE, exclusive, &block,
                           NULL, NULL, FALSE));
    return block.Status;
}

static NTSTATUS give(PFILE_OBJECT object, LONGLONG at, LONGLONG size, ULONG key)
{
    LARGE_INTEGER offset, length;
    offset.QuadPart = at;
    length.QuadPart = size;
    return FsRtlFastUnlockSingle(&lock, object, &offset, &length, process, key, NULL, FALSE);
}

static VOID NTAPI on_unlock(PVOID context, PFILE_LOCK_INFO info)
{
    CHECK(context == NULL && info->Length.QuadPart != 0);
    unlocked++;
}

static void check_locks(HANDLE file, PFILE_OBJECT object, PFILE_OBJECT other)
{
    char byte = 0;
    LARGE_INTEGER at, length;
    CHECK(FsRtlGetNextFileLock(&lock, TRUE) == NULL && !lock.FastIoIsQuestionable);
    CHECK(take(other, 10, 10, 0, TRUE) == STATUS_SUCCESS && lock.FastIoIsQuestionable);
    CHECK(take(object, 19, 1, 0, FALSE) == STATUS_LOCK_NOT_GRANTED);
    CHECK(take(object, 20, 5, 7, FALSE) == STATUS_SUCCESS);
    CHECK(take(other, 20, 5, 0, FALSE) == STATUS_SUCCESS);
    CHECK(transfer(file, 15, &byte, 1, FALSE) == STATUS_FILE_LOCK_CONFLICT);
    CHECK(transfer(file, 21, &byte, 1, FALSE) == STATUS_SUCCESS);
    CHECK(transfer(file, 21, &byte, 1, TRUE) == STATUS_FILE_LOCK_CONFLICT);
    at.QuadPart = 12;
    length.QuadPart = 2;
    CHECK(FsRtlFastCheckLockForRead(&lock, &at, &length, 0, other, process));
    CHECK(!FsRtlFastCheckLockForRead(&lock, &at, &length, 1, other, process));
    CHECK(FsRtlFastCheckLockForWrite(&lock, &at, &length, 0, other, process));
    CHECK(!FsRtlFastCheckLockForWrite(&lock, &at, &length, 0, object, process));
    PFILE_LOCK_INFO info = FsRtlGetNextFileLock(&lock, TRUE);
    CHECK(info != NULL && info->StartingByte.QuadPart == 10 && info->ExclusiveLock);
    CHECK(info->EndingByte.QuadPart == 19 && info->FileObject == other);
    info = FsRtlGetNextFileLock(&lock, FALSE);
    CHECK(info != NULL && info->Key == 7 && FsRtlGetNextFileLock(&lock, FALSE) != NULL);
    CHECK(FsRtlGetNextFileLock(&lock, FALSE) == NULL);
    CHECK(give(object, 20, 4, 7) == STATUS_RANGE_NOT_LOCKED);
    CHECK(give(object, 20, 5, 7) == STATUS_SUCCESS && unlocked == 1);
    CHECK(FsRtlFastUnlockAllByKey(&lock, other, process, 3, NULL) == STATUS_RANGE_NOT_LOCKED);
    CHECK(FsRtlFastUnlockAllByKey(&lock, other, process, 0, NULL) == STATUS_SUCCESS);
    CHECK(FsRtlFastUnlockAll(&lock, other, process, NULL) == STATUS_RANGE_NOT_LOCKED);
    CHECK(unlocked == 3 && !lock.FastIoIsQuestionable);
}

static NTSTATUS NTAPI on_done(PDEVICE_OBJECT device, PIRP irp, PVOID context)
{
    UNREFERENCED_PARAMETER(device);
    *(NTSTATUS *)context = irp->IoStatus.Status;
    return STATUS_MORE_PROCESSING_REQUIRED;
}

static NTSTATUS lock_by_request(PIRP irp, PFILE_OBJECT object, PLARGE_INTEGER length, UCHAR flags,
                                NTSTATUS *done)
{
    PIO_STACK_LOCATION location = IoGetNextIrpStackLocation(irp);
    location->MajorFunction = IRP_MJ_LOCK_CONTROL;
    location->MinorFunction = IRP_MN_LOCK;
    location->Flags = flags;
    location->FileObject = object;
    location->Parameters.LockControl.Length = length;
    location->Parameters.LockControl.ByteOffset.QuadPart = 100;
    IoSetCompletionRoutine(irp, on_done, done, TRUE, TRUE, TRUE);
    *done = STATUS_PENDING;
    return IoCallDriver(volume, irp);
}

static void check_waiting(PFILE_OBJECT object, PFILE_OBJECT other)
{
    PIRP first = IoAllocateIrp(volume->StackSize, FALSE);
    PIRP second = IoAllocateIrp(volume->StackSize, FALSE);
    NTSTATUS first_done, second_done;
    LARGE_INTEGER length;
    length.QuadPart = 10;
    CHECK(take(object, 100, 10, 0, TRUE) == STATUS_SUCCESS);
    CHECK(lock_by_request(first, other, &length, SL_FAIL_IMMEDIATELY, &first_done) ==
          STATUS_LOCK_NOT_GRANTED);
    CHECK(first_done == STATUS_LOCK_NOT_GRANTED);
    IoReuseIrp(first, STATUS_SUCCESS);
    CHECK(lock_by_request(first, other, &length, SL_EXCLUSIVE_LOCK, &first_done) == STATUS_PENDING);
    CHECK(lock_by_request(second, other, &length, 0, &second_done) == STATUS_PENDING);
    CHECK(first_done == STATUS_PENDING && IoCancelIrp(second));
    CHECK(second_done == STATUS_CANCELLED);
    CHECK(give(object, 100, 10, 0) == STATUS_SUCCESS && first_done == STATUS_SUCCESS);
    CHECK(give(other, 100, 10, 0) == STATUS_SUCCESS);
    IoFreeIrp(first);
    IoFreeIrp(second);
}

static void check_allocated(PFILE_OBJECT object)
{
    PFILE_LOCK own = FsRtlAllocateFileLock(NULL, NULL);
    LARGE_INTEGER at, length;
    at.QuadPart = 0;
    length.QuadPart = 5;
    CHECK(own != NULL && FsRtlPrivateLock(own, object, &at, &length, process, 0, TRUE, TRUE, &block,
                                          NULL, NULL, FALSE));
    CHECK(FsRtlGetNextFileLock(own, TRUE) != NULL);
    FsRtlFreeFileLock(own);
}

static void check_disk(void)
{
    HANDLE file, second;
    PFILE_OBJECT object, other;
    CHECK(open(&file) == STATUS_SUCCESS && mounts == 1 && volume == NULL); // not recognized: raw
    ZwClose(file);
    CHECK(open(&file) == STATUS_SUCCESS && mounts == 2 && (disk->Vpb->Flags & VPB_MOUNTED) != 0);
    CHECK(open(&second) == STATUS_SUCCESS && mounts == 2);
    CHECK(ObReferenceObjectByHandle(file, 0, *IoFileObjectType, KernelMode, (PVOID *)&object,
                                    NULL) == STATUS_SUCCESS);
    CHECK(ObReferenceObjectByHandle(second, 0, *IoFileObjectType, KernelMode, (PVOID *)&other,
                                    NULL) == STATUS_SUCCESS);
    CHECK(object->DeviceObject == disk && IoGetRelatedDeviceObject(object) == volume);
    check_cache(file, object);
    check_locks(file, object, other);
    check_waiting(object, other);
    check_allocated(object);
    ObDereferenceObject(object);
    ObDereferenceObject(other);
    ZwClose(file);
    CHECK(!gone);
    ZwClose(second);
    CHECK(gone && pointers.SharedCacheMap == NULL);
}

static void check(PDRIVER_OBJECT driver, PUNICODE_STRING path)
{
    UNICODE_STRING name;
    UNREFERENCED_PARAMETER(path);
    for (int i = 0; i <= IRP_MJ_MAXIMUM_FUNCTION; i++) {
        driver->MajorFunction[i] = dispatch;
    }
    RtlCopyMemory(data, "abcdef", 6);
    sizes.FileSize.QuadPart = sizes.ValidDataLength.QuadPart = 4100;
    process = IoGetCurrentProcess();
    FsRtlInitializeFileLock(&lock, NULL, on_unlock);
    RtlInitUnicodeString(&name, L"\\Device\\TestDisk");
    CHECK(IoCreateDevice(driver, 0, &name, FILE_DEVICE_DISK, 0, FALSE, &disk) == STATUS_SUCCESS);
    disk->Flags &= ~(ULONG)DO_DEVICE_INITIALIZING;
    CHECK(IoCreateDevice(driver, 0, NULL, FILE_DEVICE_DISK_FILE_SYSTEM, 0, FALSE, &control) ==
          STATUS_SUCCESS);
    IoRegisterFileSystem(control);
    check_disk();
    FsRtlUninitializeFileLock(&lock);
    IoUnregisterFileSystem(control);
    IoDeleteDevice(volume);
    IoDeleteDevice(control);
    IoDeleteDevice(disk);
}
