// SPDX-License-Identifier: MIT
// What a driver leaves behind of files, sections, pages, WMI and file systems.
#include "check.h"

static VOID NTAPI on_file_system(PDEVICE_OBJECT device, BOOLEAN active)
{
    UNREFERENCED_PARAMETER(device);
    UNREFERENCED_PARAMETER(active);
}

static void check(PDRIVER_OBJECT driver, PUNICODE_STRING path)
{
    static IO_STATUS_BLOCK block;
    UNICODE_STRING name;
    OBJECT_ATTRIBUTES given;
    HANDLE file, section;
    PVOID view = NULL;
    SIZE_T size = 0;
    LARGE_INTEGER most;
    PHYSICAL_ADDRESS low, high;
    PDEVICE_OBJECT device;
    UNREFERENCED_PARAMETER(path);
    RtlInitUnicodeString(&name, L"\\SystemRoot\\left.dat");
    InitializeObjectAttributes(&given, &name, OBJ_CASE_INSENSITIVE | OBJ_KERNEL_HANDLE, NULL, NULL);
    CHECK(ZwCreateFile(&file, GENERIC_WRITE, &given, &block, NULL, 0, 0, FILE_CREATE, 0, NULL, 0) ==
          STATUS_SUCCESS);
    most.QuadPart = 100;
    CHECK(ZwCreateSection(&section, SECTION_ALL_ACCESS, NULL, &most, PAGE_READWRITE, SEC_COMMIT,
                          NULL) == STATUS_SUCCESS);
    CHECK(ZwMapViewOfSection(section, ZwCurrentProcess(), &view, 0, 0, NULL, &size, ViewUnmap, 0,
                             PAGE_READWRITE) == STATUS_SUCCESS);
    ZwClose(section);
    low.QuadPart = 0;
    high.QuadPart = -1;
    ExFreePool(MmAllocatePagesForMdl(low, high, low, PAGE_SIZE)); // the MDL, not its pages
    CHECK(IoCreateDevice(driver, 0, NULL, FILE_DEVICE_DISK_FILE_SYSTEM, 0, FALSE, &device) ==
          STATUS_SUCCESS);
    CHECK(IoWMIRegistrationControl(device, WMIREG_ACTION_REGISTER) == STATUS_SUCCESS);
    IoRegisterFileSystem(device);
    CHECK(IoRegisterFsRegistrationChange(driver, on_file_system) == STATUS_SUCCESS);
    IoDeleteDevice(device);
}
