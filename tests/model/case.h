// SPDX-License-Identifier: MIT
// What a case consists of: images with their imports and export tables, a disk, services, steps. It
// says what there is, not what becomes of it. Shared by the model and the generator.
#ifndef KLDR_TEST_MODEL_CASE_H
#define KLDR_TEST_MODEL_CASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MODEL_IMAGES    20
#define MODEL_SERVICES  16
#define MODEL_STEPS     16
#define MODEL_IMPORTS   5
#define MODEL_FUNCTIONS 4
#define MODEL_EXPORTS   6
#define MODEL_NAME      32
#define MODEL_PATH      96
#define MODEL_TEXT      8192
#define MODEL_DRIVERS   "\\SystemRoot\\System32\\drivers\\"

enum model_profile {
    MODEL_DOCUMENTED,
    MODEL_NT52,
    MODEL_NT62,
    MODEL_24H2,
    MODEL_REACTOS,
    MODEL_PROFILES
};

struct model_function {
    char name[MODEL_NAME]; // "": by ordinal
    unsigned ordinal;
    int hint; // -1: not written
};

struct model_import {
    char module[MODEL_NAME];
    struct model_function functions[MODEL_FUNCTIONS];
    unsigned function_count;
    bool no_lookup_table; // R2
};

struct model_export {
    char name[MODEL_NAME];
    unsigned ordinal; // 0: the lowest free one
    bool noname;
    char forward[MODEL_PATH]; // "": not a forwarder
};

enum model_routine_kind { MODEL_ABSENT, MODEL_PRESENT, MODEL_DECORATED, MODEL_FORWARDED };

struct model_routine {
    enum model_routine_kind kind;
    uint32_t status[3]; // one for each call, the last repeats
    unsigned status_count;
    bool across_loads; // A96
};

enum model_broken {
    MODEL_WHOLE,
    MODEL_CHECKSUM,
    MODEL_HEADERS,
    MODEL_TRUNCATED,
    MODEL_SECTION_OUT_OF_FILE,
    MODEL_RELOCATIONS_MALFORMED,
    MODEL_RELOCATIONS_STRIPPED,
    MODEL_WRONG_MACHINE, // arm64
    MODEL_X86
};

struct model_image {
    char path[MODEL_PATH]; // full
    bool on_disk;          // from the beginning; else some create or replace step brings it
    struct model_import imports[MODEL_IMPORTS];
    unsigned import_count;
    struct model_export exports[MODEL_EXPORTS];
    unsigned export_count;
    unsigned ordinal_base;
    bool unsorted, no_directory;
    struct model_routine initialize, unload, entry;
    bool driver_unload;
    enum model_broken broken;
    uint64_t base; // 0: none
};

struct model_service {
    char name[MODEL_NAME];
    char path[MODEL_PATH]; // as spelled
};

enum model_action {
    MODEL_LOAD,
    MODEL_UNLOAD,
    MODEL_LOAD_IMAGE,
    MODEL_UNLOAD_IMAGE,
    MODEL_DELETE,
    MODEL_CREATE,
    MODEL_REPLACE
};

struct model_step {
    enum model_action action;
    unsigned service;      // LOAD, UNLOAD
    char path[MODEL_PATH]; // LOAD_IMAGE, UNLOAD_IMAGE, DELETE
    unsigned image;        // CREATE, REPLACE
};

struct model_case {
    enum model_profile profile;
    bool enforce_checksum;
    struct model_image images[MODEL_IMAGES];
    unsigned image_count;
    struct model_service services[MODEL_SERVICES];
    unsigned service_count;
    struct model_step steps[MODEL_STEPS];
    unsigned step_count;
};

// ---- names and paths, case ignored ----

bool model_same(const char *a, const char *b);
bool model_begins(const char *text, const char *prefix);
bool model_same_file(const char *a, const char *b); // \SystemRoot followed
const char *model_base_name(const char *path);
const char *model_profile_name(enum model_profile profile);

// ---- export tables ----

// What an export table holds.
struct model_table {
    struct {
        const char *forward;
        bool used;
    } function[64];
    unsigned function_count;
    struct {
        const char *name;
        unsigned index;
    } name[MODEL_EXPORTS + 2];
    unsigned name_count;
};

// False when there is no directory (A14).
bool model_make_table(const struct model_image *image, struct model_table *out);

// The position of a name in the name table of an image, for writing hints; -1: not there.
int model_name_index(const struct model_image *image, const char *name);

// ---- the disk ----

struct model_file {
    const struct model_image *image;
    unsigned number; // another one for each file that was ever written
};

struct model_disk {
    const struct model_case *input;
    struct model_file files[MODEL_IMAGES];
    unsigned file_count, written;
    bool was_there[MODEL_IMAGES]; // images that lie or lay there
};

struct model_file *model_disk_find(struct model_disk *disk, const char *path);
// A10: a folder exists when some image lies or lay in or below it; so do the drivers folder and its
// parents.
bool model_disk_has_folder(const struct model_disk *disk, const char *path);
void model_disk_write(struct model_disk *disk, unsigned image);
void model_disk_delete(struct model_disk *disk, const char *path);

// ---- what a step leads to, in words of scenario files ----

// Items of a YAML flow list or map, separated by commas.
struct model_text {
    char text[MODEL_TEXT];
    size_t length;
};

struct model_outcome {
    uint32_t status;
    bool unsure; // `missing` is not to be judged: forwarders and refused files of images only
                 // looked at
    struct model_text calls, events, modules, counts, imports, state, unloaded, ring, notified,
        opened, log, missing, argument, bound, findings;
};

#endif
