// SPDX-License-Identifier: MIT
// What the host tests of the examples share. Such a test includes the sources of its drivers, gives
// their DriverEntry routines names of their own, and lets the calls of imports go through pointers
// named imp_..., which the host engine fills as it fills the import cells of a real driver. The
// kernel's functions are those of kldr::ddk.
#ifndef EXAMPLES_HOST_TEST_H
#define EXAMPLES_HOST_TEST_H

#include <ntddk.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>
#include <kldr/io.h>
#include <kldr/kldr.h>

// The last line that a driver printed.
static char host_printed[256];

static inline void host_on_event(void *user, const struct kldr_event *event)
{
    (void)user;
    if (event->kind == KLDR_EVENT_DEBUG_PRINT) {
        snprintf(host_printed, sizeof host_printed, "%s", event->text);
    }
}

// A world that behaves as Windows 11 24H2, with these drivers on its disk; NULL ends the list.
static inline struct kldr_world *host_world(const struct kldr_host_driver *const *drivers)
{
    struct kldr_world_options options = {.on_event = host_on_event};
    struct kldr_world *world = NULL;

    kldr_policy_init(&options.policy, KLDR_PROFILE_24H2);
    assert_int_equal(kldr_world_create(&options, &world, NULL), KLDR_STATUS_SUCCESS);
    for (; *drivers != NULL; drivers++) {
        assert_int_equal(kldr_world_add_host_driver(world, (*drivers)->name, *drivers, NULL),
                         KLDR_STATUS_SUCCESS);
    }
    return world;
}

// LoadCount of a module, -1 when it is not loaded.
static inline int host_count(struct kldr_world *world, const char *name)
{
    struct kldr_loader *loader = kldr_world_loader(world);
    struct kldr_module_info module;

    if (!kldr_loader_module(loader, kldr_loader_find(loader, name), &module)) {
        return -1;
    }
    return (int)module.load_count;
}

#endif
