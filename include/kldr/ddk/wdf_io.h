// SPDX-License-Identifier: MIT
// The driver framework for drivers in C, second part: devices, queues, requests. wdf.h includes it.
#ifndef KLDR_DDK_WDF_IO_H
#define KLDR_DDK_WDF_IO_H

#include "wdf_types.h"

// What the bind gives.
extern PWDF_DRIVER_GLOBALS WdfDriverGlobals;
extern WDFFUNC *WdfFunctions;

#define KLDR_WDF(index, result, ...)                                                               \
    ((result(NTAPI *)(PWDF_DRIVER_GLOBALS, __VA_ARGS__))WdfFunctions[index])

static inline VOID WDF_FILEOBJECT_CONFIG_INIT(PWDF_FILEOBJECT_CONFIG Config,
                                              PFN_WDF_DEVICE_FILE_CREATE EvtDeviceFileCreate,
                                              PFN_WDF_FILE_CLOSE EvtFileClose,
                                              PFN_WDF_FILE_CLEANUP EvtFileCleanup)
{
    *Config = (WDF_FILEOBJECT_CONFIG){sizeof *Config, EvtDeviceFileCreate,
                                      EvtFileClose,   EvtFileCleanup,
                                      WdfUseDefault,  WdfFileObjectWdfCannotUseFsContexts};
}

static inline VOID WDF_IO_QUEUE_CONFIG_INIT(PWDF_IO_QUEUE_CONFIG Config,
                                            WDF_IO_QUEUE_DISPATCH_TYPE DispatchType)
{
    *Config = (WDF_IO_QUEUE_CONFIG){
        .Size = sizeof *Config, .DispatchType = DispatchType, .PowerManaged = WdfUseDefault};
    if (DispatchType == WdfIoQueueDispatchParallel) {
        Config->Settings.Parallel.NumberOfPresentedRequests = ~(ULONG)0;
    }
}

static inline VOID WDF_IO_QUEUE_CONFIG_INIT_DEFAULT_QUEUE(PWDF_IO_QUEUE_CONFIG Config,
                                                          WDF_IO_QUEUE_DISPATCH_TYPE DispatchType)
{
    WDF_IO_QUEUE_CONFIG_INIT(Config, DispatchType);
    Config->DefaultQueue = TRUE;
}

static inline VOID WDF_REQUEST_PARAMETERS_INIT(PWDF_REQUEST_PARAMETERS Parameters)
{
    *Parameters = (WDF_REQUEST_PARAMETERS){.Size = sizeof *Parameters};
}

static inline PWDFDEVICE_INIT WdfControlDeviceInitAllocate(WDFDRIVER Driver,
                                                           PCUNICODE_STRING SDDLString)
{
    return KLDR_WDF(25, PWDFDEVICE_INIT, WDFDRIVER, PCUNICODE_STRING)(WdfDriverGlobals, Driver,
                                                                      SDDLString);
}

static inline VOID WdfControlFinishInitializing(WDFDEVICE Device)
{
    KLDR_WDF(27, VOID, WDFDEVICE)(WdfDriverGlobals, Device);
}

static inline VOID WdfDeviceInitFree(PWDFDEVICE_INIT DeviceInit)
{
    KLDR_WDF(54, VOID, PWDFDEVICE_INIT)(WdfDriverGlobals, DeviceInit);
}

static inline VOID WdfDeviceInitSetDeviceType(PWDFDEVICE_INIT DeviceInit, DEVICE_TYPE DeviceType)
{
    KLDR_WDF(66, VOID, PWDFDEVICE_INIT, DEVICE_TYPE)(WdfDriverGlobals, DeviceInit, DeviceType);
}

static inline VOID WdfDeviceInitSetIoType(PWDFDEVICE_INIT DeviceInit, WDF_DEVICE_IO_TYPE IoType)
{
    KLDR_WDF(61, VOID, PWDFDEVICE_INIT, WDF_DEVICE_IO_TYPE)(WdfDriverGlobals, DeviceInit, IoType);
}

static inline VOID WdfDeviceInitSetExclusive(PWDFDEVICE_INIT DeviceInit, BOOLEAN IsExclusive)
{
    KLDR_WDF(62, VOID, PWDFDEVICE_INIT, BOOLEAN)(WdfDriverGlobals, DeviceInit, IsExclusive);
}

static inline VOID WdfDeviceInitSetCharacteristics(PWDFDEVICE_INIT DeviceInit,
                                                   ULONG DeviceCharacteristics, BOOLEAN OrInValues)
{
    KLDR_WDF(70, VOID, PWDFDEVICE_INIT, ULONG, BOOLEAN)
    (WdfDriverGlobals, DeviceInit, DeviceCharacteristics, OrInValues);
}

