// SPDX-License-Identifier: MIT
// The kernel-mode driver framework: handles, structures and statuses, laid out as Microsoft's
// headers have them. wdf.h has the functions.
#ifndef KLDR_DDK_WDF_TYPES_H
#define KLDR_DDK_WDF_TYPES_H

#include "ntddk.h"
#include "wdm_layout.h"

#define STATUS_WDF_INTERNAL_ERROR                ((NTSTATUS)0xC0200201)
#define STATUS_WDF_PAUSED                        ((NTSTATUS)0xC0200203)
#define STATUS_WDF_BUSY                          ((NTSTATUS)0xC0200204)
#define STATUS_WDF_NO_CALLBACK                   ((NTSTATUS)0xC020020B)
#define STATUS_WDF_PARENT_ASSIGNMENT_NOT_ALLOWED ((NTSTATUS)0xC020020F)
#define STATUS_WDF_SYNCHRONIZATION_SCOPE_INVALID ((NTSTATUS)0xC0200210)
#define STATUS_WDF_EXECUTION_LEVEL_INVALID       ((NTSTATUS)0xC0200211)
#define STATUS_WDF_PARENT_NOT_SPECIFIED          ((NTSTATUS)0xC0200212)

#ifndef WDF_VIOLATION
#define WDF_VIOLATION ((ULONG)0x10D)
#endif

typedef enum _WDF_BUGCHECK_CODES {
    WDF_POWER_ROUTINE_TIMED_OUT = 0x1,
    WDF_RECURSIVE_LOCK = 0x2,
    WDF_VERIFIER_FATAL_ERROR = 0x3,
    WDF_REQUIRED_PARAMETER_IS_NULL = 0x4,
    WDF_INVALID_HANDLE = 0x5,
    WDF_REQUEST_FATAL_ERROR = 0x6,
    WDF_OBJECT_ERROR = 0x7,
    WDF_DMA_FATAL_ERROR = 0x8,
    WDF_INVALID_INTERRUPT = 0x9,
    WDF_QUEUE_FATAL_ERROR = 0xA,
    WDF_INVALID_LOCK_OPERATION = 0xB,
} WDF_BUGCHECK_CODES;

typedef enum _WDF_REQUEST_FATAL_ERROR_CODES {
    WDF_REQUEST_FATAL_ERROR_NULL_IRP = 0x2,
} WDF_REQUEST_FATAL_ERROR_CODES;

// Handles: opaque to drivers. Each is a WDFOBJECT as well.
typedef HANDLE WDFOBJECT, *PWDFOBJECT;
typedef HANDLE WDFDRIVER, WDFDEVICE, WDFQUEUE, WDFREQUEST, WDFFILEOBJECT;
typedef HANDLE WDFMEMORY, WDFSPINLOCK, WDFWAITLOCK, WDFSTRING, WDFCOLLECTION, WDFKEY;
typedef struct WDFDEVICE_INIT *PWDFDEVICE_INIT;

// ---- the bind ----

typedef VOID(NTAPI *WDFFUNC)(VOID);

typedef struct _WDF_VERSION {
    ULONG Major, Minor, Build;
} WDF_VERSION;

// FuncTable: for a client of version 1.13 and earlier, room for FuncCount pointers; for a later one
// the place of a pointer to the framework's own table.
typedef struct _WDF_BIND_INFO {
    ULONG Size;
    PWCHAR Component;
    WDF_VERSION Version;
    ULONG FuncCount;
    WDFFUNC *FuncTable;
    PVOID Module; // the loader's
} WDF_BIND_INFO, *PWDF_BIND_INFO;

typedef PVOID WDF_COMPONENT_GLOBALS, *PWDF_COMPONENT_GLOBALS;

#define WDF_DRIVER_GLOBALS_NAME_LEN 32

typedef struct _WDF_DRIVER_GLOBALS {
    WDFDRIVER Driver;
    ULONG DriverFlags;
    ULONG DriverTag;
    CHAR DriverName[WDF_DRIVER_GLOBALS_NAME_LEN];
    BOOLEAN DisplaceDriverUnload; // the client puts itself before DRIVER_OBJECT.DriverUnload
} WDF_DRIVER_GLOBALS, *PWDF_DRIVER_GLOBALS;

// ---- objects ----

typedef enum _WDF_EXECUTION_LEVEL {
    WdfExecutionLevelInvalid,
    WdfExecutionLevelInheritFromParent,
    WdfExecutionLevelPassive,
    WdfExecutionLevelDispatch,
} WDF_EXECUTION_LEVEL;

