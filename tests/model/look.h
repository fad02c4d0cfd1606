// SPDX-License-Identifier: MIT
// What is missing besides what a failed load met first (A22), and what of the rules that needs.
#ifndef KLDR_TEST_MODEL_LOOK_H
#define KLDR_TEST_MODEL_LOOK_H

#include "model.h"

struct model_target {
    struct model_instance *instance; // NULL: only read (A22)
    const struct model_image *image;
    unsigned index;
    bool forwarded;
};

// From one descriptor and function on, everything that is missing is listed; nothing is loaded.
void look_from(struct model *model, const struct model_image *image, const char *path,
               unsigned descriptor, unsigned function);

// Its imports and exports can be read, though it may be refused for another reason.
bool look_can_read(const struct model_image *image);

// ---- rules of model.c ----

// By base name (R7), or by full name (L3); first match in list order.
struct model_instance *rule_find(struct model *model, const char *name, bool full);
// The places where a DLL is looked for, in order; how many.
unsigned rule_places(const struct model *model, const char *importer, const char *name,
                     char out[2][MODEL_PATH]);
// The status with which an image is refused before it is mapped (L9, L12, A20), or 0.
uint32_t rule_check(const struct model *model, const struct model_image *image);
// Finds what a thunk means in out->image (S1 to S10). looking: files only read count as loaded.
uint32_t rule_resolve(struct model *model, const struct model_function *function, bool looking,
                      struct model_target *out);

#endif
