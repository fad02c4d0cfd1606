// SPDX-License-Identifier: MIT
// The rules, in the order of the behaviour sheet. Nothing here is fast or general; all arrays are
// fixed and instances are never reused, so a pointer to one that is gone stays good for asking.
#include "model.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DRIVERS       "\\SystemRoot\\System32\\drivers\\"
#define INSTANCES     512
#define HELD          (MODEL_IMPORTS * MODEL_FUNCTIONS)
#define RING          50
#define FORWARDERS    32
#define NOT_FOUND     0xC0000034u
#define PATH_MISSING  0xC000003Au
#define ALREADY       0xC000010Eu
#define ALREADY_DLL   0xC000019Du
#define NO_ORDINAL    0xC0000262u
#define NO_ENTRYPOINT 0xC0000263u
#define UNABLE        0xC000026Cu

struct knobs {
    bool both, exact, one_final, before, launder, gdi, empty_fails, second_copy_is_dll;
    enum { SEARCH_DRIVERS, SEARCH_IMPORTER, SEARCH_THEN_DRIVERS, SEARCH_THEN_SUBDIR } search;
    bool prefix_uncounted, reactos_already, mixed, ring;
    enum { LOG_ONE, LOG_EACH, LOG_NONE } log;
    uint32_t x86;
};

// Section 11, one row for each profile.
static const struct knobs rows[MODEL_PROFILES] = {
    {.both = true,
     .exact = true,
     .second_copy_is_dll = true,
     .search = SEARCH_DRIVERS,
     .ring = true,
     .log = LOG_ONE,
     .x86 = 0xC0000130u},
    {.launder = true,
     .gdi = true,
     .empty_fails = true,
     .search = SEARCH_IMPORTER,
     .prefix_uncounted = true,
     .ring = true,
     .log = LOG_EACH,
     .x86 = 0xC000036Bu},
    {.one_final = true,
     .before = true,
     .search = SEARCH_THEN_DRIVERS,
     .ring = true,
     .log = LOG_NONE,
     .x86 = 0xC0000130u},
    {.one_final = true,
     .before = true,
     .second_copy_is_dll = true,
     .search = SEARCH_THEN_DRIVERS,
     .ring = true,
     .log = LOG_NONE,
     .x86 = 0xC0000130u},
    {.gdi = true,
     .empty_fails = true,
     .search = SEARCH_THEN_SUBDIR,
     .prefix_uncounted = true,
     .reactos_already = true,
     .mixed = true,
     .log = LOG_NONE,
     .x86 = 0xC0000130u},
};

struct instance;

struct file {
    const struct model_image *image;
    unsigned number; // another one for each file that was ever written
};

struct cell {
    const struct model_function *function;
    const char *module; // the descriptor's
    struct instance *target;
    unsigned index; // in the target's function table
    bool forwarded;
};

struct instance {
    const struct model_image *image;
    char path[MODEL_PATH];
    const char *name; // in path
    bool kernel, listed, loading, dependent, inactive, refused, initialized, by_image;
    int count, driver; // driver: service number, or -1
    unsigned file;     // number of the file it came from
    uint64_t base;     // where the image asked to be and is
    struct instance *held[HELD];
    unsigned held_count;
    struct cell cells[HELD];
    unsigned cell_count;
    unsigned unload_calls;
    struct instance *reported[INSTANCES / 8]; // vanished images told about
    unsigned reported_count;
};

struct seen { // a file read while looking for everything that is missing (A22)
    const struct model_image *image;
    const char *name;
};

struct failure { // what a log record says
    char module[MODEL_PATH], procedure[MODEL_NAME];
    bool has_value;
    uint32_t value;
};

struct model {
    const struct model_case *input;
    struct knobs knob;
    enum model_bug bug;
    struct model_image kernel[2];
    struct file disk[MODEL_IMAGES];
    unsigned disk_count, file_count;
    bool was_there[MODEL_IMAGES];                      // images that lie or lay on the disk
    unsigned calls[MODEL_IMAGES + MODEL_STEPS + 1][3]; // of each file, across loads
    struct instance *instances;
    unsigned instance_count;
    struct instance *list[INSTANCES]; // load order
    unsigned list_count;
    char ring[RING][MODEL_NAME];
    unsigned ring_count;
    struct seen seen[64];
    unsigned seen_count;
    struct failure first; // of the outermost load: what is really missing
    bool unsure;          // A22 says too little of what is missing in this step
    bool too_deep;        // the last forwarder chain was too long
    struct model_outcome *out;
};

// What an export table holds.
struct table {
    struct {
        const char *forward;
        bool used;
    } function[64];
    unsigned function_count;
    struct {
        const char *name;
        unsigned index;
    } name[MODEL_EXPORTS + 2];
    unsigned name_count;
};

static const char *const bug_names[MODEL_BUGS] = {
    "none",
    "counts are taken for each function",
    "DllInitialize runs for every importer",
    "DllUnload runs when the driver object drops the last count",
    "imports of a module in progress are counted",
    "a refused DllUnload is never asked again",
    "an image is unmapped before its imports are dropped",
    "a failure below a DLL starts the second search",
    "0xC0000018 passes unlaundered",
    "a forwarder's target is counted",
    "the ring records aborted loads",
};

const char *model_bug_name(enum model_bug bug)
{
    return bug_names[bug];
}

// ---- text ----

bool model_same(const char *a, const char *b)
{
    while (*a != '\0' && tolower((unsigned char)*a) == tolower((unsigned char)*b)) {
        a++, b++;
    }
    return *a == '\0' && *b == '\0';
}

static bool begins(const char *text, const char *prefix)
{
    while (*prefix != '\0' && tolower((unsigned char)*text) == tolower((unsigned char)*prefix)) {
        text++, prefix++;
    }
    return *prefix == '\0';
}

