// SPDX-License-Identifier: MIT
// Steps on devices: what is written becomes a question to the world's table
// (kernel/io/io_request.h).

#include "engine/emulate.h"
#include "scenario/run/host_file.h"
#include "scenario/run/run_object.h"

#include <stdlib.h>
#include <string.h>

#define DATA_MAX ((size_t)16 * 1024 * 1024)

// ---- data ----

// The scenario asks for what cannot be: it ends here.
static kldr_status give_up(struct ks_runner *runner, struct ks_place place, const char *why)
{
    struct ks_failure failure = {.place = place};
    failure.key = failure.wanted = failure.got = failure.note = "";
    failure.message = why;
    ks_run_add_failure(runner, &failure);
    ks_run_set_outcome(runner, KS_INVALID, why);
    kldr_loader_stop(runner->world->loader, KLDR_ERROR_SCENARIO);
    return KLDR_ERROR_SCENARIO;
}

static kldr_status read_piece(struct ks_runner *runner, const struct ks_piece *piece,
                              struct ks_host_file *out_file)
{
    struct kldr_error error = {0};
    char text[2 * KLDR_DETAIL_SIZE];
    kldr_status status =
        ks_host_file_read_text(runner->scenario, &piece->file, runner->options, out_file, &error);
    if (status == KLDR_STATUS_SUCCESS) {
        return status;
    }
    error.file[0] = '\0'; // the failure has its place already
    kldr_error_format(&error, text, sizeof text);
    return give_up(runner, piece->file.place, ks_run_text(runner, "%s", text));
}

// Adds the piece to what is made, which has room for DATA_MAX bytes in all.
static kldr_status add_piece(struct ks_runner *runner, const struct ks_data *data,
                             const struct ks_piece *piece, uint8_t **bytes, size_t *size)
{
    struct ks_host_file file = {NULL, piece->size};
    kldr_status status =
        piece->kind == KS_PIECE_FILE ? read_piece(runner, piece, &file) : KLDR_STATUS_SUCCESS;
    if (status != KLDR_STATUS_SUCCESS) {
        return status;
    }
    uint8_t *grown = NULL;
    if (file.size > DATA_MAX - *size) {
        status = give_up(runner, data->place, "data are at most 16 MiB");
    } else if ((grown = realloc(*bytes, *size + file.size + 1)) == NULL) {
        runner->out_of_memory = true;
        status = KLDR_ERROR_OUT_OF_MEMORY;
    } else {
        *bytes = grown;
        if (piece->kind == KS_PIECE_FILL) {
            memset(grown + *size, piece->fill, file.size);
        } else if (file.size > 0) {
            memcpy(grown + *size, file.bytes != NULL ? file.bytes : piece->bytes, file.size);
        }
        *size += file.size;
    }
    free(file.bytes);
    return status;
}

static kldr_status make_data(struct ks_runner *runner, const struct ks_data *data,
                             struct ks_made_data *made)
{
    kldr_status status = KLDR_STATUS_SUCCESS;
    uint8_t *bytes = NULL;
    size_t size = 0;
    for (size_t i = 0; i < data->piece_count && status == KLDR_STATUS_SUCCESS; i++) {
        status = add_piece(runner, data, &data->pieces[i], &bytes, &size);
    }
    if (status == KLDR_STATUS_SUCCESS) {
        made->bytes = (const uint8_t *)ks_arena_copy(&runner->arena,
                                                     size > 0 ? (const char *)bytes : "", size);
        made->size = size;
        status = made->bytes != NULL ? status : KLDR_ERROR_OUT_OF_MEMORY;
    }
    free(bytes);
    return status;
}

kldr_status ks_run_data(struct ks_runner *runner, const struct ks_data *data,
                        const uint8_t **out_bytes, size_t *out_size)
{
    struct ks_made_data *made = runner->made_data;
    while (made != NULL && made->pieces != data->pieces) {
        made = made->next;
    }
    if (made == NULL) {
        made = ks_arena_take(&runner->arena, 1, sizeof *made);
        if (made == NULL) {
            return KLDR_ERROR_OUT_OF_MEMORY;
        }
        *made = (struct ks_made_data){.next = runner->made_data, .pieces = data->pieces};
        kldr_status status = make_data(runner, data, made);
        if (status != KLDR_STATUS_SUCCESS) {
            return status;
        }
        runner->made_data = made;
    }
    *out_bytes = made->bytes;
    *out_size = made->size;
    return KLDR_STATUS_SUCCESS;
}

