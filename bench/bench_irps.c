// SPDX-License-Identifier: MIT
// Requests through a stack of two drivers, once; prints a sample:
//   bench_irps native FOLDER COUNT   upper.sys and lower.sys on the CPU
//   bench_irps host FOLDER COUNT     the same sources, compiled into this program
// Each request is an IRP that is allocated, has two stack locations and a completion routine at
// each, and is freed. All checks are on; a finding is a failure.
#include "measure.h"

#include <kldr/kldr.h>

#include <ntddk.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DriverEntry lower_entry
#include "drivers/lower.c"
#undef DriverEntry
#define DriverEntry upper_entry
#include "drivers/upper.c"
#undef DriverEntry

static const struct kldr_host_export upper_exports[] = {KLDR_EXPORT(UpperSend)};
static const struct kldr_host_driver upper = {
    .name = "upper.sys",
    .exports = upper_exports,
    .export_count = 1,
    .wdm = {.DriverEntry = (kldr_any_function)upper_entry}};
static const struct kldr_host_driver lower = {
    .name = "lower.sys", .wdm = {.DriverEntry = (kldr_any_function)lower_entry}};

static unsigned findings;

static void on_event(void *user, const struct kldr_event *event)
{
    (void)user;
    findings += event->kind == KLDR_EVENT_FINDING;
}

static bool worked(const char *what, kldr_status status)
{
    char text[KLDR_STATUS_TEXT_SIZE];

    if (status == KLDR_STATUS_SUCCESS) {
        return true;
    }
    fprintf(stderr, "bench_irps: %s: %s\n", what, kldr_status_format(status, text));
    return false;
}

static bool add_file(struct kldr_world *world, const char *folder, const char *name)
{
    static uint8_t bytes[65536];
    char path[1024];

    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "rb");
    size_t size = file != NULL ? fread(bytes, 1, sizeof bytes, file) : 0;
    if (file != NULL) {
        fclose(file);
    }
    return worked(path, kldr_world_add_image(world, name, bytes, size));
}

static bool add_host(struct kldr_world *world, const struct kldr_host_driver *driver)
{
    return worked(driver->name, kldr_world_add_host_driver(world, driver->name, driver, NULL));
}

static bool send(struct kldr_world *world, unsigned count, struct bench_sample *sample)
{
    const uint64_t arguments[] = {count};
    uint64_t result = 0;
    double begin = bench_now();
    kldr_status status =
        kldr_world_call(world, "upper.sys", "UpperSend", arguments, 1, &result, NULL);

    sample->nanoseconds = bench_now() - begin;
    sample->size = count;
    if (worked("UpperSend", status) && (uint32_t)result != count) {
        fprintf(stderr, "bench_irps: %u of %u requests came back\n", (unsigned)result, count);
        return false;
    }
    return status == KLDR_STATUS_SUCCESS;
}

static bool run(bool native, const char *folder, unsigned count, struct bench_sample *sample)
{
    struct kldr_world_options options = {
        .machine = KLDR_MACHINE_X64,
        .cpu = native ? KLDR_CPU_NATIVE : KLDR_CPU_NONE,
        .on_event = on_event,
    };
    struct kldr_world *world = NULL;

    kldr_policy_init(&options.policy, KLDR_PROFILE_24H2);
    if (!worked("world", kldr_world_create(&options, &world, NULL))) {
        return false;
    }
    bool done =
        (native ? add_file(world, folder, "lower.sys") && add_file(world, folder, "upper.sys")
                : add_host(world, &lower) && add_host(world, &upper)) &&
        worked("lower", kldr_world_load(world, "lower", NULL)) &&
        worked("upper", kldr_world_load(world, "upper", NULL)) && send(world, count, sample) &&
        worked("upper", kldr_world_unload(world, "upper", NULL)) &&
        worked("lower", kldr_world_unload(world, "lower", NULL));
    kldr_world_destroy(world);
    if (done && findings != 0) {
        fprintf(stderr, "bench_irps: %u findings\n", findings);
    }
    return done && findings == 0;
}

int main(int argc, char **argv)
{
    struct bench_sample sample = {0};

    if (argc != 4 || !run(strcmp(argv[1], "native") == 0, argv[2],
                          (unsigned)strtoul(argv[3], NULL, 10), &sample)) {
        return 1;
    }
    sample.peak_memory = bench_peak_memory();
    bench_print_sample(&sample);
    return 0;
}
