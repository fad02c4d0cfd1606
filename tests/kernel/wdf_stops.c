// SPDX-License-Identifier: MIT
// What stops the system in the driver framework, and objects that are left; the driver's name says
// which it does.
#define CHECK_OWN_ENTRY
#include "check.h"

#include <wdf.h>

#define IS(name) (WdfDriverGlobals->DriverName[0] == (name))

static WDFOBJECT make(void)
{
    WDFOBJECT object = NULL;
    CHECK(WdfObjectCreate(WDF_NO_OBJECT_ATTRIBUTES, &object) == STATUS_SUCCESS);
    return object;
}

static void misuse_locks(void)
{
    WDFSPINLOCK spin = NULL;
    WDFWAITLOCK wait = NULL;
    WdfSpinLockCreate(WDF_NO_OBJECT_ATTRIBUTES, &spin);
    WdfWaitLockCreate(WDF_NO_OBJECT_ATTRIBUTES, &wait);
    if (IS('r')) { // recursive
        WdfSpinLockAcquire(spin);
        WdfSpinLockAcquire(spin);
    } else if (IS('w')) { // wait twice
        WdfWaitLockAcquire(wait, NULL);
        WdfWaitLockAcquire(wait, NULL);
    } else if (IS('s')) { // spin lock not held
        WdfSpinLockRelease(spin);
    } else if (IS('u')) { // unheld wait lock
        WdfWaitLockRelease(wait);
    }
}

static VOID NTAPI dereference(WDFOBJECT object)
{
    WdfObjectDereference(object);
}

// Each of them below the one before.
static void make_deep(void)
{
    WDF_OBJECT_ATTRIBUTES attributes;
    WDFOBJECT object = NULL;
    WDF_OBJECT_ATTRIBUTES_INIT(&attributes);
    for (ULONG i = 0; i < 20000; i++) {
        attributes.ParentObject = object;
        CHECK(WdfObjectCreate(&attributes, &object) == STATUS_SUCCESS);
    }
}

// Gives back a reference that it does not have, while the object ends.
static void end_badly(BOOLEAN in_cleanup)
{
    WDF_OBJECT_ATTRIBUTES attributes;
    WDFOBJECT object = NULL;
    WDF_OBJECT_ATTRIBUTES_INIT(&attributes);
    attributes.EvtCleanupCallback = in_cleanup ? dereference : NULL;
    attributes.EvtDestroyCallback = in_cleanup ? NULL : dereference;
    CHECK(WdfObjectCreate(&attributes, &object) == STATUS_SUCCESS);
    WdfObjectDelete(object);
}

static VOID NTAPI unload(WDFDRIVER driver)
{
    UNREFERENCED_PARAMETER(driver);
}

DRIVER_INITIALIZE DriverEntry;
NTSTATUS NTAPI DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    WDF_DRIVER_CONFIG config;
    WDFOBJECT object;
    WDF_DRIVER_CONFIG_INIT(&config, NULL);
    config.DriverInitFlags = WdfDriverInitNonPnpDriver;
    config.EvtDriverUnload = unload;
    WdfDriverCreate(DriverObject, RegistryPath, NULL, &config, NULL);
    object = make();
    if (IS('h')) { // handle of another type
        WdfMemoryGetBuffer(object, NULL);
    } else if (IS('n')) { // NULL
        WdfObjectCreate(WDF_NO_OBJECT_ATTRIBUTES, NULL);
    } else if (IS('d')) { // dereferenced without delete
        WdfObjectDereference(object);
    } else if (IS('o')) { // old handle
        WdfObjectDelete(object);
        WdfObjectDelete(object);
    } else if (IS('x')) { // the driver object
        WdfObjectDelete(WdfGetDriver());
    } else if (IS('l')) { // left
        WdfObjectReference(object);
    } else if (IS('g')) { // going deep
        make_deep();
    } else if (IS('c') || IS('e')) { // in the cleanup callback, or at the end
        end_badly(IS('c'));
    } else if (IS('f')) { // a function that kldr lacks
        KLDR_WDF(21, NTSTATUS, PVOID)(WdfDriverGlobals, object);
    } else {
        misuse_locks();
    }
    return failures == 0 ? STATUS_SUCCESS : STATUS_UNSUCCESSFUL;
}