// ---- what the world lacks ----

static bool refuse(struct ks_runner *runner, const struct ks_step *step, struct ks_place place,
                   const char *what)
{
    struct ks_failure failure = {.step = step, .place = place};
    failure.key = failure.wanted = failure.got = failure.note = "";
    const char *where = runner->world->native == NULL ? "without real driver code that runs"
                        : ks_emulate_available()      ? "with real drivers"
                                                 : "without a decoder of instructions: kldr is "
                                                   "without Zydis, and kldr-cpu is not beside it";
    failure.message = ks_run_text(runner, "this version does not simulate %s %s", what, where);
    ks_run_add_failure(runner, &failure);
    ks_run_set_outcome(runner, KS_UNSUPPORTED, failure.message);
    return false;
}

// Files are read before code of drivers runs.
static bool make_file_data(struct ks_runner *runner)
{
    const struct ks_scenario *scenario = runner->scenario;
    const uint8_t *bytes;
    size_t size;
    for (size_t i = 0; i < scenario->file_data_count; i++) {
        if (ks_run_data(runner, &scenario->file_data[i], &bytes, &size) != KLDR_STATUS_SUCCESS) {
            return false;
        }
    }
    return true;
}

bool ks_run_io_check(struct ks_runner *runner)
{
    const struct ks_scenario *scenario = runner->scenario;
    const char *what = ks_io_lacks(runner->world, KS_IO_NEEDS_NAMED);
    for (size_t i = 0; what != NULL && i < scenario->image_count; i++) {
        if (scenario->images[i].device_count > 0) {
            return refuse(runner, NULL, scenario->images[i].place, what);
        }
    }
    for (size_t i = 0; i < scenario->io_step_count; i++) {
        what = ks_io_lacks(runner->world, scenario->io_steps[i]->io_needs);
        if (what != NULL) {
            return refuse(runner, scenario->io_steps[i], scenario->io_steps[i]->place, what);
        }
    }
    return make_file_data(runner);
}

// ---- actions ----

static kldr_status add_device(struct ks_runner *runner, const struct ks_step_io *io,
                              struct kldr_error *error)
{
    struct ks_io_service *services =
        ks_arena_take(&runner->arena, io->service_count + 1, sizeof *services);
    if (services == NULL) {
        return KLDR_ERROR_OUT_OF_MEMORY;
    }
    for (size_t i = 0; i < io->service_count; i++) {
        services[i] = (struct ks_io_service){io->services[i].name, io->services[i].image};
    }
    const struct ks_io_add add = {
        .name = io->name,
        .services = services,
        .service_count = io->service_count,
        .hardware_id = io->hardware_id,
        .resources = io->resources,
        .resource_count = io->resource_count,
        .start = !io->no_start,
    };
    return ks_io_services(runner->world)->add_device(runner->world, &add, error);
}

static kldr_status request(struct ks_runner *runner, const struct ks_step *step,
                           struct ks_step_outcome *outcome, struct kldr_error *error)
{
    const struct ks_step_io *io = step->io;
    struct ks_io_request request = {
        .device = io->device,
        .major = (uint8_t)io->major,
        .minor = (uint8_t)io->minor,
        .open = !io->no_open,
        .code = io->code,
        .offset = io->offset,
        .output_size = io->length,
        .arguments = io->has_arguments ? io->arguments : NULL,
        .argument_count = io->argument_count,
        .as = io->as,
        .repeat = io->repeat != 0 ? io->repeat : 1,
        .stride = io->stride,
    };
    kldr_status status = KLDR_STATUS_SUCCESS;
    if (io->data.given) {
        status = ks_run_data(runner, &io->data, &request.input, &request.input_size);
    }
    if (status != KLDR_STATUS_SUCCESS) {
        return status;
    }
    outcome->has_io = true;
    return ks_io_services(runner->world)->request(runner->world, &request, &outcome->io, error);
}

