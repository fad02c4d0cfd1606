// SPDX-License-Identifier: MIT
// sprintf and its relatives.
#include "check.h"

DECLSPEC_IMPORT int CDECL sprintf(char *to, const char *format, ...);
DECLSPEC_IMPORT int CDECL vsprintf(char *to, const char *format, va_list arguments);
DECLSPEC_IMPORT int CDECL swprintf(WCHAR *to, const WCHAR *format, ...);
DECLSPEC_IMPORT int CDECL _swprintf(WCHAR *to, const WCHAR *format, ...);
DECLSPEC_IMPORT int CDECL _vswprintf(WCHAR *to, const WCHAR *format, va_list arguments);
DECLSPEC_IMPORT int CDECL sprintf_s(char *to, size_t room, const char *format, ...);
DECLSPEC_IMPORT int CDECL swprintf_s(WCHAR *to, size_t room, const WCHAR *format, ...);
DECLSPEC_IMPORT int CDECL vsprintf_s(char *to, size_t room, const char *format, va_list arguments);
DECLSPEC_IMPORT int CDECL vswprintf_s(WCHAR *to, size_t room, const WCHAR *format,
                                      va_list arguments);

static int list(char *to, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int count = vsprintf(to, format, arguments);
    va_end(arguments);
    return count;
}

static int counted_list(char *to, size_t room, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int count = _vsnprintf(to, room, format, arguments);
    va_end(arguments);
    return count;
}

static int secure_list(char *to, size_t room, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int count = vsprintf_s(to, room, format, arguments);
    va_end(arguments);
    return count;
}

static int wide_list(WCHAR *to, const WCHAR *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int count = _vswprintf(to, format, arguments);
    va_end(arguments);
    return count;
}

static int wide_counted_list(WCHAR *to, size_t room, const WCHAR *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int count = _vsnwprintf(to, room, format, arguments);
    va_end(arguments);
    return count;
}

static int wide_secure_list(WCHAR *to, size_t room, const WCHAR *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int count = vswprintf_s(to, room, format, arguments);
    va_end(arguments);
    return count;
}

static void check_narrow(void)
{
    char room[64];
    WCHAR wide[] = {'w', 0xEF, 'd', 'e', 0};
    UNICODE_STRING counted = {4, 4, wide};
    CHECK(sprintf(room, "%d %s %x", -1, "two", 0x3u) == 8 && strcmp(room, "-1 two 3") == 0);
    CHECK(sprintf(room, "%S|%wZ", wide, &counted) == 7 && (UCHAR)room[1] == 0xEF);
    CHECK(list(room, "%I64x", 0x123456789abull) == 11 && strcmp(room, "123456789ab") == 0);
    CHECK(_snprintf(room, 3, "abc") == 3 && _snprintf(room, 3, "%d", 1234) == -1);
    CHECK(room[2] == '3' && _snprintf(room, 4, "abc") == 3 && room[3] == 0);
    CHECK(counted_list(room, 2, "%s", "abc") == -1 && counted_list(room, 9, "%s", "abc") == 3);
    CHECK(sprintf_s(room, 4, "%d", 123) == 3 && sprintf_s(room, 3, "%d", 123) == -1);
    CHECK(room[0] == 0 && secure_list(room, 9, "%c%%", 'x') == 2 && strcmp(room, "x%") == 0);
    CHECK(secure_list(room, 1, "%d", 7) == -1);
}

static void check_wide(void)
{
    WCHAR room[32], number[] = {'%', 'd', 0}, text[] = {'%', 's', '-', '%', 'S', 0};
    WCHAR word[] = {'w', 'o', 'r', 'd', 0};
    CHECK(swprintf(room, number, 42) == 2 && room[0] == '4' && room[2] == 0);
    CHECK(_swprintf(room, text, word, "narrow") == 11 && room[0] == 'w' && room[5] == 'n');
    CHECK(wide_list(room, number, -7) == 2 && room[0] == '-');
    CHECK(_snwprintf(room, 3, number, 1234) == -1 && _snwprintf(room, 5, number, 1234) == 4);
    CHECK(wide_counted_list(room, 1, number, 12) == -1);
    CHECK(wide_counted_list(room, 3, number, 12) == 2 && room[2] == 0);
    CHECK(swprintf_s(room, 3, number, 12) == 2 && swprintf_s(room, 2, number, 12) == -1);
    CHECK(wide_secure_list(room, 3, number, 12) == 2 && room[1] == '2');
    CHECK(wide_secure_list(room, 2, number, 12) == -1 && room[0] == 0);
}

static ULONG prefixed(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    ULONG status =
        vDbgPrintExWithPrefix("port: ", DPFLTR_IHVDRIVER_ID, DPFLTR_ERROR_LEVEL, format, arguments);
    va_end(arguments);
    return status;
}

static void check(PDRIVER_OBJECT driver, PUNICODE_STRING path)
{
    UNREFERENCED_PARAMETER(driver);
    UNREFERENCED_PARAMETER(path);
    check_narrow();
    check_wide();
    CHECK(prefixed("%d\n", 7) == STATUS_SUCCESS);
}
