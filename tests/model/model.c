// SPDX-License-Identifier: MIT
// The rules, in the order of the behaviour sheet. Nothing here is fast or general; all arrays are
// fixed and instances are never reused, so a pointer to one that is gone stays good for asking.
#include "look.h"
#include "show.h"

#include <stdlib.h>
#include <string.h>

#define FORWARDERS    32
#define NOT_FOUND     0xC0000034u
#define PATH_MISSING  0xC000003Au
#define ALREADY       0xC000010Eu
#define ALREADY_DLL   0xC000019Du
#define NO_ORDINAL    0xC0000262u
#define NO_ENTRYPOINT 0xC0000263u
#define UNABLE        0xC000026Cu

// Section 11: a knob's value is a bit, a profile the bits it has.
enum {
    BOTH = 1 << 0,  // counting: both
    EXACT = 1 << 1, // init_success and unload_success: exact
    ONE_FINAL = 1 << 2,
    BEFORE = 1 << 3, // drop_imports
    SEARCH_DRIVERS = 1 << 4,
    SEARCH_IMPORTER = 1 << 5,
    SEARCH_THEN_SUBDIR = 1 << 6,
    PREFIX = 1 << 7, // never_counted
    LAUNDER = 1 << 8,
    GDI = 1 << 9,
    EMPTY_FAILS = 1 << 10,
    IMPORTED_IS_DLL = 1 << 11, // load_imported: 0xC000019D
    ALWAYS_ALREADY = 1 << 12,  // load_imported: 0xC000010E
    MIXED = 1 << 13,           // registry_prefix
    LOG_ONE = 1 << 14,
    LOG_EACH = 1 << 15,
    RING = 1 << 16,
    X86_BLOCKED = 1 << 17
};

static const unsigned rows[MODEL_PROFILES] = {
    BOTH | EXACT | SEARCH_DRIVERS | IMPORTED_IS_DLL | LOG_ONE | RING,
    SEARCH_IMPORTER | PREFIX | LAUNDER | GDI | EMPTY_FAILS | LOG_EACH | RING | X86_BLOCKED,
    ONE_FINAL | BEFORE | RING,
    ONE_FINAL | BEFORE | IMPORTED_IS_DLL | RING,
    SEARCH_THEN_SUBDIR | PREFIX | GDI | EMPTY_FAILS | ALWAYS_ALREADY | MIXED,
};

static bool has(const struct model *model, unsigned knob)
{
    return (model->knobs & knob) != 0;
}

// ---- export tables ----

// S2, S3: the hint, then a search by halving. -1: not there.
static int find_name(const struct model_table *table, const char *name, int hint)
{
    int low = 0, high = (int)table->name_count - 1;

    if (hint >= 0 && hint <= high && strcmp(table->name[hint].name, name) == 0) {
        return (int)table->name[hint].index;
    }
    while (low <= high) {
        int middle = (low + high) / 2;
        int order = strcmp(name, table->name[middle].name);

        if (order == 0) {
            return (int)table->name[middle].index;
        }
        low = order < 0 ? low : middle + 1;
        high = order < 0 ? middle - 1 : high;
    }
    return -1;
}

// N2, U9: the exact name, found by search, not a forwarder.
static bool has_routine(const struct model_image *image, bool unload)
{
    struct model_table table;
    int index = model_make_table(image, &table)
                    ? find_name(&table, unload ? "DllUnload" : "DllInitialize", -1)
                    : -1;

    return index >= 0 && table.function[index].forward == NULL;
}

// By base name (R7), or by full name (L3); first match in list order.
struct model_instance *rule_find(struct model *model, const char *name, bool full)
{
    for (unsigned i = 0; i < model->list_count; i++) {
        if (model_same(full ? model->list[i]->path : model->list[i]->name, name)) {
            return model->list[i];
        }
    }
    return NULL;
}

