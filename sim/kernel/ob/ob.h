// SPDX-License-Identifier: MIT
// Objects of the simulated kernel: bodies that drivers see, headers that only kldr sees, names,
// handles.
//
// An object lives as long as it is referenced. A handle is a reference, and so is standing in a
// directory. A name goes when the last handle is closed, unless the object is permanent
// (OBJ_PERMANENT). What is called "referenced" below is given back with ks_ob_dereference.
// Directories, links and types are made with the first object.
#ifndef KS_KERNEL_OB_H
#define KS_KERNEL_OB_H

#include "kernel/nt.h"

#include <kldr/ddk/ntdef.h>

enum ks_ob_type {
    KS_OB_ANY, // no type: whoever asks takes every one
    KS_OB_TYPE,
    KS_OB_DIRECTORY,
    KS_OB_SYMBOLIC_LINK,
    KS_OB_CALLBACK,
    KS_OB_CONTROLLER,
    KS_OB_DEVICE,
    KS_OB_DRIVER,
    KS_OB_EVENT,
    KS_OB_FILE,
    KS_OB_KEY,
    KS_OB_MUTANT,
    KS_OB_PROCESS,
    KS_OB_SECTION,
    KS_OB_SEMAPHORE,
    KS_OB_THREAD,
    KS_OB_TIMER,
    KS_OB_TOKEN,
    KS_OB_TYPES
};

struct ks_object {
    uint64_t body; // address that drivers know it by
    enum ks_ob_type type;
    uint32_t attributes; // OBJ_PERMANENT, OBJ_EXCLUSIVE
    int64_t references;  // handles and the directory included
    uint32_t handles;
    bool deleting;
    char *name;                  // last component; NULL: none
    uint32_t name_hash;          // ks_nt_text_hash
    struct ks_object *directory; // where the name stands; NULL: nowhere (any more)
    struct ks_object *first;     // of a directory: what stands in it, in order of insertion
    struct ks_object *sibling;
    char *target;                      // of a symbolic link
    uint64_t maker;                    // code on whose behalf it was made; 0: kldr's own
    void *data;                        // its type's own
    struct ks_object *next, *previous; // of all, in order of creation
    struct ks_object *bucket;          // next of the same hash
};

// ---- objects (ob_object.c) ----

// An object with a zeroed body of size bytes, unnamed, referenced once. maker: the address of the
// code that asks (call->caller). NULL: no memory.
struct ks_object *ks_ob_create(struct kldr_world *world, enum ks_ob_type type, uint64_t size,
                               uint64_t maker);
// The object whose body is at an address. NULL: there is none (any more).
struct ks_object *ks_ob_find(struct kldr_world *world, uint64_t body);
void ks_ob_reference(struct ks_object *object);
// The last reference ends the object, which may call drivers (a file object's IRP_MJ_CLOSE).
void ks_ob_dereference(struct kldr_world *world, struct ks_object *object);
// All objects in order of creation, NULL before the first; NULL after the last.
struct ks_object *ks_ob_next(struct kldr_world *world, const struct ks_object *object);

// ---- types (ob_type.c) ----

// What somebody looks for by name.
struct ks_ob_lookup {
    struct ks_object *root; // a directory, or what its type can parse; NULL: the namespace's root
    const char *name;
    uint32_t attributes;  // OBJ_CASE_INSENSITIVE counts
    uint32_t access;      // for parse
    enum ks_ob_type type; // that is wanted
    void *context;        // between who looks up and the parse function of the type; NULL: none
};

// What is a type's own; functions may be NULL. rest: what follows in the path, "" or with a leading
// backslash.
struct ks_ob_type_info {
    const char *name;     // \ObjectTypes\name
    const char *variable; // of the kernel, that holds the type object's address; NULL: none
    uint32_t tag;         // of bodies
    uint32_t wait_offset; // of what is waited for, in the body
    // A handle was closed; handles is what is left of them.
    void (*close)(struct kldr_world *world, struct ks_object *object, uint32_t handles);
    // The last reference has gone. The body is still there; data must be freed here.
    void (*end)(struct kldr_world *world, struct ks_object *object);
    // The path goes on behind an object of this type, or ends here and another type is wanted.
    // Gives a referenced object.
    NTSTATUS(*parse)
    (struct kldr_world *world, struct ks_object *object, const char *rest,
     const struct ks_ob_lookup *lookup, struct ks_object **out_object);
};

const struct ks_ob_type_info *ks_ob_type_info(enum ks_ob_type type);
// The address of a type object. 0: no memory.
uint64_t ks_ob_type_body(struct kldr_world *world, enum ks_ob_type type);
// KS_OB_ANY for 0. False: no type object is there.
bool ks_ob_type_find(struct kldr_world *world, uint64_t body, enum ks_ob_type *out_type);
// What a variable of the kernel holds that has the address of a type object.
uint64_t ks_ob_type_variable(struct kldr_world *world, const char *name);

