// SPDX-License-Identifier: MIT
// How routines of loaded images are run. The loader says "call this", the world finds the image's
// engine, the engine runs it. An engine never touches counts or the module list.
#ifndef KS_ENGINE_H
#define KS_ENGINE_H

#include "world/disk.h"

#include <kldr/world.h>

struct ks_driver;
struct ks_io_answer;

// One loaded image, from mapping to unmapping.
struct ks_instance {
    struct kldr_world *world;
    struct ks_file *file; // what it was loaded from; kept though the file may be deleted (L11)
    uint64_t base;
    uint32_t size;
    void *state;    // the engine's, for this instance
    bool discarded; // sections that are needed for DriverEntry only are gone
};

enum ks_call_kind {
    KS_CALL_DLLINITIALIZE,
    KS_CALL_DLLUNLOAD,
    KS_CALL_DRIVERENTRY,
    KS_CALL_DRIVERUNLOAD,
    KS_CALL_ROUTINE, // an export or another routine: a 64-bit result instead of a status
};

struct ks_call {
    enum ks_call_kind kind;
    uint32_t module_id;
    const char *module;    // BaseDllName
    const char *full_name; // FullDllName
    const char *routine;   // name for people
    uint32_t rva;
    const char *registry_path; // DllInitialize, DriverEntry
    const uint64_t *arguments; // KS_CALL_ROUTINE
    size_t argument_count;
    struct ks_driver *driver; // DriverEntry, DriverUnload
    bool returns_status;      // ROUTINE: AddDevice or a dispatch routine
    // Of a dispatch routine: what a declared one answers (kernel/io/io_request.h).
    struct ks_io_answer *answer;
};

struct ks_engine {
    const char *name;
    bool runs_code; // false: nothing is called and nobody is told that something was (engine none)
    // An image was mapped from a file of this engine. May set instance->state.
    kldr_status (*attach)(struct ks_instance *instance);
    // The image is completely bound.
    void (*ready)(struct ks_instance *instance, uint32_t module_id);
    // The image goes. Frees instance->state.
    void (*detach)(struct ks_instance *instance);
    // Runs a routine. *out_result is its status or 64-bit result. Returns KLDR_STATUS_SUCCESS when
    // it came back, else a status that ends the simulation.
    kldr_status (*call)(struct ks_instance *instance, const struct ks_call *call,
                        uint64_t *out_result);
    // The name of the routine at rva, or NULL.
    const char *(*routine_name)(const struct ks_instance *instance, uint32_t rva);
    // The address of a routine by name, exported or not; 0 when there is none.
    uint32_t (*routine_rva)(const struct ks_instance *instance, const char *name);
    // Whether the driver that DriverEntry set up has a DriverUnload.
    bool (*has_driver_unload)(const struct ks_instance *instance, const struct ks_driver *driver);
    // Whether it set up an AddDevice routine, which makes it a PnP driver. NULL: none does.
    bool (*is_pnp)(const struct ks_instance *instance, const struct ks_driver *driver);
};

extern const struct ks_engine ks_engine_none;
extern const struct ks_engine ks_engine_host;
extern const struct ks_engine ks_engine_native;

#endif
