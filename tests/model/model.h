// SPDX-License-Identifier: MIT
// The second model: the rules of the behaviour sheet once more, as plainly as possible, to be
// compared with the product. It includes nothing of the product and was written from the sheet and
// its clarifications alone; whoever changes it asks them, never the product.
#ifndef KLDR_TEST_MODEL_H
#define KLDR_TEST_MODEL_H

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

enum model_profile {
    MODEL_DOCUMENTED,
    MODEL_NT52,
    MODEL_NT62,
    MODEL_24H2,
    MODEL_REACTOS,
    MODEL_PROFILES
};

// Mistakes that the model can be told to make, to show that the comparison would notice them.
enum model_bug {
    MODEL_BUG_NONE,
    MODEL_BUG_COUNT_PER_FUNCTION,
    MODEL_BUG_INITIALIZE_EVERY_TIME,
    MODEL_BUG_DLLUNLOAD_ON_DRIVER_UNLOAD,
    MODEL_BUG_COUNT_IN_PROGRESS,
    MODEL_BUG_NO_RETRY,
    MODEL_BUG_UNMAP_FIRST,
    MODEL_BUG_SEARCH_AFTER_DEEP_FAILURE,
    MODEL_BUG_LAUNDER_PASSES_CONFLICT,
    MODEL_BUG_FORWARDER_COUNTS,
    MODEL_BUG_RING_RECORDS_ABORTED,
    MODEL_BUGS
};

const char *model_bug_name(enum model_bug bug);

// ---- the world a case describes ----

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

// ---- what it must lead to ----

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

struct model;

struct model *model_create(const struct model_case *input, enum model_bug bug);
void model_destroy(struct model *model);
void model_step(struct model *model, const struct model_step *step, struct model_outcome *out);

// The position of a name in the name table of an image, for writing hints; -1: not there.
int model_name_index(const struct model_image *image, const char *name);

// Shared with the generator.
const char *model_base_name(const char *path);
bool model_same(const char *a, const char *b); // case ignored

#endif
