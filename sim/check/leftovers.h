// SPDX-License-Identifier: MIT
// What an image leaves behind when it goes: pool that it allocated, objects that it made, code of
// it that would still be called (findings leaked-pool and leaked-object). And who owns what while
// it is there.
#ifndef KS_CHECK_LEFTOVERS_H
#define KS_CHECK_LEFTOVERS_H

#include <kldr/world.h>

struct ks_instance;

// A range of addresses that one image has.
struct ks_leftovers_image {
    uint64_t base, end;
    uint32_t module_id;
    const char *name;
    struct ks_instance *instance; // for its source lines; NULL: none are told
};

// Tells what is left of an image, whose range is about to be given up.
void ks_leftovers_report(struct kldr_world *world, const struct ks_leftovers_image *image);

// A tag as people write it: its bytes in memory order; what cannot be printed is a dot.
void ks_leftovers_tag(uint32_t tag, char text[5]);
// Tells of count framework objects of a type that are left when a driver leaves the framework.
void ks_leftovers_framework(struct kldr_world *world, uint32_t module_id, const char *type,
                            uint32_t count);

// Pool that is not freed, each tag with its bytes, tags in bytewise order of their text.
void ks_leftovers_pool(struct kldr_world *world, const char *module,
                       void (*see)(void *user, const char *tag, uint64_t bytes), void *user);

#endif
