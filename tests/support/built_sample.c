// SPDX-License-Identifier: MIT
#include "built_sample.h"

#include "test.h"

#include <string.h>

const enum kldr_machine built_machines[BUILT_MACHINES] = {KLDR_MACHINE_X64, KLDR_MACHINE_ARM64,
                                                          KLDR_MACHINE_X86};

const struct kldr_build_export built_port_exports[BUILT_PORT_EXPORTS] = {
    {.name = "PortInitialize"},
    {.name = "PortNotify", .ordinal = 7},
    {.name = "PortOld", .forwarder = "helper.NewName"},
    {.name = "PortData", .data = true, .data_value = UINT64_C(0x1122334455667788)},
    {.name = "DllInitialize", .ordinal = 2, .private_ = true},
    {.name = "Nameless", .ordinal = 9, .noname = true},
    {.name = "Hole", .hole = true},
};

struct kldr_build_description built_port(enum kldr_machine machine)
{
    return (struct kldr_build_description){.name = "port.sys",
                                           .machine = machine,
                                           .exports = built_port_exports,
                                           .export_count = BUILT_PORT_EXPORTS,
                                           .entry_point = true};
}

void built_open(struct built_image *opened, const struct kldr_build_description *description)
{
    assert_int_equal(kldr_image_build(NULL, description, &opened->built, NULL),
                     KLDR_STATUS_SUCCESS);
    assert_int_equal(kldr_image_create(NULL, opened->built.bytes, opened->built.size, NULL,
                                       &opened->image, NULL),
                     KLDR_STATUS_SUCCESS);
}

void built_close(struct built_image *opened)
{
    kldr_image_destroy(opened->image);
    kldr_built_image_free(NULL, &opened->built);
}

struct kldr_export built_find(const struct built_image *opened, const char *name)
{
    struct kldr_export found;
    enum kldr_lookup_via via;
    assert_int_equal(
        kldr_image_find_export(opened->image, name, strlen(name), UINT32_MAX, &found, &via),
        KLDR_STATUS_SUCCESS);
    return found;
}

uint64_t built_read(const struct built_image *opened, uint32_t rva)
{
    const uint8_t *at = kldr_image_at(opened->image, rva, 8);
    uint64_t value = 0;
    assert_non_null(at);
    for (int i = 7; i >= 0; i--)
        value = value << 8 | at[i];
    return value;
}
