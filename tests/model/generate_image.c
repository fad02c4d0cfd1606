// SPDX-License-Identifier: MIT
#include "generate_image.h"

#include <stdio.h>
#include <string.h>

// ---- chance ----

// splitmix64, after the public description.
static uint64_t roll(struct dice *dice)
{
    uint64_t z = dice->state += 0x9E3779B97F4A7C15u;

    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

unsigned dice_below(struct dice *dice, unsigned limit)
{
    return (unsigned)(roll(dice) % limit);
}

bool dice_chance(struct dice *dice, unsigned percent)
{
    return dice_below(dice, 100) < percent;
}

static bool trouble(struct dice *dice, unsigned percent)
{
    return dice_chance(dice, percent) && (!dice->calm || dice_chance(dice, 15));
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

void generate_spelling(struct dice *dice, const char *path, char out[MODEL_PATH])
{
    size_t drivers = strlen(folders[0]);

    snprintf(out, MODEL_PATH, "%s", path);
    if (strncmp(path, folders[0], drivers) == 0 && dice_chance(dice, 15)) {
        snprintf(out, MODEL_PATH, "%s%s",
                 dice_chance(dice, 50) ? folders[4] : "\\SYSTEMROOT\\system32\\Drivers\\",
                 path + drivers);
    }
}

// ---- images ----

static void make_routine(struct dice *dice, struct model_routine *out, unsigned present,
                         unsigned success)
{
    unsigned i;

    out->kind = dice_chance(dice, present) ? MODEL_PRESENT : MODEL_ABSENT;
    if (out->kind == MODEL_PRESENT && present < 100 && dice_chance(dice, 5)) {
        out->kind = dice_chance(dice, 50) ? MODEL_DECORATED : MODEL_FORWARDED;
    }
    out->status_count = 1 + (dice_chance(dice, 30) ? dice_below(dice, 3) : 0);
    for (i = 0; i < out->status_count; i++) {
        out->status[i] = !trouble(dice, 100 - success) ? 0
                         : dice_chance(dice, 20)       ? 0x103u
                                                 : failures[dice_below(dice, sizeof(failures) / 4)];
    }
    out->across_loads = out->kind == MODEL_PRESENT && dice_chance(dice, 15);
}

void generate_exports(struct dice *dice, struct model_case *out, struct model_image *image)
{
    unsigned i, first = dice_below(dice, 6),
                count = trouble(dice, 40) ? 0 : 1 + dice_below(dice, 4);

    image->ordinal_base = dice_chance(dice, 80) ? 1 : 1 + dice_below(dice, 9);
    image->unsorted = dice_chance(dice, 10);
    image->no_directory = trouble(dice, 2);
    for (i = 0; i < count; i++) {
        struct model_export *e = &image->exports[image->export_count++];

        snprintf(e->name, sizeof(e->name), "%s", functions[(first + i) % 6]);
        if (dice_chance(dice, 25)) { // gaps are holes
            e->ordinal = image->ordinal_base + i * 3 + dice_below(dice, 3);
            e->noname = dice_chance(dice, 30);
        }
        if (dice_chance(dice, dice->calm ? 5 : 15)) {
            const char *target =
                dice_chance(dice, 10)
                    ? "ntoskrnl"
                    : stem(model_base_name(out->images[dice_below(dice, out->image_count)].path));

            snprintf(e->forward, sizeof(e->forward), "%s.%s", target,
                     strcmp(target, "ntoskrnl") == 0 ? "DbgPrint"
                     : trouble(dice, 10)             ? "#1"
                                                     : functions[dice_below(dice, 6)]);
        }
    }
}

static const struct model_image *pick_named(struct dice *dice, const struct model_case *input,
                                            const char *name)
{
    unsigned i, start = dice_below(dice, input->image_count);

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
                                                : functions[dice_below(dice, 6)]);
    if (exporter == NULL || exporter->export_count == 0 || trouble(dice, 3)) {
        out->hint = needs_hints(input, module) ? (int)dice_below(dice, 6) : -1;
        return;
    }
    e = &exporter->exports[dice_below(dice, exporter->export_count)];
    snprintf(out->name, sizeof(out->name), "%s", e->name);
    if (e->noname || dice_chance(dice, 10)) {
        out->name[0] = '\0';
        out->ordinal = e->ordinal != 0 ? e->ordinal : exporter->ordinal_base;
        out->ordinal += trouble(dice, 10) ? dice_below(dice, 4) : 0;
        out->ordinal -= trouble(dice, 5) && out->ordinal > 0;
    } else if (needs_hints(input, module) || dice_chance(dice, 10)) {
        out->hint = !trouble(dice, 25) ? model_name_index(exporter, out->name) : -1;
        out->hint = out->hint >= 0 ? out->hint : (int)dice_below(dice, 6);
    }
}

static unsigned count_functions(struct dice *dice, const struct model_case *input,
                                const char *module)
{
    const struct model_image *exporter = pick_named(dice, input, module);

    if (exporter != NULL && exporter->export_count == 0 && !trouble(dice, 50)) {
        return 0;
    }
    return dice_below(dice, MODEL_FUNCTIONS);
}

// At a name that is there.
static void aim_forwarder(struct dice *dice, const struct model_image *target,
                          struct model_export *out)
{
    const struct model_export *aim;

    if (target->export_count > 0 && !trouble(dice, 30)) {
        aim = &target->exports[dice_below(dice, target->export_count)];
        snprintf(out->forward + strcspn(out->forward, ".") + 1, MODEL_NAME, "%s", aim->name);
    }
}

void generate_forwarded(struct dice *dice, const struct model_case *input,
                        struct model_image *image)
{
    for (unsigned i = 0; i < image->export_count && image->import_count < MODEL_IMPORTS; i++) {
        const char *forward = image->exports[i].forward;

        for (unsigned j = 0; j < input->image_count && dice_chance(dice, 70); j++) {
            const char *name = model_base_name(input->images[j].path);

            if (forward[0] != '\0' && strncmp(name, forward, strcspn(forward, ".") + 1) == 0) {
                aim_forwarder(dice, &input->images[j], &image->exports[i]);
                struct model_import *import = &image->imports[image->import_count++];

                memset(import, 0, sizeof(*import));
                snprintf(import->module, sizeof(import->module), "%s", name);
                break;
            }
        }
    }
}

void generate_imports(struct dice *dice, const struct model_case *input, struct model_image *image,
                      unsigned self)
{
    unsigned i, j;

    image->import_count = trouble(dice, 40) ? 0 : 1 + dice_below(dice, 4);
    for (i = 0; i < image->import_count; i++) {
        struct model_import *import = &image->imports[i];
        unsigned later = self + 1 + dice_below(dice, input->image_count);
        unsigned target = dice_chance(dice, 80) && later < input->image_count
                              ? later
                              : dice_below(dice, input->image_count);
        const char *name = model_base_name(input->images[target].path);

        name = trouble(dice, 3)       ? "nowhere.sys"
               : dice_chance(dice, 5) ? "ntoskrnl.exe"
               : dice_chance(dice, 3) ? "hal.dll"
               : trouble(dice, 2)     ? "user32.dll"
                                      : name;
        snprintf(import->module, sizeof(import->module), "%s", name);
        if (dice_chance(dice, 10)) { // another spelling
            import->module[0] = (char)(import->module[0] - ('a' <= name[0] && name[0] <= 'z') * 32);
        }
        import->no_lookup_table = trouble(dice, 2);
        import->function_count = count_functions(dice, input, import->module);
        for (j = 0; j < import->function_count; j++) {
            make_function(dice, input, import->module, &import->functions[j]);
        }
    }
}

void generate_path(struct dice *dice, struct model_case *out, struct model_image *image)
{
    unsigned i, turn = 0;
    bool taken;

    do { // mostly new names; some twice, in different folders
        const char *name =
            names[trouble(dice, 40) ? dice_below(dice, NAMES) : dice_below(dice, 10)];

        if (out->image_count > 0 && trouble(dice, 10)) {
            name = model_base_name(out->images[dice_below(dice, out->image_count)].path);
        }
        snprintf(image->path, sizeof(image->path), "%s%s",
                 folders[trouble(dice, 35) ? dice_below(dice, 4) : 0], name);
        for (i = 0, taken = false; i < out->image_count; i++) {
            taken = taken || model_same(out->images[i].path, image->path);
            taken = taken || (turn < 20 && !trouble(dice, 10) &&
                              model_same(model_base_name(out->images[i].path), name));
        }
        turn++;
    } while (taken);
}

void generate_routines(struct dice *dice, struct model_image *image)
{
    make_routine(dice, &image->initialize, 70, 85);
    make_routine(dice, &image->unload, 75, 70);
    make_routine(dice, &image->entry, 100, 90);
    image->entry.status_count = image->entry.across_loads ? image->entry.status_count : 1;
    image->driver_unload = dice_chance(dice, 93);
    image->broken = trouble(dice, 6) ? (enum model_broken)(1 + dice_below(dice, 8)) : MODEL_WHOLE;
    if (image->broken == MODEL_RELOCATIONS_STRIPPED || dice_chance(dice, 5)) {
        // Nothing is bound to such an image: a reused address would bring a dangling cell to life.
        image->base = dice_chance(dice, 80) && image->broken != MODEL_X86
                          ? 0xFFFFF80100000000u + 0x10000000u * dice_below(dice, 3)
                          : 0;
        image->export_count = 0;
        image->initialize.kind = image->unload.kind = MODEL_ABSENT;
    }
}
