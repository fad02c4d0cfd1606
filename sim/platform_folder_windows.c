// SPDX-License-Identifier: MIT
// platform.h for Windows: what is in folders.
#include "platform_windows.h"

#include <stdlib.h>
#include <string.h>

#define TREE_DEPTH 64

struct tree {
    const wchar_t *suffix;
    struct ks_path_list *list;
};

static bool ends_with(const wchar_t *name, const wchar_t *suffix)
{
    size_t name_length = wcslen(name), suffix_length = wcslen(suffix);
    return name_length >= suffix_length &&
           _wcsicmp(name + name_length - suffix_length, suffix) == 0;
}

static enum ks_io tree_walk(struct tree *tree, const char *folder, unsigned depth);

static enum ks_io tree_entry(struct tree *tree, const char *folder, const WIN32_FIND_DATAW *found,
                             unsigned depth)
{
    bool directory = (found->dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY) != 0;
    bool link = (found->dwFileAttributes & FILE_ATTRIBUTE_REPARSE_POINT) != 0;
    if (directory ? link || depth >= TREE_DEPTH : !ends_with(found->cFileName, tree->suffix)) {
        return KS_IO_OK;
    }
    char *name = ks_windows_narrow(found->cFileName);
    char *path = name == NULL ? NULL : ks_platform_join(folder, name);
    free(name);
    if (path == NULL) {
        return KS_IO_NO_MEMORY;
    }
    if (!directory) {
        return ks_platform_path_list_add(tree->list, path) ? KS_IO_OK : KS_IO_NO_MEMORY;
    }
    enum ks_io io = tree_walk(tree, path, depth + 1);
    free(path);
    return io;
}

static enum ks_io tree_walk(struct tree *tree, const char *folder, unsigned depth)
{
    char *pattern = ks_platform_join(folder, "*");
    wchar_t *wide_pattern = pattern == NULL ? NULL : ks_windows_wide(pattern);
    free(pattern);
    if (wide_pattern == NULL) {
        return KS_IO_NO_MEMORY;
    }
    WIN32_FIND_DATAW found;
    HANDLE search = FindFirstFileW(wide_pattern, &found);
    free(wide_pattern);
    if (search == INVALID_HANDLE_VALUE) {
        return ks_windows_io(GetLastError());
    }
    enum ks_io io = KS_IO_OK;
    do {
        if (wcscmp(found.cFileName, L".") != 0 && wcscmp(found.cFileName, L"..") != 0) {
            io = tree_entry(tree, folder, &found, depth);
        }
    } while (io == KS_IO_OK && FindNextFileW(search, &found));
    FindClose(search);
    return io;
}

static enum ks_io list_files(const char *root, const char *suffix, unsigned depth,
                             struct ks_path_list *out_list)
{
    struct ks_path_list list = {NULL, 0};
    wchar_t *wide_suffix = ks_windows_wide(suffix);
    if (wide_suffix == NULL) {
        return KS_IO_NO_MEMORY;
    }
    struct tree tree = {wide_suffix, &list};
    enum ks_io io = tree_walk(&tree, root, depth);
    free(wide_suffix);
    if (io != KS_IO_OK) {
        ks_platform_path_list_fini(&list);
        return io;
    }
    ks_platform_path_list_sort(&list);
    *out_list = list;
    return KS_IO_OK;
}

enum ks_io ks_platform_list_tree(const char *root, const char *suffix,
                                 struct ks_path_list *out_list)
{
    return list_files(root, suffix, 0, out_list);
}

enum ks_io ks_platform_list_folder(const char *root, const char *suffix,
                                   struct ks_path_list *out_list)
{
    return list_files(root, suffix, TREE_DEPTH, out_list);
}
