// SPDX-License-Identifier: MIT
// Built images, opened: an image with every form of export, for tests of the image builder.
#ifndef BUILT_SAMPLE_H
#define BUILT_SAMPLE_H

#include <kldr/image_builder.h>

enum { BUILT_MACHINES = 3, BUILT_PORT_EXPORTS = 7 };
extern const enum kldr_machine built_machines[BUILT_MACHINES];

// Exports of port.sys: routines, a variable, a forwarder, one without name, a hole; ordinals 1 to
// 5, 7 and 9, so that slot 5 and slot 7 are empty.
extern const struct kldr_build_export built_port_exports[BUILT_PORT_EXPORTS];
struct kldr_build_description built_port(enum kldr_machine machine);

// A built image and the reader's object over it, in file layout.
struct built_image {
    struct kldr_built_image built;
    struct kldr_image *image;
};

// Builds and opens the description; both must succeed.
void built_open(struct built_image *opened, const struct kldr_build_description *description);
void built_close(struct built_image *opened);

// The export of that name, which must be there; the hint is of no help.
struct kldr_export built_find(const struct built_image *opened, const char *name);

// The 64-bit number at rva, which must be inside the image.
uint64_t built_read(const struct built_image *opened, uint32_t rva);

#endif
