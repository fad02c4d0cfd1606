// SPDX-License-Identifier: MIT
// Making a case smaller while something about it stays true.
#ifndef KLDR_TEST_MODEL_SHRINK_H
#define KLDR_TEST_MODEL_SHRINK_H

#include "model.h"

// Drops steps, services, images, imports, functions, exports and odd properties, one at a time, as
// long as keep says that the smaller case still shows what it is about.
void shrink_case(struct model_case *input, bool (*keep)(void *user, const struct model_case *input),
                 void *user);

#endif
