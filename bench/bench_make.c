// SPDX-License-Identifier: MIT
// Writes the input of the benchmarks: bench_make graph FOLDER COUNT, bench_make scenarios FOLDER
// COUNT.
#include "graph.h"
#include "scenarios.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool make_graph(const char *folder, unsigned count)
{
    struct bench_graph graph;
    bool made;

    if (!bench_graph_init(&graph, count)) {
        fprintf(stderr, "bench_make: out of memory\n");
        return false;
    }
    made = bench_graph_write_images(&graph, folder) && bench_graph_write_objects(&graph, folder);
    bench_graph_fini(&graph);
    return made;
}

int main(int argc, char **argv)
{
    unsigned count = argc == 4 ? (unsigned)strtoul(argv[3], NULL, 10) : 0;

    if (count == 0) {
        fprintf(stderr, "usage: bench_make graph|scenarios FOLDER COUNT\n");
        return 2;
    }
    if (strcmp(argv[1], "graph") == 0) {
        return make_graph(argv[2], count) ? 0 : 1;
    }
    return bench_scenarios_write(argv[2], count) ? 0 : 1;
}
