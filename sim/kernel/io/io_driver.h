// SPDX-License-Identifier: MIT
// Driver and device objects, for the files of Io and for who runs requests.
//
// What kldr relies on is in the records here; what drivers see is written to the objects' bodies.
#ifndef KS_KERNEL_IO_DRIVER_H
#define KS_KERNEL_IO_DRIVER_H

#include "kernel/io/io_state.h"

// A device object; the object's data.
struct ks_io_device {
    struct ks_object *object;
    struct ks_driver *driver;
    struct ks_io_device *next;          // of the driver, in order of creation
    struct ks_io_device *upper, *lower; // in the stack
    uint32_t open;                      // files: ReferenceCount
    bool listed;                        // among its driver's
    bool deleting;                      // IoDeleteDevice was called
    uint64_t timer;                     // IO_TIMER; 0: none
    void *pnp;                          // of who enumerated it; NULL: nobody
    uint64_t shutdown; // wants to hear of it, and is referenced for that: its place in the order; 0
    bool last_chance;  // after the file systems
    uint8_t device_power, system_power; // what PoSetPowerState was told last
};

// What a driver keeps with a driver object (IoAllocateDriverObjectExtension).
struct ks_io_extension {
    struct ks_io_extension *next;
    uint64_t id, block;
};

// ---- drivers (io_driver.c) ----

// Gives a driver its DRIVER_OBJECT. False: no memory.
bool ks_io_driver_make(struct kldr_world *world, struct ks_driver *driver);
// The driver behind the address of a driver object. NULL: there is none.
struct ks_driver *ks_io_driver_of_object(struct kldr_world *world, uint64_t object);
// NULL: it has none.
DRIVER_OBJECT *ks_io_driver_body(const struct ks_driver *driver);
// Its extension, wherever the driver makes the body say it is. NULL: none.
DRIVER_EXTENSION *ks_io_driver_extension(const struct ks_driver *driver);
// DriverEntry succeeded.
void ks_io_driver_started(struct kldr_world *world, struct ks_driver *driver);
// Whether files are open on its devices, or others are attached to them (H11).
bool ks_io_driver_is_busy(const struct ks_driver *driver);
// Type function of Ob.
void ks_io_driver_end(struct kldr_world *world, struct ks_object *object);
// The address of the routine that answers what a driver has no routine for. 0: none.
uint64_t ks_io_invalid_request(struct kldr_world *world);

// ---- devices (io_device.c) ----

struct ks_io_device_plan {
    uint32_t extension_size, type, characteristics;
    bool exclusive;
    const char *name; // NULL: none
    uint64_t maker;
};

NTSTATUS ks_io_device_create(struct kldr_world *world, struct ks_driver *driver,
                             const struct ks_io_device_plan *plan,
                             struct ks_io_device **out_device);
// As IoDeleteDevice: at once, or when nothing uses it any more.
void ks_io_device_delete(struct kldr_world *world, struct ks_io_device *device);
// Something stopped using it: it goes if it waited for that, and so does its driver.
void ks_io_device_release(struct kldr_world *world, struct ks_io_device *device);
// NULL: no device object is there.
struct ks_io_device *ks_io_device_find(struct kldr_world *world, uint64_t address);
DEVICE_OBJECT *ks_io_device_body(const struct ks_io_device *device);
// Type function of Ob.
void ks_io_device_end(struct kldr_world *world, struct ks_object *object);

// Its timer stops and goes; io_timer.c.
void ks_io_timer_end(struct kldr_world *world, struct ks_io_device *device);

// ---- stacks (io_attach.c) ----

// Puts a device on top of a stack. Answers what it lies on; NULL: it cannot.
struct ks_io_device *ks_io_attach(struct kldr_world *world, struct ks_io_device *device,
                                  struct ks_io_device *target);
void ks_io_detach(struct kldr_world *world, struct ks_io_device *lower);
struct ks_io_device *ks_io_attach_top(struct ks_io_device *device);

// ---- for functions of the kernel ----

// The record behind what a driver points to. NULL: there is none, and the system has stopped.
struct ks_io_device *ks_io_call_device(const struct ks_kernel_call *call, uint64_t address);
struct ks_driver *ks_io_call_driver(const struct ks_kernel_call *call, uint64_t address);

// A driver has started: what it registered for that runs; io_register.c.
void ks_io_register_run(struct kldr_world *world, const struct ks_driver *driver);

// Frees what the world's state has of these at its end.
void ks_io_work_free_all(struct kldr_world *world, struct ks_io_state *state);
void ks_io_register_free_all(struct kldr_world *world, struct ks_io_state *state);
void ks_mm_segment_free_all(struct kldr_world *world, struct ks_io_state *state);
void ks_mm_view_free_all(struct kldr_world *world, struct ks_io_state *state);
void ks_io_hint_free_all(struct kldr_world *world, struct ks_io_state *state);
void ks_io_find_free_tops(struct kldr_world *world, struct ks_io_state *state);

#endif
