// SPDX-License-Identifier: MIT
// Opening, making and closing files and folders of the simulated disk.

#include "kernel/fs/fs_state.h"

#include "kernel/ke/ke.h"
#include "kernel/nt_text.h"

#include <stdio.h>
#include <string.h>

#define LONGEST_NAME 255u // UTF-16 units of one component
#define WRITES       (FILE_WRITE_DATA | FILE_APPEND_DATA)
#define SETTABLE                                                                                   \
    (FILE_ATTRIBUTE_READONLY | FILE_ATTRIBUTE_HIDDEN | FILE_ATTRIBUTE_SYSTEM |                     \
     FILE_ATTRIBUTE_ARCHIVE | FILE_ATTRIBUTE_TEMPORARY)

// What is asked for.
struct wish {
    struct ks_fs_request *request;
    char *path; // as the disk has it
    ACCESS_MASK access;
    uint32_t options, disposition, share, attributes;
    struct ks_file *file; // that is there; NULL: none
    bool folder;          // is there, and the file is not
};

// ---- names ----

static NTSTATUS check_component(struct ks_fs_request *request, const char *name, size_t length)
{
    if (length == 0 || length > LONGEST_NAME) {
        return STATUS_OBJECT_NAME_INVALID;
    }
    for (size_t i = 0; i < length; i++) {
        if (name[i] == ':') {
            ks_nt_lacking(request->call, "streams of files");
        }
        if ((unsigned char)name[i] < ' ' || strchr("\"*/:<>?|", name[i]) != NULL) {
            return STATUS_OBJECT_NAME_INVALID;
        }
    }
    return STATUS_SUCCESS;
}

static NTSTATUS check_name(struct ks_fs_request *request, const char *name)
{
    while (name[0] != '\0') {
        size_t length = strcspn(name, "\\");
        NTSTATUS status = check_component(request, name, length);
        if (!NT_SUCCESS(status)) {
            return status;
        }
        name += length + (name[length] == '\\');
    }
    return STATUS_SUCCESS;
}

// The path on the disk of a name, which is relative to a folder or the volume's.
static char *join(struct kldr_world *world, const char *folder, char drive, const char *name)
{
    size_t size = (folder != NULL ? strlen(folder) : 6) + strlen(name) + 2;
    char *path = world->allocator.allocate(world->allocator.user, size);
    if (path != NULL && folder != NULL) {
        snprintf(path, size, "%s%s%s", folder, name[0] != '\0' ? "\\" : "", name);
    } else if (path != NULL) {
        snprintf(path, size, "\\??\\%c:%s", drive, name);
    }
    return path;
}

static NTSTATUS find_path(struct wish *wish, char *name)
{
    struct ks_fs_request *request = wish->request;
    const struct ks_fs_open *related =
        ks_fs_open_of(request->world, ks_io_address(request->file->RelatedFileObject));
    const char *folder = NULL;
    if (request->file->RelatedFileObject != NULL) {
        if (related == NULL || related->node == NULL || related->node->file != NULL) {
            return STATUS_INVALID_PARAMETER; // no folder
        }
        folder = related->node->path;
    }
    size_t length = strlen(name);
    if (length > 0 && name[length - 1] == '\\') {
        name[length - 1] = '\0'; // of a folder
        wish->options |= length > 1 ? FILE_DIRECTORY_FILE : 0;
    }
    NTSTATUS status = check_name(request, name + (folder == NULL && name[0] == '\\'));
    if (!NT_SUCCESS(status)) {
        return status;
    }
    wish->path = join(request->world, folder, request->drive, name);
    return wish->path != NULL ? STATUS_SUCCESS : STATUS_INSUFFICIENT_RESOURCES;
}

// ---- what is there ----

static NTSTATUS look(struct wish *wish)
{
    struct kldr_world *world = wish->request->world;
    wish->folder = ks_disk_has_folder(world->disk, wish->path);
    if (wish->folder) {
        return STATUS_SUCCESS;
    }
    kldr_status status = ks_disk_find(world->disk, wish->path, &wish->file);
    if (status != KLDR_STATUS_SUCCESS && !KLDR_IS_OWN_STATUS(status) &&
        world->find_missing_file != NULL) {
        wish->file = world->find_missing_file(world, wish->path);
        status = wish->file != NULL ? KLDR_STATUS_SUCCESS : status;
    }
    return ks_fs_status(status);
}

static bool overwrites(const struct wish *wish)
{
    return wish->disposition == FILE_SUPERSEDE || wish->disposition == FILE_OVERWRITE ||
           wish->disposition == FILE_OVERWRITE_IF;
}

static NTSTATUS check_folder(const struct wish *wish)
{
    if ((wish->options & FILE_NON_DIRECTORY_FILE) != 0) {
        return STATUS_FILE_IS_A_DIRECTORY;
    }
    return wish->disposition == FILE_CREATE || overwrites(wish) ? STATUS_OBJECT_NAME_COLLISION
                                                                : STATUS_SUCCESS;
}

