// SPDX-License-Identifier: MIT
// Objects by pointer, name and handle.
#include "check.h"

#define DIRECTORY u"\\CheckDirectory"

static void init(OBJECT_ATTRIBUTES *attributes, UNICODE_STRING *name, const WCHAR *text,
                 ULONG flags)
{
    RtlInitUnicodeString(name, text);
    InitializeObjectAttributes(attributes, name, flags | OBJ_KERNEL_HANDLE, NULL, NULL);
}

static void check_directories(void)
{
    OBJECT_ATTRIBUTES attributes;
    UNICODE_STRING name;
    HANDLE made = NULL, opened = NULL, again = NULL;
    init(&attributes, &name, DIRECTORY, 0);
    CHECK(ZwOpenDirectoryObject(&opened, DIRECTORY_QUERY, &attributes) ==
          STATUS_OBJECT_NAME_NOT_FOUND);
    CHECK(ZwCreateDirectoryObject(&made, DIRECTORY_ALL_ACCESS, &attributes) == STATUS_SUCCESS);
    CHECK(ZwCreateDirectoryObject(&again, DIRECTORY_ALL_ACCESS, &attributes) ==
          STATUS_OBJECT_NAME_COLLISION);
    CHECK(ZwOpenDirectoryObject(&opened, DIRECTORY_QUERY, &attributes) == STATUS_SUCCESS);
    CHECK(ObIsKernelHandle(made) && !ObIsKernelHandle((HANDLE)4));
    CHECK(ZwClose(made) == STATUS_SUCCESS && ZwClose(made) == STATUS_INVALID_HANDLE);
    CHECK(ObCloseHandle(opened, KernelMode) == STATUS_SUCCESS);
    CHECK(ObCloseHandle(opened, KernelMode) == STATUS_INVALID_HANDLE);
    CHECK(ZwOpenDirectoryObject(&opened, DIRECTORY_QUERY, &attributes) ==
          STATUS_OBJECT_NAME_NOT_FOUND);
    init(&attributes, &name, u"\\No\\Such", 0);
    CHECK(ZwCreateDirectoryObject(&made, DIRECTORY_ALL_ACCESS, &attributes) ==
          STATUS_OBJECT_PATH_NOT_FOUND);
    init(&attributes, &name, u"relative", 0);
    CHECK(ZwCreateDirectoryObject(&made, DIRECTORY_ALL_ACCESS, &attributes) ==
          STATUS_OBJECT_PATH_SYNTAX_BAD);
}

static void check_links(void)
{
    OBJECT_ATTRIBUTES attributes;
    UNICODE_STRING name, target, found;
    WCHAR room[16];
    ULONG length = 0;
    HANDLE link = NULL, other = NULL;
    init(&attributes, &name, u"\\DosDevices\\CheckLink", OBJ_CASE_INSENSITIVE);
    RtlInitUnicodeString(&target, u"\\Device");
    CHECK(ZwCreateSymbolicLinkObject(&link, GENERIC_ALL, &attributes, &target) == STATUS_SUCCESS);
    CHECK(ZwCreateSymbolicLinkObject(&other, GENERIC_ALL, &attributes, &target) ==
          STATUS_OBJECT_NAME_COLLISION);
    init(&attributes, &name, u"\\??\\CHECKLINK", OBJ_CASE_INSENSITIVE);
    CHECK(ZwOpenSymbolicLinkObject(&other, SYMBOLIC_LINK_QUERY, &attributes) == STATUS_SUCCESS);
    found = (UNICODE_STRING){0, sizeof room, room};
    CHECK(ZwQuerySymbolicLinkObject(other, &found, &length) == STATUS_SUCCESS);
    CHECK(length == 14 && RtlEqualUnicodeString(&found, &target, FALSE));
    found.MaximumLength = 12;
    CHECK(ZwQuerySymbolicLinkObject(other, &found, &length) == STATUS_BUFFER_TOO_SMALL);
    ZwClose(other);
    CHECK(ZwOpenDirectoryObject(&other, DIRECTORY_QUERY, &attributes) == STATUS_SUCCESS);
    CHECK(ZwQuerySymbolicLinkObject(other, &found, NULL) == STATUS_OBJECT_TYPE_MISMATCH);
    ZwClose(other);
    ZwClose(link);
    CHECK(ZwOpenSymbolicLinkObject(&other, SYMBOLIC_LINK_QUERY, &attributes) ==
          STATUS_OBJECT_NAME_NOT_FOUND);
}

