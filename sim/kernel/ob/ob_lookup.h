// SPDX-License-Identifier: MIT
// Where a path leads, for the files of Ob.
#ifndef KS_KERNEL_OB_LOOKUP_H
#define KS_KERNEL_OB_LOOKUP_H

#include "kernel/ob/ob_state.h"

struct ks_ob_place {
    struct ks_object *object;    // found: referenced
    struct ks_object *directory; // not found: where it would stand
    const char *name;            // and as what, in the lookup's own text or in path
    char *path;                  // to be freed with ks_nt_text_free; NULL: no link was followed
};

// STATUS_SUCCESS: object. STATUS_OBJECT_NAME_NOT_FOUND with a name: only that is missing.
NTSTATUS ks_ob_walk(struct kldr_world *world, const struct ks_ob_lookup *lookup,
                    struct ks_ob_place *out_place);

#endif
