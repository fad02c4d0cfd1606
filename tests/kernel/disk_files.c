// SPDX-License-Identifier: MIT
// Files of the simulated disk: opening, reading, writing, what is known of them, folders.
#include "check.h"

static IO_STATUS_BLOCK block;

static NTSTATUS open_at(HANDLE root, PCWSTR path, ACCESS_MASK access, ULONG disposition,
                        ULONG options, PHANDLE handle)
{
    UNICODE_STRING name;
    OBJECT_ATTRIBUTES given;
    RtlInitUnicodeString(&name, path);
    InitializeObjectAttributes(&given, &name, OBJ_CASE_INSENSITIVE | OBJ_KERNEL_HANDLE, root, NULL);
    *handle = NULL;
    return ZwCreateFile(handle, access | SYNCHRONIZE, &given, &block, NULL, FILE_ATTRIBUTE_NORMAL,
                        FILE_SHARE_READ, disposition, options | FILE_SYNCHRONOUS_IO_NONALERT, NULL,
                        0);
}

static NTSTATUS open(PCWSTR path, ACCESS_MASK access, ULONG disposition, PHANDLE handle)
{
    return open_at(NULL, path, access, disposition, 0, handle);
}

static NTSTATUS put(HANDLE file, const char *text)
{
    return ZwWriteFile(file, NULL, NULL, NULL, &block, (PVOID)text, (ULONG)strlen(text), NULL,
                       NULL);
}

static NTSTATUS get(HANDLE file, LONGLONG at, PCHAR to, ULONG size)
{
    LARGE_INTEGER offset;
    offset.QuadPart = at;
    RtlZeroMemory(to, size);
    return ZwReadFile(file, NULL, NULL, NULL, &block, to, size, &offset, NULL);
}

static LONGLONG size_of(HANDLE file)
{
    FILE_STANDARD_INFORMATION standard = {0};
    CHECK(ZwQueryInformationFile(file, &block, &standard, sizeof standard,
                                 FileStandardInformation) == STATUS_SUCCESS);
    CHECK(block.Information == sizeof standard && !standard.Directory);
    return standard.EndOfFile.QuadPart;
}

// ---- opening ----

static void check_opening(void)
{
    HANDLE file, other;
    CHECK(open(L"\\??\\C:\\none.txt", GENERIC_READ, FILE_OPEN, &file) ==
          STATUS_OBJECT_NAME_NOT_FOUND);
    CHECK(open(L"\\??\\C:\\none\\none.txt", GENERIC_READ, FILE_OPEN, &file) ==
          STATUS_OBJECT_PATH_NOT_FOUND);
    CHECK(open(L"\\??\\C:\\none\\none.txt", GENERIC_WRITE, FILE_CREATE, &file) ==
          STATUS_OBJECT_PATH_NOT_FOUND);
    CHECK(open(L"\\??\\Q:\\none.txt", GENERIC_READ, FILE_OPEN, &file) ==
          STATUS_OBJECT_PATH_NOT_FOUND);
    CHECK(open(L"\\??\\C:\\a?b", GENERIC_WRITE, FILE_CREATE, &file) == STATUS_OBJECT_NAME_INVALID);
    CHECK(open(L"\\??\\C:\\a\\\\b", GENERIC_WRITE, FILE_CREATE, &file) ==
          STATUS_OBJECT_NAME_INVALID);
    CHECK(open(L"\\??\\C:\\log.txt", GENERIC_WRITE, 9, &file) == STATUS_INVALID_PARAMETER);
    CHECK(open(L"\\??\\C:\\log.txt", GENERIC_WRITE | DELETE, FILE_CREATE, &file) == STATUS_SUCCESS);
    CHECK(block.Information == FILE_CREATED);
    CHECK(open(L"\\??\\C:\\LOG.TXT", GENERIC_WRITE, FILE_CREATE, &other) ==
          STATUS_OBJECT_NAME_COLLISION);
    CHECK(open(L"\\??\\C:\\Log.txt", GENERIC_READ, FILE_OPEN, &other) == STATUS_SHARING_VIOLATION);
    CHECK(open(L"\\??\\C:\\Log.txt", FILE_READ_ATTRIBUTES, FILE_OPEN, &other) == STATUS_SUCCESS);
    CHECK(block.Information == FILE_OPENED);
    ZwClose(other);
    CHECK(open_at(NULL, L"\\??\\C:\\Log.txt", FILE_READ_ATTRIBUTES, FILE_OPEN, FILE_DIRECTORY_FILE,
                  &other) == STATUS_NOT_A_DIRECTORY);
    CHECK(open_at(NULL, L"\\SystemRoot", FILE_READ_ATTRIBUTES, FILE_OPEN, FILE_NON_DIRECTORY_FILE,
                  &other) == STATUS_FILE_IS_A_DIRECTORY);
    ZwClose(file);
}

