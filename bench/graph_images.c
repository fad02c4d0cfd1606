// SPDX-License-Identifier: MIT
// A module graph as .sys images; see graph.h.
#include "graph.h"

#include <kldr/image_builder.h>

#include <stdio.h>
#include <string.h>

// Everything a description points to.
struct parts {
    char module_names[BENCH_DEPENDENCIES][BENCH_NAME_SIZE];
    char import_names[BENCH_IMPORTS][BENCH_NAME_SIZE];
    char export_names[BENCH_EXPORTS][BENCH_NAME_SIZE];
    char own_name[BENCH_NAME_SIZE];
    struct kldr_build_function functions[BENCH_IMPORTS];
    struct kldr_build_import imports[BENCH_DEPENDENCIES];
    struct kldr_build_export exports[BENCH_EXPORTS + 2];
};

static void describe_exports(struct parts *parts, unsigned number)
{
    for (unsigned i = 0; i < BENCH_EXPORTS; i++) {
        bench_graph_export_name(number, i, parts->export_names[i]);
        parts->exports[i] =
            (struct kldr_build_export){.name = parts->export_names[i], .ordinal = i + 1};
    }
    parts->exports[BENCH_EXPORTS] = (struct kldr_build_export){.name = "DllInitialize"};
    parts->exports[BENCH_EXPORTS + 1] = (struct kldr_build_export){.name = "DllUnload"};
}

static void describe_import(struct parts *parts, const struct bench_module *module, unsigned d)
{
    struct kldr_build_function *functions = &parts->functions[d * BENCH_IMPORTS_EACH];
    unsigned other = module->dependencies[d];

    bench_graph_module_name(other, parts->module_names[d]);
    strcat(parts->module_names[d], ".sys");
    for (unsigned i = 0; i < BENCH_IMPORTS_EACH; i++) {
        const struct bench_import *import = &module->imports[d][i];
        char *name = parts->import_names[d * BENCH_IMPORTS_EACH + i];

        bench_graph_export_name(other, import->function, name);
        functions[i] = (struct kldr_build_function){
            .name = import->by_ordinal ? NULL : name,
            .ordinal = import->by_ordinal ? import->function + 1u : 0,
            .hint = import->hint,
        };
    }
    parts->imports[d] = (struct kldr_build_import){
        .module = parts->module_names[d],
        .functions = functions,
        .function_count = BENCH_IMPORTS_EACH,
    };
}

static bool write_file(const char *path, const void *bytes, size_t size)
{
    FILE *file = fopen(path, "wb");
    bool written = file != NULL && fwrite(bytes, 1, size, file) == size;

    if (file != NULL && fclose(file) != 0) {
        written = false;
    }
    if (!written) {
        perror(path);
    }
    return written;
}

static bool write_image(const struct bench_module *module, unsigned number, const char *folder,
                        struct parts *parts)
{
    struct kldr_build_description description = {0};
    struct kldr_built_image built;
    struct kldr_error error;
    char path[1024];
    bool written;

    bench_graph_module_name(number, parts->own_name);
    strcat(parts->own_name, ".sys");
    describe_exports(parts, number);
    for (unsigned d = 0; d < module->dependency_count; d++) {
        describe_import(parts, module, d);
    }
    description.name = parts->own_name;
    description.exports = parts->exports;
    description.export_count = BENCH_EXPORTS + 2;
    description.imports = parts->imports;
    description.import_count = module->dependency_count;
    description.entry_point = true;
    if (kldr_image_build(NULL, &description, &built, &error) != KLDR_STATUS_SUCCESS) {
        fprintf(stderr, "%s: %s\n", parts->own_name, error.detail);
        return false;
    }
    snprintf(path, sizeof(path), "%s/%s", folder, parts->own_name);
    written = write_file(path, built.bytes, built.size);
    kldr_built_image_free(NULL, &built);
    return written;
}

bool bench_graph_write_images(const struct bench_graph *graph, const char *folder)
{
    static struct parts parts;

    for (unsigned i = 0; i < graph->count; i++) {
        if (!write_image(&graph->modules[i], i, folder, &parts)) {
            return false;
        }
    }
    return true;
}