static struct model_instance *append(struct model *model, const struct model_file *file,
                                     const char *path)
{
    struct model_instance *new = &model->instances[model->instance_count++ % MODEL_INSTANCES];

    *new = (struct model_instance){.image = file->image,
                                   .file = file->number,
                                   .count = 1,
                                   .driver = -1,
                                   .listed = true,
                                   .base = file->image->base};
    snprintf(new->path, sizeof(new->path), "%s", path);
    new->name = model_base_name(new->path);
    SHOW(model->out->events, "image.listed %s", new->name);
    for (unsigned i = 0; i < model->list_count; i++) {
        const struct model_instance *old = model->list[i];

        new->base = old->base == file->image->base ? 0 : new->base;
        if (old->file == file->number) { // H6
            show_finding(model, "second-copy", new->path, old->path, "");
        }
    }
    model->list[model->list_count++] = new;
    return new;
}

static void unlist(struct model *model, struct model_instance *old)
{
    unsigned kept = 0;

    for (unsigned i = 0; i < model->list_count; i++) {
        if (model->list[i] != old) {
            model->list[kept++] = model->list[i];
        }
    }
    model->list_count = kept;
    old->listed = false;
    SHOW(model->out->events, "image.unlisted %s", old->name);
}

// ---- routines ----

enum { INITIALIZE, UNLOAD, ENTRY };

static uint32_t call(struct model *model, struct model_instance *instance, int which)
{
    static const char *const names[] = {"DllInitialize", "DllUnload", "DriverEntry"};
    const struct model_routine *routines[] = {&instance->image->initialize,
                                              &instance->image->unload, &instance->image->entry};
    const struct model_routine *routine = routines[which];
    unsigned all = model->calls[instance->file][which]++;
    unsigned own = which == UNLOAD ? instance->unload_calls++ : 0;
    unsigned n = routine->across_loads ? all : own;

    SHOW(model->out->calls, "'%s!%s'", instance->name, names[which]);
    SHOW(model->out->events, "call.begin %s!%s", instance->name, names[which]);
    return routine->status[n < routine->status_count ? n : routine->status_count - 1];
}

static uint32_t initialize(struct model *model, struct model_instance *instance)
{
    static const char *const prefixes[] = {
        "\\REGISTRY\\MACHINE\\SYSTEM\\CURRENTCONTROLSET\\SERVICES\\",
        "\\Registry\\Machine\\System\\CurrentControlSet\\Services\\"};
    uint32_t status;

    if (!has_routine(instance->image, false)) {
        return 0;
    }
    SHOW(model->out->argument, "'%s!DllInitialize': '%s%.*s'", instance->name,
         prefixes[has(model, MIXED)], (int)strcspn(instance->name, "."), instance->name);
    instance->initialized = true;
    status = call(model, instance, INITIALIZE);
    // Documented: what is neither success nor an error fails the load with its own status.
    return has(model, EXACT) && status != 0 && status < 0x80000000u ? UNABLE
           : status < 0x80000000u                                   ? 0
                                                                    : status;
}

// ---- section 5: counting down ----

bool model_is_held(const struct model *model, const struct model_instance *instance)
{
    for (unsigned i = 0; i < model->list_count; i++) {
        for (unsigned j = 0; j < model->list[i]->held_count; j++) {
            if (model->list[i]->held[j] == instance) {
                return true;
            }
        }
    }
    return instance->driver >= 0 || instance->by_image;
}

static void drop(struct model *model, struct model_instance *instance);

static void drop_imports(struct model *model, struct model_instance *instance)
{
    while (instance->held_count > 0) {
        struct model_instance *first = instance->held[0];

        memmove(&instance->held[0], &instance->held[1],
                --instance->held_count * sizeof(instance->held[0]));
        drop(model, first);
    }
}

