// SPDX-License-Identifier: MIT
// Runs the measuring programs by turns and prints the table:
//   bench_table KLDR PROGRAMS INPUT SCENARIO_FOLDER RUNS SCENARIOS SIZE...
// Every figure stands beside its yardstick, measured in the same run: first one, then the other,
// RUNS times, after one round that does not count. Medians. The exit code says whether everything
// could be measured, not whether the aims are met.
#include "measure.h"
#include "table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// ---- (a) start ----

static bool measure_start(const struct bench *bench)
{
    char pair[1024];
    const char *run[] = {bench->kldr, "run", pair, NULL};

    snprintf(pair, sizeof(pair), "%s/pair.kldr.yaml", bench->scenario_folder);
    return bench_measure_start(bench, "start to exit, kldr run of a pair", run, 2);
}

// ---- (b) linking ----

struct link_rounds {
    struct series loader, floor, dlopen, memory;
    double size; // sum of SizeOfImage
    bool has_dlopen;
};

static bool is_there(const char *path)
{
    FILE *file = fopen(path, "rb");

    if (file != NULL) {
        fclose(file);
    }
    return file != NULL;
}

// One run of each program. The first round does not count.
static bool link_once(const struct bench *bench, unsigned size, struct link_rounds *rounds,
                      bool counts)
{
    char linker[1024], opener[1024], folder[1024], count[16];
    const char *loader[] = {linker, "loader", folder, "0", count, NULL};
    const char *floor[] = {linker, "floor", folder, "0", count, NULL};
    const char *open[] = {opener, folder, NULL};
    struct bench_sample a, b, c = {0};

    snprintf(linker, sizeof(linker), "%s/bench_link", bench->programs);
    snprintf(opener, sizeof(opener), "%s/bench_dlopen", bench->programs);
    snprintf(folder, sizeof(folder), "%s/graph-%u", bench->input, size);
    snprintf(count, sizeof(count), "%u", size);
    if (!bench_run_sample(loader, &a) || !bench_run_sample(floor, &b) ||
        (rounds->has_dlopen && !bench_run_sample(open, &c))) {
        return false;
    }
    if (counts) {
        rounds->loader.values[rounds->loader.count++] = a.nanoseconds;
        rounds->memory.values[rounds->memory.count++] = a.peak_memory;
        rounds->floor.values[rounds->floor.count++] = b.nanoseconds;
        rounds->dlopen.values[rounds->dlopen.count++] = c.nanoseconds;
        rounds->size = a.size;
    }
    return true;
}

// The peak of a run that loads one module only, the last one, which needs no other.
static bool measure_one_module(const struct bench *bench, unsigned size,
                               struct bench_sample *out_sample)
{
    static struct series memory;
    char linker[1024], folder[1024], root[16];
    const char *loader[] = {linker, "loader", folder, root, "1", NULL};

    memory.count = 0;
    snprintf(linker, sizeof(linker), "%s/bench_link", bench->programs);
    snprintf(folder, sizeof(folder), "%s/graph-%u", bench->input, size);
    snprintf(root, sizeof(root), "%u", size - 1);
    for (unsigned i = 0; i < bench->runs; i++) {
        if (!bench_run_sample(loader, out_sample)) {
            return false;
        }
        memory.values[memory.count++] = out_sample->peak_memory;
    }
    out_sample->peak_memory = bench_median(memory.values, memory.count);
    return true;
}

static bool print_memory(const struct bench *bench, unsigned size, struct link_rounds *rounds)
{
    char what[64], value[64], yardstick[64];
    struct bench_sample one;
    double used, images;

    snprintf(what, sizeof(what), "memory of %u modules", size);
    if (!measure_one_module(bench, size, &one)) {
        return false;
    }
    used = bench_median(rounds->memory.values, rounds->memory.count) - one.peak_memory;
    images = rounds->size - one.size;
    if (one.peak_memory <= 0) {
        bench_print_not_measured(what, "", bench_megabytes(images, "SizeOfImage", yardstick));
    } else {
        bench_print_row(what, bench_megabytes(used, "", value),
                        bench_megabytes(images, "SizeOfImage", yardstick), used / images,
                        AIM_AT_MOST, 1.1);
    }
    return true;
}

