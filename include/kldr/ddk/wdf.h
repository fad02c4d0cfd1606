// SPDX-License-Identifier: MIT
// The kernel-mode driver framework for drivers in C: kldr_add_driver(... KMDF). A subset: a
// function that is not here is called through WdfFunctions, at its place in the framework's table.
#ifndef KLDR_DDK_WDF_H
#define KLDR_DDK_WDF_H

#include "wdf_io.h"

#define WDF_NO_OBJECT_ATTRIBUTES ((PWDF_OBJECT_ATTRIBUTES)NULL)
#define WDF_NO_HANDLE            ((PVOID)NULL)

static inline WDFDRIVER WdfGetDriver(VOID)
{
    return WdfDriverGlobals->Driver;
}

static inline VOID WDF_DRIVER_CONFIG_INIT(PWDF_DRIVER_CONFIG Config,
                                          PFN_WDF_DRIVER_DEVICE_ADD EvtDriverDeviceAdd)
{
    *Config = (WDF_DRIVER_CONFIG){sizeof *Config, EvtDriverDeviceAdd, NULL, 0, 0};
}

static inline VOID WDF_OBJECT_ATTRIBUTES_INIT(PWDF_OBJECT_ATTRIBUTES Attributes)
{
    *Attributes = (WDF_OBJECT_ATTRIBUTES){
        .Size = sizeof *Attributes,
        .ExecutionLevel = WdfExecutionLevelInheritFromParent,
        .SynchronizationScope = WdfSynchronizationScopeInheritFromParent,
    };
}

static inline VOID
WDF_DRIVER_VERSION_AVAILABLE_PARAMS_INIT(PWDF_DRIVER_VERSION_AVAILABLE_PARAMS Params,
                                         ULONG MajorVersion, ULONG MinorVersion)
{
    *Params = (WDF_DRIVER_VERSION_AVAILABLE_PARAMS){sizeof *Params, MajorVersion, MinorVersion};
}

#define WDF_TYPE_NAME_TO_TYPE_INFO(type) _WDF_##type##_TYPE_INFO
#define WDF_GET_CONTEXT_TYPE_INFO(type)  (&WDF_TYPE_NAME_TO_TYPE_INFO(type))

#define WDF_OBJECT_ATTRIBUTES_SET_CONTEXT_TYPE(attributes, type)                                   \
    (attributes)->ContextTypeInfo = WDF_GET_CONTEXT_TYPE_INFO(type)->UniqueType
#define WDF_OBJECT_ATTRIBUTES_INIT_CONTEXT_TYPE(attributes, type)                                  \
    WDF_OBJECT_ATTRIBUTES_INIT(attributes);                                                        \
    WDF_OBJECT_ATTRIBUTES_SET_CONTEXT_TYPE(attributes, type)

// The context type of one source file, and the function that gives an object's context of it.
#define WDF_DECLARE_CONTEXT_TYPE_WITH_NAME(type, function)                                         \
    static const WDF_OBJECT_CONTEXT_TYPE_INFO WDF_TYPE_NAME_TO_TYPE_INFO(type) = {                 \
        sizeof(WDF_OBJECT_CONTEXT_TYPE_INFO), #type, sizeof(type),                                 \
        WDF_GET_CONTEXT_TYPE_INFO(type), NULL};                                                    \
    static inline type *function(WDFOBJECT Handle)                                                 \
    {                                                                                              \
        return WdfObjectGetTypedContextWorker(Handle,                                              \
                                              WDF_GET_CONTEXT_TYPE_INFO(type)->UniqueType);        \
    }
#define WDF_DECLARE_CONTEXT_TYPE(type) WDF_DECLARE_CONTEXT_TYPE_WITH_NAME(type, WdfObjectGet_##type)

#define WdfObjectReference(object)   WdfObjectReferenceActual(object, NULL, __LINE__, __FILE__)
#define WdfObjectDereference(object) WdfObjectDereferenceActual(object, NULL, __LINE__, __FILE__)

static inline NTSTATUS WdfDriverCreate(PDRIVER_OBJECT DriverObject, PCUNICODE_STRING RegistryPath,
                                       PWDF_OBJECT_ATTRIBUTES DriverAttributes,
                                       PWDF_DRIVER_CONFIG DriverConfig, WDFDRIVER *Driver)
{
    return KLDR_WDF(116, NTSTATUS, PDRIVER_OBJECT, PCUNICODE_STRING, PWDF_OBJECT_ATTRIBUTES,
                    PWDF_DRIVER_CONFIG, WDFDRIVER *)(WdfDriverGlobals, DriverObject, RegistryPath,
                                                     DriverAttributes, DriverConfig, Driver);
}