// FILE_ATTRIBUTE_HIDDEN and _SYSTEM must be given again by who overwrites.
static NTSTATUS check_file(const struct wish *wish)
{
    uint32_t has = wish->file->attributes, keeps = FILE_ATTRIBUTE_HIDDEN | FILE_ATTRIBUTE_SYSTEM;
    bool loaded = ks_fs_node_is_loaded(wish->request->world, wish->file);
    bool read_only = (has & FILE_ATTRIBUTE_READONLY) != 0;
    bool deletes = (wish->options & FILE_DELETE_ON_CLOSE) != 0;
    if ((wish->options & FILE_DIRECTORY_FILE) != 0) {
        return wish->disposition == FILE_CREATE ? STATUS_OBJECT_NAME_COLLISION
                                                : STATUS_NOT_A_DIRECTORY;
    }
    if (wish->disposition == FILE_CREATE) {
        return STATUS_OBJECT_NAME_COLLISION;
    }
    if (deletes && (read_only || loaded)) {
        return STATUS_CANNOT_DELETE;
    }
    if (read_only && ((wish->access & WRITES) != 0 || overwrites(wish))) {
        return STATUS_ACCESS_DENIED;
    }
    if (loaded && ((wish->access & WRITES) != 0 || overwrites(wish))) {
        return STATUS_SHARING_VIOLATION;
    }
    return overwrites(wish) && (has & keeps & ~wish->attributes) != 0 ? STATUS_ACCESS_DENIED
                                                                      : STATUS_SUCCESS;
}

// ---- making what is not there ----

