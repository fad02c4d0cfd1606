// SPDX-License-Identifier: MIT
// What scenario steps ask of the simulated kernel beyond loading: devices, requests, clock,
// registry, ports, and what can be seen of them.
//
// A world offers it as a table of functions. A member that is NULL is something this version does
// not simulate in such a world: ks_io_lacks says so before anything runs, so the function is never
// asked for. There are two tables: that of the simulated kernel (sim/kernel/io/io_services.c), for
// worlds in which real or host-compiled code may run, and that of worlds of declared drivers only
// (sim/engine/script_io.c), which needs no memory that drivers see and so works on every host.
//
// Functions return the status of the step: the driver's, Windows' own, or one of kldr's.
// KLDR_ERROR_STOPPED, _LIMIT and _INTERNAL end the simulation. error gets the reason of a failure
// that is not the driver's own word.
#ifndef KS_KERNEL_IO_REQUEST_H
#define KS_KERNEL_IO_REQUEST_H

#include "engine/engine.h"
#include "machine/ports.h"

// ---- devices ----

enum ks_io_resource_kind { KS_IO_RESOURCE_PORT, KS_IO_RESOURCE_MEMORY, KS_IO_RESOURCE_INTERRUPT };

struct ks_io_resource {
    enum ks_io_resource_kind kind;
    uint64_t base; // of an interrupt: its vector
    uint64_t length;
};

// A driver of a stack: its service, and the ImagePath to load it from, NULL for the service's own.
struct ks_io_service {
    const char *name;
    const char *image;
};

struct ks_io_add {
    const char *name;                     // of the device in the scenario
    const struct ks_io_service *services; // lowest first, at least one
    size_t service_count;
    const char *hardware_id; // NULL: KLDR\ and the name
    const struct ks_io_resource *resources;
    size_t resource_count;
    bool start; // IRP_MN_START_DEVICE is sent
};

struct ks_io_power {
    const char *device;
    bool of_device; // D0 to D3, else S0 to S5
    unsigned state; // the digit
    bool query;
};

// ---- requests ----

// One request. A device is the name of ks_io_add, an open file's, or an object's: \Device\X, \??\X,
// \DosDevices\X. It goes to the top of the stack.
struct ks_io_request {
    const char *device;
    uint8_t major, minor;
    bool open; // IRP_MJ_CREATE before it, IRP_MJ_CLEANUP and IRP_MJ_CLOSE after it, unless device
               // is a file
    uint32_t code;        // DEVICE_CONTROL and INTERNAL_DEVICE_CONTROL
    uint64_t offset;      // READ, WRITE: ByteOffset
    const uint8_t *input; // written data, input of a control code; borrowed during the call
    size_t input_size;    //
    uint32_t output_size; // room for what comes back: length of a read
    const uint64_t
        *arguments;        // the stack location's Parameters as they are; NULL: set from the above
    size_t argument_count; // up to 4
    const char *as;        // not waited for, known by this name; NULL: the call waits for it
    uint32_t repeat;       // at least 1: as often, until one fails
    uint64_t stride;       // added to offset each time
};

// What came back of the last one.
struct ks_io_result {
    uint64_t information;
    uint8_t *bytes; // the first `information` ones of the output; from the world's allocator
    size_t byte_count;
};

// How a declared driver completes what it left pending.
struct ks_io_completion {
    kldr_status status;
    uint64_t information;
    const uint8_t *bytes;
    size_t byte_count;
};

// ---- the registry and ports ----

struct ks_io_value {
    const char *key;     // \Registry\Machine\...
    const char *name;    // NULL: the key alone
    bool absent;         // remove it
    uint32_t type;       // REG_SZ, ...
    const uint8_t *data; // as it lies in the registry: texts in UTF-16 with their zeros
    size_t size;
};

struct ks_io_port_feed {
    uint16_t port;
    uint8_t width; // 1, 2, 4
    const uint32_t *reads;
    size_t read_count; // at least one; the last repeats
};

// ---- the table ----

// Called for each name or number seen, in an order that is the same at every run.
typedef void (*ks_io_see)(void *user, const char *name, uint64_t number);

struct ks_io_services {
    const char *name;
    // Devices.
    kldr_status (*add_device)(struct kldr_world *world, const struct ks_io_add *add,
                              struct kldr_error *error);
    kldr_status (*remove_device)(struct kldr_world *world, const char *device, bool surprise,
                                 struct kldr_error *error);
    kldr_status (*power)(struct kldr_world *world, const struct ks_io_power *power,
                         struct kldr_error *error);
    // DriverEntry of a declared driver succeeded: its `devices`. link may be NULL.
    kldr_status (*create_device)(struct kldr_world *world, struct ks_driver *driver,
                                 const char *name, const char *link, struct kldr_error *error);
    // It goes, or its DriverEntry failed: they go with it. May be NULL: they do so by themselves.
    void (*delete_devices)(struct kldr_world *world, struct ks_driver *driver);
    // Requests.
    kldr_status (*open_file)(struct kldr_world *world, const char *device, const char *as,
                             struct kldr_error *error);
    kldr_status (*close_file)(struct kldr_world *world, const char *file, struct kldr_error *error);
    kldr_status (*request)(struct kldr_world *world, const struct ks_io_request *request,
                           struct ks_io_result *out_result, struct kldr_error *error);
    kldr_status (*wait)(struct kldr_world *world, const char *request,
                        struct ks_io_result *out_result, struct kldr_error *error);
    kldr_status (*cancel)(struct kldr_world *world, const char *request, struct kldr_error *error);
    kldr_status (*complete)(struct kldr_world *world, const char *request,
                            const struct ks_io_completion *completion, struct kldr_error *error);
    // Around them. time is in units of 100 ns.
    kldr_status (*advance)(struct kldr_world *world, uint64_t time, struct kldr_error *error);
    kldr_status (*set_registry)(struct kldr_world *world, const struct ks_io_value *value,
                                struct kldr_error *error);
    kldr_status (*feed_port)(struct kldr_world *world, const struct ks_io_port_feed *feed,
                             struct kldr_error *error);