static inline PWSTR WdfDriverGetRegistryPath(WDFDRIVER Driver)
{
    return KLDR_WDF(117, PWSTR, WDFDRIVER)(WdfDriverGlobals, Driver);
}

static inline PDRIVER_OBJECT WdfDriverWdmGetDriverObject(WDFDRIVER Driver)
{
    return KLDR_WDF(118, PDRIVER_OBJECT, WDFDRIVER)(WdfDriverGlobals, Driver);
}

static inline WDFDRIVER WdfWdmDriverGetWdfDriverHandle(PDRIVER_OBJECT DriverObject)
{
    return KLDR_WDF(120, WDFDRIVER, PDRIVER_OBJECT)(WdfDriverGlobals, DriverObject);
}

static inline NTSTATUS WdfDriverOpenParametersRegistryKey(WDFDRIVER Driver,
                                                          ACCESS_MASK DesiredAccess,
                                                          PWDF_OBJECT_ATTRIBUTES KeyAttributes,
                                                          WDFKEY *Key)
{
    return KLDR_WDF(119, NTSTATUS, WDFDRIVER, ACCESS_MASK, PWDF_OBJECT_ATTRIBUTES,
                    WDFKEY *)(WdfDriverGlobals, Driver, DesiredAccess, KeyAttributes, Key);
}

static inline NTSTATUS WdfDriverRetrieveVersionString(WDFDRIVER Driver, WDFSTRING String)
{
    return KLDR_WDF(122, NTSTATUS, WDFDRIVER, WDFSTRING)(WdfDriverGlobals, Driver, String);
}

static inline BOOLEAN
WdfDriverIsVersionAvailable(WDFDRIVER Driver,
                            PWDF_DRIVER_VERSION_AVAILABLE_PARAMS VersionAvailableParams)
{
    return KLDR_WDF(123, BOOLEAN, WDFDRIVER, PWDF_DRIVER_VERSION_AVAILABLE_PARAMS)(
        WdfDriverGlobals, Driver, VersionAvailableParams);
}

static inline PVOID WdfObjectGetTypedContextWorker(WDFOBJECT Handle,
                                                   PCWDF_OBJECT_CONTEXT_TYPE_INFO TypeInfo)
{
    return KLDR_WDF(202, PVOID, WDFOBJECT, PCWDF_OBJECT_CONTEXT_TYPE_INFO)(WdfDriverGlobals, Handle,
                                                                           TypeInfo);
}

static inline NTSTATUS
WdfObjectAllocateContext(WDFOBJECT Handle, PWDF_OBJECT_ATTRIBUTES ContextAttributes, PVOID *Context)
{
    return KLDR_WDF(203, NTSTATUS, WDFOBJECT, PWDF_OBJECT_ATTRIBUTES,
                    PVOID *)(WdfDriverGlobals, Handle, ContextAttributes, Context);
}

static inline WDFOBJECT WdfObjectContextGetObject(PVOID ContextPointer)
{
    return KLDR_WDF(204, WDFOBJECT, PVOID)(WdfDriverGlobals, ContextPointer);
}

static inline VOID WdfObjectReferenceActual(WDFOBJECT Handle, PVOID Tag, LONG Line,
                                            const CHAR *File)
{
    KLDR_WDF(205, VOID, WDFOBJECT, PVOID, LONG, const CHAR *)
    (WdfDriverGlobals, Handle, Tag, Line, File);
}

static inline VOID WdfObjectDereferenceActual(WDFOBJECT Handle, PVOID Tag, LONG Line,
                                              const CHAR *File)
{
    KLDR_WDF(206, VOID, WDFOBJECT, PVOID, LONG, const CHAR *)
    (WdfDriverGlobals, Handle, Tag, Line, File);
}

static inline NTSTATUS WdfObjectCreate(PWDF_OBJECT_ATTRIBUTES Attributes, WDFOBJECT *Object)
{
    return KLDR_WDF(207, NTSTATUS, PWDF_OBJECT_ATTRIBUTES, WDFOBJECT *)(WdfDriverGlobals,
                                                                        Attributes, Object);
}

