// SPDX-License-Identifier: MIT
// The second model: the rules of the behaviour sheet once more, as plainly as possible, to be
// compared with the product. It includes nothing of the product and was written from the sheet and
// its clarifications alone; whoever changes it asks them, never the product.
#ifndef KLDR_TEST_MODEL_H
#define KLDR_TEST_MODEL_H

#include "case.h"

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

// ---- the state, for those who show it ----

#define MODEL_INSTANCES 512
#define MODEL_CELLS     (MODEL_IMPORTS * MODEL_FUNCTIONS)
#define MODEL_RING      50

struct model_cell {
    const struct model_function *function;
    struct model_instance *target;
    unsigned index; // in the target's function table
    bool forwarded;
};

struct model_instance {
    const struct model_image *image;
    char path[MODEL_PATH];
    const char *name; // in path
    bool kernel, listed, loading, dependent, inactive, refused, initialized, by_image;
    int count, driver; // driver: service number, or -1
    unsigned file;     // number of the file it came from
    uint64_t base;     // where the image asked to be and is
    struct model_instance *held[MODEL_CELLS];
    unsigned held_count;
    struct model_cell cells[MODEL_CELLS];
    unsigned cell_count;
    unsigned unload_calls;
    unsigned walked, bound; // descriptors, and functions of the last one, that were reached
    struct model_instance *reported[MODEL_INSTANCES / 8]; // vanished images told about
    unsigned reported_count;
};

struct model_failure { // what a log record says
    char module[MODEL_PATH], procedure[MODEL_NAME];
    bool has_value;
    uint32_t value;
};

struct model {
    const struct model_case *input;
    unsigned knobs;
    enum model_bug bug;
    struct model_image kernel[2];
    struct model_disk disk;
    unsigned calls[MODEL_IMAGES + MODEL_STEPS + 1][3]; // of each file, across loads
    struct model_instance instances[MODEL_INSTANCES];  // never used again
    unsigned instance_count;
    struct model_instance *list[MODEL_INSTANCES]; // load order
    unsigned list_count;
    char ring[MODEL_RING][MODEL_NAME];
    unsigned ring_count;
    const struct model_image *seen[64]; // read in this step (A22)
    unsigned seen_count;
    struct model_failure first; // of the outermost load: what is really missing
    bool unsure;                // A22 says too little of what is missing in this step
    bool too_deep;              // the last forwarder chain was too long
    struct model_outcome *out;
};

struct model *model_create(const struct model_case *input, enum model_bug bug);
void model_destroy(struct model *model);
void model_step(struct model *model, const struct model_step *step, struct model_outcome *out);

// Held by a driver object, an import list or load_image.
bool model_is_held(const struct model *model, const struct model_instance *instance);
bool model_is_resident(const struct model *model, const struct model_instance *instance);

#endif