static void unmap(struct model *model, struct model_instance *instance)
{
    if (has(model, RING)) {
        if (model->ring_count == MODEL_RING) {
            memmove(model->ring[0], model->ring[1], sizeof(model->ring) - sizeof(model->ring[0]));
            model->ring_count--;
        }
        snprintf(model->ring[model->ring_count++], MODEL_NAME, "%s", instance->name);
        SHOW(model->out->unloaded, "'%s'", instance->name);
    }
    SHOW(model->out->events, "image.unmapped %s", instance->name);
    unlist(model, instance);
}

// asked: DllUnload had its say, or must not be asked (N8).
static void release(struct model *model, struct model_instance *instance, bool asked)
{
    bool before = has(model, BEFORE) && model->bug != MODEL_BUG_UNMAP_FIRST;

    if (before) {
        drop_imports(model, instance);
    }
    if (!asked && has_routine(instance->image, true)) {
        show_finding(model, "freed-without-dllunload", instance->name, NULL, "");
    }
    unmap(model, instance);
    if (!before) {
        drop_imports(model, instance);
    }
}

static bool agrees(struct model *model, struct model_instance *instance)
{
    uint32_t status;

    if (!has_routine(instance->image, true)) {
        show_finding(model, "resident-no-dllunload", instance->name, NULL, "");
        return false;
    }
    if (has_routine(instance->image, false) && !instance->initialized) {
        show_finding(model, "dllunload-without-dllinitialize", instance->name, NULL, "");
    }
    if (instance->refused && model->bug == MODEL_BUG_NO_RETRY) {
        return false;
    }
    status = call(model, instance, UNLOAD);
    if (has(model, EXACT) ? status == 0 : status < 0x80000000u) {
        return true;
    }
    instance->refused = true;
    show_finding(model, "resident-refused", instance->name, NULL, "");
    return false;
}

// An import reference goes (U5, U7).
static void drop(struct model *model, struct model_instance *instance)
{
    bool asked = instance->count <= 1;

    instance->count -= instance->count > (has(model, ONE_FINAL) ? 1 : 0);
    if (asked) {
        if (agrees(model, instance)) {
            release(model, instance, true);
        }
    } else if (has(model, ONE_FINAL) && instance->count == 1 && !model_is_held(model, instance) &&
               !has_routine(instance->image, true)) { // A03
        show_finding(model, "resident-no-dllunload", instance->name, NULL, "");
    }
}

// The I/O manager's or a load_image reference goes (U1, U11).
static void drop_image(struct model *model, struct model_instance *instance)
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

// S7 to S10, A29. looking: files that were only read count as loaded.
static uint32_t resolve_forwarder(struct model *model, const char *text, bool looking,
                                  unsigned depth, struct model_target *out)
{
    size_t prefix = strcspn(text, ".") + 1;
    char module[MODEL_PATH];
    struct model_table table;
    int index = -1;

    out->image = NULL;
    snprintf(module, sizeof(module), "%.*s", (int)prefix, text);
    for (unsigned i = 0; i < model->list_count && out->image == NULL; i++) {
        if (model_begins(model->list[i]->name, module)) {
            out->instance = model->list[i];
            out->image = out->instance->image;
        }
    }
    for (unsigned i = 0; looking && i < model->seen_count && out->image == NULL; i++) {
        if (look_can_read(model->seen[i]) &&
            model_begins(model_base_name(model->seen[i]->path), module)) {
            *out = (struct model_target){.image = model->seen[i]};
        }
    }
    model->unsure = model->unsure || looking;
    model->too_deep = depth > FORWARDERS;
    if (model->too_deep || out->image == NULL || !model_make_table(out->image, &table) ||
        (index = find_name(&table, text + prefix, 0)) < 0) {
        return NO_ENTRYPOINT;
    }
    out->index = (unsigned)index;
    out->forwarded = true;
    return table.function[index].forward == NULL
               ? 0
               : resolve_forwarder(model, table.function[index].forward, looking, depth + 1, out);
}

uint32_t rule_resolve(struct model *model, const struct model_function *function, bool looking,
                      struct model_target *out)
{
    struct model_table table;
    int index;