static void check_bad_arguments(void)
{
    HANDLE file = NULL;
    UNICODE_STRING name;
    OBJECT_ATTRIBUTES given;
    char byte = 0;
    RtlInitUnicodeString(&name, L"\\??\\C:\\log.txt");
    InitializeObjectAttributes(&given, &name, OBJ_CASE_INSENSITIVE, NULL, NULL);
    CHECK(ZwOpenFile(&file, FILE_READ_DATA, &given, &block, FILE_SHARE_READ,
                     FILE_SYNCHRONOUS_IO_NONALERT) == STATUS_INVALID_PARAMETER);
    CHECK(ZwOpenFile(&file, DELETE, &given, &block, 0,
                     FILE_DIRECTORY_FILE | FILE_NON_DIRECTORY_FILE) == STATUS_INVALID_PARAMETER);
    CHECK(ZwReadFile((HANDLE)0x7770, NULL, NULL, NULL, &block, &byte, 1, NULL, NULL) ==
          STATUS_INVALID_HANDLE);
    CHECK(ZwOpenFile(&file, FILE_READ_DATA, &given, &block, FILE_SHARE_READ, 0) == STATUS_SUCCESS);
    CHECK(ZwReadFile(file, NULL, NULL, NULL, &block, &byte, 1, NULL, NULL) ==
          STATUS_INVALID_PARAMETER); // no offset, and not synchronous
    CHECK(ZwReadFile(file, (HANDLE)0x7770, NULL, NULL, &block, &byte, 1, NULL, NULL) ==
          STATUS_INVALID_HANDLE);
    CHECK(ZwFlushBuffersFile(file, &block) == STATUS_SUCCESS);
    ZwClose(file);
    CHECK(ZwFlushBuffersFile(file, &block) == STATUS_INVALID_HANDLE);
}

// ---- reading and writing ----

