// SPDX-License-Identifier: MIT
// The I/O manager's part of loading, between its files and for the scenario runner (facts H).
//
// One driver object holds one count on its image; dropping it never asks DllUnload (U11). A driver
// object goes when DriverUnload has run and no handle is open on its device (H12).
#ifndef KS_KERNEL_IO_H
#define KS_KERNEL_IO_H

#include "world/world_object.h"

// ---- driver objects (io_object.c) ----

struct ks_driver *ks_io_driver_of_module(const struct kldr_world *world, uint32_t module_id);
struct ks_driver *ks_io_driver_of_service(const struct kldr_world *world, const char *service);
// By name of the object, case ignored. NULL: none.
struct ks_driver *ks_io_find_object(const struct kldr_world *world, const char *object_name);
// NULL: no memory.
struct ks_driver *ks_io_create_driver(struct kldr_world *world, const char *service,
                                      const char *object_name, uint32_t module_id);
// The system's reference goes; with the last one the object, and the image's count (H12, H13).
kldr_status ks_io_delete_driver(struct kldr_world *world, struct ks_driver *driver);
// It has gone.
kldr_status ks_io_drop_driver(struct kldr_world *world, struct ks_driver *driver);
void ks_io_tell_driver(struct kldr_world *world, enum kldr_event_kind kind,
                       const struct ks_driver *driver);
// Frees all without telling anybody.
void ks_io_destroy_drivers(struct kldr_world *world);

// ---- starting (io_load.c) ----

// NtLoadDriver with the image path given literally; NULL: the service's own.
kldr_status ks_io_load_driver(struct kldr_world *world, const char *service,
                              const char *path_as_spelled, struct kldr_error *error);
// Creates the driver object of a boot-loaded image and calls its DriverEntry; a failing one is H10
// (A24).
kldr_status ks_io_start_boot_driver(struct kldr_world *world, uint32_t module_id);

// ---- stopping, handles, devices (io_unload.c) ----

// PnP start of the driver's device, which loads the driver first if needed (A27). start_status is
// what the device's start answers; a failure unloads the driver again (H16).
kldr_status ks_io_start_device(struct kldr_world *world, const char *service,
                               const char *path_as_spelled, kldr_status start_status,
                               struct kldr_error *error);

// An unload that was put off: DriverUnload is called when nothing stands in the way any more.
void ks_io_finish_unload(struct kldr_world *world, struct ks_driver *driver);
// The driver of a service, loaded if need be and a PnP one; path_as_spelled as above. NULL:
// *out_status and error say why.
struct ks_driver *ks_io_pnp_driver(struct kldr_world *world, const char *service,
                                   const char *path_as_spelled, kldr_status *out_status,
                                   struct kldr_error *error);
// A PnP driver that has no device left is unloaded as H16 says.
kldr_status ks_io_unload_idle(struct kldr_world *world, struct ks_driver *driver);

// The implicit service behind "mini" and "mini.sys".
void ks_io_implicit_service(const char *service, char name[KLDR_NAME_SIZE]);

// ---- the image loader alone (mm_image.c; M3) ----

// load_image and unload_image with the path given literally.
kldr_status ks_io_load_image(struct kldr_world *world, const char *path_as_spelled,
                             struct kldr_error *error);
kldr_status ks_io_unload_image(struct kldr_world *world, const char *path_as_spelled,
                               struct kldr_error *error);

#endif
