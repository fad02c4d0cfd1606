// SPDX-License-Identifier: MIT
// Between the files that make the graph.
#ifndef KS_DEPS_PARTS_H
#define KS_DEPS_PARTS_H

#include "deps/deps.h"
#include "scenario/arena.h"

struct ks_deps_storage {
    struct ks_arena arena;
    const struct ks_deps_request *request;
    struct ks_deps_image **end;         // where the next image is hung
    size_t functions;                   // of all images
    unsigned near_names;                // nearest names looked for: that is slow
    const struct ks_deps_image *linked; // the root of the load under way
    struct ks_deps_image **walk;        // room for all images
    const struct ks_deps_image *marked; // whose tree carries last_mark; NULL: none
    unsigned last_mark;
};

// All leave by the arena's jump when memory is out.

// False: a limit is reached.
bool ks_deps_read_all(struct ks_deps *deps);
// Which images are trees of their own, and the shortest ways from them.
void ks_deps_find_ways(struct ks_deps *deps);
// Marks the images that this one needs, itself included, unless the last mark did.
void ks_deps_mark_closure(struct ks_deps *deps, const struct ks_deps_image *image);
// The same for the tree that it is reached from.
void ks_deps_mark_tree(struct ks_deps *deps, const struct ks_deps_image *image);
void ks_deps_judge(struct ks_deps *deps);
void ks_deps_find_cycles(struct ks_deps *deps);
void ks_deps_list_exports(struct ks_deps *deps);
void ks_deps_list_missing(struct ks_deps *deps);

#endif
