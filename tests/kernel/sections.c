// SPDX-License-Identifier: MIT
// Sections with and without a file, physical memory, pages for MDLs.
#include "check.h"

DECLSPEC_IMPORT PVOID NTAPI MmAllocateContiguousMemorySpecifyCache(SIZE_T NumberOfBytes,
                                                                   PHYSICAL_ADDRESS Lowest,
                                                                   PHYSICAL_ADDRESS Highest,
                                                                   PHYSICAL_ADDRESS Boundary,
                                                                   MEMORY_CACHING_TYPE CacheType);
DECLSPEC_IMPORT VOID NTAPI MmFreeContiguousMemorySpecifyCache(PVOID BaseAddress, SIZE_T Size,
                                                              MEMORY_CACHING_TYPE CacheType);

static IO_STATUS_BLOCK block;

static NTSTATUS make(LONGLONG size, ULONG protection, ULONG kind, HANDLE file, PCWSTR path,
                     PHANDLE handle)
{
    UNICODE_STRING name;
    OBJECT_ATTRIBUTES given;
    LARGE_INTEGER most;
    most.QuadPart = size;
    RtlInitUnicodeString(&name, path);
    InitializeObjectAttributes(&given, path != NULL ? &name : NULL,
                               OBJ_CASE_INSENSITIVE | OBJ_KERNEL_HANDLE, NULL, NULL);
    *handle = NULL;
    return ZwCreateSection(handle, SECTION_ALL_ACCESS, &given, size != 0 ? &most : NULL, protection,
                           kind, file);
}

static NTSTATUS map(HANDLE section, LONGLONG offset, SIZE_T size, ULONG protection, PVOID *view,
                    PSIZE_T view_size)
{
    LARGE_INTEGER at;
    at.QuadPart = offset;
    *view = NULL;
    *view_size = size;
    return ZwMapViewOfSection(section, ZwCurrentProcess(), view, 0, 0, &at, view_size, ViewUnmap, 0,
                              protection);
}

static void check_plain(void)
{
    HANDLE section, again;
    PVOID first, second;
    SIZE_T size;
    UNICODE_STRING name;
    OBJECT_ATTRIBUTES given;
    CHECK(make(0, PAGE_READWRITE, SEC_COMMIT, NULL, NULL, &section) == STATUS_INVALID_PARAMETER_4);
    CHECK(make(100, 3, SEC_COMMIT, NULL, NULL, &section) == STATUS_INVALID_PAGE_PROTECTION);
    CHECK(make(100, PAGE_READWRITE, 0, NULL, NULL, &section) == STATUS_INVALID_PARAMETER_6);
    CHECK(make(0x12345, PAGE_READWRITE, SEC_COMMIT, NULL, L"\\BaseNamedObjects\\Shared",
               &section) == STATUS_SUCCESS);
    CHECK(map(section, 0, 0, PAGE_READWRITE, &first, &size) == STATUS_SUCCESS && size == 0x13000);
    *(PULONG)first = 77;
    ((PUCHAR)first)[0x10003] = 5;
    RtlInitUnicodeString(&name, L"\\BaseNamedObjects\\shared");
    InitializeObjectAttributes(&given, &name, OBJ_CASE_INSENSITIVE, NULL, NULL);
    CHECK(ZwOpenSection(&again, SECTION_MAP_READ, &given) == STATUS_SUCCESS);
    CHECK(map(again, 0x10000, 10, PAGE_READONLY, &second, &size) == STATUS_SUCCESS);
    CHECK(size == 0x1000 && ((PUCHAR)second)[3] == 5);
    CHECK(map(again, 0x20000, 10, PAGE_READONLY, &second, &size) == STATUS_INVALID_VIEW_SIZE);
    CHECK(map(again, 0, 0x20000, PAGE_READONLY, &second, &size) == STATUS_INVALID_VIEW_SIZE);
    CHECK(ZwUnmapViewOfSection(ZwCurrentProcess(), (PCHAR)first + 0x10005) == STATUS_SUCCESS);
    CHECK(ZwUnmapViewOfSection(ZwCurrentProcess(), first) == STATUS_SUCCESS);
    CHECK(ZwUnmapViewOfSection(ZwCurrentProcess(), first) == STATUS_NOT_MAPPED_VIEW);
    ZwClose(again);
    ZwClose(section);
    CHECK(ZwOpenSection(&again, SECTION_MAP_READ, &given) == STATUS_OBJECT_NAME_NOT_FOUND);
    CHECK(make(100, PAGE_READONLY, SEC_COMMIT, NULL, NULL, &section) == STATUS_SUCCESS);
    CHECK(map(section, 0, 0, PAGE_READWRITE, &first, &size) == STATUS_SECTION_PROTECTION);
    ZwClose(section);
}

