// SPDX-License-Identifier: MIT
// What a driver that goes leaves registered, or almost: "kept" keeps everything, any other gives it
// all back. An IRP is kept too.
#include "check.h"

static PKINTERRUPT interrupt;
static PCALLBACK_OBJECT callback;
static PVOID registration;
static PIRP irps[2];

static BOOLEAN NTAPI service(PKINTERRUPT given, PVOID context)
{
    UNREFERENCED_PARAMETER(given);
    UNREFERENCED_PARAMETER(context);
    return FALSE;
}

static VOID NTAPI called(PVOID context, PVOID first, PVOID second)
{
    UNREFERENCED_PARAMETER(context);
    UNREFERENCED_PARAMETER(first);
    UNREFERENCED_PARAMETER(second);
}

static VOID NTAPI again(PDRIVER_OBJECT driver, PVOID context, ULONG count)
{
    UNREFERENCED_PARAMETER(driver);
    UNREFERENCED_PARAMETER(context);
    UNREFERENCED_PARAMETER(count);
}

static VOID NTAPI go(PDRIVER_OBJECT driver)
{
    ObDereferenceObject(callback);
    if (driver->DriverName.Buffer[8] == 'k') { // \Driver\kept
        return;
    }
    IoDisconnectInterrupt(interrupt);
    ExUnregisterCallback(registration);
    IoFreeIrp(irps[0]);
    IoFreeIrp(irps[1]);
}

static void check(PDRIVER_OBJECT driver, PUNICODE_STRING path)
{
    static WCHAR text[] = {'\\', 'C', 'a', 'l', 'l', 'b', 'a', 'c', 'k', '\\', 'S', 0};
    UNICODE_STRING name;
    OBJECT_ATTRIBUTES attributes;
    BOOLEAN first = driver->DriverName.Buffer[8] == 'f';
    UNREFERENCED_PARAMETER(path);
    driver->DriverUnload = go;
    RtlInitUnicodeString(&name, text);
    InitializeObjectAttributes(&attributes, &name, OBJ_CASE_INSENSITIVE | OBJ_PERMANENT, NULL,
                               NULL);
    CHECK(ExCreateCallback(&callback, &attributes, TRUE, TRUE) == STATUS_SUCCESS);
    registration = ExRegisterCallback(callback, called, NULL);
    CHECK(registration != NULL);
    CHECK(IoConnectInterrupt(&interrupt, service, NULL, NULL, first ? 0x31 : 0x32, 5, 5,
                             LevelSensitive, FALSE, 1, FALSE) == STATUS_SUCCESS);
    irps[0] = IoAllocateIrp(1, FALSE);
    irps[1] = IoAllocateIrp(2, FALSE);
    IoRegisterDriverReinitialization(driver, again, NULL);
    if (driver->DriverName.Buffer[8] == 'r') { // \Driver\refused
        go(driver);
        failures++;
    }
}