const char *model_base_name(const char *path)
{
    const char *slash = strrchr(path, '\\');

    return slash != NULL ? slash + 1 : path;
}

static void add(struct model_text *text, const char *item)
{
    int length = snprintf(text->text + text->length, MODEL_TEXT - text->length, "%s%s",
                          text->length > 0 ? ", " : "", item);

    if (length < 0 || (size_t)length >= MODEL_TEXT - text->length) {
        fprintf(stderr, "model: a list of an outcome is too long\n");
        abort();
    }
    text->length += (size_t)length;
}

#define ADD(text, ...)                                                                             \
    do {                                                                                           \
        char item_[1024];                                                                          \
        snprintf(item_, sizeof(item_), __VA_ARGS__);                                               \
        add(&(text), item_);                                                                       \
    } while (0)

// ---- the disk ----

static void canonical(const char *path, char out[MODEL_PATH])
{
    bool link = begins(path, "\\SystemRoot\\");
    size_t i;

    snprintf(out, MODEL_PATH, "%s%s", link ? "\\??\\C:\\Windows" : "", path + (link ? 11 : 0));
    for (i = 0; out[i] != '\0'; i++) {
        out[i] = (char)tolower((unsigned char)out[i]);
    }
}

static bool same_file(const char *a, const char *b)
{
    char left[MODEL_PATH], right[MODEL_PATH];

    canonical(a, left);
    canonical(b, right);
    return strcmp(left, right) == 0;
}

static struct file *on_disk(struct model *model, const char *path)
{
    unsigned i;

    for (i = 0; i < model->disk_count; i++) {
        if (same_file(model->disk[i].image->path, path)) {
            return &model->disk[i];
        }
    }
    return NULL;
}

// A10: a folder exists when some image lies or lay in or below it; so do the drivers folder and its
// parents.
static bool folder_exists(const struct model *model, const char *path)
{
    char folder[MODEL_PATH], other[MODEL_PATH];
    unsigned i;

    canonical(path, folder);
    folder[model_base_name(folder) - folder] = '\0';
    canonical(DRIVERS, other);
    if (begins(other, folder)) {
        return true;
    }
    for (i = 0; i < model->input->image_count; i++) {
        canonical(model->input->images[i].path, other);
        if (model->was_there[i] && begins(other, folder)) {
            return true;
        }
    }
    return false;
}

// ---- export tables ----

static const char *routine_export(const struct model_routine *routine, bool unload)
{
    if (routine->kind == MODEL_DECORATED) {
        return unload ? "_DllUnload@0" : "_DllInitialize@4";
    }
    return unload ? "DllUnload" : "DllInitialize";
}

static void put_export(struct table *table, const char *name, unsigned index, const char *forward)
{
    while (index == UINT32_MAX || table->function[index].used) {
        index++;
    }
    table->function[index].used = true;
    table->function[index].forward = forward;
    if (index >= table->function_count) {
        table->function_count = index + 1;
    }
    if (name != NULL) {
        table->name[table->name_count].name = name;
        table->name[table->name_count++].index = index;
    }
}

// Exports with an ordinal, then the others at the lowest free ones, then the two routines (A53);
// the name table sorted, or as listed (A13). False when there is no directory (A14).
static bool make_table(const struct model_image *image, struct table *table)
{
    struct table placed = {0};
    unsigned i, j;

    memset(table, 0, sizeof(*table));
    if (image->no_directory) {
        return false;
    }
    for (i = 0; i < image->export_count; i++) {
        if (image->exports[i].ordinal != 0) {
            put_export(&placed, NULL, image->exports[i].ordinal - image->ordinal_base, NULL);
        }
    }
    *table = placed;
    for (i = 0; i < image->export_count; i++) {
        const struct model_export *e = &image->exports[i];
        unsigned index = e->ordinal != 0 ? e->ordinal - image->ordinal_base : 0;

        if (e->ordinal != 0) {
            table->function[index].used = false;
        }
        put_export(table, e->noname ? NULL : e->name, index,
                   e->forward[0] != '\0' ? e->forward : NULL);
    }
    for (i = 0; i < 2; i++) {
        const struct model_routine *routine = i == 0 ? &image->initialize : &image->unload;

        if (routine->kind != MODEL_ABSENT) {
            put_export(table, routine_export(routine, i == 1), 0,
                       routine->kind == MODEL_FORWARDED ? "nowhere.Fn" : NULL);
        }
    }
    for (i = 1; i < table->name_count && !image->unsorted; i++) {
        for (j = i; j > 0 && strcmp(table->name[j - 1].name, table->name[j].name) > 0; j--) {
            struct table copy = *table;

            table->name[j] = copy.name[j - 1];
            table->name[j - 1] = copy.name[j];
        }
    }
    return table->function_count > 0;
}

int model_name_index(const struct model_image *image, const char *name)
{
    struct table table;
    unsigned i;

    make_table(image, &table);
    for (i = 0; i < table.name_count; i++) {
        if (strcmp(table.name[i].name, name) == 0) {
            return (int)i;
        }
    }
    return -1;
}

// S2, S3: the hint, then a search by halving. -1: not there.
static int find_name(const struct table *table, const char *name, int hint)
{
    int low = 0, high = (int)table->name_count - 1;

    if (hint >= 0 && hint < (int)table->name_count && strcmp(table->name[hint].name, name) == 0) {
        return (int)table->name[hint].index;
    }
    while (low <= high) {
        int middle = (low + high) / 2;
        int order = strcmp(name, table->name[middle].name);

        if (order == 0) {
            return (int)table->name[middle].index;
        }
        if (order < 0) {
            high = middle - 1;
        } else {
            low = middle + 1;
        }
    }
    return -1;
}

