// SPDX-License-Identifier: MIT
// Real drivers in one world, once; prints a sample:
//   bench_drivers calls FOLDER COUNT  COUNT calls across the import of mini.sys from port.sys, on
//   the CPU bench_drivers host FOLDER COUNT   as many through a pointer in C bench_drivers load
//   FOLDER COUNT   loads COUNT different drivers that all import from port.sys, and
//                                     unloads them
//   bench_drivers bind FOLDER COUNT   the same with none of their code run
// The drivers differ in a number behind a mark, which is written into copies of one image.
#include "measure.h"
#include "tick.h"

#include <kldr/kldr.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MARK "kldr-number:"

struct image {
    uint8_t bytes[65536];
    size_t size;
};

static bool complain(const char *what, kldr_status status)
{
    char text[KLDR_STATUS_TEXT_SIZE];

    fprintf(stderr, "bench_drivers: %s: %s\n", what, kldr_status_format(status, text));
    return false;
}

static bool read_image(const char *folder, const char *name, struct image *image)
{
    char path[1024];
    FILE *file;

    snprintf(path, sizeof(path), "%s/%s", folder, name);
    file = fopen(path, "rb");
    image->size = file != NULL ? fread(image->bytes, 1, sizeof(image->bytes), file) : 0;
    if (file != NULL) {
        fclose(file);
    }
    if (image->size == 0 || image->size == sizeof(image->bytes)) {
        fprintf(stderr, "bench_drivers: %s cannot be read\n", path);
        return false;
    }
    return true;
}

static uint8_t *find_number(struct image *image)
{
    const size_t length = sizeof(MARK) - 1;

    for (size_t i = 0; i + length + 4 <= image->size; i++) {
        if (memcmp(image->bytes + i, MARK, length) == 0) {
            return image->bytes + i + length;
        }
    }
    fprintf(stderr, "bench_drivers: mini.sys has no number\n");
    return NULL;
}

static bool add(struct kldr_world *world, const char *name, const struct image *image)
{
    kldr_status status = kldr_world_add_image(world, name, image->bytes, image->size);

    return KLDR_NT_SUCCESS(status) || complain(name, status);
}

static struct kldr_world *make_world(enum kldr_cpu cpu, const char *folder)
{
    static struct image port;
    struct kldr_world_options options = {.machine = KLDR_MACHINE_X64, .cpu = cpu};
    struct kldr_world *world = NULL;
    kldr_status status;

    kldr_policy_init(&options.policy, KLDR_PROFILE_24H2);
    status = kldr_world_create(&options, &world, NULL);
    if (!KLDR_NT_SUCCESS(status)) {
        complain("world", status);
        return NULL;
    }
    return read_image(folder, "port.sys", &port) && add(world, "port.sys", &port) ? world : NULL;
}

// ---- calls ----

static bool call(const char *folder, unsigned count, struct bench_sample *sample)
{
    static struct image mini;
    struct kldr_world *world = make_world(KLDR_CPU_NATIVE, folder);
    const uint64_t arguments[] = {count};
    uint64_t result = 0;
    kldr_status status;
    double begin;

    if (world == NULL || !read_image(folder, "mini.sys", &mini) || !add(world, "mini.sys", &mini)) {
        return false;
    }
    status = kldr_world_load(world, "mini", NULL);
    if (!KLDR_NT_SUCCESS(status)) {
        return complain("load", status);
    }
    begin = bench_now();
    status = kldr_world_call(world, "mini.sys", "MiniCalls", arguments, 1, &result, NULL);
    sample->nanoseconds = bench_now() - begin;
    sample->size = count;
    kldr_world_destroy(world);
    return (KLDR_NT_SUCCESS(status) && (uint32_t)result == count) || complain("call", status);
}

static bool call_in_c(unsigned count, struct bench_sample *sample)
{
    uint32_t (*volatile cell)(uint32_t value) = bench_tick;
    double begin = bench_now();
    uint32_t value = 0;

    while (value < count) {
        value = cell(value);
    }
    sample->nanoseconds = bench_now() - begin;
    sample->size = value;
    return value == count;
}

// ---- loads ----

static bool add_all(struct kldr_world *world, const char *folder, unsigned count)
{
    static struct image mini;
    uint8_t *number = read_image(folder, "mini.sys", &mini) ? find_number(&mini) : NULL;

    for (unsigned i = 0; number != NULL && i < count; i++) {
        char name[32];

        number[0] = (uint8_t)i;
        number[1] = (uint8_t)(i >> 8);
        snprintf(name, sizeof(name), "mini%05u.sys", i);
        if (!add(world, name, &mini)) {
            return false;
        }
    }
    return number != NULL;
}

static bool do_all(struct kldr_world *world, unsigned count,
                   kldr_status (*action)(struct kldr_world *world, const char *service,
                                         struct kldr_error *error))
{
    for (unsigned i = 0; i < count; i++) {
        char name[32];
        kldr_status status;

        snprintf(name, sizeof(name), "mini%05u", i);
        status = action(world, name, NULL);
        if (!KLDR_NT_SUCCESS(status)) {
            return complain(name, status);
        }
    }
    return true;
}

static bool load(enum kldr_cpu cpu, const char *folder, unsigned count, struct bench_sample *sample)
{
    struct kldr_world *world = make_world(cpu, folder);
    double begin;

    if (world == NULL || !add_all(world, folder, count)) {
        return false;
    }
    begin = bench_now();
    if (!do_all(world, count, kldr_world_load) || !do_all(world, count, kldr_world_unload)) {
        return false;
    }
    sample->nanoseconds = bench_now() - begin;
    sample->size = count;
    if (kldr_loader_find(kldr_world_loader(world), "port.sys") != 0) {
        fprintf(stderr, "bench_drivers: port.sys is still there\n");
        return false;
    }
    kldr_world_destroy(world);
    return true;
}

static bool run(const char *mode, const char *folder, unsigned count, struct bench_sample *sample)
{
    if (strcmp(mode, "calls") == 0) {
        return call(folder, count, sample);
    }
    if (strcmp(mode, "host") == 0) {
        return call_in_c(count, sample);
    }
    return load(strcmp(mode, "load") == 0 ? KLDR_CPU_NATIVE : KLDR_CPU_NONE, folder, count, sample);
}

int main(int argc, char **argv)
{
    struct bench_sample sample = {0};

    if (argc != 4 || !run(argv[1], argv[2], (unsigned)strtoul(argv[3], NULL, 10), &sample)) {
        return 1;
    }
    sample.peak_memory = bench_peak_memory();
    bench_print_sample(&sample);
    return 0;
}
