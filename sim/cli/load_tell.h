// SPDX-License-Identifier: MIT
// What `kldr load` says to people when the lifecycle is told.
#ifndef KS_CLI_LOAD_TELL_H
#define KS_CLI_LOAD_TELL_H

#include "cli/load_plan.h"
#include "output/text_buffer.h"

// How it ended and why.
void ks_load_tell(struct ks_text_buffer *out, const struct ks_load_plan *plan,
                  const struct ks_result *result);

// An image that exports DllInitialize is not asked for it when it is loaded as a driver (N1): which
// command would show that. Importers are looked for in the folders. Nothing is said of an image
// that is no export driver.
void ks_load_tell_routine(struct ks_text_buffer *out, const struct ks_load_image *image,
                          const char *const *folders, size_t folder_count);

#endif