static inline NTSTATUS WdfDeviceInitAssignName(PWDFDEVICE_INIT DeviceInit,
                                               PCUNICODE_STRING DeviceName)
{
    return KLDR_WDF(67, NTSTATUS, PWDFDEVICE_INIT, PCUNICODE_STRING)(WdfDriverGlobals, DeviceInit,
                                                                     DeviceName);
}

static inline VOID WdfDeviceInitSetFileObjectConfig(PWDFDEVICE_INIT DeviceInit,
                                                    PWDF_FILEOBJECT_CONFIG FileObjectConfig,
                                                    PWDF_OBJECT_ATTRIBUTES FileObjectAttributes)
{
    KLDR_WDF(71, VOID, PWDFDEVICE_INIT, PWDF_FILEOBJECT_CONFIG, PWDF_OBJECT_ATTRIBUTES)
    (WdfDriverGlobals, DeviceInit, FileObjectConfig, FileObjectAttributes);
}

static inline VOID WdfDeviceInitSetRequestAttributes(PWDFDEVICE_INIT DeviceInit,
                                                     PWDF_OBJECT_ATTRIBUTES RequestAttributes)
{
    KLDR_WDF(72, VOID, PWDFDEVICE_INIT, PWDF_OBJECT_ATTRIBUTES)
    (WdfDriverGlobals, DeviceInit, RequestAttributes);
}

static inline VOID
WdfDeviceInitSetIoInCallerContextCallback(PWDFDEVICE_INIT DeviceInit,
                                          PFN_WDF_IO_IN_CALLER_CONTEXT EvtIoInCallerContext)
{
    KLDR_WDF(74, VOID, PWDFDEVICE_INIT, PFN_WDF_IO_IN_CALLER_CONTEXT)
    (WdfDriverGlobals, DeviceInit, EvtIoInCallerContext);
}

static inline NTSTATUS WdfDeviceEnqueueRequest(WDFDEVICE Device, WDFREQUEST Request)
{
    return KLDR_WDF(91, NTSTATUS, WDFDEVICE, WDFREQUEST)(WdfDriverGlobals, Device, Request);
}

static inline NTSTATUS WdfDeviceCreate(PWDFDEVICE_INIT *DeviceInit,
                                       PWDF_OBJECT_ATTRIBUTES DeviceAttributes, WDFDEVICE *Device)
{
    return KLDR_WDF(75, NTSTATUS, PWDFDEVICE_INIT *, PWDF_OBJECT_ATTRIBUTES,
                    WDFDEVICE *)(WdfDriverGlobals, DeviceInit, DeviceAttributes, Device);
}

static inline NTSTATUS WdfDeviceCreateSymbolicLink(WDFDEVICE Device,
                                                   PCUNICODE_STRING SymbolicLinkName)
{
    return KLDR_WDF(80, NTSTATUS, WDFDEVICE, PCUNICODE_STRING)(WdfDriverGlobals, Device,
                                                               SymbolicLinkName);
}

static inline PDEVICE_OBJECT WdfDeviceWdmGetDeviceObject(WDFDEVICE Device)
{
    return KLDR_WDF(31, PDEVICE_OBJECT, WDFDEVICE)(WdfDriverGlobals, Device);
}

static inline WDFDEVICE WdfWdmDeviceGetWdfDeviceHandle(PDEVICE_OBJECT DeviceObject)
{
    return KLDR_WDF(30, WDFDEVICE, PDEVICE_OBJECT)(WdfDriverGlobals, DeviceObject);
}

static inline WDFDRIVER WdfDeviceGetDriver(WDFDEVICE Device)
{
    return KLDR_WDF(39, WDFDRIVER, WDFDEVICE)(WdfDriverGlobals, Device);
}

static inline WDFQUEUE WdfDeviceGetDefaultQueue(WDFDEVICE Device)
{
    return KLDR_WDF(92, WDFQUEUE, WDFDEVICE)(WdfDriverGlobals, Device);
}

static inline WDFDEVICE WdfFileObjectGetDevice(WDFFILEOBJECT FileObject)
{
    return KLDR_WDF(139, WDFDEVICE, WDFFILEOBJECT)(WdfDriverGlobals, FileObject);
}

static inline PFILE_OBJECT WdfFileObjectWdmGetFileObject(WDFFILEOBJECT FileObject)
{
    return KLDR_WDF(140, PFILE_OBJECT, WDFFILEOBJECT)(WdfDriverGlobals, FileObject);
}

