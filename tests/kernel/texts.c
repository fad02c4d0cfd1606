// SPDX-License-Identifier: MIT
// The C library of the kernel.
#include "check.h"

DECLSPEC_IMPORT char *CDECL strncat(char *to, const char *from, size_t count);
DECLSPEC_IMPORT size_t CDECL strnlen(const char *text, size_t most);
DECLSPEC_IMPORT size_t CDECL wcsnlen(const WCHAR *text, size_t most);
DECLSPEC_IMPORT size_t CDECL strspn(const char *text, const char *set);
DECLSPEC_IMPORT size_t CDECL wcsspn(const WCHAR *text, const WCHAR *set);
DECLSPEC_IMPORT size_t CDECL wcscspn(const WCHAR *text, const WCHAR *set);
DECLSPEC_IMPORT WCHAR *CDECL wcsncat(WCHAR *to, const WCHAR *from, size_t count);
DECLSPEC_IMPORT char *CDECL _strlwr(char *text);
DECLSPEC_IMPORT char *CDECL _strupr(char *text);
DECLSPEC_IMPORT char *CDECL _strrev(char *text);
DECLSPEC_IMPORT WCHAR *CDECL _wcslwr(WCHAR *text);
DECLSPEC_IMPORT WCHAR *CDECL _wcsupr(WCHAR *text);
DECLSPEC_IMPORT WCHAR *CDECL _wcsrev(WCHAR *text);
DECLSPEC_IMPORT int CDECL tolower(int c);
DECLSPEC_IMPORT int CDECL toupper(int c);
DECLSPEC_IMPORT USHORT CDECL towlower(USHORT c);
DECLSPEC_IMPORT USHORT CDECL towupper(USHORT c);
DECLSPEC_IMPORT int CDECL isdigit(int c);
DECLSPEC_IMPORT int CDECL isxdigit(int c);
DECLSPEC_IMPORT int CDECL isspace(int c);
DECLSPEC_IMPORT int CDECL islower(int c);
DECLSPEC_IMPORT int CDECL isupper(int c);
DECLSPEC_IMPORT int CDECL isprint(int c);
DECLSPEC_IMPORT int CDECL atoi(const char *text);
DECLSPEC_IMPORT LONG CDECL atol(const char *text);
DECLSPEC_IMPORT int CDECL _wtoi(const WCHAR *text);
DECLSPEC_IMPORT LONG CDECL _wtol(const WCHAR *text);
DECLSPEC_IMPORT ULONG CDECL wcstoul(const WCHAR *text, WCHAR **end, int base);
DECLSPEC_IMPORT char *CDECL _itoa(int value, char *to, int base);
DECLSPEC_IMPORT WCHAR *CDECL _itow(int value, WCHAR *to, int base);
DECLSPEC_IMPORT void *CDECL memchr(const void *in, int byte, size_t count);
DECLSPEC_IMPORT void CDECL qsort(void *base, size_t count, size_t size,
                                 int(CDECL *compare)(const void *, const void *));
DECLSPEC_IMPORT void *CDECL bsearch(const void *key, const void *base, size_t count, size_t size,
                                    int(CDECL *compare)(const void *, const void *));
DECLSPEC_IMPORT int CDECL strcpy_s(char *to, size_t room, const char *from);
DECLSPEC_IMPORT int CDECL strcat_s(char *to, size_t room, const char *from);
DECLSPEC_IMPORT int CDECL strncpy_s(char *to, size_t room, const char *from, size_t count);
DECLSPEC_IMPORT int CDECL strncat_s(char *to, size_t room, const char *from, size_t count);
DECLSPEC_IMPORT int CDECL wcscpy_s(WCHAR *to, size_t room, const WCHAR *from);
DECLSPEC_IMPORT int CDECL wcscat_s(WCHAR *to, size_t room, const WCHAR *from);
DECLSPEC_IMPORT int CDECL wcsncpy_s(WCHAR *to, size_t room, const WCHAR *from, size_t count);
DECLSPEC_IMPORT int CDECL wcsncat_s(WCHAR *to, size_t room, const WCHAR *from, size_t count);
DECLSPEC_IMPORT int CDECL memcpy_s(void *to, size_t room, const void *from, size_t count);
DECLSPEC_IMPORT int CDECL memmove_s(void *to, size_t room, const void *from, size_t count);

