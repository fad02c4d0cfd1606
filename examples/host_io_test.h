// SPDX-License-Identifier: MIT
// What host tests with devices share: such drivers are served by the simulated kernel (kldr::ddk).
#ifndef EXAMPLES_HOST_IO_TEST_H
#define EXAMPLES_HOST_IO_TEST_H

#include <ntddk.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <kldr/kldr.h>

static int io_findings; // since the world was made

static void io_on_event(void *user, const struct kldr_event *event)
{
    (void)user;
    io_findings += event->kind == KLDR_EVENT_FINDING;
}

// A world that behaves as Windows 11 24H2, with these drivers on its disk; NULL ends the list.
static inline struct kldr_world *io_world(const struct kldr_host_driver *const *drivers)
{
    struct kldr_world_options options = {.on_event = io_on_event};
    struct kldr_world *world = NULL;

    io_findings = 0;
    kldr_policy_init(&options.policy, KLDR_PROFILE_24H2);
    assert_int_equal(kldr_world_create(&options, &world, NULL), KLDR_STATUS_SUCCESS);
    for (; *drivers != NULL; drivers++) {
        assert_int_equal(kldr_world_add_host_driver(world, (*drivers)->name, *drivers, NULL),
                         KLDR_STATUS_SUCCESS);
    }
    return world;
}

// LoadCount of a module, -1 when it is not loaded.
static inline int io_count(struct kldr_world *world, const char *name)
{
    struct kldr_loader *loader = kldr_world_loader(world);
    struct kldr_module_info module;

    if (!kldr_loader_module(loader, kldr_loader_find(loader, name), &module)) {
        return -1;
    }
    return (int)module.load_count;
}

#endif
