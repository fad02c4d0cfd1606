// SPDX-License-Identifier: MIT
// Sizes, offsets and values of a header set: compiled with kldr's headers and with others, the
// numbers must be the same (compare_layouts.cmake).
#include <ntddk.h>
#include <stddef.h>

#include "layout.h"

static void __attribute__((used)) basic(void)
{
    SIZE(ULONG);
    SIZE(LONG);
    SIZE(WCHAR);
    SIZE(BOOLEAN);
    SIZE(NTSTATUS);
    SIZE(KAFFINITY);
    SIZE(KIRQL);
    SIZE(POOL_TYPE);
    SIZE(LARGE_INTEGER);
    SIZE(GUID);
    SIZE(LIST_ENTRY);
    SIZE(UNICODE_STRING);
    FIELD(UNICODE_STRING, MaximumLength);
    FIELD(UNICODE_STRING, Buffer);
    SIZE(OBJECT_ATTRIBUTES);
    FIELD(OBJECT_ATTRIBUTES, Attributes);
    SIZE(IO_STATUS_BLOCK);
    FIELD(IO_STATUS_BLOCK, Information);
    SIZE(RTL_OSVERSIONINFOW);
    SIZE(TIME_FIELDS);
    FIELD(KEY_VALUE_PARTIAL_INFORMATION, Data);
}

static void __attribute__((used)) exceptions(void)
{
    SIZE(EXCEPTION_RECORD);
    FIELD(EXCEPTION_RECORD, NumberParameters);
    FIELD(EXCEPTION_RECORD, ExceptionInformation);
    SIZE(EXCEPTION_POINTERS);
    SIZE(CONTEXT);
    FIELD(CONTEXT, MxCsr);
    FIELD(CONTEXT, SegSs);
    FIELD(CONTEXT, Dr7);
    FIELD(CONTEXT, Rcx);
    FIELD(CONTEXT, R15);
    FIELD(CONTEXT, Rip);
    FIELD(CONTEXT, Xmm15);
    FIELD(CONTEXT, VectorControl);
    SIZE(XMM_SAVE_AREA32);
    VALUE(ExceptionCollidedUnwind);
    VALUE(EXCEPTION_CONTINUE_EXECUTION);
}

static void __attribute__((used)) shared(void)
{
    SIZE(KSYSTEM_TIME);
    FIELD(KUSER_SHARED_DATA, InterruptTime);
    FIELD(KUSER_SHARED_DATA, SystemTime);
    FIELD(KUSER_SHARED_DATA, NtSystemRoot);
    FIELD(KUSER_SHARED_DATA, NtProductType);
    FIELD(KUSER_SHARED_DATA, NtMajorVersion);
    FIELD(KUSER_SHARED_DATA, ProcessorFeatures);
    FIELD(KUSER_SHARED_DATA, SuiteMask);
    FIELD(KUSER_SHARED_DATA, KdDebuggerEnabled);
    FIELD(KUSER_SHARED_DATA, SafeBootMode);
    FIELD(KUSER_SHARED_DATA, SharedDataFlags);
    FIELD(KUSER_SHARED_DATA, TestRetInstruction);
    FIELD(KUSER_SHARED_DATA, TickCount);
}

