// SPDX-License-Identifier: MIT
// The two tables of functions behind steps on devices (io_request.h).
#ifndef KS_KERNEL_IO_SERVICES_H
#define KS_KERNEL_IO_SERVICES_H

#include "kernel/io_request.h"

// Worlds with driver code that is real: the simulated kernel.
extern const struct ks_io_services ks_io_services_nt;
// Worlds with declared drivers only (sim/engine/script_io.c).
extern const struct ks_io_services ks_io_services_declared;

#endif