#define W(...)                                                                                     \
    (WCHAR[])                                                                                      \
    {                                                                                              \
        __VA_ARGS__, 0                                                                             \
    }

static void check_narrow(void)
{
    char room[16];
    CHECK(strcmp(strcpy(room, "port"), "port") == 0);
    CHECK(strcmp(strcat(room, ".sys"), "port.sys") == 0);
    CHECK(strcmp(strncat(room, "xyz", 1), "port.sysx") == 0);
    strncpy(room, "ab", 4);
    CHECK(room[2] == 0 && room[3] == 0 && room[4] == '.');
    CHECK(strcmp("a", "b") < 0 && strncmp("abc", "abd", 2) == 0 && strncmp("abc", "abd", 3) < 0);
    CHECK(_stricmp("PoRt", "pOrT") == 0 && _stricmp("a", "B") < 0);
    CHECK(_strnicmp("PORTx", "porty", 4) == 0 && _strnicmp("a", "b", 1) < 0);
    CHECK(strlen("four") == 4 && strnlen("four", 2) == 2 && strnlen("", 2) == 0);
    CHECK(*strchr("a.b.c", '.') == '.' && strchr("abc", 'x') == NULL);
    CHECK(strcmp(strrchr("a.b.c", '.'), ".c") == 0 && strrchr("abc", 'x') == NULL);
    CHECK(strcmp(strstr("import", "port"), "port") == 0 && strstr("a", "ab") == NULL);
    CHECK(strspn("aab", "a") == 2 && strspn("b", "a") == 0);
    strcpy(room, "MiXed");
    CHECK(strcmp(_strlwr(room), "mixed") == 0 && strcmp(_strupr(room), "MIXED") == 0);
    CHECK(strcmp(_strrev(room), "DEXIM") == 0);
    CHECK(memchr("abc", 'b', 3) != NULL && memchr("abc", 'c', 2) == NULL);
}

static void check_wide(void)
{
    WCHAR room[16], *abc = W('a', 'b', 'c'), *upper = W('A', 'B', 'C');
    CHECK(wcscmp(wcscpy(room, abc), abc) == 0 && wcscmp(abc, upper) > 0);
    CHECK(wcslen(wcscat(room, upper)) == 6 && wcslen(wcsncat(room, abc, 2)) == 8);
    wcsncpy(room, abc, 5);
    CHECK(room[2] == 'c' && room[4] == 0);
    CHECK(wcsncmp(abc, W('a', 'b', 'x'), 2) == 0 && wcsncmp(abc, upper, 1) > 0);
    CHECK(_wcsicmp(abc, upper) == 0 && _wcsicmp(abc, W('x')) < 0);
    CHECK(_wcsnicmp(abc, W('A', 'z'), 1) == 0 && _wcsnicmp(abc, W('A', 'z'), 2) < 0);
    CHECK(wcsnlen(abc, 2) == 2 && wcsnlen(abc, 9) == 3);
    CHECK(wcschr(abc, 'b') == abc + 1 && wcschr(abc, 'x') == NULL);
    CHECK(wcsrchr(abc, 'c') == abc + 2 && wcsrchr(abc, 'x') == NULL);
    CHECK(wcsstr(abc, W('b', 'c')) == abc + 1 && wcsstr(abc, upper) == NULL);
    CHECK(wcsspn(abc, W('b', 'a')) == 2 && wcsspn(abc, upper) == 0);
    CHECK(wcscspn(abc, W('c')) == 2 && wcscspn(abc, W('a')) == 0);
    CHECK(*_wcsupr(wcscpy(room, abc)) == 'A' && *_wcslwr(room) == 'a' && *_wcsrev(room) == 'c');
}

