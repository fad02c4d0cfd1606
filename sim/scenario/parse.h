// SPDX-License-Identifier: MIT
// Text to model: a scenario file is read, checked against the key table and cross-checked, or
// refused with every reason found. Nothing of a file with an error is ever run.
#ifndef KS_SCENARIO_PARSE_H
#define KS_SCENARIO_PARSE_H

#include "scenario/model.h"

struct ks_parse_result {
    struct ks_scenario_file
        *file; // NULL when there are diagnostics; free with ks_scenario_file_destroy
    struct ks_diagnostics diagnostics; // freed with ks_parse_result_fini
    void *storage;
};

// Parses size bytes of text (copied). path is used for messages and as the default scenario name.
// KLDR_STATUS_SUCCESS, KLDR_ERROR_SCENARIO (diagnostics say why), KLDR_ERROR_OUT_OF_MEMORY.
kldr_status ks_scenario_parse(const char *path, const char *text, size_t size,
                              struct ks_parse_result *out_result);
void ks_parse_result_fini(struct ks_parse_result *result);

void ks_scenario_file_destroy(struct ks_scenario_file *file);

// The JSON Schema of the format, made from the same key table as the parser. Free with free().
// NULL when memory is out.
char *ks_scenario_schema(void);

#endif