// ---- names (ob_name.c, ob_lookup.c) ----

// Finds by name; links are followed, unless the link itself is wanted. Referenced.
NTSTATUS ks_ob_look_up(struct kldr_world *world, const struct ks_ob_lookup *lookup,
                       struct ks_object **out_object);
// By a full path, case ignored.
NTSTATUS ks_ob_look_up_path(struct kldr_world *world, const char *path, enum ks_ob_type type,
                            struct ks_object **out_object);
// Puts a new object where the lookup says. STATUS_OBJECT_NAME_COLLISION with *out_existing
// referenced (may be NULL) when something is there.
NTSTATUS ks_ob_enter(struct kldr_world *world, struct ks_object *object,
                     const struct ks_ob_lookup *lookup, struct ks_object **out_existing);
// Takes the name away from an object, whose reference by the directory goes.
void ks_ob_remove_name(struct kldr_world *world, struct ks_object *object);
// The object is no longer permanent; without handles its name goes now.
void ks_ob_make_temporary(struct kldr_world *world, struct ks_object *object);
// The full path, "" for one without name. NULL: no memory. Freed with ks_nt_text_free.
char *ks_ob_path(struct kldr_world *world, const struct ks_object *object);
// A symbolic link, permanent or not, referenced once more than by its directory.
NTSTATUS ks_ob_make_link(struct kldr_world *world, const struct ks_ob_lookup *lookup,
                         const char *target, uint64_t maker, struct ks_object **out_link);

// ---- OBJECT_ATTRIBUTES (ob_attributes.c) ----

struct ks_ob_attributes {
    struct ks_ob_lookup lookup; // name "" when there is none; text and root are owned
    bool named;
};

// Copies what a driver gives; address 0 is allowed and names nothing. To be ended with
// ks_ob_attributes_fini when STATUS_SUCCESS.
NTSTATUS ks_ob_attributes_init(struct kldr_world *world, uint64_t address,
                               struct ks_ob_attributes *out_attributes);
void ks_ob_attributes_fini(struct kldr_world *world, struct ks_ob_attributes *attributes);

// Names a new object and opens a handle. The creator's reference goes, also on failure. When the
// name exists: STATUS_OBJECT_NAME_COLLISION, or with OBJ_OPENIF a handle on what is there and
// STATUS_OBJECT_NAME_EXISTS. out_handle NULL: no handle; out_object NULL or gets a reference.
NTSTATUS ks_ob_insert(struct kldr_world *world, struct ks_object *object,
                      const struct ks_ob_attributes *attributes, uint32_t access,
                      uint64_t *out_handle, struct ks_object **out_object);
// Opens a handle on what attributes name. STATUS_OBJECT_TYPE_MISMATCH, ...
NTSTATUS ks_ob_open(struct kldr_world *world, const struct ks_ob_attributes *attributes,
                    enum ks_ob_type type, uint32_t access, uint64_t maker, uint64_t *out_handle);

// ---- handles (ob_handle.c) ----

#define KS_OB_KERNEL_HANDLE UINT64_C(0xFFFFFFFF80000000) // set in those of OBJ_KERNEL_HANDLE

// attributes: OBJ_KERNEL_HANDLE, OBJ_INHERIT.
NTSTATUS ks_ob_handle_create(struct kldr_world *world, struct ks_object *object, uint32_t access,
                             uint32_t attributes, uint64_t maker, uint64_t *out_handle);
// Access is checked in user mode only. Referenced. STATUS_INVALID_HANDLE,
// STATUS_OBJECT_TYPE_MISMATCH, STATUS_ACCESS_DENIED.
NTSTATUS ks_ob_handle_reference(struct kldr_world *world, uint64_t handle, enum ks_ob_type type,
                                uint32_t access, bool user_mode, struct ks_object **out_object);
// What was granted when it was opened.
bool ks_ob_handle_rights(struct kldr_world *world, uint64_t handle, uint32_t *out_access,
                         uint32_t *out_attributes);
NTSTATUS ks_ob_handle_close(struct kldr_world *world, uint64_t handle);
// Open handles in order of their numbers, from 0; false past the last.
bool ks_ob_handle_next(struct kldr_world *world, size_t *index, uint64_t *out_handle,
                       struct ks_object **out_object, uint64_t *out_maker);

// ---- writing back ----

// Touches memory that results go to, before anything is done: a bad pointer faults here.
void ks_ob_probe(uint64_t address, size_t size);

#endif
