// SPDX-License-Identifier: MIT
// One entry of a .def file's EXPORTS section:
//     Name [= module.Function] [@ordinal [NONAME]] [DATA] [PRIVATE]
// DATA and PRIVATE in either order. Parts are separated by blanks; around `=` and behind `@` they
// may be left out.
#ifndef KS_SCENARIO_DEF_EXPORT_H
#define KS_SCENARIO_DEF_EXPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// The parts, as positions in the text.
struct ks_def_export {
    size_t name, name_length;
    size_t forwarder, forwarder_length; // length 0: none
    uint32_t ordinal;                   // 0: none
    bool noname, data, private_;
};

// Takes an entry apart. When it is malformed *out_why says why and *out_at which byte is wrong.
bool ks_def_export_parse(const char *text, size_t length, struct ks_def_export *out_export,
                         const char **out_why, size_t *out_at);

// Whether a text can stand behind the `=`.
bool ks_def_export_check_forwarder(const char *text, size_t length, const char **out_why,
                                   size_t *out_at);

#endif