static void check_data(void)
{
    HANDLE file;
    char text[16];
    LARGE_INTEGER at;
    FILE_POSITION_INFORMATION position;
    FILE_END_OF_FILE_INFORMATION end;
    CHECK(open(L"\\??\\C:\\log.txt", GENERIC_READ | GENERIC_WRITE, FILE_OPEN, &file) ==
          STATUS_SUCCESS);
    CHECK(put(file, "first ") == STATUS_SUCCESS && block.Information == 6);
    CHECK(put(file, "second") == STATUS_SUCCESS && size_of(file) == 12);
    CHECK(get(file, 6, text, sizeof text) == STATUS_SUCCESS && block.Information == 6);
    CHECK(memcmp(text, "second", 6) == 0);
    CHECK(get(file, 12, text, sizeof text) == STATUS_END_OF_FILE);
    at.QuadPart = -5;
    CHECK(ZwReadFile(file, NULL, NULL, NULL, &block, text, 1, &at, NULL) ==
          STATUS_INVALID_PARAMETER);
    position.CurrentByteOffset.QuadPart = 3;
    CHECK(ZwSetInformationFile(file, &block, &position, sizeof position, FilePositionInformation) ==
          STATUS_SUCCESS);
    CHECK(ZwReadFile(file, NULL, NULL, NULL, &block, text, 3, NULL, NULL) == STATUS_SUCCESS);
    CHECK(memcmp(text, "st ", 3) == 0);
    CHECK(ZwQueryInformationFile(file, &block, &position, sizeof position,
                                 FilePositionInformation) == STATUS_SUCCESS);
    CHECK(position.CurrentByteOffset.QuadPart == 6);
    at.u.LowPart = FILE_WRITE_TO_END_OF_FILE;
    at.u.HighPart = -1;
    CHECK(ZwWriteFile(file, NULL, NULL, NULL, &block, "!", 1, &at, NULL) == STATUS_SUCCESS);
    CHECK(get(file, 12, text, 1) == STATUS_SUCCESS && text[0] == '!');
    at.QuadPart = 20;
    CHECK(ZwWriteFile(file, NULL, NULL, NULL, &block, "x", 1, &at, NULL) == STATUS_SUCCESS);
    CHECK(size_of(file) == 21 && get(file, 13, text, 8) == STATUS_SUCCESS);
    CHECK(memcmp(text, "\0\0\0\0\0\0\0x", 8) == 0);
    end.EndOfFile.QuadPart = 5;
    CHECK(ZwSetInformationFile(file, &block, &end, sizeof end, FileEndOfFileInformation) ==
          STATUS_SUCCESS);
    CHECK(size_of(file) == 5);
    CHECK(ZwSetInformationFile(file, &block, &end, 1, FileEndOfFileInformation) ==
          STATUS_INFO_LENGTH_MISMATCH);
    end.EndOfFile.QuadPart = (LONGLONG)1 << 50;
    CHECK(ZwSetInformationFile(file, &block, &end, sizeof end, FileEndOfFileInformation) ==
          STATUS_DISK_FULL);
    ZwClose(file);
    CHECK(open(L"\\??\\C:\\log.txt", FILE_APPEND_DATA, FILE_OPEN_IF, &file) == STATUS_SUCCESS);
    CHECK(put(file, "+") == STATUS_SUCCESS && size_of(file) == 6);
    ZwClose(file);
    CHECK(open(L"\\??\\C:\\log.txt", GENERIC_WRITE, FILE_OVERWRITE_IF, &file) == STATUS_SUCCESS);
    CHECK(block.Information == FILE_OVERWRITTEN && size_of(file) == 0);
    ZwClose(file);
}

// An event tells the end of a request that is not waited for.
static void check_event(void)
{
    HANDLE file = NULL, event = NULL;
    UNICODE_STRING name;
    OBJECT_ATTRIBUTES given;
    LARGE_INTEGER at, none;
    char text[4];
    RtlInitUnicodeString(&name, L"\\SystemRoot\\given.dat");
    InitializeObjectAttributes(&given, &name, OBJ_CASE_INSENSITIVE | OBJ_KERNEL_HANDLE, NULL, NULL);
    CHECK(ZwCreateEvent(&event, EVENT_ALL_ACCESS, NULL, NotificationEvent, TRUE) == STATUS_SUCCESS);
    CHECK(ZwOpenFile(&file, FILE_READ_DATA, &given, &block, FILE_SHARE_READ, 0) == STATUS_SUCCESS);
    at.QuadPart = none.QuadPart = 0;
    CHECK(ZwReadFile(file, event, NULL, NULL, &block, text, 4, &at, NULL) == STATUS_SUCCESS);
    CHECK(ZwWaitForSingleObject(event, FALSE, &none) == STATUS_SUCCESS);
    CHECK(memcmp(text, "kldr", 4) == 0 && block.Information == 4);
    at.QuadPart = 4;
    CHECK(ZwReadFile(file, event, NULL, NULL, &block, text, 4, &at, NULL) == STATUS_END_OF_FILE);
    CHECK(ZwWaitForSingleObject(event, FALSE, &none) == STATUS_TIMEOUT);
    ZwClose(file);
    ZwClose(event);
}

// ---- what is known of a file ----

