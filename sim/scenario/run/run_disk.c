// SPDX-License-Identifier: MIT
// From a scenario's images and services to the world's disk and registry.

#include "engine/script.h"
#include "platform.h"
#include "scenario/run/declared.h"
#include "scenario/run/host_file.h"
#include "scenario/run/host_symbols.h"
#include "scenario/run/run_object.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// ---- declared images ----

static kldr_status perform_inside(struct kldr_world *world, const struct ks_call *by,
                                  const struct ks_step *steps, size_t count)
{
    return ks_run_steps(world->scenario, by, steps, count);
}

static kldr_status make_data(struct kldr_world *world, const struct ks_data *data,
                             const uint8_t **out_bytes, size_t *out_size)
{
    return ks_run_data(world->scenario, data, out_bytes, out_size);
}

static const struct ks_script_host script_host = {perform_inside, make_data};

static kldr_status add_declared(struct ks_runner *runner, const struct ks_image *image,
                                struct kldr_error *error)
{
    struct kldr_world *world = runner->world;
    struct kldr_built_image built;
    kldr_status status = ks_declared_build_with(&world->allocator, runner->scenario, image,
                                                world->options.machine, &built, error);
    if (status != KLDR_STATUS_SUCCESS) {
        return status;
    }
    struct ks_file *file = ks_script_file_create(&world->allocator, image, &built, &script_host);
    return file != NULL ? ks_world_add_file(world, file) : KLDR_ERROR_OUT_OF_MEMORY;
}

// ---- real images ----

static kldr_status add_real(struct ks_runner *runner, const struct ks_image *image,
                            struct kldr_error *error)
{
    struct ks_host_file file;
    kldr_status status = ks_host_file_read(runner->scenario, image, runner->options, &file, error);
    if (status != KLDR_STATUS_SUCCESS) {
        return status;
    }
    status = kldr_world_add_image(runner->world, image->key, file.bytes, file.size);
    free(file.bytes);
    return status;
}

kldr_status ks_run_add_image(struct ks_runner *runner, const struct ks_image *image,
                             struct kldr_error *error)
{
    return image->real ? add_real(runner, image, error) : add_declared(runner, image, error);
}

// ---- host folders (--dir) ----

// A file that the simulated drivers folder lacks and a host folder has is put on the disk when it
// is first asked for.
static struct ks_file *find_in_folders(struct kldr_world *world, const char *path)
{
    struct ks_runner *runner = world->scenario;
    struct ks_host_file found;
    struct ks_file *file = NULL;
    if (!ks_host_file_in_folders(path, runner->options, &found)) {
        return NULL;
    }
    if (kldr_world_add_image(world, path, found.bytes, found.size) == KLDR_STATUS_SUCCESS) {
        ks_disk_find(world->disk, path, &file);
    }
    free(found.bytes);
    return file;
}

static bool read_symbols(struct kldr_world *world, const char *path, const char *name,
                         unsigned number, uint8_t **out_bytes, size_t *out_size)
{
    const struct ks_runner *runner = world->scenario;
    const struct ks_run_keeper *keeper = runner->options->keeper;
    const struct ks_symbols_wish wish = {path, name, number};
    struct ks_host_file file;
    bool found = keeper != NULL
                     ? keeper->find_symbols(keeper->user, &wish, &file)
                     : ks_host_symbols_find(runner->scenario, runner->options, &wish, &file);
    if (found) {
        *out_bytes = file.bytes;
        *out_size = file.size;
    }
    return found;
}

// ---- the machine ----

bool ks_run_find_machine(struct ks_runner *runner, enum kldr_machine *out_machine)
{
    const struct ks_scenario *scenario = runner->scenario;
    *out_machine = scenario->machine != KLDR_MACHINE_UNKNOWN ? scenario->machine : KLDR_MACHINE_X64;
    for (size_t i = 0; i < scenario->image_count && scenario->machine == KLDR_MACHINE_UNKNOWN;
         i++) {
        struct ks_host_file file;
        struct kldr_image *image = NULL;
        struct kldr_error error;
        if (!scenario->images[i].real) {
            continue;
        }
        if (ks_host_file_read(scenario, &scenario->images[i], runner->options, &file, &error) !=
            KLDR_STATUS_SUCCESS) {
            return true; // filling the disk reports it
        }
        if (kldr_image_create(NULL, file.bytes, file.size, NULL, &image, NULL) ==
            KLDR_STATUS_SUCCESS) {
            *out_machine = kldr_image_info(image)->machine;
            kldr_image_destroy(image);
        }
        free(file.bytes);
        return true; // the first real image decides; one that is no image leaves x64
    }
    return true;
}

// ---- all of it ----