static void check_permanent(void)
{
    OBJECT_ATTRIBUTES attributes;
    UNICODE_STRING name;
    HANDLE handle;
    PVOID object;
    init(&attributes, &name, DIRECTORY, OBJ_PERMANENT);
    CHECK(ZwCreateDirectoryObject(&handle, DIRECTORY_ALL_ACCESS, &attributes) == STATUS_SUCCESS);
    ZwClose(handle);
    CHECK(ZwOpenDirectoryObject(&handle, DIRECTORY_QUERY, &attributes) == STATUS_SUCCESS);
    CHECK(ZwMakeTemporaryObject(handle) == STATUS_SUCCESS);
    ZwClose(handle);
    CHECK(ZwMakeTemporaryObject(handle) == STATUS_INVALID_HANDLE);
    CHECK(ZwOpenDirectoryObject(&handle, DIRECTORY_QUERY, &attributes) ==
          STATUS_OBJECT_NAME_NOT_FOUND);
    CHECK(ZwCreateDirectoryObject(&handle, DIRECTORY_ALL_ACCESS, &attributes) == STATUS_SUCCESS);
    CHECK(ObReferenceObjectByHandle(handle, 0, NULL, KernelMode, &object, NULL) == STATUS_SUCCESS);
    ZwClose(handle);
    ObMakeTemporaryObject(object);
    CHECK(ZwOpenDirectoryObject(&handle, DIRECTORY_QUERY, &attributes) ==
          STATUS_OBJECT_NAME_NOT_FOUND);
    ObDereferenceObject(object);
}

static void check_handles(PVOID driver)
{
    OBJECT_HANDLE_INFORMATION information;
    OBJECT_ATTRIBUTES attributes;
    UNICODE_STRING name;
    HANDLE handle = NULL, user = NULL;
    PVOID object = NULL;
    CHECK(ObOpenObjectByPointer(driver, OBJ_KERNEL_HANDLE, NULL, READ_CONTROL, *IoDriverObjectType,
                                KernelMode, &handle) == STATUS_SUCCESS);
    CHECK(ObOpenObjectByPointer(driver, 0, NULL, 0, *IoFileObjectType, KernelMode, &user) ==
          STATUS_OBJECT_TYPE_MISMATCH);
    CHECK(ObOpenObjectByPointerWithTag(driver, 0, NULL, READ_CONTROL, NULL, KernelMode, TAG,
                                       &user) == STATUS_SUCCESS);
    CHECK(ObReferenceObjectByHandle(handle, 0, *IoDriverObjectType, KernelMode, &object,
                                    &information) == STATUS_SUCCESS);
    CHECK(object == driver && information.GrantedAccess == READ_CONTROL);
    ObDereferenceObject(object);
    CHECK(ObReferenceObjectByHandle(handle, 0, *ExEventObjectType, KernelMode, &object, NULL) ==
              STATUS_OBJECT_TYPE_MISMATCH &&
          object == NULL);
    CHECK(ObReferenceObjectByHandle(handle, 0, NULL, UserMode, &object, NULL) ==
          STATUS_INVALID_HANDLE);
    CHECK(ObReferenceObjectByHandle(user, WRITE_DAC, NULL, UserMode, &object, NULL) ==
          STATUS_ACCESS_DENIED);
    CHECK(ObReferenceObjectByHandleWithTag(user, READ_CONTROL, NULL, UserMode, TAG, &object,
                                           NULL) == STATUS_SUCCESS);
    ObDereferenceObjectWithTag(object, TAG);
    ZwClose(user);
    CHECK(ObReferenceObjectByHandleWithTag(user, 0, NULL, KernelMode, TAG, &object, NULL) ==
          STATUS_INVALID_HANDLE);
    ZwClose(handle);
    init(&attributes, &name, u"\\ObjectTypes\\Event", 0);
    CHECK(ObOpenObjectByName(&attributes, NULL, KernelMode, NULL, 0, NULL, &handle) ==
          STATUS_SUCCESS);
    ZwClose(handle);
}

