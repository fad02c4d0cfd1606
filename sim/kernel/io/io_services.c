// SPDX-License-Identifier: MIT
// The simulated kernel's table: one line for each function, which is in the file of its component.
// A member without a line is not simulated by this version; steps that need it end with exit
// code 2.
#include "kernel/io/io_services.h"

#include "check/leftovers.h"
#include "kernel/io/io_pnp.h"
#include "kernel/io/io_steps.h"

const struct ks_io_services ks_io_services_nt = {
    .name = "kernel",
    .add_device = ks_io_pnp_add,
    .remove_device = ks_io_pnp_remove,
    .power = ks_io_steps_power,
    .create_device = ks_io_steps_create_device,
    .delete_devices = ks_io_steps_delete_devices,
    .open_file = ks_io_steps_open_file,
    .close_file = ks_io_steps_close_file,
    .request = ks_io_steps_request,
    .wait = ks_io_steps_wait,
    .cancel = ks_io_steps_cancel,
    .complete = ks_io_steps_complete,
    .advance = ks_io_around_advance,
    .set_registry = ks_io_around_set_registry,
    .see_stack = ks_io_steps_see_stack,
    .see_devices = ks_io_steps_see_devices,
    .see_pool = ks_leftovers_pool,
    .see_objects = ks_io_steps_see_objects,
    .feed_port = ks_io_around_feed_port,
    .port_writes = ks_io_around_port_writes,
    .irql = ks_io_around_irql,
    .shut_down = ks_io_register_shut_down,
};
