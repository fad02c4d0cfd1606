// SPDX-License-Identifier: MIT
// A world: a simulated disk, services, the I/O manager's part of loading, kernel images and engines
// around one loader. One thread at a time may use a world; different worlds are independent.
#ifndef KLDR_WORLD_H
#define KLDR_WORLD_H

#include <kldr/check.h>
#include <kldr/host_driver.h>
#include <kldr/loader.h>

struct kldr_world;

// ntoskrnl.exe and hal.dll for one machine: immutable, made once, shared by any number of worlds
// and threads.
struct kldr_kernel;
kldr_status kldr_kernel_create(enum kldr_machine machine, const struct kldr_allocator *allocator,
                               struct kldr_kernel **out_kernel, struct kldr_error *error);
void kldr_kernel_destroy(struct kldr_kernel *kernel);
enum kldr_machine kldr_kernel_machine(const struct kldr_kernel *kernel);

// How code of real images is run.
enum kldr_cpu {
    KLDR_CPU_NONE, // bind only: routines of real images are not called and count as STATUS_SUCCESS
    // On the host's CPU, in this process: x64 images on x86-64 Linux. kldr_world_create answers
    // KLDR_ERROR_CPU_UNAVAILABLE where that cannot be done, KLDR_ERROR_BUSY while another such
    // world exists. One thread uses the world. During a call into driver code the handlers of
    // SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP and SIGVTALRM are kldr's; they are put back
    // afterwards.
    KLDR_CPU_NATIVE,
};

struct kldr_world_limits {
    uint32_t depth;   // nested loads, unloads and routines; 0: 256
    uint32_t modules; // 0: 4,096
    uint32_t steps;   // steps run, nested ones included; 0: 100,000
    uint64_t memory;  // bytes of images; 0: 1 GiB
    uint32_t seconds; // of one call under cpu native, else enforced by the runner; 0: 30
};

struct kldr_world_options {
    struct kldr_policy policy;
    const struct kldr_kernel *kernel; // borrowed; NULL: the world makes its own for `machine`
    enum kldr_machine machine;        // UNKNOWN: the kernel's, else x64
    enum kldr_cpu cpu;
    struct kldr_world_limits limits;
    struct kldr_checks checks; // of drivers, where they differ from the default
    uint64_t seed; // order of simulated threads of equal priority; 0: as they became ready
    struct kldr_allocator allocator;                              // all zero: the default one
    void (*on_event)(void *user, const struct kldr_event *event); // optional; gets every event
    void *user;
};

kldr_status kldr_world_create(const struct kldr_world_options *options,
                              struct kldr_world **out_world, struct kldr_error *error);
// No routine is called. Frees everything the world took.
void kldr_world_destroy(struct kldr_world *world);

struct kldr_loader *kldr_world_loader(struct kldr_world *world);

// ---- the simulated disk ----
// path: a base name (then \SystemRoot\System32\drivers\ is meant) or a full path with a leading
// backslash. \SystemRoot is a link to \??\C:\Windows; names compare without regard to case.

// A file with these bytes (copied). STATUS_OBJECT_NAME_COLLISION when it exists.
kldr_status kldr_world_add_image(struct kldr_world *world, const char *path, const void *bytes,
                                 size_t size);

// A host-compiled driver as a file of the simulated disk. driver must outlive the world.
kldr_status kldr_world_add_host_driver(struct kldr_world *world, const char *path,
                                       const struct kldr_host_driver *driver,
                                       struct kldr_error *error);

// STATUS_OBJECT_NAME_NOT_FOUND when there is none. Loaded images stay (L11).
kldr_status kldr_world_remove_image(struct kldr_world *world, const char *path);

// ---- services ----

struct kldr_service_config {
    const char *image_path;  // NULL: \SystemRoot\System32\Drivers\<name>.SYS (H2)
    uint32_t type;           // 1 kernel driver, 2 file system driver
    bool type_absent;        // loading is then STATUS_ILL_FORMED_SERVICE_ENTRY
    const char *object_name; // NULL: \Driver\<name> or \FileSystem\<name>
};
kldr_status kldr_world_set_service(struct kldr_world *world, const char *name,
                                   const struct kldr_service_config *config);

// ---- the I/O manager ----

// NtLoadDriver (H1 to H4, H10, H20). A service that was not set is implicit: its ImagePath is the
// image of that base name ("mini" and "mini.sys" mean the same).
kldr_status kldr_world_load(struct kldr_world *world, const char *service,
                            struct kldr_error *error);
// NtUnloadDriver (H11, H12).
kldr_status kldr_world_unload(struct kldr_world *world, const char *service,
                              struct kldr_error *error);
// A handle on the device of a service's driver delays its unloading (H11, H12). open:
// STATUS_OBJECT_NAME_NOT_FOUND when there is no driver object, or it waits to be unloaded (A15).
// close: KLDR_ERROR_NOT_FOUND without a handle.
kldr_status kldr_world_open(struct kldr_world *world, const char *service,
                            struct kldr_error *error);
kldr_status kldr_world_close(struct kldr_world *world, const char *service,
                             struct kldr_error *error);
// The image loader alone (M3); unload gives back one load_image reference (A35).
kldr_status kldr_world_load_image(struct kldr_world *world, const char *path,
                                  struct kldr_error *error);
kldr_status kldr_world_unload_image(struct kldr_world *world, const char *path,
                                    struct kldr_error *error);

// MmGetSystemRoutineAddress (M1): looks in ntoskrnl.exe and hal.dll only. 0: absent. out_module may
// be NULL.
uint64_t kldr_world_lookup(struct kldr_world *world, const char *name, const char **out_module);

// Calls an exported or otherwise known routine of a loaded module.
// STATUS_OBJECT_NAME_NOT_FOUND when module or routine is not there.
kldr_status kldr_world_call(struct kldr_world *world, const char *module, const char *routine,
                            const uint64_t *arguments, size_t argument_count, uint64_t *out_result,
                            struct kldr_error *error);

// ---- stop codes ----

struct kldr_bugcheck {
    uint32_t code; // 0x7E, 0xCE, ...
    uint64_t parameters[KLDR_EVENT_PARAMETERS];
    char module[KLDR_NAME_SIZE]; // "" when unknown
    uint32_t offset;
};
// True after the simulated system stopped.
bool kldr_world_bugcheck(const struct kldr_world *world, struct kldr_bugcheck *out_bugcheck);

struct kldr_stop_code_info {
    uint32_t code;
    const char *name;    // "SYSTEM_THREAD_EXCEPTION_NOT_HANDLED"
    const char *meaning; // one line
};
bool kldr_stop_code_find(uint32_t code, struct kldr_stop_code_info *out_info);
bool kldr_stop_code_find_name(const char *name, struct kldr_stop_code_info *out_info);

#endif
