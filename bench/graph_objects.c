// SPDX-License-Identifier: MIT
// A module graph as sources of ELF shared objects; see graph.h.
//
// The same names, the same edges; imports by ordinal are by name here. Each function is a return,
// each import a call through the object's procedure linkage table.
#include "graph.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// The text of one file. Names have a fixed greatest length, so a source has one too.
struct text {
    char *bytes;
    size_t size, capacity;
};

static bool add(struct text *text, const char *piece)
{
    size_t length = strlen(piece);

    if (text->size + length + 1 > text->capacity) {
        size_t capacity = text->capacity * 2 + length + 4096;
        char *bytes = realloc(text->bytes, capacity);

        if (bytes == NULL) {
            return false;
        }
        text->bytes = bytes;
        text->capacity = capacity;
    }
    memcpy(text->bytes + text->size, piece, length + 1);
    text->size += length;
    return true;
}

static bool same_file(const char *path, const struct text *text)
{
    FILE *file = fopen(path, "rb");
    char *bytes = malloc(text->size + 1);
    bool same = file != NULL && bytes != NULL &&
                fread(bytes, 1, text->size + 1, file) == text->size &&
                memcmp(bytes, text->bytes, text->size) == 0;

    free(bytes);
    if (file != NULL) {
        fclose(file);
    }
    return same;
}

static bool write_changed(const char *path, const struct text *text)
{
    FILE *file;
    bool written;

    if (same_file(path, text)) {
        return true;
    }
    file = fopen(path, "wb");
    written = file != NULL && fwrite(text->bytes, 1, text->size, file) == text->size;
    if (file != NULL && fclose(file) != 0) {
        written = false;
    }
    if (!written) {
        perror(path);
    }
    return written;
}

static bool add_name(struct text *text, const char *before, unsigned module, unsigned function,
                     const char *after)
{
    char name[BENCH_NAME_SIZE];

    bench_graph_export_name(module, function, name);
    return add(text, before) && add(text, name) && add(text, after);
}

// The functions that a module calls, each between two texts.
static bool add_imports(struct text *text, const struct bench_module *module, const char *before,
                        const char *after)
{
    bool added = true;

    for (unsigned d = 0; d < module->dependency_count; d++) {
        for (unsigned i = 0; i < BENCH_IMPORTS_EACH; i++) {
            added = added && add_name(text, before, module->dependencies[d],
                                      module->imports[d][i].function, after);
        }
    }
    return added;
}

static bool make_source(struct text *text, const struct bench_module *module, unsigned number)
{
    char entry[64];
    bool added = add_imports(text, module, "void ", "(void);\n");

    for (unsigned i = 0; i < BENCH_EXPORTS; i++) {
        added = added && add_name(text, "void ", number, i, "(void) {}\n");
    }
    snprintf(entry, sizeof(entry), "void entry%04u(void)\n{\n", number);
    return added && add(text, entry) && add_imports(text, module, "    ", "();\n") &&
           add(text, "}\n");
}

// Dependencies are linked against, so they are made first.
static bool add_build_lines(struct text *text, const struct bench_module *module, unsigned number)
{
    char line[128];
    bool added;

    snprintf(line, sizeof(line), "build m%04u.so: object m%04u.c |", number, number);
    added = add(text, line);
    for (unsigned d = 0; d < module->dependency_count; d++) {
        snprintf(line, sizeof(line), " m%04u.so", module->dependencies[d]);
        added = added && add(text, line);
    }
    added = added && add(text, "\n  needed =");
    for (unsigned d = 0; d < module->dependency_count; d++) {
        snprintf(line, sizeof(line), " m%04u.so", module->dependencies[d]);
        added = added && add(text, line);
    }
    return added && add(text, "\n");
}

static bool make_ninja(struct text *text, const struct bench_graph *graph)
{
    bool added =
        add(text, "rule object\n"
                  "  command = cc -O1 -fPIC -shared -nostdlib -o $out $in -Wl,-soname,$out "
                  "-Wl,-rpath,'$$ORIGIN' -Wl,--no-as-needed $needed\n"
                  "  description = $out\n");

    for (unsigned i = 0; i < graph->count; i++) {
        added = added && add_build_lines(text, &graph->modules[i], i);
    }
    return added;
}

bool bench_graph_write_objects(const struct bench_graph *graph, const char *folder)
{
    struct text text = {0};
    char path[1024];
    bool written = true;

    for (unsigned i = 0; written && i < graph->count; i++) {
        text.size = 0;
        snprintf(path, sizeof(path), "%s/m%04u.c", folder, i);
        written = make_source(&text, &graph->modules[i], i) && write_changed(path, &text);
    }
    if (written) {
        text.size = 0;
        snprintf(path, sizeof(path), "%s/build.ninja", folder);
        written = make_ninja(&text, graph) && write_changed(path, &text);
    }
    free(text.bytes);
    return written;
}
