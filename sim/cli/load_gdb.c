// SPDX-License-Identifier: MIT
#include "cli/load_gdb.h"
#include "cli/gdb_script.h"
#include "cli/image_file.h"
#include "platform.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// ---- the command line ----

// "--name VALUE" takes two arguments, "--name=VALUE" one; 0: it is another one.
static int taken_by(const char *argument, const char *name)
{
    size_t length = strlen(name);
    if (strncmp(argument, name, length) != 0) {
        return 0;
    }
    return argument[length] == '=' ? 1 : argument[length] == '\0' ? 2 : 0;
}

bool ks_load_gdb_arguments_init(struct ks_load_gdb_arguments *arguments, int argc, char **argv)
{
    bool options = true;
    *arguments = (struct ks_load_gdb_arguments){calloc((size_t)argc + 1, sizeof(char *)), 0};
    for (int i = 1; arguments->items != NULL && i < argc; i++) {
        int taken = options ? taken_by(argv[i], "--gdb") + taken_by(argv[i], "--timeout") : 0;
        options = options && strcmp(argv[i], "--") != 0;
        if (taken > 0) {
            i += taken - 1;
            continue;
        }
        char *copy = ks_platform_join("", argv[i]);
        if (copy == NULL) {
            return false;
        }
        arguments->items[arguments->count++] = copy;
    }
    return arguments->items != NULL;
}

void ks_load_gdb_arguments_fini(struct ks_load_gdb_arguments *arguments)
{
    for (size_t i = 0; i < arguments->count; i++) {
        free(arguments->items[i]);
    }
    free(arguments->items);
    *arguments = (struct ks_load_gdb_arguments){NULL, 0};
}

// ---- the images ----

static size_t mapped_count(const struct ks_result *result)
{
    size_t events = result->events == NULL ? 0 : ks_event_log_count(result->events), count = 0;
    for (size_t i = 0; i < events; i++) {
        count += ks_event_log_at(result->events, i)->kind == KLDR_EVENT_IMAGE_MAPPED;
    }
    return count;
}

// What the debugger needs of a file; false when there is none.
static bool find_image(struct ks_host_folders *folders, const struct kldr_event *event,
                       struct ks_gdb_image *out_image)
{
    struct ks_image_file file;
    struct kldr_section section;
    char message[KLDR_DETAIL_SIZE * 2];
    if (ks_host_folders_find(folders, "", event->module, &out_image->path) != KS_IO_OK ||
        !ks_image_file_open(out_image->path, &file, message, sizeof(message))) {
        return false;
    }
    out_image->shown = event->address;
    out_image->preferred_base = kldr_image_info(file.image)->image_base;
    out_image->section = kldr_image_section(file.image, 0, &section) ? section.rva : 0;
    ks_image_file_close(&file);
    return true;
}

static size_t find_images(struct ks_host_folders *folders, const struct ks_result *result,
                          struct ks_gdb_image *images)
{
    size_t events = ks_event_log_count(result->events), count = 0;
    for (size_t i = 0; i < events; i++) {
        const struct kldr_event *event = ks_event_log_at(result->events, i);
        if (event->kind == KLDR_EVENT_IMAGE_MAPPED && find_image(folders, event, &images[count])) {
            count++;
        }
    }
    return count;
}

// ---- the file ----

static bool write_script(const char *file, const struct ks_gdb_script *script)
{
    struct ks_text_buffer text;
    ks_text_buffer_init(&text, NULL);
    ks_gdb_script_write(&text, script);
    enum ks_io io =
        text.failed ? KS_IO_NO_MEMORY : ks_platform_write_file(file, text.bytes, text.size);
    ks_text_buffer_fini(&text);
    if (io != KS_IO_OK) {
        fprintf(stderr, "kldr load: %s cannot be written: %s\n", file, ks_platform_io_text(io));
    }
    return io == KS_IO_OK;
}

bool ks_load_gdb(const char *file, const struct ks_result *result, struct ks_host_folders *folders,
                 const struct ks_load_gdb_arguments *arguments)
{
    size_t room = mapped_count(result);
    struct ks_gdb_image *images = room == 0 ? NULL : calloc(room, sizeof(*images));
    if (images == NULL) {
        fprintf(stderr, "kldr load: %s is not written: %s\n", file,
                room == 0 ? "no image was put in memory" : "not enough memory");
        return false;
    }
    char *program = ks_platform_program();
    struct ks_gdb_script script = {program, (const char *const *)arguments->items, arguments->count,
                                   images, find_images(folders, result, images)};
    bool written = write_script(file, &script);
    free(program);
    free(images);
    return written;
}
