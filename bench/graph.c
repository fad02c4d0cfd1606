// SPDX-License-Identifier: MIT
// The fixed generator of module graphs; see graph.h.
#include "graph.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SEED UINT64_C(0x6b6c647262656e63)

// Children of a module in the tree that makes every module reachable.
enum { TREE_CHILDREN = 4, NAMES = BENCH_EXPORTS + 2 };

// A number that depends on the seed and three coordinates only (the mixing step of splitmix64).
static uint64_t mix(uint64_t a, uint64_t b, uint64_t c)
{
    uint64_t x = SEED + a * UINT64_C(0x9e3779b97f4a7c15) + b * UINT64_C(0xbf58476d1ce4e5b9) +
                 c * UINT64_C(0x94d049bb133111eb);

    x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
    return x ^ (x >> 31);
}

static unsigned below(unsigned limit, uint64_t a, uint64_t b, uint64_t c)
{
    return (unsigned)(mix(a, b, c) % limit);
}

// ---- names ----

void bench_graph_module_name(unsigned module, char name[BENCH_NAME_SIZE])
{
    snprintf(name, BENCH_NAME_SIZE, "m%04u", module);
}

void bench_graph_export_name(unsigned module, unsigned function, char name[BENCH_NAME_SIZE])
{
    static const char *const prefixes[] = {"KeystonePort", "KeystoneClass", "KeystonePower",
                                           "KeystoneQueue"};
    static const char *const verbs[] = {"Get",    "Acquire",  "Complete", "Initialize",
                                        "Insert", "Register", "Release",  "Cancel"};
    static const char *const nouns[] = {"Lock",   "Request",   "Extension", "Notify",
                                        "Packet", "Interface", "Timer",     "ResourceList"};

    snprintf(name, BENCH_NAME_SIZE, "%s%s%s%04u%02u", prefixes[below(4, module, function, 1)],
             verbs[below(8, module, function, 2)], nouns[below(8, module, function, 3)], module,
             function);
}

// ---- hints ----

struct entry {
    char name[BENCH_NAME_SIZE];
    unsigned function;
};

static int compare_entries(const void *left, const void *right)
{
    const struct entry *a = left;
    const struct entry *b = right;

    return strcmp(a->name, b->name);
}

// The index of each function's name in the sorted name table of its module.
static void rank_exports(unsigned module, uint8_t ranks[NAMES])
{
    struct entry entries[NAMES];

    for (unsigned i = 0; i < BENCH_EXPORTS; i++) {
        bench_graph_export_name(module, i, entries[i].name);
        entries[i].function = i;
    }
    strcpy(entries[BENCH_EXPORTS].name, "DllInitialize");
    strcpy(entries[BENCH_EXPORTS + 1].name, "DllUnload");
    entries[BENCH_EXPORTS].function = BENCH_EXPORTS;
    entries[BENCH_EXPORTS + 1].function = BENCH_EXPORTS + 1;
    qsort(entries, NAMES, sizeof(entries[0]), compare_entries);
    for (unsigned i = 0; i < NAMES; i++) {
        ranks[entries[i].function] = (uint8_t)i;
    }
}

// ---- edges ----

static bool depends_on(const struct bench_module *module, unsigned other)
{
    for (unsigned i = 0; i < module->dependency_count; i++) {
        if (module->dependencies[i] == other) {
            return true;
        }
    }
    return false;
}

// First the children in the tree, then others at random, in an order that is random again.
static void choose_dependencies(struct bench_module *module, unsigned number, unsigned count)
{
    unsigned higher = count - 1 - number;
    unsigned wanted = higher < BENCH_DEPENDENCIES ? higher : BENCH_DEPENDENCIES;

    for (unsigned i = 1; i <= TREE_CHILDREN; i++) {
        unsigned child = number * TREE_CHILDREN + i;

        if (child < count) {
            module->dependencies[module->dependency_count++] = child;
        }
    }
    for (uint64_t attempt = 0; module->dependency_count < wanted; attempt++) {
        unsigned other = number + 1 + below(higher, number, attempt, 4);

        if (!depends_on(module, other)) {
            module->dependencies[module->dependency_count++] = other;
        }
    }
    for (unsigned i = module->dependency_count; i > 1; i--) {
        unsigned k = below(i, number, i, 5);
        unsigned swapped = module->dependencies[i - 1];

        module->dependencies[i - 1] = module->dependencies[k];
        module->dependencies[k] = swapped;
    }
}

// Different functions of one dependency: a start, and a stride without a factor in common with 100.
static void choose_imports(struct bench_module *module, unsigned number,
                           const uint8_t (*ranks)[NAMES])
{
    for (unsigned d = 0; d < module->dependency_count; d++) {
        unsigned other = module->dependencies[d];
        unsigned start = below(BENCH_EXPORTS, number, d, 6);
        unsigned stride = 3 + 10 * below(10, number, d, 7);

        for (unsigned i = 0; i < BENCH_IMPORTS_EACH; i++) {
            struct bench_import *import = &module->imports[d][i];
            unsigned function = (start + i * stride) % BENCH_EXPORTS;
            unsigned shift = i % 2 == 0 ? 0 : 1 + below(NAMES - 1, number, d * 100 + i, 8);

            import->function = (uint8_t)function;
            import->by_ordinal = i % 10 == 9;
            import->hint = (uint8_t)((ranks[other][function] + shift) % NAMES);
        }
    }
}

bool bench_graph_init(struct bench_graph *graph, unsigned count)
{
    uint8_t(*ranks)[NAMES] = calloc(count, sizeof(*ranks));

    graph->count = count;
    graph->modules = calloc(count, sizeof(*graph->modules));
    if (ranks == NULL || graph->modules == NULL) {
        free(ranks);
        bench_graph_fini(graph);
        return false;
    }
    for (unsigned i = 0; i < count; i++) {
        rank_exports(i, ranks[i]);
    }
    for (unsigned i = 0; i < count; i++) {
        choose_dependencies(&graph->modules[i], i, count);
        choose_imports(&graph->modules[i], i, (const uint8_t(*)[NAMES])ranks);
    }
    free(ranks);
    return true;
}

void bench_graph_fini(struct bench_graph *graph)
{
    free(graph->modules);
    graph->modules = NULL;
}