static void check_pointers(PVOID driver)
{
    PVOID object = NULL;
    UNICODE_STRING name;
    LONG_PTR before = ObfReferenceObject(driver);
    CHECK(ObfReferenceObjectWithTag(driver, TAG) == before + 1);
    CHECK(ObfDereferenceObjectWithTag(driver, TAG) == before);
    CHECK(ObfDereferenceObject(driver) == before - 1);
    CHECK(ObReferenceObjectSafe(driver) && ObDereferenceObject(driver) == before - 1);
    CHECK(ObReferenceObjectByPointer(driver, 0, *IoDriverObjectType, KernelMode) == STATUS_SUCCESS);
    CHECK(ObReferenceObjectByPointer(driver, 0, *IoFileObjectType, UserMode) ==
          STATUS_OBJECT_TYPE_MISMATCH);
    CHECK(ObReferenceObjectByPointerWithTag(driver, 0, NULL, UserMode, TAG) ==
          STATUS_OBJECT_TYPE_MISMATCH);
    CHECK(ObReferenceObjectByPointerWithTag(driver, 0, NULL, KernelMode, TAG) == STATUS_SUCCESS);
    CHECK(ObDereferenceObject(driver) == before && ObDereferenceObject(driver) == before - 1);
    CHECK(ObGetObjectType(driver) == *IoDriverObjectType);
    CHECK(ObGetObjectType(driver) != *IoDeviceObjectType);
    RtlInitUnicodeString(&name, u"\\driver\\component");
    CHECK(ObReferenceObjectByName(&name, OBJ_CASE_INSENSITIVE, NULL, 0, *IoDriverObjectType,
                                  KernelMode, NULL, &object) == STATUS_SUCCESS);
    CHECK(object == driver);
    ObDereferenceObject(object);
    CHECK(ObReferenceObjectByName(&name, 0, NULL, 0, *IoDriverObjectType, KernelMode, NULL,
                                  &object) == STATUS_OBJECT_PATH_NOT_FOUND);
}

static void check_current(void)
{
    PVOID object = NULL;
    CHECK(ObReferenceObjectByHandle((HANDLE)(LONG_PTR)-2, 0, *PsThreadType, KernelMode, &object,
                                    NULL) == STATUS_SUCCESS);
    CHECK(object == KeGetCurrentThread());
    ObDereferenceObject(object);
    CHECK(ObReferenceObjectByHandle((HANDLE)(LONG_PTR)-1, 0, *PsThreadType, KernelMode, &object,
                                    NULL) == STATUS_OBJECT_TYPE_MISMATCH);
    CHECK(ObReferenceObjectByHandle((HANDLE)(LONG_PTR)-1, 0, *PsProcessType, KernelMode, &object,
                                    NULL) == STATUS_SUCCESS);
    ObDereferenceObjectDeferDelete(object);
}