static NTSTATUS open(PCWSTR path, ULONG disposition, PHANDLE file)
{
    UNICODE_STRING name;
    OBJECT_ATTRIBUTES given;
    RtlInitUnicodeString(&name, path);
    InitializeObjectAttributes(&given, &name, OBJ_CASE_INSENSITIVE | OBJ_KERNEL_HANDLE, NULL, NULL);
    return ZwCreateFile(file, GENERIC_READ | GENERIC_WRITE | DELETE, &given, &block, NULL, 0, 0,
                        disposition, FILE_SYNCHRONOUS_IO_NONALERT, NULL, 0);
}

static void check_file(void)
{
    HANDLE file, section, none;
    PVOID view;
    SIZE_T size;
    LARGE_INTEGER at;
    char text[8];
    PFILE_OBJECT object;
    FILE_END_OF_FILE_INFORMATION end = {.EndOfFile.QuadPart = 2};
    CHECK(open(L"\\??\\C:\\mapped.dat", FILE_CREATE, &file) == STATUS_SUCCESS);
    CHECK(make(0, PAGE_READWRITE, SEC_COMMIT, file, NULL, &section) ==
          STATUS_MAPPED_FILE_SIZE_ZERO);
    CHECK(ZwWriteFile(file, NULL, NULL, NULL, &block, "abcdef", 6, NULL, NULL) == STATUS_SUCCESS);
    CHECK(make(7, PAGE_READONLY, SEC_COMMIT, file, NULL, &section) == STATUS_SECTION_TOO_BIG);
    CHECK(make(0, PAGE_READWRITE, SEC_COMMIT, file, NULL, &section) == STATUS_SUCCESS);
    CHECK(make(0, PAGE_READWRITE, SEC_COMMIT, (HANDLE)0x7770, NULL, &none) ==
          STATUS_INVALID_HANDLE);
    CHECK(map(section, 0, 0, PAGE_READWRITE, &view, &size) == STATUS_SUCCESS);
    CHECK(memcmp(view, "abcdef\0", 7) == 0);
    ((PCHAR)view)[1] = 'X'; // and who reads the file sees it, as who maps it sees what is written
    at.QuadPart = 0;
    CHECK(ZwReadFile(file, NULL, NULL, NULL, &block, text, 3, &at, NULL) == STATUS_SUCCESS);
    CHECK(memcmp(text, "aXc", 3) == 0);
    CHECK(ZwWriteFile(file, NULL, NULL, NULL, &block, "yz", 2, &at, NULL) == STATUS_SUCCESS);
    CHECK(memcmp(view, "yzcdef", 6) == 0);
    CHECK(ZwSetInformationFile(file, &block, &end, sizeof end, FileEndOfFileInformation) ==
          STATUS_USER_MAPPED_FILE);
    CHECK(ObReferenceObjectByHandle(file, 0, *IoFileObjectType, KernelMode, (PVOID *)&object,
                                    NULL) == STATUS_SUCCESS);
    CHECK(!MmCanFileBeTruncated(object->SectionObjectPointer, &end.EndOfFile));
    ((PCHAR)view)[5] = '!';
    CHECK(ZwUnmapViewOfSection(ZwCurrentProcess(), view) == STATUS_SUCCESS);
    CHECK(MmCanFileBeTruncated(object->SectionObjectPointer, &end.EndOfFile));
    CHECK(MmFlushImageSection(object->SectionObjectPointer, MmFlushForDelete));
    ObDereferenceObject(object);
    ZwClose(section);
    CHECK(ZwReadFile(file, NULL, NULL, NULL, &block, text, 8, &at, NULL) == STATUS_SUCCESS);
    CHECK(block.Information == 6 && memcmp(text, "yzcde!", 6) == 0);
    CHECK(make(0x3000, PAGE_READWRITE, SEC_COMMIT, file, NULL, &section) == STATUS_SUCCESS);
    CHECK(map(section, 0, 0, PAGE_READWRITE, &view, &size) == STATUS_SUCCESS && size == 0x3000);
    ((PCHAR)view)[0x2FFF] = 'e';
    CHECK(ZwUnmapViewOfSection(ZwCurrentProcess(), view) == STATUS_SUCCESS);
    ZwClose(section);
    at.QuadPart = 0x2FFF;
    CHECK(ZwReadFile(file, NULL, NULL, NULL, &block, text, 8, &at, NULL) == STATUS_SUCCESS);
    CHECK(block.Information == 1 && text[0] == 'e');
    ZwClose(file);
}