static inline VOID WdfObjectDelete(WDFOBJECT Object)
{
    KLDR_WDF(208, VOID, WDFOBJECT)(WdfDriverGlobals, Object);
}

static inline VOID WdfObjectAcquireLock(WDFOBJECT Object)
{
    KLDR_WDF(310, VOID, WDFOBJECT)(WdfDriverGlobals, Object);
}

static inline VOID WdfObjectReleaseLock(WDFOBJECT Object)
{
    KLDR_WDF(311, VOID, WDFOBJECT)(WdfDriverGlobals, Object);
}

static inline NTSTATUS WdfMemoryCreate(PWDF_OBJECT_ATTRIBUTES Attributes, POOL_TYPE PoolType,
                                       ULONG PoolTag, SIZE_T BufferSize, WDFMEMORY *Memory,
                                       PVOID *Buffer)
{
    return KLDR_WDF(192, NTSTATUS, PWDF_OBJECT_ATTRIBUTES, POOL_TYPE, ULONG, SIZE_T, WDFMEMORY *,
                    PVOID *)(WdfDriverGlobals, Attributes, PoolType, PoolTag, BufferSize, Memory,
                             Buffer);
}

static inline NTSTATUS WdfMemoryCreatePreallocated(PWDF_OBJECT_ATTRIBUTES Attributes, PVOID Buffer,
                                                   SIZE_T BufferSize, WDFMEMORY *Memory)
{
    return KLDR_WDF(193, NTSTATUS, PWDF_OBJECT_ATTRIBUTES, PVOID, SIZE_T,
                    WDFMEMORY *)(WdfDriverGlobals, Attributes, Buffer, BufferSize, Memory);
}

static inline PVOID WdfMemoryGetBuffer(WDFMEMORY Memory, SIZE_T *BufferSize)
{
    return KLDR_WDF(194, PVOID, WDFMEMORY, SIZE_T *)(WdfDriverGlobals, Memory, BufferSize);
}

static inline NTSTATUS WdfMemoryAssignBuffer(WDFMEMORY Memory, PVOID Buffer, SIZE_T BufferSize)
{
    return KLDR_WDF(195, NTSTATUS, WDFMEMORY, PVOID, SIZE_T)(WdfDriverGlobals, Memory, Buffer,
                                                             BufferSize);
}

static inline NTSTATUS WdfMemoryCopyToBuffer(WDFMEMORY SourceMemory, SIZE_T SourceOffset,
                                             PVOID Buffer, SIZE_T NumBytesToCopyTo)
{
    return KLDR_WDF(196, NTSTATUS, WDFMEMORY, SIZE_T, PVOID,
                    SIZE_T)(WdfDriverGlobals, SourceMemory, SourceOffset, Buffer, NumBytesToCopyTo);
}

static inline NTSTATUS WdfMemoryCopyFromBuffer(WDFMEMORY DestinationMemory,
                                               SIZE_T DestinationOffset, PVOID Buffer,
                                               SIZE_T NumBytesToCopyFrom)
{
    return KLDR_WDF(197, NTSTATUS, WDFMEMORY, SIZE_T, PVOID, SIZE_T)(
        WdfDriverGlobals, DestinationMemory, DestinationOffset, Buffer, NumBytesToCopyFrom);
}

static inline NTSTATUS WdfSpinLockCreate(PWDF_OBJECT_ATTRIBUTES SpinLockAttributes,
                                         WDFSPINLOCK *SpinLock)
{
    return KLDR_WDF(315, NTSTATUS, PWDF_OBJECT_ATTRIBUTES,
                    WDFSPINLOCK *)(WdfDriverGlobals, SpinLockAttributes, SpinLock);
}

static inline VOID WdfSpinLockAcquire(WDFSPINLOCK SpinLock)
{
    KLDR_WDF(316, VOID, WDFSPINLOCK)(WdfDriverGlobals, SpinLock);
}

static inline VOID WdfSpinLockRelease(WDFSPINLOCK SpinLock)
{
    KLDR_WDF(317, VOID, WDFSPINLOCK)(WdfDriverGlobals, SpinLock);
}

