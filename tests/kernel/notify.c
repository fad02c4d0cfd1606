// SPDX-License-Identifier: MIT
// Routines that are told of threads and images. The service's name says what happens in the last.
#include "check.h"

static ULONG_PTR made, ended;
static HANDLE last;
static ULONG images;
static WCHAR which;

static VOID NTAPI on_process(HANDLE parent, HANDLE process, BOOLEAN create)
{
    DbgPrint("a process: %p %p %u\n", parent, process, create);
}

static VOID NTAPI on_thread(HANDLE process, HANDLE thread, BOOLEAN create)
{
    CHECK(process == PsGetCurrentProcessId() && KeGetCurrentIrql() == PASSIVE_LEVEL);
    CHECK(create != (thread == PsGetCurrentThreadId()));
    *(create ? &made : &ended) += 1;
    last = thread;
}

static VOID NTAPI on_image(PUNICODE_STRING name, HANDLE process, PIMAGE_INFO info)
{
    UNICODE_STRING wanted;
    RtlInitUnicodeString(&wanted, L"\\SystemRoot\\System32\\drivers\\plain.sys");
    CHECK(RtlEqualUnicodeString(name, &wanted, TRUE) && process == NULL);
    CHECK(info->SystemModeImage && info->ImageBase != NULL && info->ImageSize >= PAGE_SIZE);
    images++;
    if (which == 'b') {
        KeBugCheck(0xE2);
    }
    if (which == 'a') {
        CHECK(PsRemoveLoadImageNotifyRoutine(on_image) == STATUS_SUCCESS);
    }
}

static VOID NTAPI run(PVOID context)
{
    UNREFERENCED_PARAMETER(context);
    PsTerminateSystemThread(STATUS_SUCCESS);
}

static HANDLE run_thread(void)
{
    HANDLE handle;
    CLIENT_ID id;
    CHECK(PsCreateSystemThread(&handle, THREAD_ALL_ACCESS, NULL, NULL, &id, run, NULL) ==
          STATUS_SUCCESS);
    CHECK(ZwWaitForSingleObject(handle, FALSE, NULL) == STATUS_SUCCESS);
    CHECK(ZwClose(handle) == STATUS_SUCCESS);
    return id.UniqueThread;
}

static void check_threads(void)
{
    CHECK(PsRemoveCreateThreadNotifyRoutine(on_thread) == STATUS_PROCEDURE_NOT_FOUND);
    run_thread();
    CHECK(made == 0 && ended == 0);
    CHECK(PsSetCreateThreadNotifyRoutine(on_thread) == STATUS_SUCCESS);
    HANDLE told = run_thread();
    CHECK(made == 1 && ended == 1 && last == told);
    CHECK(PsRemoveCreateThreadNotifyRoutine(on_thread) == STATUS_SUCCESS);
    run_thread();
    CHECK(made == 1 && ended == 1);
    NTSTATUS status = STATUS_SUCCESS;
    ULONG count = 0;
    while (NT_SUCCESS(status = PsSetCreateThreadNotifyRoutine(on_thread))) {
        count++;
    }
    CHECK(status == STATUS_INSUFFICIENT_RESOURCES && count == 64);
    while (count-- > 0) {
        CHECK(PsRemoveCreateThreadNotifyRoutine(on_thread) == STATUS_SUCCESS);
    }
}

static void check_processes(void)
{
    CHECK(PsSetCreateProcessNotifyRoutine(on_process, TRUE) == STATUS_PROCEDURE_NOT_FOUND);
    CHECK(PsSetCreateProcessNotifyRoutine(on_process, FALSE) == STATUS_SUCCESS);
    CHECK(PsSetCreateProcessNotifyRoutine(on_process, FALSE) == STATUS_INVALID_PARAMETER);
    CHECK(PsSetCreateProcessNotifyRoutine(on_process, TRUE) == STATUS_SUCCESS);
}

static void load_plain(void)
{
    UNICODE_STRING name;
    RtlInitUnicodeString(&name, L"\\Registry\\Machine\\System\\CurrentControlSet\\Services\\plain");
    CHECK(ZwLoadDriver(&name) == STATUS_SUCCESS && ZwUnloadDriver(&name) == STATUS_SUCCESS);
}

// A routine that is registered twice is called twice.
static void check_images(void)
{
    CHECK(PsRemoveLoadImageNotifyRoutine(on_image) == STATUS_PROCEDURE_NOT_FOUND);
    load_plain();
    CHECK(images == 0);
    CHECK(PsSetLoadImageNotifyRoutine(on_image) == STATUS_SUCCESS);
    CHECK(PsSetLoadImageNotifyRoutine(on_image) == STATUS_SUCCESS);
    load_plain();
    CHECK(images == 2);
    NTSTATUS removed = which == 'a' ? STATUS_PROCEDURE_NOT_FOUND : STATUS_SUCCESS;
    CHECK(PsRemoveLoadImageNotifyRoutine(on_image) == removed);
    CHECK(PsRemoveLoadImageNotifyRoutine(on_image) == removed);
    load_plain();
    CHECK(images == 2);
}

static void check(PDRIVER_OBJECT driver, PUNICODE_STRING path)
{
    UNREFERENCED_PARAMETER(driver);
    which = path->Buffer[path->Length / 2 - 1];
    check_threads();
    check_processes();
    check_images();
}
