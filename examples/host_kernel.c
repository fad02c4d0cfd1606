// SPDX-License-Identifier: MIT
// The kernel functions that the examples' drivers call, for a test program of the host: the memory
// is the host's, so that its sanitizers see each mistake, and what is printed is left out.
#include <ntddk.h>

#include <stdlib.h>

int host_pool_blocks;
int host_completed_requests;

ULONG CDECL DbgPrint(PCSTR Format, ...)
{
    UNREFERENCED_PARAMETER(Format);
    return 0;
}

PVOID NTAPI ExAllocatePoolWithTag(POOL_TYPE PoolType, SIZE_T NumberOfBytes, ULONG Tag)
{
    PVOID block = malloc(NumberOfBytes);

    UNREFERENCED_PARAMETER(PoolType);
    UNREFERENCED_PARAMETER(Tag);
    host_pool_blocks += block != NULL;
    return block;
}

VOID NTAPI ExFreePoolWithTag(PVOID P, ULONG Tag)
{
    UNREFERENCED_PARAMETER(Tag);
    host_pool_blocks--;
    free(P);
}

KIRQL NTAPI KeAcquireSpinLockRaiseToDpc(PKSPIN_LOCK SpinLock)
{
    *SpinLock = 1;
    return PASSIVE_LEVEL;
}

VOID NTAPI KeReleaseSpinLock(PKSPIN_LOCK SpinLock, KIRQL NewIrql)
{
    UNREFERENCED_PARAMETER(NewIrql);
    *SpinLock = 0;
}

NTSTATUS NTAPI IoCreateDevice(PDRIVER_OBJECT DriverObject, ULONG DeviceExtensionSize,
                              PUNICODE_STRING DeviceName, DEVICE_TYPE DeviceType,
                              ULONG DeviceCharacteristics, BOOLEAN Exclusive,
                              PDEVICE_OBJECT *DeviceObject)
{
    PDEVICE_OBJECT device = calloc(1, sizeof(*device) + DeviceExtensionSize);

    UNREFERENCED_PARAMETER(DeviceName);
    UNREFERENCED_PARAMETER(DeviceCharacteristics);
    UNREFERENCED_PARAMETER(Exclusive);
    if (device == NULL) {
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    device->DriverObject = DriverObject;
    device->DeviceType = DeviceType;
    device->DeviceExtension = device + 1;
    device->Flags = DO_DEVICE_INITIALIZING;
    device->NextDevice = DriverObject->DeviceObject;
    DriverObject->DeviceObject = device;
    *DeviceObject = device;
    return STATUS_SUCCESS;
}

VOID NTAPI IoDeleteDevice(PDEVICE_OBJECT DeviceObject)
{
    PDEVICE_OBJECT *link = &DeviceObject->DriverObject->DeviceObject;

    while (*link != DeviceObject) {
        link = &(*link)->NextDevice;
    }
    *link = DeviceObject->NextDevice;
    free(DeviceObject);
}

VOID FASTCALL IofCompleteRequest(PIRP Irp, CCHAR PriorityBoost)
{
    UNREFERENCED_PARAMETER(Irp);
    UNREFERENCED_PARAMETER(PriorityBoost);
    host_completed_requests++;
}
