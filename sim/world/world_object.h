// SPDX-License-Identifier: MIT
// The world object, for the files of sim/world, sim/kernel, sim/engine and sim/check. Everybody
// else uses <kldr/world.h> and world/world_steps.h.
#ifndef KS_WORLD_OBJECT_H
#define KS_WORLD_OBJECT_H

#include "check/findings.h"
#include "engine/engine.h"
#include "kernel/image/kernel_images.h"
#include "world/address_space.h"
#include "world/disk.h"
#include "world/hardware.h"
#include "world/service.h"

struct ks_fault_sweep;
struct ks_io_device;
struct ks_io_extension;
struct ks_native;
struct ks_nt;
struct ks_object;

struct kldr_kernel {
    struct ks_kernel_images *images;
    struct kldr_allocator allocator;
};

// Whether a check of drivers is made in a world.
#define KS_CHECKED(world, check) kldr_checks_has(&(world)->options.checks, KLDR_CHECK_##check)

// A driver object.
struct ks_driver {
    struct ks_driver *next;
    uint32_t module_id;
    char *service;            // key name, as given
    char *object_name;        // \Driver\<service>
    void *engine_data;        // the engine's (host: struct kldr_driver_object)
    uint32_t handles;         // open on its device (H12)
    bool unload_pending;      // waits for the last handle
    bool unloading;           // DriverUnload has been called
    bool gone;                // unloaded, and the object has no name any more: others still hold it
    bool declared;            // described by the scenario, and not code
    struct ks_object *object; // DRIVER_OBJECT; NULL: no code sees it
    uint64_t strings[3];      // it points to
    struct ks_io_device *devices;       // in order of creation
    struct ks_io_extension *extensions; // of others, on it
};

// A work item that a routine left behind (U12).
struct ks_work_item {
    struct ks_work_item *next;
    char *name;
    char *module; // base name of the image that left it
    uint32_t module_id;
};

// What an import was bound to under missing_imports: trap.
struct ks_trap {
    char *text; // "module!symbol"
};

// One fault to inject: operation number n of a kind, counted from when the frame was put up.
struct ks_injected_fault {
    uint32_t operation; // ke_fallible.h
    uint32_t n;
    kldr_status status;
    uint32_t seen;
};

// The faults of one step. An operation inside nested steps counts for all of them.
struct ks_fault_frame {
    struct ks_fault_frame *outer;
    struct ks_injected_fault *faults;
    size_t count;
};

struct kldr_world {
    struct kldr_allocator allocator;
    struct kldr_world_options options;
    const struct kldr_kernel *kernel;
    struct kldr_kernel *own_kernel;
    struct kldr_loader *loader;
    struct ks_disk *disk;
    struct ks_address_space addresses;
    bool host_kernel;         // some host driver is served by the simulated kernel
    struct ks_native *native; // options.cpu native: where code of real images runs
    struct ks_nt *nt;         // the simulated kernel, once a driver needed it
    uint64_t memory_used;
    struct ks_service_list services;
    struct ks_hardware_list hardware;
    struct ks_driver *drivers;    // in order of creation
    struct ks_id_set load_images; // modules with a load_image reference (M3, A35)
    struct ks_work_item *work_items;
    struct ks_trap *traps;
    size_t trap_count, trap_capacity;
    const char *const *blocked; // images the driver database refuses (H18); borrowed
    size_t blocked_count;
    struct ks_fault_frame *faults; // injected faults of the steps under way, innermost first
    struct ks_fault_sweep *sweep;  // borrowed; NULL: no operations are counted
    struct ks_findings findings;
    struct kldr_bugcheck bugcheck;
    bool has_bugcheck;
    bool uncalled; // a routine of a real image was not called (engine none)
    uint32_t call_depth;
    uint32_t step_depth;  // nesting of steps (a step inside `do`)
    uint32_t step_number; // outermost step
    uint32_t steps_run;
    uint64_t deadline; // platform clock in ns; 0: none
    struct ks_file *(*find_missing_file)(struct kldr_world *world,
                                         const char *path); // host folders; may be NULL
    // The PDBs of an image of the host (ks_symbols_read), by the image's path; may be NULL.
    bool (*read_symbols)(struct kldr_world *world, const char *path, const char *name,
                         unsigned number, uint8_t **out_bytes, size_t *out_size);
    void *scenario; // the scenario runner's
};

#endif
