// SPDX-License-Identifier: MIT
// platform.h for Windows: files, and the texts and errors of Windows. Every call is the wide one;
// paths are UTF-8 outside of this file.
#define WIN32_LEAN_AND_MEAN
#define _CRT_SECURE_NO_WARNINGS

#include "platform_windows.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// ---- text ----

wchar_t *ks_windows_wide(const char *text)
{
    int size = MultiByteToWideChar(CP_UTF8, MB_ERR_INVALID_CHARS, text, -1, NULL, 0);
    wchar_t *result = size <= 0 ? NULL : malloc((size_t)size * sizeof(*result));
    if (result != NULL) {
        MultiByteToWideChar(CP_UTF8, 0, text, -1, result, size);
    }
    return result;
}

char *ks_windows_narrow(const wchar_t *text)
{
    int size = WideCharToMultiByte(CP_UTF8, 0, text, -1, NULL, 0, NULL, NULL);
    char *result = size <= 0 ? NULL : malloc((size_t)size);
    if (result != NULL) {
        WideCharToMultiByte(CP_UTF8, 0, text, -1, result, size, NULL, NULL);
    }
    return result;
}

enum ks_io ks_windows_io(DWORD error)
{
    switch (error) {
    case ERROR_FILE_NOT_FOUND:
    case ERROR_PATH_NOT_FOUND:
    case ERROR_INVALID_NAME:
    case ERROR_BAD_PATHNAME:
    case ERROR_DIRECTORY:
        return KS_IO_NOT_FOUND;
    case ERROR_ACCESS_DENIED:
    case ERROR_SHARING_VIOLATION:
    case ERROR_WRITE_PROTECT:
        return KS_IO_DENIED;
    case ERROR_NOT_ENOUGH_MEMORY:
    case ERROR_OUTOFMEMORY:
        return KS_IO_NO_MEMORY;
    default:
        return KS_IO_FAILED;
    }
}

// ---- files ----

static enum ks_io read_handle(HANDLE file, size_t capacity, size_t limit, uint8_t **out_bytes,
                              size_t *out_size)
{
    uint8_t *bytes = malloc(capacity + 1);
    size_t size = 0;
    enum ks_io io = bytes == NULL ? KS_IO_NO_MEMORY : KS_IO_OK;
    while (io == KS_IO_OK) {
        size_t room = capacity + 1 - size;
        DWORD got = 0;
        if (!ReadFile(file, bytes + size, room > 1u << 30 ? 1u << 30 : (DWORD)room, &got, NULL) &&
            GetLastError() != ERROR_BROKEN_PIPE) {
            io = ks_windows_io(GetLastError());
        } else if (got == 0) {
            break;
        }
        size += got;
        if (size > limit) {
            io = KS_IO_TOO_LARGE;
        } else if (size > capacity) {
            capacity = capacity > limit / 2 ? limit : capacity * 2;
            uint8_t *grown = realloc(bytes, capacity + 1);
            io = grown == NULL ? KS_IO_NO_MEMORY : KS_IO_OK;
            bytes = grown == NULL ? bytes : grown;
        }
    }
    if (io != KS_IO_OK) {
        free(bytes);
        return io;
    }
    bytes[size] = 0;
    *out_bytes = bytes;
    *out_size = size;
    return KS_IO_OK;
}

enum ks_io ks_platform_read_file(const char *path, size_t limit, uint8_t **out_bytes,
                                 size_t *out_size)
{
    if (ks_platform_path_kind(path) == KS_PATH_DIRECTORY) {
        return KS_IO_IS_DIRECTORY;
    }
    wchar_t *name = ks_windows_wide(path);
    if (name == NULL) {
        return KS_IO_NOT_FOUND;
    }
    HANDLE file = CreateFileW(name, GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_DELETE, NULL,
                              OPEN_EXISTING, FILE_ATTRIBUTE_NORMAL, NULL);
    free(name);
    if (file == INVALID_HANDLE_VALUE) {
        return ks_windows_io(GetLastError());
    }
    LARGE_INTEGER length = {0};
    bool known = GetFileType(file) == FILE_TYPE_DISK && GetFileSizeEx(file, &length);
    enum ks_io io = KS_IO_TOO_LARGE;
    if (!known || (uint64_t)length.QuadPart <= limit) {
        size_t guess = known && length.QuadPart > 4096 ? (size_t)length.QuadPart : 4096;
        io = read_handle(file, guess < limit ? guess : limit, limit, out_bytes, out_size);
    }
    CloseHandle(file);
    return io;
}

struct ks_file_writer {
    HANDLE file;
    bool failed;
    wchar_t *path;
    wchar_t *temporary; // NULL: written directly
};

static void writer_free(struct ks_file_writer *writer)
{
    if (writer->file != INVALID_HANDLE_VALUE) {
        CloseHandle(writer->file);
    }
    free(writer->path);
    free(writer->temporary);
    free(writer);
}

static enum ks_io open_temporary(struct ks_file_writer *writer)
{
    size_t size = wcslen(writer->path) + 40;
    writer->temporary = malloc(size * sizeof(*writer->temporary));
    if (writer->temporary == NULL) {
        return KS_IO_NO_MEMORY;
    }
    for (unsigned i = 0; i < 100; i++) {
        swprintf(writer->temporary, size, L"%ls.%lu-%u.tmp", writer->path, GetCurrentProcessId(),
                 i);
        writer->file = CreateFileW(writer->temporary, GENERIC_WRITE, 0, NULL, CREATE_NEW,
                                   FILE_ATTRIBUTE_NORMAL, NULL);
        if (writer->file != INVALID_HANDLE_VALUE) {
            return KS_IO_OK;
        }
        if (GetLastError() != ERROR_FILE_EXISTS) {
            break;
        }
    }
    return ks_windows_io(GetLastError());
}

