// SPDX-License-Identifier: MIT
// The records, their names, and the way of a request down a stack.
#include "engine/script_stack.h"

#include "kernel/nt.h"

#include <stdio.h>
#include <string.h>

enum {
    MAJOR_CREATE = 0,
    MAJOR_CLOSE = 2,
    MAJOR_CLEANUP = 18,
    MAJOR_POWER = 22,
    MAJOR_SYSTEM_CONTROL = 23,
    MAJOR_PNP = 27
};
enum {
    MINOR_CANCEL_STOP = 6,
    MINOR_QUERY_ID = 19,
    MINOR_SURPRISE_REMOVAL = 23,
    MINOR_SET_POWER = 2,
    MINOR_QUERY_POWER
};

// ---- memory ----

static void release(struct kldr_world *world, void *block)
{
    world->allocator.release(world->allocator.user, block);
}

static void free_device(struct kldr_world *world, struct ks_script_device *device)
{
    release(world, device->name);
    release(world, device->object);
    release(world, device->link);
    release(world, device);
}

static void fini(struct ks_nt *nt, void *state)
{
    struct ks_script_io *io = state;
    while (io->devices != NULL) {
        struct ks_script_device *device = io->devices;
        io->devices = device->next;
        free_device(nt->world, device);
    }
    while (io->files != NULL) {
        struct ks_script_file *file = io->files;
        io->files = file->next;
        release(nt->world, file->name);
        release(nt->world, file);
    }
    while (io->irps != NULL) {
        struct ks_script_irp *irp = io->irps;
        io->irps = irp->next;
        release(nt->world, irp->name);
        release(nt->world, irp->result.bytes);
        release(nt->world, irp);
    }
}

// A device that a DriverEntry made goes with the driver object.
static void drop_orphans(struct ks_script_io *io)
{
    struct ks_script_device **link = &io->devices;
    while (*link != NULL) {
        struct ks_script_device *device = *link;
        if (device->name == NULL && ks_io_driver_of_module(io->world, device->modules[0]) == NULL) {
            *link = device->next;
            free_device(io->world, device);
        } else {
            link = &device->next;
        }
    }
}

struct ks_script_io *ks_script_io(struct kldr_world *world)
{
    struct ks_script_io *io = ks_nt_state(world, KS_NT_SCRIPT, sizeof *io, fini);
    if (io != NULL) {
        io->world = world;
        drop_orphans(io);
    }
    return io;
}

char *ks_script_copy(struct kldr_world *world, const char *text)
{
    char *copy = world->allocator.allocate(world->allocator.user, strlen(text) + 1);
    return copy != NULL ? strcpy(copy, text) : NULL;
}

static bool copy_optional(struct kldr_world *world, const char *text, char **out_copy)
{
    *out_copy = text != NULL ? ks_script_copy(world, text) : NULL;
    return text == NULL || *out_copy != NULL;
}

struct ks_script_device *ks_script_add_device(struct ks_script_io *io, const char *name,
                                              const char *object, const char *link)
{
    struct kldr_world *world = io->world;
    struct ks_script_device *device =
        world->allocator.allocate(world->allocator.user, sizeof *device);
    if (device == NULL) {
        return NULL;
    }
    *device = (struct ks_script_device){0};
    if (!copy_optional(world, name, &device->name) ||
        !copy_optional(world, object, &device->object) ||
        !copy_optional(world, link, &device->link)) {
        free_device(world, device);
        return NULL;
    }
    struct ks_script_device **end = &io->devices;
    while (*end != NULL) {
        end = &(*end)->next;
    }
    *end = device;
    return device;
}

void ks_script_delete_device(struct ks_script_io *io, struct ks_script_device *device)
{
    struct ks_script_device **link = &io->devices;
    while (*link != device) {
        link = &(*link)->next;
    }
    *link = device->next;
    free_device(io->world, device);
}

// ---- names ----

kldr_status ks_script_no_such(struct kldr_error *error, const char *what, const char *name)
{
    kldr_error_set(error, KLDR_STATUS_OBJECT_NAME_NOT_FOUND, KLDR_ORIGIN_KERNEL, KLDR_STAGE_INPUT,
                   "there is no %s %.200s", what, name);
    return KLDR_STATUS_OBJECT_NAME_NOT_FOUND;
}

// \DosDevices is another name of \??.
static bool same_object(const char *left, const char *right)
{
    static const char dos[] = "\\DosDevices\\";
    char texts[2][KLDR_PATH_SIZE];
    const char *names[] = {left, right};
    for (int i = 0; i < 2; i++) {
        char head[sizeof dos];
        snprintf(head, sizeof head, "%s", names[i]);
        bool is_dos = ks_same_name(head, dos);
        snprintf(texts[i], sizeof texts[i], "%s%s", is_dos ? "\\??\\" : "",
                 names[i] + (is_dos ? sizeof dos - 1 : 0));
    }
    return ks_same_name(texts[0], texts[1]);
}

