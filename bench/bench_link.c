// SPDX-License-Identifier: MIT
// Links the graph in a folder once and prints a sample:
//   bench_link loader FOLDER ROOT COUNT  with the loader: module ROOT and all it needs, COUNT in
//   all bench_link floor FOLDER 0 COUNT      reads, maps and relocates the same files, resolves
//   nothing
// The sample's size is the sum of SizeOfImage.
#include "disk.h"
#include "graph.h"
#include "measure.h"

#include <kldr/loader.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static kldr_status call_routine(void *user, const struct kldr_routine_call *call)
{
    (void)user;
    (void)call;
    return KLDR_STATUS_SUCCESS;
}

static void unmap_image(void *user, const struct kldr_mapping *mapping, uint32_t module_id,
                        const char *module_name)
{
    (void)user;
    (void)mapping;
    (void)module_id;
    (void)module_name;
}

static bool fail(const char *what, kldr_status status, const struct kldr_error *error)
{
    char text[KLDR_STATUS_TEXT_SIZE];

    fprintf(stderr, "bench_link: %s: %s %s\n", what, kldr_status_format(status, text),
            error->detail);
    return false;
}

static bool link_with_loader(struct bench_disk *disk, unsigned root, unsigned count)
{
    struct kldr_host host = {
        .user = disk,
        .open_image = bench_disk_open,
        .close_image = bench_disk_close,
        .map_image = bench_disk_map,
        .unmap_image = unmap_image,
        .call_routine = call_routine,
    };
    struct kldr_loader_options options = {.machine = KLDR_MACHINE_X64};
    struct kldr_loader *loader;
    struct kldr_error error;
    char path[64 + BENCH_NAME_SIZE] = "\\SystemRoot\\System32\\drivers\\";
    unsigned loaded = 0;
    uint32_t id;
    kldr_status status;

    kldr_policy_init(&options.policy, KLDR_PROFILE_DOCUMENTED);
    status = kldr_loader_create(&options, &host, &loader, &error);
    if (status != KLDR_STATUS_SUCCESS) {
        return fail("kldr_loader_create", status, &error);
    }
    bench_graph_module_name(root, path + strlen(path));
    strcat(path, ".sys");
    status = kldr_loader_load(loader, path, KLDR_LOAD_DRIVER, &id, &error);
    if (status != KLDR_STATUS_SUCCESS) {
        return fail(path, status, &error);
    }
    for (id = kldr_loader_first(loader); id != 0; id = kldr_loader_next(loader, id)) {
        loaded++;
    }
    if (loaded != count) {
        fprintf(stderr, "bench_link: %u modules were loaded instead of %u\n", loaded, count);
    }
    return loaded == count;
}

static kldr_status place(struct bench_disk *disk, struct kldr_image *image, const char *path,
                         struct kldr_error *error)
{
    const struct kldr_image_info *info = kldr_image_info(image);
    struct kldr_map_request request = {
        .path = path,
        .image = image,
        .preferred_base = info->image_base,
        .size = info->size_of_image,
    };
    struct kldr_mapping mapping;
    kldr_status status = bench_disk_map(disk, &request, &mapping);

    if (status != KLDR_STATUS_SUCCESS) {
        return status;
    }
    kldr_image_map(image, mapping.memory);
    return kldr_image_relocate(image, mapping.base, error);
}

static bool link_floor(struct bench_disk *disk, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        char path[BENCH_NAME_SIZE];
        struct kldr_host_file file;
        struct kldr_image *image;
        struct kldr_error error = {0};
        kldr_status status;

        bench_graph_module_name(i, path);
        strcat(path, ".sys");
        status = bench_disk_open(disk, path, KLDR_OPEN_LOAD, &file);
        if (status != KLDR_STATUS_SUCCESS) {
            return fail(path, status, &error);
        }
        status = kldr_image_create(NULL, file.bytes, file.size, NULL, &image, &error);
        if (status == KLDR_STATUS_SUCCESS) {
            status = place(disk, image, path, &error);
            kldr_image_destroy(image);
        }
        bench_disk_close(disk, &file);
        if (status != KLDR_STATUS_SUCCESS) {
            return fail(path, status, &error);
        }
    }
    return true;
}

int main(int argc, char **argv)
{
    struct bench_sample sample = {0};
    struct bench_disk disk;
    unsigned root, count;
    double begin;
    bool linked;

    if (argc != 5 || !bench_disk_init(&disk, argv[2])) {
        return 2;
    }
    root = (unsigned)strtoul(argv[3], NULL, 10);
    count = (unsigned)strtoul(argv[4], NULL, 10);
    begin = bench_now();
    linked = strcmp(argv[1], "floor") == 0 ? link_floor(&disk, count)
                                           : link_with_loader(&disk, root, count);
    if (!linked) {
        return 1;
    }
    sample.nanoseconds = bench_now() - begin;
    sample.peak_memory = bench_peak_memory();
    sample.size = (double)disk.used;
    bench_print_sample(&sample);
    return 0;
}