// Devices such as NUL, CON and pipes are not files of a folder and cannot be replaced.
static bool is_device(const wchar_t *path)
{
    HANDLE file = CreateFileW(path, 0, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, NULL,
                              OPEN_EXISTING, FILE_ATTRIBUTE_NORMAL, NULL);
    if (file == INVALID_HANDLE_VALUE) {
        return false;
    }
    bool device = GetFileType(file) != FILE_TYPE_DISK;
    CloseHandle(file);
    return device;
}

static enum ks_io open_target(struct ks_file_writer *writer, const char *path)
{
    writer->path = ks_windows_wide(path);
    if (writer->path == NULL) {
        return KS_IO_NOT_FOUND;
    }
    if (is_device(writer->path)) {
        writer->file = CreateFileW(writer->path, GENERIC_WRITE, FILE_SHARE_READ | FILE_SHARE_WRITE,
                                   NULL, OPEN_EXISTING, FILE_ATTRIBUTE_NORMAL, NULL);
        return writer->file == INVALID_HANDLE_VALUE ? ks_windows_io(GetLastError()) : KS_IO_OK;
    }
    DWORD attributes = GetFileAttributesW(writer->path);
    if (attributes != INVALID_FILE_ATTRIBUTES && (attributes & FILE_ATTRIBUTE_DIRECTORY) != 0) {
        return KS_IO_IS_DIRECTORY;
    }
    if (attributes != INVALID_FILE_ATTRIBUTES && (attributes & FILE_ATTRIBUTE_READONLY) != 0) {
        return KS_IO_DENIED;
    }
    return open_temporary(writer);
}

enum ks_io ks_platform_writer_open(const char *path, struct ks_file_writer **out_writer)
{
    struct ks_file_writer *writer = calloc(1, sizeof(*writer));
    if (writer == NULL) {
        return KS_IO_NO_MEMORY;
    }
    writer->file = INVALID_HANDLE_VALUE;
    enum ks_io io = open_target(writer, path);
    if (io != KS_IO_OK) {
        writer_free(writer);
        return io;
    }
    *out_writer = writer;
    return KS_IO_OK;
}

bool ks_platform_writer_write(struct ks_file_writer *writer, const void *bytes, size_t size)
{
    const char *at = bytes;
    while (size > 0 && !writer->failed) {
        DWORD done = 0;
        writer->failed =
            !WriteFile(writer->file, at, size > 1u << 30 ? 1u << 30 : (DWORD)size, &done, NULL);
        at += done;
        size -= done;
    }
    return !writer->failed;
}

enum ks_io ks_platform_writer_commit(struct ks_file_writer *writer)
{
    bool closed = CloseHandle(writer->file) != 0;
    writer->file = INVALID_HANDLE_VALUE;
    enum ks_io io = writer->failed || !closed ? KS_IO_FAILED : KS_IO_OK;
    if (writer->temporary != NULL && io == KS_IO_OK &&
        !MoveFileExW(writer->temporary, writer->path, MOVEFILE_REPLACE_EXISTING)) {
        io = ks_windows_io(GetLastError());
    }
    if (writer->temporary != NULL && io != KS_IO_OK) {
        DeleteFileW(writer->temporary);
    }
    writer_free(writer);
    return io;
}

void ks_platform_writer_abandon(struct ks_file_writer *writer)
{
    if (writer == NULL) {
        return;
    }
    CloseHandle(writer->file);
    writer->file = INVALID_HANDLE_VALUE;
    if (writer->temporary != NULL) {
        DeleteFileW(writer->temporary);
    }
    writer_free(writer);
}

enum ks_path_kind ks_platform_path_kind(const char *path)
{
    wchar_t *name = ks_windows_wide(path);
    if (name == NULL) {
        return KS_PATH_ABSENT;
    }
    DWORD attributes = GetFileAttributesW(name);
    bool absent = attributes == INVALID_FILE_ATTRIBUTES && !is_device(name);
    free(name);
    if (absent) {
        return KS_PATH_ABSENT;
    }
    bool directory =
        attributes != INVALID_FILE_ATTRIBUTES && (attributes & FILE_ATTRIBUTE_DIRECTORY) != 0;
    return directory ? KS_PATH_DIRECTORY : KS_PATH_FILE;
}

bool ks_platform_is_link(const char *path)
{
    wchar_t *name = ks_windows_wide(path);
    DWORD attributes = name == NULL ? INVALID_FILE_ATTRIBUTES : GetFileAttributesW(name);
    free(name);
    return attributes != INVALID_FILE_ATTRIBUTES &&
           (attributes & FILE_ATTRIBUTE_REPARSE_POINT) != 0;
}

enum ks_io ks_platform_make_directory(const char *path)
{
    wchar_t *name = ks_windows_wide(path);
    if (name == NULL) {
        return KS_IO_NOT_FOUND;
    }
    bool made = CreateDirectoryW(name, NULL) != 0;
    DWORD error = GetLastError();
    free(name);
    if (made || ks_platform_path_kind(path) == KS_PATH_DIRECTORY) {
        return KS_IO_OK;
    }
    return ks_windows_io(error);
}

bool ks_platform_is_absolute(const char *path)
{
    return path[0] == '/' || path[0] == '\\' || (path[0] != '\0' && path[1] == ':');
}

size_t ks_platform_folder_length(const char *path)
{
    size_t length = strlen(path);
    while (length > 0 && path[length - 1] != '/' && path[length - 1] != '\\' &&
           !(length == 2 && path[1] == ':')) {
        length--;
    }
    return length;
}
