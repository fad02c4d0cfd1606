// SPDX-License-Identifier: MIT
// File handles on a driver's own device: what its routines get, and how requests end that are not
// waited for.
#include "check.h"

#define CODE_BUFFERED CTL_CODE(FILE_DEVICE_UNKNOWN, 0x800, METHOD_BUFFERED, FILE_ANY_ACCESS)
#define CODE_DIRECT   CTL_CODE(FILE_DEVICE_UNKNOWN, 0x801, METHOD_OUT_DIRECT, FILE_ANY_ACCESS)
#define CODE_NEITHER  CTL_CODE(FILE_DEVICE_UNKNOWN, 0x802, METHOD_NEITHER, FILE_ANY_ACCESS)

static IO_STATUS_BLOCK block;
static PDEVICE_OBJECT device;
static PIRP kept;
static int creates, cleanups, closes, flushes;
static WCHAR last_name[32];
static BOOLEAN keep;

// ---- the driver ----

static NTSTATUS finish(PIRP irp, NTSTATUS status, ULONG_PTR information)
{
    irp->IoStatus.Status = status;
    irp->IoStatus.Information = information;
    IoCompleteRequest(irp, IO_NO_INCREMENT);
    return status;
}

static NTSTATUS create(PIRP irp, PIO_STACK_LOCATION location)
{
    PUNICODE_STRING name = &location->FileObject->FileName;
    creates++;
    RtlZeroMemory(last_name, sizeof last_name);
    RtlCopyMemory(last_name, name->Buffer, name->Length);
    CHECK(location->Parameters.Create.SecurityContext->DesiredAccess ==
          (FILE_GENERIC_READ | SYNCHRONIZE));
    return finish(irp, name->Length == 2 * 7 ? STATUS_NO_SUCH_FILE : STATUS_SUCCESS, 77);
}

static NTSTATUS transfer(PIRP irp, PIO_STACK_LOCATION location)
{
    PCHAR bytes = irp->AssociatedIrp.SystemBuffer;
    ULONG length = location->Parameters.Read.Length;
    if (keep) {
        IoMarkIrpPending(irp);
        kept = irp;
        return STATUS_PENDING;
    }
    if (location->MajorFunction == IRP_MJ_READ) {
        bytes[0] = (char)('a' + location->Parameters.Read.ByteOffset.QuadPart);
    } else {
        CHECK(length == 3 && memcmp(bytes, "abc", 3) == 0);
    }
    return finish(irp, STATUS_SUCCESS, length);
}

static NTSTATUS control(PIRP irp, PIO_STACK_LOCATION location)
{
    ULONG input = location->Parameters.DeviceIoControl.InputBufferLength;
    switch (location->Parameters.DeviceIoControl.IoControlCode) {
    case CODE_BUFFERED:
        ((PUCHAR)irp->AssociatedIrp.SystemBuffer)[0]++;
        return finish(irp, STATUS_SUCCESS, 1);
    case CODE_DIRECT:
        RtlCopyMemory(MmGetSystemAddressForMdlSafe(irp->MdlAddress, NormalPagePriority),
                      irp->AssociatedIrp.SystemBuffer, input);
        return finish(irp, STATUS_SUCCESS, input);
    case CODE_NEITHER:
        *(PUCHAR)irp->UserBuffer =
            (UCHAR)(2 * *(PUCHAR)location->Parameters.DeviceIoControl.Type3InputBuffer);
        return finish(irp, STATUS_SUCCESS, 1);
    default:
        return finish(irp, STATUS_INVALID_DEVICE_REQUEST, 0);
    }
}

static NTSTATUS NTAPI dispatch(PDEVICE_OBJECT own, PIRP irp)
{
    PIO_STACK_LOCATION location = IoGetCurrentIrpStackLocation(irp);
    UNREFERENCED_PARAMETER(own);
    switch (location->MajorFunction) {
    case IRP_MJ_CREATE:
        return create(irp, location);
    case IRP_MJ_READ:
    case IRP_MJ_WRITE:
        return transfer(irp, location);
    case IRP_MJ_DEVICE_CONTROL:
    case IRP_MJ_FILE_SYSTEM_CONTROL:
        return control(irp, location);
    case IRP_MJ_QUERY_INFORMATION:
        ((PFILE_STANDARD_INFORMATION)irp->AssociatedIrp.SystemBuffer)->EndOfFile.QuadPart = 99;
        return finish(irp, STATUS_SUCCESS, sizeof(FILE_STANDARD_INFORMATION));
    default:
        cleanups += location->MajorFunction == IRP_MJ_CLEANUP;
        closes += location->MajorFunction == IRP_MJ_CLOSE;
        flushes += location->MajorFunction == IRP_MJ_FLUSH_BUFFERS;
        return finish(irp, STATUS_SUCCESS, 0);
    }
}