static bool measure_link(struct bench *bench, unsigned index)
{
    static struct link_rounds rounds;
    unsigned size = bench->sizes[index];
    char what[64], value[64], yardstick[64], object[1024];
    double loader, floor;

    rounds = (struct link_rounds){0};
    snprintf(object, sizeof(object), "%s/graph-%u/m0000.so", bench->input, size);
    rounds.has_dlopen = is_there(object);
    for (unsigned i = 0; i <= bench->runs; i++) {
        if (!link_once(bench, size, &rounds, i != 0)) {
            return false;
        }
    }
    loader = bench_median(rounds.loader.values, rounds.loader.count);
    floor = bench_median(rounds.floor.values, rounds.floor.count);
    bench->per_module[index] = loader / size;
    snprintf(what, sizeof(what), "link %u modules", size);
    bench_print_row(what, bench_milliseconds(loader, "", value),
                    bench_milliseconds(floor, "floor", yardstick), loader / floor, AIM_AT_MOST,
                    1.5);
    if (rounds.has_dlopen) {
        double open = bench_median(rounds.dlopen.values, rounds.dlopen.count);

        bench_print_row("  times faster than dlopen", value,
                        bench_milliseconds(open, "dlopen", yardstick), open / loader,
                        size >= 300 ? AIM_AT_LEAST : AIM_NONE, size >= 1000 ? 4 : 2);
    } else {
        bench_print_not_measured("  times faster than dlopen", value, "dlopen");
    }
    return print_memory(bench, size, &rounds);
}

// Flat: no size costs a quarter more for each module than the smallest one.
static void print_flatness(const struct bench *bench)
{
    for (unsigned i = 1; i < bench->size_count; i++) {
        char what[64], value[64], yardstick[64];

        snprintf(what, sizeof(what), "time per module, %u modules", bench->sizes[i]);
        snprintf(value, sizeof(value), "%.2f us", bench->per_module[i] / 1e3);
        snprintf(yardstick, sizeof(yardstick), "%u modules %.2f us", bench->sizes[0],
                 bench->per_module[0] / 1e3);
        bench_print_row(what, value, yardstick, bench->per_module[i] / bench->per_module[0],
                        AIM_AT_MOST, 1.25);
    }
}

// ---- (c) scenarios ----

static void print_rate(const char *what, double rate)
{
    char value[64];

    snprintf(value, sizeof(value), "%.0f /s", rate);
    bench_print_row(what, value, "5,000 /s", rate / 5000, AIM_AT_LEAST, 1);
}

static bool measure_scenarios(const struct bench *bench)
{
    static struct series library, process;
    char program[1024], folder[1024], count[16];
    const char *call[] = {program, folder, count, NULL};
    const char *run[] = {bench->kldr, "run", "--jobs", "1", "--format", "json", folder, NULL};

    snprintf(program, sizeof(program), "%s/bench_scenarios", bench->programs);
    snprintf(folder, sizeof(folder), "%s/scenarios", bench->input);
    snprintf(count, sizeof(count), "%u", bench->scenarios);
    for (unsigned i = 0; i <= bench->runs; i++) {
        struct bench_sample sample;
        double nanoseconds;

        if (!bench_run_sample(call, &sample) || !bench_run_timed(run, &nanoseconds)) {
            return false;
        }
        if (i != 0) {
            library.values[library.count++] = bench->scenarios / sample.nanoseconds * 1e9;
            process.values[process.count++] = bench->scenarios / nanoseconds * 1e9;
        }
    }
    print_rate("scenarios, library", bench_median(library.values, library.count));
    print_rate("scenarios, one kldr run", bench_median(process.values, process.count));
    return true;
}

int main(int argc, char **argv)
{
    static struct bench bench;
    bool measured;

    if (argc < 8 || argc - 7 > MAX_SIZES) {
        return 2;
    }
    bench = (struct bench){
        .kldr = argv[1], .programs = argv[2], .input = argv[3], .scenario_folder = argv[4]};
    bench.runs = (unsigned)strtoul(argv[5], NULL, 10);
    bench.scenarios = (unsigned)strtoul(argv[6], NULL, 10);
    for (int i = 7; i < argc; i++) {
        bench.sizes[bench.size_count++] = (unsigned)strtoul(argv[i], NULL, 10);
    }
    if (bench.runs == 0 || bench.runs > MAX_RUNS) {
        return 2;
    }
    bench_print_head(&bench);
    measured = measure_start(&bench) && bench_measure_drivers(&bench);
    for (unsigned i = 0; measured && i < bench.size_count; i++) {
        measured = measure_link(&bench, i);
    }
    if (measured) {
        print_flatness(&bench);
        measured = measure_scenarios(&bench);
    }
    return measured ? 0 : 1;
}
