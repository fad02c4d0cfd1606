// SPDX-License-Identifier: MIT
// StartIo, device timers, interrupts, error log entries.
#include "check.h"

static PDEVICE_OBJECT device;
static ULONG started, ticks, cancelled;
static PIRP order[4];

static VOID NTAPI start_io(PDEVICE_OBJECT target, PIRP irp)
{
    CHECK(target == device && device->CurrentIrp == irp);
    CHECK(KeGetCurrentIrql() == DISPATCH_LEVEL);
    order[started++] = irp;
}

static VOID NTAPI cancel(PDEVICE_OBJECT target, PIRP irp)
{
    CHECK(target == NULL);
    cancelled++;
    IoReleaseCancelSpinLock(irp->CancelIrql);
}

static void check_start(void)
{
    PIRP irps[4];
    ULONG keys[4] = {0, 30, 20, 10};
    KIRQL irql;
    for (int i = 0; i < 4; i++) {
        irps[i] = IoAllocateIrp(1, FALSE);
    }
    irps[3]->Cancel = TRUE;
    for (int i = 0; i < 4; i++) {
        IoStartPacket(device, irps[i], &keys[i], i == 3 ? cancel : NULL);
    }
    CHECK(started == 1 && order[0] == irps[0] && cancelled == 1);
    KeRaiseIrql(DISPATCH_LEVEL, &irql);
    IoStartNextPacketByKey(device, FALSE, 25);
    CHECK(started == 2 && order[1] == irps[1]);
    IoStartNextPacket(device, FALSE);
    IoStartNextPacket(device, FALSE);
    CHECK(started == 4 && order[2] == irps[3] && order[3] == irps[2]);
    IoStartNextPacket(device, FALSE);
    IoStartNextPacketByKey(device, FALSE, 1);
    CHECK(started == 4 && device->CurrentIrp == NULL && !device->DeviceQueue.Busy);
    KeLowerIrql(irql);
    for (int i = 0; i < 4; i++) {
        IoFreeIrp(irps[i]);
    }
}

static VOID NTAPI tick(PDEVICE_OBJECT target, PVOID context)
{
    CHECK(target == device && context == &ticks && KeGetCurrentIrql() == DISPATCH_LEVEL);
    ticks++;
}

static void check_timer(void)
{
    LARGE_INTEGER interval = {.QuadPart = -35000000};
    CHECK(IoInitializeTimer(device, tick, &ticks) == STATUS_SUCCESS && device->Timer != NULL);
    KeDelayExecutionThread(KernelMode, FALSE, &interval);
    CHECK(ticks == 0);
    IoStartTimer(device);
    KeDelayExecutionThread(KernelMode, FALSE, &interval);
    CHECK(ticks == 3);
    IoStopTimer(device);
    KeDelayExecutionThread(KernelMode, FALSE, &interval);
    CHECK(ticks == 3);
}

static BOOLEAN NTAPI service(PKINTERRUPT interrupt, PVOID context)
{
    UNREFERENCED_PARAMETER(interrupt);
    UNREFERENCED_PARAMETER(context);
    return TRUE;
}

static BOOLEAN NTAPI beside(PVOID context)
{
    CHECK(context == &ticks && KeGetCurrentIrql() == 6);
    return TRUE;
}

static void check_interrupt(void)
{
    PKINTERRUPT interrupt = NULL, second = NULL;
    KIRQL irql;
    CHECK(IoConnectInterrupt(&interrupt, service, NULL, NULL, 0x31, 5, 6, LevelSensitive, FALSE, 1,
                             FALSE) == STATUS_SUCCESS);
    CHECK(IoConnectInterrupt(&second, service, NULL, NULL, 0x31, 5, 6, LevelSensitive, FALSE, 1,
                             FALSE) == STATUS_INVALID_PARAMETER);
    CHECK(IoConnectInterrupt(&second, service, NULL, NULL, 0x32, 7, 6, LevelSensitive, FALSE, 1,
                             FALSE) == STATUS_INVALID_PARAMETER);
    CHECK(KeSynchronizeExecution(interrupt, beside, &ticks));
    irql = KeAcquireInterruptSpinLock(interrupt);
    CHECK(irql == PASSIVE_LEVEL && KeGetCurrentIrql() == 6);
    KeReleaseInterruptSpinLock(interrupt, irql);
    CHECK(KeGetCurrentIrql() == PASSIVE_LEVEL);
    IoDisconnectInterrupt(interrupt);
}

static void check_log(void)
{
    PIO_ERROR_LOG_PACKET packet = IoAllocateErrorLogEntry(device, sizeof *packet);
    CHECK(packet != NULL);
    packet->ErrorCode = STATUS_IO_DEVICE_ERROR;
    IoWriteErrorLogEntry(packet);
    packet = IoAllocateErrorLogEntry(device, ERROR_LOG_MAXIMUM_SIZE);
    CHECK(packet != NULL);
    IoFreeErrorLogEntry(packet);
    CHECK(IoAllocateErrorLogEntry(device, sizeof *packet - 1) == NULL);
    CHECK(IoAllocateErrorLogEntry(device, ERROR_LOG_MAXIMUM_SIZE + 1) == NULL);
}

static void check(PDRIVER_OBJECT driver, PUNICODE_STRING path)
{
    UNREFERENCED_PARAMETER(path);
    driver->DriverStartIo = start_io;
    CHECK(IoCreateDevice(driver, 0, NULL, FILE_DEVICE_UNKNOWN, 0, FALSE, &device) == 0);
    check_start();
    check_timer();
    check_interrupt();
    check_log();
    IoDeleteDevice(device);
}