static NTSTATUS make_file(struct wish *wish)
{
    struct kldr_world *world = wish->request->world;
    struct ks_file *file = ks_file_create(&world->allocator, wish->path);
    if (file == NULL) {
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    file->engine = world->native != NULL ? &ks_engine_native : &ks_engine_none;
    file->attributes = (wish->attributes & SETTABLE) | FILE_ATTRIBUTE_ARCHIVE;
    file->created = file->accessed = file->written = file->changed = ks_ke_system_time(world);
    kldr_status status = ks_disk_add(world->disk, file);
    ks_file_release(&world->allocator, file);
    wish->file = status == KLDR_STATUS_SUCCESS ? file : NULL;
    return ks_fs_status(status);
}

static NTSTATUS make_new(struct wish *wish)
{
    if ((wish->options & FILE_DIRECTORY_FILE) == 0) {
        return make_file(wish);
    }
    NTSTATUS status = ks_fs_status(ks_disk_add_folder(wish->request->world->disk, wish->path));
    wish->folder = NT_SUCCESS(status);
    return status;
}

// ---- the file object ----

static struct ks_fs_open *make_open(struct wish *wish, struct ks_fs_node *node)
{
    struct kldr_world *world = wish->request->world;
    struct ks_fs_state *state = ks_fs_state(world);
    struct ks_fs_open *open = world->allocator.allocate(world->allocator.user, sizeof *open);
    if (open != NULL) {
        *open = (struct ks_fs_open){.next = state->opens,
                                    .node = node,
                                    .drive = wish->request->drive,
                                    .append = (wish->access & WRITES) == FILE_APPEND_DATA,
                                    .delete_on_close = (wish->options & FILE_DELETE_ON_CLOSE) != 0};
        state->opens = open;
    }
    return open;
}

static NTSTATUS share(const struct wish *wish, struct ks_fs_node *node)
{
    const uint64_t arguments[] = {wish->access, wish->share, ks_io_address(wish->request->file),
                                  ks_io_address(&node->share), true};
    return (NTSTATUS)(uint32_t)ks_io_run(wish->request->call, "IoCheckShareAccess", arguments);
}

// The file object becomes one on what is there.
static NTSTATUS enter(struct wish *wish)
{
    struct ks_fs_request *request = wish->request;
    struct kldr_world *world = request->world;
    struct ks_object *object = ks_ob_find(world, ks_io_address(request->file));
    struct ks_fs_node *node = ks_fs_node_take(world, wish->file, wish->path);
    NTSTATUS status = node == NULL           ? STATUS_INSUFFICIENT_RESOURCES
                      : node->delete_pending ? STATUS_DELETE_PENDING
                                             : share(wish, node);
    struct ks_fs_open *open = NT_SUCCESS(status) ? make_open(wish, node) : NULL;
    if (open == NULL) {
        if (node != NULL) {
            ks_fs_node_drop(world, node);
        }
        return NT_SUCCESS(status) ? STATUS_INSUFFICIENT_RESOURCES : status;
    }
    node->handles++;
    ks_io_file_set_private(object, open);
    request->open = open;
    request->file->FsContext = ks_guest_pointer(node->block);
    request->file->SectionObjectPointer =
        node->file != NULL ? (char *)ks_guest_pointer(node->block) + 0x60 : NULL;
    return STATUS_SUCCESS;
}

static NTSTATUS empty(const struct wish *wish)
{
    struct ks_fs_node *node = wish->request->open->node;
    NTSTATUS status = ks_fs_node_resize(wish->request->world, node, 0);
    if (NT_SUCCESS(status)) {
        node->file->attributes = (wish->attributes & SETTABLE) | FILE_ATTRIBUTE_ARCHIVE;
        node->file->written = node->file->changed = ks_ke_system_time(wish->request->world);
    }
    return status;
}

static NTSTATUS open_existing(struct wish *wish, uint64_t *out_information)
{
    NTSTATUS status = wish->folder ? check_folder(wish) : check_file(wish);
    status = NT_SUCCESS(status) ? enter(wish) : status;
    if (NT_SUCCESS(status) && overwrites(wish)) {
        *out_information = wish->disposition == FILE_SUPERSEDE ? FILE_SUPERSEDED : FILE_OVERWRITTEN;
        return empty(wish);
    }
    *out_information = FILE_OPENED;
    return status;
}

static NTSTATUS open_or_make(struct wish *wish, uint64_t *out_information)
{
    NTSTATUS status = look(wish);
    if (NT_SUCCESS(status)) {
        return open_existing(wish, out_information);
    }
    if (status != STATUS_OBJECT_NAME_NOT_FOUND || wish->disposition == FILE_OPEN ||
        wish->disposition == FILE_OVERWRITE) {
        return status;
    }
    *out_information = FILE_CREATED;
    status = make_new(wish);
    return NT_SUCCESS(status) ? enter(wish) : status;
}

static NTSTATUS open_volume(struct wish *wish)
{
    struct ks_object *object = ks_ob_find(wish->request->world, ks_io_address(wish->request->file));
    struct ks_fs_open *open = make_open(wish, NULL);
    if (open == NULL) {
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    ks_io_file_set_private(object, open);
    return STATUS_SUCCESS;
}

NTSTATUS ks_fs_create(struct ks_fs_request *request)
{
    const IO_STACK_LOCATION *location = request->location;
    struct wish wish = {.request = request,
                        .options = location->Parameters.Create.Options & 0xFFFFFF,
                        .disposition = location->Parameters.Create.Options >> 24,
                        .share = location->Parameters.Create.ShareAccess,
                        .attributes = location->Parameters.Create.FileAttributes};
    uint64_t information = 0;
    if (request->file == NULL || ks_ob_find(request->world, ks_io_address(request->file)) == NULL) {
        return STATUS_INVALID_PARAMETER;
    }
    wish.access = location->Parameters.Create.SecurityContext->DesiredAccess;
    if (request->file->FileName.Length == 0 && request->file->RelatedFileObject == NULL) {
        return open_volume(&wish);
    }
    if ((wish.options & FILE_OPEN_BY_FILE_ID) != 0) {
        ks_nt_lacking(request->call, "opening files by their id");
        return STATUS_NOT_SUPPORTED;
    }
    char *name = ks_nt_text_of_string(request->world, ks_io_address(&request->file->FileName));
    NTSTATUS status = name != NULL ? find_path(&wish, name) : STATUS_INSUFFICIENT_RESOURCES;
    if (NT_SUCCESS(status)) {
        status = open_or_make(&wish, &information);
    }
    ks_nt_text_free(request->world, name);
    ks_nt_text_free(request->world, wish.path);
    request->irp->IoStatus.Information = NT_SUCCESS(status) ? (ULONG_PTR)information : 0;
    return status;
}

// ---- closing ----

static void delete (struct kldr_world *world, struct ks_fs_node *node)
{
    if (node->file != NULL) {
        ks_disk_remove(world->disk, node->path);
        node->deleted = true;
    } else {
        node->deleted = ks_disk_remove_folder(world->disk, node->path) == KLDR_STATUS_SUCCESS;
        node->delete_pending = node->deleted;
    }
}

NTSTATUS ks_fs_cleanup(struct ks_fs_request *request)
{
    struct ks_fs_open *open = request->open;
    struct ks_fs_node *node = open != NULL ? open->node : NULL;
    const uint64_t arguments[] = {ks_io_address(request->file),
                                  node != NULL ? ks_io_address(&node->share) : 0};
    if (node == NULL) {
        return STATUS_SUCCESS;
    }
    ks_io_run(request->call, "IoRemoveShareAccess", arguments);
    node->delete_pending = node->delete_pending || open->delete_on_close;
    if (--node->handles == 0 && node->delete_pending) {
        delete (request->world, node);
    }
    return STATUS_SUCCESS;
}

NTSTATUS ks_fs_close(struct ks_fs_request *request)
{
    struct kldr_world *world = request->world;
    struct ks_fs_open *open = request->open, **link = &ks_fs_state(world)->opens;
    if (open == NULL) {
        return STATUS_SUCCESS;
    }
    while (*link != open) {
        link = &(*link)->next;
    }
    *link = open->next;
    ks_io_file_set_private(ks_ob_find(world, ks_io_address(request->file)), NULL);
    if (open->pattern != 0) {
        ks_nt_give(world, open->pattern);
    }
    if (open->node != NULL) {
        ks_fs_node_drop(world, open->node);
    }
    world->allocator.release(world->allocator.user, open);
    return STATUS_SUCCESS;
}