    if (!model_make_table(out->image, &table)) {
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

uint32_t rule_check(const struct model *model, const struct model_image *image)
{
    static const uint32_t statuses[] = {// by enum model_broken
                                        0,           0xC0000221u, 0xC0000221u,
                                        0xC000007Bu, 0xC000007Bu, 0xC000007Bu,
                                        0xC0000018u, 0xC0000130u, 0xC0000130u};
    bool bad = image->broken != MODEL_CHECKSUM || model->input->enforce_checksum;

    if (image->broken == MODEL_RELOCATIONS_MALFORMED ||
        image->broken == MODEL_RELOCATIONS_STRIPPED) { // L12, A21: looked at when it must move
        bad = image->base == 0;
        for (unsigned i = 0; i < model->list_count; i++) {
            bad = bad || model->list[i]->base == image->base;
        }
    }
    return bad ? statuses[image->broken] : 0;
}

// L18.
static uint32_t launder(const struct model *model, uint32_t status)
{
    if (!has(model, LAUNDER) || status == NO_ORDINAL || status == NO_ENTRYPOINT ||
        status == NOT_FOUND || status == 0xC000007Au ||
        (status == 0xC0000018u && model->bug == MODEL_BUG_LAUNDER_PASSES_CONFLICT)) {
        return status;
    }
    return status == 0xC000009Au || status == 0xC00000A1u || status == 0xC0000017u ? 0xC000009Au
                                                                                   : UNABLE;
}

static bool begins_one(const char *name, const char *const *prefixes, unsigned count)
{
    while (count > 0 && !model_begins(name, prefixes[count - 1])) {
        count--;
    }
    return count > 0;
}

// R4, A31: judged for an image's descriptors up to this one.
static bool gdi_refuses(const struct model *model, const struct model_image *image, unsigned last)
{
    static const char *const user[] = {"ntdll",    "winsrv", "advapi32",
                                       "kernel32", "user32", "gdi32"};
    static const char *const with[] = {"win32k", "dxapi", "coverage", "irt", "ntoskrnl"};
    bool win32k = false, other = false;

    for (unsigned i = 0; i <= last; i++) {
        win32k = win32k || model_begins(image->imports[i].module, with[0]);
        other = other || !begins_one(image->imports[i].module, with, 5);
    }
    return has(model, GDI) &&
           (begins_one(image->imports[last].module, user, 6) || (win32k && other));
}

static bool never_counted(const struct model *model, const struct model_instance *instance)
{
    static const char *const names[] = {"ntoskrnl", "win32k", "hal"};

    return instance->kernel || (has(model, PREFIX) && begins_one(instance->name, names, 3));
}

bool model_is_resident(const struct model *model, const struct model_instance *instance)
{
    return !model_is_held(model, instance) &&
           (instance->refused || instance->inactive || never_counted(model, instance) ||
            !has_routine(instance->image, true));
}

// The places where a DLL is looked for, in order; how many.
unsigned rule_places(const struct model *model, const char *importer, const char *name,
                     char out[2][MODEL_PATH])
{
    int folder = (int)(model_base_name(importer) - importer);

    snprintf(out[0], MODEL_PATH, "%.*s%s", folder, importer, name);
    snprintf(out[1], MODEL_PATH, MODEL_DRIVERS "%s", name);
    if (has(model, SEARCH_DRIVERS) || folder == 0) {
        snprintf(out[0], MODEL_PATH, MODEL_DRIVERS "%s", name);
        return 1;
    }
    if (has(model, SEARCH_THEN_SUBDIR)) {
        snprintf(out[1], MODEL_PATH, "%.*sdrivers\\%s", folder, importer, name);
    }
    return has(model, SEARCH_IMPORTER) ? 1 : 2;
}

static uint32_t load(struct model *model, const char *path, bool dependent,
                     struct model_instance **out, bool *out_opened);

// What a log record names (L19, L20): each level its own import, event_log `one` the first of all.
static void blame(struct model *model, struct model_failure *failure, const char *module,
                  const char *procedure)
{
    snprintf(failure->module, sizeof(failure->module), "%s", module);
    snprintf(failure->procedure, sizeof(failure->procedure), "%s", procedure);
    if (model->first.module[0] == '\0') {
        model->first = *failure;
    }
}

// R11, R12, R14, A10, A11: a DLL that is not loaded.
static uint32_t bring(struct model *model, const struct model_instance *importer, const char *name,
                      struct model_instance **out)
{
    char place[2][MODEL_PATH];
    unsigned count = rule_places(model, importer->path, name, place);
    bool opened = false, again = true;
    uint32_t status = 0;

    for (unsigned i = 0; i < count && again; i++) {
        uint32_t answer = load(model, place[i], true, out, &opened);

        status = i == 0 || opened || answer == 0 ? answer : status;
        again =
            answer == NOT_FOUND && (!opened || model->bug == MODEL_BUG_SEARCH_AFTER_DEEP_FAILURE);
    }
    if (status == 0) {
        status = initialize(model, *out);
        if (status != 0) { // N8
            release(model, *out, true);
        }
    }
    return status;
}

// R7 to R11, R14: the instance that a descriptor means, counted and initialized.
static uint32_t acquire(struct model *model, struct model_instance *importer, const char *name,
                        struct model_instance **out, struct model_failure *failure)
{
    bool fresh = (*out = rule_find(model, name, false)) == NULL;
    uint32_t status = fresh ? bring(model, importer, name, out) : 0;
    struct model_instance *it = *out;

    if (status != 0) { // L20: whoever failed below, the record names the direct import
        blame(model, failure, name, "");
        return status;
    }
    if (!fresh && model->bug == MODEL_BUG_INITIALIZE_EVERY_TIME && has_routine(it->image, false)) {
        call(model, it, INITIALIZE);
    }
    if (never_counted(model, it) || (it->loading && model->bug != MODEL_BUG_COUNT_IN_PROGRESS)) {
        return 0; // R5, R9
    }
    it->count += !fresh;
    if (has(model, BOTH) && !(has_routine(it->image, false) && has_routine(it->image, true))) {
        it->inactive = true; // A05
        show_finding(model, "counting-inactive", it->name, NULL, "");
    } else {
        importer->held[importer->held_count++] = it;
    }
    return 0;
}

static uint32_t bind(struct model *model, struct model_instance *importer,
                     const struct model_function *function, struct model_instance *dependency,
                     struct model_failure *failure)
{
    struct model_target target = {.instance = dependency, .image = dependency->image};
    uint32_t status = rule_resolve(model, function, false, &target);

    if (status != 0) {
        failure->has_value = function->name[0] == '\0' && status == NO_ORDINAL;
        failure->value = (function->ordinal - dependency->image->ordinal_base) & 0xFFFF;
        blame(model, failure, dependency->name, function->name);
        return status;
    }
    importer->cells[importer->cell_count++] =
        (struct model_cell){function, target.instance, target.index, target.forwarded};
    if (target.forwarded) {
        show_uncounted(model, importer, target.instance, "forwarder");
        target.instance->count += model->bug == MODEL_BUG_FORWARDER_COUNTS;
    }
    return 0;
}

// One descriptor (R8 to R18).
static uint32_t resolve_import(struct model *model, struct model_instance *importer, unsigned i,
                               struct model_failure *failure)
{
    const struct model_import *import = &importer->image->imports[i];
    struct model_instance *dependency;
    struct model_table table;
    uint32_t status = gdi_refuses(model, importer->image, i)
                          ? 0xC000007Au
                          : acquire(model, importer, import->module, &dependency, failure);
    bool acquired = status == 0;

    if (acquired && import->function_count > 0 &&
        (dependency->loading || never_counted(model, dependency))) {
        show_uncounted(model, importer, dependency,
                       never_counted(model, dependency) ? "never-counted"
                       : dependency == importer         ? "self"
                                                        : "cycle");
    }
    if (acquired && has(model, EMPTY_FAILS) && !model_make_table(dependency->image, &table)) {
        status = NO_ENTRYPOINT; // R16
    }
    for (unsigned j = 0; j < import->function_count && acquired; j++) {
        struct model_target target = {.instance = dependency, .image = dependency->image};

        if (status == 0) {
            status = bind(model, importer, &import->functions[j], dependency, failure);
            importer->bound = j;
        }
        model->too_deep = false;
        if (status != 0 && rule_resolve(model, &import->functions[j], false, &target) != 0 &&
            model->too_deep) {
            show_cycle(model, importer, dependency, &import->functions[j]);
        }
        if (j > 0 && status == 0 && model->bug == MODEL_BUG_COUNT_PER_FUNCTION) {
            dependency->count++;
        }
    }
    return status;
}

// The descriptor walk (R2, R15).
static uint32_t resolve_imports(struct model *model, struct model_instance *importer,
                                struct model_failure *failure)
{
    const struct model_image *image = importer->image;

    for (unsigned i = 0; i < image->import_count && !image->imports[i].no_lookup_table; i++) {
        uint32_t status;

        importer->walked = i + 1;
        importer->bound = 0;
        status = resolve_import(model, importer, i, failure);
        if (status != 0) {
            look_from(model, image, importer->path, gdi_refuses(model, image, i) ? i + 1 : i,
                      importer->bound);
            drop_imports(model, importer);
            return status;
        }
    }
    for (unsigned i = importer->walked; i < image->import_count; i++) {
        show_finding(model, "unbound-import", importer->name, image->imports[i].module, "");
    }
    return 0;
}

// L13 to L17.
static uint32_t complete(struct model *model, struct model_instance *new,
                         struct model_failure *failure)
{
    uint32_t status;

    new->loading = true;
    status = resolve_imports(model, new, failure);
    new->loading = false;
    if (status == 0) {
        SHOW(model->out->notified, "'%s'", new->name);
        SHOW(model->out->events, "image.notify %s", new->name);
        return 0;
    }
    unlist(model, new);
    SHOW(model->out->events, "image.unmapped %s", new->name);
    if (model->bug == MODEL_BUG_RING_RECORDS_ABORTED && has(model, RING)) {
        SHOW(model->out->unloaded, "'%s'", new->name);
    }
    return status;
}

// MmLoadSystemImage (L3 to L18).
static uint32_t load(struct model *model, const char *path, bool dependent,
                     struct model_instance **out, bool *out_opened)
{
    struct model_file *file = model_disk_find(&model->disk, path);
    struct model_failure failure = {0};
    uint32_t status;

    *out = rule_find(model, path, true);
    if (*out != NULL) {
        return ALREADY;
    }
    if (file == NULL) {
        return model_disk_has_folder(&model->disk, path) ? NOT_FOUND : PATH_MISSING;
    }
    *out_opened = true;
    SHOW(model->out->opened, "'%s'", path);
    model->seen[model->seen_count++] = file->image;
    status = rule_check(model, file->image);
    model->unsure = model->unsure || (status != 0 && look_can_read(file->image));
    if (status == 0) {
        *out = append(model, file, path);
        (*out)->dependent = dependent;
        status = complete(model, *out, &failure);
    }
    if (status == 0) {
        return 0;
    }
    *out = NULL;
    if (has(model, LOG_EACH)) {
        show_log(model, path, &failure, status, launder(model, status));
    } else if (has(model, LOG_ONE) && !dependent) {
        show_log(model, path, &model->first, status, status);
    }
    return launder(model, status);
}

// ---- section 6: the I/O manager ----

// H3, H4, L5. An image loader's 0xC000010E counts wherever it came from.
static uint32_t already_loaded(const struct model *model, const struct model_instance *instance,
                               uint32_t otherwise)
{
    bool dependent = instance != NULL && instance->dependent;

    return has(model, IMPORTED_IS_DLL) && dependent ? ALREADY_DLL : otherwise;
}

static uint32_t load_driver(struct model *model, unsigned number)
{
    const struct model_service *service = &model->input->services[number];
    struct model_file *file = model_disk_find(&model->disk, service->path);
    struct model_instance *instance;
    bool opened = false;
    uint32_t status = load(model, service->path, false, &instance, &opened);

    if (status == ALREADY) {
        bool healthy = instance != NULL && instance->driver == (int)number;

        return has(model, ALWAYS_ALREADY) || healthy ? ALREADY
                                                     : already_loaded(model, instance, NOT_FOUND);
    }
    if (status != 0) { // H18
        return opened && file->image->broken == MODEL_X86 && has(model, X86_BLOCKED) ? 0xC000036Bu
                                                                                     : status;
    }
    instance->driver = (int)number;
    SHOW(model->out->events, "driver.created %s", service->name);
    status = call(model, instance, ENTRY);
    if (status >= 0x80000000u) { // H10
        instance->driver = -1;
        SHOW(model->out->events, "driver.deleted %s", service->name);
        drop_image(model, instance);
    }
    return status;
}

static uint32_t unload_driver(struct model *model, unsigned number)
{
    unsigned i = 0;
    struct model_instance *instance;

    while (i < model->list_count && model->list[i]->driver != (int)number) {
        i++;
    }
    if (i == model->list_count) {
        return NOT_FOUND;
    }
    instance = model->list[i];
    if (!instance->image->driver_unload) {
        return 0xC0000010u;
    }
    SHOW(model->out->calls, "'%s!DriverUnload'", instance->name);
    SHOW(model->out->events, "call.begin %s!DriverUnload", instance->name);
    instance->driver = -1;
    SHOW(model->out->events, "driver.deleted %s", model->input->services[number].name);
    drop_image(model, instance);
    return 0;
}

static uint32_t load_image(struct model *model, const char *path)
{
    struct model_instance *instance;
    bool opened = false;
    uint32_t status = load(model, path, false, &instance, &opened);

    if (status == 0) {
        instance->by_image = true;
    }
    return status == ALREADY ? already_loaded(model, instance, ALREADY) : status;
}

static uint32_t unload_image(struct model *model, const char *path)
{
    struct model_instance *instance = rule_find(model, path, true);

    if (instance == NULL || !instance->by_image) {
        return NOT_FOUND;
    }
    instance->by_image = false;
    drop_image(model, instance);
    return 0;
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
        model_disk_delete(&model->disk, step->path);
        break;
    case MODEL_CREATE:
    case MODEL_REPLACE:
        model_disk_write(&model->disk, step->image);
        break;
    }
    show_state(model);
    out->unsure = model->unsure;
}

struct model *model_create(const struct model_case *input, enum model_bug bug)
{
    static const char *const names[2] = {"ntoskrnl.exe", "hal.dll"};
    struct model *model = calloc(1, sizeof(*model));

    if (model == NULL) {
        abort();
    }
    model->input = model->disk.input = input;
    model->knobs = rows[input->profile];
    model->bug = bug;
    for (unsigned i = 0; i < 2; i++) {
        struct model_instance *kernel = &model->instances[model->instance_count++];

        model->kernel[i] = (struct model_image){.export_count = 1, .ordinal_base = 1};
        snprintf(model->kernel[i].exports[0].name, MODEL_NAME, "%s",
                 i == 0 ? "DbgPrint" : "HalMakeBeep");
        *kernel = (struct model_instance){.image = &model->kernel[i],
                                          .name = names[i],
                                          .kernel = true,
                                          .listed = true,
                                          .driver = -1};
        model->list[model->list_count++] = kernel;
    }
    for (unsigned i = 0; i < input->image_count; i++) {
        if (input->images[i].on_disk) {
            model_disk_write(&model->disk, i);
        }
    }
    return model;
}

void model_destroy(struct model *model)
{
    free(model);
}
