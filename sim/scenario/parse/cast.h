// SPDX-License-Identifier: MIT
// Everybody who appears in a scenario: images by path, modules by base name, services, work items.
#ifndef KS_SCENARIO_CAST_H
#define KS_SCENARIO_CAST_H

#include "scenario/parse/build.h"
#include "scenario/parse/names.h"

struct ks_cast_image {
    const struct ks_image *image;
    struct ks_cast_image *next;
};

// A base name, and the files that have it.
struct ks_cast_module {
    const char *name; // as first written
    struct ks_cast_image *images, **last;
    size_t path_count; // different files; 0: only named in some `imports`
    bool real;         // one of them is a real image, whose exports are not known here
    // Of the declared ones, filled when first asked for: exports and routines; imports, as "Name"
    // or "#7".
    struct ks_names routines, imports;
};

struct ks_cast {
    struct ks_parse *parse;
    const struct ks_scenario *scenario;
    struct ks_names paths;    // of images, \SystemRoot followed -> struct ks_image
    struct ks_names modules;  // base names -> struct ks_cast_module
    struct ks_names services; // declared -> struct ks_service
    struct ks_names made;     // made by a load step that gives an image -> struct ks_step
    struct ks_names queues;   // names of work items
    bool real;                // there is a real image: work items may come from its code
};

void ks_cast_init(struct ks_cast *cast, struct ks_build *build);

// A path with \SystemRoot\ followed to where it leads; a base name is put into the drivers folder.
const char *ks_cast_full_path(struct ks_cast *cast, const char *path);

bool ks_cast_is_kernel(const char *module);

// A module by base name or path; NULL when nobody has that base name.
struct ks_cast_module *ks_cast_module(const struct ks_cast *cast, const char *name);

// Whether a module has, or may have, a routine or export of that name ("#7": an ordinal).
bool ks_cast_has_routine(struct ks_cast *cast, struct ks_cast_module *module, const char *name);

// Whether a module imports, or may import, a function ("Name" or "#7").
bool ks_cast_has_import(struct ks_cast *cast, struct ks_cast_module *module, const char *name);

// The module that stands for a service that is not declared ("mini" and "mini.sys"), or NULL.
struct ks_cast_module *ks_cast_service_module(const struct ks_cast *cast, const char *service);

// The name of a service: as declared, as made by a load step, or the base name without .sys. NULL
// when there is no such service.
const char *ks_cast_service(struct ks_cast *cast, const char *name);

// Advice for names that do not exist.
const char *ks_cast_near_module(struct ks_cast *cast, const char *name);
const char *ks_cast_near_image(struct ks_cast *cast, const char *path);
const char *ks_cast_near_service(struct ks_cast *cast, const char *name);
const char *ks_cast_near_routine(struct ks_cast *cast, struct ks_cast_module *module,
                                 const char *name);
const char *ks_cast_near_import(struct ks_cast *cast, struct ks_cast_module *module,
                                const char *name);

#endif
