// SPDX-License-Identifier: MIT
#include "case.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

bool model_same(const char *a, const char *b)
{
    while (*a != '\0' && tolower((unsigned char)*a) == tolower((unsigned char)*b)) {
        a++;
        b++;
    }
    return *a == '\0' && *b == '\0';
}

bool model_begins(const char *text, const char *prefix)
{
    while (*prefix != '\0' && tolower((unsigned char)*text) == tolower((unsigned char)*prefix)) {
        text++;
        prefix++;
    }
    return *prefix == '\0';
}

const char *model_base_name(const char *path)
{
    const char *slash = strrchr(path, '\\');

    return slash != NULL ? slash + 1 : path;
}

static void canonical(const char *path, char out[MODEL_PATH])
{
    bool link = model_begins(path, "\\SystemRoot\\");
    size_t i;

    snprintf(out, MODEL_PATH, "%s%s", link ? "\\??\\C:\\Windows" : "", path + (link ? 11 : 0));
    for (i = 0; out[i] != '\0'; i++) {
        out[i] = (char)tolower((unsigned char)out[i]);
    }
}

bool model_same_file(const char *a, const char *b)
{
    char left[MODEL_PATH], right[MODEL_PATH];

    canonical(a, left);
    canonical(b, right);
    return strcmp(left, right) == 0;
}

static const char *routine_export(const struct model_routine *routine, bool unload)
{
    if (routine->kind == MODEL_DECORATED) {
        return unload ? "_DllUnload@0" : "_DllInitialize@4";
    }
    return unload ? "DllUnload" : "DllInitialize";
}

static void put_export(struct model_table *table, const char *name, unsigned index,
                       const char *forward)
{
    while (table->function[index].used) {
        index++;
    }
    table->function[index].used = true;
    table->function[index].forward = forward;
    if (index >= table->function_count) {
        table->function_count = index + 1;
    }
    if (name != NULL) {
        table->name[table->name_count].name = name;
        table->name[table->name_count++].index = index;
    }
}

// Exports with an ordinal, then the others at the lowest free ones, then the two routines (A53);
// the name table sorted, or as listed (A13). False when there is no directory (A14).
bool model_make_table(const struct model_image *image, struct model_table *table)
{
    struct model_table placed = {0};
    unsigned i, j;

    memset(table, 0, sizeof(*table));
    if (image->no_directory) {
        return false;
    }
    for (i = 0; i < image->export_count; i++) {
        if (image->exports[i].ordinal != 0) {
            put_export(&placed, NULL, image->exports[i].ordinal - image->ordinal_base, NULL);
        }
    }
    *table = placed;
    for (i = 0; i < image->export_count; i++) {
        const struct model_export *e = &image->exports[i];
        unsigned index = e->ordinal != 0 ? e->ordinal - image->ordinal_base : 0;

        if (e->ordinal != 0) {
            table->function[index].used = false;
        }
        put_export(table, e->noname ? NULL : e->name, index,
                   e->forward[0] != '\0' ? e->forward : NULL);
    }
    for (i = 0; i < 2; i++) {
        const struct model_routine *routine = i == 0 ? &image->initialize : &image->unload;

        if (routine->kind != MODEL_ABSENT) {
            put_export(table, routine_export(routine, i == 1), 0,
                       routine->kind == MODEL_FORWARDED ? "nowhere.Fn" : NULL);
        }
    }
    for (i = 1; i < table->name_count && !image->unsorted; i++) {
        for (j = i; j > 0 && strcmp(table->name[j - 1].name, table->name[j].name) > 0; j--) {
            struct model_table copy = *table;

            table->name[j] = copy.name[j - 1];
            table->name[j - 1] = copy.name[j];
        }
    }
    return table->function_count > 0;
}

int model_name_index(const struct model_image *image, const char *name)
{
    struct model_table table;
    unsigned i;

    model_make_table(image, &table);
    for (i = 0; i < table.name_count; i++) {
        if (strcmp(table.name[i].name, name) == 0) {
            return (int)i;
        }
    }
    return -1;
}

const char *model_profile_name(enum model_profile profile)
{
    static const char *const names[MODEL_PROFILES] = {"documented", "nt52", "nt62", "24h2",
                                                      "reactos"};

    return names[profile];
}

// ---- the disk ----

struct model_file *model_disk_find(struct model_disk *disk, const char *path)
{
    unsigned i;

    for (i = 0; i < disk->file_count; i++) {
        if (model_same_file(disk->files[i].image->path, path)) {
            return &disk->files[i];
        }
    }
    return NULL;
}

bool model_disk_has_folder(const struct model_disk *disk, const char *path)
{
    char folder[MODEL_PATH], other[MODEL_PATH];
    unsigned i;

    canonical(path, folder);
    folder[model_base_name(folder) - folder] = '\0';
    canonical(MODEL_DRIVERS, other);
    if (model_begins(other, folder)) {
        return true;
    }
    for (i = 0; i < disk->input->image_count; i++) {
        canonical(disk->input->images[i].path, other);
        if (disk->was_there[i] && model_begins(other, folder)) {
            return true;
        }
    }
    return false;
}

void model_disk_write(struct model_disk *disk, unsigned image)
{
    struct model_file *file = model_disk_find(disk, disk->input->images[image].path);

    if (file == NULL) {
        file = &disk->files[disk->file_count++];
    }
    file->image = &disk->input->images[image];
    file->number = ++disk->written;
    disk->was_there[image] = true;
}

void model_disk_delete(struct model_disk *disk, const char *path)
{
    struct model_file *file = model_disk_find(disk, path);

    *file = disk->files[--disk->file_count];
}
