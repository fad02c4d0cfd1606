// SPDX-License-Identifier: MIT
// What WDFLDR.SYS, the framework library and a client tell each other: names and layouts of
// Microsoft's published framework headers (github.com/microsoft/Windows-Driver-Frameworks).
#ifndef WDF_LOADER_H
#define WDF_LOADER_H

#include <ntddk.h>

typedef VOID (*WDFFUNC)(VOID);
typedef PVOID PWDF_COMPONENT_GLOBALS; // the framework's own

typedef struct _WDF_VERSION {
    ULONG Major, Minor, Build;
} WDF_VERSION;

typedef struct _WDF_BIND_INFO {
    ULONG Size;
    WCHAR *Component;
    WDF_VERSION Version;
    ULONG FuncCount;
    WDFFUNC *FuncTable; // of the client, for the framework to fill
    PVOID Module;       // the loader's record
} WDF_BIND_INFO, *PWDF_BIND_INFO;

typedef NTSTATUS (*PFNLIBRARYCOMMISSION)(VOID);
typedef NTSTATUS (*PFNLIBRARYDECOMMISSION)(VOID);
typedef NTSTATUS (*PFNLIBRARYREGISTERCLIENT)(PWDF_BIND_INFO, PWDF_COMPONENT_GLOBALS *, PVOID *);
typedef NTSTATUS (*PFNLIBRARYUNREGISTERCLIENT)(PWDF_BIND_INFO, PWDF_COMPONENT_GLOBALS);

typedef struct _WDF_LIBRARY_INFO {
    ULONG Size;
    PFNLIBRARYCOMMISSION LibraryCommission;
    PFNLIBRARYDECOMMISSION LibraryDecommission;
    PFNLIBRARYREGISTERCLIENT LibraryRegisterClient;
    PFNLIBRARYUNREGISTERCLIENT LibraryUnregisterClient;
    WDF_VERSION Version;
} WDF_LIBRARY_INFO, *PWDF_LIBRARY_INFO;

#ifdef WDF_LOADER_ITSELF
#define WDF_API
#else
#define WDF_API DECLSPEC_IMPORT
#endif

WDF_API NTSTATUS NTAPI WdfRegisterLibrary(PWDF_LIBRARY_INFO LibraryInfo,
                                          PUNICODE_STRING ServicePath,
                                          PCUNICODE_STRING LibraryDeviceName);
WDF_API NTSTATUS NTAPI WdfVersionBind(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath,
                                      PWDF_BIND_INFO BindInfo,
                                      PWDF_COMPONENT_GLOBALS *ComponentGlobals);
WDF_API NTSTATUS NTAPI WdfVersionUnbind(PUNICODE_STRING RegistryPath, PWDF_BIND_INFO BindInfo,
                                        PWDF_COMPONENT_GLOBALS ComponentGlobals);
WDF_API NTSTATUS NTAPI WdfVersionBindClass(PWDF_BIND_INFO BindInfo,
                                           PWDF_COMPONENT_GLOBALS *ComponentGlobals,
                                           PVOID ClassBindInfo);
WDF_API VOID NTAPI WdfVersionUnbindClass(PWDF_BIND_INFO BindInfo,
                                         PWDF_COMPONENT_GLOBALS ComponentGlobals,
                                         PVOID ClassBindInfo);
WDF_API NTSTATUS NTAPI WdfLdrQueryInterface(PVOID LoaderInterface);

#endif
