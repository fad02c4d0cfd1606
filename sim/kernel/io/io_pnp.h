// SPDX-License-Identifier: MIT
// Plug and Play: devices that kldr's own bus finds, from AddDevice to removal.
#ifndef KS_KERNEL_IO_PNP_H
#define KS_KERNEL_IO_PNP_H

#include "kernel/io/io_driver.h"
#include "kernel/io/io_request.h"
#include "world/hardware.h"

#define KS_IO_PNP_DRIVERS KS_HARDWARE_DRIVERS // of one stack
#define KS_IO_PNP_IDS     32u                 // of one device and kind

struct ks_io_ids {
    char *texts[KS_IO_PNP_IDS]; // the best one first
    unsigned count;
};

// A device that some bus found: kldr's own, or a driver's.
struct ks_io_node {
    struct ks_io_node *next;
    struct ks_io_node *parent; // whose stack reported it; NULL: kldr's bus found it
    char *name;                // in the scenario; of a driver's child: its device instance path
    struct ks_io_ids hardware_ids, compatible_ids;
    char *description, *location; // as the bus tells; NULL: it does not
    uint32_t instance;
    struct ks_io_device *pdo;
    uint64_t resources; // CM_RESOURCE_LIST; 0: none
    uint32_t modules[KS_IO_PNP_DRIVERS];
    unsigned module_count;
    bool started;
    bool gone;     // pulled out: removed when no file is open on it
    bool queried;  // asked whether it can be removed
    bool reported; // in its parent's last answer
    bool fresh;    // nobody looked at it yet
    bool stale;    // its stack is to be asked for children
    uint32_t device_power, system_power;
};

// ---- nodes (io_node.c) ----

// By the name in the scenario. NULL: none.
struct ks_io_node *ks_io_pnp_find(struct kldr_world *world, const char *name);
// The node whose stack a device belongs to. NULL: none.
struct ks_io_node *ks_io_pnp_node(const struct ks_io_device *device);
// A new one without a name, the last. NULL: no memory.
struct ks_io_node *ks_io_node_make(struct kldr_world *world);
// Forgets it: the device of kldr's bus goes, that of a driver is no longer referenced.
void ks_io_node_drop(struct kldr_world *world, struct ks_io_node *node);
// The last of its children. NULL: none.
struct ks_io_node *ks_io_node_child(struct kldr_world *world, const struct ks_io_node *node);
// A file is open on its stack or on a child's.
bool ks_io_node_is_open(struct kldr_world *world, const struct ks_io_node *node);
// Adds a copy; false: no memory, or there are too many.
bool ks_io_ids_add(struct kldr_world *world, struct ks_io_ids *ids, const char *text);
// The first hardware ID; "" while none is known.
const char *ks_io_node_id(const struct ks_io_node *node);
// Frees a node that no driver knows any more, or all at the end of the world.
void ks_io_pnp_free(struct kldr_world *world, struct ks_io_node *node);

// ---- coming and going (io_pnp.c) ----

kldr_status ks_io_pnp_add(struct kldr_world *world, const struct ks_io_add *add,
                          struct kldr_error *error);
kldr_status ks_io_pnp_remove(struct kldr_world *world, const char *name, bool surprise,
                             struct kldr_error *error);
// A file on a device of a stack was closed.
void ks_io_pnp_file_closed(struct kldr_world *world, struct ks_io_device *device);
// A driver says that the children of a device changed: its stack is asked, at once or when what
// Plug and Play does has been done.
void ks_io_pnp_changed(struct kldr_world *world, struct ks_io_node *node);
// Only while Plug and Play is at work. IRP_MN_SURPRISE_REMOVAL, then IRP_MN_REMOVE_DEVICE unless a
// file is open.
kldr_status ks_io_pnp_pull_out(struct kldr_world *world, struct ks_io_node *node);
// IRP_MN_REMOVE_DEVICE, to its children first. A child that its parent still reports stays known,
// without drivers; any other device is no more.
kldr_status ks_io_pnp_tear_down(struct kldr_world *world, struct ks_io_node *node);
// Drivers without a device are unloaded, the upper ones first.
kldr_status ks_io_pnp_unload_idle(struct kldr_world *world, const uint32_t *modules,
                                  unsigned count);

// ---- building up (io_pnp_build.c), only while Plug and Play is at work ----

kldr_status ks_io_pnp_build(struct kldr_world *world, const struct ks_io_add *add,
                            struct kldr_error *error);
// The drivers that a child gets, none if hardware is NULL: loaded, AddDevice, start. The status is
// that of the first thing that failed.
kldr_status ks_io_pnp_configure(struct kldr_world *world, struct ks_io_node *node,
                                const struct ks_hardware *hardware);

// ---- children of a driver's (io_enumerate.c, io_identify.c) ----

// Asks a stack for its children (BusRelations), and follows the answer: new ones get drivers,
// missing ones are removed. KLDR_STATUS_SUCCESS, or what ends the simulation.
kldr_status ks_io_enumerate(struct kldr_world *world, struct ks_io_node *node);
// Asks what a new child is: IDs, capabilities, texts, resources. *out_raw: it works without a
// driver.
kldr_status ks_io_identify(struct kldr_world *world, struct ks_io_node *node, bool *out_raw);
// 0xCA, PNP_DETECTED_FATAL_ERROR, on behalf of the driver of a device.
kldr_status ks_io_enumerate_stop(struct kldr_world *world, const struct ks_io_device *device,
                                 uint64_t first, uint64_t second, uint64_t third, uint64_t fourth,
                                 const char *text);

// ---- the bus (io_bus.c) ----

// Its physical device for a node. NULL: no memory.
struct ks_io_device *ks_io_bus_make_device(struct kldr_world *world, struct ks_io_node *node);
// The resource list of a device that is started with these. 0: none, or no memory.
uint64_t ks_io_bus_resources(struct kldr_world *world, const struct ks_io_resource *resources,
                             size_t count);

// ---- declared drivers (io_declared.c) ----

// Makes a device of a declared driver; name may be NULL. With a target it is put on top of that.
kldr_status ks_io_declared_device(struct kldr_world *world, struct ks_driver *driver,
                                  const char *name, struct ks_io_device *target);
// An IRP is at a device of a declared driver. False: the system stopped.
bool ks_io_declared_dispatch(struct kldr_world *world, struct ks_io_device *device, IRP *irp,
                             NTSTATUS *out_status);
// A declared driver completes what it left pending. STATUS_INVALID_DEVICE_REQUEST: real code has
// the IRP.
kldr_status ks_io_declared_complete(struct kldr_world *world, IRP *irp,
                                    const struct ks_io_completion *completion);
// The same with STATUS_CANCELLED, where a declared driver has it.
void ks_io_declared_cancel(struct kldr_world *world, IRP *irp);

#endif