// ---- its user ----

static NTSTATUS open(PCWSTR path, ULONG options, PHANDLE handle)
{
    UNICODE_STRING name;
    OBJECT_ATTRIBUTES given;
    RtlInitUnicodeString(&name, path);
    InitializeObjectAttributes(&given, &name, OBJ_CASE_INSENSITIVE | OBJ_KERNEL_HANDLE, NULL, NULL);
    *handle = NULL;
    return ZwOpenFile(handle, GENERIC_READ | SYNCHRONIZE, &given, &block, 0, options);
}

static void check_synchronous(void)
{
    HANDLE file;
    UCHAR byte = 5;
    char text[4] = "abc";
    LARGE_INTEGER at;
    FILE_STANDARD_INFORMATION standard;
    CHECK(open(L"\\??\\KldrFiles\\missing", FILE_SYNCHRONOUS_IO_NONALERT, &file) ==
          STATUS_OBJECT_PATH_NOT_FOUND);
    CHECK(open(L"\\Device\\Files\\absent", FILE_SYNCHRONOUS_IO_NONALERT, &file) ==
          STATUS_NO_SUCH_FILE);
    CHECK(creates == 1 && cleanups == 0 && closes == 0);
    CHECK(open(L"\\DosDevices\\Files\\sub\\x", FILE_SYNCHRONOUS_IO_NONALERT, &file) ==
          STATUS_SUCCESS);
    CHECK(block.Information == 77 && wcscmp(last_name, L"\\sub\\x") == 0);
    at.QuadPart = 3;
    CHECK(ZwReadFile(file, NULL, NULL, NULL, &block, text, 1, &at, NULL) == STATUS_SUCCESS);
    CHECK(text[0] == 'd' && block.Information == 1);
    text[0] = 'a';
    CHECK(ZwWriteFile(file, NULL, NULL, NULL, &block, text, 3, &at, NULL) == STATUS_SUCCESS);
    CHECK(ZwDeviceIoControlFile(file, NULL, NULL, NULL, &block, CODE_BUFFERED, &byte, 1, &byte,
                                1) == STATUS_SUCCESS);
    CHECK(byte == 6 && block.Information == 1);
    CHECK(ZwDeviceIoControlFile(file, NULL, NULL, NULL, &block, CODE_DIRECT, "xyz", 3, text, 3) ==
          STATUS_SUCCESS);
    CHECK(memcmp(text, "xyz", 3) == 0);
    CHECK(ZwFsControlFile(file, NULL, NULL, NULL, &block, CODE_NEITHER, &byte, 1, &byte, 1) ==
          STATUS_SUCCESS);
    CHECK(byte == 12);
    CHECK(ZwFsControlFile(file, NULL, NULL, NULL, &block, 0, NULL, 0, NULL, 0) ==
          STATUS_INVALID_DEVICE_REQUEST);
    CHECK(ZwDeviceIoControlFile(file, NULL, NULL, NULL, &block, 0, NULL, 0, NULL, 0) ==
          STATUS_INVALID_DEVICE_REQUEST);
    CHECK(ZwFlushBuffersFile(file, &block) == STATUS_SUCCESS && flushes == 1);
    CHECK(ZwQueryInformationFile(file, &block, &standard, sizeof standard,
                                 FileStandardInformation) == STATUS_SUCCESS);
    CHECK(standard.EndOfFile.QuadPart == 99);
    ZwClose(file);
    CHECK(cleanups == 1 && closes == 1);
}

static VOID NTAPI complete_later(PVOID context)
{
    UNREFERENCED_PARAMETER(context);
    ((PCHAR)kept->AssociatedIrp.SystemBuffer)[0] = 'L';
    finish(kept, STATUS_SUCCESS, 1);
}

