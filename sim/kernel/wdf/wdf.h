// SPDX-License-Identifier: MIT
// The kernel-mode driver framework: what its files share.
//
// A client is a driver that is bound. Its objects are records of kldr's own; drivers know them by
// handles, which are addresses of small blocks that hold nothing. An object is referenced by its
// own life, which ends when it or an object above it is deleted, and by WdfObjectReference. The end
// comes in two parts, as documented: from the farthest descendants up, the cleanup callbacks; then,
// with the last reference, the destroy callbacks, and contexts and the rest go.
#ifndef KS_KERNEL_WDF_H
#define KS_KERNEL_WDF_H

#include "kernel/nt.h"

#include <kldr/ddk/wdf_types.h>

#define KS_WDF_TAG 0x57784624u // "$FxW" of the framework's own memory

enum ks_wdf_type {
    KS_WDF_ANY, // whoever asks takes every one
    KS_WDF_DRIVER,
    KS_WDF_OBJECT, // of WdfObjectCreate
    KS_WDF_MEMORY,
    KS_WDF_SPIN_LOCK,
    KS_WDF_WAIT_LOCK,
    KS_WDF_STRING,
    KS_WDF_COLLECTION,
    KS_WDF_KEY,
    KS_WDF_DEVICE,
    KS_WDF_QUEUE,
    KS_WDF_REQUEST,
    KS_WDF_FILE,
    KS_WDF_TYPES
};

struct ks_wdf_client;

struct ks_wdf_context {
    struct ks_wdf_context *next; // the one that the object was made with is the first
    uint64_t type;               // unique type; 0: none, only callbacks
    uint64_t block;              // the driver's part; 0: none
    uint64_t cleanup, destroy;   // callbacks; 0: none
};

// What a type of object keeps.
union ks_wdf_data {
    struct {
        uint64_t object, path; // DRIVER_OBJECT; UNICODE_STRING of the registry path
        uint64_t add, unload;  // callbacks
    } driver;
    struct {
        uint64_t buffer, size;
        bool own;
    } memory;
    struct {
        bool held;
        uint8_t irql;   // before it was taken
        uint64_t owner; // thread; 0: nobody
        uint64_t event; // of a wait lock
    } lock;
    uint64_t string; // UNICODE_STRING
    struct {
        struct ks_wdf_object **items; // each referenced
        uint32_t count, capacity;
    } collection;
    uint64_t key; // handle; 0: closed
    struct ks_wdf_device *device;
    struct ks_wdf_queue *queue;
    struct {
        uint64_t irp;                         // 0: completed, or its device is gone
        struct ks_wdf_object *device, *queue; // queue NULL: in none
    } request;
    struct {
        uint64_t object;              // FILE_OBJECT
        struct ks_wdf_object *device; // NULL: gone
    } file;
};

struct ks_wdf_object {
    struct ks_wdf_object *next, *previous; // of the client
    struct ks_wdf_object *bucket;          // next of the same hash
    struct ks_wdf_object *parent, *first, *sibling;
    struct ks_wdf_client *client;
    struct ks_wdf_context *contexts;
    uint64_t handle;
    uint32_t references;
    enum ks_wdf_type type;
    bool deleted; // its end has begun
    bool dropped; // the reference of its own life is gone
    bool gone;    // and so is the last one: destroy callbacks run
    union ks_wdf_data data;
};

struct ks_wdf_client {
    struct ks_wdf_client *next;
    uint64_t globals;       // WDF_DRIVER_GLOBALS
    uint64_t driver_object; // that bound itself
    uint64_t module;        // what WDF_BIND_INFO.Module holds
    struct ks_wdf_object *objects, *driver;
    uint32_t busy;             // callbacks that run while the framework goes through its objects
    struct ks_wdf_init *inits; // WDFDEVICE_INIT structures that no device was made of
};

// ---- clients (wdf_bind.c) ----

