// SPDX-License-Identifier: MIT
// The image loader: MmLoadSystemImage and MmUnloadSystemImage over a module list, for a chosen
// policy.
//
// Not safe for use from two threads at once; two loaders are independent. Modules are named by ids
// that are never used twice in one loader, so an id of a module that is gone is harmless.
#ifndef KLDR_LOADER_H
#define KLDR_LOADER_H

#include <kldr/host.h>
#include <kldr/policy.h>

struct kldr_loader;

// Reaching one of these, or 262,144 functions imported by one image, ends the simulation with
// KLDR_ERROR_LIMIT.
#define KLDR_FORWARDER_CHAIN_LIMIT 32u // forwarders followed one after the other (A29)

struct kldr_loader_limits {
    uint32_t depth;         // nested loads and unloads; 0: 1,024 (up to 2 KiB of stack each)
    uint32_t modules;       // modules loaded at once; 0: 65,536
    uint32_t size_of_image; // bytes; 0: 256 MiB
};

struct kldr_loader_options {
    struct kldr_policy policy;
    enum kldr_machine machine; // of the simulated system; UNKNOWN: x64
    struct kldr_loader_limits limits;
};

// Makes a loader with an empty module list. host is copied; host->user must outlive the loader.
kldr_status kldr_loader_create(const struct kldr_loader_options *options,
                               const struct kldr_host *host, struct kldr_loader **out_loader,
                               struct kldr_error *error);

// Frees everything. No routine is called, no event sent; mappings are given back to the host.
void kldr_loader_destroy(struct kldr_loader *loader);

// Adds a core image (ntoskrnl.exe, hal.dll): listed, with the boot sentinel, never unloaded (U16),
// and not among those that the limit of modules counts. image must be in mapped layout, its memory
// unchanged while the loader lives; it stays the caller's.
kldr_status kldr_loader_add_core(struct kldr_loader *loader, const char *full_name,
                                 const struct kldr_image *image, uint64_t base, uint32_t *out_id);

// An image that the OS loader brought into memory.
struct kldr_boot_entry {
    const char *path; // full name, as the OS loader gives it (B1)
    bool dependent;   // the OS loader's mark: loaded for an import (DRIVER_DEPENDENT_DLL)
};

// The boot phase as far as the image loader goes (B1 to B5): lists the images in the OS loader's
// order, bound among themselves and to the kernel; finds their counts (knob boot_imports); calls
// DllInitialize of the dependents in list order and ignores what it returns. The others have
// LoadCount 1 for the driver objects that the caller makes. Only on a loader that has loaded
// nothing yet. out_ids[entry_count]. Any failure means that the list is not one that an OS loader
// could have left: nothing is listed then.
kldr_status kldr_loader_boot(struct kldr_loader *loader, const struct kldr_boot_entry *entries,
                             size_t entry_count, uint32_t *out_ids, struct kldr_error *error);

enum kldr_load_purpose {
    KLDR_LOAD_DRIVER, // for the I/O manager, which will make a driver object
    KLDR_LOAD_IMAGE,  // the image alone (M3)
};

// MmLoadSystemImage (facts L, R, S, N). *out_id is the module, also with
// STATUS_IMAGE_ALREADY_LOADED and STATUS_IMAGE_ALREADY_LOADED_AS_DLL (both failures: the count is
// unchanged, L4). error may be NULL. After any other failure the module list is as before, except
// for dependencies that refused to go (U6). STATUS_OBJECT_NAME_NOT_FOUND and others from open_image
// come back unchanged (L8); own failures are 0xE, among them KLDR_ERROR_BUSY from an event's
// receiver.
kldr_status kldr_loader_load(struct kldr_loader *loader, const char *path,
                             enum kldr_load_purpose purpose, uint32_t *out_id,
                             struct kldr_error *error);

// MmUnloadSystemImage for the reference that kldr_loader_load gave (U1, U11): DllUnload of the
// module itself is not asked. purpose names whose reference it is. Success in all cases but
// KLDR_ERROR_NOT_FOUND (no such module), KLDR_ERROR_BUSY (its load has not ended yet, or the call
// comes from an event's receiver) and the end of the simulation.
kldr_status kldr_loader_unload(struct kldr_loader *loader, uint32_t id,
                               enum kldr_load_purpose purpose);

