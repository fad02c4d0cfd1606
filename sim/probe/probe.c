// SPDX-License-Identifier: MIT

#include "probe/probe_parts.h"

#include "world/service.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST_TEXTS 6 // scripts and texts beside the images

// ---- files ----

void ks_probe_add_bytes(struct ks_probe_maker *maker, const char *path, const void *bytes,
                        size_t size)
{
    uint8_t *copy = (uint8_t *)ks_arena_copy(&maker->arena, bytes, size);
    char *name = ks_arena_copy(&maker->arena, path, strlen(path));
    if (copy == NULL || name == NULL) {
        maker->out_of_memory = true;
        return;
    }
    maker->probe.files[maker->probe.count++] = (struct ks_probe_file){name, copy, size};
}

void ks_probe_add_text(struct ks_probe_maker *maker, const char *path, struct ks_text_buffer *text,
                       bool crlf)
{
    struct ks_text_buffer lines;
    ks_text_buffer_init(&lines, NULL);
    for (size_t i = 0; i < text->size; i++) {
        if (crlf && text->bytes[i] == '\n') {
            ks_text_buffer_char(&lines, '\r');
        }
        ks_text_buffer_char(&lines, text->bytes[i]);
    }
    maker->out_of_memory = maker->out_of_memory || text->failed || lines.failed;
    if (!maker->out_of_memory) {
        ks_probe_add_bytes(maker, path, lines.bytes, lines.size);
    }
    ks_text_buffer_fini(&lines);
    ks_text_buffer_fini(text);
}

// ---- steps and images ----

bool ks_probe_has_step(const struct ks_probe_maker *maker, const struct ks_step *step)
{
    for (size_t i = 0; i < step->only_count; i++) {
        if (maker->profile != NULL && strcmp(step->only[i], maker->profile) == 0) {
            return true;
        }
    }
    return step->only == NULL;
}

const struct ks_probe_image *ks_probe_find(const struct ks_probe_maker *maker,
                                           const struct ks_image *image)
{
    for (size_t i = 0; i < maker->image_count; i++) {
        if (maker->images[i].image == image) {
            return &maker->images[i];
        }
    }
    return NULL;
}

bool ks_probe_service_of(struct ks_probe_maker *maker, const struct ks_step *step,
                         struct ks_probe_service *out_service)
{
    const struct ks_scenario *scenario = maker->scenario;
    *out_service = (struct ks_probe_service){.name = step->service, .type = 1};
    for (size_t i = 0; i < scenario->service_count; i++) {
        const struct ks_service *service = &scenario->services[i];
        if (ks_same_name(service->name, step->service)) {
            if (service->type_absent) {
                return false;
            }
            out_service->type = service->type;
            out_service->object_name = service->object_name;
            out_service->path = service->image_path;
        }
    }
    out_service->path = step->image != NULL ? step->image : out_service->path;
    if (out_service->path == NULL) {
        char path[KLDR_PATH_SIZE];
        snprintf(path, sizeof path, "\\SystemRoot\\System32\\Drivers\\%.200s.SYS", step->service);
        out_service->path = ks_arena_copy(&maker->arena, path, strlen(path));
    } else if (out_service->path[0] != '\\') {
        char path[KLDR_PATH_SIZE];
        snprintf(path, sizeof path, "\\SystemRoot\\%.400s", out_service->path);
        out_service->path = ks_arena_copy(&maker->arena, path, strlen(path));
    }
    return out_service->path != NULL;
}

static kldr_status add_image(struct ks_probe_maker *maker, const struct ks_image *image)
{
    struct kldr_built_image built;
    char path[KLDR_NAME_SIZE + 32];
    kldr_status status = ks_probe_build_image(maker, image, &built);
    if (status != KLDR_STATUS_SUCCESS) {
        return status == KLDR_ERROR_BAD_ARGUMENT && maker->error != NULL
                   ? ks_probe_refuse(maker, &image->place, "%.300s cannot be built: %.150s",
                                     image->key, maker->error->detail)
                   : status;
    }
    snprintf(path, sizeof path, "images/%02u-%.*s", (unsigned)maker->image_count + 1,
             KLDR_NAME_SIZE - 1, image->base_name);
    ks_probe_add_bytes(maker, path, built.bytes, built.size);
    kldr_built_image_free(kldr_allocator_default(), &built);
    struct ks_probe_image *added = &maker->images[maker->image_count++];
    added->image = image;
    added->file = ks_arena_copy(&maker->arena, path, strlen(path));
    return added->file != NULL ? KLDR_STATUS_SUCCESS : KLDR_ERROR_OUT_OF_MEMORY;
}

