// SPDX-License-Identifier: MIT
// Filling error records from inside the library.
#ifndef KL_ERROR_H
#define KL_ERROR_H

#include <kldr/error.h>

#include <stdarg.h>

// As kldr_error_set, with the arguments already taken. error may be NULL.
void kl_error_set_list(struct kldr_error *error, kldr_status status, enum kldr_origin origin,
                       enum kldr_stage stage, const char *format, va_list arguments);

#endif