// N2, U9: the exact name, found by search, not a forwarder.
static bool has_routine(const struct model_image *image, bool unload)
{
    struct table table;
    int index;

    if (!make_table(image, &table)) {
        return false;
    }
    index = find_name(&table, unload ? "DllUnload" : "DllInitialize", -1);
    return index >= 0 && table.function[index].forward == NULL;
}

// ---- the module list ----

static struct instance *find_base(struct model *model, const char *name)
{
    unsigned i;

    for (i = 0; i < model->list_count; i++) {
        if (model_same(model->list[i]->name, name)) {
            return model->list[i];
        }
    }
    return NULL;
}

static struct instance *find_full(struct model *model, const char *path)
{
    unsigned i;

    for (i = 0; i < model->list_count; i++) {
        if (!model->list[i]->kernel && model_same(model->list[i]->path, path)) {
            return model->list[i];
        }
    }
    return NULL;
}

static struct instance *append(struct model *model, const struct model_image *image,
                               const char *path)
{
    struct instance *new = &model->instances[model->instance_count++];
    unsigned i;

    if (model->instance_count == INSTANCES) {
        fprintf(stderr, "model: too many instances\n");
        abort();
    }
    memset(new, 0, sizeof(*new));
    new->image = image;
    snprintf(new->path, sizeof(new->path), "%s", path);
    new->name = model_base_name(new->path);
    new->count = 1;
    new->driver = -1;
    new->listed = true;
    new->base = image->base;
    for (i = 0; i < model->list_count; i++) {
        new->base = model->list[i]->base == image->base ? 0 : new->base;
    }
    model->list[model->list_count++] = new;
    return new;
}

static void unlist(struct model *model, struct instance *old)
{
    unsigned i, kept = 0;

    for (i = 0; i < model->list_count; i++) {
        if (model->list[i] != old) {
            model->list[kept++] = model->list[i];
        }
    }
    model->list_count = kept;
    old->listed = false;
    ADD(model->out->events, "image.unlisted %s", old->name);
}

// The base name, or the full path where that could mean two.
static const char *label(const struct model *model, const struct instance *instance)
{
    unsigned i, files = 0, loaded = 0;

    for (i = 0; i < model->input->image_count; i++) {
        const char *path = model->input->images[i].path;

        files +=
            model_same(model_base_name(path), instance->name) && !same_file(path, instance->path);
    }
    for (i = 0; i < model->list_count; i++) {
        loaded += model_same(model->list[i]->name, instance->name);
    }
    return files > 0 || loaded > 1 ? instance->path : instance->name;
}

// ---- findings ----

static void found(struct model *model, const char *kind, const char *module, const char *target,
                  const char *more)
{
    char key[256];

    snprintf(key, sizeof(key), "{kind: %s, module: '%s'%s%s%s", kind, module,
             target != NULL ? ", target: '" : "", target != NULL ? target : "",
             target != NULL ? "'" : "");
    if (strstr(model->out->findings.text, key) == NULL) {
        ADD(model->out->findings, "%s%s}", key, more);
    }
}

static void found_uncounted(struct model *model, const struct instance *importer,
                            const struct instance *target, const char *reason)
{
    char more[64];

    snprintf(more, sizeof(more), ", reason: %s", reason);
    if (!target->kernel) {
        found(model, "uncounted-reference", importer->name, target->name, more);
    }
}

// ---- routines ----

enum { INITIALIZE, UNLOAD, ENTRY };

static uint32_t call(struct model *model, struct instance *instance, int which)
{
    static const char *const names[] = {"DllInitialize", "DllUnload", "DriverEntry"};
    const struct model_image *image = instance->image;
    const struct model_routine *routine = which == INITIALIZE ? &image->initialize
                                          : which == UNLOAD   ? &image->unload
                                                              : &image->entry;
    unsigned *all = &model->calls[instance->file][which];
    unsigned n = which == UNLOAD ? instance->unload_calls++ : 0;

    if (routine->across_loads) {
        n = *all;
    }
    ++*all;
    ADD(model->out->calls, "'%s!%s'", instance->name, names[which]);
    ADD(model->out->events, "call.begin %s!%s", instance->name, names[which]);
    return routine->status[n < routine->status_count ? n : routine->status_count - 1];
}

static uint32_t initialize(struct model *model, struct instance *instance)
{
    static const char *const prefixes[] = {
        "\\REGISTRY\\MACHINE\\SYSTEM\\CURRENTCONTROLSET\\SERVICES\\",
        "\\Registry\\Machine\\System\\CurrentControlSet\\Services\\"};
    uint32_t status;

    if (!has_routine(instance->image, false)) {
        return 0;
    }
    ADD(model->out->argument, "'%s!DllInitialize': '%s%.*s'", instance->name,
        prefixes[model->knob.mixed], (int)strcspn(instance->name, "."), instance->name);
    instance->initialized = true;
    status = call(model, instance, INITIALIZE);
    // Documented: what is neither success nor an error fails the load with its own status.
    return model->knob.exact && status != 0 && status < 0x80000000u ? UNABLE
           : status < 0x80000000u                                   ? 0
                                                                    : status;
}

// ---- section 5: counting down ----

static bool is_held(const struct model *model, const struct instance *instance)
{
    unsigned i, j;

    for (i = 0; i < model->list_count; i++) {
        for (j = 0; j < model->list[i]->held_count; j++) {
            if (model->list[i]->held[j] == instance) {
                return true;
            }
        }
    }
    return instance->driver >= 0 || instance->by_image;
}

static void drop(struct model *model, struct instance *instance);

static void drop_imports(struct model *model, struct instance *instance)
{
    while (instance->held_count > 0) {
        struct instance *first = instance->held[0];

        memmove(&instance->held[0], &instance->held[1],
                --instance->held_count * sizeof(instance->held[0]));
        drop(model, first);
    }
}