static void check_information(void)
{
    HANDLE file;
    union {
        FILE_ALL_INFORMATION all;
        char room[sizeof(FILE_ALL_INFORMATION) + 100];
    } information;
    FILE_BASIC_INFORMATION basic;
    FILE_NETWORK_OPEN_INFORMATION network;
    UNICODE_STRING name;
    OBJECT_ATTRIBUTES given;
    CHECK(open(L"\\SystemRoot\\given.dat", GENERIC_READ | FILE_WRITE_ATTRIBUTES, FILE_OPEN,
               &file) == STATUS_SUCCESS);
    CHECK(ZwQueryInformationFile(file, &block, &information, sizeof information,
                                 FileAllInformation) == STATUS_SUCCESS);
    CHECK(information.all.StandardInformation.EndOfFile.QuadPart == 4);
    CHECK(information.all.StandardInformation.AllocationSize.QuadPart >= 4);
    CHECK(information.all.ModeInformation.Mode == FILE_SYNCHRONOUS_IO_NONALERT);
    CHECK(information.all.NameInformation.FileNameLength == 2 * 18);
    CHECK(memcmp(information.all.NameInformation.FileName, L"\\Windows\\given.dat", 36) == 0);
    CHECK(ZwQueryInformationFile(file, &block, &information, sizeof(FILE_ALL_INFORMATION),
                                 FileAllInformation) == STATUS_BUFFER_OVERFLOW);
    CHECK(ZwQueryInformationFile(file, &block, &basic, 4, FileBasicInformation) ==
          STATUS_INFO_LENGTH_MISMATCH);
    RtlZeroMemory(&basic, sizeof basic);
    basic.FileAttributes = FILE_ATTRIBUTE_READONLY | FILE_ATTRIBUTE_HIDDEN;
    basic.LastWriteTime.QuadPart = 1234;
    CHECK(ZwSetInformationFile(file, &block, &basic, sizeof basic, FileBasicInformation) ==
          STATUS_SUCCESS);
    ZwClose(file);
    RtlInitUnicodeString(&name, L"\\SystemRoot\\given.dat");
    InitializeObjectAttributes(&given, &name, OBJ_CASE_INSENSITIVE, NULL, NULL);
    CHECK(ZwQueryFullAttributesFile(&given, &network) == STATUS_SUCCESS);
    CHECK(network.FileAttributes == (FILE_ATTRIBUTE_READONLY | FILE_ATTRIBUTE_HIDDEN));
    CHECK(network.LastWriteTime.QuadPart == 1234 && network.EndOfFile.QuadPart == 4);
    CHECK(open(L"\\SystemRoot\\given.dat", GENERIC_WRITE, FILE_OPEN, &file) ==
          STATUS_ACCESS_DENIED);
    CHECK(ZwDeleteFile(&given) == STATUS_CANNOT_DELETE);
    RtlInitUnicodeString(&name, L"\\SystemRoot\\none.dat");
    CHECK(ZwQueryFullAttributesFile(&given, &network) == STATUS_OBJECT_NAME_NOT_FOUND);
}

static void check_volume(void)
{
    HANDLE file;
    FILE_FS_SIZE_INFORMATION size;
    FILE_FS_DEVICE_INFORMATION device;
    CHECK(open(L"\\SystemRoot\\given.dat", GENERIC_READ, FILE_OPEN, &file) == STATUS_SUCCESS);
    CHECK(ZwQueryVolumeInformationFile(file, &block, &size, sizeof size, FileFsSizeInformation) ==
          STATUS_SUCCESS);
    CHECK(size.BytesPerSector == 512 && size.AvailableAllocationUnits.QuadPart > 0);
    CHECK(ZwQueryVolumeInformationFile(file, &block, &device, sizeof device,
                                       FileFsDeviceInformation) == STATUS_SUCCESS);
    CHECK(device.DeviceType == FILE_DEVICE_DISK);
    CHECK(ZwQueryVolumeInformationFile(file, &block, &size, 1, FileFsSizeInformation) ==
          STATUS_INFO_LENGTH_MISMATCH);
    ZwClose(file);
}

// ---- folders ----