static kldr_status complete(struct ks_runner *runner, const struct ks_step *step,
                            struct kldr_error *error)
{
    const struct ks_step_io *io = step->io;
    struct ks_io_completion completion = {.status = step->has_status ? step->status
                                                                     : KLDR_STATUS_SUCCESS};
    kldr_status status = KLDR_STATUS_SUCCESS;
    if (io->data.given) {
        status = ks_run_data(runner, &io->data, &completion.bytes, &completion.byte_count);
    }
    if (status != KLDR_STATUS_SUCCESS) {
        return status;
    }
    completion.information = io->has_information ? io->information : completion.byte_count;
    return ks_io_services(runner->world)->complete(runner->world, io->as, &completion, error);
}

static kldr_status set_registry(struct ks_runner *runner, const struct ks_step *step,
                                struct kldr_error *error)
{
    const struct ks_step_registry *registry = &step->io->registry;
    struct ks_io_value value = {.key = registry->key,
                                .name = registry->value,
                                .absent = registry->absent,
                                .type = registry->type};
    kldr_status status = KLDR_STATUS_SUCCESS;
    if (registry->service != NULL) {
        value.key = ks_run_text(
            runner, "\\Registry\\Machine\\System\\CurrentControlSet\\Services\\%s\\Parameters",
            registry->service);
    }
    if (registry->data.given) {
        status = ks_run_data(runner, &registry->data, &value.data, &value.size);
    }
    return status == KLDR_STATUS_SUCCESS
               ? ks_io_services(runner->world)->set_registry(runner->world, &value, error)
               : status;
}

static kldr_status around(struct ks_runner *runner, const struct ks_step *step,
                          struct kldr_error *error)
{
    const struct ks_io_services *services = ks_io_services(runner->world);
    const struct ks_step_io *io = step->io;
    switch (step->action) {
    case KS_ACTION_ADVANCE:
        return services->advance(runner->world, io->time, error);
    case KS_ACTION_SET_REGISTRY:
        return set_registry(runner, step, error);
    default:
        return services->feed_port(
            runner->world,
            &(struct ks_io_port_feed){io->port, io->width, io->reads, io->read_count}, error);
    }
}

static kldr_status perform(struct ks_runner *runner, const struct ks_step *step,
                           struct ks_step_outcome *outcome, struct kldr_error *error)
{
    const struct ks_io_services *services = ks_io_services(runner->world);
    struct kldr_world *world = runner->world;
    const struct ks_step_io *io = step->io;
    switch (step->action) {
    case KS_ACTION_ADD_DEVICE:
        return add_device(runner, io, error);
    case KS_ACTION_REMOVE_DEVICE:
        return services->remove_device(world, io->device, io->surprise, error);
    case KS_ACTION_POWER:
        return services->power(
            world, &(struct ks_io_power){io->device, io->of_device, io->state, io->query}, error);
    case KS_ACTION_OPEN_FILE:
        return services->open_file(world, io->device, io->as, error);
    case KS_ACTION_CLOSE_FILE:
        return services->close_file(world, io->as, error);
    case KS_ACTION_WAIT:
        outcome->has_io = true;
        return services->wait(world, io->as, &outcome->io, error);
    case KS_ACTION_CANCEL:
        return services->cancel(world, io->as, error);
    case KS_ACTION_COMPLETE:
        return complete(runner, step, error);
    case KS_ACTION_ADVANCE:
    case KS_ACTION_SET_REGISTRY:
    case KS_ACTION_PORT_IO:
        return around(runner, step, error);
    default:
        return request(runner, step, outcome, error);
    }
}

kldr_status ks_run_io(struct ks_runner *runner, const struct ks_step *step,
                      struct ks_step_outcome *outcome, struct kldr_error *error)
{
    kldr_status status = perform(runner, step, outcome, error);
    // Some requests answer with a pointer there.
    outcome->io.information = ks_world_show_address(runner->world, outcome->io.information);
    return status;
}

void ks_run_io_begin(struct ks_runner *runner, struct ks_step_outcome *outcome)
{
    const struct ks_io_services *services = ks_io_services(runner->world);
    const struct ks_port_write *writes;
    if (services->port_writes != NULL) {
        outcome->first_port_write = services->port_writes(runner->world, &writes);
    }
}

void ks_run_io_done(struct ks_runner *runner, struct ks_step_outcome *outcome)
{
    const struct kldr_allocator *allocator = &runner->world->allocator;
    allocator->release(allocator->user, outcome->io.bytes);
    outcome->io = (struct ks_io_result){0};
}
