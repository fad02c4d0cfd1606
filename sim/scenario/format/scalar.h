// SPDX-License-Identifier: MIT
// Scalars are text; these functions say what a text means where the format wants more than text.
#ifndef KS_SCENARIO_SCALAR_H
#define KS_SCENARIO_SCALAR_H

#include <kldr/status.h>

// Decimal or 0x hexadecimal, no sign, nothing else around it. False when it is not a number of 64
// bits.
bool ks_scalar_number(const char *text, uint64_t *out_number);

// A status name or number.
bool ks_scalar_status(const char *text, kldr_status *out_status);

// A stop code's name or number.
bool ks_scalar_stop_code(const char *text, uint32_t *out_code);

// The position of the first control character (C0, DEL, C1), or length. With lines line breaks and
// tabs are not taken for ones.
size_t ks_scalar_find_control(const char *text, size_t length, bool lines);

// The length of the module in "module!Routine", or 0 when the text has no such form.
size_t ks_scalar_module_length(const char *text);

// "module+0x123": the length of the module, or 0.
size_t ks_scalar_offset_module_length(const char *text);

// "5s" in units of 100 ns.
bool ks_scalar_time(const char *text, uint64_t *out_time);

// The value of a hexadecimal digit; -1 when it is none.
int ks_scalar_hex_digit(char c);

// Checks of shapes with a pattern (struct ks_shape, fits). They accept what the pattern accepts and
// say why else, with the byte of the text that is wrong.
bool ks_scalar_fits_image_path(const char *text, size_t length, const char **out_why,
                               size_t *out_at);
bool ks_scalar_fits_module_routine(const char *text, size_t length, const char **out_why,
                                   size_t *out_at);
bool ks_scalar_fits_function_name(const char *text, size_t length, const char **out_why,
                                  size_t *out_at);
bool ks_scalar_fits_forwarder(const char *text, size_t length, const char **out_why,
                              size_t *out_at);
bool ks_scalar_fits_export_entry(const char *text, size_t length, const char **out_why,
                                 size_t *out_at);
bool ks_scalar_fits_bound_target(const char *text, size_t length, const char **out_why,
                                 size_t *out_at);
bool ks_scalar_fits_label(const char *text, size_t length, const char **out_why, size_t *out_at);
bool ks_scalar_fits_object_name(const char *text, size_t length, const char **out_why,
                                size_t *out_at);
bool ks_scalar_fits_hex(const char *text, size_t length, const char **out_why, size_t *out_at);
bool ks_scalar_fits_time(const char *text, size_t length, const char **out_why, size_t *out_at);
bool ks_scalar_fits_registry_path(const char *text, size_t length, const char **out_why,
                                  size_t *out_at);
bool ks_scalar_fits_signature(const char *text, size_t length, const char **out_why,
                              size_t *out_at);

#endif