static inline NTSTATUS WdfIoQueueCreate(WDFDEVICE Device, PWDF_IO_QUEUE_CONFIG Config,
                                        PWDF_OBJECT_ATTRIBUTES QueueAttributes, WDFQUEUE *Queue)
{
    return KLDR_WDF(152, NTSTATUS, WDFDEVICE, PWDF_IO_QUEUE_CONFIG, PWDF_OBJECT_ATTRIBUTES,
                    WDFQUEUE *)(WdfDriverGlobals, Device, Config, QueueAttributes, Queue);
}

static inline WDFDEVICE WdfIoQueueGetDevice(WDFQUEUE Queue)
{
    return KLDR_WDF(157, WDFDEVICE, WDFQUEUE)(WdfDriverGlobals, Queue);
}

static inline NTSTATUS WdfIoQueueRetrieveNextRequest(WDFQUEUE Queue, WDFREQUEST *OutRequest)
{
    return KLDR_WDF(158, NTSTATUS, WDFQUEUE, WDFREQUEST *)(WdfDriverGlobals, Queue, OutRequest);
}

static inline VOID WdfRequestComplete(WDFREQUEST Request, NTSTATUS Status)
{
    KLDR_WDF(263, VOID, WDFREQUEST, NTSTATUS)(WdfDriverGlobals, Request, Status);
}

static inline VOID WdfRequestCompleteWithInformation(WDFREQUEST Request, NTSTATUS Status,
                                                     ULONG_PTR Information)
{
    KLDR_WDF(265, VOID, WDFREQUEST, NTSTATUS, ULONG_PTR)
    (WdfDriverGlobals, Request, Status, Information);
}

static inline VOID WdfRequestCompleteWithPriorityBoost(WDFREQUEST Request, NTSTATUS Status,
                                                       CCHAR PriorityBoost)
{
    KLDR_WDF(264, VOID, WDFREQUEST, NTSTATUS, CCHAR)
    (WdfDriverGlobals, Request, Status, PriorityBoost);
}

static inline VOID WdfRequestSetInformation(WDFREQUEST Request, ULONG_PTR Information)
{
    KLDR_WDF(275, VOID, WDFREQUEST, ULONG_PTR)(WdfDriverGlobals, Request, Information);
}

static inline ULONG_PTR WdfRequestGetInformation(WDFREQUEST Request)
{
    return KLDR_WDF(276, ULONG_PTR, WDFREQUEST)(WdfDriverGlobals, Request);
}

static inline VOID WdfRequestGetParameters(WDFREQUEST Request, PWDF_REQUEST_PARAMETERS Parameters)
{
    KLDR_WDF(266, VOID, WDFREQUEST, PWDF_REQUEST_PARAMETERS)(WdfDriverGlobals, Request, Parameters);
}

static inline NTSTATUS WdfRequestRetrieveInputBuffer(WDFREQUEST Request,
                                                     SIZE_T MinimumRequiredLength, PVOID *Buffer,
                                                     SIZE_T *Length)
{
    return KLDR_WDF(269, NTSTATUS, WDFREQUEST, SIZE_T, PVOID *,
                    SIZE_T *)(WdfDriverGlobals, Request, MinimumRequiredLength, Buffer, Length);
}

static inline NTSTATUS WdfRequestRetrieveOutputBuffer(WDFREQUEST Request,
                                                      SIZE_T MinimumRequiredSize, PVOID *Buffer,
                                                      SIZE_T *Length)
{
    return KLDR_WDF(270, NTSTATUS, WDFREQUEST, SIZE_T, PVOID *,
                    SIZE_T *)(WdfDriverGlobals, Request, MinimumRequiredSize, Buffer, Length);
}

static inline PIRP WdfRequestWdmGetIrp(WDFREQUEST Request)
{
    return KLDR_WDF(285, PIRP, WDFREQUEST)(WdfDriverGlobals, Request);
}

static inline WDFQUEUE WdfRequestGetIoQueue(WDFREQUEST Request)
{
    return KLDR_WDF(282, WDFQUEUE, WDFREQUEST)(WdfDriverGlobals, Request);
}

static inline WDFFILEOBJECT WdfRequestGetFileObject(WDFREQUEST Request)
{
    return KLDR_WDF(277, WDFFILEOBJECT, WDFREQUEST)(WdfDriverGlobals, Request);
}

static inline KPROCESSOR_MODE WdfRequestGetRequestorMode(WDFREQUEST Request)
{
    return KLDR_WDF(280, KPROCESSOR_MODE, WDFREQUEST)(WdfDriverGlobals, Request);
}

#endif
