// SPDX-License-Identifier: MIT
// The registry: keys and values of kldr's own, key objects that drivers open, and what services of
// the scenario have there.
//
// Names are UTF-8; case does not count. Subkeys are in the order of their upper-case names, values
// in the order in which they were made. A key that is deleted stays as long as an object stands for
// it, and answers STATUS_KEY_DELETED.
#ifndef KS_KERNEL_CM_H
#define KS_KERNEL_CM_H

#include "kernel/ob/ob.h"

struct ks_cm_value {
    struct ks_cm_value *next;
    char *name; // "": the default value
    uint32_t type;
    uint32_t size;
    uint8_t *data;
};

struct ks_cm_key {
    struct ks_cm_key *parent, *first, *sibling;
    struct ks_cm_value *values;
    char *name;
    char *class_name;        // NULL: none
    struct ks_cm_key *alias; // this key stands for another
    uint64_t written;        // time of the last change
    uint32_t references;     // key objects
    uint64_t id;             // no other key has or had it
    bool deleted, is_volatile;
};

// The root, \REGISTRY. NULL: no memory.
struct ks_cm_key *ks_cm_root(struct kldr_world *world);

// ---- the tree (cm_tree.c) ----

// The part of a path up to the next backslash, in a key. NULL: none.
struct ks_cm_key *ks_cm_child(const struct ks_cm_key *key, const char *name, size_t length);
// Makes it when it is not there. NULL: no memory.
struct ks_cm_key *ks_cm_make_child(struct kldr_world *world, struct ks_cm_key *parent,
                                   const char *name, size_t length);
// Along a whole path below a key; "" is the key itself. make: what is missing is made.
struct ks_cm_key *ks_cm_walk(struct kldr_world *world, struct ks_cm_key *from, const char *path,
                             bool make);
struct ks_cm_key *ks_cm_subkey_at(const struct ks_cm_key *key, uint32_t index);
// Takes the key out of the tree. Its memory goes with its last object.
void ks_cm_delete_key(struct kldr_world *world, struct ks_cm_key *key);
// The last object of a key has gone.
void ks_cm_release(struct kldr_world *world, struct ks_cm_key *key);
void ks_cm_free_tree(struct kldr_world *world, struct ks_cm_key *key);
// \REGISTRY\MACHINE\... NULL: no memory. Freed with ks_nt_text_free.
char *ks_cm_path(struct kldr_world *world, const struct ks_cm_key *key);

// ---- values (cm_value.c) ----

struct ks_cm_value *ks_cm_value(const struct ks_cm_key *key, const char *name);
struct ks_cm_value *ks_cm_value_at(const struct ks_cm_key *key, uint32_t index);
// Makes or replaces it. data NULL: size bytes of zeros. False: no memory.
bool ks_cm_set_value(struct kldr_world *world, struct ks_cm_key *key, const char *name,
                     uint32_t type, const void *data, uint32_t size);
bool ks_cm_set_number(struct kldr_world *world, struct ks_cm_key *key, const char *name,
                      uint32_t number);
// Text as REG_SZ, REG_EXPAND_SZ, ...: UTF-16 with an end.
bool ks_cm_set_text(struct kldr_world *world, struct ks_cm_key *key, const char *name,
                    uint32_t type, const char *text);
// False: there is none.
bool ks_cm_delete_value(struct kldr_world *world, struct ks_cm_key *key, const char *name);

// ---- key objects (cm_key.c) ----

// For ks_ob_lookup.context of a lookup that makes the last key of the path when it is not there.
struct ks_cm_create {
    const char *class_name; // NULL: none
    bool is_volatile;
    bool made; // result
};

// The parse and end functions of the type.
NTSTATUS ks_cm_parse(struct kldr_world *world, struct ks_object *object, const char *rest,
                     const struct ks_ob_lookup *lookup, struct ks_object **out_object);
void ks_cm_end(struct kldr_world *world, struct ks_object *object);
// The object \REGISTRY, referenced once. NULL: no memory.
struct ks_object *ks_cm_make_root_object(struct kldr_world *world);
// The key behind a handle; its object is referenced. STATUS_KEY_DELETED, ...
NTSTATUS ks_cm_of_handle(struct kldr_world *world, uint64_t handle, struct ks_object **out_object,
                         struct ks_cm_key **out_key);

// The same as a UNICODE_STRING for drivers: a new one, given back with ks_nt_give, or the one that
// the object keeps. 0: no memory.
#define KS_CM_TAG_NAME 0x6D4E4D43u // 'CMNm'
uint64_t ks_cm_make_name_of_object(struct kldr_world *world, const struct ks_object *object);
uint64_t ks_cm_name_of_object(struct kldr_world *world, const struct ks_object *object);
uint64_t ks_cm_id_of_object(const struct ks_object *object);
// The full name of a key by its object, "" for a deleted one. Freed with ks_nt_text_free.
char *ks_cm_path_of_object(struct kldr_world *world, const struct ks_object *object);

// ---- what is there from the start (cm_setup.c) ----

// Fills a new registry. False: no memory.
bool ks_cm_set_up(struct kldr_world *world, struct ks_cm_key *root);
// Keys of the world's services that have none yet are made; before anybody looks into Services.
bool ks_cm_add_services(struct kldr_world *world, struct ks_cm_key *services);

#endif