static kldr_status add_images(struct ks_probe_maker *maker)
{
    const struct ks_scenario *scenario = maker->scenario;
    kldr_status status = KLDR_STATUS_SUCCESS;
    for (size_t i = 0; i < scenario->image_count && status == KLDR_STATUS_SUCCESS; i++) {
        status = add_image(maker, &scenario->images[i]);
    }
    for (size_t i = 0; i < scenario->step_count && status == KLDR_STATUS_SUCCESS; i++) {
        const struct ks_step *step = &scenario->steps[i];
        if (step->disk_image != NULL && ks_probe_has_step(maker, step)) {
            status = add_image(maker, step->disk_image);
        }
    }
    return status;
}

// ---- the whole ----

static void add_texts(struct ks_probe_maker *maker)
{
    struct ks_text_buffer text;
    ks_text_buffer_init(&text, NULL);
    ks_probe_write_run(maker, &text);
    ks_probe_add_text(maker, "run.cmd", &text, true);
    ks_text_buffer_init(&text, NULL);
    ks_probe_write_cleanup(maker, &text);
    ks_probe_add_text(maker, "cleanup.cmd", &text, true);
    ks_text_buffer_init(&text, NULL);
    ks_probe_write_modules(maker, &text);
    ks_probe_add_text(maker, "modules.ps1", &text, true);
    ks_text_buffer_init(&text, NULL);
    ks_probe_write_sign(&text);
    ks_probe_add_text(maker, "sign.ps1", &text, true);
    ks_text_buffer_init(&text, NULL);
    ks_probe_write_readme(maker, &text);
    ks_probe_add_text(maker, "README.txt", &text, true);
    ks_probe_add_bytes(maker, "scenario.kldr.yaml", maker->scenario->file->text,
                       maker->scenario->file->size);
}

static kldr_status fill(struct ks_probe_maker *maker)
{
    size_t room = maker->scenario->image_count + maker->scenario->step_count;
    maker->images = ks_arena_take(&maker->arena, room + 1, sizeof *maker->images);
    maker->probe.files =
        ks_arena_take(&maker->arena, room + MOST_TEXTS, sizeof *maker->probe.files);
    if (maker->images == NULL || maker->probe.files == NULL) {
        return KLDR_ERROR_OUT_OF_MEMORY;
    }
    kldr_status status = ks_probe_check(maker);
    if (status == KLDR_STATUS_SUCCESS) {
        status = add_images(maker);
    }
    if (status == KLDR_STATUS_SUCCESS) {
        add_texts(maker);
    }
    return status == KLDR_STATUS_SUCCESS && maker->out_of_memory ? KLDR_ERROR_OUT_OF_MEMORY
                                                                 : status;
}

kldr_status ks_probe_make(const struct ks_scenario *scenario, const char *profile,
                          struct ks_probe **out_probe, struct kldr_error *error)
{
    struct ks_probe_maker *maker = calloc(1, sizeof *maker);
    if (maker == NULL) {
        return KLDR_ERROR_OUT_OF_MEMORY;
    }
    kldr_error_clear(error);
    ks_arena_init(&maker->arena, NULL, NULL);
    maker->scenario = scenario;
    maker->profile = profile;
    maker->error = error;
    kldr_status status = fill(maker);
    maker->error = NULL;
    if (status != KLDR_STATUS_SUCCESS) {
        ks_probe_destroy(&maker->probe);
        return status;
    }
    *out_probe = &maker->probe;
    return status;
}

void ks_probe_destroy(struct ks_probe *probe)
{
    if (probe != NULL) {
        struct ks_probe_maker *maker = (struct ks_probe_maker *)(void *)probe;
        ks_arena_fini(&maker->arena);
        free(maker);
    }
}
