// SPDX-License-Identifier: MIT
// Random images, one aspect after the other: all paths first, then all exports, then imports, which
// are chosen by them.
#ifndef KLDR_TEST_MODEL_GENERATE_IMAGE_H
#define KLDR_TEST_MODEL_GENERATE_IMAGE_H

#include "model.h"

struct dice {
    uint64_t state;
    bool calm; // trouble is rare: most loads succeed, and long lives can be watched
};

unsigned dice_below(struct dice *dice, unsigned limit);
bool dice_chance(struct dice *dice, unsigned percent);

// The same file, in words of its own.
void generate_spelling(struct dice *dice, const char *path, char out[MODEL_PATH]);

void generate_path(struct dice *dice, struct model_case *out, struct model_image *image);
void generate_exports(struct dice *dice, struct model_case *out, struct model_image *image);
// Routines, and what is wrong with the file.
void generate_routines(struct dice *dice, struct model_image *image);
void generate_imports(struct dice *dice, const struct model_case *input, struct model_image *image,
                      unsigned self);
// An exporter that imports from its forwarders' targets has them loaded by then.
void generate_forwarded(struct dice *dice, const struct model_case *input,
                        struct model_image *image);

#endif
