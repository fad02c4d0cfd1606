// SPDX-License-Identifier: MIT
#include "generate.h"

#include <stdio.h>
#include <string.h>

// ---- chance ----

struct dice {
    uint64_t state;
};

// splitmix64, after the public description.
static uint64_t roll(struct dice *dice)
{
    uint64_t z = dice->state += 0x9E3779B97F4A7C15u;

    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

static unsigned below(struct dice *dice, unsigned limit)
{
    return (unsigned)(roll(dice) % limit);
}

static bool chance(struct dice *dice, unsigned percent)
{
    return below(dice, 100) < percent;
}

// ---- names ----

// Names that rules look at, among plain ones: prefixes that are not counted, GDI names, user-mode
// modules, several dots, prefixes of each other.
static const char *const names[] = {
    "a.sys",     "b.sys",       "c.sys",    "d.sys",      "e.sys",         "f.sys",
    "g.sys",     "h.sys",       "port.sys", "halo.sys",   "hal_ext.sys",   "win32k.sys",
    "dxapi.sys", "win32kx.sys", "irt.sys",  "my.lib.sys", "kernel32.dll",  "b.x.sys",
    "port.dll",  "A.B.C.sys",   "gdi.sys",  "ntdllx.sys", "ntoskrnl2.sys", "coverage1.sys"};
#define NAMES (sizeof(names) / sizeof(names[0]))

static const char *const folders[] = {"\\SystemRoot\\System32\\drivers\\", "\\??\\C:\\x\\",
                                      "\\SystemRoot\\System32\\", "\\??\\C:\\x\\drivers\\",
                                      "\\??\\C:\\Windows\\System32\\drivers\\"};

static const char *const functions[] = {"F", "G", "Init", "f", "Zeta", "Alpha"};

static const uint32_t failures[] = {0xC0000001u, 0xC0000034u, 0xC000009Au, 0xC0000017u,
                                    0xC0000263u, 0x80000005u, 0xC0000018u, 0xC000003Au,
                                    0xC0000262u, 0xC00000BBu};

static const char *stem(const char *name)
{
    static char text[MODEL_NAME];

    snprintf(text, sizeof(text), "%.*s", (int)strcspn(name, "."), name);
    return text;
}

// The same file, in words of its own.
static void spell(struct dice *dice, const char *path, char out[MODEL_PATH])
{
    size_t drivers = strlen(folders[0]);

    snprintf(out, MODEL_PATH, "%s", path);
    if (strncmp(path, folders[0], drivers) == 0 && chance(dice, 15)) {
        snprintf(out, MODEL_PATH, "%s%s",
                 chance(dice, 50) ? folders[4] : "\\SYSTEMROOT\\system32\\Drivers\\",
                 path + drivers);
    }
}

// ---- images ----

static void make_routine(struct dice *dice, struct model_routine *out, unsigned present,
                         unsigned success)
{
    unsigned i;

    out->kind = chance(dice, present) ? MODEL_PRESENT : MODEL_ABSENT;
    if (out->kind == MODEL_PRESENT && present < 100 && chance(dice, 5)) {
        out->kind = chance(dice, 50) ? MODEL_DECORATED : MODEL_FORWARDED;
    }
    out->status_count = 1 + (chance(dice, 30) ? below(dice, 3) : 0);
    for (i = 0; i < out->status_count; i++) {
        out->status[i] = chance(dice, success) ? 0
                         : chance(dice, 20)    ? 0x103u
                                               : failures[below(dice, sizeof(failures) / 4)];
    }
    out->across_loads = out->kind == MODEL_PRESENT && chance(dice, 15);
}

static void make_exports(struct dice *dice, struct model_case *out, struct model_image *image)
{
    unsigned i, first = below(dice, 6), count = below(dice, 5);

    image->ordinal_base = chance(dice, 80) ? 1 : 1 + below(dice, 9);
    image->unsorted = chance(dice, 10);
    image->no_directory = chance(dice, 2);
    for (i = 0; i < count; i++) {
        struct model_export *e = &image->exports[image->export_count++];

        snprintf(e->name, sizeof(e->name), "%s", functions[(first + i) % 6]);
        if (chance(dice, 25)) { // gaps are holes
            e->ordinal = image->ordinal_base + i * 3 + below(dice, 3);
            e->noname = chance(dice, 30);
        }
        if (chance(dice, 15)) {
            const char *target =
                chance(dice, 10)
                    ? "ntoskrnl"
                    : stem(model_base_name(out->images[below(dice, out->image_count)].path));

            snprintf(e->forward, sizeof(e->forward), "%s.%s", target,
                     strcmp(target, "ntoskrnl") == 0 ? "DbgPrint"
                     : chance(dice, 10)              ? "#1"
                                                     : functions[below(dice, 6)]);
        }
    }
}

static const struct model_image *pick_named(struct dice *dice, const struct model_case *input,
                                            const char *name)
{
    unsigned i, start = below(dice, input->image_count);

    for (i = 0; i < input->image_count; i++) {
        const struct model_image *image = &input->images[(start + i) % input->image_count];

        if (model_same(model_base_name(image->path), name)) {
            return image;
        }
    }
    return NULL;
}

// Whether hints matter: a version of the module has a name table that searching cannot be trusted
// with.
static bool needs_hints(const struct model_case *input, const char *name)
{
    unsigned i;

    for (i = 0; i < input->image_count; i++) {
        if (input->images[i].unsorted && model_same(model_base_name(input->images[i].path), name)) {
            return true;
        }
    }
    return false;
}

static void make_function(struct dice *dice, const struct model_case *input, const char *module,
                          struct model_function *out)
{
    const struct model_image *exporter = pick_named(dice, input, module);
    const struct model_export *e;

    out->hint = -1;
    snprintf(out->name, sizeof(out->name), "%s",
             model_same(module, "ntoskrnl.exe") ? "DbgPrint"
             : model_same(module, "hal.dll")    ? "HalMakeBeep"
                                                : functions[below(dice, 6)]);
    if (exporter == NULL || exporter->export_count == 0 || chance(dice, 3)) {
        out->hint = needs_hints(input, module) ? (int)below(dice, 6) : -1;
        return;
    }
    e = &exporter->exports[below(dice, exporter->export_count)];
    snprintf(out->name, sizeof(out->name), "%s", e->name);
    if (e->noname || chance(dice, 10)) {
        out->name[0] = '\0';
        out->ordinal = e->ordinal != 0 ? e->ordinal : exporter->ordinal_base;
        out->ordinal += chance(dice, 10) ? below(dice, 4) : 0;
        out->ordinal -= chance(dice, 5) && out->ordinal > 0;
    } else if (needs_hints(input, module) || chance(dice, 10)) {
        out->hint = chance(dice, 75) ? model_name_index(exporter, out->name) : -1;
        out->hint = out->hint >= 0 ? out->hint : (int)below(dice, 6);
    }
}

static void make_imports(struct dice *dice, const struct model_case *input,
                         struct model_image *image, unsigned self)
{
    unsigned i, j;

    image->import_count = below(dice, 5);
    for (i = 0; i < image->import_count; i++) {
        struct model_import *import = &image->imports[i];
        unsigned later = self + 1 + below(dice, input->image_count);
        unsigned target = chance(dice, 80) && later < input->image_count
                              ? later
                              : below(dice, input->image_count);
        const char *name = model_base_name(input->images[target].path);

        name = chance(dice, 3)   ? "nowhere.sys"
               : chance(dice, 5) ? "ntoskrnl.exe"
               : chance(dice, 3) ? "hal.dll"
               : chance(dice, 1) ? "user32.dll"
                                 : name;
        snprintf(import->module, sizeof(import->module), "%s", name);
        if (chance(dice, 10)) { // another spelling
            import->module[0] = (char)(import->module[0] - ('a' <= name[0] && name[0] <= 'z') * 32);
        }
        import->no_lookup_table = chance(dice, 2);
        import->function_count = below(dice, MODEL_FUNCTIONS);
        for (j = 0; j < import->function_count; j++) {
            make_function(dice, input, import->module, &import->functions[j]);
        }
    }
}

static void make_path(struct dice *dice, struct model_case *out, struct model_image *image)
{
    unsigned i, turn = 0;
    bool taken;

    do { // mostly new names; some twice, in different folders
        const char *name = names[chance(dice, 60) ? below(dice, 9) : below(dice, NAMES)];

        if (out->image_count > 0 && chance(dice, 10)) {
            name = model_base_name(out->images[below(dice, out->image_count)].path);
        }
        snprintf(image->path, sizeof(image->path), "%s%s",
                 folders[chance(dice, 65) ? 0 : below(dice, 4)], name);
        for (i = 0, taken = false; i < out->image_count; i++) {
            taken = taken || model_same(out->images[i].path, image->path);
            taken = taken || (turn < 20 && !chance(dice, 10) &&
                              model_same(model_base_name(out->images[i].path), name));
        }
        turn++;
    } while (taken);
}

static void make_image(struct dice *dice, struct model_image *image)
{
    make_routine(dice, &image->initialize, 70, 85);
    make_routine(dice, &image->unload, 75, 70);
    make_routine(dice, &image->entry, 100, 90);
    image->entry.status_count = image->entry.across_loads ? image->entry.status_count : 1;
    image->driver_unload = chance(dice, 93);
    image->broken = chance(dice, 6) ? (enum model_broken)(1 + below(dice, 8)) : MODEL_WHOLE;
    if (image->broken == MODEL_RELOCATIONS_STRIPPED || chance(dice, 5)) {
        // Nothing is bound to such an image: a reused address would bring a dangling cell to life.
        image->base = chance(dice, 80) && image->broken != MODEL_X86
                          ? 0xFFFFF80100000000u + 0x10000000u * below(dice, 3)
                          : 0;
        image->export_count = 0;
        image->initialize.kind = image->unload.kind = MODEL_ABSENT;
    }
}

// ---- steps ----

static void make_services(struct dice *dice, struct model_case *out)
{
    unsigned i;

    for (i = 0; i < out->image_count && out->service_count < MODEL_SERVICES - 2; i++) {
        struct model_service *service = &out->services[out->service_count];

        if (out->images[i].on_disk || chance(dice, 30)) {
            snprintf(service->name, sizeof(service->name), "s%u", out->service_count++);
            spell(dice, out->images[i].path, service->path);
        }
    }
    for (i = 0; i < 2; i++) {
        struct model_service *service = &out->services[out->service_count];

        snprintf(service->name, sizeof(service->name), "s%u", out->service_count++);
        if (chance(dice, 15)) {
            snprintf(service->path, sizeof(service->path), "\\??\\C:\\none\\z.sys");
        } else {
            spell(dice, out->images[below(dice, out->image_count)].path, service->path);
        }
    }
}

static void make_disk_step(struct dice *dice, const struct model_case *input,
                           struct model_step *step)
{
    unsigned i, image = below(dice, input->image_count);

    for (i = 0; i < input->image_count && chance(dice, 70); i++) { // rather one not there yet
        if (!input->images[(image + i) % input->image_count].on_disk) {
            image = (image + i) % input->image_count;
            break;
        }
    }
    step->image = image;
    memcpy(step->path, input->images[image].path, sizeof(step->path));
    step->action = chance(dice, 35)   ? MODEL_DELETE
                   : chance(dice, 50) ? MODEL_CREATE
                                      : MODEL_REPLACE;
}

static void make_step(struct dice *dice, const struct model_case *input, struct model_step *step)
{
    unsigned what = below(dice, 100);

    memset(step, 0, sizeof(*step));
    step->service = below(dice, input->service_count);
    if (chance(dice, 50)) { // the same few drivers come and go
        step->service = below(dice, 1 + input->service_count / 3);
    }
    if (what < 45) {
        step->action = MODEL_LOAD;
    } else if (what < 78) {
        step->action = MODEL_UNLOAD;
    } else if (what < 92) {
        step->action = what < 85 ? MODEL_LOAD_IMAGE : MODEL_UNLOAD_IMAGE;
        spell(dice, input->images[step->service % input->image_count].path, step->path);
    } else {
        make_disk_step(dice, input, step);
    }
}

bool generate_is_valid(const struct model_case *input)
{
    bool there[MODEL_IMAGES];
    unsigned i, j;

    for (i = 0; i < input->image_count; i++) {
        there[i] = input->images[i].on_disk;
    }
    for (i = 0; i < input->step_count; i++) {
        const struct model_step *step = &input->steps[i];
        bool present = false;

        if (step->action != MODEL_DELETE && step->action != MODEL_CREATE &&
            step->action != MODEL_REPLACE) {
            continue;
        }
        for (j = 0; j < input->image_count; j++) {
            if (there[j] && model_same(input->images[j].path, step->path)) {
                present = true;
                there[j] = false;
            }
        }
        if (present == (step->action == MODEL_CREATE)) {
            return false;
        }
        there[step->image] = step->action != MODEL_DELETE;
    }
    return true;
}

// A path that a step names must lead to some image of the scenario.
static void bring_every_path(struct model_case *out)
{
    unsigned i, j;

    for (i = 0; i < out->image_count; i++) {
        bool brought = false;

        for (j = 0; j < out->image_count; j++) {
            brought = brought || (out->images[j].on_disk &&
                                  model_same(out->images[i].path, out->images[j].path));
        }
        for (j = 0; j < out->step_count; j++) {
            brought = brought || (out->steps[j].action >= MODEL_DELETE &&
                                  model_same(out->images[i].path, out->steps[j].path));
        }
        out->images[i].on_disk = out->images[i].on_disk || !brought;
    }
}

void generate_case(uint64_t seed, enum model_profile profile, struct model_case *out)
{
    struct dice dice = {seed};
    unsigned i, count = 2 + below(&dice, 4) + (chance(&dice, 40) ? below(&dice, 7) : 0);

    memset(out, 0, sizeof(*out));
    out->profile = profile;
    out->enforce_checksum = chance(&dice, 10);
    for (i = 0; i < count; i++) {
        make_path(&dice, out, &out->images[i]);
        out->images[i].on_disk = !chance(&dice, 5);
        out->image_count++;
    }
    for (i = 0; i < 2 && chance(&dice, 30); i++) { // other contents for a file that is there
        struct model_image *image = &out->images[out->image_count];

        memcpy(image->path, out->images[below(&dice, count)].path, sizeof(image->path));
        out->image_count++;
    }
    for (i = 0; i < out->image_count; i++) {
        make_exports(&dice, out, &out->images[i]);
        make_image(&dice, &out->images[i]);
    }
    for (i = 0; i < out->image_count; i++) {
        make_imports(&dice, out, &out->images[i], i);
    }
    make_services(&dice, out);
    count = 3 + below(&dice, 10);
    while (out->step_count < count) {
        make_step(&dice, out, &out->steps[out->step_count++]);
        out->step_count -= !generate_is_valid(out);
    }
    bring_every_path(out);
}
