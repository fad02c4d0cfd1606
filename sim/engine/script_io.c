// SPDX-License-Identifier: MIT
// Devices and requests in worlds of declared drivers only.
#include "kernel/io_services.h"

static unsigned irql(struct kldr_world *world)
{
    (void)world;
    return 0;
}

const struct ks_io_services ks_io_services_declared = {
    .name = "declared",
    .irql = irql,
};
