// SPDX-License-Identifier: MIT
// Plug and Play: devices that kldr's own bus finds, from AddDevice to removal.
#ifndef KS_KERNEL_IO_PNP_H
#define KS_KERNEL_IO_PNP_H

#include "kernel/io/io_driver.h"
#include "kernel/io/io_request.h"

#define KS_IO_PNP_DRIVERS 16u // of one stack

// A device of the bus.
struct ks_io_node {
    struct ks_io_node *next;
    char *name;        // in the scenario
    char *hardware_id; //
    uint32_t instance;
    struct ks_io_device *pdo;
    uint64_t resources; // CM_RESOURCE_LIST; 0: none
    uint32_t modules[KS_IO_PNP_DRIVERS];
    unsigned module_count;
    bool started;
    bool gone; // pulled out: removed when no file is open on it
    uint32_t device_power, system_power;
};

// By the name in the scenario. NULL: none.
struct ks_io_node *ks_io_pnp_find(struct kldr_world *world, const char *name);
// The node whose stack a device belongs to. NULL: none.
struct ks_io_node *ks_io_pnp_node(const struct ks_io_device *device);

kldr_status ks_io_pnp_add(struct kldr_world *world, const struct ks_io_add *add,
                          struct kldr_error *error);
kldr_status ks_io_pnp_remove(struct kldr_world *world, const char *name, bool surprise,
                             struct kldr_error *error);
// A file on a device of a stack was closed.
void ks_io_pnp_file_closed(struct kldr_world *world, struct ks_io_device *device);
// Frees a node that no driver knows any more, or all at the end of the world.
void ks_io_pnp_free(struct kldr_world *world, struct ks_io_node *node);

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