typedef enum _WDF_SYNCHRONIZATION_SCOPE {
    WdfSynchronizationScopeInvalid,
    WdfSynchronizationScopeInheritFromParent,
    WdfSynchronizationScopeDevice,
    WdfSynchronizationScopeQueue,
    WdfSynchronizationScopeNone,
} WDF_SYNCHRONIZATION_SCOPE;

typedef VOID NTAPI EVT_WDF_OBJECT_CONTEXT_CLEANUP(WDFOBJECT Object);
typedef EVT_WDF_OBJECT_CONTEXT_CLEANUP *PFN_WDF_OBJECT_CONTEXT_CLEANUP;
typedef VOID NTAPI EVT_WDF_OBJECT_CONTEXT_DESTROY(WDFOBJECT Object);
typedef EVT_WDF_OBJECT_CONTEXT_DESTROY *PFN_WDF_OBJECT_CONTEXT_DESTROY;

typedef struct _WDF_OBJECT_CONTEXT_TYPE_INFO WDF_OBJECT_CONTEXT_TYPE_INFO;
typedef const WDF_OBJECT_CONTEXT_TYPE_INFO *PCWDF_OBJECT_CONTEXT_TYPE_INFO;
typedef PCWDF_OBJECT_CONTEXT_TYPE_INFO (*PFN_GET_UNIQUE_CONTEXT_TYPE)(VOID);
struct _WDF_OBJECT_CONTEXT_TYPE_INFO {
    ULONG Size;
    const CHAR *ContextName;
    SIZE_T ContextSize;
    PCWDF_OBJECT_CONTEXT_TYPE_INFO UniqueType;
    PFN_GET_UNIQUE_CONTEXT_TYPE EvtDriverGetUniqueContextType;
};

typedef struct _WDF_OBJECT_ATTRIBUTES {
    ULONG Size;
    PFN_WDF_OBJECT_CONTEXT_CLEANUP EvtCleanupCallback;
    PFN_WDF_OBJECT_CONTEXT_DESTROY EvtDestroyCallback;
    WDF_EXECUTION_LEVEL ExecutionLevel;
    WDF_SYNCHRONIZATION_SCOPE SynchronizationScope;
    WDFOBJECT ParentObject;
    SIZE_T ContextSizeOverride;
    PCWDF_OBJECT_CONTEXT_TYPE_INFO ContextTypeInfo;
} WDF_OBJECT_ATTRIBUTES, *PWDF_OBJECT_ATTRIBUTES;

// ---- the driver ----

typedef enum _WDF_DRIVER_INIT_FLAGS {
    WdfDriverInitNonPnpDriver = 0x1,
    WdfDriverInitNoDispatchOverride = 0x2,
    WdfVerifyOn = 0x4,
    WdfVerifierOn = 0x8,
} WDF_DRIVER_INIT_FLAGS;

typedef NTSTATUS NTAPI EVT_WDF_DRIVER_DEVICE_ADD(WDFDRIVER Driver, PWDFDEVICE_INIT DeviceInit);
typedef EVT_WDF_DRIVER_DEVICE_ADD *PFN_WDF_DRIVER_DEVICE_ADD;
typedef VOID NTAPI EVT_WDF_DRIVER_UNLOAD(WDFDRIVER Driver);
typedef EVT_WDF_DRIVER_UNLOAD *PFN_WDF_DRIVER_UNLOAD;

typedef struct _WDF_DRIVER_CONFIG {
    ULONG Size;
    PFN_WDF_DRIVER_DEVICE_ADD EvtDriverDeviceAdd;
    PFN_WDF_DRIVER_UNLOAD EvtDriverUnload;
    ULONG DriverInitFlags;
    ULONG DriverPoolTag;
} WDF_DRIVER_CONFIG, *PWDF_DRIVER_CONFIG;

typedef struct _WDF_DRIVER_VERSION_AVAILABLE_PARAMS {
    ULONG Size;
    ULONG MajorVersion;
    ULONG MinorVersion;
} WDF_DRIVER_VERSION_AVAILABLE_PARAMS, *PWDF_DRIVER_VERSION_AVAILABLE_PARAMS;

// ---- devices ----

typedef enum _WDF_DEVICE_IO_TYPE {
    WdfDeviceIoUndefined,
    WdfDeviceIoNeither,
    WdfDeviceIoBuffered,
    WdfDeviceIoDirect,
} WDF_DEVICE_IO_TYPE;