// The last reference goes later, on a thread of the system.
static void check_deferred(void)
{
    OBJECT_ATTRIBUTES attributes;
    UNICODE_STRING name;
    HANDLE handle;
    PVOID object = NULL;
    LARGE_INTEGER moment = {.QuadPart = -10000};
    init(&attributes, &name, DIRECTORY, 0);
    CHECK(ZwCreateDirectoryObject(&handle, DIRECTORY_ALL_ACCESS, &attributes) == STATUS_SUCCESS);
    CHECK(ObReferenceObjectByHandle(handle, 0, NULL, KernelMode, &object, NULL) == STATUS_SUCCESS);
    ZwClose(handle);
    ObDereferenceObjectDeferDelete(object);
    CHECK(ObGetObjectType(object) != NULL);
    KeDelayExecutionThread(KernelMode, FALSE, &moment);
}

static void check_names(PDRIVER_OBJECT driver)
{
    union {
        OBJECT_NAME_INFORMATION information;
        UCHAR bytes[64];
    } name;
    ULONG length = 0;
    CHECK(ObQueryNameString(driver, &name.information, sizeof name, &length) == STATUS_SUCCESS);
    CHECK(RtlEqualUnicodeString(&name.information.Name, &driver->DriverName, FALSE));
    CHECK(length == sizeof name.information + name.information.Name.MaximumLength);
    CHECK(name.information.Name.Buffer[name.information.Name.Length / 2] == 0);
    CHECK(ObQueryNameString(driver, &name.information, length - 1, &length) ==
          STATUS_INFO_LENGTH_MISMATCH);
}

DECLSPEC_IMPORT NTSTATUS NTAPI ZwDuplicateObject(HANDLE SourceProcess, HANDLE Source,
                                                 HANDLE TargetProcess, PHANDLE Target,
                                                 ACCESS_MASK Access, ULONG Attributes,
                                                 ULONG Options);

static void check_duplicates(void)
{
    HANDLE event, other = NULL, process = (HANDLE)(LONG_PTR)-1;
    PVOID first, second;
    OBJECT_HANDLE_INFORMATION information;
    CHECK(ZwCreateEvent(&event, EVENT_ALL_ACCESS, NULL, NotificationEvent, FALSE) ==
          STATUS_SUCCESS);
    CHECK(ZwDuplicateObject(process, event, process, &other, SYNCHRONIZE, OBJ_KERNEL_HANDLE, 0) ==
          STATUS_SUCCESS);
    CHECK(other != event);
    CHECK(ObReferenceObjectByHandle(event, 0, NULL, KernelMode, &first, NULL) == STATUS_SUCCESS);
    CHECK(ObReferenceObjectByHandle(other, 0, NULL, KernelMode, &second, &information) ==
          STATUS_SUCCESS);
    CHECK(first == second && information.GrantedAccess == SYNCHRONIZE);
    ObDereferenceObject(first);
    ObDereferenceObject(second);
    CHECK(ZwClose(other) == STATUS_SUCCESS);
    // The same rights, and the first one is closed.
    CHECK(ZwDuplicateObject(process, event, process, &other, 0, OBJ_KERNEL_HANDLE, 3) ==
          STATUS_SUCCESS);
    CHECK(ZwClose(event) == STATUS_INVALID_HANDLE);
    CHECK(ObReferenceObjectByHandle(other, 0, NULL, KernelMode, &second, &information) ==
          STATUS_SUCCESS);
    CHECK(information.GrantedAccess == EVENT_ALL_ACCESS);
    ObDereferenceObject(second);
    CHECK(ZwDuplicateObject(other, other, process, &event, 0, 0, 2) == STATUS_OBJECT_TYPE_MISMATCH);
    CHECK(ZwClose(other) == STATUS_SUCCESS);
    CHECK(ZwDuplicateObject(process, other, process, &event, 0, 0, 2) == STATUS_INVALID_HANDLE);
}

static void check(PDRIVER_OBJECT driver, PUNICODE_STRING path)
{
    UNREFERENCED_PARAMETER(path);
    check_directories();
    check_links();
    check_permanent();
    check_handles(driver);
    check_pointers(driver);
    check_names(driver);
    check_current();
    check_deferred();
    check_duplicates();
}
