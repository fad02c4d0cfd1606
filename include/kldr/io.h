// SPDX-License-Identifier: MIT
// Devices and requests of a world, from C: what the steps add_device, read, write, ioctl and their
// relatives of scenarios do (docs/scenario-format.md, "Devices and requests").
//
// A device is named as kldr_world_add_device names it, by its device instance path if a driver
// reported it (PORT\Disk\0), or by its object or a link (\Device\Port0, \??\Port0). A request goes
// to the top of the stack and is waited for. Statuses are the drivers' own; KLDR_ERROR_STOPPED once
// the simulated system has stopped.
#ifndef KLDR_IO_H
#define KLDR_IO_H

#include <kldr/world.h>

// kldr's bus finds a device: its drivers are loaded unless they are there, their AddDevice is
// called, lowest first, then IRP_MN_START_DEVICE is sent. services ends with NULL; name NULL: the
// first's.
kldr_status kldr_world_add_device(struct kldr_world *world, const char *const *services,
                                  const char *name, struct kldr_error *error);
// Devices that a driver reports as children of its own (IRP_MN_QUERY_DEVICE_RELATIONS,
// BusRelations) get these drivers, lowest first, when the ID is among their hardware or compatible
// IDs; the first that is known counts. What was set for the ID before is forgotten. Texts are
// copied.
kldr_status kldr_world_set_hardware_id(struct kldr_world *world, const char *id,
                                       const char *const *services, struct kldr_error *error);
// IRP_MN_QUERY_REMOVE_DEVICE, IRP_MN_REMOVE_DEVICE; a PnP driver without devices is unloaded.
kldr_status kldr_world_remove_device(struct kldr_world *world, const char *device,
                                     struct kldr_error *error);

// A request as a program makes it: the device is opened before and closed after it.
struct kldr_request {
    const char *device;
    uint64_t offset;      // of a read or a write
    const void *input;    // what is written, or the input of a control code
    size_t input_size;    //
    void *output;         // room for what is read, or comes back of a control code; may be NULL
    uint32_t output_size; //
};

// *out_information, which may be NULL, gets IoStatus.Information; output at most that many bytes.
kldr_status kldr_world_read(struct kldr_world *world, const struct kldr_request *request,
                            uint64_t *out_information, struct kldr_error *error);
kldr_status kldr_world_write(struct kldr_world *world, const struct kldr_request *request,
                             uint64_t *out_information, struct kldr_error *error);
kldr_status kldr_world_ioctl(struct kldr_world *world, uint32_t code,
                             const struct kldr_request *request, uint64_t *out_information,
                             struct kldr_error *error);

// Lets simulated time pass, in units of 100 ns: timers expire, threads run.
kldr_status kldr_world_advance(struct kldr_world *world, uint64_t time, struct kldr_error *error);

#endif
