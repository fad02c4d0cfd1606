// SPDX-License-Identifier: MIT
// The simulated kernel's table: one line for each function, which is in the file of its component.
// A member without a line is not simulated by this version; steps that need it end with exit
// code 2.
#include "kernel/io_services.h"

const struct ks_io_services ks_io_services_nt = {
    .name = "kernel",
    .advance = ks_io_around_advance,
    .set_registry = ks_io_around_set_registry,
    .irql = ks_io_around_irql,
};
