// SPDX-License-Identifier: MIT
// The two tables of functions behind steps on devices (io_request.h).
#ifndef KS_KERNEL_IO_SERVICES_H
#define KS_KERNEL_IO_SERVICES_H

#include "kernel/io/io_request.h"

// Worlds with driver code that is real: the simulated kernel.
extern const struct ks_io_services ks_io_services_nt;
// Worlds with declared drivers only (sim/engine/script_io.c).
extern const struct ks_io_services ks_io_services_declared;

// The system shuts down (io_register.c).
kldr_status ks_io_register_shut_down(struct kldr_world *world, struct kldr_error *error);

// ---- around the drivers (io_around.c) ----

kldr_status ks_io_around_advance(struct kldr_world *world, uint64_t time, struct kldr_error *error);
kldr_status ks_io_around_set_registry(struct kldr_world *world, const struct ks_io_value *value,
                                      struct kldr_error *error);
kldr_status ks_io_around_feed_port(struct kldr_world *world, const struct ks_io_port_feed *feed,
                                   struct kldr_error *error);
size_t ks_io_around_port_writes(struct kldr_world *world, const struct ks_port_write **out_writes);
unsigned ks_io_around_irql(struct kldr_world *world);

#endif
