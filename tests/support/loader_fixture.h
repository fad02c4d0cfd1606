// SPDX-License-Identifier: MIT
// A loader in a glass box: a host with files in memory, scripted routines, a record of every event
// as one line of text, and an allocator that counts and can be told to fail.
//
// Images are described by two texts and built as PE bytes:
//
//   exports  "F G=other.H Dup@7 DllUnload"       a routine, a forwarder, an ordinal; "" : no
//   directory imports  "b.sys:F,#7,G c.sys d.sys:F!"       descriptors; # by ordinal, ! without
//   lookup table
//
// Commands are "load NAME", "unload NAME", "load_image NAME" and "unload_image NAME", separated by
// "; ". A NAME without leading backslash is a file of the drivers folder, unless it begins with
// "=" and is to be taken as it stands. A routine may run
// commands, too. Whatever the fixture holds a reference on it can unload, and fixture_check knows
// of it.
#ifndef LOADER_FIXTURE_H
#define LOADER_FIXTURE_H

#include <kldr/image_builder.h>
#include <kldr/loader.h>

#define FIXTURE_DRIVERS "\\SystemRoot\\System32\\drivers\\"

struct fixture_file;
struct fixture_reference;
struct fixture_routine;

struct fixture_core {
    struct kldr_built_image built;
    struct kldr_image *image;
    uint32_t id;
};

struct fixture {
    struct kldr_loader *loader; // NULL between fixture_finish and fixture_start
    struct kldr_loader_options options;
    struct kldr_host host;
    struct kldr_error error; // of the last load
    uint32_t id;             // what the last load gave

    unsigned asked, fail_at, live; // of the allocator: requests, the one that fails, blocks in use
    // The n-th file opened for a load, image mapped, routine called fails with that status; 0:
    // none.
    unsigned opened, fail_open_at, mapped, fail_map_at, called, fail_call_at;
    kldr_status fail_status;
    const char *refused_symbol; // core_import refuses it; NULL: none

    unsigned open_files, live_mappings, traps;
    bool grants_bases; // images get their preferred base, else the next free address
    uint64_t next_base;
    uint64_t last_seq;
    void (*observe)(void *user, const struct kldr_event *event); // also gets every event
    void *observer;

    struct fixture_core kernel, hal;
    struct fixture_file *files;
    struct fixture_reference *references;
    struct fixture_routine *routines;
    char **lines;
    size_t line_count, line_capacity;
    char *text; // the last answer of fixture_events and others
};

// A fixture for a profile and a machine, not started: knobs, limits and host callbacks may be
// changed.
struct fixture *fixture_create(enum kldr_profile profile, enum kldr_machine machine);
void fixture_knob(struct fixture *fixture, const char *id, const char *value);
// Makes the loader, with ntoskrnl.exe (exports KeOne, KeTwo) and hal.dll (exports HalOne).
void fixture_start(struct fixture *fixture);
// The number-th request for memory from now on fails, once. 0: none.
void fixture_fail_allocation(struct fixture *fixture, unsigned number);
// Destroys the loader; nothing of it may be left. Nothing is to fail any more.
void fixture_finish(struct fixture *fixture);
// Also accepts a fixture that was finished before.
void fixture_destroy(struct fixture *fixture);

// x64, started.
struct fixture *fixture_open(enum kldr_profile profile);

// ---- files ----

// path: a base name or a full path.
void fixture_image(struct fixture *fixture, const char *path, const char *exports,
                   const char *imports);
// From a description of the image builder's; name and machine are filled in.
void fixture_built(struct fixture *fixture, const char *path,
                   struct kldr_build_description description);
void fixture_bytes(struct fixture *fixture, const char *path, const void *bytes, size_t size);
// The bytes of a file, to be damaged.
uint8_t *fixture_file_bytes(struct fixture *fixture, const char *path, size_t *out_size);
void fixture_remove_file(struct fixture *fixture, const char *path);

// ---- routines: "b.sys!DllUnload"; without a word they return STATUS_SUCCESS ----
// Each word about one adds to what was said before; calls are counted from the last word on.

void fixture_returns(struct fixture *fixture, const char *routine, kldr_status status);
// The first call returns the one, later ones the other.
void fixture_returns_once(struct fixture *fixture, const char *routine, kldr_status first,
                          kldr_status later);
// The first call runs the commands before it returns.
void fixture_does(struct fixture *fixture, const char *routine, const char *commands,
                  kldr_status status);
// Every call runs them.
void fixture_keeps_doing(struct fixture *fixture, const char *routine, const char *commands);

// ---- doing and asking ----

// Runs commands and returns the status of the last one.
kldr_status fixture_run(struct fixture *fixture, const char *commands);

// The recorded events whose lines begin with one of the words in `kinds` ("call ref.", "" for all),
// joined by "; ". Lines are what fixture_line makes.
const char *fixture_events(struct fixture *fixture, const char *kinds);
void fixture_forget(struct fixture *fixture);

// "a.sys 1; b.sys inactive": the module list without core images, with every unusual state.
const char *fixture_modules(struct fixture *fixture);
// "b.sys b.sys": the import list of a module.
const char *fixture_imports(struct fixture *fixture, const char *module);
struct kldr_module_info fixture_module(struct fixture *fixture, const char *module);
// The binding of an import cell: "b.sys!F", "b.sys+0x0", "trap", "unbound", or "gone".
// symbol "#7": by ordinal.
const char *fixture_cell(struct fixture *fixture, const char *importer, const char *module,
                         const char *symbol);

// V1, V2, V7 and V9 of the behaviour sheet hold, with their exceptions.
void fixture_check(struct fixture *fixture);

// ---- between the files of the fixture ----

char *fixture_full_path(const char *path);
bool fixture_same_name(const char *a, const char *b);
void fixture_record(struct fixture *fixture, const char *line);
void fixture_line(const struct kldr_event *event, char *text, size_t size);
kldr_status fixture_call(void *user, const struct kldr_routine_call *call);
void fixture_drop_references(struct fixture *fixture);
void fixture_drop_routines(struct fixture *fixture);
void fixture_rewind_routines(struct fixture *fixture);
unsigned fixture_references_on(const struct fixture *fixture, uint32_t id);
// Replaces *text by itself and more. Returns the new text.
char *fixture_append(char **text, const char *more);
void fixture_build_core(struct fixture_core *core, const char *name, enum kldr_machine machine,
                        const struct kldr_build_export *exports, size_t count);
void fixture_drop_core(struct fixture_core *core);

#endif
