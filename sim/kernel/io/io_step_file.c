// SPDX-License-Identifier: MIT
// Names of steps: devices, files and requests; opening and closing files.

#include "kernel/io/io_file.h"
#include "kernel/io/io_pnp.h"
#include "kernel/io/io_steps.h"
#include "kernel/nt_text.h"

static kldr_status no_such(struct kldr_error *error, const char *what, const char *name)
{
    kldr_error_set(error, KLDR_STATUS_OBJECT_NAME_NOT_FOUND, KLDR_ORIGIN_KERNEL, KLDR_STAGE_INPUT,
                   "there is no %s %.200s", what, name);
    return KLDR_STATUS_OBJECT_NAME_NOT_FOUND;
}

// ---- names ----

struct ks_io_step *ks_io_steps_find(struct kldr_world *world, const char *name, bool file)
{
    struct ks_io_state *state = ks_io_state(world);
    struct ks_io_step *step = state != NULL ? state->steps : NULL;
    while (step != NULL && ((step->file != 0) != file || !ks_same_name(step->name, name))) {
        step = step->next;
    }
    return step;
}

struct ks_io_step *ks_io_steps_add(struct kldr_world *world, const char *name,
                                   kldr_status *out_status, struct kldr_error *error)
{
    struct ks_io_state *state = ks_io_state(world);
    *out_status = KLDR_ERROR_OUT_OF_MEMORY;
    if (ks_io_steps_find(world, name, true) != NULL ||
        ks_io_steps_find(world, name, false) != NULL || ks_io_pnp_find(world, name) != NULL) {
        *out_status = KLDR_STATUS_OBJECT_NAME_COLLISION;
        kldr_error_set(error, *out_status, KLDR_ORIGIN_KERNEL, KLDR_STAGE_INPUT,
                       "the name %.200s is in use", name);
        return NULL;
    }
    struct ks_io_step *step =
        state != NULL ? world->allocator.allocate(world->allocator.user, sizeof *step) : NULL;
    char *copy = ks_nt_text_copy(world, name);
    if (step == NULL || copy == NULL) {
        world->allocator.release(world->allocator.user, step);
        ks_nt_text_free(world, copy);
        return NULL;
    }
    *step = (struct ks_io_step){.next = state->steps, .name = copy};
    state->steps = step;
    *out_status = KLDR_STATUS_SUCCESS;
    return step;
}

void ks_io_steps_drop(struct kldr_world *world, struct ks_io_step *step)
{
    struct ks_io_step **link = &ks_io_state(world)->steps;
    while (*link != step) {
        link = &(*link)->next;
    }
    *link = step->next;
    ks_nt_text_free(world, step->name);
    world->allocator.release(world->allocator.user, step);
}

void ks_io_steps_free(struct kldr_world *world, struct ks_io_state *state)
{
    while (state->steps != NULL) {
        struct ks_io_step *step = state->steps;
        state->steps = step->next;
        world->allocator.release(world->allocator.user, step->own);
        ks_nt_text_free(world, step->name);
        world->allocator.release(world->allocator.user, step);
    }
}

kldr_status ks_io_steps_device(struct kldr_world *world, const char *name,
                               struct ks_object **out_device, struct kldr_error *error)
{
    const struct ks_io_node *node = ks_io_pnp_find(world, name);
    if (node != NULL) {
        ks_ob_reference(node->pdo->object);
        *out_device = node->pdo->object;
        return KLDR_STATUS_SUCCESS;
    }
    if (name[0] != '\\' || !NT_SUCCESS(ks_ob_look_up_path(world, name, KS_OB_DEVICE, out_device))) {
        return no_such(error, "device", name);
    }
    return KLDR_STATUS_SUCCESS;
}

// ---- files ----

static kldr_status open_object(struct kldr_world *world, const char *name,
                               struct ks_object **out_file, struct kldr_error *error)
{
    const struct ks_io_open open = {.access = FILE_GENERIC_READ | FILE_GENERIC_WRITE,
                                    .options = FILE_SYNCHRONOUS_IO_NONALERT,
                                    .share = FILE_SHARE_READ | FILE_SHARE_WRITE,
                                    .disposition = FILE_OPEN,
                                    .user_mode = true};
    const struct ks_io_node *node = ks_io_pnp_find(world, name);
    if (node != NULL) {
        return ks_io_file_open_device(world, node->pdo, "", &open, out_file);
    }
    kldr_status status = name[0] == '\\' ? ks_io_file_open(world, name, &open, out_file)
                                         : KLDR_STATUS_OBJECT_NAME_NOT_FOUND;
    return status == KLDR_STATUS_OBJECT_NAME_NOT_FOUND ? no_such(error, "device", name) : status;
}

kldr_status ks_io_steps_open(struct kldr_world *world, const char *device, uint64_t *out_handle,
                             struct kldr_error *error)
{
    struct ks_object *file = NULL;
    kldr_status status = open_object(world, device, &file, error);
    if (status != KLDR_STATUS_SUCCESS) {
        if (!KLDR_IS_OWN_STATUS(status) && status != KLDR_STATUS_OBJECT_NAME_NOT_FOUND) {
            kldr_error_set(error, status, KLDR_ORIGIN_DRIVER, KLDR_STAGE_ENTRY,
                           "%.200s could not be opened: IRP_MJ_CREATE failed", device);
            kldr_error_advise(error, "give the driver a routine for IRP_MJ_CREATE, or send the "
                                     "request with `open: false`");
        }
        return status;
    }
    NTSTATUS opened = ks_ob_handle_create(world, file, FILE_ALL_ACCESS, 0, 0, out_handle);
    ks_ob_dereference(world, file);
    return (kldr_status)opened;
}

kldr_status ks_io_steps_open_file(struct kldr_world *world, const char *device, const char *as,
                                  struct kldr_error *error)
{
    kldr_status status;
    struct ks_io_step *step = ks_io_steps_add(world, as, &status, error);
    uint64_t handle = 0;
    if (step == NULL) {
        return status;
    }
    status = ks_io_steps_open(world, device, &handle, error);
    if (status == KLDR_STATUS_SUCCESS) {
        step->file = handle;
    } else {
        ks_io_steps_drop(world, step);
    }
    return status;
}

kldr_status ks_io_steps_close_file(struct kldr_world *world, const char *file,
                                   struct kldr_error *error)
{
    struct ks_io_step *step = ks_io_steps_find(world, file, true);
    kldr_status reason = KLDR_STATUS_SUCCESS;
    if (step == NULL) {
        return no_such(error, "open file", file);
    }
    uint64_t handle = step->file;
    ks_io_steps_drop(world, step);
    ks_ob_handle_close(world, handle);
    return kldr_loader_stopped(world->loader, &reason) ? reason : KLDR_STATUS_SUCCESS;
}
