// SPDX-License-Identifier: MIT
// Renaming and moving files of the simulated disk.

#include "kernel/fs/fs_information.h"

#include "kernel/nt_text.h"

#include <stdio.h>
#include <string.h>

// The new path: of a full name, of one relative to a folder, of one in the same folder.
static char *make_path(struct ks_fs_request *request, const FILE_RENAME_INFORMATION *from,
                       const char *name)
{
    struct kldr_world *world = request->world;
    const struct ks_fs_node *node = request->open->node;
    const struct ks_fs_open *root = NULL;
    struct ks_object *object = NULL;
    if (from->RootDirectory != NULL &&
        NT_SUCCESS(ks_ob_handle_reference(world, ks_io_address(from->RootDirectory), KS_OB_FILE, 0,
                                          false, &object))) {
        root = ks_io_file_private(object);
        ks_ob_dereference(world, object); // its handle keeps it
    }
    const char *folder = root != NULL && root->node != NULL ? root->node->path : node->path;
    size_t length =
        folder == node->path ? (size_t)(strrchr(folder, '\\') - folder) : strlen(folder);
    size_t size = length + strlen(name) + 2;
    char *path = world->allocator.allocate(world->allocator.user, size);
    if (path != NULL && name[0] == '\\') {
        snprintf(path, size, "%s", name);
    } else if (path != NULL) {
        snprintf(path, size, "%.*s\\%s", (int)length, folder, name);
    }
    return path;
}

// What is in the way goes, or the reason why it does not.
static NTSTATUS make_room(struct ks_fs_request *request, const char *path, bool replace)
{
    struct kldr_world *world = request->world;
    struct ks_file *there = NULL;
    if (ks_disk_has_folder(world->disk, path)) {
        return STATUS_OBJECT_NAME_COLLISION;
    }
    kldr_status status = ks_disk_find(world->disk, path, &there);
    if (status != KLDR_STATUS_SUCCESS) {
        return status == KLDR_STATUS_OBJECT_NAME_NOT_FOUND ? STATUS_SUCCESS : ks_fs_status(status);
    }
    if (there == request->open->node->file) {
        return STATUS_SUCCESS;
    }
    if (!replace) {
        return STATUS_OBJECT_NAME_COLLISION;
    }
    for (const struct ks_fs_node *node = ks_fs_state(world)->nodes; node != NULL;
         node = node->next) {
        if (node->file == there) {
            return STATUS_ACCESS_DENIED; // it is open
        }
    }
    if ((there->attributes & FILE_ATTRIBUTE_READONLY) != 0 || ks_fs_node_is_loaded(world, there)) {
        return STATUS_ACCESS_DENIED;
    }
    return ks_fs_status(ks_disk_remove(world->disk, path));
}

static NTSTATUS move(struct ks_fs_request *request, char *path, bool replace)
{
    struct kldr_world *world = request->world;
    struct ks_fs_node *node = request->open->node;
    char *copy = ks_nt_text_copy(world, path);
    NTSTATUS status =
        copy != NULL ? make_room(request, path, replace) : STATUS_INSUFFICIENT_RESOURCES;
    if (NT_SUCCESS(status)) {
        status = ks_fs_status(ks_disk_rename(world->disk, node->file, path));
    }
    if (NT_SUCCESS(status)) {
        ks_nt_text_free(world, node->path);
        node->path = copy;
    } else {
        ks_nt_text_free(world, copy);
    }
    return status;
}

NTSTATUS ks_fs_rename(struct ks_fs_request *request, const void *information, ULONG length)
{
    const FILE_RENAME_INFORMATION *from = information;
    size_t head = offsetof(FILE_RENAME_INFORMATION, FileName);
    if (length < sizeof *from || from->FileNameLength > length - head ||
        from->FileNameLength % 2 != 0 || from->FileNameLength == 0) {
        return STATUS_INVALID_PARAMETER;
    }
    if (request->open->node->file == NULL) {
        ks_nt_lacking(request->call, "renaming of folders");
        return STATUS_NOT_SUPPORTED;
    }
    char *name = ks_nt_text_of_units(request->world, ks_io_address(from->FileName),
                                     from->FileNameLength / 2);
    char *path = name != NULL ? make_path(request, from, name) : NULL;
    NTSTATUS status =
        path != NULL ? move(request, path, from->ReplaceIfExists) : STATUS_INSUFFICIENT_RESOURCES;
    ks_nt_text_free(request->world, name);
    ks_nt_text_free(request->world, path);
    return status;
}
