// SPDX-License-Identifier: MIT
// What the kernel's formats make of arguments, line by line.
#include "driver.h"

static ULONG print_list(const char *format, ...)
{
    __builtin_va_list arguments;
    __builtin_va_start(arguments, format);
    ULONG status = vDbgPrintEx(0, 2, format, arguments);
    __builtin_va_end(arguments);
    return status;
}

NTSTATUS DriverEntry(DRIVER_OBJECT *driver, UNICODE_STRING *path)
{
    static WCHAR wide[] = {'w', 0xEF, 'd', 'e', 0};
    UNICODE_STRING counted = {6, 8, wide}, none = {0, 0, 0};
    ANSI_STRING narrow = {3, 4, "abcd"};
    (void)path;
    DbgPrint("[%d] [%5d] [%-5d] [%05d] [%+d] [% d] [%.3d]\n", -1, 42, 42, 42, 42, 42, 7);
    DbgPrint("[%u] [%x] [%X] [%#x] [%o] [%08lx]\n", 4000000000u, 0xBEEF, 0xBEEF, 16, 8, 0x1234);
    DbgPrint("[%I64x] [%I64d] [%llu] [%I32u] [%Iu] [%hx] [%hd]\n", 0x123456789ABCDEFull, -5ll,
             18446744073709551615ull, 5, 6ull, 0x12345, 0x18000);
    DbgPrint("[%s] [%10s] [%-6s] [%.2s] [%hs] [%s]\n", "text", "right", "left", "cut", "narrow",
             (char *)0);
    DbgPrint("[%ws] [%S] [%ls] [%6ws] [%.2S]\n", wide, wide, wide, wide, wide);
    DbgPrint("[%wZ] [%Z] [%wZ] [%8wZ]\n", &counted, &narrow, &none, &counted);
    DbgPrint("[%c] [%3c] [%C] [%wc] [%%] [%*d] [%.*s]\n", 'a', 'b', 0x20AC, 'd', 4, 7, 2, "star");
    DbgPrint("[%p] [%p]\n", (void *)0, (void *)0x1000);
    DbgPrint("two\nlines\r\n");
    DbgPrint("no end");
    DbgPrintEx(77, 1, "%s %I64x %d\n", "ex", 0xFFFFFFFFFFull, 3);
    print_list("%d %s %d %d %d\n", 1, "two", 3, 4, 5);
    DbgPrint("%d\n", (int)(ULONG64)driver->DriverName.Length);
    return STATUS_SUCCESS;
}
