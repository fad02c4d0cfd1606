// SPDX-License-Identifier: MIT
// Events with handles and names, waiting by handle, giving way.
#include "check.h"

static UNICODE_STRING name;
static LARGE_INTEGER zero;
static ULONG runs;

static void check_unnamed(void)
{
    HANDLE handle = NULL;
    LONG before = -1;
    CHECK(ZwCreateEvent(&handle, EVENT_ALL_ACCESS, NULL, (EVENT_TYPE)2, FALSE) ==
          STATUS_INVALID_PARAMETER);
    CHECK(ZwCreateEvent(&handle, EVENT_ALL_ACCESS, NULL, SynchronizationEvent, FALSE) ==
          STATUS_SUCCESS);
    CHECK(ZwWaitForSingleObject(handle, FALSE, &zero) == STATUS_TIMEOUT);
    CHECK(ZwSetEvent(handle, &before) == STATUS_SUCCESS && before == 0);
    CHECK(ZwWaitForSingleObject(handle, FALSE, NULL) == STATUS_SUCCESS);
    CHECK(ZwSetEvent(handle, NULL) == STATUS_SUCCESS);
    CHECK(ZwResetEvent(handle, &before) == STATUS_SUCCESS && before != 0);
    CHECK(ZwClearEvent(handle) == STATUS_SUCCESS);
    CHECK(ZwWaitForSingleObject(handle, FALSE, &zero) == STATUS_TIMEOUT);
    CHECK(ZwClose(handle) == STATUS_SUCCESS);
    CHECK(ZwSetEvent((HANDLE)0x1230, NULL) == STATUS_INVALID_HANDLE);
    CHECK(ZwClearEvent((HANDLE)0x1230) == STATUS_INVALID_HANDLE);
    CHECK(ZwResetEvent((HANDLE)0x1230, NULL) == STATUS_INVALID_HANDLE);
    CHECK(ZwWaitForSingleObject((HANDLE)0x1230, FALSE, NULL) == STATUS_INVALID_HANDLE);
}

static void check_named(void)
{
    OBJECT_ATTRIBUTES attributes;
    HANDLE made = NULL, opened = NULL;
    PKEVENT event;
    InitializeObjectAttributes(&attributes, &name, OBJ_KERNEL_HANDLE | OBJ_CASE_INSENSITIVE, NULL,
                               NULL);
    CHECK(ZwOpenEvent(&opened, EVENT_ALL_ACCESS, &attributes) == STATUS_OBJECT_NAME_NOT_FOUND);
    event = IoCreateNotificationEvent(&name, &made);
    CHECK(event != NULL && KeReadStateEvent(event) != 0);
    CHECK(ZwOpenEvent(&opened, EVENT_ALL_ACCESS, &attributes) == STATUS_SUCCESS);
    CHECK(ZwClearEvent(opened) == STATUS_SUCCESS && KeReadStateEvent(event) == 0);
    CHECK(ZwCreateEvent(&opened, EVENT_ALL_ACCESS, &attributes, NotificationEvent, FALSE) ==
          STATUS_OBJECT_NAME_COLLISION);
    CHECK(ZwClose(opened) == STATUS_SUCCESS);
    CHECK(IoCreateSynchronizationEvent(&name, &opened) == event);
    CHECK(KeReadStateEvent(event) == 0);
    CHECK(ZwClose(opened) == STATUS_SUCCESS && ZwClose(made) == STATUS_SUCCESS);
    CHECK(ZwOpenEvent(&opened, EVENT_ALL_ACCESS, &attributes) == STATUS_OBJECT_NAME_NOT_FOUND);
}

static VOID NTAPI run(PVOID context)
{
    UNREFERENCED_PARAMETER(context);
    runs++;
}

static void check_threads(void)
{
    HANDLE thread = NULL;
    CHECK(ZwYieldExecution() == (NTSTATUS)0x40000024);
    CHECK(PsCreateSystemThread(&thread, THREAD_ALL_ACCESS, NULL, NULL, NULL, run, NULL) ==
          STATUS_SUCCESS);
    CHECK(runs == 0 && ZwWaitForSingleObject(thread, FALSE, NULL) == STATUS_SUCCESS && runs == 1);
    CHECK(ZwClose(thread) == STATUS_SUCCESS);
}

static void check(PDRIVER_OBJECT driver, PUNICODE_STRING path)
{
    static const WCHAR text[] = {'\\', 'B', 'a', 's', 'e', 'N',  'a', 'm', 'e', 'd', 'O', 'b',
                                 'j',  'e', 'c', 't', 's', '\\', 'E', 'v', 'e', 'n', 't', 0};
    UNREFERENCED_PARAMETER(driver);
    UNREFERENCED_PARAMETER(path);
    RtlInitUnicodeString(&name, text);
    check_unnamed();
    check_named();
    check_threads();
}
