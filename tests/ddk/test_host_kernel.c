// SPDX-License-Identifier: MIT
// Drivers that the host's compiler made, served by the simulated kernel: a port as export driver
// and a mini driver with a device.
#include "test.h"

#include <kldr/io.h>

#include <ntddk.h>

#include <string.h>

#define TAG 0x74736554u

struct extension {
    PDEVICE_OBJECT lower;
    KEVENT event;
    KTIMER timer;
    KDPC dpc;
    UCHAR last;
};

static unsigned initialized, unloaded, dpcs, threads;

// ---- port.sys ----

static NTSTATUS NTAPI port_initialize(PUNICODE_STRING path)
{
    initialized += path->Length != 0;
    return STATUS_SUCCESS;
}

static NTSTATUS NTAPI port_unload(void)
{
    unloaded++;
    return STATUS_SUCCESS;
}

static NTSTATUS NTAPI PortComplete(PIRP irp, NTSTATUS status, ULONG_PTR information)
{
    irp->IoStatus.Status = status;
    irp->IoStatus.Information = information;
    IoCompleteRequest(irp, IO_NO_INCREMENT);
    return status;
}

// ---- mini.sys ----

static NTSTATUS(NTAPI *imp_PortComplete)(PIRP, NTSTATUS, ULONG_PTR);

static NTSTATUS NTAPI open_close(PDEVICE_OBJECT device, PIRP irp)
{
    UNREFERENCED_PARAMETER(device);
    return imp_PortComplete(irp, STATUS_SUCCESS, 0);
}

static NTSTATUS NTAPI read_bytes(PDEVICE_OBJECT device, PIRP irp)
{
    struct extension *extension = device->DeviceExtension;
    ULONG length = IoGetCurrentIrpStackLocation(irp)->Parameters.Read.Length;
    memset(irp->AssociatedIrp.SystemBuffer, extension->last, length);
    return imp_PortComplete(irp, STATUS_SUCCESS, length);
}

static NTSTATUS NTAPI write_bytes(PDEVICE_OBJECT device, PIRP irp)
{
    struct extension *extension = device->DeviceExtension;
    ULONG length = IoGetCurrentIrpStackLocation(irp)->Parameters.Write.Length;
    extension->last = ((PUCHAR)irp->AssociatedIrp.SystemBuffer)[length - 1];
    return imp_PortComplete(irp, STATUS_SUCCESS, length);
}

static VOID NTAPI on_timer(PKDPC dpc, PVOID context, PVOID first, PVOID second)
{
    struct extension *extension = context;
    UNREFERENCED_PARAMETER(dpc);
    UNREFERENCED_PARAMETER(first);
    UNREFERENCED_PARAMETER(second);
    dpcs += KeGetCurrentIrql() == DISPATCH_LEVEL;
    KeSetEvent(&extension->event, IO_NO_INCREMENT, FALSE);
}

static VOID NTAPI thread(PVOID context)
{
    struct extension *extension = context;
    KeWaitForSingleObject(&extension->event, Executive, KernelMode, FALSE, NULL);
    threads++;
    PsTerminateSystemThread(STATUS_SUCCESS);
}

static void start_thread(struct extension *extension)
{
    HANDLE handle = NULL;
    if (NT_SUCCESS(PsCreateSystemThread(&handle, THREAD_ALL_ACCESS, NULL, NULL, NULL, thread,
                                        extension))) {
        ZwClose(handle);
    }
}

static VOID NTAPI mini_unload(PDRIVER_OBJECT driver)
{
    KeCancelTimer(&((struct extension *)driver->DeviceObject->DeviceExtension)->timer);
    IoDeleteDevice(driver->DeviceObject);
}

