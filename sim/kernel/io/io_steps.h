// SPDX-License-Identifier: MIT
// What steps of a scenario opened and sent, and know by names (io_request.h).
#ifndef KS_KERNEL_IO_STEPS_H
#define KS_KERNEL_IO_STEPS_H

#include "kernel/io/io_own.h"
#include "kernel/io/io_request.h"

// A file or a request with a name.
struct ks_io_step {
    struct ks_io_step *next;
    char *name;
    uint64_t file;          // handle; 0: it is a request
    struct ks_io_own *own;  // of a request
    uint64_t input, output; // its buffers; 0: none
    uint32_t output_size;
};

void ks_io_steps_free(struct kldr_world *world, struct ks_io_state *state);

// ---- io_step_file.c ----

// NULL: none of that name.
struct ks_io_step *ks_io_steps_find(struct kldr_world *world, const char *name, bool file);
// A record for a name that is free. NULL: *out_status and error say why.
struct ks_io_step *ks_io_steps_add(struct kldr_world *world, const char *name,
                                   kldr_status *out_status, struct kldr_error *error);
void ks_io_steps_drop(struct kldr_world *world, struct ks_io_step *step);
// A device of a scenario, referenced: one of add_device, or an object's path.
kldr_status ks_io_steps_device(struct kldr_world *world, const char *name,
                               struct ks_object **out_device, struct kldr_error *error);
// Opens a device; *out_handle is to be closed.
kldr_status ks_io_steps_open(struct kldr_world *world, const char *device, uint64_t *out_handle,
                             struct kldr_error *error);

kldr_status ks_io_steps_open_file(struct kldr_world *world, const char *device, const char *as,
                                  struct kldr_error *error);
kldr_status ks_io_steps_close_file(struct kldr_world *world, const char *file,
                                   struct kldr_error *error);

// ---- io_step_request.c ----

kldr_status ks_io_steps_request(struct kldr_world *world, const struct ks_io_request *request,
                                struct ks_io_result *out_result, struct kldr_error *error);
kldr_status ks_io_steps_wait(struct kldr_world *world, const char *request,
                             struct ks_io_result *out_result, struct kldr_error *error);
kldr_status ks_io_steps_cancel(struct kldr_world *world, const char *request,
                               struct kldr_error *error);
kldr_status ks_io_steps_complete(struct kldr_world *world, const char *request,
                                 const struct ks_io_completion *completion,
                                 struct kldr_error *error);

// ---- io_step_see.c ----

bool ks_io_steps_see_stack(struct kldr_world *world, const char *device, ks_io_see see, void *user);
void ks_io_steps_see_devices(struct kldr_world *world, uint32_t module_id, ks_io_see see,
                             void *user);
void ks_io_steps_see_objects(struct kldr_world *world, const char *module, ks_io_see see,
                             void *user);

// ---- io_step_power.c ----

kldr_status ks_io_steps_power(struct kldr_world *world, const struct ks_io_power *power,
                              struct kldr_error *error);
kldr_status ks_io_steps_create_device(struct kldr_world *world, struct ks_driver *driver,
                                      const char *name, const char *link, struct kldr_error *error);
void ks_io_steps_delete_devices(struct kldr_world *world, struct ks_driver *driver);

#endif
