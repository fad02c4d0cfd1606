// SPDX-License-Identifier: MIT
// Between the files of platform.h for Windows.
#ifndef KS_PLATFORM_WINDOWS_H
#define KS_PLATFORM_WINDOWS_H

#ifndef WIN32_LEAN_AND_MEAN
#define WIN32_LEAN_AND_MEAN
#endif

#include "platform.h"

#include <windows.h>

// UTF-8 to wide characters and back. NULL when memory is out or text is not UTF-8. Freed with
// free().
wchar_t *ks_windows_wide(const char *text);
char *ks_windows_narrow(const wchar_t *text);
// What an error of GetLastError means here.
enum ks_io ks_windows_io(DWORD error);

#endif