// The client of a call, by its first argument, WDF_DRIVER_GLOBALS. NULL: there is none, and the
// system has stopped.
struct ks_wdf_client *ks_wdf_client(const struct ks_kernel_call *call);
struct ks_wdf_client *ks_wdf_client_of_driver(struct kldr_world *world, uint64_t driver_object);

// ---- what is wrong with a call (wdf_check.c) ----

// The object of that type behind an argument. NULL: none, and the system has stopped.
struct ks_wdf_object *ks_wdf_argument(const struct ks_kernel_call *call, unsigned index,
                                      enum ks_wdf_type type);
// Whether all of the arguments of these numbers are there; else the system has stopped.
bool ks_wdf_given(const struct ks_kernel_call *call, unsigned count, const unsigned *indexes);
// Stops with WDF_VIOLATION; returns 0.
uint64_t ks_wdf_violation(const struct ks_kernel_call *call, uint64_t kind, uint64_t second,
                          uint64_t third, const char *text);

// ---- objects (wdf_object.c) ----

// How attributes may be given.
enum ks_wdf_allow { KS_WDF_PARENT = 1, KS_WDF_LEVELS = 2 };

// The status that a wrong WDF_OBJECT_ATTRIBUTES has, which may be NULL.
NTSTATUS ks_wdf_object_check(const struct ks_kernel_call *call, uint64_t attributes,
                             unsigned allow);
// Makes an object with context, callbacks and parent of checked attributes; its parent is the one
// they name, else this one, else the driver. The status is STATUS_INSUFFICIENT_RESOURCES or
// success.
NTSTATUS ks_wdf_object_make(const struct ks_kernel_call *call, struct ks_wdf_client *client,
                            enum ks_wdf_type type, uint64_t attributes,
                            struct ks_wdf_object *parent, struct ks_wdf_object **out_object);
void ks_wdf_object_reference(struct ks_wdf_object *object);
void ks_wdf_object_release(const struct ks_kernel_call *call, struct ks_wdf_object *object);
// With all that is below it.
void ks_wdf_object_end(const struct ks_kernel_call *call, struct ks_wdf_object *object);
// Frees the record and its memory; nobody is called.
void ks_wdf_object_free(struct kldr_world *world, struct ks_wdf_object *object);
struct ks_wdf_object *ks_wdf_object_find(struct kldr_world *world, uint64_t handle);
void ks_wdf_object_unlist(struct kldr_world *world, const struct ks_wdf_object *object);
// The context of a type. NULL: it has none.
struct ks_wdf_context *ks_wdf_object_context(const struct ks_wdf_object *object, uint64_t type);
// Adds one of checked attributes, which may be NULL, behind those that there are. NULL: no memory.
struct ks_wdf_context *ks_wdf_object_add_context(struct kldr_world *world,
                                                 struct ks_wdf_object *object,
                                                 const WDF_OBJECT_ATTRIBUTES *given);

NTSTATUS ks_wdf_string_assign(struct kldr_world *world, struct ks_wdf_object *object,
                              const char *text);
// Ends what a type keeps.
void ks_wdf_collection_empty(const struct ks_kernel_call *call, struct ks_wdf_object *object);
void ks_wdf_registry_shut(const struct ks_kernel_call *call, struct ks_wdf_object *object);

// The state of the framework in a world.
#define KS_WDF_BUCKETS 1024u

struct ks_wdf_state {
    struct ks_wdf_object *buckets[KS_WDF_BUCKETS]; // by handle
    struct ks_wdf_client *clients;
    bool loaded; // Wdf01000.sys is there
    uint64_t table;
};
// NULL: no memory.
struct ks_wdf_state *ks_wdf_state(struct kldr_world *world);

// Puts a handle where the argument of that number points, unless that is NULL.
void ks_wdf_put_handle(const struct ks_kernel_call *call, unsigned index, uint64_t handle);

#endif
