// SPDX-License-Identifier: MIT
// The functions of the C library that the kernel exports. In a driver there is no other C library.
#ifndef KLDR_DDK_WDM_CRT_H
#define KLDR_DDK_WDM_CRT_H

#include "ntdef.h"

#if !defined(_WIN32)
#include <string.h>
#else

// Where the compiler's own <string.h> and <stdio.h> come in as well, these say the same.
void *CDECL memcpy(void *to, const void *from, size_t size);
void *CDECL memmove(void *to, const void *from, size_t size);
void *CDECL memset(void *to, int value, size_t size);
int CDECL memcmp(const void *a, const void *b, size_t size);

size_t CDECL strlen(const char *text);
int CDECL strcmp(const char *a, const char *b);
int CDECL strncmp(const char *a, const char *b, size_t count);
char *CDECL strcpy(char *to, const char *from);
char *CDECL strncpy(char *to, const char *from, size_t count);
char *CDECL strcat(char *to, const char *from);
char *CDECL strchr(const char *text, int c);
char *CDECL strrchr(const char *text, int c);
char *CDECL strstr(const char *text, const char *part);
int CDECL _stricmp(const char *a, const char *b);
int CDECL _strnicmp(const char *a, const char *b, size_t count);

size_t CDECL wcslen(const WCHAR *text);
int CDECL wcscmp(const WCHAR *a, const WCHAR *b);
int CDECL wcsncmp(const WCHAR *a, const WCHAR *b, size_t count);
WCHAR *CDECL wcscpy(WCHAR *to, const WCHAR *from);
WCHAR *CDECL wcsncpy(WCHAR *to, const WCHAR *from, size_t count);
WCHAR *CDECL wcscat(WCHAR *to, const WCHAR *from);
WCHAR *CDECL wcschr(const WCHAR *text, WCHAR c);
WCHAR *CDECL wcsrchr(const WCHAR *text, WCHAR c);
WCHAR *CDECL wcsstr(const WCHAR *text, const WCHAR *part);
int CDECL _wcsicmp(const WCHAR *a, const WCHAR *b);
int CDECL _wcsnicmp(const WCHAR *a, const WCHAR *b, size_t count);

int CDECL _snprintf(char *to, size_t count, const char *format, ...);
int CDECL _vsnprintf(char *to, size_t count, const char *format, va_list arguments);
int CDECL _snwprintf(WCHAR *to, size_t count, const WCHAR *format, ...);
int CDECL _vsnwprintf(WCHAR *to, size_t count, const WCHAR *format, va_list arguments);

#endif

#define RtlCopyMemory(to, from, size)  memcpy((to), (from), (size))
#define RtlMoveMemory(to, from, size)  memmove((to), (from), (size))
#define RtlZeroMemory(to, size)        memset((to), 0, (size))
#define RtlFillMemory(to, size, value) memset((to), (value), (size))
#define RtlEqualMemory(a, b, size)     (memcmp((a), (b), (size)) == 0)

#endif