static void check_physical(void)
{
    HANDLE section;
    UNICODE_STRING name;
    OBJECT_ATTRIBUTES given;
    PVOID view, own;
    SIZE_T size;
    PHYSICAL_ADDRESS any;
    any.QuadPart = -1;
    RtlInitUnicodeString(&name, L"\\Device\\PhysicalMemory");
    InitializeObjectAttributes(&given, &name, OBJ_CASE_INSENSITIVE | OBJ_KERNEL_HANDLE, NULL, NULL);
    CHECK(ZwOpenSection(&section, SECTION_ALL_ACCESS, &given) == STATUS_SUCCESS);
    CHECK(map(section, 0xC0000, 0x1000, PAGE_READONLY, &view, &size) == STATUS_SUCCESS);
    CHECK(*(PUSHORT)view == 0xFFFF); // no video BIOS
    CHECK(ZwUnmapViewOfSection(ZwCurrentProcess(), view) == STATUS_SUCCESS);
    own = MmAllocateContiguousMemory(0x10000, any);
    *(PULONG)own = 0x1234;
    any = MmGetPhysicalAddress(own);
    CHECK(map(section, any.QuadPart & ~0xFFFFll, 0x20000, PAGE_READWRITE, &view, &size) ==
          STATUS_SUCCESS);
    CHECK(*(PULONG)((PCHAR)view + (any.QuadPart & 0xFFFF)) == 0x1234);
    CHECK(ZwUnmapViewOfSection(ZwCurrentProcess(), view) == STATUS_SUCCESS);
    MmFreeContiguousMemory(own);
    ZwClose(section);
}

static void check_reach(void)
{
    PHYSICAL_ADDRESS low, high, boundary, none;
    low.QuadPart = 0;
    none.QuadPart = 0x1000;
    high.QuadPart = 0xFFFFFFFF;
    boundary.QuadPart = 0x10000;
    PVOID memory = MmAllocateContiguousMemorySpecifyCache(0x8000, low, high, boundary, MmCached);
    CHECK(memory != NULL);
    LONGLONG first = MmGetPhysicalAddress(memory).QuadPart;
    CHECK(first + 0x7FFF <= high.QuadPart && first / 0x10000 == (first + 0x7FFF) / 0x10000);
    MmFreeContiguousMemorySpecifyCache(memory, 0x8000, MmCached);
    CHECK(MmAllocateContiguousMemorySpecifyCache(0x8000, low, none, low, MmCached) == NULL);
    CHECK(MmGetPhysicalAddress(NULL).QuadPart == 0);
}

static void check_pages(void)
{
    PHYSICAL_ADDRESS low, high, skip;
    low.QuadPart = skip.QuadPart = 0;
    high.QuadPart = 0xFFFFFFFF;
    PMDL mdl = MmAllocatePagesForMdl(low, high, skip, 0x2345);
    CHECK(mdl != NULL && MmGetMdlByteCount(mdl) == 0x3000 && mdl->StartVa == NULL);
    CHECK(MmGetMdlPfnArray(mdl)[0] != 0 && MmGetMdlPfnArray(mdl)[2] < 0x100000);
    PUCHAR bytes =
        MmMapLockedPagesSpecifyCache(mdl, KernelMode, MmCached, NULL, FALSE, NormalPagePriority);
    CHECK(bytes != NULL && bytes[0] == 0 && bytes[0x2FFF] == 0);
    CHECK(MmGetPhysicalAddress(bytes).QuadPart >> PAGE_SHIFT == (LONGLONG)MmGetMdlPfnArray(mdl)[0]);
    bytes[0x2FFF] = 1;
    MmUnmapLockedPages(bytes, mdl);
    MmFreePagesFromMdl(mdl);
    ExFreePool(mdl);
    mdl = MmAllocatePagesForMdlEx(low, high, skip, PAGE_SIZE, MmCached, MM_ALLOCATE_FULLY_REQUIRED);
    CHECK(mdl != NULL);
    MmFreePagesFromMdl(mdl);
    ExFreePool(mdl);
    high.QuadPart = 0x1000;
    CHECK(MmAllocatePagesForMdl(low, high, skip, PAGE_SIZE) == NULL);
    CHECK(MmAllocatePagesForMdlEx(low, high, skip, PAGE_SIZE, MmCached, 0) == NULL);
}

static void check(PDRIVER_OBJECT driver, PUNICODE_STRING path)
{
    UNREFERENCED_PARAMETER(driver);
    UNREFERENCED_PARAMETER(path);
    check_plain();
    check_file();
    check_physical();
    check_reach();
    check_pages();
}
