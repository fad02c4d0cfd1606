// SPDX-License-Identifier: MIT
// What the model says, in the words of scenario files.
#ifndef KLDR_TEST_MODEL_SHOW_H
#define KLDR_TEST_MODEL_SHOW_H

#include "model.h"

#include <stdio.h>

void show_add(struct model_text *text, const char *item);

#define SHOW(text, ...)                                                                            \
    do {                                                                                           \
        char item_[2 * MODEL_TEXT];                                                                \
        snprintf(item_, sizeof(item_), __VA_ARGS__);                                               \
        show_add(&(text), item_);                                                                  \
    } while (0)

// A finding, once per kind, module and target of a step; target may be NULL.
void show_finding(struct model *model, const char *kind, const char *module, const char *target,
                  const char *more);
void show_uncounted(struct model *model, const struct model_instance *importer,
                    const struct model_instance *target, const char *reason);
void show_cycle(struct model *model, const struct model_instance *importer,
                const struct model_instance *target, const struct model_function *function);
// function NULL: the module itself.
void show_missing(struct model *model, const char *importer, const char *module,
                  const struct model_function *function);
void show_log(struct model *model, const char *image, const struct model_failure *failure,
              uint32_t status, uint32_t laundered);

// The module list and the ring, at the end of a step.
void show_state(struct model *model);

#endif