static inline NTSTATUS WdfWaitLockCreate(PWDF_OBJECT_ATTRIBUTES LockAttributes, WDFWAITLOCK *Lock)
{
    return KLDR_WDF(312, NTSTATUS, PWDF_OBJECT_ATTRIBUTES, WDFWAITLOCK *)(WdfDriverGlobals,
                                                                          LockAttributes, Lock);
}

static inline NTSTATUS WdfWaitLockAcquire(WDFWAITLOCK Lock, PLONGLONG Timeout)
{
    return KLDR_WDF(313, NTSTATUS, WDFWAITLOCK, PLONGLONG)(WdfDriverGlobals, Lock, Timeout);
}

static inline VOID WdfWaitLockRelease(WDFWAITLOCK Lock)
{
    KLDR_WDF(314, VOID, WDFWAITLOCK)(WdfDriverGlobals, Lock);
}

static inline NTSTATUS WdfStringCreate(PCUNICODE_STRING UnicodeString,
                                       PWDF_OBJECT_ATTRIBUTES StringAttributes, WDFSTRING *String)
{
    return KLDR_WDF(308, NTSTATUS, PCUNICODE_STRING, PWDF_OBJECT_ATTRIBUTES,
                    WDFSTRING *)(WdfDriverGlobals, UnicodeString, StringAttributes, String);
}

static inline VOID WdfStringGetUnicodeString(WDFSTRING String, PUNICODE_STRING UnicodeString)
{
    KLDR_WDF(309, VOID, WDFSTRING, PUNICODE_STRING)(WdfDriverGlobals, String, UnicodeString);
}

static inline NTSTATUS WdfCollectionCreate(PWDF_OBJECT_ATTRIBUTES CollectionAttributes,
                                           WDFCOLLECTION *Collection)
{
    return KLDR_WDF(13, NTSTATUS, PWDF_OBJECT_ATTRIBUTES,
                    WDFCOLLECTION *)(WdfDriverGlobals, CollectionAttributes, Collection);
}

static inline ULONG WdfCollectionGetCount(WDFCOLLECTION Collection)
{
    return KLDR_WDF(14, ULONG, WDFCOLLECTION)(WdfDriverGlobals, Collection);
}

static inline NTSTATUS WdfCollectionAdd(WDFCOLLECTION Collection, WDFOBJECT Object)
{
    return KLDR_WDF(15, NTSTATUS, WDFCOLLECTION, WDFOBJECT)(WdfDriverGlobals, Collection, Object);
}

static inline VOID WdfCollectionRemove(WDFCOLLECTION Collection, WDFOBJECT Item)
{
    KLDR_WDF(16, VOID, WDFCOLLECTION, WDFOBJECT)(WdfDriverGlobals, Collection, Item);
}

static inline VOID WdfCollectionRemoveItem(WDFCOLLECTION Collection, ULONG Index)
{
    KLDR_WDF(17, VOID, WDFCOLLECTION, ULONG)(WdfDriverGlobals, Collection, Index);
}

static inline WDFOBJECT WdfCollectionGetItem(WDFCOLLECTION Collection, ULONG Index)
{
    return KLDR_WDF(18, WDFOBJECT, WDFCOLLECTION, ULONG)(WdfDriverGlobals, Collection, Index);
}

static inline WDFOBJECT WdfCollectionGetFirstItem(WDFCOLLECTION Collection)
{
    return KLDR_WDF(19, WDFOBJECT, WDFCOLLECTION)(WdfDriverGlobals, Collection);
}

static inline WDFOBJECT WdfCollectionGetLastItem(WDFCOLLECTION Collection)
{
    return KLDR_WDF(20, WDFOBJECT, WDFCOLLECTION)(WdfDriverGlobals, Collection);
}

static inline NTSTATUS WdfRegistryOpenKey(WDFKEY ParentKey, PCUNICODE_STRING KeyName,
                                          ACCESS_MASK DesiredAccess,
                                          PWDF_OBJECT_ATTRIBUTES KeyAttributes, WDFKEY *Key)
{
    return KLDR_WDF(229, NTSTATUS, WDFKEY, PCUNICODE_STRING, ACCESS_MASK, PWDF_OBJECT_ATTRIBUTES,
                    WDFKEY *)(WdfDriverGlobals, ParentKey, KeyName, DesiredAccess, KeyAttributes,
                              Key);
}