static void unmap(struct model *model, struct instance *instance)
{
    if (model->knob.ring) {
        if (model->ring_count == RING) {
            memmove(model->ring[0], model->ring[1], sizeof(model->ring) - sizeof(model->ring[0]));
            model->ring_count--;
        }
        snprintf(model->ring[model->ring_count++], MODEL_NAME, "%s", instance->name);
        ADD(model->out->unloaded, "'%s'", instance->name);
    }
    ADD(model->out->events, "image.unmapped %s", instance->name);
    unlist(model, instance);
}

// asked: DllUnload had its say, or must not be asked (N8).
static void release(struct model *model, struct instance *instance, bool asked)
{
    bool before = model->knob.before && model->bug != MODEL_BUG_UNMAP_FIRST;

    if (before) {
        drop_imports(model, instance);
    }
    if (!asked && has_routine(instance->image, true)) {
        found(model, "freed-without-dllunload", instance->name, NULL, "");
    }
    unmap(model, instance);
    if (!before) {
        drop_imports(model, instance);
    }
}

static bool agrees(struct model *model, struct instance *instance)
{
    uint32_t status;

    if (!has_routine(instance->image, true)) {
        found(model, "resident-no-dllunload", instance->name, NULL, "");
        return false;
    }
    if (has_routine(instance->image, false) && !instance->initialized) {
        found(model, "dllunload-without-dllinitialize", instance->name, NULL, "");
    }
    if (instance->refused && model->bug == MODEL_BUG_NO_RETRY) {
        return false;
    }
    status = call(model, instance, UNLOAD);
    if (model->knob.exact ? status == 0 : status < 0x80000000u) {
        return true;
    }
    instance->refused = true;
    found(model, "resident-refused", instance->name, NULL, "");
    return false;
}

// An import reference goes (U5, U7).
static void drop(struct model *model, struct instance *instance)
{
    if (model->knob.one_final) {
        if (instance->count != 1) {
            instance->count--;
            if (instance->count == 1 && !is_held(model, instance) &&
                !has_routine(instance->image, true)) { // A03
                found(model, "resident-no-dllunload", instance->name, NULL, "");
            }
        } else if (agrees(model, instance)) {
            release(model, instance, true);
        }
        return;
    }
    instance->count -= instance->count > 0;
    if (instance->count == 0 && agrees(model, instance)) {
        release(model, instance, true);
    }
}

// The I/O manager's or a load_image reference goes (U1, U11).
static void drop_image(struct model *model, struct instance *instance)
{
    if (instance->inactive || --instance->count > 0) {
        return;
    }
    if (has_routine(instance->image, true) && model->bug == MODEL_BUG_DLLUNLOAD_ON_DRIVER_UNLOAD) {
        call(model, instance, UNLOAD);
    }
    release(model, instance, false);
}

// ---- section 3.2: thunks ----

// Its imports and exports can be read, though it may be refused for another reason.
static bool readable(const struct model_image *image)
{
    return image->broken == MODEL_WHOLE || image->broken == MODEL_CHECKSUM ||
           image->broken == MODEL_RELOCATIONS_MALFORMED ||
           image->broken == MODEL_RELOCATIONS_STRIPPED;
}

struct target {
    struct instance *instance; // NULL: only read (A22)
    const struct model_image *image;
    unsigned index;
    bool forwarded;
};

// S7 to S10, A29. looking: files that were only read count as loaded.
static uint32_t resolve_forwarder(struct model *model, const char *text, bool looking,
                                  unsigned depth, struct target *out)
{
    size_t prefix = strcspn(text, ".") + 1;
    char module[MODEL_PATH];
    struct table table;
    unsigned i;
    int index = -1;

    out->image = NULL;
    snprintf(module, sizeof(module), "%.*s", (int)prefix, text);
    for (i = 0; i < model->list_count && out->image == NULL; i++) {
        if (begins(model->list[i]->name, module)) {
            out->instance = model->list[i];
            out->image = out->instance->image;
        }
    }
    for (i = 0; looking && i < model->seen_count && out->image == NULL; i++) {
        if (readable(model->seen[i].image) && begins(model->seen[i].name, module)) {
            out->instance = NULL;
            out->image = model->seen[i].image;
        }
    }
    model->unsure = model->unsure || looking;
    model->too_deep = depth > FORWARDERS;
    if (model->too_deep || out->image == NULL || !make_table(out->image, &table) ||
        (index = find_name(&table, text + prefix, 0)) < 0) {
        return NO_ENTRYPOINT;
    }
    out->index = (unsigned)index;
    out->forwarded = true;
    return table.function[index].forward == NULL
               ? 0
               : resolve_forwarder(model, table.function[index].forward, looking, depth + 1, out);
}

static uint32_t resolve(struct model *model, const struct model_function *function, bool looking,
                        struct target *out)
{
    struct table table;
    int index;

    if (!make_table(out->image, &table)) {
        return NO_ENTRYPOINT;
    }
    index = function->name[0] != '\0'
                ? find_name(&table, function->name, function->hint < 0 ? 0 : function->hint)
                : (int)((function->ordinal - out->image->ordinal_base) & 0xFFFF);
    if (index < 0) {
        return NO_ENTRYPOINT;
    }
    if ((unsigned)index >= table.function_count) {
        return NO_ORDINAL;
    }
    out->index = (unsigned)index;
    out->forwarded = false;
    return table.function[index].forward == NULL
               ? 0
               : resolve_forwarder(model, table.function[index].forward, looking, 1, out);
}

// ---- sections 2 and 3.1: loading ----