    // Base names of the modules in a device's stack, lowest first, kldr's bus left out. False:
    // there is no such device.
    bool (*see_stack)(struct kldr_world *world, const char *device, ks_io_see see, void *user);
    // Names of a module's device objects in the order of creation; NULL for one without.
    void (*see_devices)(struct kldr_world *world, uint32_t module_id, ks_io_see see, void *user);
    // Pool of a module that is not freed: each tag ("Port") with its bytes, tags in bytewise order.
    // The module may be gone: it is named by its base name.
    void (*see_pool)(struct kldr_world *world, const char *module, ks_io_see see, void *user);
    // Objects of a module that are left: each kind (ks_io_object_kind) with their number.
    void (*see_objects)(struct kldr_world *world, const char *module, ks_io_see see, void *user);
    // What was written to ports since the world began, the oldest first.
    size_t (*port_writes)(struct kldr_world *world, const struct ks_port_write **out_writes);
    unsigned (*irql)(struct kldr_world *world);
    // Tells devices that registered for it. NULL: none can.
    kldr_status (*shut_down)(struct kldr_world *world, struct kldr_error *error);
};

// The names of kinds of objects, NULL past the last: "device", "symbolic_link", "file", ...
const char *ks_io_object_kind(size_t index);
// "PASSIVE_LEVEL", ... by number; NULL for levels without a name of their own.
const char *ks_io_irql_name(size_t level);

// The world's table.
const struct ks_io_services *ks_io_services(const struct kldr_world *world);

// What steps and expectations need of it, as bits.
enum ks_io_need {
    KS_IO_NEEDS_DEVICES = 1u << 0,
    KS_IO_NEEDS_NAMED = 1u << 1, // `devices` of declared images
    KS_IO_NEEDS_REQUESTS = 1u << 2,
    KS_IO_NEEDS_WAITING = 1u << 3,
    KS_IO_NEEDS_COMPLETION = 1u << 4,
    KS_IO_NEEDS_POWER = 1u << 5,
    KS_IO_NEEDS_CLOCK = 1u << 6,
    KS_IO_NEEDS_REGISTRY = 1u << 7,
    KS_IO_NEEDS_PORTS = 1u << 8,
    KS_IO_NEEDS_STACK = 1u << 9,
    KS_IO_NEEDS_POOL = 1u << 10,
    KS_IO_NEEDS_OBJECTS = 1u << 11,
    KS_IO_NEEDS_IRQL = 1u << 12,
};

// What of the needs (bits) this version does not simulate in this world, in words of the format
// ("`power`"); NULL: nothing.
const char *ks_io_lacks(const struct kldr_world *world, unsigned needs);

// ---- declared drivers ----

// What a dispatch routine of a declared driver answers.
struct ks_io_answer {
    // false: the routine that was called is real code, which has done with the request whatever it
    // wanted; status is what it returned, and nothing is left to do.
    bool declared;
    bool pass_down;     // to the next lower device, whose answer it is; nothing below counts then
    kldr_status status; // STATUS_PENDING: it stays pending until `complete`
    uint64_t information;
    const uint8_t
        *bytes; // to be put where the request wants its output; they live as long as the run
    size_t byte_count;
};

// Asks a declared driver about a request: calls the routine that its DriverEntry put into the
// dispatch table for that major function, with device and irp as its two arguments. Without a
// routine the answer is STATUS_INVALID_DEVICE_REQUEST, or to pass PnP, power and WMI requests down.
// The caller does what the answer says. KLDR_STATUS_SUCCESS, or a status that ends the simulation.
kldr_status ks_io_ask_declared(struct kldr_world *world, const struct ks_driver *driver,
                               uint8_t major, uint64_t device, uint64_t irp,
                               struct ks_io_answer *out_answer);

// A request that a declared driver passed down where there is no device below: the answer for PnP,
// power and WMI requests, which all drivers see, and where the driver has no routine; else the
// system stops, as IoCallDriver would make it. KLDR_STATUS_SUCCESS, or KLDR_ERROR_STOPPED.
kldr_status ks_io_end_declared(struct kldr_world *world, const struct ks_driver *driver,
                               uint8_t major, const struct ks_io_answer *answer);

// Calls a declared driver's AddDevice; *out_answer is what it returned. Attaching a device is the
// caller's.
kldr_status ks_io_add_declared(struct kldr_world *world, const struct ks_driver *driver,
                               kldr_status *out_answer);

// Whether a driver is a declared one.
bool ks_io_is_declared(const struct kldr_world *world, const struct ks_driver *driver);

#endif