static void __attribute__((used)) objects(void)
{
    SIZE(DISPATCHER_HEADER);
    FIELD(DISPATCHER_HEADER, SignalState);
    SIZE(KEVENT);
    SIZE(KSEMAPHORE);
    FIELD(KSEMAPHORE, Limit);
    SIZE(KMUTANT);
    FIELD(KMUTANT, OwnerThread);
    SIZE(KDPC);
    FIELD(KDPC, Number);
    FIELD(KDPC, DeferredRoutine);
    FIELD(KDPC, DeferredContext);
    FIELD(KDPC, SystemArgument1);
    SIZE(KTIMER);
    FIELD(KTIMER, DueTime);
    FIELD(KTIMER, Dpc);
    FIELD(KTIMER, Period);
    SIZE(KAPC);
    FIELD(KAPC, NormalContext);
    FIELD(KAPC, ApcMode);
    SIZE(KDEVICE_QUEUE);
    FIELD(KDEVICE_QUEUE, Lock);
    FIELD(KDEVICE_QUEUE, Busy);
    SIZE(FAST_MUTEX);
    FIELD(FAST_MUTEX, Owner);
    FIELD(FAST_MUTEX, Event);
    FIELD(FAST_MUTEX, OldIrql);
    SIZE(ERESOURCE);
    FIELD(ERESOURCE, ActiveCount);
    FIELD(ERESOURCE, OwnerEntry);
    FIELD(ERESOURCE, SpinLock);
    SIZE(WORK_QUEUE_ITEM);
    SIZE(MDL);
    FIELD(MDL, MdlFlags);
    FIELD(MDL, Process);
    FIELD(MDL, MappedSystemVa);
    FIELD(MDL, ByteCount);
    FIELD(MDL, ByteOffset);
    SIZE(IO_REMOVE_LOCK);
    SIZE(RTL_GENERIC_TABLE);
    FIELD(RTL_GENERIC_TABLE, OrderedPointer);
    FIELD(RTL_GENERIC_TABLE, NumberGenericTableElements);
    FIELD(RTL_GENERIC_TABLE, FreeRoutine);
    FIELD(RTL_GENERIC_TABLE, TableContext);
}

static void __attribute__((used)) drivers(void)
{
    SIZE(DRIVER_EXTENSION);
    FIELD(DRIVER_EXTENSION, AddDevice);
    FIELD(DRIVER_EXTENSION, ServiceKeyName);
    SIZE(DRIVER_OBJECT);
    FIELD(DRIVER_OBJECT, DeviceObject);
    FIELD(DRIVER_OBJECT, DriverStart);
    FIELD(DRIVER_OBJECT, DriverSection);
    FIELD(DRIVER_OBJECT, DriverExtension);
    FIELD(DRIVER_OBJECT, DriverName);
    FIELD(DRIVER_OBJECT, FastIoDispatch);
    FIELD(DRIVER_OBJECT, DriverStartIo);
    FIELD(DRIVER_OBJECT, DriverUnload);
    FIELD(DRIVER_OBJECT, MajorFunction);
    SIZE(DEVICE_OBJECT);
    FIELD(DEVICE_OBJECT, DriverObject);
    FIELD(DEVICE_OBJECT, NextDevice);
    FIELD(DEVICE_OBJECT, Flags);
    FIELD(DEVICE_OBJECT, DeviceExtension);
    FIELD(DEVICE_OBJECT, StackSize);
    FIELD(DEVICE_OBJECT, Queue);
    FIELD(DEVICE_OBJECT, AlignmentRequirement);
    FIELD(DEVICE_OBJECT, DeviceQueue);
    FIELD(DEVICE_OBJECT, Dpc);
    FIELD(DEVICE_OBJECT, SecurityDescriptor);
    FIELD(DEVICE_OBJECT, DeviceLock);
    FIELD(DEVICE_OBJECT, DeviceObjectExtension);
    FIELD(DEVICE_OBJECT, Reserved);
    SIZE(FILE_OBJECT);
    FIELD(FILE_OBJECT, FsContext);
    FIELD(FILE_OBJECT, Flags);
    FIELD(FILE_OBJECT, FileName);
    FIELD(FILE_OBJECT, Lock);
    FIELD(FILE_OBJECT, FileObjectExtension);
}

