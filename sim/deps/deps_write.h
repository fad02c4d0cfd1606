// SPDX-License-Identifier: MIT
// The graph for people and for programs.
#ifndef KS_DEPS_WRITE_H
#define KS_DEPS_WRITE_H

#include "deps/deps.h"
#include "output/json_writer.h"

#define KS_DEPS_WAY_MOST 256u // images of a way that are shown, the last ones

// What the loader said of one tree.
struct ks_deps_verdict {
    const struct ks_deps_image *image;
    kldr_status status;
};

// "no-file", "no-export", ...
const char *ks_deps_missing_reason(const struct ks_deps_missing *missing);
// Images that were read.
size_t ks_deps_count_read(const struct ks_deps *deps);

void ks_deps_write_text(struct ks_text_buffer *out, const struct ks_deps *deps,
                        const struct ks_deps_verdict *verdicts, size_t count, const char *profile);
// Keys "images", "missing", "cycles", "loads" and "summary" of an object that the caller began.
void ks_deps_write_json(struct ks_json *json, const struct ks_deps *deps,
                        const struct ks_deps_verdict *verdicts, size_t count);

#endif