static ULONG_PTR find(HANDLE folder, PCWSTR pattern, BOOLEAN restart, PVOID to, ULONG size,
                      NTSTATUS *status)
{
    UNICODE_STRING name;
    RtlInitUnicodeString(&name, pattern);
    *status =
        ZwQueryDirectoryFile(folder, NULL, NULL, NULL, &block, to, size,
                             FileBothDirectoryInformation, TRUE, pattern ? &name : NULL, restart);
    return block.Information;
}

static BOOLEAN is_named(const FILE_BOTH_DIR_INFORMATION *entry, PCWSTR name)
{
    return entry->FileNameLength == 2 * wcslen(name) &&
           memcmp(entry->FileName, name, entry->FileNameLength) == 0;
}

static void check_folders(void)
{
    HANDLE folder, file, second;
    NTSTATUS status;
    union {
        FILE_BOTH_DIR_INFORMATION entry;
        char room[512];
    } found;
    FILE_DISPOSITION_INFORMATION away = {TRUE};
    CHECK(open_at(NULL, L"\\??\\C:\\Data", FILE_LIST_DIRECTORY | DELETE, FILE_CREATE,
                  FILE_DIRECTORY_FILE, &folder) == STATUS_SUCCESS);
    CHECK(open_at(folder, L"B.txt", GENERIC_WRITE, FILE_CREATE, 0, &file) == STATUS_SUCCESS);
    CHECK(put(file, "12345") == STATUS_SUCCESS);
    ZwClose(file);
    CHECK(open_at(folder, L"a.dat", GENERIC_WRITE, FILE_CREATE, 0, &file) == STATUS_SUCCESS);
    ZwClose(file);
    find(folder, NULL, FALSE, &found, sizeof found, &status);
    CHECK(status == STATUS_SUCCESS && is_named(&found.entry, L"."));
    CHECK(found.entry.FileAttributes == FILE_ATTRIBUTE_DIRECTORY);
    find(folder, NULL, FALSE, &found, sizeof found, &status);
    find(folder, NULL, FALSE, &found, sizeof found, &status);
    CHECK(status == STATUS_SUCCESS && is_named(&found.entry, L"a.dat"));
    find(folder, NULL, FALSE, &found, sizeof found, &status);
    CHECK(status == STATUS_SUCCESS && is_named(&found.entry, L"B.txt"));
    CHECK(found.entry.EndOfFile.QuadPart == 5);
    find(folder, NULL, FALSE, &found, sizeof found, &status);
    CHECK(status == STATUS_NO_MORE_FILES);
    find(folder, NULL, TRUE, &found, 10, &status);
    CHECK(status == STATUS_INFO_LENGTH_MISMATCH);
    ZwClose(folder);
    CHECK(open_at(NULL, L"\\??\\C:\\Data", FILE_LIST_DIRECTORY | DELETE, FILE_OPEN,
                  FILE_DIRECTORY_FILE, &folder) == STATUS_SUCCESS);
    find(folder, L"*.TXT", FALSE, &found, sizeof found, &status);
    CHECK(status == STATUS_SUCCESS && is_named(&found.entry, L"B.txt"));
    find(folder, L"*.TXT", FALSE, &found, sizeof found, &status);
    CHECK(status == STATUS_NO_MORE_FILES);
    CHECK(open_at(NULL, L"\\??\\C:\\Data\\", FILE_LIST_DIRECTORY, FILE_OPEN, 0, &second) ==
          STATUS_SHARING_VIOLATION); // DELETE is not shared
    CHECK(ZwSetInformationFile(folder, &block, &away, sizeof away, FileDispositionInformation) ==
          STATUS_DIRECTORY_NOT_EMPTY);
    find(folder, L"*.none", TRUE, &found, sizeof found, &status);
    CHECK(status == STATUS_SUCCESS); // the first pattern stays
    ZwClose(folder);
}

// ---- deleting and renaming ----

