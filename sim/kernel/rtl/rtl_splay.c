// SPDX-License-Identifier: MIT
#include "kernel/rtl/rtl_splay.h"

typedef RTL_SPLAY_LINKS node;

void ks_splay_link(node *parent, bool left, node *child)
{
    if (left) {
        parent->LeftChild = child;
    } else {
        parent->RightChild = child;
    }
    if (child != NULL) {
        child->Parent = parent;
    }
}

static void rotate_up(node *at)
{
    node *parent = at->Parent, *grand = parent->Parent;
    bool left = parent->LeftChild == at;
    ks_splay_link(parent, left, left ? at->RightChild : at->LeftChild);
    ks_splay_link(at, !left, parent);
    at->Parent = grand;
    if (grand != NULL) {
        if (grand->LeftChild == parent) {
            grand->LeftChild = at;
        } else {
            grand->RightChild = at;
        }
    }
}

node *ks_splay(node *at)
{
    while (at->Parent != NULL) {
        node *parent = at->Parent;
        if (parent->Parent != NULL) {
            bool same = (parent->LeftChild == at) == (parent->Parent->LeftChild == parent);
            rotate_up(same ? parent : at);
        }
        rotate_up(at);
    }
    return at;
}

node *ks_splay_first(node *root)
{
    while (root != NULL && root->LeftChild != NULL) {
        root = root->LeftChild;
    }
    return root;
}

node *ks_splay_next(node *at)
{
    if (at->RightChild != NULL) {
        return ks_splay_first(at->RightChild);
    }
    while (at->Parent != NULL && at->Parent->RightChild == at) {
        at = at->Parent;
    }
    return at->Parent;
}

node *ks_splay_remove(node *at)
{
    ks_splay(at);
    node *left = at->LeftChild, *right = at->RightChild;
    if (right != NULL) {
        right->Parent = NULL;
    }
    if (left == NULL) {
        return right;
    }
    left->Parent = NULL;
    node *last = left;
    while (last->RightChild != NULL) {
        last = last->RightChild;
    }
    ks_splay(last);
    ks_splay_link(last, false, right);
    return last;
}
