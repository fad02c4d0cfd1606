// SPDX-License-Identifier: MIT
// The rules of `kldr lint`: what makes an export driver behave in another way than its author
// thinks.
#ifndef KS_CLI_LINT_H
#define KS_CLI_LINT_H

#include "cli/def_file.h"
#include "cli/image_file.h"
#include "output/text_buffer.h"

// id, facts, what it means, what to do
#define KS_LINT_RULES(X)                                                                           \
    X(LIBRARY_NAME, "library-name", "P1 R7",                                                       \
      "importers look for the name that the LIBRARY line gave, letter for letter",                 \
      "write the file's own name with .sys into the LIBRARY line, and link the importers again")   \
    X(NOT_PRIVATE, "not-private", "P2",                                                            \
      "the routine gets into the import library, where those of two export drivers clash",         \
      "write PRIVATE behind the entry")                                                            \
    X(DECORATED_ROUTINE, "decorated-routine", "N2 P3", "the loader looks for the plain name only", \
      "declare the routine extern \"C\" and export it by a .def file under its plain name")        \
    X(FORWARDED_ROUTINE, "forwarded-routine", "N2 U9", "a forwarded routine counts as absent",     \
      "export a routine of the image itself")                                                      \
    X(UNNAMED_ROUTINE, "unnamed-routine", "N2",                                                    \
      "the loader looks for the name, which NONAME leaves out", "leave NONAME out")                \
    X(DATA_ROUTINE, "data-routine", "N2", "the loader calls whatever the name stands for",         \
      "leave DATA out")                                                                            \
    X(NO_DLLUNLOAD, "no-dllunload", "U10 C1",                                                      \
      "the image stays loaded when its last importer goes",                                        \
      "export DllUnload, or let this be its purpose and say so")                                   \
    X(NO_DLLINITIALIZE, "no-dllinitialize", "C1 U10",                                              \
      "Microsoft's pages ask for both routines, else counting is not active; kernels were "        \
      "reported to go by DllUnload alone",                                                         \
      "export DllInitialize as well, even if it only returns STATUS_SUCCESS")                      \
    X(NO_LIFECYCLE, "no-lifecycle-routines", "C1 U10",                                             \
      "the image exports functions and neither routine: whoever imports it makes it stay",         \
      "export DllInitialize and DllUnload")                                                        \
    X(NO_ENTRY_POINT, "no-entry-point", "H17 P5",                                                  \
      "started as a driver it has no DriverEntry, and no security cookie is made",                 \
      "give it a DriverEntry that fails, and make the cookie in DllInitialize")                    \
    X(USER_MODE_IMPORT, "user-mode-import", "R4",                                                  \
      "a user-mode module cannot be loaded into the kernel",                                       \
      "find the library that brings the import in, and leave it out")                              \
    X(SELF_IMPORT, "self-import", "R9", "an image that imports itself holds no count by it",       \
      "call the function directly")                                                                \
    X(NO_RELOCATIONS, "no-relocations", "L12",                                                     \
      "the image loads at its preferred base only, and nobody keeps that free",                    \
      "link without /FIXED")                                                                       \
    X(BAD_RELOCATIONS, "bad-relocations", "L12", "the image cannot be moved to another base",      \
      "link it again; no tool should write such a table")                                          \
    X(BAD_CHECKSUM, "bad-checksum", "L9", "kernels refuse an image with a wrong checksum",         \
      "link with /RELEASE, as the last step before signing")                                       \
    X(NO_LOOKUP_TABLE, "no-lookup-table", "R2",                                                    \
      "the walk over the imports ends here: these and all later ones stay unresolved",             \
      "use a linker that writes OriginalFirstThunk")                                               \
    X(UNSORTED_NAMES, "unsorted-names", "S3",                                                      \
      "names are searched by halving: some that are there are not found",                          \
      "use a linker that sorts the export names by their bytes")                                   \
    X(NO_IAT_DIRECTORY, "no-iat-directory", "B3",                                                  \
      "as a boot image it would be taken to have no imports, so that it holds no counts",          \
      "link with a linker that fills data directory 12")                                           \
    X(NAME_PREFIX, "name-prefix", "R5",                                                            \
      "imports of names that begin with ntoskrnl, win32k or hal hold no count on older kernels",   \
      "choose another name")                                                                       \
    X(DOTTED_NAME, "dotted-name", "N4",                                                            \
      "DllInitialize gets the services key of the name up to its first dot",                       \
      "choose a name with one dot")                                                                \
    X(WRITABLE_CODE, "writable-code", "P9",                                                        \
      "memory integrity (HVCI) refuses sections that are both writable and executable",            \
      "split the section, or drop one of the rights")

enum ks_lint_rule {
#define KS_LINT_ENUMERATOR(name, id, facts, meaning, advice) KS_LINT_##name,
    KS_LINT_RULES(KS_LINT_ENUMERATOR)
#undef KS_LINT_ENUMERATOR
        KS_LINT_RULE_COUNT
};

struct ks_lint_rule_info {
    const char *id;
    const char *facts; // separated by spaces
    const char *meaning;
    const char *advice;
};

const struct ks_lint_rule_info *ks_lint_rule_info(enum ks_lint_rule rule);
// False when no rule has that id.
bool ks_lint_rule_find(const char *id, enum ks_lint_rule *out_rule);

struct ks_lint_finding {
    enum ks_lint_rule rule;
    const char *path;
    unsigned line;     // 0: none
    char message[400]; // what was found
};

struct ks_lint {
    struct ks_lint_finding *findings;
    size_t count;
    bool ignored[KS_LINT_RULE_COUNT];
    bool out_of_memory;
};

void ks_lint_init(struct ks_lint *lint);
void ks_lint_fini(struct ks_lint *lint);
// printf-like; nothing when the rule is ignored.
void ks_lint_add(struct ks_lint *lint, enum ks_lint_rule rule, const char *path, unsigned line,
                 const char *format, ...);

// path is borrowed by the findings.
void ks_lint_image(struct ks_lint *lint, const struct ks_image_file *file);
void ks_lint_def(struct ks_lint *lint, const char *path, const struct ks_def_file *file);

// The findings in one of the formats.
void ks_lint_write_text(struct ks_text_buffer *out, const struct ks_lint *lint);
void ks_lint_write_json(struct ks_text_buffer *out, const struct ks_lint *lint, size_t files);
void ks_lint_write_github(struct ks_text_buffer *out, const struct ks_lint *lint);

#endif