static NTSTATUS NTAPI mini_entry(PDRIVER_OBJECT driver, PUNICODE_STRING path)
{
    UNICODE_STRING name = RTL_CONSTANT_STRING((PWCH)(ULONG_PTR)u"\\Device\\Mini");
    PDEVICE_OBJECT device = NULL;
    LARGE_INTEGER due;
    name.Length = 12 * sizeof(WCHAR);
    name.MaximumLength = 13 * sizeof(WCHAR);
    NTSTATUS status = IoCreateDevice(driver, sizeof(struct extension), &name, FILE_DEVICE_UNKNOWN,
                                     0, FALSE, &device);
    if (!NT_SUCCESS(status)) {
        return status;
    }
    struct extension *extension = device->DeviceExtension;
    device->Flags |= DO_BUFFERED_IO;
    driver->DriverUnload = mini_unload;
    driver->MajorFunction[IRP_MJ_CREATE] = driver->MajorFunction[IRP_MJ_CLOSE] = open_close;
    driver->MajorFunction[IRP_MJ_CLEANUP] = open_close;
    driver->MajorFunction[IRP_MJ_READ] = read_bytes;
    driver->MajorFunction[IRP_MJ_WRITE] = write_bytes;
    KeInitializeEvent(&extension->event, NotificationEvent, FALSE);
    KeInitializeTimer(&extension->timer);
    KeInitializeDpc(&extension->dpc, on_timer, extension);
    due.QuadPart = -10000000;
    KeSetTimer(&extension->timer, due, &extension->dpc);
    start_thread(extension);
    DbgPrint("mini %d %wZ\n", 7, path);
    return STATUS_SUCCESS;
}

// ---- files.sys ----

static unsigned step; // how far it came

static NTSTATUS use_section(HANDLE file)
{
    HANDLE section = NULL;
    PVOID view = NULL;
    SIZE_T size = 0;
    NTSTATUS status =
        ZwCreateSection(&section, SECTION_ALL_ACCESS, NULL, NULL, PAGE_READWRITE, SEC_COMMIT, file);
    if (NT_SUCCESS(status)) {
        status = ZwMapViewOfSection(section, ZwCurrentProcess(), &view, 0, 0, NULL, &size,
                                    ViewUnmap, 0, PAGE_READWRITE);
        ZwClose(section);
    }
    if (NT_SUCCESS(status)) {
        ((char *)view)[0] = 'K';
        status = ZwUnmapViewOfSection(ZwCurrentProcess(), view);
    }
    return status;
}

static NTSTATUS NTAPI files_entry(PDRIVER_OBJECT driver, PUNICODE_STRING path)
{
    UNICODE_STRING name;
    OBJECT_ATTRIBUTES given;
    IO_STATUS_BLOCK block;
    HANDLE file = NULL;
    LARGE_INTEGER at = {.QuadPart = 0};
    char text[8] = {0};
    UNREFERENCED_PARAMETER(driver);
    UNREFERENCED_PARAMETER(path);
    RtlInitUnicodeString(&name, (PCWSTR)(const void *)u"\\SystemRoot\\host.dat");
    InitializeObjectAttributes(&given, &name, OBJ_CASE_INSENSITIVE | OBJ_KERNEL_HANDLE, NULL, NULL);
    NTSTATUS status = ZwCreateFile(&file, GENERIC_READ | GENERIC_WRITE, &given, &block, NULL, 0, 0,
                                   FILE_CREATE, FILE_SYNCHRONOUS_IO_NONALERT, NULL, 0);
    step += NT_SUCCESS(status);
    status = ZwWriteFile(file, NULL, NULL, NULL, &block, (PVOID)(ULONG_PTR) "kldr", 4, NULL, NULL);
    step += NT_SUCCESS(status) && block.Information == 4;
    step += NT_SUCCESS(use_section(file));
    status = ZwReadFile(file, NULL, NULL, NULL, &block, text, 8, &at, NULL);
    step += NT_SUCCESS(status) && strcmp(text, "Kldr") == 0;
    ZwClose(file);
    step += NT_SUCCESS(ZwDeleteFile(&given));
    step += ZwDeleteFile(&given) == STATUS_OBJECT_NAME_NOT_FOUND;
    return STATUS_SUCCESS;
}

static const struct kldr_host_driver files = {
    .name = "files.sys",
    .wdm = {.DriverEntry = (kldr_any_function)files_entry},
};