static uint32_t check(const struct model *model, const struct model_image *image)
{
    bool moved = image->base == 0;
    unsigned i;

    switch (image->broken) {
    case MODEL_CHECKSUM:
        return model->input->enforce_checksum ? 0xC0000221u : 0;
    case MODEL_HEADERS:
        return 0xC0000221u;
    case MODEL_TRUNCATED:
    case MODEL_SECTION_OUT_OF_FILE:
        return 0xC000007Bu;
    case MODEL_RELOCATIONS_MALFORMED: // L12, A21: looked at when the image is not at its base
    case MODEL_RELOCATIONS_STRIPPED:
        for (i = 0; i < model->list_count; i++) {
            moved = moved || model->list[i]->base == image->base;
        }
        return !moved ? 0 : image->broken == MODEL_RELOCATIONS_STRIPPED ? 0xC0000018u : 0xC000007Bu;
    case MODEL_WRONG_MACHINE:
    case MODEL_X86:
        return 0xC0000130u;
    case MODEL_WHOLE:
        break;
    }
    return 0;
}

// L18.
static uint32_t launder(const struct model *model, uint32_t status)
{
    if (!model->knob.launder || status == NO_ORDINAL || status == NO_ENTRYPOINT ||
        status == NOT_FOUND || status == 0xC000007Au ||
        (status == 0xC0000018u && model->bug == MODEL_BUG_LAUNDER_PASSES_CONFLICT)) {
        return status;
    }
    return status == 0xC000009Au || status == 0xC00000A1u || status == 0xC0000017u ? 0xC000009Au
                                                                                   : UNABLE;
}

// R4, A31: judged for an image's descriptors up to this one.
static bool gdi_refuses(const struct model *model, const struct model_image *image, unsigned last)
{
    static const char *const user[] = {"ntdll",    "winsrv", "advapi32",
                                       "kernel32", "user32", "gdi32"};
    bool win32k = false, other = false;
    unsigned i;

    for (i = 0; i <= last && model->knob.gdi; i++) {
        const char *name = image->imports[i].module;

        win32k = win32k || begins(name, "win32k");
        other =
            other || !(begins(name, "win32k") || begins(name, "dxapi") ||
                       begins(name, "coverage") || begins(name, "irt") || begins(name, "ntoskrnl"));
    }
    for (i = 0; i < 6 && model->knob.gdi; i++) {
        if (begins(image->imports[last].module, user[i])) {
            return true;
        }
    }
    return win32k && other;
}

static bool never_counted(const struct model *model, const struct instance *instance)
{
    return instance->kernel ||
           (model->knob.prefix_uncounted &&
            (begins(instance->name, "ntoskrnl") || begins(instance->name, "win32k") ||
             begins(instance->name, "hal")));
}

// The places where a DLL is looked for, in order; how many.
static unsigned places(const struct model *model, const char *importer, const char *name,
                       char out[2][MODEL_PATH])
{
    int folder = (int)(model_base_name(importer) - importer);

    snprintf(out[0], MODEL_PATH, "%.*s%s", folder, importer, name);
    snprintf(out[1], MODEL_PATH, DRIVERS "%s", name);
    if (model->knob.search == SEARCH_DRIVERS || folder == 0) {
        snprintf(out[0], MODEL_PATH, DRIVERS "%s", name);
        return 1;
    }
    if (model->knob.search == SEARCH_THEN_SUBDIR) {
        snprintf(out[1], MODEL_PATH, "%.*sdrivers\\%s", folder, importer, name);
    }
    return model->knob.search == SEARCH_IMPORTER ? 1 : 2;
}

static void missing_function(struct model *model, const char *importer, const char *module,
                             const struct model_function *function)
{
    char item[256];

    if (function == NULL) {
        snprintf(item, sizeof(item), "{importer: '%s', module: '%s'}", importer, module);
    } else if (function->name[0] != '\0') {
        snprintf(item, sizeof(item), "{importer: '%s', module: '%s', export: '%s'}", importer,
                 module, function->name);
    } else {
        snprintf(item, sizeof(item), "{importer: '%s', module: '%s', ordinal: %u}", importer,
                 module, function->ordinal);
    }
    add(&model->out->missing, item);
}

static void see(struct model *model, const struct model_image *image)
{
    model->seen[model->seen_count].image = image;
    model->seen[model->seen_count++].name = model_base_name(image->path);
}

// A22: from one descriptor and function on, everything that is missing is listed; nothing is
// loaded.
static void look(struct model *model, const struct model_image *image, const char *path,
                 unsigned descriptor, unsigned function);

// Finds, and reads, what a descriptor means. NULL: nothing there. *out_usable: thunks can be
// judged.
static const struct model_image *look_for(struct model *model, const char *importer,
                                          const char *name, struct target *out)
{
    struct instance *listed = find_base(model, name);
    char place[2][MODEL_PATH];
    unsigned i, count;

    *out = (struct target){.instance = listed};
    if (listed != NULL) {
        return out->image = listed->image;
    }
    for (i = 0; i < model->seen_count; i++) {
        if (model_same(model->seen[i].name, name)) {
            return out->image = model->seen[i].image;
        }
    }
    count = places(model, importer, name, place);
    for (i = 0; i < count; i++) {
        struct file *file = on_disk(model, place[i]);

        if (file != NULL) {
            out->image = file->image;
            see(model, file->image);
            model->unsure =
                model->unsure || (check(model, file->image) != 0 && readable(file->image));
            if (readable(file->image)) {
                look(model, file->image, place[i], 0, 0);
            }
            return file->image;
        }
    }
    return NULL;
}

static void look(struct model *model, const struct model_image *image, const char *path,
                 unsigned descriptor, unsigned function)
{
    unsigned i, j;

    for (i = descriptor; i < image->import_count; i++, function = 0) {
        const struct model_import *import = &image->imports[i];
        struct target target;

        if (import->no_lookup_table) {
            return;
        }
        if (look_for(model, path, import->module, &target) == NULL) {
            missing_function(model, model_base_name(path), import->module, NULL);
            continue;
        }
        for (j = function; j < import->function_count; j++) {
            struct target cell = target;

            if (readable(target.image) && resolve(model, &import->functions[j], true, &cell) != 0) {
                missing_function(model, model_base_name(path), import->module,
                                 &import->functions[j]);
            }
        }
    }
}

