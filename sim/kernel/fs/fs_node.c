// SPDX-License-Identifier: MIT
// What of the simulated disk is open.

#include "kernel/fs/fs_state.h"

#include "kernel/nt_text.h"

#define TAG_NODE    0x6446734Bu // 'KsFd'
#define HEADER_TYPE 0x4B46
#define HEADER_ROOM 0x60u // of an advanced header
#define BLOCK_SIZE  (HEADER_ROOM + sizeof(SECTION_OBJECT_POINTERS))

static bool is_same(const struct ks_fs_node *node, const struct ks_file *file, const char *path)
{
    if (node->deleted || (node->file == NULL) != (file == NULL)) {
        return false;
    }
    return file != NULL ? node->file == file : ks_same_name(node->path, path);
}

static struct ks_fs_node *make(struct kldr_world *world, struct ks_file *file, const char *path)
{
    struct ks_fs_node *node = world->allocator.allocate(world->allocator.user, sizeof *node);
    char *copy = ks_nt_text_copy(world, path);
    uint64_t block = node != NULL && copy != NULL ? ks_nt_take(world, BLOCK_SIZE, TAG_NODE) : 0;
    if (block == 0) {
        world->allocator.release(world->allocator.user, node);
        ks_nt_text_free(world, copy);
        return NULL;
    }
    *node = (struct ks_fs_node){
        .file = file != NULL ? ks_file_retain(file) : NULL, .path = copy, .block = block};
    FSRTL_COMMON_FCB_HEADER *header = ks_guest_pointer(block);
    header->NodeTypeCode = HEADER_TYPE;
    header->NodeByteSize = (CSHORT)BLOCK_SIZE;
    ks_fs_node_show(node);
    return node;
}

struct ks_fs_node *ks_fs_node_take(struct kldr_world *world, struct ks_file *file, const char *path)
{
    struct ks_fs_state *state = ks_fs_state(world);
    struct ks_fs_node *node = state->nodes;
    while (node != NULL && !is_same(node, file, path)) {
        node = node->next;
    }
    if (node == NULL) {
        node = make(world, file, path);
        if (node == NULL) {
            return NULL;
        }
        node->next = state->nodes;
        state->nodes = node;
    }
    node->files++;
    return node;
}

void ks_fs_node_drop(struct kldr_world *world, struct ks_fs_node *node)
{
    struct ks_fs_node **link = &ks_fs_state(world)->nodes;
    if (--node->files > 0) {
        return;
    }
    while (*link != node) {
        link = &(*link)->next;
    }
    *link = node->next;
    ks_nt_give(world, node->block);
    ks_file_release(&world->allocator, node->file);
    ks_nt_text_free(world, node->path);
    world->allocator.release(world->allocator.user, node);
}

void ks_fs_node_show(const struct ks_fs_node *node)
{
    FSRTL_COMMON_FCB_HEADER *header = ks_guest_pointer(node->block);
    LONGLONG size = node->file != NULL ? (LONGLONG)node->file->size : 0;
    header->FileSize.QuadPart = header->ValidDataLength.QuadPart = size;
    header->AllocationSize.QuadPart = (size + KS_FS_CLUSTER - 1) & ~(LONGLONG)(KS_FS_CLUSTER - 1);
}

bool ks_fs_node_is_loaded(struct kldr_world *world, const struct ks_file *file)
{
    struct kldr_module_info module;
    for (uint32_t id = kldr_loader_first(world->loader); id != 0;
         id = kldr_loader_next(world->loader, id)) {
        const struct ks_instance *instance =
            kldr_loader_module(world->loader, id, &module) ? module.cookie : NULL;
        if (instance != NULL && instance->file == file) {
            return true;
        }
    }
    return false;
}

NTSTATUS ks_fs_node_resize(struct kldr_world *world, struct ks_fs_node *node, uint64_t size)
{
    const struct ks_disk_rules rules = {.limit = world->options.limits.memory,
                                        .engine = world->native != NULL ? &ks_engine_native
                                                                        : &ks_engine_none};
    if (size > rules.limit) {
        return (NTSTATUS)KS_DISK_FULL;
    }
    kldr_status status = ks_disk_resize(world->disk, node->file, (size_t)size, &rules);
    if (status == KLDR_STATUS_SUCCESS) {
        ks_fs_node_show(node);
    }
    return ks_fs_status(status);
}

struct ks_fs_open *ks_fs_open_of(struct kldr_world *world, uint64_t file)
{
    const struct ks_object *object = file != 0 ? ks_ob_find(world, file) : NULL;
    return object != NULL ? ks_io_file_private(object) : NULL;
}