static bool is_called(const struct ks_script_device *device, const char *name)
{
    if (name[0] != '\\') {
        return device->name != NULL && ks_same_name(device->name, name);
    }
    return (device->object != NULL && same_object(device->object, name)) ||
           (device->link != NULL && same_object(device->link, name));
}

struct ks_script_device *ks_script_find_device(struct ks_script_io *io, const char *name,
                                               struct ks_script_file **out_file)
{
    struct ks_script_file *file = io->files;
    while (file != NULL && !ks_same_name(file->name, name)) {
        file = file->next;
    }
    if (out_file != NULL) {
        *out_file = file;
    }
    if (file != NULL) {
        return file->device;
    }
    struct ks_script_device *device = io->devices;
    while (device != NULL && !is_called(device, name)) {
        device = device->next;
    }
    return device;
}

unsigned ks_script_open_files(const struct ks_script_io *io, const struct ks_script_device *device)
{
    unsigned count = 0;
    for (const struct ks_script_file *file = io->files; file != NULL; file = file->next) {
        count += file->device == device;
    }
    return count;
}

// ---- down the stack ----

// What kldr's bus says to a request that nobody above it has answered.
static kldr_status bus_answer(uint8_t major, uint8_t minor)
{
    switch (major) {
    case MAJOR_PNP:
        return minor <= MINOR_CANCEL_STOP || minor == MINOR_SURPRISE_REMOVAL ||
                       minor == MINOR_QUERY_ID
                   ? KLDR_STATUS_SUCCESS
                   : KLDR_STATUS_NOT_SUPPORTED;
    case MAJOR_POWER:
        return minor == MINOR_SET_POWER || minor == MINOR_QUERY_POWER ? KLDR_STATUS_SUCCESS
                                                                      : KLDR_STATUS_NOT_SUPPORTED;
    case MAJOR_SYSTEM_CONTROL:
        return KLDR_STATUS_NOT_SUPPORTED;
    case MAJOR_CREATE:
    case MAJOR_CLEANUP:
    case MAJOR_CLOSE:
        return KLDR_STATUS_SUCCESS;
    default:
        return KLDR_STATUS_INVALID_DEVICE_REQUEST;
    }
}

// Below the lowest driver, which answered last.
static kldr_status send_below(struct ks_script_io *io, const struct ks_script_device *device,
                              uint8_t major, uint8_t minor, const struct ks_io_answer *last,
                              struct ks_script_sent *sent)
{
    const struct ks_driver *driver = ks_io_driver_of_module(io->world, device->modules[0]);
    sent->status = device->name != NULL ? bus_answer(major, minor) : last->status;
    return device->name != NULL || driver == NULL
               ? KLDR_STATUS_SUCCESS
               : ks_io_end_declared(io->world, driver, major, last);
}

kldr_status ks_script_send(struct ks_script_io *io, const struct ks_script_device *device,
                           uint8_t major, uint8_t minor, struct ks_script_sent *out_sent)
{
    struct ks_io_answer answer = {.status = KLDR_STATUS_INVALID_DEVICE_REQUEST};
    struct ks_script_sent sent = {0};
    for (unsigned level = device->level_count; level-- > 0;) {
        const struct ks_driver *driver = ks_io_driver_of_module(io->world, device->modules[level]);
        if (driver == NULL) {
            continue;
        }
        kldr_status status = ks_io_ask_declared(io->world, driver, major, 0, 0, &answer);
        if (status != KLDR_STATUS_SUCCESS) {
            return status;
        }
        if (!answer.pass_down) {
            sent = (struct ks_script_sent){answer.status, answer.information, answer.bytes,
                                           answer.byte_count, driver->module_id};
            *out_sent = sent;
            return KLDR_STATUS_SUCCESS;
        }
    }
    kldr_status status = send_below(io, device, major, minor, &answer, &sent);
    *out_sent = sent;
    return status;
}

bool ks_script_bring(struct ks_script_io *io, uint32_t room, uint64_t information,
                     const uint8_t *bytes, size_t byte_count, struct ks_io_result *out_result)
{
    const struct kldr_allocator *allocator = &io->world->allocator;
    uint64_t size = information < room ? information : room;
    allocator->release(allocator->user, out_result->bytes);
    *out_result = (struct ks_io_result){.information = information};
    if (size == 0) {
        return true;
    }
    out_result->bytes = allocator->allocate(allocator->user, (size_t)size);
    if (out_result->bytes == NULL) {
        return false;
    }
    memset(out_result->bytes, 0, (size_t)size);
    if (byte_count > 0) {
        memcpy(out_result->bytes, bytes, byte_count < size ? byte_count : (size_t)size);
    }
    out_result->byte_count = (size_t)size;
    return true;
}