static bool report(struct ks_runner *runner, const struct ks_image *image, kldr_status status,
                   const struct kldr_error *error)
{
    char text[2 * KLDR_DETAIL_SIZE], name[KLDR_STATUS_TEXT_SIZE];
    struct ks_failure failure = {.place = image->real ? image->file.place : image->place};
    if (error->status != KLDR_STATUS_SUCCESS) {
        struct kldr_error shown = *error;
        shown.file[0] = '\0'; // the failure has its place already
        kldr_error_format(&shown, text, sizeof text);
    } else {
        kldr_status_format(status, name);
        snprintf(text, sizeof text, "the image cannot be put on the simulated disk: %s", name);
    }
    failure.key = ks_run_text(runner, "images.%s", image->key);
    failure.wanted = failure.got = failure.note = "";
    failure.message = ks_run_text(runner, "%s", text);
    ks_run_add_failure(runner, &failure);
    ks_run_set_outcome(runner, status == KLDR_ERROR_OUT_OF_MEMORY ? KS_LIMIT : KS_INVALID,
                       failure.message);
    return false;
}

// ---- other files ----

static bool report_file(struct ks_runner *runner, const struct ks_data_file *file,
                        kldr_status status)
{
    struct ks_failure failure = {.place = file->place};
    bool there = status == KLDR_STATUS_OBJECT_NAME_COLLISION;
    failure.key = ks_run_text(runner, "files.%s", file->path);
    failure.wanted = failure.got = failure.note = "";
    failure.message =
        there ? "an image or a file is there already" : "the host has no memory left for the file";
    ks_run_add_failure(runner, &failure);
    ks_run_set_outcome(runner, there ? KS_INVALID : KS_LIMIT, failure.message);
    return false;
}

static bool add_files(struct ks_runner *runner)
{
    for (size_t i = 0; i < runner->scenario->file_count; i++) {
        const struct ks_data_file *file = &runner->scenario->files[i];
        const uint8_t *bytes = NULL;
        size_t size = 0;
        kldr_status status = ks_run_data(runner, &file->data, &bytes, &size);
        if (status != KLDR_STATUS_SUCCESS) {
            return false; // the outcome has been set
        }
        status = kldr_world_add_image(runner->world, file->path, bytes, size);
        if (status != KLDR_STATUS_SUCCESS) {
            return report_file(runner, file, status);
        }
    }
    return true;
}

static bool add_blocked(struct ks_runner *runner)
{
    const struct ks_scenario *scenario = runner->scenario;
    const char **names = ks_arena_take(&runner->arena, scenario->blocked_count + 1, sizeof *names);
    for (size_t i = 0; names != NULL && i < scenario->blocked_count; i++) {
        names[i] = scenario->blocked[i].text;
    }
    runner->world->blocked = names;
    runner->world->blocked_count = names != NULL ? scenario->blocked_count : 0;
    return names != NULL;
}

static bool add_services(struct ks_runner *runner)
{
    for (size_t i = 0; i < runner->scenario->service_count; i++) {
        const struct ks_service *service = &runner->scenario->services[i];
        const struct kldr_service_config config = {service->image_path, service->type,
                                                   service->type_absent, service->object_name};
        if (kldr_world_set_service(runner->world, service->name, &config) != KLDR_STATUS_SUCCESS) {
            ks_run_set_outcome(runner, KS_LIMIT, "the host has no memory left");
            return false;
        }
    }
    return true;
}

static bool add_hardware(struct ks_runner *runner)
{
    for (size_t i = 0; i < runner->scenario->hardware_count; i++) {
        const struct ks_scenario_hardware *hardware = &runner->scenario->hardware[i];
        struct ks_io_service services[KS_HARDWARE_DRIVERS];
        for (size_t k = 0; k < hardware->service_count; k++) {
            services[k] =
                (struct ks_io_service){hardware->services[k].name, hardware->services[k].image};
        }
        if (!ks_hardware_set(&runner->world->hardware, hardware->id, services,
                             hardware->service_count)) {
            ks_run_set_outcome(runner, KS_LIMIT, "the host has no memory left");
            return false;
        }
    }
    return true;
}

bool ks_run_fill_disk(struct ks_runner *runner)
{
    for (size_t i = 0; i < runner->scenario->image_count; i++) {
        const struct ks_image *image = &runner->scenario->images[i];
        struct kldr_error error = {0};
        kldr_status status = ks_run_add_image(runner, image, &error);
        if (status != KLDR_STATUS_SUCCESS) {
            return report(runner, image, status, &error);
        }
    }
    runner->world->read_symbols = read_symbols;
    const struct ks_run_keeper *keeper = runner->options->keeper;
    if (runner->options->directory_count > 0 || (keeper != NULL && keeper->find_file != NULL)) {
        runner->world->find_missing_file = find_in_folders;
    }
    return add_files(runner) && add_blocked(runner) && add_services(runner) &&
           add_hardware(runner) && ks_run_fill_registry(runner);
}