static uint32_t load(struct model *model, const char *path, bool dependent, struct instance **out,
                     bool *out_opened);

// R7 to R11, R14: the instance a descriptor means, counted and initialized.
static uint32_t acquire(struct model *model, struct instance *importer, const char *name,
                        struct instance **out, struct failure *failure)
{
    struct instance *found_one = find_base(model, name);
    char place[2][MODEL_PATH];
    uint32_t status = 0;
    unsigned i, count;

    if (found_one == NULL) {
        count = places(model, importer->path, name, place);
        for (i = 0; i < count; i++) {
            bool opened = false;
            uint32_t answer = load(model, place[i], true, &found_one, &opened);

            status = i == 0 || opened || answer == 0 ? answer : status;
            if (answer != NOT_FOUND ||
                (opened && model->bug != MODEL_BUG_SEARCH_AFTER_DEEP_FAILURE)) {
                break;
            }
        }
        if (status != 0) { // L20: whoever failed below, the record names the direct import
            snprintf(failure->module, sizeof(failure->module), "%s", name);
            if (model->first.module[0] == '\0') {
                snprintf(model->first.module, sizeof(model->first.module), "%s", name);
            }
            return status;
        }
        status = initialize(model, found_one);
        if (status != 0) { // N8
            snprintf(failure->module, sizeof(failure->module), "%s", name);
            if (model->first.module[0] == '\0') {
                snprintf(model->first.module, sizeof(model->first.module), "%s", name);
            }
            release(model, found_one, true);
            return status;
        }
    } else {
        if (model->bug == MODEL_BUG_INITIALIZE_EVERY_TIME && !found_one->kernel &&
            has_routine(found_one->image, false)) {
            call(model, found_one, INITIALIZE);
        }
        if (found_one->loading && !never_counted(model, found_one) &&
            model->bug != MODEL_BUG_COUNT_IN_PROGRESS) { // R9
            *out = found_one;
            return 0;
        }
        if (!never_counted(model, found_one)) {
            found_one->count++;
        }
    }
    *out = found_one;
    if (never_counted(model, found_one)) {
        return 0;
    }
    if (model->knob.both &&
        !(has_routine(found_one->image, false) && has_routine(found_one->image, true))) { // A05
        found_one->inactive = true;
        found(model, "counting-inactive", found_one->name, NULL, "");
    } else {
        importer->held[importer->held_count++] = found_one;
    }
    return 0;
}

static uint32_t bind(struct model *model, struct instance *importer,
                     const struct model_import *import, const struct model_function *function,
                     struct instance *dependency, struct failure *failure)
{
    struct target target = {.instance = dependency, .image = dependency->image};
    struct cell *cell = &importer->cells[importer->cell_count];
    uint32_t status = resolve(model, function, false, &target);
    const struct model_function *other;

    if (status != 0) {
        for (other = function; other < import->functions + import->function_count; other++) {
            model->too_deep = false;
            target = (struct target){.instance = dependency, .image = dependency->image};
            resolve(model, other, false, &target);
            if (model->too_deep) {
                found(model, "forwarder-cycle", importer->name, dependency->name, "");
            }
        }
        snprintf(failure->module, sizeof(failure->module), "%s", dependency->name);
        snprintf(failure->procedure, sizeof(failure->procedure), "%s", function->name);
        failure->has_value = function->name[0] == '\0' && status == NO_ORDINAL;
        failure->value = (function->ordinal - dependency->image->ordinal_base) & 0xFFFF;
        if (model->first.module[0] == '\0') {
            model->first = *failure;
        }
        return status;
    }
    *cell =
        (struct cell){function, import->module, target.instance, target.index, target.forwarded};
    importer->cell_count++;
    if (target.forwarded) {
        found_uncounted(model, importer, target.instance, "forwarder");
        if (model->bug == MODEL_BUG_FORWARDER_COUNTS && !target.instance->kernel) {
            target.instance->count++;
        }
    }
    if (model->bug == MODEL_BUG_COUNT_PER_FUNCTION && function != import->functions &&
        importer->held_count > 0 && importer->held[importer->held_count - 1] == dependency) {
        importer->held[importer->held_count++] = dependency;
        dependency->count++;
    }
    return 0;
}

// The descriptor walk (R2, R15, R16, R18).
static uint32_t resolve_imports(struct model *model, struct instance *importer,
                                struct failure *failure)
{
    const struct model_image *image = importer->image;
    uint32_t status = 0;
    unsigned i, j = 0;

    for (i = 0; i < image->import_count && status == 0; i++) {
        const struct model_import *import = &image->imports[i];
        struct instance *dependency;
        struct table table;

        if (import->no_lookup_table) {
            break;
        }
        status = gdi_refuses(model, image, i)
                     ? 0xC000007Au
                     : acquire(model, importer, import->module, &dependency, failure);
        if (status == 0 && import->function_count > 0 &&
            (dependency->loading || never_counted(model, dependency))) {
            found_uncounted(model, importer, dependency,
                            never_counted(model, dependency) ? "never-counted"
                            : dependency == importer         ? "self"
                                                             : "cycle");
        }
        if (status == 0 && model->knob.empty_fails && !make_table(dependency->image, &table)) {
            status = NO_ENTRYPOINT;
        }
        for (j = 0; j < import->function_count && status == 0; j++) {
            status = bind(model, importer, import, &import->functions[j], dependency, failure);
        }
    }
    if (status != 0) {
        look(model, image, importer->path, gdi_refuses(model, image, i - 1) ? i : i - 1,
             j > 0 ? j - 1 : 0);
        drop_imports(model, importer);
        return status;
    }
    for (; i < image->import_count; i++) {
        found(model, "unbound-import", importer->name, image->imports[i].module, "");
    }
    return 0;
}

