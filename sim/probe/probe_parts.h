// SPDX-License-Identifier: MIT
// Between the files of sim/probe.
#ifndef KS_PROBE_PARTS_H
#define KS_PROBE_PARTS_H

#include "output/text_buffer.h"
#include "probe/probe.h"
#include "scenario/arena.h"

// An image of the probe: where it lies here and on the machine.
struct ks_probe_image {
    const struct ks_image *image;
    char *file; // "images/01-port.sys"
};

struct ks_probe_maker {
    struct ks_probe probe; // first: the public view
    struct ks_arena arena;
    const struct ks_scenario *scenario;
    const char *profile; // NULL: none chosen
    struct ks_probe_image *images;
    size_t image_count;
    struct kldr_error *error;
    bool out_of_memory;
};

// Sets the error of something that cannot be done. Returns KLDR_ERROR_UNSUPPORTED.
KLDR_PRINTF_LIKE(3, 4)
kldr_status ks_probe_refuse(struct ks_probe_maker *maker, const struct ks_place *place,
                            const char *format, ...);

// Takes the text over as a file; line ends become CR LF when crlf.
void ks_probe_add_text(struct ks_probe_maker *maker, const char *path, struct ks_text_buffer *text,
                       bool crlf);
void ks_probe_add_bytes(struct ks_probe_maker *maker, const char *path, const void *bytes,
                        size_t size);

// Whether a step is performed under the chosen profile.
bool ks_probe_has_step(const struct ks_probe_maker *maker, const struct ks_step *step);
// The image of the probe that a scenario image became.
const struct ks_probe_image *ks_probe_find(const struct ks_probe_maker *maker,
                                           const struct ks_image *image);

// ---- what can be done (probe_check.c) ----

kldr_status ks_probe_check(struct ks_probe_maker *maker);

// ---- images (probe_image.c, probe_x64.c) ----

kldr_status ks_probe_build_image(struct ks_probe_maker *maker, const struct ks_image *image,
                                 struct kldr_built_image *out);

// A routine to be written as code.
struct ks_probe_routine {
    const char *module, *name;
    const struct ks_routine *behaviour; // NULL: returns 0
    bool sets_unload;                   // DriverEntry of a driver with DriverUnload
    uint32_t print_import;              // descriptor whose first function is DbgPrintEx
    uint32_t counter;                   // offset of its call counter in the code's data
};

// Writes the code into the arena. NULL bytes: memory is out.
void ks_probe_x64_emit(struct ks_arena *arena, const struct ks_probe_routine *routine,
                       struct kldr_build_code *out_code);

// ---- scripts and texts (probe_script.c, probe_text.c) ----

void ks_probe_write_run(struct ks_probe_maker *maker, struct ks_text_buffer *out);
void ks_probe_write_cleanup(struct ks_probe_maker *maker, struct ks_text_buffer *out);
void ks_probe_write_modules(struct ks_probe_maker *maker, struct ks_text_buffer *out);
void ks_probe_write_sign(struct ks_text_buffer *out);
void ks_probe_write_readme(struct ks_probe_maker *maker, struct ks_text_buffer *out);

// The service that a load step starts. False when it cannot be made (no Type), or memory is out.
struct ks_probe_service {
    const char *name;
    const char *path; // ImagePath
    uint32_t type;
    const char *object_name; // NULL: the default
};
bool ks_probe_service_of(struct ks_probe_maker *maker, const struct ks_step *step,
                         struct ks_probe_service *out_service);

// A full NT path as cmd.exe takes it: "%SystemRoot%\System32\drivers\port.sys".
void ks_probe_write_host_path(struct ks_text_buffer *out, const char *path);

#endif