typedef enum _WDF_TRI_STATE { WdfFalse = FALSE, WdfTrue = TRUE, WdfUseDefault = 2 } WDF_TRI_STATE;

typedef enum _WDF_FILEOBJECT_CLASS {
    WdfFileObjectInvalid,
    WdfFileObjectNotRequired,
    WdfFileObjectWdfCanUseFsContext,
    WdfFileObjectWdfCanUseFsContext2,
    WdfFileObjectWdfCannotUseFsContexts,
} WDF_FILEOBJECT_CLASS;

typedef VOID NTAPI EVT_WDF_DEVICE_FILE_CREATE(WDFDEVICE Device, WDFREQUEST Request,
                                              WDFFILEOBJECT FileObject);
typedef EVT_WDF_DEVICE_FILE_CREATE *PFN_WDF_DEVICE_FILE_CREATE;
typedef VOID NTAPI EVT_WDF_FILE_CLOSE(WDFFILEOBJECT FileObject);
typedef EVT_WDF_FILE_CLOSE *PFN_WDF_FILE_CLOSE;
typedef VOID NTAPI EVT_WDF_FILE_CLEANUP(WDFFILEOBJECT FileObject);
typedef EVT_WDF_FILE_CLEANUP *PFN_WDF_FILE_CLEANUP;

typedef VOID NTAPI EVT_WDF_IO_IN_CALLER_CONTEXT(WDFDEVICE Device, WDFREQUEST Request);
typedef EVT_WDF_IO_IN_CALLER_CONTEXT *PFN_WDF_IO_IN_CALLER_CONTEXT;

typedef struct _WDF_FILEOBJECT_CONFIG {
    ULONG Size;
    PFN_WDF_DEVICE_FILE_CREATE EvtDeviceFileCreate;
    PFN_WDF_FILE_CLOSE EvtFileClose;
    PFN_WDF_FILE_CLEANUP EvtFileCleanup;
    WDF_TRI_STATE AutoForwardCleanupClose;
    WDF_FILEOBJECT_CLASS FileObjectClass;
} WDF_FILEOBJECT_CONFIG, *PWDF_FILEOBJECT_CONFIG;

// ---- queues and requests ----

typedef enum _WDF_IO_QUEUE_DISPATCH_TYPE {
    WdfIoQueueDispatchInvalid,
    WdfIoQueueDispatchSequential,
    WdfIoQueueDispatchParallel,
    WdfIoQueueDispatchManual,
} WDF_IO_QUEUE_DISPATCH_TYPE;

typedef VOID NTAPI EVT_WDF_IO_QUEUE_IO_DEFAULT(WDFQUEUE Queue, WDFREQUEST Request);
typedef EVT_WDF_IO_QUEUE_IO_DEFAULT *PFN_WDF_IO_QUEUE_IO_DEFAULT;
typedef VOID NTAPI EVT_WDF_IO_QUEUE_IO_READ(WDFQUEUE Queue, WDFREQUEST Request, SIZE_T Length);
typedef EVT_WDF_IO_QUEUE_IO_READ *PFN_WDF_IO_QUEUE_IO_READ;
typedef VOID NTAPI EVT_WDF_IO_QUEUE_IO_WRITE(WDFQUEUE Queue, WDFREQUEST Request, SIZE_T Length);
typedef EVT_WDF_IO_QUEUE_IO_WRITE *PFN_WDF_IO_QUEUE_IO_WRITE;
typedef VOID NTAPI EVT_WDF_IO_QUEUE_IO_DEVICE_CONTROL(WDFQUEUE Queue, WDFREQUEST Request,
                                                      SIZE_T OutputBufferLength,
                                                      SIZE_T InputBufferLength,
                                                      ULONG IoControlCode);
typedef EVT_WDF_IO_QUEUE_IO_DEVICE_CONTROL *PFN_WDF_IO_QUEUE_IO_DEVICE_CONTROL;
typedef VOID NTAPI EVT_WDF_IO_QUEUE_IO_STOP(WDFQUEUE Queue, WDFREQUEST Request, ULONG ActionFlags);
typedef EVT_WDF_IO_QUEUE_IO_STOP *PFN_WDF_IO_QUEUE_IO_STOP;

