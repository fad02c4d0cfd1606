// SPDX-License-Identifier: MIT
// An export driver: loaded because another driver imports from it. DllInitialize is called before
// the first importer runs, DllUnload after the last one has gone.
#define PORTAPI
#include "port.h"

#define PORT_TAG 0x74726f50 // "Port"

struct client {
    LIST_ENTRY entry;
    PDRIVER_OBJECT driver;
};

static LIST_ENTRY clients;
static KSPIN_LOCK clients_lock;

DRIVER_INITIALIZE DriverEntry;

// For a driver that somebody starts as a service. As an import of others, port.sys is never
// started.
NTSTATUS NTAPI DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    UNREFERENCED_PARAMETER(DriverObject);
    UNREFERENCED_PARAMETER(RegistryPath);
    return STATUS_SUCCESS;
}

NTSTATUS NTAPI DllInitialize(PUNICODE_STRING RegistryPath)
{
    InitializeListHead(&clients);
    KeInitializeSpinLock(&clients_lock);
    DbgPrint("port: DllInitialize %wZ\n", RegistryPath);
    return STATUS_SUCCESS;
}

NTSTATUS NTAPI DllUnload(VOID)
{
    DbgPrint("port: DllUnload\n");
    return IsListEmpty(&clients) ? STATUS_SUCCESS : STATUS_UNSUCCESSFUL;
}

NTSTATUS NTAPI PortRegister(PDRIVER_OBJECT Driver)
{
    KIRQL irql;
    struct client *client = ExAllocatePoolWithTag(NonPagedPool, sizeof(*client), PORT_TAG);

    if (client == NULL) {
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    client->driver = Driver;
    KeAcquireSpinLock(&clients_lock, &irql);
    InsertTailList(&clients, &client->entry);
    KeReleaseSpinLock(&clients_lock, irql);
    return STATUS_SUCCESS;
}

// Takes the client of Driver out of the list. The lock is held.
static struct client *take_client(PDRIVER_OBJECT Driver)
{
    PLIST_ENTRY entry;

    for (entry = clients.Flink; entry != &clients; entry = entry->Flink) {
        struct client *client = CONTAINING_RECORD(entry, struct client, entry);
        if (client->driver == Driver) {
            RemoveEntryList(entry);
            return client;
        }
    }
    return NULL;
}

VOID NTAPI PortUnregister(PDRIVER_OBJECT Driver)
{
    KIRQL irql;
    struct client *client;

    KeAcquireSpinLock(&clients_lock, &irql);
    client = take_client(Driver);
    KeReleaseSpinLock(&clients_lock, irql);
    if (client != NULL) {
        ExFreePoolWithTag(client, PORT_TAG);
    }
}