static inline NTSTATUS WdfRegistryCreateKey(WDFKEY ParentKey, PCUNICODE_STRING KeyName,
                                            ACCESS_MASK DesiredAccess, ULONG CreateOptions,
                                            PULONG CreateDisposition,
                                            PWDF_OBJECT_ATTRIBUTES KeyAttributes, WDFKEY *Key)
{
    return KLDR_WDF(230, NTSTATUS, WDFKEY, PCUNICODE_STRING, ACCESS_MASK, ULONG, PULONG,
                    PWDF_OBJECT_ATTRIBUTES,
                    WDFKEY *)(WdfDriverGlobals, ParentKey, KeyName, DesiredAccess, CreateOptions,
                              CreateDisposition, KeyAttributes, Key);
}

static inline VOID WdfRegistryClose(WDFKEY Key)
{
    KLDR_WDF(231, VOID, WDFKEY)(WdfDriverGlobals, Key);
}

static inline HANDLE WdfRegistryWdmGetHandle(WDFKEY Key)
{
    return KLDR_WDF(232, HANDLE, WDFKEY)(WdfDriverGlobals, Key);
}

static inline NTSTATUS WdfRegistryRemoveKey(WDFKEY Key)
{
    return KLDR_WDF(233, NTSTATUS, WDFKEY)(WdfDriverGlobals, Key);
}

static inline NTSTATUS WdfRegistryRemoveValue(WDFKEY Key, PCUNICODE_STRING ValueName)
{
    return KLDR_WDF(234, NTSTATUS, WDFKEY, PCUNICODE_STRING)(WdfDriverGlobals, Key, ValueName);
}

static inline NTSTATUS WdfRegistryQueryValue(WDFKEY Key, PCUNICODE_STRING ValueName,
                                             ULONG ValueLength, PVOID Value,
                                             PULONG ValueLengthQueried, PULONG ValueType)
{
    return KLDR_WDF(235, NTSTATUS, WDFKEY, PCUNICODE_STRING, ULONG, PVOID, PULONG, PULONG)(
        WdfDriverGlobals, Key, ValueName, ValueLength, Value, ValueLengthQueried, ValueType);
}

static inline NTSTATUS WdfRegistryQueryString(WDFKEY Key, PCUNICODE_STRING ValueName,
                                              WDFSTRING String)
{
    return KLDR_WDF(239, NTSTATUS, WDFKEY, PCUNICODE_STRING, WDFSTRING)(WdfDriverGlobals, Key,
                                                                        ValueName, String);
}

static inline NTSTATUS WdfRegistryQueryUnicodeString(WDFKEY Key, PCUNICODE_STRING ValueName,
                                                     PUSHORT ValueByteLength, PUNICODE_STRING Value)
{
    return KLDR_WDF(238, NTSTATUS, WDFKEY, PCUNICODE_STRING, PUSHORT,
                    PUNICODE_STRING)(WdfDriverGlobals, Key, ValueName, ValueByteLength, Value);
}

static inline NTSTATUS WdfRegistryQueryULong(WDFKEY Key, PCUNICODE_STRING ValueName, PULONG Value)
{
    return KLDR_WDF(240, NTSTATUS, WDFKEY, PCUNICODE_STRING, PULONG)(WdfDriverGlobals, Key,
                                                                     ValueName, Value);
}

static inline NTSTATUS WdfRegistryAssignValue(WDFKEY Key, PCUNICODE_STRING ValueName,
                                              ULONG ValueType, ULONG ValueLength, PVOID Value)
{
    return KLDR_WDF(241, NTSTATUS, WDFKEY, PCUNICODE_STRING, ULONG, ULONG,
                    PVOID)(WdfDriverGlobals, Key, ValueName, ValueType, ValueLength, Value);
}

static inline NTSTATUS WdfRegistryAssignUnicodeString(WDFKEY Key, PCUNICODE_STRING ValueName,
                                                      PCUNICODE_STRING Value)
{
    return KLDR_WDF(244, NTSTATUS, WDFKEY, PCUNICODE_STRING,
                    PCUNICODE_STRING)(WdfDriverGlobals, Key, ValueName, Value);
}

static inline NTSTATUS WdfRegistryAssignULong(WDFKEY Key, PCUNICODE_STRING ValueName, ULONG Value)
{
    return KLDR_WDF(246, NTSTATUS, WDFKEY, PCUNICODE_STRING, ULONG)(WdfDriverGlobals, Key,
                                                                    ValueName, Value);
}

#endif
