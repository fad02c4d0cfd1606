// SPDX-License-Identifier: MIT
// Devices, files and requests in worlds of declared drivers only: names and numbers, nothing that a
// driver could look into. A device is one record, whatever the number of drivers in its stack.
#ifndef KS_ENGINE_SCRIPT_STACK_H
#define KS_ENGINE_SCRIPT_STACK_H

#include "kernel/io/io_request.h"
#include "world/world_steps.h"

#define KS_STACK_LEVELS 16

struct ks_script_device {
    struct ks_script_device *next;
    char *name;                        // of add_device; NULL: made by a DriverEntry
    char *object, *link;               // \Device\X, \??\X; NULL: none
    uint32_t modules[KS_STACK_LEVELS]; // whose drivers they are, lowest first
    unsigned level_count;
    bool gone; // pulled out; goes when no file is open on it
};

struct ks_script_file {
    struct ks_script_file *next;
    char *name;
    struct ks_script_device *device;
};

struct ks_script_irp {
    struct ks_script_irp *next;
    char *name;
    uint32_t module_id; // of the driver that left it pending
    uint32_t output_size;
    bool completed;
    kldr_status status;
    struct ks_io_result result;
};

struct ks_script_io {
    struct kldr_world *world;
    struct ks_script_device *devices; // in order of creation
    struct ks_script_file *files;
    struct ks_script_irp *irps;
};

// The world's; NULL: no memory.
struct ks_script_io *ks_script_io(struct kldr_world *world);

char *ks_script_copy(struct kldr_world *world, const char *text);

// A device by any of its names, or through an open file (*out_file, may be NULL: asked for). NULL:
// none.
struct ks_script_device *ks_script_find_device(struct ks_script_io *io, const char *name,
                                               struct ks_script_file **out_file);
// NULL: no memory. Texts are copied.
struct ks_script_device *ks_script_add_device(struct ks_script_io *io, const char *name,
                                              const char *object, const char *link);
void ks_script_delete_device(struct ks_script_io *io, struct ks_script_device *device);
unsigned ks_script_open_files(const struct ks_script_io *io, const struct ks_script_device *device);

// What became of a request.
struct ks_script_sent {
    kldr_status status;
    uint64_t information;
    const uint8_t *bytes;
    size_t byte_count;
    uint32_t module_id; // who answered; 0: the bus below
};
// Sends a request down a stack. KLDR_STATUS_SUCCESS, or a status that ends the simulation.
kldr_status ks_script_send(struct ks_script_io *io, const struct ks_script_device *device,
                           uint8_t major, uint8_t minor, struct ks_script_sent *out_sent);

// Puts what a request brings back into *out_result, whose bytes it frees first, as far as there is
// room. False: no memory.
bool ks_script_bring(struct ks_script_io *io, uint32_t room, uint64_t information,
                     const uint8_t *bytes, size_t byte_count, struct ks_io_result *out_result);

// The members of the table: devices (script_device.c), requests (script_request.c).
kldr_status ks_script_io_add_device(struct kldr_world *world, const struct ks_io_add *add,
                                    struct kldr_error *error);
kldr_status ks_script_io_remove_device(struct kldr_world *world, const char *device, bool surprise,
                                       struct kldr_error *error);
kldr_status ks_script_io_power(struct kldr_world *world, const struct ks_io_power *power,
                               struct kldr_error *error);
kldr_status ks_script_io_create_device(struct kldr_world *world, struct ks_driver *driver,
                                       const char *name, const char *link,
                                       struct kldr_error *error);
// A device that was pulled out goes when the last file on it is closed.
kldr_status ks_script_io_file_closed(struct ks_script_io *io, struct ks_script_device *device);

kldr_status ks_script_io_open_file(struct kldr_world *world, const char *device, const char *as,
                                   struct kldr_error *error);
kldr_status ks_script_io_close_file(struct kldr_world *world, const char *file,
                                    struct kldr_error *error);
kldr_status ks_script_io_request(struct kldr_world *world, const struct ks_io_request *request,
                                 struct ks_io_result *out_result, struct kldr_error *error);
kldr_status ks_script_io_wait(struct kldr_world *world, const char *request,
                              struct ks_io_result *out_result, struct kldr_error *error);
kldr_status ks_script_io_cancel(struct kldr_world *world, const char *request,
                                struct kldr_error *error);
kldr_status ks_script_io_complete(struct kldr_world *world, const char *request,
                                  const struct ks_io_completion *completion,
                                  struct kldr_error *error);

// "no device \Device\X": STATUS_OBJECT_NAME_NOT_FOUND with the reason.
kldr_status ks_script_no_such(struct kldr_error *error, const char *what, const char *name);

#endif
