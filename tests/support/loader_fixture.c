// SPDX-License-Identifier: MIT
// The fixture's life, its host and its files.

#include "loader_fixture.h"

#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct fixture_file {
    struct fixture_file *next;
    char *path;
    uint8_t *bytes;
    size_t size;
};

// ---- the allocator ----

static bool fails_now(struct fixture *fixture)
{
    fixture->asked++;
    return fixture->fail_at != 0 && fixture->asked == fixture->fail_at;
}

static void *allocate(void *user, size_t size)
{
    struct fixture *fixture = user;
    assert_true(size > 0);
    if (fails_now(fixture))
        return NULL;
    void *block = malloc(size);
    assert_non_null(block);
    fixture->live++;
    return memset(block, 0xee, size);
}

static void *reallocate(void *user, void *block, size_t size)
{
    struct fixture *fixture = user;
    assert_true(size > 0);
    if (fails_now(fixture))
        return NULL;
    void *grown = realloc(block, size);
    assert_non_null(grown);
    fixture->live += block == NULL;
    return grown;
}

static void release(void *user, void *block)
{
    struct fixture *fixture = user;
    fixture->live -= block != NULL;
    free(block);
}

// ---- files ----

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

bool fixture_same_name(const char *a, const char *b)
{
    while (*a != '\0' && lower(*a) == lower(*b)) {
        a++;
        b++;
    }
    return *a == *b;
}

char *fixture_full_path(const char *path)
{
    char *full = NULL;
    if (path[0] == '=')
        return fixture_append(&full, path + 1);
    if (path[0] != '\\')
        fixture_append(&full, FIXTURE_DRIVERS);
    return fixture_append(&full, path);
}

static struct fixture_file *find_file(struct fixture *fixture, const char *path)
{
    struct fixture_file *file = fixture->files;
    while (file != NULL && !fixture_same_name(file->path, path))
        file = file->next;
    return file;
}

static bool folder_exists(const struct fixture *fixture, const char *path)
{
    const char *last = strrchr(path, '\\');
    size_t length = last != NULL ? (size_t)(last - path) + 1 : 0;
    if (length == strlen(FIXTURE_DRIVERS) && strncmp(path, FIXTURE_DRIVERS, length) == 0)
        return true;
    for (struct fixture_file *file = fixture->files; file != NULL; file = file->next) {
        if (strncmp(file->path, path, length) == 0)
            return true;
    }
    return false;
}

void fixture_bytes(struct fixture *fixture, const char *path, const void *bytes, size_t size)
{
    struct fixture_file *file = calloc(1, sizeof *file);
    assert_non_null(file);
    file->path = fixture_full_path(path);
    file->size = size;
    file->bytes = malloc(size > 0 ? size : 1);
    assert_non_null(file->bytes);
    memcpy(file->bytes, bytes, size);
    file->next = fixture->files;
    fixture->files = file;
}

uint8_t *fixture_file_bytes(struct fixture *fixture, const char *path, size_t *out_size)
{
    char *full = fixture_full_path(path);
    struct fixture_file *file = find_file(fixture, full);
    free(full);
    assert_non_null(file);
    *out_size = file->size;
    return file->bytes;
}

static void free_file(struct fixture_file *file)
{
    free(file->path);
    free(file->bytes);
    free(file);
}

void fixture_remove_file(struct fixture *fixture, const char *path)
{
    char *full = fixture_full_path(path);
    struct fixture_file **link = &fixture->files;
    while (*link != NULL && !fixture_same_name((*link)->path, full))
        link = &(*link)->next;
    free(full);
    assert_non_null(*link);
    struct fixture_file *file = *link;
    *link = file->next;
    free_file(file);
}

// The loader gets a copy of exactly the file's size that dies when it closes the file (L11).
static kldr_status open_image(void *user, const char *path, enum kldr_open_purpose purpose,
                              struct kldr_host_file *out_file)
{
    struct fixture *fixture = user;
    if (purpose == KLDR_OPEN_LOAD && ++fixture->opened == fixture->fail_open_at)
        return fixture->fail_status;
    struct fixture_file *file = find_file(fixture, path);
    if (file == NULL)
        return folder_exists(fixture, path) ? KLDR_STATUS_OBJECT_NAME_NOT_FOUND
                                            : KLDR_STATUS_OBJECT_PATH_NOT_FOUND;
    uint8_t *copy = malloc(file->size > 0 ? file->size : 1);
    assert_non_null(copy);
    memcpy(copy, file->bytes, file->size);
    fixture->open_files++;
    *out_file = (struct kldr_host_file){copy, file->size, copy};
    return KLDR_STATUS_SUCCESS;
}

static void close_image(void *user, struct kldr_host_file *file)
{
    struct fixture *fixture = user;
    fixture->open_files--;
    free(file->cookie);
}

// ---- the rest of the host ----

static kldr_status map_image(void *user, const struct kldr_map_request *request,
                             struct kldr_mapping *out_mapping)
{
    struct fixture *fixture = user;
    if (++fixture->mapped == fixture->fail_map_at)
        return fixture->fail_status;
    uint8_t *memory = malloc(request->size);
    assert_non_null(memory);
    memset(memory, 0xcc, request->size);
    fixture->live_mappings++;
    *out_mapping = (struct kldr_mapping){memory, fixture->next_base, request->size, memory};
    if (fixture->grants_bases)
        out_mapping->base = request->preferred_base;
    else
        fixture->next_base += (request->size + 0x1ffffu) / 0x10000u * 0x10000u;
    return KLDR_STATUS_SUCCESS;
}