static int CDECL by_value(const void *a, const void *b)
{
    return *(const int *)a - *(const int *)b;
}

static void check_numbers(void)
{
    char room[36];
    WCHAR wide[36], *text = W(' ', '0', 'x', '1', 'f', 'g'), *end = NULL;
    int numbers[] = {5, 1, 4, 2, 3, 9, 8, 7, 6, 0}, key = 7;
    CHECK(atoi(" -42x") == -42 && atoi("x") == 0 && atol("12") == 12);
    CHECK(_wtoi(W('7')) == 7 && _wtol(W('-', '7')) == -7);
    CHECK(wcstoul(text, &end, 0) == 31 && *end == 'g');
    CHECK(wcstoul(W('x'), &end, 10) == 0);
    CHECK(strcmp(_itoa(-1, room, 10), "-1") == 0 && strcmp(_itoa(-1, room, 16), "ffffffff") == 0);
    CHECK(_itow(255, wide, 2)[0] == '1' && wcslen(wide) == 8);
    CHECK(isdigit('7') && !isdigit('a') && isxdigit('F') && !isxdigit('g'));
    CHECK(isspace('\t') && !isspace('x') && islower('x') && !islower('X'));
    CHECK(isupper('X') && !isupper('x') && isprint(' ') && !isprint('\n'));
    CHECK(tolower('A') == 'a' && toupper('a') == 'A' && toupper('1') == '1');
    CHECK(towlower('A') == 'a' && towupper('a') == 'A');
    qsort(numbers, 10, sizeof numbers[0], by_value);
    for (int i = 0; i < 10; i++) {
        CHECK(numbers[i] == i);
    }
    CHECK(bsearch(&key, numbers, 10, sizeof key, by_value) == &numbers[7]);
    key = 10;
    CHECK(bsearch(&key, numbers, 10, sizeof key, by_value) == NULL);
}

static void check_secure(void)
{
    char room[4];
    WCHAR wide[4];
    CHECK(strcpy_s(room, 4, "abc") == 0 && strcpy_s(room, 3, "abc") == 34 && room[0] == 0);
    CHECK(strcat_s(room, 4, "ab") == 0 && strcat_s(room, 4, "cd") == 34);
    CHECK(strncpy_s(room, 4, "abcdef", 2) == 0 && room[2] == 0);
    CHECK(strncpy_s(room, 4, "abcdef", (size_t)-1) == 80 && strlen(room) == 3);
    CHECK(strcpy_s(room, 4, "a") == 0 && strncat_s(room, 4, "bcd", 1) == 0 && strlen(room) == 2);
    CHECK(strncat_s(room, 4, "cde", 3) == 34);
    CHECK(wcscpy_s(wide, 4, W('a', 'b')) == 0 && wcscpy_s(wide, 2, W('a', 'b')) == 34);
    CHECK(wcscat_s(wide, 4, W('a')) == 0 && wcscat_s(wide, 0, W('a')) == 22);
    CHECK(wcsncpy_s(wide, 4, W('a', 'b'), 1) == 0 && wcsncpy_s(wide, 4, NULL, 1) == 22);
    CHECK(wcscpy_s(wide, 4, W('a')) == 0 && wcsncat_s(wide, 4, W('b', 'c'), 1) == 0);
    CHECK(wcsncat_s(wide, 4, W('b', 'c'), 2) == 34);
    CHECK(memcpy_s(room, 4, "abcd", 4) == 0 && memcpy_s(room, 4, "abcde", 5) == 34);
    CHECK(memmove_s(room + 1, 3, room, 3) == 0 && room[3] == 'c');
    CHECK(memmove_s(room, 4, NULL, 1) == 22);
}

static void check(PDRIVER_OBJECT driver, PUNICODE_STRING path)
{
    UNREFERENCED_PARAMETER(driver);
    UNREFERENCED_PARAMETER(path);
    check_narrow();
    check_wide();
    check_numbers();
    check_secure();
}