static void check_renaming(void)
{
    HANDLE file, other;
    static const WCHAR path[] = L"\\??\\C:\\Data\\c.dat";
    union {
        FILE_RENAME_INFORMATION rename;
        char room[100];
    } new_name = {.rename = {.FileNameLength = sizeof path - sizeof(WCHAR)}};
    memcpy(new_name.rename.FileName, path, sizeof path);
    CHECK(open(L"\\??\\C:\\Data\\B.txt", GENERIC_READ | DELETE, FILE_OPEN, &file) ==
          STATUS_SUCCESS);
    CHECK(ZwSetInformationFile(file, &block, &new_name, sizeof new_name, FileRenameInformation) ==
          STATUS_SUCCESS);
    ZwClose(file);
    CHECK(open(L"\\??\\C:\\Data\\B.txt", GENERIC_READ, FILE_OPEN, &file) ==
          STATUS_OBJECT_NAME_NOT_FOUND);
    CHECK(open(L"\\??\\C:\\Data\\C.DAT", GENERIC_READ, FILE_OPEN, &other) == STATUS_SUCCESS);
    CHECK(size_of(other) == 5);
    ZwClose(other);
    CHECK(open(L"\\??\\C:\\Data\\a.dat", GENERIC_READ | DELETE, FILE_OPEN, &file) ==
          STATUS_SUCCESS);
    CHECK(ZwSetInformationFile(file, &block, &new_name, sizeof new_name, FileRenameInformation) ==
          STATUS_OBJECT_NAME_COLLISION);
    ZwClose(file);
}

static void check_deleting(void)
{
    HANDLE file, other;
    UNICODE_STRING name;
    OBJECT_ATTRIBUTES given;
    FILE_DISPOSITION_INFORMATION away = {TRUE};
    RtlInitUnicodeString(&name, L"\\??\\C:\\Data\\c.dat");
    InitializeObjectAttributes(&given, &name, OBJ_CASE_INSENSITIVE, NULL, NULL);
    CHECK(ZwDeleteFile(&given) == STATUS_SUCCESS);
    CHECK(ZwDeleteFile(&given) == STATUS_OBJECT_NAME_NOT_FOUND);
    CHECK(open(L"\\??\\C:\\Data\\a.dat", DELETE, FILE_OPEN, &file) == STATUS_SUCCESS);
    CHECK(ZwSetInformationFile(file, &block, &away, sizeof away, FileDispositionInformation) ==
          STATUS_SUCCESS);
    CHECK(open(L"\\??\\C:\\Data\\a.dat", SYNCHRONIZE, FILE_OPEN, &other) == STATUS_DELETE_PENDING);
    ZwClose(file);
    CHECK(open(L"\\??\\C:\\Data\\a.dat", DELETE, FILE_OPEN, &file) == STATUS_OBJECT_NAME_NOT_FOUND);
    RtlInitUnicodeString(&name, L"\\??\\C:\\Data");
    CHECK(ZwDeleteFile(&given) == STATUS_SUCCESS);
    CHECK(open(L"\\??\\C:\\Data\\a.dat", GENERIC_WRITE, FILE_CREATE, &file) ==
          STATUS_OBJECT_PATH_NOT_FOUND);
}

// An image that is loaded stays as it is.
static void check_image(void)
{
    HANDLE file;
    char magic[2];
    CHECK(open(L"\\SystemRoot\\System32\\drivers\\disk_files.sys", GENERIC_READ, FILE_OPEN,
               &file) == STATUS_SUCCESS);
    CHECK(get(file, 0, magic, 2) == STATUS_SUCCESS && magic[0] == 'M' && magic[1] == 'Z');
    ZwClose(file);
    CHECK(open(L"\\SystemRoot\\System32\\drivers\\disk_files.sys", GENERIC_WRITE, FILE_OPEN,
               &file) == STATUS_SHARING_VIOLATION);
}

static void check(PDRIVER_OBJECT driver, PUNICODE_STRING path)
{
    UNREFERENCED_PARAMETER(driver);
    UNREFERENCED_PARAMETER(path);
    check_opening();
    check_bad_arguments();
    check_data();
    check_event();
    check_information();
    check_volume();
    check_folders();
    check_renaming();
    check_deleting();
    check_image();
}