static void unmap_image(void *user, const struct kldr_mapping *mapping, uint32_t module_id,
                        const char *module_name)
{
    struct fixture *fixture = user;
    assert_true(module_id == 0 || module_name != NULL);
    assert_ptr_equal(mapping->memory, mapping->cookie);
    fixture->live_mappings--;
    free(mapping->cookie);
}

static void image_ready(void *user, uint32_t module_id)
{
    struct fixture *fixture = user;
    struct kldr_module_info info;
    char line[KLDR_NAME_SIZE + 8];
    assert_true(kldr_loader_module(fixture->loader, module_id, &info));
    snprintf(line, sizeof line, "ready %s", info.base_name);
    fixture_record(fixture, line);
}

static kldr_status trap_import(void *user, const struct kldr_missing_import *missing,
                               uint64_t *out_address)
{
    struct fixture *fixture = user;
    assert_non_null(missing->importer);
    assert_non_null(missing->module);
    *out_address = UINT64_C(0x70000000) + 16u * fixture->traps++;
    return KLDR_STATUS_SUCCESS;
}

static kldr_status core_import(void *user, const struct kldr_core_import *import)
{
    const struct fixture *fixture = user;
    bool refused = fixture->refused_symbol != NULL && import->symbol != NULL &&
                   strcmp(import->symbol, fixture->refused_symbol) == 0;
    return refused ? KLDR_ERROR_NOT_IMPLEMENTED : KLDR_STATUS_SUCCESS;
}

static void on_event(void *user, const struct kldr_event *event)
{
    struct fixture *fixture = user;
    char line[2 * KLDR_PATH_SIZE];
    assert_int_equal(event->seq, fixture->last_seq + 1);
    fixture->last_seq = event->seq;
    fixture_line(event, line, sizeof line);
    fixture_record(fixture, line);
    if (fixture->observe != NULL)
        fixture->observe(fixture->observer, event);
}

// ---- the life ----

struct fixture *fixture_create(enum kldr_profile profile, enum kldr_machine machine)
{
    static const struct kldr_build_export kernel[] = {{.name = "KeOne"}, {.name = "KeTwo"}};
    static const struct kldr_build_export hal[] = {{.name = "HalOne"}};
    struct fixture *fixture = calloc(1, sizeof *fixture);
    assert_non_null(fixture);
    kldr_policy_init(&fixture->options.policy, profile);
    fixture->options.machine = machine;
    fixture->host = (struct kldr_host){.user = fixture,
                                       .allocator = {fixture, allocate, reallocate, release},
                                       .open_image = open_image,
                                       .close_image = close_image,
                                       .map_image = map_image,
                                       .unmap_image = unmap_image,
                                       .call_routine = fixture_call,
                                       .image_ready = image_ready,
                                       .trap_import = trap_import,
                                       .core_import = core_import,
                                       .on_event = on_event};
    fixture->fail_status = KLDR_ERROR_OUT_OF_MEMORY;
    fixture_build_core(&fixture->kernel, "ntoskrnl.exe", machine, kernel, COUNT_OF(kernel));
    fixture_build_core(&fixture->hal, "hal.dll", machine, hal, COUNT_OF(hal));
    return fixture;
}

void fixture_knob(struct fixture *fixture, const char *id, const char *value)
{
    assert_int_equal(kldr_policy_set(&fixture->options.policy, id, value, NULL),
                     KLDR_STATUS_SUCCESS);
}

void fixture_start(struct fixture *fixture)
{
    uint64_t base = fixture->options.machine == KLDR_MACHINE_X86 ? UINT64_C(0x80000000)
                                                                 : UINT64_C(0xfffff80000000000);
    fixture->next_base = base + 0x1000000u;
    fixture->last_seq = 0;
    fixture->asked = fixture->opened = fixture->mapped = fixture->called = 0;
    fixture_rewind_routines(fixture);
    assert_int_equal(
        kldr_loader_create(&fixture->options, &fixture->host, &fixture->loader, &fixture->error),
        KLDR_STATUS_SUCCESS);
    assert_int_equal(kldr_loader_add_core(fixture->loader, "\\SystemRoot\\system32\\ntoskrnl.exe",
                                          fixture->kernel.image, base, &fixture->kernel.id),
                     KLDR_STATUS_SUCCESS);
    assert_int_equal(kldr_loader_add_core(fixture->loader, "\\SystemRoot\\system32\\hal.dll",
                                          fixture->hal.image, base + 0x800000u, &fixture->hal.id),
                     KLDR_STATUS_SUCCESS);
}

void fixture_fail_allocation(struct fixture *fixture, unsigned number)
{
    fixture->asked = 0;
    fixture->fail_at = number;
}

void fixture_finish(struct fixture *fixture)
{
    kldr_loader_destroy(fixture->loader);
    fixture->loader = NULL;
    assert_int_equal(fixture->live, 0);
    assert_int_equal(fixture->live_mappings, 0);
    assert_int_equal(fixture->open_files, 0);
    fixture->fail_at = fixture->fail_open_at = fixture->fail_map_at = fixture->fail_call_at = 0;
    fixture_forget(fixture);
    fixture_drop_references(fixture);
}

void fixture_destroy(struct fixture *fixture)
{
    fixture_finish(fixture);
    fixture_drop_routines(fixture);
    while (fixture->files != NULL) {
        struct fixture_file *file = fixture->files;
        fixture->files = file->next;
        free_file(file);
    }
    fixture_drop_core(&fixture->kernel);
    fixture_drop_core(&fixture->hal);
    free(fixture->text);
    free(fixture);
}

struct fixture *fixture_open(enum kldr_profile profile)
{
    struct fixture *fixture = fixture_create(profile, KLDR_MACHINE_X64);
    fixture_start(fixture);
    return fixture;
}