static const struct kldr_host_export port_exports[] = {KLDR_EXPORT(PortComplete)};
static const struct kldr_host_driver port = {
    .name = "port.sys",
    .exports = port_exports,
    .export_count = 1,
    .wdm = {.DllInitialize = (kldr_any_function)port_initialize,
            .DllUnload = (kldr_any_function)port_unload},
};
static const struct kldr_host_import mini_imports[] = {KLDR_IMPORT(port.sys, PortComplete)};
static const struct kldr_host_driver mini = {
    .name = "mini.sys",
    .imports = mini_imports,
    .import_count = 1,
    .wdm = {.DriverEntry = (kldr_any_function)mini_entry},
};

static char printed[128];

static void on_event(void *user, const struct kldr_event *event)
{
    (void)user;
    if (event->kind == KLDR_EVENT_DEBUG_PRINT) {
        strncat(printed, event->text, sizeof printed - strlen(printed) - 1);
    }
}

static struct kldr_world *make_world(void)
{
    struct kldr_world_options options = {.on_event = on_event};
    struct kldr_world *world = NULL;
    kldr_policy_init(&options.policy, KLDR_PROFILE_24H2);
    assert_int_equal(kldr_world_create(&options, &world, NULL), KLDR_STATUS_SUCCESS);
    assert_int_equal(kldr_world_add_host_driver(world, "port.sys", &port, NULL),
                     KLDR_STATUS_SUCCESS);
    assert_int_equal(kldr_world_add_host_driver(world, "mini.sys", &mini, NULL),
                     KLDR_STATUS_SUCCESS);
    initialized = unloaded = dpcs = threads = 0;
    printed[0] = '\0';
    return world;
}

static void requests_reach_a_driver_of_the_host(void **state)
{
    struct kldr_world *world = make_world();
    uint8_t bytes[4] = {1, 2, 3, 0x55};
    struct kldr_request request = {.device = "\\Device\\Mini", .input = bytes, .input_size = 4};
    uint64_t information = 0;
    (void)state;
    assert_int_equal(kldr_world_load(world, "mini", NULL), KLDR_STATUS_SUCCESS);
    assert_int_equal(initialized, 1);
    assert_non_null(strstr(printed, "mini 7 \\REGISTRY\\MACHINE"));
    assert_int_equal(kldr_world_write(world, &request, &information, NULL), KLDR_STATUS_SUCCESS);
    assert_int_equal(information, 4);
    request = (struct kldr_request){.device = "\\Device\\Mini", .output = bytes, .output_size = 3};
    assert_int_equal(kldr_world_read(world, &request, &information, NULL), KLDR_STATUS_SUCCESS);
    assert_int_equal(information, 3);
    assert_int_equal(bytes[2], 0x55);
    assert_int_equal(kldr_world_ioctl(world, 0x222000, &request, NULL, NULL),
                     (kldr_status)0xC0000010);
    assert_int_equal(kldr_world_unload(world, "mini", NULL), KLDR_STATUS_SUCCESS);
    assert_int_equal(unloaded, 1);
    kldr_world_destroy(world);
}

static void timers_and_threads_run_on_the_virtual_clock(void **state)
{
    struct kldr_world *world = make_world();
    (void)state;
    assert_int_equal(kldr_world_load(world, "mini", NULL), KLDR_STATUS_SUCCESS);
    assert_int_equal(dpcs, 0);
    assert_int_equal(kldr_world_advance(world, 20000000, NULL), KLDR_STATUS_SUCCESS);
    assert_int_equal(dpcs, 1);
    assert_int_equal(threads, 1);
    assert_int_equal(kldr_world_unload(world, "mini", NULL), KLDR_STATUS_SUCCESS);
    kldr_world_destroy(world);
}

static void files_of_the_simulated_disk_are_used(void **state)
{
    struct kldr_world *world = make_world();
    (void)state;
    step = 0;
    assert_int_equal(kldr_world_add_host_driver(world, "files.sys", &files, NULL),
                     KLDR_STATUS_SUCCESS);
    assert_int_equal(kldr_world_load(world, "files", NULL), KLDR_STATUS_SUCCESS);
    assert_int_equal(step, 6);
    kldr_world_destroy(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(requests_reach_a_driver_of_the_host),
        cmocka_unit_test(files_of_the_simulated_disk_are_used),
        cmocka_unit_test(timers_and_threads_run_on_the_virtual_clock),
    };
    return cmocka_run_group_tests_name("host_kernel", tests, NULL, NULL);
}
