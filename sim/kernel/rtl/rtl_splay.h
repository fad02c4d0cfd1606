// SPDX-License-Identifier: MIT
// Splay trees in memory of drivers. A root has no parent.
#ifndef KS_KERNEL_RTL_SPLAY_H
#define KS_KERNEL_RTL_SPLAY_H

#include <kldr/ddk/wdm_table.h>

#include <stdbool.h>

void ks_splay_link(RTL_SPLAY_LINKS *parent, bool left, RTL_SPLAY_LINKS *child);
// The node becomes the root, which is returned.
RTL_SPLAY_LINKS *ks_splay(RTL_SPLAY_LINKS *at);
// Takes a node out. Returns the root of what is left, or NULL.
RTL_SPLAY_LINKS *ks_splay_remove(RTL_SPLAY_LINKS *at);
// In order; NULL when there is none.
RTL_SPLAY_LINKS *ks_splay_first(RTL_SPLAY_LINKS *root);
RTL_SPLAY_LINKS *ks_splay_next(RTL_SPLAY_LINKS *at);

#endif
