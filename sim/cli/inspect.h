// SPDX-License-Identifier: MIT
// The two formats of `kldr inspect`.
#ifndef KS_CLI_INSPECT_H
#define KS_CLI_INSPECT_H

#include "cli/image_file.h"
#include "output/json_writer.h"

void ks_inspect_text(struct ks_text_buffer *out, const struct ks_image_file *file);
void ks_inspect_json(struct ks_json *json, const struct ks_image_file *file);

// Names of the flags that both formats show. NULL past the last.
struct ks_flag_name {
    uint32_t flag;
    const char *name;
};
extern const struct ks_flag_name ks_inspect_section_flags[];
extern const struct ks_flag_name ks_inspect_characteristics[];
extern const struct ks_flag_name ks_inspect_dll_characteristics[];

// "native", ...; NULL when it has no name here.
const char *ks_inspect_subsystem(unsigned subsystem);
// "exported", "forwarded", ...: one word for a form.
const char *ks_inspect_routine_form(enum ks_routine_form form);

#endif