typedef struct _WDF_IO_QUEUE_CONFIG {
    ULONG Size;
    WDF_IO_QUEUE_DISPATCH_TYPE DispatchType;
    WDF_TRI_STATE PowerManaged;
    BOOLEAN AllowZeroLengthRequests;
    BOOLEAN DefaultQueue;
    PFN_WDF_IO_QUEUE_IO_DEFAULT EvtIoDefault;
    PFN_WDF_IO_QUEUE_IO_READ EvtIoRead;
    PFN_WDF_IO_QUEUE_IO_WRITE EvtIoWrite;
    PFN_WDF_IO_QUEUE_IO_DEVICE_CONTROL EvtIoDeviceControl;
    PFN_WDF_IO_QUEUE_IO_DEVICE_CONTROL EvtIoInternalDeviceControl;
    PFN_WDF_IO_QUEUE_IO_STOP EvtIoStop;
    PFN_WDF_IO_QUEUE_IO_DEFAULT EvtIoResume;
    PFN_WDF_IO_QUEUE_IO_DEFAULT EvtIoCanceledOnQueue;
    union {
        struct {
            ULONG NumberOfPresentedRequests;
        } Parallel;
    } Settings;
    WDFDRIVER Driver;
} WDF_IO_QUEUE_CONFIG, *PWDF_IO_QUEUE_CONFIG;

typedef enum _WDF_REQUEST_TYPE { // the major function codes of IRPs
    WdfRequestTypeCreate = 0x0,
    WdfRequestTypeRead = 0x3,
    WdfRequestTypeWrite = 0x4,
    WdfRequestTypeDeviceControl = 0xE,
    WdfRequestTypeDeviceControlInternal = 0xF,
} WDF_REQUEST_TYPE;

typedef struct _WDF_REQUEST_PARAMETERS {
    USHORT Size;
    UCHAR MinorFunction;
    WDF_REQUEST_TYPE Type;
    union {
        struct {
            SIZE_T Length;
            _Alignas(sizeof(PVOID)) ULONG Key;
            LONGLONG DeviceOffset;
        } Read, Write;
        struct {
            SIZE_T OutputBufferLength;
            SIZE_T InputBufferLength;
            _Alignas(sizeof(PVOID)) ULONG IoControlCode;
            PVOID Type3InputBuffer;
        } DeviceIoControl;
        struct {
            PVOID Arg1, Arg2;
            _Alignas(sizeof(PVOID)) ULONG IoControlCode;
            PVOID Arg4;
        } Others;
    } Parameters;
} WDF_REQUEST_PARAMETERS, *PWDF_REQUEST_PARAMETERS;

#if UINTPTR_MAX > 0xffffffffu
KLDR_DDK_SIZE(WDF_FILEOBJECT_CONFIG, 0x28);
KLDR_DDK_SIZE(WDF_IO_QUEUE_CONFIG, 0x60);
KLDR_DDK_AT(WDF_IO_QUEUE_CONFIG, EvtIoDefault, 0x10);
KLDR_DDK_AT(WDF_IO_QUEUE_CONFIG, Driver, 0x58);
KLDR_DDK_SIZE(WDF_REQUEST_PARAMETERS, 0x28);
KLDR_DDK_SIZE(WDF_BIND_INFO, 0x30);
KLDR_DDK_AT(WDF_BIND_INFO, Component, 0x08);
KLDR_DDK_AT(WDF_BIND_INFO, FuncCount, 0x1c);
KLDR_DDK_AT(WDF_BIND_INFO, FuncTable, 0x20);
KLDR_DDK_SIZE(WDF_DRIVER_GLOBALS, 0x38);
KLDR_DDK_AT(WDF_DRIVER_GLOBALS, DriverName, 0x10);
KLDR_DDK_AT(WDF_DRIVER_GLOBALS, DisplaceDriverUnload, 0x30);
KLDR_DDK_SIZE(WDF_OBJECT_CONTEXT_TYPE_INFO, 0x28);
KLDR_DDK_SIZE(WDF_OBJECT_ATTRIBUTES, 0x38);
KLDR_DDK_AT(WDF_OBJECT_ATTRIBUTES, ParentObject, 0x20);
KLDR_DDK_AT(WDF_OBJECT_ATTRIBUTES, ContextTypeInfo, 0x30);
KLDR_DDK_SIZE(WDF_DRIVER_CONFIG, 0x20);
KLDR_DDK_AT(WDF_DRIVER_CONFIG, DriverInitFlags, 0x18);
#endif

#endif
