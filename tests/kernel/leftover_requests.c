// SPDX-License-Identifier: MIT
// What a driver that goes leaves registered, or almost: "kept" keeps everything, any other gives it
// all back. An IRP is kept too.
#include "check.h"

// Of the WDK: what is there to be called when the system stops.
struct bugcheck_record {
    LIST_ENTRY entry;
    PVOID routine, buffer;
    ULONG length;
    PUCHAR component;
    ULONG_PTR checksum;
    UCHAR state;
};

NTKERNELAPI BOOLEAN NTAPI KeRegisterBugCheckCallback(struct bugcheck_record *record,
                                                     VOID(NTAPI *routine)(PVOID, ULONG),
                                                     PVOID buffer, ULONG length, PUCHAR component);
NTKERNELAPI BOOLEAN NTAPI KeDeregisterBugCheckCallback(struct bugcheck_record *record);

static PKINTERRUPT interrupt;
static PCALLBACK_OBJECT callback;
static PVOID registration;
static PIRP irps[2];
static struct bugcheck_record record; // KBUGCHECK_CALLBACK_RECORD: zeroed, it is free
static UCHAR component[] = "test";

static VOID NTAPI on_stop(PVOID buffer, ULONG length)
{
    UNREFERENCED_PARAMETER(buffer);
    UNREFERENCED_PARAMETER(length);
}

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
    CHECK(KeDeregisterBugCheckCallback(&record));
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
    CHECK(KeRegisterBugCheckCallback(&record, on_stop, NULL, 0, component));
    irps[0] = IoAllocateIrp(1, FALSE);
    irps[1] = IoAllocateIrp(2, FALSE);
    IoRegisterDriverReinitialization(driver, again, NULL);
    if (driver->DriverName.Buffer[8] == 'r') { // \Driver\refused
        go(driver);
        failures++;
    }
}