static void __attribute__((used)) requests(void)
{
    SIZE(IRP);
    FIELD(IRP, MdlAddress);
    FIELD(IRP, Flags);
    FIELD(IRP, AssociatedIrp);
    FIELD(IRP, IoStatus);
    FIELD(IRP, RequestorMode);
    FIELD(IRP, StackCount);
    FIELD(IRP, CurrentLocation);
    FIELD(IRP, Cancel);
    FIELD(IRP, CancelIrql);
    FIELD(IRP, UserIosb);
    FIELD(IRP, UserEvent);
    FIELD(IRP, Overlay);
    FIELD(IRP, CancelRoutine);
    FIELD(IRP, UserBuffer);
    FIELD(IRP, Tail.Overlay.DriverContext);
    FIELD(IRP, Tail.Overlay.Thread);
    FIELD(IRP, Tail.Overlay.ListEntry);
    FIELD(IRP, Tail.Overlay.CurrentStackLocation);
    FIELD(IRP, Tail.Overlay.OriginalFileObject);
    SIZE(IO_STACK_LOCATION);
    FIELD(IO_STACK_LOCATION, Parameters.Create.ShareAccess);
    FIELD(IO_STACK_LOCATION, Parameters.Create.EaLength);
    FIELD(IO_STACK_LOCATION, Parameters.Read.Key);
    FIELD(IO_STACK_LOCATION, Parameters.Read.ByteOffset);
    FIELD(IO_STACK_LOCATION, Parameters.Write.ByteOffset);
    FIELD(IO_STACK_LOCATION, Parameters.DeviceIoControl.InputBufferLength);
    FIELD(IO_STACK_LOCATION, Parameters.DeviceIoControl.IoControlCode);
    FIELD(IO_STACK_LOCATION, Parameters.DeviceIoControl.Type3InputBuffer);
    FIELD(IO_STACK_LOCATION, Parameters.QueryInterface.Version);
    FIELD(IO_STACK_LOCATION, Parameters.QueryInterface.Interface);
    FIELD(IO_STACK_LOCATION, Parameters.Others.Argument4);
    FIELD(IO_STACK_LOCATION, DeviceObject);
    FIELD(IO_STACK_LOCATION, CompletionRoutine);
    FIELD(IO_STACK_LOCATION, Context);
}

static void __attribute__((used)) values(void)
{
    VALUE(IRP_MJ_DEVICE_CONTROL);
    VALUE(IRP_MJ_INTERNAL_DEVICE_CONTROL);
    VALUE(IRP_MJ_PNP);
    VALUE(IRP_MN_SURPRISE_REMOVAL);
    VALUE(CTL_CODE(FILE_DEVICE_UNKNOWN, 0x800, METHOD_NEITHER, FILE_WRITE_ACCESS));
    VALUE(DO_BUFFERED_IO);
    VALUE(DO_DIRECT_IO);
    VALUE(DO_EXCLUSIVE);
    VALUE(DO_DEVICE_INITIALIZING);
    VALUE(DO_POWER_PAGABLE);
    VALUE(SL_PENDING_RETURNED);
    VALUE(SL_INVOKE_ON_CANCEL);
    VALUE(FILE_DEVICE_SECURE_OPEN);
    VALUE(OBJ_KERNEL_HANDLE);
    VALUE(OBJ_CASE_INSENSITIVE);
    VALUE(MDL_SOURCE_IS_NONPAGED_POOL);
    VALUE(NonPagedPool);
    VALUE(PagedPool);
    VALUE(NonPagedPoolCacheAligned);
    VALUE(SynchronizationEvent);
    VALUE(SynchronizationTimer);
    VALUE(WaitAny);
    VALUE(Executive);
    VALUE(UserMode);
    VALUE(MediumImportance);
    VALUE(DelayedWorkQueue);
    VALUE(MmWriteCombined);
    VALUE(HighPagePriority);
    VALUE(KeyValuePartialInformation);
    VALUE(KEY_READ);
    VALUE(KEY_ALL_ACCESS);
    VALUE(DPFLTR_IHVDRIVER_ID);
    VALUE(DPFLTR_INFO_LEVEL);
    VALUE(DISPATCH_LEVEL);
    VALUE(HIGH_LEVEL);
    VALUE(PAGE_SIZE);
}

static void __attribute__((used)) statuses(void)
{
#include "statuses.inc"
}
