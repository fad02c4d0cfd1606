// SPDX-License-Identifier: MIT
// What the loader needs from its user: files, memory for images, somebody who runs routines,
// somebody who listens. The loader itself opens nothing, prints nothing and owns no global.
#ifndef KLDR_HOST_H
#define KLDR_HOST_H

#include <kldr/alloc.h>
#include <kldr/event.h>
#include <kldr/image.h>

// An open file: size bytes, valid until close_image.
struct kldr_host_file {
    const void *bytes;
    size_t size;
    void *cookie; // the host's
};

enum kldr_open_purpose {
    KLDR_OPEN_LOAD, // a load: part of the simulation
    KLDR_OPEN_LOOK, // only to list all that is missing (A22): leaves no trace in the simulation
};

// Where an image is to be placed.
struct kldr_map_request {
    const char *path;
    const struct kldr_image *image; // file layout
    uint64_t preferred_base;
    uint32_t size; // SizeOfImage
};

// Where it was placed. memory has size writable bytes and belongs to the host.
struct kldr_mapping {
    uint8_t *memory;
    uint64_t base; // simulated address of memory[0]
    uint32_t size;
    void *cookie; // the host's
};

enum kldr_routine { KLDR_ROUTINE_DLLINITIALIZE, KLDR_ROUTINE_DLLUNLOAD };

// A routine the loader wants run.
struct kldr_routine_call {
    enum kldr_routine routine;
    uint32_t module_id;
    uint32_t rva;
    const char *registry_path; // DllInitialize's argument (N4); dead after the call (N5)
};

// A missing import under missing_imports: trap.
struct kldr_missing_import {
    uint32_t importer_id;
    const char *importer;
    const char *module;
    const char *symbol; // NULL: by ordinal
    uint32_t ordinal;
};

// An import that was found in a core image (ntoskrnl.exe, hal.dll) and is about to be bound.
struct kldr_core_import {
    uint32_t importer_id;
    uint32_t target_id;
    const char *symbol; // NULL: by ordinal
    uint32_t ordinal;
    uint32_t rva; // in the core image
};

// Operations of the simulated loader that a scenario can make fail.
enum kldr_fault {
    KLDR_FAULT_ALLOCATION,  // the loader's own memory: a module's entry, DllInitialize's argument
    KLDR_FAULT_MAP,         // placing an image
    KLDR_FAULT_READ,        // reading an opened file
    KLDR_FAULT_IMPORT_LIST, // the import list of an image that imports something (R19)
    KLDR_FAULT_POOL,        // pool that driver code asks for: the loader never asks for this one
};

// The callbacks. Required: open_image, close_image, map_image, unmap_image, call_routine.
struct kldr_host {
    void *user;
    struct kldr_allocator allocator; // all zero: the default one

    // Opens a file by its simulated path. STATUS_OBJECT_NAME_NOT_FOUND or
    // STATUS_OBJECT_PATH_NOT_FOUND when it is not there (L8); any other failure is passed on
    // unchanged.
    kldr_status (*open_image)(void *user, const char *path, enum kldr_open_purpose purpose,
                              struct kldr_host_file *out_file);
    void (*close_image)(void *user, struct kldr_host_file *file);

    // Reserves a place. Failure is passed on (KLDR_ERROR_OUT_OF_MEMORY when the host is out of
    // memory).
    kldr_status (*map_image)(void *user, const struct kldr_map_request *request,
                             struct kldr_mapping *out_mapping);
    // module_id is 0 when the image never became a module. module_name may then be NULL.
    void (*unmap_image)(void *user, const struct kldr_mapping *mapping, uint32_t module_id,
                        const char *module_name);

    // Runs a routine and returns its status. KLDR_ERROR_STOPPED or KLDR_ERROR_LIMIT ends the
    // simulation: the loader then returns that status from everything, without unwinding and
    // without further events. The routine may use the loader again, loads and unloads included.
    kldr_status (*call_routine)(void *user, const struct kldr_routine_call *call);

    // Called when an image is completely bound, before its notification. Optional (section rights,
    // notify routines). It may use the loader again and may end the simulation.
    void (*image_ready)(void *user, uint32_t module_id);

    // Optional. An address to bind a missing import to, under missing_imports: trap. Without this
    // callback trap behaves as fail.
    kldr_status (*trap_import)(void *user, const struct kldr_missing_import *missing,
                               uint64_t *out_address);

    // Optional. May refuse (KLDR_ERROR_NOT_IMPLEMENTED) an import from a core image, for instance a
    // kernel function that Windows has and this simulation lacks.
    kldr_status (*core_import)(void *user, const struct kldr_core_import *import);

    // Optional. An import names a module that is not loaded and lies in none of its places. The
    // host may add a core image of that name now (kldr_loader_add_core), and then answers true.
    // name has name_length bytes and is not terminated.
    bool (*add_core)(void *user, const char *name, size_t name_length);

    // Optional. Asked before each operation that may fail; anything but STATUS_SUCCESS is the
    // status it fails with, as a status of the simulated kernel.
    kldr_status (*inject_fault)(void *user, enum kldr_fault fault);

    // Optional. Gets every event.
    void (*on_event)(void *user, const struct kldr_event *event);
};

#endif