// L19, event_log each.
static void log_level(struct model *model, const char *image, const struct failure *failure,
                      uint32_t status)
{
    char item[320];
    int n = snprintf(item, sizeof(item), "{image: '%s'", image);
    bool names = status == NOT_FOUND || status == NO_ENTRYPOINT || status == NO_ORDINAL;

    if (names && failure->module[0] != '\0') {
        n +=
            snprintf(item + n, sizeof(item) - (size_t)n, ", missing_module: '%s'", failure->module);
    }
    if (names && failure->procedure[0] != '\0') {
        n += snprintf(item + n, sizeof(item) - (size_t)n, ", missing_procedure: '%s'",
                      failure->procedure);
    }
    if (names && failure->has_value) {
        n += snprintf(item + n, sizeof(item) - (size_t)n, ", value: %u", (unsigned)failure->value);
    } else if (model->knob.launder && launder(model, status) != status) {
        n += snprintf(item + n, sizeof(item) - (size_t)n, ", value: 0x%08X", (unsigned)status);
    }
    ADD(model->out->log, "%s}", item);
}

// MmLoadSystemImage (L3 to L18).
static uint32_t load(struct model *model, const char *path, bool dependent, struct instance **out,
                     bool *out_opened)
{
    struct file *file = on_disk(model, path);
    struct failure failure = {0};
    struct instance *new, *old;
    unsigned i;
    uint32_t status;

    *out = find_full(model, path);
    if (*out != NULL) {
        return ALREADY;
    }
    if (file == NULL) {
        return folder_exists(model, path) ? NOT_FOUND : PATH_MISSING;
    }
    *out_opened = true;
    ADD(model->out->opened, "'%s'", path);
    see(model, file->image);
    status = check(model, file->image);
    model->unsure = model->unsure || (status != 0 && readable(file->image));
    if (status == 0) {
        for (i = 0, old = NULL; i < model->list_count && old == NULL; i++) {
            old = model->list[i]->file == file->number ? model->list[i] : NULL;
        }
        new = append(model, file->image, path);
        new->file = file->number;
        ADD(model->out->events, "image.listed %s", new->name);
        if (old != NULL) {
            ADD(model->out->findings, "{kind: second-copy, module: '%s', target: '%s'}", new->path,
                old->path);
        }
        new->loading = true;
        new->dependent = dependent;
        status = resolve_imports(model, new, &failure);
        new->loading = false;
        if (status == 0) {
            ADD(model->out->notified, "'%s'", new->name);
            ADD(model->out->events, "image.notify %s", new->name);
            *out = new;
            return 0;
        }
        unlist(model, new);
        ADD(model->out->events, "image.unmapped %s", new->name);
        if (model->bug == MODEL_BUG_RING_RECORDS_ABORTED && model->knob.ring) {
            ADD(model->out->unloaded, "'%s'", new->name);
        }
    }
    if (model->knob.log == LOG_EACH) {
        log_level(model, path, &failure, status);
    } else if (model->knob.log == LOG_ONE && !dependent) {
        log_level(model, path, &model->first, status);
    }
    return launder(model, status);
}

// ---- section 6: the I/O manager ----

static uint32_t load_driver(struct model *model, unsigned number)
{
    const struct model_service *service = &model->input->services[number];
    struct file *file = on_disk(model, service->path);
    struct instance *instance;
    bool opened = false;
    uint32_t status = load(model, service->path, false, &instance, &opened);

    if (status == ALREADY) { // H3 looks at the status alone, wherever it came from
        if (model->knob.reactos_already || (instance != NULL && instance->driver == (int)number)) {
            return ALREADY;
        }
        return model->knob.second_copy_is_dll && instance != NULL && instance->dependent
                   ? ALREADY_DLL
                   : NOT_FOUND;
    }
    if (status != 0) { // H18
        return opened && file->image->broken == MODEL_X86 ? model->knob.x86 : status;
    }
    instance->driver = (int)number;
    ADD(model->out->events, "driver.created %s", service->name);
    status = call(model, instance, ENTRY);
    if (status >= 0x80000000u) { // H10
        instance->driver = -1;
        ADD(model->out->events, "driver.deleted %s", service->name);
        drop_image(model, instance);
    }
    return status;
}

static uint32_t unload_driver(struct model *model, unsigned number)
{
    struct instance *instance = NULL;
    unsigned i;

    for (i = 0; i < model->list_count; i++) {
        if (model->list[i]->driver == (int)number) {
            instance = model->list[i];
        }
    }
    if (instance == NULL) {
        return NOT_FOUND;
    }
    if (!instance->image->driver_unload) {
        return 0xC0000010u;
    }
    ADD(model->out->calls, "'%s!DriverUnload'", instance->name);
    ADD(model->out->events, "call.begin %s!DriverUnload", instance->name);
    instance->driver = -1;
    ADD(model->out->events, "driver.deleted %s", model->input->services[number].name);
    drop_image(model, instance);
    return 0;
}

static uint32_t load_image(struct model *model, const char *path)
{
    struct instance *instance;
    bool opened = false;
    uint32_t status = load(model, path, false, &instance, &opened);

    if (status == ALREADY && instance != NULL) {
        return model->knob.second_copy_is_dll && instance->dependent ? ALREADY_DLL : ALREADY;
    }
    if (status == 0) {
        instance->by_image = true;
    }
    return status;
}

static uint32_t unload_image(struct model *model, const char *path)
{
    struct instance *instance = find_full(model, path);

    if (instance == NULL || !instance->by_image) {
        return NOT_FOUND;
    }
    instance->by_image = false;
    drop_image(model, instance);
    return 0;
}