// True after call_routine ended the simulation. *out_status gets the reason; it may be NULL.
bool kldr_loader_stopped(const struct kldr_loader *loader, kldr_status *out_status);
// Ends the simulation from outside (a bugcheck in a driver's routine that the loader did not call).
// reason: KLDR_ERROR_STOPPED, KLDR_ERROR_LIMIT, KLDR_ERROR_SCENARIO or KLDR_ERROR_INTERNAL; any
// other counts as the first.
void kldr_loader_stop(struct kldr_loader *loader, kldr_status reason);

// ---- the module list ----

enum kldr_module_state {
    KLDR_MODULE_ABSENT,
    KLDR_MODULE_LOADING, // LOAD_IN_PROGRESS: its imports are being resolved
    KLDR_MODULE_LOADED,
    KLDR_MODULE_UNLOADING, // DllUnload agreed, or the last reference went; not yet off the list
};

struct kldr_module_info {
    uint32_t id;
    const char *base_name; // BaseDllName, as spelled by whoever loaded it first (A40)
    const char *full_name; // FullDllName, as spelled
    uint64_t base;
    uint32_t size;
    int32_t load_count; // LoadCount; meaningless when inactive
    enum kldr_module_state state;
    bool core;          // kernel image
    bool boot_sentinel; // counts unknown, never touched
    bool dependent;     // loaded because of an import (DRIVER_DEPENDENT_DLL)
    bool inactive;      // counting is not active (counting: both, C1)
    bool initialized;   // DllInitialize was called on this instance
    bool unload_asked;  // DllUnload was called on this instance by the loader
    bool refused;       // DllUnload refused, or could not be asked, when the last count went
    bool never_counted; // an import left it uncounted by name (R5)
    bool has_dllinitialize, has_dllunload; // exported undecorated and not forwarded (N2, U9)
    uint32_t import_count;                 // entries of its import list
    int32_t orphans;                // counted references on it that no import list holds (R19)
    void *cookie;                   // of its mapping (kldr_mapping); NULL for core images
    const struct kldr_image *image; // mapped layout
};

// Fills *out_info for a module of the list. False when the id is not (or no longer) listed.
// Strings live until the module goes.
bool kldr_loader_module(const struct kldr_loader *loader, uint32_t id,
                        struct kldr_module_info *out_info);

// List order: the first module, and the one after id. 0 at the end. Core images come first.
uint32_t kldr_loader_first(const struct kldr_loader *loader);
uint32_t kldr_loader_next(const struct kldr_loader *loader, uint32_t id);

// The first module in list order with that BaseDllName (R7) or FullDllName (L3), case ignored. 0:
// none.
uint32_t kldr_loader_find(const struct kldr_loader *loader, const char *base_name);
uint32_t kldr_loader_find_full(const struct kldr_loader *loader, const char *full_name);

// Entry number index (from 0) of a module's import list: the id it holds a count on. 0 past the
// last.
uint32_t kldr_loader_import(const struct kldr_loader *loader, uint32_t id, uint32_t index);

// One import cell of a loaded module.
struct kldr_binding {
    const char *module; // the descriptor's module name
    const char *symbol; // NULL: by ordinal
    uint32_t ordinal;
    uint32_t cell_rva;
    uint64_t address;   // what the cell holds
    uint32_t direct_id; // the module the descriptor was resolved to; 0 unresolved or stubbed
    bool bound;         // false: the walk never reached it (R2)
    bool forwarded;     // reached through a forwarder
    bool trapped;       // bound to a trap (missing_imports: trap)
};

// Visits the import cells of a module in file order until visit returns false.
// Returns false when the module is not listed.
bool kldr_loader_bindings(const struct kldr_loader *loader, uint32_t id,
                          bool (*visit)(void *user, const struct kldr_binding *binding),
                          void *user);

// ---- events ----

// Sends an event of the caller's through the loader's numbering and depth. seq and depth are set
// here.
void kldr_loader_emit(struct kldr_loader *loader, struct kldr_event *event);

// The nesting of loads and unloads at this moment.
uint32_t kldr_loader_depth(const struct kldr_loader *loader);

const struct kldr_policy *kldr_loader_policy(const struct kldr_loader *loader);
enum kldr_machine kldr_loader_machine(const struct kldr_loader *loader);

#endif
