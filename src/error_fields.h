// SPDX-License-Identifier: MIT
// The name fields of an error record. Every function accepts NULL for error and cuts what is too
// long.
#ifndef KL_ERROR_FIELDS_H
#define KL_ERROR_FIELDS_H

#include <kldr/error.h>

// module and importer may be NULL: left alone.
void kl_error_names(struct kldr_error *error, const char *module, const char *importer);

// name NULL: by ordinal.
void kl_error_symbol(struct kldr_error *error, const char *name, uint32_t ordinal);

#endif
