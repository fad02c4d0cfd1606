// SPDX-License-Identifier: MIT
// A graph of modules that import from each other, always the same for the same size: the input of
// the link benchmark. It is written out twice, as .sys images and as sources of shared objects.
//
// Module 0 is the root; all others can be reached from it. A module depends on higher numbers only,
// so there are no cycles; each has BENCH_DEPENDENCIES of them, the last few fewer.
#ifndef BENCH_GRAPH_H
#define BENCH_GRAPH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    BENCH_DEPENDENCIES = 5,
    BENCH_IMPORTS = 100, // of a module with all its dependencies: 20 from each
    BENCH_IMPORTS_EACH = BENCH_IMPORTS / BENCH_DEPENDENCIES,
    BENCH_EXPORTS = 100, // of every module, DllInitialize and DllUnload not counted
    BENCH_NAME_SIZE = 48,
};

struct bench_import {
    uint8_t function; // of the dependency, from 0; its ordinal is one more
    uint8_t hint;     // right for every second import
    bool by_ordinal;  // every tenth
};

struct bench_module {
    unsigned dependency_count;
    unsigned dependencies[BENCH_DEPENDENCIES];
    struct bench_import imports[BENCH_DEPENDENCIES][BENCH_IMPORTS_EACH];
};

struct bench_graph {
    unsigned count;
    struct bench_module *modules;
};

// False when memory is out.
bool bench_graph_init(struct bench_graph *graph, unsigned count);
void bench_graph_fini(struct bench_graph *graph);

// The name of an export: 20 to 40 characters, unique in the graph, many with a common beginning.
void bench_graph_export_name(unsigned module, unsigned function, char name[BENCH_NAME_SIZE]);

// "m0042", the name of a module without an extension.
void bench_graph_module_name(unsigned module, char name[BENCH_NAME_SIZE]);

// Writes m0000.sys and so on into a folder that exists. Says what is wrong and returns false on
// failure.
bool bench_graph_write_images(const struct bench_graph *graph, const char *folder);

// Writes m0000.c and so on and a build.ninja that makes m0000.so of each. Files that are there
// already with the same text are left alone.
bool bench_graph_write_objects(const struct bench_graph *graph, const char *folder);

#endif
