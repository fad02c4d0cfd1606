// SPDX-License-Identifier: MIT
// The imports of real images as a graph, without loading or running anything: who needs whom, what
// is missing, what goes in a circle, which exports are used by whom, and what of the kernel kldr
// simulates.
//
// An image is a file of the host; the same name in two folders means two images. A function is
// looked up as the loader does it: hint, halving search, ordinal, forwarders (S1 to S9), where a
// forwarder may lead to any image that the importing tree has. What Windows would answer is never
// mixed with what kldr lacks: a kernel function that Windows has is not missing, whether kldr
// simulates it or not.
//
// Everything lives in the graph's arena until ks_deps_destroy.
#ifndef KS_DEPS_H
#define KS_DEPS_H

#include "deps/host_folders.h"

#include <kldr/image.h>
#include <kldr/policy.h>

enum ks_deps_state {
    KS_DEPS_READ,
    KS_DEPS_KERNEL,     // ntoskrnl.exe, hal.dll: simulated
    KS_DEPS_ABSENT,     // no such file in the folders
    KS_DEPS_UNREADABLE, // the host does not let it be read
    KS_DEPS_MALFORMED,  // it is no valid image
};

// What stands behind an imported function.
enum ks_deps_answer {
    KS_DEPS_EXPORTED,
    KS_DEPS_FULL, // by a kernel image, and kldr simulates it: as documented
    KS_DEPS_PARTIAL,
    KS_DEPS_VARIABLE,      // of the kernel
    KS_DEPS_TRAP,          // Windows has it; kldr knows it and does not simulate it
    KS_DEPS_NOT_SIMULATED, // Windows has it, kldr does not
    KS_DEPS_NO_EXPORT,     // missing: the module does not export it
    KS_DEPS_NO_FORWARD,    // missing: it is exported as a forwarder that leads nowhere
    KS_DEPS_NO_MODULE,     // the module itself is missing
};

// "exported", "full", ...
const char *ks_deps_answer_name(enum ks_deps_answer answer);

struct ks_deps_image;

struct ks_deps_function {
    const char *name; // NULL: by ordinal
    uint32_t ordinal;
    enum ks_deps_answer answer;
    const char *forwarder;                    // the first forwarder on the way; NULL: none
    const struct ks_deps_image *forwarded_to; // the image it ends at; NULL: none, or the kernel
    uint32_t forwarded_index;
    const char *nearest; // KS_DEPS_NO_EXPORT: the export it may have meant; NULL: none
};

// One import descriptor.
struct ks_deps_import {
    const char *module; // as spelled
    struct ks_deps_image *target;
    struct ks_deps_function *functions;
    size_t function_count;
    bool wrong_machine; // the file is there, for another machine
};

struct ks_deps_user {
    const struct ks_deps_image *importer;
    struct ks_deps_user *next;
};

struct ks_deps_export {
    const char *name; // NULL: by ordinal only
    uint32_t ordinal;
    bool routine; // DllInitialize or DllUnload: for the loader
    const char *forwarder;
    struct ks_deps_user *users; // in the order of images; NULL: nobody
};

struct ks_deps_image {
    struct ks_deps_image *next; // in the order they were met
    const char *name;           // base name: the file's, else as the first importer spells it
    const char *path;           // NULL: no file
    enum ks_deps_state state;
    const char *problem; // of unreadable and malformed files
    enum kldr_machine machine;
    bool asked; // named by the user
    bool root;  // a tree of its own: named by the user, and not only a member of a folder that
                // another member imports
    struct ks_deps_import *imports;
    size_t import_count;
    bool unbound; // descriptors follow that the loader never reaches (R2)
    struct ks_deps_export *exports;
    size_t export_count;
    bool imported;
    const struct ks_deps_image *parent; // on the shortest way from a root; NULL: a root, or none
    const struct kldr_image *image;     // file layout; NULL unless read
    const uint8_t *bytes;
    size_t size;
    bool reached;  // from a root
    bool shown;    // its imports are written
    unsigned mark; // of whoever walks
};

// Something that Windows would not find.
struct ks_deps_missing {
    struct ks_deps_missing *next;
    const struct ks_deps_image *importer;
    const struct ks_deps_import *import;
    const struct ks_deps_function *function; // NULL: the whole module
};

struct ks_deps_cycle {
    struct ks_deps_cycle *next;
    const struct ks_deps_image **images; // a, b: a imports b, b imports a
    size_t count;
};

struct ks_deps_storage;

struct ks_deps {
    struct ks_deps_image *images;
    struct ks_deps_missing *missing;
    struct ks_deps_cycle *cycles;
    size_t image_count, missing_modules, missing_functions, unusable; // unusable: asked for
    struct ks_deps_storage *storage;
};

// One file to look at.
struct ks_deps_operand {
    const char *path;
    bool member; // of a folder that the user named
};

struct ks_deps_request {
    const struct ks_deps_operand *operands;
    size_t operand_count;
    struct ks_host_folders *folders;
    const struct kldr_policy *policy;
};

// KLDR_ERROR_OUT_OF_MEMORY, or KLDR_ERROR_LIMIT for more than 65,536 images or 4,194,304 functions.
kldr_status ks_deps_create(const struct ks_deps_request *request, struct ks_deps **out_deps);
void ks_deps_destroy(struct ks_deps *deps);

// What the loader answers to a load of the image as a driver, with nothing else loaded, no routine
// called and every kernel function of Windows there. error says what was wrong.
kldr_status ks_deps_link(struct ks_deps *deps, const struct ks_deps_image *image,
                         const struct kldr_policy *policy, struct kldr_error *error);

// True when kernel modules of Windows have a file of that name (case ignored).
bool ks_deps_comes_with_windows(const char *name);

#endif
