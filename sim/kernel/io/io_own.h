// SPDX-License-Identifier: MIT
// Requests that kldr itself makes: for files, for Plug and Play and power, for steps.
#ifndef KS_KERNEL_IO_OWN_H
#define KS_KERNEL_IO_OWN_H

#include "kernel/io/io_irp.h"

struct ks_io_own {
    struct kldr_world *world;
    struct ks_io_irp *record;
    IRP *irp;
    IO_STACK_LOCATION *location; // of the top device
    uint64_t device;             // it goes to
    KEVENT event;                // set when it is done
    bool done;
    NTSTATUS status; // of the driver's call until it is done, then the IRP's
    uint64_t information;
};

// To the top of the stack that a device belongs to. PnP, power and WMI requests begin as not
// supported. NULL: no memory.
struct ks_io_own *ks_io_own_make(struct kldr_world *world, struct ks_io_device *device,
                                 uint8_t major, uint8_t minor);
// Sends it. KLDR_STATUS_SUCCESS, also when it is pending; KLDR_ERROR_STOPPED.
kldr_status ks_io_own_send(struct ks_io_own *own);
// Waits for it if it is pending. KLDR_STATUS_SUCCESS, or what ends the simulation.
kldr_status ks_io_own_wait(struct ks_io_own *own);
// Frees it; one that is not done is left to the drivers.
void ks_io_own_end(struct ks_io_own *own);
// Sends it, waits and frees it. *out_answer: the request's status.
kldr_status ks_io_own_run(struct ks_io_own *own, NTSTATUS *out_answer);
// A request without parameters, all the way.
kldr_status ks_io_own_simple(struct kldr_world *world, struct ks_io_device *device, uint8_t major,
                             uint8_t minor, NTSTATUS *out_answer);

#endif
