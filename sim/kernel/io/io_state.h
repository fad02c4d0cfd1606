// SPDX-License-Identifier: MIT
// Between the files of Io.
#ifndef KS_KERNEL_IO_STATE_H
#define KS_KERNEL_IO_STATE_H

#include "kernel/io/io.h"
#include "kernel/ob/ob.h"
#include "world/world_object.h"

#include <kldr/ddk/ntddk.h>

struct ks_io_again;
struct ks_io_ask;
struct ks_fsrtl_lock;
struct ks_io_change;
struct ks_io_verify;
struct ks_mm_segment;
struct ks_mm_view;
struct ks_io_interface;
struct ks_io_interrupt;
struct ks_io_irp;
struct ks_io_node;
struct ks_io_notify;
struct ks_io_step;
struct ks_io_top;
struct ks_io_work;

struct ks_io_state {
    uint32_t next_device_name; // of devices that ask for any
    uint64_t invalid_request;  // address of IopInvalidDeviceRequest; 0: none in such a world
    kldr_status unload_status; // of the image whose driver object went last
    bool cancel_locked;        // the cancel spin lock is held
    struct ks_driver bus;      // kldr's own
    struct ks_driver disk;     // the file system of the simulated disk
    uint32_t next_instance;    // of its devices
    struct ks_io_node *nodes;  // they, and those that drivers report
    bool pnp_busy;             // Plug and Play does one thing after the other
    struct ks_io_step *steps;  // what steps opened and sent
    struct ks_io_work *work;   // work items that are there
    struct ks_io_top *tops;    // top-level IRPs of threads
    struct ks_io_interface *interfaces;
    struct ks_io_notify *notifies;
    struct ks_io_interrupt *interrupts;
    struct ks_mm_segment *segments; // data of files in memory
    struct ks_mm_view *views;       // of sections
    struct ks_io_change *changes;   // reported, and not told yet
    struct ks_io_verify *verifies;  // devices of threads
    struct ks_fsrtl_lock *locks;    // of byte ranges of files
    struct ks_io_ask *asks;         // requests of system services
    struct ks_io_again *again;      // routines to be called after a start
    uint64_t configuration;         // CONFIGURATION_INFORMATION; 0: nobody asked
    uint64_t shutdowns;             // registrations for the shutdown so far
    uint64_t irp_serial;            // of the last IRP made
    struct ks_io_irp *irps[512], *first_irp, *last_irp, *free_irps;
};

// Made on first use. NULL: no memory.
struct ks_io_state *ks_io_state(struct kldr_world *world);

// Runs a function of the table on behalf of the caller of another.
uint64_t ks_io_run(const struct ks_kernel_call *call, const char *name, const uint64_t *arguments);

// Flags of objects that drivers do not set.
#define DRVO_INITIALIZED     0x10u
#define DOE_UNLOAD_PENDING   0x1u
#define DOE_DELETE_PENDING   0x2u
#define DOE_REMOVE_PENDING   0x4u
#define DOE_REMOVE_PROCESSED 0x8u

// The address of a structure that drivers see.
static inline uint64_t ks_io_address(const volatile void *pointer)
{
    return (uint64_t)(uintptr_t)pointer;
}

#endif