static void write_file(struct model *model, unsigned image, struct file *file)
{
    file->image = &model->input->images[image];
    file->number = ++model->file_count;
    model->was_there[image] = true;
}

static uint32_t change_disk(struct model *model, const struct model_step *step)
{
    struct file *file = on_disk(model, step->path);

    if (step->action == MODEL_DELETE) {
        *file = model->disk[--model->disk_count];
    } else {
        write_file(model, step->image, file != NULL ? file : &model->disk[model->disk_count++]);
    }
    return 0;
}

// ---- what can be seen ----

static bool is_resident(const struct model *model, const struct instance *instance)
{
    return !is_held(model, instance) &&
           (instance->refused || instance->inactive || never_counted(model, instance) ||
            !has_routine(instance->image, true));
}

static void show_function(const struct model *model, const struct cell *cell, char *out)
{
    const char *name = label(model, cell->target);
    struct table table;
    unsigned i;

    make_table(cell->target->image, &table);
    snprintf(out, MODEL_PATH, "%s!#%u", name, cell->index + cell->target->image->ordinal_base);
    if (!table.function[cell->index].used) { // S5
        snprintf(out, MODEL_PATH, "%s+0x0", name);
    }
    for (i = 0; i < table.name_count; i++) {
        if (table.name[i].index == cell->index) {
            snprintf(out, MODEL_PATH, "%s!%s", name, table.name[i].name);
        }
    }
}

static void show_cells(struct model *model, struct instance *importer)
{
    char keys[HELD][MODEL_PATH], target[MODEL_PATH];
    unsigned i, j;

    for (i = 0; i < importer->cell_count; i++) {
        const struct cell *cell = &importer->cells[i];

        snprintf(keys[i], MODEL_PATH, "'%s!%s", label(model, importer), cell->function->name);
        if (cell->function->name[0] == '\0') {
            snprintf(keys[i], MODEL_PATH, "'%s!#%u", label(model, importer),
                     cell->function->ordinal);
        }
        for (j = 0; j < i && strcmp(keys[j], keys[i]) != 0; j++) {
        }
        if (j == i && cell->target->listed) { // the first import of that name counts
            show_function(model, cell, target);
            ADD(model->out->bound, "%s': '%s'", keys[i], target);
        }
        for (j = 0; j < importer->reported_count && importer->reported[j] != cell->target; j++) {
        }
        if (j == importer->reported_count && !cell->target->listed) { // A63: once for each pair
            importer->reported[importer->reported_count++] = cell->target;
            found(model, cell->forwarded ? "dangling-forwarder" : "dangling-import", importer->name,
                  cell->target->name, "");
        }
    }
}

static void show(struct model *model)
{
    struct model_outcome *out = model->out;
    unsigned i, j;

    for (i = 0; i < model->ring_count; i++) {
        ADD(out->ring, "'%s'", model->ring[i]);
    }
    for (i = 0; i < model->list_count; i++) {
        struct instance *instance = model->list[i];
        struct model_text held = {.length = 0};

        if (instance->kernel) {
            continue;
        }
        for (j = 0; j < instance->held_count; j++) {
            ADD(held, "'%s'", label(model, instance->held[j]));
        }
        ADD(out->modules, "'%s'", label(model, instance));
        ADD(out->imports, "'%s': [%s]", label(model, instance), held.text);
        ADD(out->state, "'%s': %s", label(model, instance),
            is_resident(model, instance) ? "resident" : "loaded");
        if (instance->inactive) {
            ADD(out->counts, "'%s': inactive", label(model, instance));
        } else {
            ADD(out->counts, "'%s': %d", label(model, instance), instance->count);
        }
        show_cells(model, instance);
    }
}

void model_step(struct model *model, const struct model_step *step, struct model_outcome *out)
{
    memset(out, 0, sizeof(*out));
    model->out = out;
    model->seen_count = 0;
    model->unsure = false;
    memset(&model->first, 0, sizeof(model->first));
    switch (step->action) {
    case MODEL_LOAD:
        out->status = load_driver(model, step->service);
        break;
    case MODEL_UNLOAD:
        out->status = unload_driver(model, step->service);
        break;
    case MODEL_LOAD_IMAGE:
        out->status = load_image(model, step->path);
        break;
    case MODEL_UNLOAD_IMAGE:
        out->status = unload_image(model, step->path);
        break;
    case MODEL_DELETE:
    case MODEL_CREATE:
    case MODEL_REPLACE:
        out->status = change_disk(model, step);
        break;
    }
    show(model);
    out->unsure = model->unsure;
}

struct model *model_create(const struct model_case *input, enum model_bug bug)
{
    static const char *const names[2] = {"ntoskrnl.exe", "hal.dll"};
    static const char *const exports[2] = {"DbgPrint", "HalMakeBeep"};
    struct model *model = calloc(1, sizeof(*model));
    unsigned i;

    if (model == NULL ||
        (model->instances = calloc(INSTANCES, sizeof(*model->instances))) == NULL) {
        fprintf(stderr, "model: out of memory\n");
        abort();
    }
    model->input = input;
    model->knob = rows[input->profile];
    model->bug = bug;
    for (i = 0; i < 2; i++) {
        struct model_image *image = &model->kernel[i];

        image->export_count = image->ordinal_base = 1;
        snprintf(image->exports[0].name, MODEL_NAME, "%s", exports[i]);
        append(model, image, names[i])->kernel = true;
    }
    for (i = 0; i < input->image_count; i++) {
        if (input->images[i].on_disk) {
            write_file(model, i, &model->disk[model->disk_count++]);
        }
    }
    return model;
}

void model_destroy(struct model *model)
{
    free(model->instances);
    free(model);
}