static void check_pending(void)
{
    HANDLE file, event, thread;
    LARGE_INTEGER at, none;
    char byte = 0;
    none.QuadPart = at.QuadPart = 0;
    keep = TRUE;
    CHECK(ZwCreateEvent(&event, EVENT_ALL_ACCESS, NULL, NotificationEvent, FALSE) ==
          STATUS_SUCCESS);
    CHECK(open(L"\\Device\\Files", 0, &file) == STATUS_SUCCESS);
    block.Information = 0;
    CHECK(ZwReadFile(file, event, NULL, NULL, &block, &byte, 1, &at, NULL) == STATUS_PENDING);
    CHECK(ZwWaitForSingleObject(event, FALSE, &none) == STATUS_TIMEOUT);
    complete_later(NULL);
    CHECK(ZwWaitForSingleObject(event, FALSE, &none) == STATUS_SUCCESS);
    CHECK(byte == 'L' && block.Information == 1 && block.Status == STATUS_SUCCESS);
    // The file itself can be waited for, and closing it does not wait for its requests.
    CHECK(ZwReadFile(file, NULL, NULL, NULL, &block, &byte, 1, &at, NULL) == STATUS_PENDING);
    closes = 0;
    CHECK(ZwWaitForSingleObject(file, FALSE, &none) == STATUS_TIMEOUT);
    ZwClose(file);
    CHECK(closes == 0);
    complete_later(NULL);
    CHECK(closes == 1);
    // A synchronous file waits.
    CHECK(open(L"\\Device\\Files", FILE_SYNCHRONOUS_IO_NONALERT, &file) == STATUS_SUCCESS);
    CHECK(PsCreateSystemThread(&thread, THREAD_ALL_ACCESS, NULL, NULL, NULL, complete_later,
                               NULL) == STATUS_SUCCESS);
    byte = 0;
    CHECK(ZwReadFile(file, NULL, NULL, NULL, &block, &byte, 1, &at, NULL) == STATUS_SUCCESS);
    CHECK(byte == 'L' && block.Information == 1);
    ZwClose(thread);
    ZwClose(file);
    ZwClose(event);
    keep = FALSE;
}

static void check_create_file(void)
{
    HANDLE file = NULL;
    UNICODE_STRING name;
    OBJECT_ATTRIBUTES given;
    IO_DRIVER_CREATE_CONTEXT context = {.Size = sizeof context};
    RtlInitUnicodeString(&name, L"\\Device\\Files");
    InitializeObjectAttributes(&given, &name, OBJ_CASE_INSENSITIVE | OBJ_KERNEL_HANDLE, NULL, NULL);
    CHECK(IoCreateFile(&file, GENERIC_READ, &given, &block, NULL, 0, 0, FILE_OPEN, 0, NULL, 0,
                       CreateFileTypeNone, NULL, 0) == STATUS_SUCCESS);
    ZwClose(file);
    CHECK(IoCreateFileEx(&file, GENERIC_READ, &given, &block, NULL, 0, 0, FILE_OPEN, 0, NULL, 0,
                         CreateFileTypeNone, NULL, 0, &context) == STATUS_SUCCESS);
    ZwClose(file);
    context.Size = 1;
    CHECK(IoCreateFileEx(&file, GENERIC_READ, &given, &block, NULL, 0, 0, FILE_OPEN, 0, NULL, 0,
                         CreateFileTypeNone, NULL, 0, &context) == STATUS_INVALID_PARAMETER);
    RtlInitUnicodeString(&name, L"\\Device\\Nothing");
    CHECK(IoCreateFile(&file, GENERIC_READ, &given, &block, NULL, 0, 0, FILE_OPEN, 0, NULL, 0,
                       CreateFileTypeNone, NULL, 0) == STATUS_OBJECT_NAME_NOT_FOUND);
}

static void check(PDRIVER_OBJECT driver, PUNICODE_STRING path)
{
    UNICODE_STRING name, link;
    UNREFERENCED_PARAMETER(path);
    RtlInitUnicodeString(&name, L"\\Device\\Files");
    RtlInitUnicodeString(&link, L"\\DosDevices\\Files");
    CHECK(IoCreateDevice(driver, 0, &name, FILE_DEVICE_UNKNOWN, 0, FALSE, &device) ==
          STATUS_SUCCESS);
    CHECK(IoCreateSymbolicLink(&link, &name) == STATUS_SUCCESS);
    device->Flags |= DO_BUFFERED_IO;
    device->Flags &= ~(ULONG)DO_DEVICE_INITIALIZING;
    for (int i = 0; i <= IRP_MJ_MAXIMUM_FUNCTION; i++) {
        driver->MajorFunction[i] = dispatch;
    }
    check_synchronous();
    check_pending();
    check_create_file();
    IoDeleteSymbolicLink(&link);
    IoDeleteDevice(device);
}
